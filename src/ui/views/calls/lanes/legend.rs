//! The key below the lanes: each sign as it is drawn there, and what it means.

use super::Lanes;
use super::bar::goes_on;
use crate::ui::views::loom::glyph::Glyph;
use crate::ui::widgets::hatch;
use crate::wire::http2::FrameKind;
use egui::{
    Painter, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

/// Height of the key in points.
pub(super) const LEGEND_POINTS: f32 = 20.0;

/// What is drawn on a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Headers,
    Request,
    Response,
    End,
    Reset,
    Running,
    Left,
    Cut,
    Over,
    Link,
}

/// Each sign, its name, and what there is to say about it; what matters most first, since a narrow pane has not room
/// for all.
const SIGNS: [(Sign, &str, &str); 10] = [
    (
        Sign::Request,
        "request message",
        "above the thread: taller when it is larger",
    ),
    (
        Sign::Response,
        "response message",
        "below the thread: taller when it is larger",
    ),
    (
        Sign::End,
        "end",
        "the trailers with the status; words behind it when the call failed, none when it was OK",
    ),
    (
        Sign::Left,
        "time left to the deadline",
        "how much of it was left when the call ended; while it runs it shrinks with the cursor",
    ),
    (
        Sign::Cut,
        "goes on",
        "the deadline is later than the time shown here; the words before it say how long it was",
    ),
    (
        Sign::Over,
        "past the deadline",
        "how long the call went on after its deadline; drawn a little longer where it would not be seen",
    ),
    (
        Sign::Headers,
        "headers",
        "of the request above the thread, of the response below it",
    ),
    (
        Sign::Reset,
        "reset",
        "RST_STREAM: one side gave the call up",
    ),
    (
        Sign::Link,
        "made for it",
        "a call that the server made while it served the one above",
    ),
    (
        Sign::Running,
        "still running",
        "at the cursor it has not ended",
    ),
];

/// Width of a sign in points.
const SIGN_POINTS: f32 = 16.0;

impl Lanes<'_> {
    /// The key on one line; signs without room are left to the hover text.
    pub(super) fn legend_ui(&self, ui: &Ui, place: Rect) {
        let theme = self.context.theme;
        let painter = ui.painter_at(place);
        let mut x = place.left() + 4.0;
        let y = place.center().y;
        for (sign, name, _) in SIGNS {
            let colour = theme.text_weak;
            let galley = painter.layout_no_wrap(name.to_owned(), self.small.clone(), colour);
            let end = x + SIGN_POINTS + 5.0 + galley.size().x;
            if end > place.right() {
                break;
            }
            self.sign(&painter, sign, pos2(x + SIGN_POINTS / 2.0, y));
            let at = pos2(x + SIGN_POINTS + 5.0, y - galley.size().y / 2.0);
            painter.galley(at, galley, colour);
            x = end + 14.0;
        }
        let id = ui.scope_id().with("legend");
        let response = ui.interact(place, id, Sense::hover());
        let lines: Vec<String> = SIGNS
            .iter()
            .map(|(_, name, about)| format!("{name}: {about}"))
            .collect();
        let lines = lines.join("\n");
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Canvas, true, format!("Key of the lanes\n{lines}"))
        });
        response.on_hover_text(lines);
    }

    fn sign(&self, painter: &Painter, sign: Sign, at: Pos2) {
        let theme = self.context.theme;
        let colour = theme.stream(0);
        let across = at.x - SIGN_POINTS / 2.0..=at.x + SIGN_POINTS / 2.0;
        let thread = || painter.hline(across.clone(), at.y, Stroke::new(2.0, colour));
        let bar = Rect::from_center_size(at, vec2(SIGN_POINTS, 6.0));
        let message = |top: f32| {
            let bar = Rect::from_min_size(at + vec2(-1.75, top), vec2(3.5, 6.0));
            painter.rect_filled(bar, 1.0, colour);
        };
        match sign {
            Sign::Headers => {
                Glyph::of(FrameKind::HEADERS).paint(painter, at, 4.2, colour, theme.panel);
            }
            Sign::Request => {
                thread();
                message(-7.5);
            }
            Sign::Response => {
                thread();
                message(1.5);
            }
            Sign::End => {
                let diamond = at - vec2(2.5, 0.0);
                Glyph::OpenDiamond.paint(painter, diamond, 4.6, colour, theme.panel);
                painter.vline(
                    at.x + 4.0,
                    at.y - 7.0..=at.y + 7.0,
                    Stroke::new(1.5, theme.text),
                );
            }
            Sign::Reset => Glyph::Cross.paint(painter, at, 5.0, theme.error, theme.panel),
            Sign::Running => {
                thread();
                let tip = pos2(*across.end(), at.y);
                for up in [-4.0, 4.0] {
                    painter.line_segment([tip + vec2(-5.0, up), tip], Stroke::new(2.0, colour));
                }
            }
            Sign::Left => {
                let outline = Stroke::new(1.0, theme.text_weak);
                painter.rect_stroke(bar, 2.0, outline, StrokeKind::Inside);
                let left = bar.with_min_x(at.x - 2.0).shrink(1.0);
                painter.rect_filled(left, 1.0, theme.accent.gamma_multiply(0.5));
            }
            Sign::Cut => {
                let from = at - vec2(SIGN_POINTS / 2.0 + 2.0, 0.0);
                goes_on(painter, from, Stroke::new(1.5, theme.text_weak));
            }
            Sign::Over => {
                painter.rect_filled(bar, 0.0, theme.error.gamma_multiply(0.25));
                hatch::hatch(painter, bar, theme.error);
            }
            Sign::Link => {
                let stroke = Stroke::new(1.2, theme.text_weak);
                let (from, to) = (at - vec2(0.0, 7.0), at + vec2(0.0, 7.0));
                painter.extend(Shape::dashed_line(&[from, to], stroke, 3.0, 3.0));
                let tip = vec![to + vec2(-3.5, -5.0), to + vec2(3.5, -5.0), to];
                painter.add(Shape::convex_polygon(tip, theme.text_weak, Stroke::NONE));
            }
        }
    }
}
