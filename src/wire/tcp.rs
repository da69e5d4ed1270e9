//! The TCP header: sequence numbers, flags, window and options of one segment.
//!
//! What the numbers mean over time (reassembly, retransmissions) is not here: this is one header, read where it lies.

use std::fmt;

/// The fixed part of a TCP header and its options.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-------------------------------+-------------------------------+
/// |          Source Port          |       Destination Port        |
/// +-------------------------------+-------------------------------+
/// |                        Sequence Number                        |
/// +---------------------------------------------------------------+
/// |                    Acknowledgment Number                      |
/// +-------+-----+-----------------+-------------------------------+
/// | Offset| Rsv |      Flags      |            Window             |
/// +-------+-----+-----------------+-------------------------------+
/// |           Checksum            |         Urgent Pointer        |
/// +-------------------------------+-------------------------------+
/// |                           [Options]                           |
/// +---------------------------------------------------------------+
/// ```
///
/// Source: RFC 9293 §3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpHeader<'a> {
    /// Port of the sender.
    pub source_port: u16,
    /// Port of the receiver.
    pub destination_port: u16,
    /// Number of the first byte of the payload, or of the `SYN` when that is set.
    pub sequence: u32,
    /// The next byte the sender expects; means nothing without `ACK`.
    pub acknowledgment: u32,
    /// The control bits.
    pub flags: TcpFlags,
    /// Receive window as written: the scale of the handshake is not applied.
    pub window: u16,
    /// The options, read when asked for.
    pub options: TcpOptions<'a>,
    /// Length of the header with its options on the wire, 20 to 60.
    pub header_len: usize,
}

/// Why a TCP header could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TcpHeaderError {
    /// Fewer bytes than the fixed part takes.
    #[error("a TCP header has at least 20 bytes, here are {found}")]
    TooShort {
        /// Bytes there are.
        found: usize,
    },
    /// The data offset points into the fixed part.
    #[error("the data offset of a TCP header is at least 5, here it is {found}")]
    DataOffset {
        /// The data offset, in units of four bytes.
        found: u8,
    },
}

impl<'a> TcpHeader<'a> {
    /// Length of the fixed part.
    pub const FIXED_LEN: usize = 20;

    /// The number of the first byte of the payload: a `SYN` takes a number itself. Source: RFC 9293 §3.4.
    #[must_use]
    pub fn data_sequence(&self) -> u32 {
        self.sequence.wrapping_add(u32::from(self.flags.syn()))
    }

    /// Reads a header. Options that the capture cut off are left out, the rest is there.
    ///
    /// # Errors
    ///
    /// When the fixed part is not complete, or the data offset is below five.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, TcpHeaderError> {
        let Some((fixed, rest)) = bytes.split_first_chunk::<{ TcpHeader::FIXED_LEN }>() else {
            return Err(TcpHeaderError::TooShort { found: bytes.len() });
        };
        let [
            s0,
            s1,
            d0,
            d1, // ports
            q0,
            q1,
            q2,
            q3, // sequence
            a0,
            a1,
            a2,
            a3, // acknowledgment
            offset,
            flags,
            w0,
            w1, // offset and flags, window
            _,
            _,
            _,
            _, // checksum, urgent pointer
        ] = *fixed;
        let words = offset >> 4;
        if words < 5 {
            return Err(TcpHeaderError::DataOffset { found: words });
        }
        let header_len = usize::from(words) * 4;
        let options_len = (header_len - Self::FIXED_LEN).min(rest.len());
        Ok(Self {
            source_port: u16::from_be_bytes([s0, s1]),
            destination_port: u16::from_be_bytes([d0, d1]),
            sequence: u32::from_be_bytes([q0, q1, q2, q3]),
            acknowledgment: u32::from_be_bytes([a0, a1, a2, a3]),
            flags: TcpFlags(u16::from_be_bytes([offset & 0x01, flags])),
            window: u16::from_be_bytes([w0, w1]),
            options: TcpOptions(rest.get(..options_len).unwrap_or_default()),
            header_len,
        })
    }
}

