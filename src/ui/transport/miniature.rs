//! The whole connection folded into a strip: which stream owned the wire, when, and how much.
//!
//! Frames are added up in bins of equal time, so that drawing costs what the strip's width costs.
//! When frames come that lie behind the last bin, two bins each become one.

use crate::trace::{Connection, ConnectionId, Trace};
use crate::wire::http2::{FrameHeader, StreamId};

/// Bins per row: more than a strip has points on the screens we know, so that folding twice, into
/// bins and then into points, is not seen.
const BINS: usize = 4096;

/// Frames taken in per picture: less than a millisecond of work.
const FRAMES_PER_PICTURE: usize = 12_000;
/// The same while the capture is read: then all else in a picture costs more, since it is new.
const FRAMES_PER_PICTURE_WHILE_LOADING: usize = FRAMES_PER_PICTURE / 2;

/// What one side sent within one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bin {
    /// Bytes of all frames, headers and payloads.
    pub bytes: u64,
    /// The stream that owned the most of them, nearly: a running majority.
    pub owner: Option<StreamId>,
    lead: u64,
}

impl Bin {
    /// Adds bytes of a stream. The owner is found by Boyer and Moore's majority vote: exact when
    /// one stream has more than half, and a stream with a large part otherwise.
    fn add(&mut self, stream: StreamId, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.owner == Some(stream) {
            self.lead = self.lead.saturating_add(bytes);
        } else if bytes > self.lead {
            self.owner = Some(stream);
            self.lead = bytes - self.lead;
        } else {
            self.lead -= bytes;
        }
    }

    fn join(self, other: Self) -> Self {
        let mut joined = self;
        if let Some(owner) = other.owner {
            joined.add(owner, other.lead);
            joined.bytes = self.bytes.saturating_add(other.bytes);
        }
        joined
    }
}

/// The strip's bins. See the module text.
#[derive(Clone, Debug)]
pub struct Miniature {
    of: Option<ConnectionId>,
    start_ns: i64,
    bin_ns: i64,
    taken: usize,
    rows: [Vec<Bin>; 2],
}

impl Default for Miniature {
    fn default() -> Self {
        Self {
            of: None,
            start_ns: 0,
            bin_ns: 1,
            taken: 0,
            rows: Default::default(),
        }
    }
}

impl Miniature {
    /// Takes in frames that are new, as many as one picture has time for. Answers whether there
    /// are more.
    pub fn take(&mut self, trace: &Trace, connection: &Connection, loading: bool) -> bool {
        let (Some((start_ns, last_ns)), Some(http2)) = (trace.time_range_ns, connection.http2())
        else {
            return false;
        };
        if self.of != Some(connection.id) || self.start_ns != start_ns {
            *self = Self {
                of: Some(connection.id),
                start_ns,
                bin_ns: bin_for(last_ns.saturating_sub(start_ns)),
                rows: [vec![Bin::default(); BINS], vec![Bin::default(); BINS]],
                ..Self::default()
            };
        }
        let room = match loading {
            true => FRAMES_PER_PICTURE_WHILE_LOADING,
            false => FRAMES_PER_PICTURE,
        };
        let end = http2.frames.len().min(self.taken.saturating_add(room));
        for frame in http2.frames.range(self.taken..end) {
            let after_ns = trace.time_ns(frame.packet).saturating_sub(start_ns).max(0);
            let bytes = u64::from(frame.length) + FrameHeader::LEN as u64;
            let index = self.make_room(after_ns);
            if let Some(bin) = self.rows[frame.side.index()].get_mut(index) {
                bin.add(frame.stream, bytes);
            }
        }
        self.taken = end;
        end < http2.frames.len()
    }

    /// The bin of an instant, after joining bins until there is one.
    fn make_room(&mut self, after_ns: i64) -> usize {
        loop {
            match usize::try_from(after_ns / self.bin_ns) {
                Ok(index) if index < BINS => return index,
                _ if self.bin_ns > i64::MAX / 2 => return BINS - 1,
                _ => {}
            }
            self.bin_ns *= 2;
            for row in &mut self.rows {
                let joined: Vec<_> = row
                    .chunks(2)
                    .map(|pair| pair.iter().copied().fold(Bin::default(), Bin::join))
                    .collect();
                *row = joined;
                row.resize(BINS, Bin::default());
            }
        }
    }

