//! Where the line of the receive window lies above the plot: along the edge runs a faint dashed line, which is no window, with a
//! mark and how far the window reaches.

use super::model::Told;
use super::paint::{Part, Picture};
use crate::trace::PacketId;
use crate::ui::widgets::format;
use egui::{Align2, Color32, Painter, Rangef, Rect, Shape, Stroke, pos2, vec2};

/// What is said of it, and in the legend beside the mark.
pub(super) const NAME: &str = "receive window above the plot";

/// What the legend's entry means.
pub(super) const MEANING: &str = "The receiver has room for more than the plot reaches up to: the number says up to which byte \
                                  of the stream its window lets the sender go. The dashes at the plot's edge only say how long.";

/// Between the edge of the plot and the line.
const EDGE_POINTS: f32 = 1.0;
/// Room for the mark before the words.
const MARK_POINTS: f32 = 12.0;
/// Behind the name of the direction, which stands in the plot's corner.
const NAME_POINTS: f32 = 86.0;
/// Stretches that are spoken of: of more, the widest.
const MAX_SAID: usize = 3;

/// A stretch of time in which the window reaches above the plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Beyond {
    /// From where to where, in points from the plot's left edge.
    pub(super) x: Rangef,
    /// The furthest byte that may be sent within it, from the start of the stream.
    pub(super) limit: i64,
    /// The packet with which it begins.
    packet: PacketId,
}

/// The stretches, from left to right. `right` is where the last one ends, `top` the offset at the plot's upper edge.
pub(super) fn stretches(told: &[Told], right: f32, top: f64) -> Vec<Beyond> {
    let mut all: Vec<Beyond> = Vec::new();
    let mut open = false;
    for (here, next) in told.iter().zip(1..) {
        let limit = here.limit.filter(|limit| *limit as f64 > top);
        let until = told.get(next).map_or(right, |next| next.x);
        match (limit, all.last_mut()) {
            (Some(limit), Some(stretch)) if open => {
                stretch.x.max = until;
                stretch.limit = stretch.limit.max(limit);
            }
            (Some(limit), _) => all.push(Beyond {
                x: Rangef::new(here.x, until),
                limit,
                packet: here.packet,
            }),
            (None, _) => {}
        }
        open = limit.is_some();
    }
    all
}

impl Picture<'_> {
    /// Where a direction's window reaches above its plot.
    pub(super) fn beyond(&self, part: &Part<'_>) -> Vec<Beyond> {
        stretches(&part.direction.told, self.layout.width(), part.offsets.end)
    }

    /// The places of the words about it, with which stretch each is about and its words, the widest stretches.
    pub(super) fn beyond_words(&self, painter: &Painter, part: &Part<'_>) -> Vec<(Rect, Beyond)> {
        let mut all = self.beyond(part);
        all.sort_by(|one, other| other.x.span().total_cmp(&one.x.span()));
        all.truncate(MAX_SAID);
        let plot = part.places.plot;
        let said = all.into_iter().filter_map(|stretch| {
            let galley = painter.layout_no_wrap(words(&stretch), self.small(), Color32::WHITE);
            let from = self.x(stretch.x.min).max(plot.left() + NAME_POINTS);
            let size = vec2(MARK_POINTS, 0.0) + galley.size();
            let place = Rect::from_min_size(pos2(from, plot.top() + 3.0), size);
            let until = self.x(stretch.x.max).min(plot.right());
            (place.right() <= until).then_some((place, stretch))
        });
        said.collect()
    }

    /// The line along the edge, and how far the window reaches.
    pub(super) fn paint_beyond(&self, painter: &Painter, part: &Part<'_>) {
        let theme = self.context.theme;
        let y = part.places.plot.top() + EDGE_POINTS;
        for stretch in self.beyond(part) {
            let colour = self.dim(theme.accent.gamma_multiply(0.5), stretch.packet);
            let x = self.x(stretch.x.min)..=self.x(stretch.x.max);
            let line = [pos2(*x.start(), y), pos2(*x.end(), y)];
            painter.extend(Shape::dashed_line(
                &line,
                Stroke::new(1.0, colour),
                2.0,
                6.0,
            ));
        }
        for (place, stretch) in self.beyond_words(painter, part) {
            painter.rect_filled(place.expand(2.0), 2.0, theme.lane.gamma_multiply(0.8));
            paint_mark(painter, place, theme.accent);
            let at = pos2(place.left() + MARK_POINTS, place.center().y);
            let colour = theme.text_weak;
            painter.text(
                at,
                Align2::LEFT_CENTER,
                words(&stretch),
                self.small(),
                colour,
            );
        }
    }
}

/// `receive window reaches byte 65 535, above the plot`: no size, but the last byte that the sender may send.
fn words(stretch: &Beyond) -> String {
    let last = u64::try_from(stretch.limit).unwrap_or(0).saturating_sub(1);
    let last = format::count(last);
    format!("receive window reaches byte {last}, above the plot")
}

/// What points upwards, at the left of a place.
pub(super) fn paint_mark(painter: &Painter, place: Rect, colour: Color32) {
    let centre = pos2(place.left() + 4.0, place.center().y);
    let points = vec![
        centre + vec2(0.0, -4.0),
        centre + vec2(4.0, 3.0),
        centre + vec2(-4.0, 3.0),
    ];
    painter.add(Shape::convex_polygon(points, colour, Stroke::NONE));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Marks;

    fn told(x: f32, limit: Option<i64>) -> Told {
        Told {
            x,
            ack: 0,
            limit,
            marks: Marks::default(),
            packet: PacketId::FIRST,
        }
    }

    #[test]
    fn stretches_above_the_plot_end_where_the_line_comes_back_and_know_the_furthest_byte() {
        let line = [
            told(0.0, Some(900)),
            told(10.0, Some(1100)),
            told(30.0, Some(1300)),
            told(50.0, Some(1000)),
            told(60.0, None),
            told(70.0, Some(2000)),
        ];
        let found: Vec<_> = stretches(&line, 100.0, 1000.0)
            .iter()
            .map(|of| (of.x.min, of.x.max, of.limit))
            .collect();
        assert_eq!(found, [(10.0, 50.0, 1300), (70.0, 100.0, 2000)]);
        assert_eq!(stretches(&line, 100.0, 2000.0), []);
    }
}