/// The control bits of a TCP header, nine of them. Source: RFC 9293 §3.1; `NS` from RFC 3540 §9.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TcpFlags(pub u16);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: Self = Self(0x001);
    /// Synchronises sequence numbers: opens a connection.
    pub const SYN: Self = Self(0x002);
    /// Resets the connection.
    pub const RST: Self = Self(0x004);
    /// Hand what there is to the application now.
    pub const PSH: Self = Self(0x008);
    /// The acknowledgment number counts.
    pub const ACK: Self = Self(0x010);
    /// The urgent pointer counts.
    pub const URG: Self = Self(0x020);
    /// ECN echo. Source: RFC 3168 §6.1.
    pub const ECE: Self = Self(0x040);
    /// Congestion window reduced. Source: RFC 3168 §6.1.
    pub const CWR: Self = Self(0x080);
    /// The nonce of RFC 3540; AE in accurate ECN.
    pub const NS: Self = Self(0x100);

    const NAMES: [(Self, &'static str); 9] = [
        (Self::FIN, "FIN"),
        (Self::SYN, "SYN"),
        (Self::RST, "RST"),
        (Self::PSH, "PSH"),
        (Self::ACK, "ACK"),
        (Self::URG, "URG"),
        (Self::ECE, "ECE"),
        (Self::CWR, "CWR"),
        (Self::NS, "NS"),
    ];

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether `SYN` is set.
    pub const fn syn(self) -> bool {
        self.contains(Self::SYN)
    }

    /// Whether `FIN` is set.
    pub const fn fin(self) -> bool {
        self.contains(Self::FIN)
    }

    /// Whether `RST` is set.
    pub const fn rst(self) -> bool {
        self.contains(Self::RST)
    }

    /// Whether `ACK` is set.
    pub const fn ack(self) -> bool {
        self.contains(Self::ACK)
    }

    /// Names of the bits that are set, from the lowest up.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter_map(move |(flag, name)| self.contains(flag).then_some(name))
    }
}

impl std::ops::BitOr for TcpFlags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for TcpFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl fmt::Debug for TcpFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TcpFlags({self})")
    }
}

/// The options of a TCP header, read on demand from the bytes they lie in.
///
/// ```text
/// +--------+--------+-----------+
/// |  Kind  | Length |   Data…   |   kinds 0 (end of list) and 1 (no operation) are one byte alone
/// +--------+--------+-----------+
/// ```
///
/// Source: RFC 9293 §3.1 (layout), §3.2 (kinds 0 to 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct TcpOptions<'a>(pub &'a [u8]);

/// One TCP option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpOption<'a> {
    /// The largest segment the sender will take. Source: RFC 9293 §3.7.1.
    MaximumSegmentSize(u16),
    /// How many bits later windows are shifted left. Source: RFC 7323 §2.2.
    WindowScale(u8),
    /// The sender understands selective acknowledgments. Source: RFC 2018 §2.
    SackPermitted,
    /// Selective acknowledgment: what arrived beyond a hole. Source: RFC 2018 §3.
    Sack(SackBlocks<'a>),
    /// Timestamps: own value, and the echo of the other's. Source: RFC 7323 §3.2.
    Timestamps {
        /// The sender's clock.
        value: u32,
        /// The receiver's clock, as last seen.
        echo: u32,
    },
    /// Any other option.
    Other {
        /// Its number in the registry of TCP option kinds.
        kind: u8,
        /// What follows kind and length.
        data: &'a [u8],
    },
}

