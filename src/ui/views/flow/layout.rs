//! Where the windows are drawn: the axis, one plot or two, and which height means how many bytes.
//! Pure.

use super::minmax::Span;
use crate::ui::widgets::format;
use egui::{Rangef, Rect, pos2};

/// Room for the numbers beside the plots.
const LEFT: f32 = 92.0;
/// Room right of the plots.
const RIGHT: f32 = 10.0;
/// The time axis.
const AXIS: f32 = 26.0;
/// A row of who waits.
const ROW: f32 = 17.0;
/// The names of the lines.
const LEGEND: f32 = 28.0;
/// What hatching, rings and dots mean.
const SIGNS: f32 = 20.0;
/// With less height the signs give their room to the plots.
const LEAST_FOR_SIGNS: f32 = 190.0;
/// Between two plots.
const BETWEEN: f32 = 12.0;
/// When the connection's window is this much larger than any stream's, it gets a plot of its own however
/// little room there is: on one scale the streams would be flat.
const MUCH_LARGER: f64 = 2.0;
/// With so much room it has one anyway: two kinds of windows are two pictures.
const LEAST_FOR_TWO: f32 = 200.0;
/// What a plot shows, above it.
const TITLE: f32 = 17.0;

/// A plot with its scale of bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plot {
    /// Its place.
    pub rect: Rect,
    /// What its bottom and its top mean, in bytes.
    pub least: f64,
    /// See `least`.
    pub greatest: f64,
}

impl Plot {
    /// Where so many bytes are drawn; more than the scale holds lie on its upper edge.
    pub fn y(&self, bytes: i64) -> f32 {
        let share = (bytes as f64 - self.least) / (self.greatest - self.least);
        self.rect.bottom() - self.rect.height() * share.clamp(-1.0, 1.0) as f32
    }

    /// Round numbers of bytes for lines across the plot.
    pub fn ticks(&self) -> Vec<i64> {
        let wanted = f64::from(self.rect.height() / 44.0).max(1.0);
        let rough = (self.greatest - self.least) / wanted;
        let mut step = 1.0;
        while step < rough && step < 1e15 {
            step *= 2.0;
        }
        let first = (self.least / step).ceil() as i64;
        let last = (self.greatest / step).floor() as i64;
        (first..=last).map(|tick| tick * step as i64).collect()
    }
}

/// A number of bytes beside a line: in steps of 1024, as windows are chosen.
pub fn bytes_words(bytes: i64) -> String {
    let sign = if bytes < 0 { "−" } else { "" };
    let size = bytes.unsigned_abs();
    let whole = |unit: u64| size >= unit && size.is_multiple_of(unit);
    if whole(1 << 30) {
        format!("{sign}{} GiB", size >> 30)
    } else if whole(1 << 20) {
        format!("{sign}{} MiB", size >> 20)
    } else if whole(1 << 10) {
        format!("{sign}{} KiB", size >> 10)
    } else {
        format!("{sign}{}", format::exact_bytes(size))
    }
}

/// The places of one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Everything.
    pub rect: Rect,
    /// Times.
    pub axis: Rect,
    /// The connection's window; the same as `streams` when one scale suits both.
    pub connection: Plot,
    /// The windows of streams.
    pub streams: Plot,
    /// Who waits, a row for each.
    pub waiting: Rect,
    /// The names.
    pub legend: Rect,
    /// What signs mean, below the names; without height where there is no room.
    pub signs: Rect,
}

impl Layout {
    /// The places within `rect` for windows of these sizes, and so many rows of waiting.
    pub fn new(rect: Rect, connection: Span, streams: Option<Span>, waiting: usize) -> Self {
        let axis = rect.with_max_y(rect.top() + AXIS);
        let signs = match rect.height() >= LEAST_FOR_SIGNS {
            true => rect.with_min_y(rect.bottom() - SIGNS),
            false => rect.with_min_y(rect.bottom()),
        };
        let legend = rect.with_max_y(signs.top());
        let legend = legend.with_min_y((legend.bottom() - LEGEND).max(axis.bottom()));
        let middle = Rect::from_min_max(
            pos2(rect.left() + LEFT, axis.bottom() + 8.0),
            pos2(
                (rect.right() - RIGHT).max(rect.left() + LEFT + 1.0),
                (legend.top() - 8.0).max(axis.bottom() + 9.0),
            ),
        );
        let rows = waiting as f32 * ROW;
        let rows = if waiting > 0 { rows + 10.0 } else { 0.0 };
        let below = middle.with_min_y((middle.bottom() - rows).max(middle.top() + 1.0));
        let waiting = below.with_min_y((below.top() + 10.0).min(below.bottom()));
        let middle = middle.with_max_y(below.top());
        let apart = streams.is_some_and(|streams| {
            let size = |span: Span| span.greatest.max(1) as f64;
            size(connection) / size(streams) > MUCH_LARGER
                || size(streams) / size(connection) > MUCH_LARGER
                || middle.height() >= LEAST_FOR_TWO
        });
        let (upper, lower) = if apart {
            let split = middle.top() + middle.height() * 0.38;
            (
                middle.with_max_y(split - BETWEEN / 2.0),
                middle.with_min_y(split + BETWEEN / 2.0),
            )
        } else {
            (middle, middle)
        };
        let both = streams.map_or(connection, |streams| {
            if apart {
                streams
            } else {
                streams.with(connection)
            }
        });
        Self {
            rect,
            axis,
            connection: plot(below_title(upper), if apart { connection } else { both }),
            streams: plot(below_title(lower), both),
            waiting,
            legend,
            signs,
        }
    }

