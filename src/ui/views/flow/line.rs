//! One window over time, as it is drawn: its steps, what it is at a place, and how large a scale it needs.

use super::minmax::Span;
use crate::trace::FrameId;
use crate::wire::http2::StreamId;

/// A moment at which a window changed, or several that fall into one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Where, in points from the plot's left edge.
    pub x: f32,
    /// Everything that it was there.
    pub span: Span,
    /// What it was when the column ended.
    pub after: i64,
    /// The last frame that changed it here.
    pub frame: FrameId,
    /// Whether a credit or a setting raised it here.
    pub raised: bool,
}

/// One window over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Whose; stream 0 is the connection's.
    pub stream: StreamId,
    /// From where on it is drawn: its opening, or the left edge.
    pub from_x: f32,
    /// How far: its end, or the right edge.
    pub to_x: f32,
    /// What it was at `from_x`.
    pub at_start: i64,
    /// Its changes, from left to right.
    pub steps: Vec<Step>,
    /// Whether only changes are known: the line begins at 0 then.
    pub relative: bool,
    /// What it is at the cursor.
    pub at_cursor: Option<i64>,
}

impl Line {
    /// Everything that it is in view.
    pub fn span(&self) -> Span {
        let start = Span::of(self.at_start);
        self.steps
            .iter()
            .fold(start, |span, step| span.with(step.span))
    }

    /// The same without what it was before the first SETTINGS put it elsewhere, if nothing had used it till then: on a scale
    /// with room for that, all that happens later would be flat. The second value is what was left out.
    pub fn span_in_use(&self, settings: &[(f32, u32)]) -> (Span, Option<i64>) {
        let first = self.steps.first().filter(|step| {
            let by_settings = |&(x, _): &(f32, u32)| (x - step.x).abs() <= 1.0;
            step.after < self.at_start && settings.iter().any(by_settings)
        });
        let Some(first) = first else {
            return (self.span(), None);
        };
        let later = self.steps.iter().skip(1);
        let span = later.fold(Span::of(first.after), |span, step| span.with(step.span));
        let above = (span.greatest < self.at_start).then_some(self.at_start);
        (span, above)
    }

    /// What it is at a place.
    pub fn value_at(&self, x: f32) -> Option<i64> {
        if !(self.from_x..=self.to_x).contains(&x) {
            return None;
        }
        let count = self.steps.partition_point(|step| step.x <= x);
        let last = count.checked_sub(1).and_then(|last| self.steps.get(last));
        Some(last.map_or(self.at_start, |step| step.after))
    }

    /// The change at or before a place.
    pub fn step_at(&self, x: f32) -> Option<&Step> {
        let count = self.steps.partition_point(|step| step.x <= x);
        self.steps.get(count.checked_sub(1)?)
    }
}
