//! The keys: one table, from which keys are obeyed, the list of keys is drawn and buttons say
//! their shortcut.

mod table;

pub use table::{CONTROL_KEYS, KEYS};

use crate::ui::Command;
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
mod tests;
