use super::*;
use crate::ui::workspace;

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
