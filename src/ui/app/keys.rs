//! The keys: one table, from which keys are obeyed, the list of keys is drawn and buttons say
//! their shortcut.

use crate::ui::views::loom;
use crate::ui::{Command, filter_bar, workspace};
use egui::{Event, Key, Modifiers};

/// What keys are grouped by in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Moving through time.
    Time,
    /// Looking around in the loom.
    Loom,
    /// The window itself.
    Window,
    /// Lists, fields and controls, which take these keys themselves.
    Controls,
    /// While presenting; they come before the others then.
    Presenting,
}

impl Group {
    /// In the order of the list.
    pub const ALL: [Group; 5] = [
        Group::Time,
        Group::Presenting,
        Group::Window,
        Group::Loom,
        Group::Controls,
    ];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Group::Time => "Moving through time",
            Group::Loom => "The loom",
            Group::Window => "The window",
            Group::Controls => "Lists, fields and buttons",
            Group::Presenting => "While presenting",
        }
    }
}

/// A key and what it does.
#[derive(Clone, Copy, Debug)]
pub struct KeyBinding {
    /// The key.
    pub key: Key,
    /// Whether Ctrl (⌘ on a Mac) is held with it.
    pub ctrl: bool,
    /// Whether Shift is held with it, where the key alone means something else.
    pub shift: bool,
    /// The key as a person reads it.
    pub name: &'static str,
    /// What it does, in a few words.
    pub label: &'static str,
    /// Where it is listed.
    pub group: Group,
    /// What is asked for.
    pub command: fn() -> Command,
}

macro_rules! key {
    ($group:ident, $key:ident, $name:literal, $label:literal, $command:expr) => {
        KeyBinding {
            key: Key::$key,
            ctrl: false,
            shift: false,
            name: $name,
            label: $label,
            group: Group::$group,
            command: || $command,
        }
    };
}

macro_rules! shift_key {
    ($group:ident, $key:ident, $name:literal, $label:literal, $command:expr) => {
        KeyBinding {
            shift: true,
            ..key!($group, $key, $name, $label, $command)
        }
    };
}

macro_rules! loom_key {
    ($key:ident, $name:literal, $label:literal, $command:ident) => {
        key!(
            Loom,
            $key,
            $name,
            $label,
            Command::Loom(loom::Command::$command)
        )
    };
}

