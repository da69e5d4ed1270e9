//! From the bytes of one captured packet to the TCP segment inside it.
//!
//! This is the first step of a packet's path: a capture says which link type it recorded, `network` walks the
//! headers of that link up to IP, `ip` finds the TCP header, and what comes out is a [`Segment`] whose payload is a
//! slice of the packet. Whatever is not TCP comes out as a [`Skip`], a reason with a name. Checksums are never a
//! reason to drop: network cards fill them in after the capture was taken.

mod fragment;
mod headers;
mod ip;
mod link_type;
mod network;
mod skip;

use std::net::SocketAddr;

use crate::wire::tcp::TcpHeader;

pub use fragment::{Contents, Fragment, Joined};
pub use headers::{HeaderLens, header_lens};
pub use link_type::LinkType;
pub use skip::{Layer, Skip};

/// How many headers that only wrap another packet (VLAN tags, labels, tunnels) are opened before we give up.
///
/// Our choice. Real networks stay below six; a packet made of nothing but VLAN tags could hold thousands.
pub const MAX_NESTING: usize = 16;

/// A TCP segment as it lies in one captured packet. Nothing is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Address and port of the sender; inside a tunnel, those of the inner packet.
    pub source: SocketAddr,
    /// Address and port of the receiver.
    pub destination: SocketAddr,
    /// The identification of the IPv4 header; `None` for IPv6, which has none in an unfragmented packet.
    ///
    /// Two packets with the same one and the same bytes are one packet that was captured twice.
    pub ip_id: Option<u16>,
    /// The TCP header.
    pub tcp: TcpHeader<'a>,
    /// The part of the payload that was captured. Without the padding of short Ethernet frames.
    pub payload: &'a [u8],
    /// How many bytes of payload the segment had on the wire, from the IP length. At least `payload.len()`, more when
    /// the packet was cut by the snapshot length.
    pub payload_len: usize,
    /// Where `payload` begins, counted from the first byte of the packet.
    pub payload_offset: usize,
}

impl Segment<'_> {
    /// Sequence numbers the segment takes up: its payload, and one each for `SYN` and `FIN`. Source: RFC 9293 §3.4.
    pub fn sequence_len(&self) -> u32 {
        let flags = self.tcp.flags;
        u32::try_from(self.payload_len)
            .unwrap_or(u32::MAX)
            .saturating_add(u32::from(flags.syn()))
            .saturating_add(u32::from(flags.fin()))
    }
}

/// Finds the TCP segment in a packet.
///
/// `bytes` is what was captured and `original_len` how long the packet was on the wire; they differ when a snapshot
/// length cut it. Allocates nothing and looks at headers only.
///
/// # Errors
///
/// A [`Skip`] that says why there is no segment to be had.
pub fn segment(link_type: LinkType, bytes: &[u8], original_len: u32) -> Result<Segment<'_>, Skip> {
    match contents(link_type, bytes, original_len)? {
        Contents::Segment(segment) => Ok(segment),
        Contents::Fragment(_) => Err(Skip::IpFragment),
    }
}

/// Finds the TCP segment in a packet, or the fragment it is, to be joined with others by their addresses and number.
///
/// # Errors
///
/// A [`Skip`] that says why there is neither.
pub fn contents(
    link_type: LinkType,
    bytes: &[u8],
    original_len: u32,
) -> Result<Contents<'_>, Skip> {
    let missing = (original_len as usize).saturating_sub(bytes.len());
    let inner = network::network(link_type, bytes)?;
    ip::contents(bytes, inner, missing)
}

/// Finds the TCP segment in what fragments made up. Its `payload_offset` counts from the first byte of that.
///
/// # Errors
///
/// A [`Skip`] as for a packet; [`Skip::IpFragment`] when a tunnel carries a fragment again.
pub fn joined_segment<'a>(joined: &Joined<'a>) -> Result<Segment<'a>, Skip> {
    match ip::joined(joined)? {
        Contents::Segment(segment) => Ok(segment),
        Contents::Fragment(_) => Err(Skip::IpFragment),
    }
}

#[cfg(test)]
mod tests;
