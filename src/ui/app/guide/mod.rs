//! The first minute: a short guide over captures of the tour, which points at something and waits
//! until the reader has done it. Its texts are data: `assets/guide.json`.
//!
//! It changes nothing that a person could not change: it asks for commands. What a step needs and
//! is not there, a pane or a capture, is opened.

mod card;
mod place;

pub(super) use card::guide_ui;

use crate::trace::FrameId;
use crate::ui::transport::Transport;
use crate::ui::views::ViewId;
use crate::ui::workspace::{self, Workspace};
use crate::ui::{Command as UiCommand, Item, ViewContext, tour};
use crate::wire::http2::FrameKind;
use serde::Deserialize;
use std::sync::LazyLock;

/// What a person asks of the guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Begin at the first step.
    Start,
    /// To the next step, or to the end.
    Next,
    /// To the step before.
    Back,
    /// No more of it.
    End,
}

/// A step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    title: String,
    /// The capture of the tour that it is about.
    capture: String,
    /// The view that has to be in front.
    #[serde(default)]
    show: Option<String>,
    /// The view that has to be open, so that the reader can bring it to the front.
    #[serde(default)]
    open: Option<String>,
    /// Whether time has to stand.
    #[serde(default)]
    pause: bool,
    /// The frame that is selected first.
    #[serde(default)]
    frame: Option<usize>,
    /// What is pointed at: a name that something on the screen marks itself with.
    at: String,
    text: String,
    /// What the reader is to do.
    task: String,
    done: Done,
    /// How long, in seconds, what was done is looked at before the next step.
    linger_s: f64,
}

/// How it is told that the reader has done it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Done {
    /// Time runs.
    Playing,
    /// A stream, or a frame of one, is selected.
    StreamSelected,
    /// The cursor is behind where it was.
    Stepped,
    /// An explanation is shown for something in the target.
    Explained,
    /// A view is in front.
    InFront(String),
    /// The cursor has come to a frame that begins a header block.
    HeaderBlock,
    /// A `PUSH_PROMISE` is selected.
    PushSelected,
    /// There is nothing to do but read.
    Read,
}

static STEPS: LazyLock<Vec<Step>> = LazyLock::new(|| {
    // A test reads it, so it is never empty.
    serde_json::from_str(include_str!("../../../../assets/guide.json")).unwrap_or_default()
});

/// How many steps there are.
pub fn len() -> usize {
    STEPS.len()
}

/// The guide while it is shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Guide {
    step: usize,
    /// Whether what the step needs was asked for.
    prepared: bool,
    /// Frames that had happened when the step began, once it has.
    began: Option<usize>,
    /// Whether the reader has done it, and for how many seconds.
    done_s: Option<f64>,
    /// Whether an explanation was seen in the last picture.
    explained: bool,
    /// How large the card was in the last picture.
    size: Option<egui::Vec2>,
}

impl Guide {
    /// Goes to another step; `false` behind the last.
    pub(super) fn go(&mut self, onwards: bool) -> bool {
        let next = match onwards {
            true => self.step + 1,
            false => self.step.saturating_sub(1),
        };
        *self = Self {
            step: next,
            size: self.size,
            ..Self::default()
        };
        next < STEPS.len()
    }

