//! The quiet times between rungs, which are folded: found once, and counted from picture to picture.

use super::track::{Rungs, Track};
use crate::trace::ConnectionId;

/// Rungs looked at per picture while a large capture is caught up with.
const ROWS_PER_PICTURE: usize = 60_000;
/// With so many rungs it is known what is usual.
const MANY: usize = 1 << 20;
/// Rungs by which it is judged what is quiet.
const SAMPLES: usize = 512;
/// A quiet time is so many times the usual one.
const USUAL_TIMES: i64 = 3;
/// What comes closer together than this comes at once, and says nothing about what is usual.
const AT_ONCE_NS: i64 = 100_000;
/// And never below this, in nanoseconds.
const MIN_GAP_NS: i64 = 1_000_000;

/// Connection, kind of rungs, time zero, and the filter with how far it has come.
type Key = (ConnectionId, Rungs, i64, Option<(String, usize)>);

/// The gaps before rungs.
#[derive(Clone, Debug, Default)]
pub struct Gaps {
    of: Option<Key>,
    /// How many rungs have been looked at, and how many there were when it was judged what is quiet.
    read: usize,
    judged: usize,
    /// What counts as quiet.
    least_ns: i64,
    last_ns: Option<i64>,
    /// Rungs with a gap before them, ascending, and how long it is.
    before: Vec<(u32, i64)>,
}

impl Gaps {
    /// Takes in what was appended. Returns whether there is more to take in.
    pub fn follow(&mut self, track: &Track<'_>) -> bool {
        let of = Some((
            track.reader.connection.id,
            track.rungs,
            track.reader.origin_ns,
            track.filtered(),
        ));
        let len = track.len();
        // What is usual is known once there are many; until then it is judged anew as they double.
        let outgrown = self.judged < MANY && len != self.judged && len > 2 * self.judged;
        if self.of != of || len < self.read || outgrown {
            *self = Self {
                of,
                judged: len,
                least_ns: least_ns(track),
                ..Self::default()
            };
        }
        let end = len.min(self.read + ROWS_PER_PICTURE);
        for index in self.read..end {
            let Some(time_ns) = track.time_ns(index) else {
                break;
            };
            let gap = self.last_ns.map_or(0, |last| time_ns.saturating_sub(last));
            if gap >= self.least_ns
                && let Ok(index) = u32::try_from(index)
            {
                self.before.push((index, gap));
            }
            self.last_ns = Some(time_ns);
            self.read = index + 1;
        }
        self.read < len
    }

    /// How many gaps lie before a rung, its own included.
    pub fn up_to(&self, index: usize) -> usize {
        self.before
            .partition_point(|&(row, _)| row as usize <= index)
    }

    /// The gap right before a rung, in nanoseconds.
    pub fn before(&self, index: usize) -> Option<i64> {
        let number = self.up_to(index).checked_sub(1)?;
        let &(row, gap) = self.before.get(number)?;
        (row as usize == index).then_some(gap)
    }
}

fn least_ns(track: &Track<'_>) -> i64 {
    let len = track.len();
    let step = (len / SAMPLES).max(1);
    let mut usual: Vec<i64> = (1..len)
        .step_by(step)
        .filter_map(|index| {
            Some(
                track
                    .time_ns(index)?
                    .saturating_sub(track.time_ns(index - 1)?),
            )
        })
        .collect();
    usual.retain(|&gap| gap >= AT_ONCE_NS);
    usual.sort_unstable();
    let median = usual.get(usual.len() / 2).copied().unwrap_or(0);
    median.saturating_mul(USUAL_TIMES).max(MIN_GAP_NS)
}