    /// One bin per column, for a strip that shows `length_ns` from the capture's start in this
    /// many columns.
    pub fn columns(&self, side: crate::trace::Side, length_ns: i64, columns: usize) -> Vec<Bin> {
        let mut folded = vec![Bin::default(); columns];
        let ns_per_column = length_ns.max(1) as f64 / columns.max(1) as f64;
        for (index, bin) in self.rows[side.index()].iter().enumerate() {
            if bin.bytes == 0 {
                continue;
            }
            // The middle of the bin, so that no bin falls between two columns.
            let at_ns = (index as f64 + 0.5) * self.bin_ns as f64;
            let column = ((at_ns / ns_per_column) as usize).min(columns.saturating_sub(1));
            if let Some(into) = folded.get_mut(column) {
                *into = into.join(*bin);
            }
        }
        folded
    }
}

/// The width of bins that have room for a capture of this length: joining twenty times on the way there would cost the
/// first picture more than all frames that it takes.
fn bin_for(length_ns: i64) -> i64 {
    let mut widths = std::iter::successors(Some(1_i64), |width| width.checked_mul(2));
    let fits = |width: &i64| usize::try_from(length_ns / width).is_ok_and(|index| index < BINS);
    widths.find(fits).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Side;
    use crate::ui::views::loom::test_trace::busy_trace;

    fn bin(parts: &[(u32, u64)]) -> Bin {
        let mut bin = Bin::default();
        for &(stream, bytes) in parts {
            bin.add(StreamId(stream), bytes);
        }
        bin
    }

    #[test]
    fn the_stream_with_most_bytes_owns_a_bin() {
        assert_eq!(bin(&[]).owner, None);
        assert_eq!(bin(&[(1, 10)]).owner, Some(StreamId(1)));
        assert_eq!(bin(&[(1, 10), (3, 30), (1, 10)]).owner, Some(StreamId(3)));
        assert_eq!(bin(&[(1, 10), (3, 30), (1, 10)]).bytes, 50);
    }

    #[test]
    fn joined_bins_keep_their_bytes_and_the_larger_owner() {
        let joined = bin(&[(1, 100)]).join(bin(&[(3, 30), (5, 10)]));
        assert_eq!(joined.bytes, 140);
        assert_eq!(joined.owner, Some(StreamId(1)));
    }

    #[test]
    fn a_late_frame_makes_bins_wider_and_loses_nothing() {
        let mut miniature = Miniature {
            rows: [vec![Bin::default(); BINS], vec![Bin::default(); BINS]],
            ..Miniature::default()
        };
        let first = miniature.make_room(3);
        miniature.rows[0][first].add(StreamId(1), 9);
        let last = miniature.make_room(1_000_000_000);
        assert!(last < BINS);
        miniature.rows[0][last].add(StreamId(3), 18);
        let total: u64 = miniature.rows[0].iter().map(|bin| bin.bytes).sum();
        assert_eq!(total, 27);
        let columns = miniature.columns(crate::trace::Side::A, 1_000_000_000, 10);
        assert_eq!(columns[0].bytes, 9);
        assert_eq!(columns[9].bytes, 18);
    }

    #[test]
    fn a_strip_that_grew_with_its_capture_holds_what_one_of_the_whole_holds() {
        let sizes = [1, 700, 9_000, 30_000];
        let traces = sizes.map(|frames| busy_trace(frames, 20));
        let mut grown = Miniature::default();
        for trace in &traces {
            while grown.take(trace, &trace.connections[0], true) {}
        }
        let mut whole = Miniature::default();
        let trace = &traces[3];
        let mut pictures = 1;
        while whole.take(trace, &trace.connections[0], false) {
            pictures += 1;
        }
        assert_eq!(pictures, 3);
        assert_eq!(whole.bin_ns, grown.bin_ns);
        let bytes = |of: &Miniature, side: Side| -> Vec<u64> {
            of.rows[side.index()].iter().map(|bin| bin.bytes).collect()
        };
        for side in Side::BOTH {
            assert_eq!(bytes(&whole, side), bytes(&grown, side));
        }
        let http2 = trace.connections[0].http2().unwrap();
        let sent = http2.frames.iter().map(|frame| u64::from(frame.length) + 9);
        let counted: u64 = Side::BOTH
            .iter()
            .flat_map(|side| bytes(&whole, *side))
            .sum();
        assert_eq!(counted, sent.sum::<u64>());
        assert_eq!(bin_for(0), 1);
        assert_eq!(bin_for(4096), 2);
        assert!(i64::MAX / bin_for(i64::MAX) < 4096);
    }
}