/// All keys, in the order of the list.
pub const KEYS: &[KeyBinding] = &[
    key!(Time, Space, "Space", "Play or pause", Command::TogglePlay),
    key!(
        Time,
        ArrowRight,
        "→",
        "Step one frame forward",
        Command::StepForward
    ),
    key!(
        Time,
        ArrowLeft,
        "←",
        "Step one frame back",
        Command::StepBack
    ),
    key!(
        Time,
        Period,
        ".",
        "Next frame of the selected stream",
        Command::StepForwardInStream
    ),
    key!(
        Time,
        Comma,
        ",",
        "Previous frame of the selected stream",
        Command::StepBackInStream
    ),
    key!(
        Time,
        PageDown,
        "PageDown",
        "Step forward (a clicker's key)",
        Command::StepForward
    ),
    key!(
        Time,
        PageUp,
        "PageUp",
        "Step back (a clicker's key)",
        Command::StepBack
    ),
    key!(
        Time,
        CloseBracket,
        "]",
        "Next packet of the connection",
        Command::StepPacketForward
    ),
    key!(
        Time,
        OpenBracket,
        "[",
        "Previous packet of the connection",
        Command::StepPacketBack
    ),
    key!(
        Time,
        Quote,
        "'",
        "One round trip forward",
        Command::StepRoundTripForward
    ),
    key!(
        Time,
        Semicolon,
        ";",
        "One round trip back",
        Command::StepRoundTripBack
    ),
    key!(
        Time,
        L,
        "L",
        "Play the selected stream, or what the loom shows, over and over",
        Command::ToggleLoop
    ),
    key!(Time, Home, "Home", "To the start", Command::ToStart),
    key!(
        Time,
        End,
        "End",
        "To the end of what was read",
        Command::ToEnd
    ),
    loom_key!(W, "W", "Zoom in", ZoomIn),
    loom_key!(S, "S", "Zoom out", ZoomOut),
    loom_key!(A, "A", "Pan left", PanLeft),
    loom_key!(D, "D", "Pan right", PanRight),
    loom_key!(
        F,
        "F",
        "Centre what is selected; again: show it whole",
        CentreSelection
    ),
    loom_key!(G, "G", "Show the whole connection", FitAll),
    loom_key!(
        I,
        "I",
        "Pin the selected stream's lane at the top, or unpin it",
        PinSelected
    ),
    loom_key!(
        R,
        "R",
        "Ruler: from here; again: to here; again: away",
        Ruler
    ),
    loom_key!(
        E,
        "E",
        "A drag chooses an area and adds it up, or moves the picture",
        ToggleAreaMode
    ),
    loom_key!(
        C,
        "C",
        "All connections on one time axis, or only this one",
        ToggleStack
    ),
    loom_key!(
        K,
        "K",
        "Links of all lanes: promises and dependencies",
        ToggleLinks
    ),
    key!(
        Window,
        Slash,
        "/",
        "Type a filter; Enter leads to the next match",
        Command::Filter(filter_bar::Command::Focus)
    ),
    key!(
        Time,
        N,
        "N",
        "Next frame that passes the filter",
        Command::Filter(filter_bar::Command::Next)
    ),
    key!(
        Time,
        P,
        "P",
        "Previous frame that passes the filter",
        Command::Filter(filter_bar::Command::Previous)
    ),
    key!(
        Window,
        M,
        "M",
        "Write a note on what is selected, or on the instant of the cursor",
        Command::Notes(crate::ui::notes::Command::WriteHere)
    ),
    KeyBinding {
        key: Key::O,
        ctrl: true,
        shift: false,
        name: "Ctrl+O",
        label: "Open a capture file",
        group: Group::Window,
        command: || Command::ChooseFile,
    },
    key!(Window, T, "T", "Dark or light", Command::ToggleTheme),
    key!(
        Window,
        Escape,
        "Esc",
        "Select nothing; with nothing selected: leave the guide",
        Command::ClearSelection
    ),
    key!(
        Window,
        Questionmark,
        "?",
        "Show or hide this list",
        Command::ToggleHelp
    ),
    key!(
        Window,
        F6,
        "F6",
        "Next pane",
        Command::Workspace(workspace::Command::NextPane)
    ),
    shift_key!(
        Window,
        F6,
        "Shift+F6",
        "Previous pane",
        Command::Workspace(workspace::Command::PreviousPane)
    ),
    KeyBinding {
        key: Key::K,
        ctrl: true,
        shift: false,
        name: "Ctrl+K",
        label: "Find any action, view, stream or frame by its name",
        group: Group::Window,
        command: || Command::TogglePalette,
    },
    KeyBinding {
        key: Key::P,
        ctrl: true,
        shift: true,
        name: "Ctrl+Shift+P",
        label: "The same, for who is used to it",
        group: Group::Window,
        command: || Command::TogglePalette,
    },
    key!(
        Window,
        F5,
        "F5",
        "Present: one view alone, large; again: all panes",
        Command::TogglePresenter
    ),
    key!(
        Presenting,
        V,
        "V or F6",
        "The next of the open views",
        Command::Workspace(workspace::Command::NextPane)
    ),
    shift_key!(
        Presenting,
        V,
        "Shift+V",
        "The view before it",
        Command::Workspace(workspace::Command::PreviousPane)
    ),
    key!(
        Presenting,
        B,
        "B",
        "Black screen, and back (a clicker's key)",
        Command::ToggleBlank
    ),
    key!(
        Presenting,
        Period,
        ".",
        "The same (another clicker's key)",
        Command::ToggleBlank
    ),
    key!(
        Presenting,
        Escape,
        "Esc",
        "Back to all panes",
        Command::TogglePresenter
    ),
];

/// Keys that a list, a field or a control takes while it has the keyboard, for the list of keys.
#[derive(Clone, Copy, Debug)]
pub struct ControlKeys {
    /// The keys.
    pub keys: &'static [Key],
    /// The keys as a person reads them.
    pub name: &'static str,
    /// What they do, in a few words.
    pub label: &'static str,
}

/// All of them.
pub const CONTROL_KEYS: &[ControlKeys] = &[
    ControlKeys {
        keys: &[Key::Tab],
        name: "Tab",
        label: "To the next control, with Shift to the one before",
    },
    ControlKeys {
        keys: &[Key::Enter, Key::Space],
        name: "Enter",
        label: "Press the control; in the filter: the next match, with Shift the one before",
    },
    ControlKeys {
        keys: &[Key::ArrowUp, Key::ArrowDown, Key::PageUp, Key::PageDown],
        name: "↑ ↓",
        label: "Another row of a list; PageUp and PageDown go further",
    },
    ControlKeys {
        keys: &[Key::Home, Key::End],
        name: "Home, End",
        label: "The first and the last row of a list",
    },
    ControlKeys {
        keys: &[Key::Tab],
        name: "Tab",
        label: "In the filter: take what is proposed",
    },
    ControlKeys {
        keys: &[Key::Plus, Key::Minus, Key::Num0],
        name: "Ctrl +, −, 0",
        label: "Larger and smaller type, and as at first",
    },
];

