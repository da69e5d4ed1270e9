//! All keys, in the order of the list.

use super::{ControlKeys, Group, KeyBinding};
use crate::ui::views::loom;
use crate::ui::{Command, filter_bar, workspace};
use egui::Key;

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

/// The keys that lists, fields and controls take themselves.
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
        keys: &[Key::Enter, Key::Delete],
        name: "Enter, Delete",
        label: "In the list of notes: change the note, delete it",
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
