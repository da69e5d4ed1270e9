//! Everything a person can ask for.
//!
//! Menu, palette, keys, buttons and tests all speak this enum. What one view alone understands is
//! that view's own enum, carried in one variant, so that this list stays short.

use super::Item;
use super::filter_bar;
use super::theme::ThemeChoice;
use super::transport::Pace;
use super::views::{frame_list, loom};
use super::workspace;
use crate::trace::{ConnectionId, Cursor};
use std::path::PathBuf;

/// Something a person asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Open a capture file.
    Open(PathBuf),
    /// Choose a capture file in the system's dialog.
    ChooseFile,
    /// Open one of the captures inside the program, by its position in the tour.
    OpenTour(usize),
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
    /// Show or hide the list of keys.
    ToggleHelp,
    /// Something about the panes.
    Workspace(workspace::Command),
    /// Something about the filter.
    Filter(filter_bar::Command),
    /// Something that the loom alone understands.
    Loom(loom::Command),
    /// Something that the frame list alone understands.
    FrameList(frame_list::Command),
}