/// The key that asks for a command, as a person reads it.
pub fn key_of(command: &Command) -> Option<&'static str> {
    KEYS.iter()
        .find(|binding| (binding.command)() == *command)
        .map(|binding| binding.name)
}

/// A hint with its key: `Step one frame forward (→)`.
pub fn hint(text: &str, command: &Command) -> String {
    match key_of(command) {
        Some(key) => format!("{text} ({key})"),
        None => text.to_owned(),
    }
}

/// What the keys pressed since the last picture ask for, once the views have taken theirs.
///
/// A text field keeps all keys. While a person goes from control to control by keyboard, the
/// focused control keeps those that it is worked with.
pub fn pressed(ctx: &egui::Context, by_keyboard: bool) -> Vec<Command> {
    if ctx.text_edit_focused() || egui::Popup::is_any_open(ctx) {
        return Vec::new();
    }
    let focused = by_keyboard && ctx.memory(|memory| memory.focused().is_some());
    ctx.input(|input| {
        input
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Key {
                    key,
                    pressed: true,
                    modifiers,
                    ..
                } => command_of(*key, *modifiers, focused),
                _ => None,
            })
            .collect()
    })
}

/// What is asked for by keys that hold wherever the keyboard is, also in a text field: those with Ctrl
/// and those without a letter. They are taken before a field takes them.
pub fn take_anywhere(ctx: &egui::Context) -> Vec<Command> {
    take(ctx, |key, modifiers| {
        let anywhere = |of: &&KeyBinding| of.ctrl || matches!(of.key, Key::F5 | Key::F6);
        match modifiers.alt {
            true => None,
            false => best(KEYS.iter().filter(anywhere), key, modifiers),
        }
    })
}

/// As [`pressed`] while presenting, before the views have taken theirs: the keys for that and all that
/// step through time. What is taken is taken from the views.
pub fn take_presenting(ctx: &egui::Context) -> Vec<Command> {
    if ctx.text_edit_focused() || egui::Popup::is_any_open(ctx) {
        return Vec::new();
    }
    take(ctx, presenting)
}

/// What the keys pressed ask for. Those that ask for something are taken from everybody else.
fn take(
    ctx: &egui::Context,
    command_of: impl Fn(Key, Modifiers) -> Option<Command>,
) -> Vec<Command> {
    let mut commands = Vec::new();
    ctx.input_mut(|input| {
        input.events.retain(|event| {
            let Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } = event
            else {
                return true;
            };
            let command = command_of(*key, *modifiers);
            let asks = command.is_some();
            commands.extend(command);
            !asks
        });
    });
    commands
}

fn presenting(key: Key, modifiers: Modifiers) -> Option<Command> {
    if modifiers.alt {
        return None;
    }
    let own = KEYS.iter().filter(|of| of.group == Group::Presenting);
    best(own, key, modifiers).or_else(|| {
        let command = command_of(key, modifiers, false)?;
        command.moves_time().then_some(command)
    })
}

/// The binding of a key. One that asks for Shift goes before one that does not care.
fn best<'a>(
    bindings: impl Iterator<Item = &'a KeyBinding> + Clone,
    key: Key,
    modifiers: Modifiers,
) -> Option<Command> {
    let mut of_key = bindings.filter(|of| of.key == key && of.ctrl == modifiers.command);
    let shifted = of_key.clone().find(|of| of.shift && modifiers.shift);
    let found = shifted.or_else(|| of_key.find(|of| !of.shift));
    found.map(|binding| (binding.command)())
}

/// Whether a person now goes from control to control by keyboard, given whether they did before.
/// Only that gives a button the focus; a click into a list gives it the focus as well, but there
/// the space bar is still for playing.
pub fn by_keyboard(ctx: &egui::Context, before: bool) -> bool {
    ctx.input(|input| {
        if input.pointer.any_pressed() {
            false
        } else {
            before || input.key_pressed(Key::Tab) || input.key_pressed(Key::F6)
        }
    })
}

