//! What the filter leaves of a view: a line that says how much, and a button that shows everything again.

use crate::trace::{Carrier, ConnectionId, FrameId};
use crate::ui::filter_bar;
use crate::ui::widgets::format;
use crate::ui::{Command, ViewContext};
use crate::wire::http2::StreamId;
use egui::{RichText, Ui};

/// Whether a filter is in force and a frame does not pass it. What was not asked yet passes.
pub fn hides_frame(context: &ViewContext<'_>, connection: ConnectionId, frame: FrameId) -> bool {
    context
        .matches
        .is_some_and(|run| run.frame_passes(connection, frame) == Some(false))
}

/// Whether a filter is in force and no frame of a stream passes it.
pub fn hides_stream(context: &ViewContext<'_>, connection: ConnectionId, stream: StreamId) -> bool {
    context
        .matches
        .is_some_and(|run| run.stream_passes(context.trace, connection, stream) == Some(false))
}

/// The same of a stream or an exchange of HTTP/1.1.
pub fn hides(context: &ViewContext<'_>, connection: ConnectionId, carrier: Carrier) -> bool {
    match carrier {
        Carrier::Stream(stream) => hides_stream(context, connection, stream),
        Carrier::Exchange(exchange) => context
            .matches
            .is_some_and(|run| run.exchange_passes(connection, exchange) == Some(false)),
    }
}

/// Something that changes whenever an answer of the filter may have: the expression, and how much was asked.
pub type Progress = Option<(String, (usize, usize, usize))>;

/// Of what a list that depends on the filter was made.
pub fn progress(context: &ViewContext<'_>) -> Progress {
    let run = context.matches?;
    Some((run.filter().text().to_owned(), run.progress()))
}

/// `12 of 500 requests pass the filter`; nothing without a filter.
pub fn words(context: &ViewContext<'_>, shown: usize, all: usize, noun: &str) -> Option<String> {
    let run = context.matches?;
    let so_far = if run.is_complete(context.trace) {
        ""
    } else {
        ", so far"
    };
    let pass = if shown == 1 { "passes" } else { "pass" };
    Some(format!(
        "{} of {} {pass} the filter{so_far}",
        format::count(shown as u64),
        format::counted(all as u64, noun),
    ))
}

/// Says how much the filter leaves, with a button that clears it; nothing without a filter.
pub fn note_ui(ui: &mut Ui, context: &ViewContext<'_>, shown: usize, all: usize, noun: &str) {
    if let Some(words) = words(context, shown, all, noun) {
        note_words_ui(ui, context, words);
    }
}

/// The same in words of the view's own.
pub fn note_words_ui(ui: &mut Ui, context: &ViewContext<'_>, words: String) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let words = RichText::new(words).small().color(context.theme.accent);
        let button = egui::Button::new(RichText::new("Show all").small()).small();
        let text = context.matches.map(|run| run.filter().text().to_owned());
        ui.add(egui::Label::new(words))
            .on_hover_text(format!("The filter: {}", text.unwrap_or_default()));
        if ui
            .add(button)
            .on_hover_text("Clear the filter: show everything again, in every view")
            .clicked()
        {
            clear(context);
        }
    });
}

/// How much of its colour something keeps that the filter leaves out where it stays.
pub const LEFT_OUT: f32 = 0.22;

/// Asks that everything be shown again.
pub fn clear(context: &ViewContext<'_>) {
    context.send(Command::Filter(filter_bar::Command::Set(String::new())));
}

#[cfg(test)]
mod tests {
    use crate::ui::views::testing::World;
    use crate::ui::views::{ViewId, Views};

    fn said(world: &World, view: &str) -> String {
        let view = ViewId::from_name(view).unwrap();
        world.read(|context| Views::default().text(view, context))
    }

    #[test]
    fn every_view_says_how_much_of_it_the_filter_leaves() {
        let mut world = World::of_capture("lossy.pcapng");
        let http2 = world.trace.main_connection().unwrap().http2().unwrap();
        let stream = http2.streams()[1].id;
        let frames = http2.frames_of(stream).len();
        let (all_frames, streams) = (http2.frames.len(), http2.streams().len());
        assert!(!said(&world, "ladder").contains("filter"));
        world.filter(&format!("stream:{stream}"));
        for (view, words) in [
            (
                "requests",
                format!("1 of {streams} requests passes the filter"),
            ),
            (
                "ladder",
                format!("{frames} of {all_frames} frames pass the filter"),
            ),
            (
                "connections",
                "1 of 1 connection passes the filter".to_owned(),
            ),
        ] {
            let said = said(&world, view);
            assert!(said.contains(&words), "{view}: {words:?} is not in\n{said}");
        }
        assert!(said(&world, "findings").contains(" the filter"));
        world.filter("stream:999");
        let ladder = said(&world, "ladder");
        assert!(
            ladder.contains(&format!("0 of {all_frames} frames pass")),
            "{ladder}"
        );
    }
}
