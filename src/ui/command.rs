//! Everything a person can ask for.
//!
//! Menu, palette, keys, buttons and tests all speak this enum. What one view alone understands is
//! that view's own enum, carried in one variant, so that this list stays short.

use super::Item;
use super::app::guide;
use super::export;
use super::filter_bar;
use super::grpc;
use super::listening;
use super::notes;
use super::theme::ThemeChoice;
use super::transport::Pace;
use super::transport::stepping::StepUnit;
use super::views::{frame_list, loom};
use super::workspace;
use crate::trace::{ConnectionId, Cursor};
use std::path::PathBuf;
use std::sync::Arc;

/// Something a person asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Open a capture file.
    Open(PathBuf),
    /// Open a capture file that another program is writing, and wait for what it writes.
    OpenGrowing(PathBuf),
    /// Choose a capture file in the system's dialog.
    ChooseFile,
    /// Open one of the captures inside the program, by its position in the tour.
    OpenTour(usize),
    /// Write bytes to a file that the system's dialog asks for.
    SaveFile {
        /// The name that the dialog proposes.
        name: String,
        /// What is written.
        bytes: Arc<[u8]>,
    },
    /// Close the capture and show the start page.
    Close,
    /// Stop reading the capture; what was read stays.
    CancelLoading,
    /// Show another connection.
    ShowConnection(ConnectionId),
    /// Select something; views scroll to it.
    Select(Item),
    /// Select nothing.
    ClearSelection,
    /// Move the cursor.
    MoveCursor(Cursor),
    /// Let time run, or stop it.
    TogglePlay,
    /// One frame onwards.
    StepForward,
    /// One frame back.
    StepBack,
    /// The next frame of the selected stream.
    StepForwardInStream,
    /// The previous frame of the selected stream.
    StepBackInStream,
    /// To before the first packet's frames.
    ToStart,
    /// To the end of what was read.
    ToEnd,
    /// What a step goes to.
    SetStepUnit(StepUnit),
    /// One packet onwards.
    StepPacketForward,
    /// One packet back.
    StepPacketBack,
    /// One round trip onwards.
    StepRoundTripForward,
    /// One round trip back.
    StepRoundTripBack,
    /// Play a stretch of time over and over, in nanoseconds since the first packet; `None` ends that.
    SetLoop(Option<(i64, i64)>),
    /// Play the selected stream over and over, or what the loom shows; a second time, no longer.
    ToggleLoop,
    /// Skip long waits while time runs, or not.
    ToggleFoldWaits,
    /// Whether views move along with the cursor while time runs and with steps.
    FollowCursor(bool),
    /// The cursor stays at the end of a capture that grows, or where it is.
    FollowEnd(bool),
    /// How fast time runs.
    SetPace(Pace),
    /// Light or dark.
    SetTheme(ThemeChoice),
    /// The other theme.
    ToggleTheme,
    /// Forget which files were opened lately.
    ForgetRecent,
    /// Take the notice away.
    DismissNotice,
    /// Something about the guide of the first minute.
    Guide(guide::Command),
    /// Show or hide the list of keys.
    ToggleHelp,
    /// Open the palette, where everything is found by name; or close it.
    TogglePalette,
    /// One view alone, large, with a sentence about the frame at the cursor; or back.
    TogglePresenter,
    /// While presenting: black, or the picture again.
    ToggleBlank,
    /// Something about gRPC and protobuf.
    Grpc(grpc::Command),
    /// Something about the panes.
    Workspace(workspace::Command),
    /// Something to save.
    Export(export::Command),
    /// Something about live traffic.
    Listen(listening::Command),
    /// Something about notes.
    Notes(notes::Command),
    /// Something about the filter.
    Filter(filter_bar::Command),
    /// Something that the loom alone understands.
    Loom(loom::Command),
    /// Something that the frame list alone understands.
    FrameList(frame_list::Command),
}

impl Command {
    /// Whether it moves the cursor.
    pub fn moves_time(&self) -> bool {
        matches!(
            self,
            Command::MoveCursor(_)
                | Command::TogglePlay
                | Command::StepForward
                | Command::StepBack
                | Command::StepForwardInStream
                | Command::StepBackInStream
                | Command::StepPacketForward
                | Command::StepPacketBack
                | Command::StepRoundTripForward
                | Command::StepRoundTripBack
                | Command::ToStart
                | Command::ToEnd
        )
    }
}
