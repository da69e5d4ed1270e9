//! The whole connection folded into a strip: which stream or exchange owned the wire, when, and how much.
//!
//! Frames, or the pieces that carried HTTP/1.1, are added up in bins of equal time, so that drawing costs what the
//! strip's width costs. When some come that lie behind the last bin, two bins each become one.

use crate::trace::{Carrier, Connection, ConnectionId, ExchangeId, Side, Trace};
use crate::trace::{Http1, Http2};
use crate::ui::room::Room;
use crate::wire::http2::FrameHeader;

/// Bins per row: more than a strip has points on the screens we know, so that folding twice, into
/// bins and then into points, is not seen.
const BINS: usize = 4096;

/// What one side sent within one bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bin {
    /// Bytes of all frames, headers and payloads; of HTTP/1.1 all that TCP carried.
    pub bytes: u64,
    /// The stream or exchange that owned the most of them, nearly: a running majority.
    pub owner: Option<Carrier>,
    lead: u64,
}

impl Bin {
    /// Adds bytes of a stream or an exchange. The owner is found by Boyer and Moore's majority vote: exact when
    /// one stream has more than half, and a stream with a large part otherwise.
    fn add(&mut self, carrier: Carrier, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.owner == Some(carrier) {
            self.lead = self.lead.saturating_add(bytes);
        } else if bytes > self.lead {
            self.owner = Some(carrier);
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
    room: Room,
    of_http1: [Http1Side; 2],
    rows: [Vec<Bin>; 2],
}

/// How far one side's pieces of HTTP/1.1 were taken in.
#[derive(Clone, Copy, Debug, Default)]
struct Http1Side {
    pieces: usize,
    /// Messages of both sides that were looked at.
    messages: usize,
    /// Whose message the next byte belongs to.
    owner: Option<ExchangeId>,
}

impl Default for Miniature {
    fn default() -> Self {
        Self {
            of: None,
            start_ns: 0,
            bin_ns: 1,
            taken: 0,
            room: Room::default(),
            of_http1: Default::default(),
            rows: Default::default(),
        }
    }
}

impl Miniature {
    /// Takes in what is new, as much as one picture has time for. Answers whether there is more.
    pub fn take(&mut self, trace: &Trace, connection: &Connection, loading: bool) -> bool {
        let Some((start_ns, last_ns)) = trace.time_range_ns else {
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
        let room = self.room.of_next(loading);
        match (connection.http2(), connection.http1()) {
            (Some(http2), _) => self.take_frames(trace, http2, room),
            (None, Some(http1)) => {
                let more =
                    Side::BOTH.map(|side| self.take_pieces(trace, connection, http1, side, room));
                more.contains(&true)
            }
            (None, None) => false,
        }
    }

    fn take_frames(&mut self, trace: &Trace, http2: &Http2, room: usize) -> bool {
        let end = http2.frames.len().min(self.taken.saturating_add(room));
        for frame in http2.frames.range(self.taken..end) {
            let after_ns = trace.time_ns(frame.packet).saturating_sub(self.start_ns);
            let bytes = u64::from(frame.length) + FrameHeader::LEN as u64;
            self.add(frame.side, after_ns, frame.stream.into(), bytes);
        }
        self.taken = end;
        end < http2.frames.len()
    }

    /// Bytes of HTTP/1.1 have no frames: each piece goes to the exchange whose message is under way where it starts.
    fn take_pieces(
        &mut self,
        trace: &Trace,
        connection: &Connection,
        http1: &Http1,
        side: Side,
        room: usize,
    ) -> bool {
        let mut at = self.of_http1[side.index()];
        let pieces = connection.stream(side).pieces();
        let end = (at.pieces.saturating_add(room)).min(pieces.len());
        for piece in pieces.range(at.pieces..end) {
            let not_looked_at = http1.messages().get(at.messages..).unwrap_or_default();
            let begun = not_looked_at
                .iter()
                .take_while(|row| row.side != side || row.offset <= piece.offset);
            for row in begun {
                at.messages += 1;
                if row.side == side {
                    at.owner = Some(row.exchange);
                }
            }
            if let (Some(owner), Some(_)) = (at.owner, piece.packet) {
                let after_ns = trace.time_ns(piece.readable).saturating_sub(self.start_ns);
                self.add(side, after_ns, owner.into(), piece.len.into());
            }
        }
        at.pieces = end;
        self.of_http1[side.index()] = at;
        end < pieces.len()
    }

    fn add(&mut self, side: Side, after_ns: i64, carrier: Carrier, bytes: u64) {
        let index = self.make_room(after_ns.max(0));
        if let Some(bin) = self.rows[side.index()].get_mut(index) {
            bin.add(carrier, bytes);
        }
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
    pub fn columns(&self, side: Side, length_ns: i64, columns: usize) -> Vec<Bin> {
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
    use crate::ui::views::loom::test_trace::busy_trace;
    use crate::ui::views::testing::World;
    use crate::wire::http2::StreamId;

    fn bin(parts: &[(u32, u64)]) -> Bin {
        let mut bin = Bin::default();
        for &(stream, bytes) in parts {
            bin.add(StreamId(stream).into(), bytes);
        }
        bin
    }

    #[test]
    fn the_stream_with_most_bytes_owns_a_bin() {
        assert_eq!(bin(&[]).owner, None);
        assert_eq!(bin(&[(1, 10)]).owner, Some(StreamId(1).into()));
        assert_eq!(
            bin(&[(1, 10), (3, 30), (1, 10)]).owner,
            Some(StreamId(3).into())
        );
        assert_eq!(bin(&[(1, 10), (3, 30), (1, 10)]).bytes, 50);
    }

    #[test]
    fn joined_bins_keep_their_bytes_and_the_larger_owner() {
        let joined = bin(&[(1, 100)]).join(bin(&[(3, 30), (5, 10)]));
        assert_eq!(joined.bytes, 140);
        assert_eq!(joined.owner, Some(StreamId(1).into()));
    }

    #[test]
    fn a_late_frame_makes_bins_wider_and_loses_nothing() {
        let mut miniature = Miniature {
            rows: [vec![Bin::default(); BINS], vec![Bin::default(); BINS]],
            ..Miniature::default()
        };
        let first = miniature.make_room(3);
        miniature.rows[0][first].add(StreamId(1).into(), 9);
        let last = miniature.make_room(1_000_000_000);
        assert!(last < BINS);
        miniature.rows[0][last].add(StreamId(3).into(), 18);
        let total: u64 = miniature.rows[0].iter().map(|bin| bin.bytes).sum();
        assert_eq!(total, 27);
        let columns = miniature.columns(Side::A, 1_000_000_000, 10);
        assert_eq!(columns[0].bytes, 9);
        assert_eq!(columns[9].bytes, 18);
    }

    #[test]
    fn every_byte_of_http1_is_in_the_strip_and_belongs_to_its_exchange() {
        let world = World::of_capture("http1-programs.pcapng");
        let connection = &world.trace.connections[0];
        let http1 = connection.http1().unwrap();
        let mut miniature = Miniature::default();
        while miniature.take(&world.trace, connection, false) {}
        for side in Side::BOTH {
            let bins = miniature.rows[side.index()].iter();
            let bytes: u64 = bins.clone().map(|bin| bin.bytes).sum();
            assert_eq!(bytes, connection.stream(side).len());
            let owners: Vec<_> = bins.filter_map(|bin| bin.owner).collect();
            let sent = http1.messages().iter().filter(|row| row.side == side);
            let mut sent: Vec<Carrier> = sent.map(|row| row.exchange.into()).collect();
            sent.dedup();
            let mut told = owners;
            told.dedup();
            assert_eq!(told, sent);
        }
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
