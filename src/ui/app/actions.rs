//! Everything that can be asked for by name: what the keys do, and what has no key. Menus, the list
//! of keys and the palette read this one table, so that nothing is out of reach of the keyboard.

use super::guide;
use super::keys::{Group, KEYS};
use crate::ui::export::PictureFormat;
use crate::ui::theme::ThemeChoice;
use crate::ui::views::frame_list;
use crate::ui::{Command, export, filter_bar, grpc, listening, notes, workspace};

/// Something to ask for.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// What it does, in a few words.
    pub label: &'static str,
    /// The key that asks for it, as a person reads it.
    pub key: Option<&'static str>,
    /// What is asked for.
    pub command: fn() -> Command,
}

macro_rules! action {
    ($label:literal, $command:expr) => {
        Action {
            label: $label,
            key: None,
            command: || $command,
        }
    };
}

/// What has no key of its own.
const KEYLESS: &[Action] = &[
    action!("Close the capture", Command::Close),
    action!(
        "Listen to live traffic",
        Command::Listen(listening::Command::Choose)
    ),
    action!(
        "Stop listening; the recording is kept",
        Command::Listen(listening::Command::Stop)
    ),
    action!(
        "Save a copy of the recording",
        Command::Listen(listening::Command::SaveCopy)
    ),
    action!("Stop reading; what was read stays", Command::CancelLoading),
    action!(
        "Fold long waits while playing, or play them whole",
        Command::ToggleFoldWaits
    ),
    action!(
        "While playing, views follow the cursor",
        Command::FollowCursor(true)
    ),
    action!(
        "While playing, views stay where they are",
        Command::FollowCursor(false)
    ),
    action!(
        "Follow the end of a capture that grows",
        Command::FollowEnd(true)
    ),
    action!(
        "Stay here while the capture grows",
        Command::FollowEnd(false)
    ),
    action!("Dark theme", Command::SetTheme(ThemeChoice::Dark)),
    action!("Light theme", Command::SetTheme(ThemeChoice::Light)),
    action!(
        "Clear the filter",
        Command::Filter(filter_bar::Command::Set(String::new()))
    ),
    action!(
        "Reset the layout",
        Command::Workspace(workspace::Command::Reset)
    ),
    action!(
        "List only frames of the selected stream",
        Command::FrameList(frame_list::Command::OnlySelectedStream(true))
    ),
    action!(
        "List frames of all streams",
        Command::FrameList(frame_list::Command::OnlySelectedStream(false))
    ),
    action!(
        "Forget which files were opened lately",
        Command::ForgetRecent
    ),
    action!(
        "Take the last change of a note back",
        Command::Notes(notes::Command::Undo)
    ),
    action!(
        "Try again to write the notes",
        Command::Notes(notes::Command::TryAgain)
    ),
    action!(
        "Save a picture of the window as SVG",
        Command::Export(export::Command::Picture(None, PictureFormat::Svg))
    ),
    action!(
        "Save a picture of the window as PNG",
        Command::Export(export::Command::Picture(None, PictureFormat::Png))
    ),
    action!(
        "Save the packets of the connection as pcapng",
        Command::Export(export::Command::Packets(export::Packets::Connection))
    ),
    action!(
        "Save the packets of the selected stream as pcapng",
        Command::Export(export::Command::Packets(export::Packets::Stream))
    ),
    action!(
        "Save the packets up to the time looped or shown as pcapng",
        Command::Export(export::Command::Packets(export::Packets::Times))
    ),
    action!(
        "Try protobuf out: the sandbox",
        Command::Grpc(grpc::Command::Sandbox)
    ),
    action!(
        "Add .proto files or descriptor sets",
        Command::Grpc(grpc::Command::ChooseSchemas)
    ),
    action!(
        "Add a folder of .proto files",
        Command::Grpc(grpc::Command::ChooseSchemaFolder)
    ),
    action!(
        "Compare with another version of the schemas",
        Command::Grpc(grpc::Command::ChooseOtherVersion)
    ),
    action!(
        "Save the draft of a schema that nobody has",
        Command::Grpc(grpc::Command::SaveDraft)
    ),
    action!(
        "Guide: the first minute with Wireloom",
        Command::Guide(guide::Command::Start)
    ),
    action!("End the guide", Command::Guide(guide::Command::End)),
    action!("Guide: the next step", Command::Guide(guide::Command::Next)),
    action!(
        "Guide: the step before",
        Command::Guide(guide::Command::Back)
    ),
    action!("Dismiss the notice", Command::DismissNotice),
];

