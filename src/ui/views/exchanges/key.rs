//! The line above the lanes of exchanges: how many there are, and what marks and lines mean.

use super::model::Part;
use super::{State, heading};
use crate::trace::Connection;
use crate::ui::views::loom::glyph::Glyph;
use crate::ui::widgets::time_scale::TimeScale;
use crate::ui::{Theme, ViewContext};
use egui::{
    Color32, Label, Painter, Pos2, RichText, Role, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo,
    pos2, vec2,
};

/// How many there are, and what marks and lines mean.
pub(super) fn head_ui(
    ui: &mut Ui,
    context: &ViewContext<'_>,
    connection: &Connection,
    state: &State,
    scale: &TimeScale,
) {
    let theme = context.theme;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 2.0);
        ui.add_space(8.0);
        let words = RichText::new(heading(context, connection, state))
            .small()
            .strong();
        ui.add(Label::new(words.color(theme.text_weak)));
        let known = state.occurring.as_ref();
        let occurring = known.map_or(&[][..], |known| known.parts.as_slice());
        // A response that came at once has no line of its own.
        let longest_ns = known.map_or(0.0, |known| known.longest_ns as f64);
        let coming = longest_ns > MIN_LINE * scale.ns_per_point();
        for sign in key(occurring, coming) {
            let (words, help) = sign.words();
            let font = TextStyle::Small.resolve(ui.style());
            let galley = ui
                .painter()
                .layout_no_wrap(words.to_owned(), font, theme.text_weak);
            // A sign and its words stay together.
            let size = vec2(galley.size().x + 32.0, galley.size().y.max(14.0));
            let (place, response) = ui.allocate_exact_size(size, Sense::hover());
            let at = place.left_center() + vec2(17.0, 0.0);
            sign.paint(ui.painter(), at, theme);
            let left = place.right() - galley.size().x;
            let corner = pos2(left, place.center().y - galley.size().y / 2.0);
            ui.painter().galley(corner, galley, theme.text_weak);
            response
                .widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("key: {words}")));
            response.on_hover_text(help);
        }
    });
}

/// A line shorter than this is hidden by the marks at its ends, in points.
const MIN_LINE: f64 = 3.0;

/// What the key explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    /// Who stands above the thread and who below it.
    Halves,
    /// A dashed thread.
    Awaited,
    /// A whole one.
    Coming,
    /// A mark.
    Part(Part, &'static str),
}

/// The key where these marks occur, and where a response is seen to come or not.
fn key(occurring: &[Part], coming: bool) -> impl Iterator<Item = Key> {
    let marks = Part::KEY
        .into_iter()
        .filter(|(part, _)| occurring.contains(part));
    let marks: Vec<Key> = marks.map(|(part, words)| Key::Part(part, words)).collect();
    let lines = [Key::Halves, Key::Awaited];
    let lines = lines.into_iter().chain(coming.then_some(Key::Coming));
    marks.into_iter().chain(lines)
}

impl Key {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Key::Halves => (
                "above the thread: request, below: response",
                "What the client sent stands above the thread, what the server sent below it.",
            ),
            Key::Awaited => (
                "dashed: the response is awaited",
                "From the request's head to that of the final response. How long that took stands at the dashes, where there \
                 is room.",
            ),
            Key::Coming => (
                "solid: the response comes",
                "From the head of the final response to its last byte.",
            ),
            Key::Part(part, words) => (words, part.help()),
        }
    }

    fn paint(self, painter: &Painter, at: Pos2, theme: &Theme) {
        let colour = theme.text_weak;
        let line = [at - vec2(7.0, 0.0), at + vec2(7.0, 0.0)];
        match self {
            Key::Part(part, _) => glyph(painter, part, at, colour, theme.background),
            Key::Awaited => {
                let dashes = Shape::dashed_line(&line, Stroke::new(1.2, colour), 3.0, 3.0);
                painter.extend(dashes);
            }
            Key::Coming => {
                painter.line_segment(line, Stroke::new(2.0, colour));
            }
            Key::Halves => {
                painter.line_segment(line, Stroke::new(1.2, colour));
                for (dx, dy) in [(-3.0, -4.0), (3.0, 4.0)] {
                    painter.circle_filled(at + vec2(dx, dy), 2.0, colour);
                }
            }
        }
    }
}

/// The shape of a part around a place.
pub(super) fn glyph(painter: &Painter, part: Part, at: Pos2, colour: Color32, ground: Color32) {
    match part {
        Part::Head => Glyph::Diamond.paint(painter, at, 4.8, colour, ground),
        Part::Interim => Glyph::OpenDiamond.paint(painter, at, 4.8, colour, ground),
        Part::Body => Glyph::Bar.paint(painter, at, 5.0, colour, ground),
        Part::Trailers => Glyph::Square.paint(painter, at, 4.4, colour, ground),
        Part::Switch => Glyph::Chevron.paint(painter, at, 4.8, colour, ground),
        Part::Broken => Glyph::Cross.paint(painter, at, 4.8, colour, ground),
    }
}