    /// Asks for what the step needs, and looks whether the reader has done it. Answers what is to be
    /// carried out.
    pub(super) fn update(
        &mut self,
        dt_s: f64,
        title: Option<&str>,
        context: &ViewContext<'_>,
        transport: &Transport,
        workspace: &Workspace,
    ) -> Vec<UiCommand> {
        let Some(step) = STEPS.get(self.step) else {
            return vec![UiCommand::Guide(Command::End)];
        };
        let mut commands = self.needed(step, workspace);
        if !self.prepared {
            let stop = tour::STOPS.iter().position(|of| of.file == step.capture);
            match (title == Some(step.capture.as_str()), stop) {
                (false, Some(stop)) => commands.push(UiCommand::OpenTour(stop)),
                _ => commands.extend(prepare(step, context, transport)),
            }
            self.prepared = title == Some(step.capture.as_str()) && ready(context);
            return commands;
        }
        if title != Some(step.capture.as_str()) {
            // The reader has opened something else, which the guide knows nothing of.
            return vec![UiCommand::Guide(Command::End)];
        }
        // What was prepared is carried out before the next picture.
        let seen = context.frame_count();
        let Some(began) = self.began else {
            self.began = Some(seen);
            return commands;
        };
        let front = |name: &str| {
            let view = ViewId::from_name(name);
            view.is_some_and(|view| workspace.is_open(view).1)
        };
        let done = match &step.done {
            Done::Playing => transport.playing(),
            Done::StreamSelected => context
                .selected_stream()
                .is_some_and(|of| !of.is_connection()),
            Done::Stepped => seen > began,
            Done::Explained => self.explained,
            Done::InFront(view) => front(view),
            Done::HeaderBlock => seen > began && begins_block(context, seen),
            Done::PushSelected => {
                let frame = context.selected_frame();
                frame.is_some_and(|(_, row)| row.kind == FrameKind::PUSH_PROMISE)
            }
            Done::Read => false,
        };
        if done && self.done_s.is_none() {
            self.done_s = Some(0.0);
        }
        if let Some(done_s) = &mut self.done_s {
            *done_s += dt_s.clamp(0.0, 0.5);
            if *done_s > step.linger_s {
                commands.push(UiCommand::Guide(Command::Next));
            }
        }
        commands
    }

    /// The panes that were closed or never open.
    fn needed(&self, step: &Step, workspace: &Workspace) -> Vec<UiCommand> {
        let mut commands = Vec::new();
        let mut ask = |command| commands.push(UiCommand::Workspace(command));
        if let Some(view) = step.show.as_deref().and_then(ViewId::from_name) {
            let (open, front) = workspace.is_open(view);
            if !open || (!front && !self.prepared) {
                ask(workspace::Command::Show(view));
            }
        }
        if let Some(view) = step.open.as_deref().and_then(ViewId::from_name) {
            let (open, front) = workspace.is_open(view);
            let loom = ViewId::from_name("loom");
            if !open {
                ask(workspace::Command::Show(view));
            }
            if !self.prepared && (front || !open) {
                // The reader brings it to the front: something else is there first.
                ask(workspace::Command::Show(loom.unwrap_or(view)));
            }
        }
        commands
    }

    /// Whether pictures have to go on.
    pub(super) fn waits(&self) -> bool {
        self.done_s.is_some() || !self.prepared || self.began.is_none()
    }
}

/// Whether all of the capture was read and there is something to show.
fn ready(context: &ViewContext<'_>) -> bool {
    !context.loading && context.connection.is_some() && context.cursor.is_some()
}

fn prepare(step: &Step, context: &ViewContext<'_>, transport: &Transport) -> Vec<UiCommand> {
    let mut commands = Vec::new();
    if !ready(context) {
        return commands;
    }
    if transport.playing() && (step.pause || step.frame.is_some()) {
        commands.push(UiCommand::TogglePlay);
    }
    match (step.frame, context.connection) {
        (Some(frame), Some(connection)) => {
            let frame = Item::Frame(connection.id, FrameId::from_index(frame));
            commands.push(UiCommand::Select(frame));
        }
        // What is selected already would count as done.
        _ if step.done != Done::Read => commands.push(UiCommand::ClearSelection),
        _ => {}
    }
    commands
}

/// Whether the frame at the cursor begins a header block.
fn begins_block(context: &ViewContext<'_>, seen: usize) -> bool {
    let frames = context.connection.and_then(|of| of.http2());
    let last = seen.checked_sub(1);
    let row = frames.and_then(|http2| http2.frames.get(last?));
    row.is_some_and(|row| row.starts_block())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_can_be_read_and_names_what_exists() {
        let written = include_str!("../../../../assets/guide.json");
        let steps: Vec<Step> = serde_json::from_str(written).unwrap();
        assert!((6..=8).contains(&steps.len()));
        for step in &steps {
            assert!(tour::STOPS.iter().any(|stop| stop.file == step.capture));
            let views = step.show.iter().chain(&step.open);
            for name in views
                .map(String::as_str)
                .chain(step.at.split_once("view ").map(|at| at.1))
            {
                assert!(ViewId::from_name(name).is_some(), "{name}");
            }
            for text in [&step.text, &step.task] {
                assert!(text.ends_with('.'), "{text}");
            }
            assert!(step.text.chars().count() < 220, "{}", step.text);
        }
        assert_eq!(steps.last().unwrap().done, Done::Read);
    }
}