/// All of them, those with a key first. What several keys ask for is there once.
pub fn all(presenting: bool) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    for binding in KEYS {
        let same = |action: &Action| (action.command)() == (binding.command)();
        let shown = presenting || binding.group != Group::Presenting;
        if shown && !actions.iter().any(same) {
            actions.push(Action {
                label: binding.label,
                key: Some(binding.name),
                command: binding.command,
            });
        }
    }
    actions.extend(KEYLESS);
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::loom;

    /// How a person reaches a command.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Reached {
        /// It stands in the table.
        ByName,
        /// It needs to be told what: the palette lists its choices, or a view asks for it.
        WithChoice,
    }

    /// Names every command: a new one does not compile until it is thought of here.
    fn reached(command: &Command) -> Reached {
        use Reached::{ByName, WithChoice};
        match command {
            Command::ChooseFile
            | Command::Close
            | Command::CancelLoading
            | Command::ClearSelection
            | Command::TogglePlay
            | Command::StepForward
            | Command::StepBack
            | Command::StepForwardInStream
            | Command::StepBackInStream
            | Command::ToStart
            | Command::ToEnd
            | Command::StepPacketForward
            | Command::StepPacketBack
            | Command::StepRoundTripForward
            | Command::StepRoundTripBack
            | Command::ToggleLoop
            | Command::ToggleFoldWaits
            | Command::FollowCursor(_)
            | Command::FollowEnd(_)
            | Command::SetTheme(_)
            | Command::ToggleTheme
            | Command::ForgetRecent
            | Command::DismissNotice
            | Command::Guide(_)
            | Command::ToggleHelp
            | Command::TogglePalette
            | Command::TogglePresenter
            | Command::ToggleBlank => ByName,
            Command::Open(_)
            | Command::OpenGrowing(_)
            | Command::OpenTour(_)
            | Command::SaveFile { .. }
            | Command::ShowConnection(_)
            | Command::Select(_)
            | Command::MoveCursor(_)
            | Command::SetStepUnit(_)
            | Command::SetLoop(_)
            | Command::SetPace(_) => WithChoice,
            Command::Workspace(command) => match command {
                workspace::Command::Reset
                | workspace::Command::NextPane
                | workspace::Command::PreviousPane => ByName,
                workspace::Command::Show(_)
                | workspace::Command::Close(_)
                | workspace::Command::Toggle(_)
                | workspace::Command::Split(..)
                | workspace::Command::MoveOn(_)
                | workspace::Command::Arrange(_)
                | workspace::Command::Explain(_) => WithChoice,
            },
            Command::Filter(command) => match command {
                filter_bar::Command::Focus
                | filter_bar::Command::Next
                | filter_bar::Command::Previous => ByName,
                filter_bar::Command::Set(text) if text.is_empty() => ByName,
                filter_bar::Command::Set(_) | filter_bar::Command::Type(_) => WithChoice,
            },
            Command::Loom(command) => match command {
                loom::Command::ScrollTo(_)
                | loom::Command::ShowTimes { .. }
                // Where lanes are out of view, buttons below them ask for these.
                | loom::Command::LanesBelow
                | loom::Command::LanesAbove => WithChoice,
                _ => ByName,
            },
            Command::Export(command) => match command {
                export::Command::Packets(_) | export::Command::Picture(None, _) => ByName,
                export::Command::Table(..) | export::Command::Picture(Some(_), _) => WithChoice,
            },
            Command::Listen(command) => match command {
                listening::Command::Choose
                | listening::Command::Stop
                | listening::Command::SaveCopy => ByName,
                // The form asks for them.
                listening::Command::Dismiss
                | listening::Command::LookAgain
                | listening::Command::Start { .. } => WithChoice,
            },
            Command::Notes(command) => match command {
                notes::Command::WriteHere | notes::Command::Undo | notes::Command::TryAgain => {
                    ByName
                }
                notes::Command::Write(_)
                | notes::Command::Edit(_)
                | notes::Command::Keep
                | notes::Command::Discard
                | notes::Command::Delete(_)
                | notes::Command::GoTo(_) => WithChoice,
            },
            Command::Grpc(command) => match command {
                grpc::Command::Sandbox
                | grpc::Command::ChooseSchemas
                | grpc::Command::ChooseSchemaFolder
                | grpc::Command::ChooseOtherVersion
                | grpc::Command::SaveDraft => ByName,
                grpc::Command::Read { .. }
                | grpc::Command::AddSchemas(_)
                | grpc::Command::CompareWith(_)
                | grpc::Command::ForgetSchema(_) => WithChoice,
            },
            Command::FrameList(command) => match command {
                frame_list::Command::ScrollTo(_) => WithChoice,
                frame_list::Command::OnlySelectedStream(_) => ByName,
            },
        }
    }

    /// One of each that needs nothing to be told.
    fn named() -> Vec<Command> {
        vec![
            Command::ChooseFile,
            Command::Close,
            Command::CancelLoading,
            Command::ClearSelection,
            Command::TogglePlay,
            Command::StepForward,
            Command::StepBack,
            Command::StepForwardInStream,
            Command::StepBackInStream,
            Command::ToStart,
            Command::ToEnd,
            Command::StepPacketForward,
            Command::StepPacketBack,
            Command::StepRoundTripForward,
            Command::StepRoundTripBack,
            Command::ToggleLoop,
            Command::ToggleFoldWaits,
            Command::FollowCursor(true),
            Command::FollowCursor(false),
            Command::FollowEnd(true),
            Command::FollowEnd(false),
            Command::SetTheme(ThemeChoice::Light),
            Command::SetTheme(ThemeChoice::Dark),
            Command::ToggleTheme,
            Command::ForgetRecent,
            Command::DismissNotice,
            Command::Guide(guide::Command::Start),
            Command::Guide(guide::Command::Next),
            Command::Guide(guide::Command::Back),
            Command::Guide(guide::Command::End),
            Command::ToggleHelp,
            Command::TogglePalette,
            Command::TogglePresenter,
            Command::ToggleBlank,
            Command::Workspace(workspace::Command::Reset),
            Command::Workspace(workspace::Command::NextPane),
            Command::Workspace(workspace::Command::PreviousPane),
            Command::Filter(filter_bar::Command::Focus),
            Command::Filter(filter_bar::Command::Next),
            Command::Filter(filter_bar::Command::Previous),
            Command::Filter(filter_bar::Command::Set(String::new())),
            Command::Loom(loom::Command::ZoomIn),
            Command::Loom(loom::Command::ZoomOut),
            Command::Loom(loom::Command::PanLeft),
            Command::Loom(loom::Command::PanRight),
            Command::Loom(loom::Command::CentreSelection),
            Command::Loom(loom::Command::FitAll),
            Command::Grpc(grpc::Command::Sandbox),
            Command::Grpc(grpc::Command::ChooseSchemas),
            Command::Grpc(grpc::Command::ChooseOtherVersion),
            Command::Grpc(grpc::Command::ChooseSchemaFolder),
            Command::Grpc(grpc::Command::SaveDraft),
            Command::Listen(listening::Command::Choose),
            Command::Listen(listening::Command::Stop),
            Command::Listen(listening::Command::SaveCopy),
            Command::Notes(notes::Command::WriteHere),
            Command::Notes(notes::Command::Undo),
            Command::Notes(notes::Command::TryAgain),
            Command::FrameList(frame_list::Command::OnlySelectedStream(true)),
            Command::FrameList(frame_list::Command::OnlySelectedStream(false)),
        ]
    }

    #[test]
    fn every_command_that_needs_nothing_to_be_told_has_a_name() {
        let all = all(true);
        for command in named() {
            assert_eq!(reached(&command), Reached::ByName, "{command:?}");
            let there = all.iter().any(|action| (action.command)() == command);
            assert!(there, "{command:?} has no name");
        }
        for action in &all {
            let command = (action.command)();
            assert_eq!(reached(&command), Reached::ByName, "{}", action.label);
        }
    }

    #[test]
    fn no_two_actions_have_one_name() {
        let all = all(true);
        for (index, one) in all.iter().enumerate() {
            assert!(!one.label.is_empty() && !one.label.ends_with('.'));
            for other in &all[index + 1..] {
                assert_ne!(one.label, other.label);
                assert_ne!((one.command)(), (other.command)(), "{}", one.label);
            }
        }
    }
}