fn command_of(key: Key, modifiers: Modifiers, focused: bool) -> Option<Command> {
    let works_controls = matches!(key, Key::Space | Key::ArrowLeft | Key::ArrowRight);
    if (focused && works_controls) || modifiers.alt {
        return None;
    }
    let own = KEYS.iter().filter(|of| of.group != Group::Presenting);
    best(own, key, modifiers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice() {
        for (index, one) in KEYS.iter().enumerate() {
            for other in &KEYS[index + 1..] {
                let presenting = |of: &KeyBinding| of.group == Group::Presenting;
                assert!(
                    (one.key, one.ctrl, one.shift, presenting(one))
                        != (other.key, other.ctrl, other.shift, presenting(other)),
                    "{}",
                    one.name
                );
            }
        }
    }

    #[test]
    fn a_focused_button_keeps_the_space_bar() {
        let none = Modifiers::NONE;
        assert_eq!(
            command_of(Key::Space, none, false),
            Some(Command::TogglePlay)
        );
        assert_eq!(command_of(Key::Space, none, true), None);
        assert_eq!(
            command_of(Key::Period, none, true),
            Some(Command::StepForwardInStream)
        );
    }

    #[test]
    fn ctrl_tells_keys_apart() {
        assert_eq!(
            command_of(Key::O, Modifiers::COMMAND, false),
            Some(Command::ChooseFile)
        );
        assert_eq!(command_of(Key::O, Modifiers::NONE, false), None);
        assert_eq!(command_of(Key::W, Modifiers::COMMAND, false), None);
    }

    #[test]
    fn shift_tells_keys_apart_where_both_are_bound() {
        let pane = |command| Some(Command::Workspace(command));
        assert_eq!(
            command_of(Key::F6, Modifiers::NONE, false),
            pane(workspace::Command::NextPane)
        );
        assert_eq!(
            command_of(Key::F6, Modifiers::SHIFT, false),
            pane(workspace::Command::PreviousPane)
        );
        // Some keyboards have the question mark on a key of its own, most above the slash.
        assert_eq!(
            command_of(Key::Questionmark, Modifiers::SHIFT, false),
            Some(Command::ToggleHelp)
        );
    }

    #[test]
    fn while_presenting_a_clicker_steps_and_blanks_and_escape_leaves() {
        let press = |key| presenting(key, Modifiers::NONE);
        assert_eq!(press(Key::PageDown), Some(Command::StepForward));
        assert_eq!(press(Key::PageUp), Some(Command::StepBack));
        assert_eq!(press(Key::Period), Some(Command::ToggleBlank));
        assert_eq!(press(Key::B), Some(Command::ToggleBlank));
        assert_eq!(press(Key::Escape), Some(Command::TogglePresenter));
        assert_eq!(press(Key::T), None);
        assert_eq!(
            command_of(Key::Period, Modifiers::NONE, false),
            Some(Command::StepForwardInStream)
        );
        assert_eq!(command_of(Key::B, Modifiers::NONE, false), None);
    }

    /// Every key that the window's code names, by reading the code.
    fn keys_in_code(folder: &std::path::Path, found: &mut Vec<(String, Key)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                keys_in_code(&path, found);
            } else if name.ends_with(".rs") && !name.contains("test") {
                let code = std::fs::read_to_string(&path).unwrap();
                let code = code.split("#[cfg(test)]").next().unwrap();
                for part in code.split("Key::").skip(1) {
                    let end = part.find(|letter: char| !letter.is_alphanumeric());
                    let word = &part[..end.unwrap_or(part.len())];
                    found.extend(Key::from_name(word).map(|key| (name.clone(), key)));
                }
            }
        }
    }

    #[test]
    fn every_key_that_the_code_obeys_is_listed() {
        let ui = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ui");
        let mut found = Vec::new();
        keys_in_code(&ui, &mut found);
        assert!(found.len() > 40, "{found:?}");
        for (file, key) in found {
            let bound = KEYS.iter().any(|binding| binding.key == key);
            let control = CONTROL_KEYS.iter().any(|of| of.keys.contains(&key));
            assert!(
                bound || control,
                "{key:?} of {file} is not in the list of keys"
            );
        }
    }

    #[test]
    fn every_key_that_is_listed_is_obeyed_as_it_is_named() {
        for binding in KEYS {
            let modifiers = Modifiers {
                shift: binding.shift,
                ..match binding.ctrl {
                    true => Modifiers::COMMAND,
                    false => Modifiers::NONE,
                }
            };
            let obeyed = match binding.group {
                Group::Presenting => presenting(binding.key, modifiers),
                _ => command_of(binding.key, modifiers, false),
            };
            assert_eq!(obeyed, Some((binding.command)()), "{}", binding.name);
            assert_eq!(
                binding.name.contains("Ctrl+"),
                binding.ctrl,
                "{}",
                binding.name
            );
            assert_eq!(
                binding.name.contains("Shift+"),
                binding.shift,
                "{}",
                binding.name
            );
        }
    }

    #[test]
    fn hints_name_their_key() {
        assert_eq!(hint("Play", &Command::TogglePlay), "Play (Space)");
        assert_eq!(hint("Stop", &Command::CancelLoading), "Stop");
    }
}
