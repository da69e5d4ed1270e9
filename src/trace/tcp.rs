//! What TCP did: marks on packets, samples of the round-trip time, and holes.
//!
//! Marks are a bit set in each packet's row. Holes and samples are logs of their connection: few
//! where the network is good, and as many as its troubles where it is not.

use super::ids::{PacketId, Side};
use super::log::Log;

/// What a TCP segment is besides new data or a plain acknowledgment. A set; most have none.
///
/// Judged once, with what the capture held up to that packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Marks(u16);

impl Marks {
    /// It carries bytes, a SYN or a FIN that were sent before: the capture has them already, or
    /// its timestamp or IP identification says that it left after what follows it in the stream.
    pub const RETRANSMISSION: Self = Self(1 << 0);
    /// A retransmission shortly after the receiver told of the hole. Source: RFC 5681 §3.2, RFC 6675.
    pub const FAST_RETRANSMISSION: Self = Self(1 << 1);
    /// A retransmission of bytes that the receiver had told to have.
    pub const SPURIOUS_RETRANSMISSION: Self = Self(1 << 2);
    /// It was overtaken: it left before bytes that came before it.
    pub const OUT_OF_ORDER: Self = Self(1 << 3);
    /// Some of its bytes were there already, others are new.
    pub const OVERLAP: Self = Self(1 << 4);
    /// It acknowledges the same as the one before, changes nothing, and data is outstanding. Source: RFC 5681 §2.
    pub const DUPLICATE_ACK: Self = Self(1 << 5);
    /// It repeats the last sequence number to see whether the other side is there. Source: RFC 9293 §3.8.4.
    pub const KEEP_ALIVE: Self = Self(1 << 6);
    /// It asks whether a window of zero has opened. Source: RFC 9293 §3.8.6.1.
    pub const WINDOW_PROBE: Self = Self(1 << 7);
    /// Its sender can receive nothing at the moment.
    pub const ZERO_WINDOW: Self = Self(1 << 8);
    /// The same packet as an earlier one, captured a second time. It is nothing else then.
    pub const DUPLICATE_CAPTURE: Self = Self(1 << 9);

    const NAMES: [(Self, &'static str); 10] = [
        (Self::RETRANSMISSION, "retransmission"),
        (Self::FAST_RETRANSMISSION, "fast-retransmission"),
        (Self::SPURIOUS_RETRANSMISSION, "spurious-retransmission"),
        (Self::OUT_OF_ORDER, "out-of-order"),
        (Self::OVERLAP, "overlap"),
        (Self::DUPLICATE_ACK, "duplicate-ack"),
        (Self::KEEP_ALIVE, "keep-alive"),
        (Self::WINDOW_PROBE, "window-probe"),
        (Self::ZERO_WINDOW, "zero-window"),
        (Self::DUPLICATE_CAPTURE, "duplicate-capture"),
    ];

    /// Whether all marks of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Their names, the words of `output.md`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter_map(move |(mark, name)| self.contains(mark).then_some(name))
    }
}

impl std::ops::BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl std::ops::BitOr for Marks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A round-trip time as one acknowledgment shows it: from the capture of a segment that was sent
/// once to the capture of its acknowledgment. Source: RFC 6298 §3 (Karn's algorithm).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RttSample {
    /// The packet that acknowledges.
    pub acknowledgment: PacketId,
    /// The newest segment that it covers.
    pub segment: PacketId,
}

/// Why bytes were missing, and who knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HoleKind {
    /// The receiver had the bytes, the capture has not.
    Capture,
    /// The bytes came late or never past the place of the capture, or nobody acknowledged them.
    Network,
    /// The capture has the bytes in order, but the receiver's acknowledgments told that they had
    /// not arrived: the capture was taken on the sender's side of the trouble.
    NetworkAsTold,
}

impl HoleKind {
    /// The word of `output.md`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Capture => "capture",
            Self::Network | Self::NetworkAsTold => "network",
        }
    }

    /// Whether the receiver itself lacked the bytes, so that what came behind had to wait.
    pub fn is_at_the_receiver(self) -> bool {
        self != Self::Capture
    }
}

