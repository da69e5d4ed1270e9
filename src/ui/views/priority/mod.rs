//! Priorities at the cursor: the tree of RFC 7540 with what each stream should have got and what it
//! got, the eight urgencies of RFC 9218, and the tree at chosen moments.
//!
//! [`model`] reads the tree, [`shares`] what was delivered, [`verdict`] says whether that was fair, [`layout`] where cards go; cards
//! glide from their old places to the new ones. `paint` draws tree and bands, `snapshots` the row
//! below.

mod layout;
mod model;
mod paint;
mod shares;
mod snapshots;
#[cfg(test)]
mod tests;
mod verdict;
mod words;

pub use words::text;

use super::View;
use crate::trace::http2::Instant;
use crate::trace::{Connection, ConnectionId, Direction, FrameId, Http2};
use crate::ui::ViewContext;
use crate::ui::background::Background;
use crate::ui::widgets::switch::{Choice, caption_ui, choices_ui, toggle_ui};
use crate::ui::widgets::terms;
use crate::ui::widgets::waits::Waits;
use crate::wire::http2::{ClosedStreams, PriorityTree};
use egui::{Rect, ScrollArea, Ui};
use model::{Key, Signals};
use shares::Shares;
use std::collections::HashMap;

/// Stretches of time before the cursor over which shares are counted.
const SPANS_NS: [(&str, i64); 4] = [
    ("20 ms", 20_000_000),
    ("100 ms", 100_000_000),
    ("1 s", 1_000_000_000),
    ("since the start", i64::MAX),
];

/// A tree lower than this, in points, takes the room of the moments below it.
const LEAST_TREE: f32 = 240.0;

/// What the view remembers between two pictures.
#[derive(Clone, Debug)]
pub struct State {
    /// Which of [`SPANS_NS`].
    span: usize,
    /// Whether closed streams are drawn one by one.
    closed: bool,
    /// What becomes of closed streams in the tree.
    policy: ClosedStreams,
    /// The tree at the cursor by the other policy, from which the next one is reached.
    tree: Option<(ConnectionId, Instant, PriorityTree)>,
    /// Where cards were in the last picture.
    glided: HashMap<Key, Rect>,
    of: Option<ConnectionId>,
    signals: Signals,
    counted: Counted,
    waits: Background<Waits>,
    snapshots: snapshots::Snapshots,
}

/// Shares counted lately: they change only with the cursor.
#[derive(Clone, Debug, Default)]
struct Counted {
    of: Option<(ConnectionId, usize, usize, ClosedStreams)>,
    tree: PriorityTree,
    shares: Shares,
    /// Why streams of one weight are due different shares.
    alike: Option<String>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            span: 1,
            closed: false,
            policy: ClosedStreams::default(),
            tree: None,
            glided: HashMap::new(),
            of: None,
            signals: Signals::default(),
            counted: Counted::default(),
            waits: Background::default(),
            snapshots: snapshots::Snapshots::default(),
        }
    }
}

impl View for State {
    fn ui(&mut self, ui: &mut Ui, context: &ViewContext<'_>) {
        priority_ui(ui, context, self);
    }

    fn text(&self, context: &ViewContext<'_>) -> String {
        text(context, self)
    }
}

/// What is drawn, and what the parts need to draw it.
#[derive(Clone, Copy)]
struct Shown<'a> {
    context: &'a ViewContext<'a>,
    connection: &'a Connection,
    http2: &'a Http2,
    at: Instant,
}

impl<'a> Shown<'a> {
    fn new(context: &'a ViewContext<'a>) -> Option<Self> {
        let connection = context.connection?;
        let http2 = connection.http2()?;
        Some(Self {
            context,
            connection,
            http2,
            at: context
                .frame_count()
                .checked_sub(1)
                .map(FrameId::from_index),
        })
    }

    /// The tree at the cursor. By the policy that keeps closed streams it is found at once; by the
    /// other one it follows the cursor onwards from where it was.
    fn tree(
        &self,
        policy: ClosedStreams,
        kept: &mut Option<(ConnectionId, Instant, PriorityTree)>,
    ) -> PriorityTree {
        let history = &self.http2.history;
        if policy == ClosedStreams::Keep {
            return history.tree_at(self.at);
        }
        let (from, mut tree) = match kept.take() {
            Some((of, from, tree)) if of == self.connection.id && from <= self.at => {
                (Some(from), tree)
            }
            _ => (None, PriorityTree::new(policy)),
        };
        history.advance_tree(&mut tree, from, self.at);
        *kept = Some((self.connection.id, self.at, tree.clone()));
        tree
    }

    /// Whether streams got what they were due. `signalled` is whether a tree was, and whether urgencies were.
    fn verdict(
        &self,
        shares: &Shares,
        span: usize,
        waits: Option<&Waits>,
        signalled: (bool, bool),
    ) -> String {
        let origin = self.context.trace.time_range_ns;
        let sender = self.connection.side(Direction::Server);
        let ended = |stream| {
            let end = self.http2.stream(stream)?.end_frame?;
            let row = self.http2.frames.get(end.index())?;
            let time_ns = self.context.trace.time_ns(row.packet);
            let within = Some(end) <= self.at && time_ns >= shares.times_ns.0;
            (within && row.side == sender && row.ends_stream()).then_some(end)
        };
        verdict::words(&verdict::Evidence {
            shares,
            over: &words::over_words(span),
            waits,
            origin_ns: origin.map_or(0, |(first, _)| first),
            sender,
            ended: &ended,
            tree: signalled.0,
            urgencies: signalled.1,
        })
    }

