//! The ruler: the time between two points, in round trips and frames too. It snaps to frames.

use super::paint::Picture;
use super::reader::{Reader, Summaries};
use super::words::time_words;
use crate::report::text;
use crate::ui::views::ladder::round_trip::RoundTrip;
use egui::{Align2, FontId, Rect, Stroke, Ui, pos2, vec2};

/// A frame this near is meant.
const REACH_POINTS: f32 = 9.0;

/// Two points in time, in nanoseconds since the first packet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ruler {
    /// Where it was laid on.
    pub from_ns: f64,
    /// Where it ends; `None` while it follows the pointer, or the cursor.
    pub to_ns: Option<f64>,
}

impl Ruler {
    /// The key was pressed: the ruler is laid on, then ends there, then is taken away.
    pub fn pressed(ruler: Option<Self>, at_ns: f64) -> Option<Self> {
        match ruler {
            None => Some(Self {
                from_ns: at_ns,
                to_ns: None,
            }),
            Some(Self {
                from_ns,
                to_ns: None,
            }) => Some(Self {
                from_ns,
                to_ns: Some(at_ns),
            }),
            Some(_) => None,
        }
    }
}

/// How long a ruler is.
pub fn length_words(from_ns: f64, to_ns: f64) -> String {
    text::duration((to_ns - from_ns).abs().round() as u64)
}

/// What a ruler says of a connection: `12.300 ms · 1.5 round trips · 14 frames`.
pub fn words(reader: &Reader<'_>, summaries: &Summaries, from_ns: f64, to_ns: f64) -> String {
    let (start, end) = (from_ns.min(to_ns), from_ns.max(to_ns));
    let mut words = length_words(from_ns, to_ns);
    if let Some(one_way_ns) = RoundTrip::new(reader).one_way_ns()
        && one_way_ns > 0.0
    {
        let trips = (end - start) / (2.0 * one_way_ns);
        let plural = if (trips - 1.0).abs() < 0.05 { "" } else { "s" };
        words.push_str(&format!(" · {trips:.1} round trip{plural}"));
    }
    let frames = summaries.frames_within(reader, start..end).len() as u64;
    words.push_str(&format!(" · {}", super::words::frames_words(frames)));
    words
}

impl Picture<'_> {
    /// The instant at a place on the screen: that of a frame when one is near.
    pub(super) fn snapped_ns(&self, x: f32) -> f64 {
        let at = x - self.layout.plot.min;
        let records = self.model.wire.iter().flatten();
        let near = records
            .map(|record| (record, (record.x + 1.0 - at).abs()))
            .filter(|(_, away)| *away <= REACH_POINTS)
            .min_by(|a, b| a.1.total_cmp(&b.1));
        match near {
            Some((record, _)) => record.times_ns.0 as f64,
            None => self.model.places.scale.time_from_x(f64::from(at)),
        }
    }

    /// Draws the ruler, to its end or to where it is being moved.
    pub fn ruler_ui(&self, ui: &Ui, ruler: Ruler, to_ns: f64, words: String) {
        let theme = self.context.theme;
        let layout = &self.layout;
        let width = f64::from(layout.width());
        let scale = &self.model.places.scale;
        let x = |time_ns: f64| self.x(scale.x_from_time(time_ns).clamp(-9.0, width + 9.0) as f32);
        let (from, to) = (x(ruler.from_ns), x(to_ns));
        let plot = Rect::from_x_y_ranges(layout.plot, layout.axis.bottom()..=layout.legend.top());
        let painter = ui.painter_at(plot);
        let stroke = Stroke::new(1.4, theme.warning);
        for x in [from, to] {
            painter.vline(x, plot.y_range(), stroke);
        }
        let y = layout.wire[1].bottom() + 14.0;
        painter.hline(from.min(to)..=from.max(to), y, stroke);
        for (x, other) in [(from, to), (to, from)] {
            let back = if other > x { 5.0 } else { -5.0 };
            for side in [-4.0, 4.0] {
                painter.line_segment([pos2(x, y), pos2(x + back, y + side)], stroke);
            }
        }
        let end = format!(
            "from {} to {}",
            time_words(ruler.from_ns as i64),
            time_words(to_ns as i64)
        );
        let font = FontId::proportional(13.0);
        let galleys = [
            painter.layout_no_wrap(words, font, theme.text),
            painter.layout_no_wrap(end, FontId::proportional(11.0), theme.text_weak),
        ];
        let size = vec2(
            galleys[0].size().x.max(galleys[1].size().x) + 14.0,
            galleys[0].size().y + galleys[1].size().y + 6.0,
        );
        let middle = ((from + to) / 2.0 - size.x / 2.0)
            .min(layout.plot.max - size.x - 4.0)
            .max(layout.plot.min + 4.0);
        let place = Rect::from_min_size(pos2(middle, y + 6.0), size);
        let painter = ui.painter_at(layout.rect);
        painter.rect(
            place,
            4.0,
            theme.panel,
            Stroke::new(1.0, theme.warning),
            egui::StrokeKind::Inside,
        );
        let mut top = place.top() + 3.0;
        for galley in galleys {
            let height = galley.size().y;
            painter.galley(pos2(place.left() + 7.0, top), galley, theme.text);
            top += height;
        }
        if ruler.to_ns.is_none() {
            let hint = "R: ends here";
            let at = pos2(to + 5.0, plot.bottom() - 4.0);
            let font = FontId::proportional(11.0);
            painter.text(at, Align2::LEFT_BOTTOM, hint, font, theme.text_weak);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::testing::World;

    #[test]
    fn three_presses_lay_the_ruler_on_end_it_and_take_it_away() {
        let laid = Ruler::pressed(None, 5.0);
        assert_eq!(laid.map(|ruler| ruler.to_ns), Some(None));
        let ended = Ruler::pressed(laid, 9.0);
        assert_eq!(
            ended,
            Some(Ruler {
                from_ns: 5.0,
                to_ns: Some(9.0)
            })
        );
        assert_eq!(Ruler::pressed(ended, 11.0), None);
    }

    #[test]
    fn the_words_are_the_same_in_both_directions_and_tell_round_trips() {
        let world = World::of_capture("lossy.pcapng");
        world.read(|context| {
            let reader = Reader::new(context).unwrap();
            let mut summaries = Summaries::default();
            summaries.follow(&reader);
            let round_trip_ns = 2.0 * RoundTrip::new(&reader).one_way_ns().unwrap();
            let there = words(&reader, &summaries, 0.0, round_trip_ns);
            assert!(there.contains("1.0 round trip ·"), "{there}");
            assert_eq!(there, words(&reader, &summaries, round_trip_ns, 0.0));
        });
    }
}