impl<'a> TcpOptions<'a> {
    /// All options but padding, in order; ends at the end of the list or at the first that contradicts itself.
    pub fn iter(self) -> impl Iterator<Item = TcpOption<'a>> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            loop {
                let (&kind, after) = rest.split_first()?;
                match kind {
                    0 => return None,
                    1 => rest = after,
                    _ => {
                        let data_len = usize::from(*after.first()?).checked_sub(2)?;
                        let data = after.get(1..)?.get(..data_len)?;
                        rest = after.get(1 + data_len..)?;
                        return Some(TcpOption::from_parts(kind, data));
                    }
                }
            }
        })
    }

    /// The largest segment the sender will take, from its `SYN`.
    pub fn maximum_segment_size(self) -> Option<u16> {
        self.iter().find_map(|option| match option {
            TcpOption::MaximumSegmentSize(size) => Some(size),
            _ => None,
        })
    }

    /// The window scale, from a `SYN`. At most 14, as RFC 7323 §2.3 asks of a receiver.
    pub fn window_scale(self) -> Option<u8> {
        self.iter().find_map(|option| match option {
            TcpOption::WindowScale(shift) => Some(shift.min(14)),
            _ => None,
        })
    }

    /// Whether the sender of this `SYN` understands selective acknowledgments.
    pub fn sack_permitted(self) -> bool {
        self.iter().any(|option| option == TcpOption::SackPermitted)
    }

    /// The blocks of the first selective acknowledgment; none without one.
    pub fn sack_blocks(self) -> SackBlocks<'a> {
        self.iter()
            .find_map(|option| match option {
                TcpOption::Sack(blocks) => Some(blocks),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// The timestamps: the sender's own and the one it echoes.
    pub fn timestamps(self) -> Option<(u32, u32)> {
        self.iter().find_map(|option| match option {
            TcpOption::Timestamps { value, echo } => Some((value, echo)),
            _ => None,
        })
    }
}

impl<'a> TcpOption<'a> {
    /// A known kind with a wrong length is kept as [`TcpOption::Other`].
    fn from_parts(kind: u8, data: &'a [u8]) -> Self {
        match (kind, data) {
            (2, &[a, b]) => Self::MaximumSegmentSize(u16::from_be_bytes([a, b])),
            (3, &[shift]) => Self::WindowScale(shift),
            (4, []) => Self::SackPermitted,
            (5, blocks) if blocks.len() % 8 == 0 => Self::Sack(SackBlocks(blocks)),
            (8, &[a, b, c, d, e, f, g, h]) => Self::Timestamps {
                value: u32::from_be_bytes([a, b, c, d]),
                echo: u32::from_be_bytes([e, f, g, h]),
            },
            (kind, data) => Self::Other { kind, data },
        }
    }
}

/// The blocks of a selective acknowledgment: ranges `[left, right)` of sequence numbers. Source: RFC 2018 §3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct SackBlocks<'a>(&'a [u8]);

impl Iterator for SackBlocks<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[a, b, c, d, e, f, g, h], rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some((
            u32::from_be_bytes([a, b, c, d]),
            u32::from_be_bytes([e, f, g, h]),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syn_says_mss_scale_and_sack() {
        let bytes = [
            0xd0, 0x00, // source port 53248
            0x1f, 0x90, // destination port 8080
            0x00, 0x00, 0x00, 0x07, // sequence 7
            0x00, 0x00, 0x00, 0x00, // no acknowledgment
            0xb0, 0x02, // 11 words, SYN
            0xff, 0xff, // window
            0x00, 0x00, 0x00, 0x00, // checksum, urgent pointer
            0x02, 0x04, 0x05, 0xb4, // MSS 1460
            0x04, 0x02, // SACK permitted
            0x08, 0x0a, 0, 0, 0, 1, 0, 0, 0, 2,    // timestamps 1, 2
            0x01, // no operation
            0x03, 0x03, 0x07, // window scale 7
            0x22, 0x02, // Fast Open cookie request: another kind
            0x00, 0x00, // end of list
        ];
        let header = TcpHeader::decode(&bytes).unwrap();
        assert_eq!(header.source_port, 53248);
        assert_eq!(header.destination_port, 8080);
        assert_eq!(header.sequence, 7);
        assert_eq!(header.flags, TcpFlags::SYN);
        assert_eq!(header.header_len, 44);
        assert_eq!(header.options.maximum_segment_size(), Some(1460));
        assert_eq!(header.options.window_scale(), Some(7));
        assert!(header.options.sack_permitted());
        assert_eq!(header.options.timestamps(), Some((1, 2)));
        assert_eq!(header.options.sack_blocks().count(), 0);
        assert_eq!(header.options.iter().count(), 5);
    }

    #[test]
    fn sack_blocks_are_ranges() {
        let options = TcpOptions(&[
            0x01, 0x01, // two no operations
            0x05, 0x12, // SACK, two blocks
            0, 0, 0, 10, 0, 0, 0, 20, // [10, 20)
            0, 0, 0, 30, 0, 0, 0, 40, // [30, 40)
        ]);
        assert_eq!(
            options.sack_blocks().collect::<Vec<_>>(),
            [(10, 20), (30, 40)]
        );
    }

    #[test]
    fn options_that_lie_about_their_length_end_the_list() {
        for bad in [&[2, 0][..], &[2, 1], &[2, 9, 1], &[8], &[5, 10, 1, 2]] {
            assert_eq!(TcpOptions(bad).iter().count(), 0, "{bad:?}");
        }
    }

    #[test]
    fn options_cut_by_the_snapshot_length_leave_the_header_whole() {
        let mut bytes = vec![0; 24];
        bytes[12] = 0xa0; // 10 words: 20 bytes of options, 4 captured
        bytes[13] = 0x11; // FIN, ACK
        bytes[20..24].copy_from_slice(&[2, 4, 0x05, 0xb4]);
        let header = TcpHeader::decode(&bytes).unwrap();
        assert_eq!(header.header_len, 40);
        assert_eq!(header.options.maximum_segment_size(), Some(1460));
        assert_eq!(header.flags.to_string(), "FIN,ACK");
    }

    #[test]
    fn short_and_contradicting_headers_are_errors() {
        assert_eq!(
            TcpHeader::decode(&[0; 19]),
            Err(TcpHeaderError::TooShort { found: 19 })
        );
        assert_eq!(
            TcpHeader::decode(&[0; 20]),
            Err(TcpHeaderError::DataOffset { found: 0 })
        );
    }
}