    fn shares(&self, tree: &PriorityTree, span: usize) -> Shares {
        let span_ns = SPANS_NS.get(span).map_or(0, |(_, span_ns)| *span_ns);
        let sender = self.connection.side(Direction::Server);
        let count = self.context.frame_count();
        Shares::new(
            self.context.trace,
            self.connection,
            self.http2,
            tree,
            sender,
            count,
            span_ns,
        )
    }
}

/// Draws the view into the space that is left.
pub fn priority_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State) {
    let Some(shown) = Shown::new(context) else {
        let words = egui::RichText::new(words::nothing_words(context));
        ui.label(words.color(context.theme.text_weak));
        return;
    };
    controls_ui(ui, context, state, &shown);
    let of = Some((
        shown.connection.id,
        context.frame_count(),
        state.span,
        state.policy,
    ));
    if state.counted.of != of {
        let tree = shown.tree(state.policy, &mut state.tree);
        let shares = shown.shares(&tree, state.span);
        let at = (shown.at, &tree);
        let nodes = model::nodes(shown.connection, shown.http2, at, &shares, true);
        state.counted = Counted {
            of,
            alike: words::alike_words(&nodes),
            shares,
            tree,
        };
    }
    if state.of != Some(shown.connection.id) {
        state.of = Some(shown.connection.id);
        state.glided.clear();
    }
    let first = state.signals.first(context, shown.connection, shown.http2);
    let bands = model::chips(shown.connection, shown.http2, shown.at);
    let told = bands.values().flatten().any(|chip| chip.said);
    let tree = first.is_some_and(|first| first <= shown.at);
    let about = words::scheme_words(tree, told, first, state.span);
    (state.waits).follow(
        ui.ctx(),
        context.trace,
        shown.connection,
        context.loading,
        Waits::of,
    );
    let waits = state.waits.get(shown.connection.id);
    let verdict = shown.verdict(&state.counted.shares, state.span, waits, (tree, told));
    ui.add_space(4.0);
    ui.label(egui::RichText::new(verdict).color(context.theme.text));
    if let Some(alike) = &state.counted.alike {
        let words = egui::RichText::new(alike).size(crate::ui::theme::text_size::SMALL + 0.5);
        ui.label(words.color(context.theme.text_weak))
            .on_hover_text(words::CAN_SEND);
    }
    caption_ui(
        ui,
        context.theme,
        &words::tree_words(&shown),
        &about,
        &terms::hover_text("PRIORITY"),
    );
    // What became of the tree stays in sight below it, unless the pane is so low that the tree needs all of it.
    let height = ui.available_height();
    let row = snapshots::height(ui, &shown, &state.snapshots);
    let stays = height >= row + LEAST_TREE;
    let tree_height = if stays { height - row } else { height };
    ScrollArea::vertical()
        .id_salt("priority")
        .auto_shrink([false, stays])
        .max_height(tree_height)
        .show(ui, |ui| {
            paint::tree_ui(ui, &shown, state, tree_height);
            if told && first.is_some() {
                paint::bands_ui(ui, &shown, &bands);
            }
            if !stays && !context.theme.presenting {
                snapshots::snapshots_ui(ui, &shown, state.policy, &mut state.snapshots);
                ui.add_space(8.0);
            }
        });
    if stays {
        snapshots::snapshots_ui(ui, &shown, state.policy, &mut state.snapshots);
    }
}

fn controls_ui(ui: &mut Ui, context: &ViewContext<'_>, state: &mut State, shown: &Shown<'_>) {
    ui.horizontal_wrapped(|ui| {
        let choices = SPANS_NS.map(|(label, _)| Choice {
            label,
            help: "Over how much time before the cursor shares are counted.",
            chosen: false,
        });
        let choices: Vec<Choice<'_>> = choices
            .into_iter()
            .enumerate()
            .map(|(index, choice)| Choice {
                chosen: index == state.span,
                ..choice
            })
            .collect();
        if let Some(clicked) = choices_ui(ui, context.theme, "Shares over", &choices) {
            state.span = clicked;
        }
        let choice = |label, help, policy| Choice {
            label,
            help,
            chosen: state.policy == policy,
        };
        let choices = [
            choice(
                "Keep closed streams",
                "A closed stream keeps its place, so that later ones can still depend on it (RFC 7540 §5.3.4). \
                 Servers keep them for a while.",
                ClosedStreams::Keep,
            ),
            choice(
                "Remove them",
                "A closed stream goes at once; those below it go to its parent and share its weight \
                 (RFC 7540 §5.3.4). Streams that later depend on it get the default place.",
                ClosedStreams::Remove,
            ),
        ];
        if let Some(clicked) = choices_ui(ui, context.theme, "Closed streams", &choices) {
            state.policy = [ClosedStreams::Keep, ClosedStreams::Remove]
                .get(clicked)
                .copied()
                .unwrap_or_default();
            state.tree = None;
        }
        if state.policy == ClosedStreams::Keep {
            let help =
                "Draw closed streams that got nothing lately one by one, not as one card.";
            if toggle_ui(ui, context.theme, "One by one", help, state.closed) {
                state.closed = !state.closed;
            }
        }
        let help = "Keep the tree of this moment in the row below.";
        if toggle_ui(ui, context.theme, "Keep this moment", help, false)
            && let Some(frame) = shown.at
        {
            state.snapshots.keep(frame);
        }
    });
}
