//! How a hole in a TCP stream was mended: its bytes were lost and sent again, or they were only late.
//!
//! Where the capture itself lacked them, the packets that brought them in the end are marked as retransmissions or as out
//! of order. Where only the receiver told of the hole, the capture has the bytes in order, and what was sent again while
//! the hole was open says it.

use crate::trace::{Connection, HoleKind, HoleRow, Marks, PacketId, Trace};

/// Packets that are looked at for one hole of which the receiver told.
const MAX_PACKETS: usize = 4096;

/// How a hole was mended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mending {
    /// Lost on the way, and sent again.
    SentAgain {
        /// How many of its bytes; the others came late.
        bytes: u64,
    },
    /// Nothing was lost: the bytes were overtaken by what is behind them in the stream.
    Late,
    /// Never mended, of the capture alone, or nobody can say.
    #[default]
    Unknown,
}

/// How a hole was mended.
pub fn mending(trace: &Trace, connection: &Connection, hole: &HoleRow) -> Mending {
    if !hole.filled {
        return Mending::Unknown;
    }
    match hole.kind {
        HoleKind::Capture => Mending::Unknown,
        HoleKind::Network => as_captured(trace, connection, hole),
        HoleKind::NetworkAsTold => as_told(trace, connection, hole),
    }
}

/// By the packets that brought the bytes.
fn as_captured(trace: &Trace, connection: &Connection, hole: &HoleRow) -> Mending {
    let (mut again, mut late) = (0, 0);
    for slice in connection.stream(hole.side).slices(hole.range()) {
        let row = slice
            .packet
            .and_then(|packet| trace.packets.get(packet.index()));
        let marks = row.map(|row| row.marks).unwrap_or_default();
        if marks.contains(Marks::RETRANSMISSION) {
            again += u64::from(slice.len);
        } else if marks.contains(Marks::OUT_OF_ORDER) {
            late += u64::from(slice.len);
        }
    }
    match (again, late) {
        (0, late) if late == hole.len => Mending::Late,
        (0, _) => Mending::Unknown,
        (bytes, _) => Mending::SentAgain { bytes },
    }
}

/// By what was sent again before the receiver acknowledged the bytes.
fn as_told(trace: &Trace, connection: &Connection, hole: &HoleRow) -> Mending {
    let Some(closed) = hole.closed else {
        return Mending::Unknown;
    };
    let (from, end) = (hole.opened.index(), closed.index().saturating_add(1));
    let looked_at = end.min(from.saturating_add(MAX_PACKETS));
    let sender = connection.tcp().sides[hole.side.index()];
    let (range, mut bytes) = (hole.range(), 0_u64);
    for (at, row) in (from..looked_at).zip(trace.packets.range(from..looked_at)) {
        let own =
            (row.owner).is_some_and(|of| of.connection == connection.id && of.side == hole.side);
        let again = row.marks.contains(Marks::RETRANSMISSION)
            && !row.marks.contains(Marks::SPURIOUS_RETRANSMISSION);
        if !own || !again {
            continue;
        }
        let common = trace.with_segment(PacketId::from_index(at), |_, segment| {
            let start = sender.offset_near(segment.tcp.sequence, range.start)?;
            let start = u64::try_from(start).ok()?;
            let len = u64::try_from(segment.payload_len).ok()?;
            let end = start.saturating_add(len).min(range.end);
            Some(end.saturating_sub(start.max(range.start)))
        });
        bytes = bytes.saturating_add(common.flatten().unwrap_or(0));
    }
    match bytes {
        0 if looked_at < end => Mending::Unknown,
        0 => Mending::Late,
        bytes => Mending::SentAgain {
            bytes: bytes.min(hole.len),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Capture;
    use crate::dissect::read_all;

    fn mended(file: &str) -> Vec<(u64, Mending)> {
        let path = format!("{}/captures/{file}", env!("CARGO_MANIFEST_DIR"));
        let trace = read_all(Capture::open(path.as_ref()).unwrap());
        let connection = trace.main_connection().unwrap();
        let holes = connection.tcp().holes.iter();
        holes
            .map(|hole| (hole.len, mending(&trace, connection, hole)))
            .collect()
    }

    /// As the wire's own record (`lossy.wire.json`) has it: segments were dropped twice and held back otherwise.
    #[test]
    fn what_was_dropped_is_told_from_what_was_held_back() {
        let holes = mended("lossy.pcapng");
        assert_eq!(holes.len(), 5);
        let again = |of: &&(u64, Mending)| matches!(of.1, Mending::SentAgain { bytes: 1448 });
        assert_eq!(holes.iter().filter(again).count(), 2, "{holes:?}");
        let late = holes.iter().filter(|of| of.1 == Mending::Late);
        assert_eq!(late.count(), 3, "{holes:?}");
    }

    #[test]
    fn beside_the_sender_it_is_told_by_what_was_sent_again() {
        let holes = mended("lossy-sender.pcapng");
        let again =
            |of: &&(u64, Mending)| matches!(of.1, Mending::SentAgain { bytes } if bytes <= of.0);
        assert!(holes.iter().filter(again).count() > 0, "{holes:?}");
    }
}