/// A range of a side's stream that was missing while bytes behind it were there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoleRow {
    /// Where it starts in the stream.
    pub offset: u64,
    /// How many bytes, those filled in between included.
    pub len: u64,
    /// One behind the last byte that had arrived when it closed: what waited lies between.
    pub until: u64,
    /// The packet that showed it: the first beyond the hole, or the acknowledgment that told.
    pub opened: PacketId,
    /// The packet with which it was filled or given up; `None` while it is open at the end.
    pub closed: Option<PacketId>,
    /// For [`HoleKind::NetworkAsTold`], the rows of [`Tcp::told`] written while it was open.
    pub told: (u32, u32),
    /// Who sent the bytes.
    pub side: Side,
    /// What is known of the reason.
    pub kind: HoleKind,
    /// Whether every byte came in the end. A hole of the capture is never filled.
    pub filled: bool,
}

impl HoleRow {
    /// The range of the stream.
    pub fn range(&self) -> std::ops::Range<u64> {
        self.offset..self.offset.saturating_add(self.len)
    }
}

/// Bytes behind a hole that the receiver told to have, at the first time it told. Source: RFC 2018 §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToldRow {
    /// Where they start in the stream.
    pub offset: u64,
    /// How many.
    pub len: u64,
    /// The acknowledgment.
    pub packet: PacketId,
    /// Who sent the bytes.
    pub side: Side,
}

/// What TCP did on one connection.
#[derive(Clone, Debug, Default)]
pub struct Tcp {
    /// Holes, in the order in which they closed.
    pub holes: Log<HoleRow>,
    /// What receivers told to have behind holes.
    pub told: Log<ToldRow>,
    /// Samples of the round-trip time, by ascending acknowledgment.
    pub round_trips: Log<RttSample>,
    /// What the handshake and the first segments fixed, by side.
    pub sides: [TcpSide; 2],
}

/// What is fixed for a side's stream once it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpSide {
    /// The sequence number of stream offset 0.
    pub base: Option<u32>,
    /// How many bits the windows that this side announces are shifted left: known when both SYNs
    /// were seen. Source: RFC 7323 §2.2.
    pub window_shift: Option<u8>,
}

/// Rows to append to a [`Tcp`].
#[derive(Debug, Default)]
pub struct TcpBatch {
    /// New holes.
    pub holes: Vec<HoleRow>,
    /// New bytes behind holes.
    pub told: Vec<ToldRow>,
    /// New samples.
    pub round_trips: Vec<RttSample>,
    /// What is fixed by now.
    pub sides: [TcpSide; 2],
}

impl Tcp {
    /// Appends a batch.
    pub fn append(&mut self, batch: TcpBatch) {
        self.holes.extend(batch.holes);
        self.told.extend(batch.told);
        self.round_trips.extend(batch.round_trips);
        self.sides = batch.sides;
    }

    /// The segment whose round trip this packet ended; `None` when it gives no sample.
    pub fn round_trip(&self, acknowledgment: PacketId) -> Option<RttSample> {
        let index = self
            .round_trips
            .partition_point(|sample| sample.acknowledgment < acknowledgment);
        let sample = self.round_trips.get(index).copied()?;
        (sample.acknowledgment == acknowledgment).then_some(sample)
    }

    /// Bytes of memory that the logs occupy.
    pub fn memory_bytes(&self) -> usize {
        self.holes.memory_bytes() + self.told.memory_bytes() + self.round_trips.memory_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_costs_no_more_memory_for_its_marks() {
        assert_eq!(std::mem::size_of::<crate::trace::PacketRow>(), 40);
        assert_eq!(std::mem::size_of::<RttSample>(), 8);
    }

    #[test]
    fn marks_are_named_one_by_one() {
        let marks = Marks::RETRANSMISSION | Marks::FAST_RETRANSMISSION;
        let names: Vec<_> = marks.names().collect();
        assert_eq!(names, ["retransmission", "fast-retransmission"]);
        assert!(!marks.contains(Marks::OVERLAP));
        assert!(Marks::default().is_empty());
    }
}