    /// Where it is said what a plot shows: above it.
    pub fn title(&self, plot: &Plot) -> Rect {
        let top = plot.rect.top();
        let left = self.rect.left() + 8.0;
        Rect::from_min_max(pos2(left, top - TITLE), pos2(plot.rect.right(), top))
    }

    /// A row of waiting.
    pub fn waiting_row(&self, row: usize) -> Rect {
        let top = self.waiting.top() + row as f32 * ROW;
        self.waiting.with_min_y(top).with_max_y(top + ROW - 2.0)
    }

    /// Whether the connection's window has a plot of its own.
    pub fn apart(&self) -> bool {
        self.connection.rect != self.streams.rect
    }

    /// From left to right.
    pub fn plot_x(&self) -> Rangef {
        self.streams.rect.x_range()
    }

    /// From the top of the upper plot to the bottom of the lower one.
    pub fn plot_y(&self) -> Rangef {
        Rangef::new(self.connection.rect.top(), self.streams.rect.bottom())
    }

    /// How many columns of a point a line has.
    pub fn columns(&self) -> usize {
        self.plot_x().span().max(1.0) as usize
    }
}

/// What is left of a place below the plot's title.
fn below_title(rect: Rect) -> Rect {
    rect.with_min_y((rect.top() + TITLE).min(rect.bottom() - 1.0))
}

fn plot(rect: Rect, span: Span) -> Plot {
    let (least, greatest) = (span.least.min(0) as f64, span.greatest.max(1024) as f64);
    let room = (greatest - least) * 0.06;
    Plot {
        rect,
        // A little below zero, so that a line that lies on it is seen.
        least: least - room,
        greatest: greatest + room,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    fn layout(connection: i64, stream: i64, height: f32) -> Layout {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, height));
        let span = |greatest| Span { least: 0, greatest };
        Layout::new(rect, span(connection), Some(span(stream)), 3)
    }

    #[test]
    fn the_connection_has_a_plot_of_its_own_unless_room_is_short_and_sizes_are_alike() {
        assert!(!layout(65_535, 65_535, 250.0).apart());
        for apart in [
            layout(65_535, 65_535, 500.0),
            layout(65_535, 8_191, 250.0),
            layout(15_000_000, 65_535, 250.0),
        ] {
            assert!(apart.apart());
            let title = apart.title(&apart.streams);
            assert!(apart.connection.rect.bottom() < title.top());
            assert_eq!(title.bottom(), apart.streams.rect.top());
        }
    }

    #[test]
    fn what_is_more_than_the_scale_holds_lies_on_its_edge() {
        let streams = layout(65_535, 8_191, 500.0).streams;
        assert_eq!(streams.y(65_535), streams.rect.top());
        assert!(streams.y(8_191) > streams.rect.top());
    }

    #[test]
    fn zero_lies_above_the_bottom_and_ticks_are_powers_of_two() {
        let layout = layout(65_535, 65_535, 500.0);
        assert!(layout.streams.y(0) < layout.streams.rect.bottom());
        let ticks = layout.streams.ticks();
        assert!(ticks.contains(&0) && ticks.contains(&32_768), "{ticks:?}");
        assert_eq!(bytes_words(32_768), "32 KiB");
        assert_eq!(bytes_words(-16_384), "−16 KiB");
        assert_eq!(bytes_words(65_535).replace('\u{202f}', " "), "65 535 bytes");
    }

    #[test]
    fn a_tiny_pane_has_places_that_are_not_inside_out() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(40.0, 30.0));
        let layout = Layout::new(rect, Span::of(0), None, 5);
        assert!(layout.streams.rect.width() > 0.0 && layout.streams.rect.height() > 0.0);
        assert!(layout.columns() >= 1);
    }
}
