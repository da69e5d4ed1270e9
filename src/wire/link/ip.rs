//! From an IP header to the TCP segment it carries, through extension headers and tunnels.

use std::net::{IpAddr, SocketAddr};

use etherparse::{LaxIpv4Slice, LaxIpv6Slice, err};

use super::network::{IpStart, ethernet, from_ether_type, u16_at};
use super::{Layer, MAX_NESTING, Segment, Skip};
use crate::wire::tcp::{TcpHeader, TcpHeaderError};

/// IP protocol numbers, from the IANA registry.
mod protocol {
    pub(super) const ICMP: u8 = 1;
    pub(super) const IPV4: u8 = 4;
    pub(super) const TCP: u8 = 6;
    pub(super) const UDP: u8 = 17;
    pub(super) const IPV6: u8 = 41;
    pub(super) const GRE: u8 = 47;
    pub(super) const ICMPV6: u8 = 58;
}

/// Ports that VXLAN is sent to: IANA's, and the one Linux used before it was assigned. Source: RFC 7348 §5.
const VXLAN_PORTS: [u16; 2] = [4789, 8472];

/// An IP packet: who, what, and the bytes of its payload.
struct Datagram<'a> {
    source: IpAddr,
    destination: IpAddr,
    id: Option<u16>,
    protocol: u8,
    payload: &'a [u8],
    /// Length of the payload on the wire.
    payload_len: usize,
}

/// Reads IP headers from `start` on until TCP comes.
///
/// `missing` is how many bytes of the packet the capture cut off.
pub(super) fn segment<'a>(
    packet: &'a [u8],
    start: IpStart,
    missing: usize,
) -> Result<Segment<'a>, Skip> {
    let mut start = start;
    let mut missing = missing;
    // Ends where the innermost IP packet ends, so that padding never becomes payload.
    let mut bytes = packet;
    while start.nesting < MAX_NESTING {
        let datagram = datagram(bytes.get(start.offset..).unwrap_or_default(), missing)?;
        let offset = offset_in(packet, datagram.payload);
        match datagram.protocol {
            protocol::TCP => return tcp(&datagram, offset),
            protocol::IPV4 | protocol::IPV6 => start.offset = offset,
            protocol::GRE | protocol::UDP => {}
            protocol::ICMP | protocol::ICMPV6 => return Err(Skip::Icmp),
            protocol => return Err(Skip::NotTcp { protocol }),
        }
        missing = datagram.payload_len.saturating_sub(datagram.payload.len());
        bytes = packet
            .get(..offset + datagram.payload.len())
            .unwrap_or(packet);
        start.nesting += 1;
        match datagram.protocol {
            protocol::GRE => start = gre(bytes, offset, start.nesting)?,
            protocol::UDP => start = vxlan(bytes, offset, start.nesting)?,
            _ => {}
        }
    }
    Err(Skip::NestedTooDeep)
}

/// Reads one IP header with its extensions.
fn datagram(bytes: &[u8], missing: usize) -> Result<Datagram<'_>, Skip> {
    let cut = Skip::Truncated { layer: Layer::Ip };
    match bytes.first().ok_or(cut)? >> 4 {
        4 => ipv4(bytes, missing),
        6 => ipv6(bytes, missing),
        _ => Err(Skip::Malformed { layer: Layer::Ip }),
    }
}

fn ipv4(bytes: &[u8], missing: usize) -> Result<Datagram<'_>, Skip> {
    let (ip, stopped) = LaxIpv4Slice::from_slice(bytes).map_err(|error| match error {
        err::ipv4::HeaderSliceError::Len(_) => Skip::Truncated { layer: Layer::Ip },
        err::ipv4::HeaderSliceError::Content(_) => Skip::Malformed { layer: Layer::Ip },
    })?;
    if ip.is_payload_fragmented() {
        return Err(Skip::IpFragment);
    }
    if stopped.is_some() {
        return Err(Skip::Truncated {
            layer: Layer::IpExtension,
        });
    }
    let header = ip.header();
    let payload = ip.payload().payload;
    let headers_len = offset_in(bytes, payload);
    let total_len = match header.total_len() {
        // Segmentation offload: the card fills the length in after the capture.
        0 => bytes.len().saturating_add(missing),
        total_len => usize::from(total_len),
    };
    Ok(Datagram {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        id: Some(header.identification()),
        protocol: ip.payload_ip_number().0,
        payload,
        payload_len: total_len
            .checked_sub(headers_len)
            .ok_or(Skip::Malformed { layer: Layer::Ip })?,
    })
}

fn ipv6(bytes: &[u8], missing: usize) -> Result<Datagram<'_>, Skip> {
    let (ip, stopped) = LaxIpv6Slice::from_slice(bytes).map_err(|error| match error {
        err::ipv6::HeaderSliceError::Len(_) => Skip::Truncated { layer: Layer::Ip },
        err::ipv6::HeaderSliceError::Content(_) => Skip::Malformed { layer: Layer::Ip },
    })?;
    if ip.is_payload_fragmented() {
        return Err(Skip::IpFragment);
    }
    let layer = Layer::IpExtension;
    match stopped {
        Some((err::ipv6_exts::HeaderSliceError::Len(_), _)) => {
            return Err(Skip::Truncated { layer });
        }
        Some((err::ipv6_exts::HeaderSliceError::Content(_), _)) => {
            return Err(Skip::Malformed { layer });
        }
        None => {}
    }
    let header = ip.header();
    let payload = ip.payload().payload;
    let headers_len = offset_in(bytes, payload);
    let total_len = match header.payload_length() {
        // Segmentation offload, or a jumbogram (RFC 2675), whose length is then in an option.
        0 => bytes.len().saturating_add(missing),
        payload_len => usize::from(payload_len).saturating_add(40),
    };
    Ok(Datagram {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        id: None,
        protocol: ip.payload().ip_number.0,
        payload,
        payload_len: total_len
            .checked_sub(headers_len)
            .ok_or(Skip::Malformed { layer: Layer::Ip })?,
    })
}

fn tcp<'a>(datagram: &Datagram<'a>, offset: usize) -> Result<Segment<'a>, Skip> {
    let layer = Layer::Tcp;
    let tcp = TcpHeader::decode(datagram.payload).map_err(|error| match error {
        TcpHeaderError::TooShort { .. } => Skip::Truncated { layer },
        TcpHeaderError::DataOffset { .. } => Skip::Malformed { layer },
    })?;
    let payload_len = datagram
        .payload_len
        .checked_sub(tcp.header_len)
        .ok_or(Skip::Malformed { layer })?;
    let payload = datagram.payload.get(tcp.header_len..).unwrap_or_default();
    Ok(Segment {
        source: SocketAddr::new(datagram.source, tcp.source_port),
        destination: SocketAddr::new(datagram.destination, tcp.destination_port),
        ip_id: datagram.id,
        payload,
        payload_len,
        payload_offset: offset + tcp.header_len.min(datagram.payload.len()),
        tcp,
    })
}

/// GRE: flags and version (2), protocol (2), then what the flags announce. Source: RFC 2784 §2, RFC 2890 §2; version 1
/// is the one of PPTP, RFC 2637 §4.1.
fn gre(bytes: &[u8], offset: usize, nesting: usize) -> Result<IpStart, Skip> {
    const CHECKSUM: u16 = 0x8000;
    const ROUTING: u16 = 0x4000;
    const KEY: u16 = 0x2000;
    const SEQUENCE: u16 = 0x1000;
    const ACKNOWLEDGMENT: u16 = 0x0080;
    let layer = Layer::Tunnel;
    let flags = u16_at(bytes, offset, layer)?;
    let protocol = u16_at(bytes, offset.saturating_add(2), layer)?;
    let version = flags & 0x0007;
    if version > 1 {
        return Err(Skip::Malformed { layer });
    }
    let mut len = 4;
    if flags & (CHECKSUM | ROUTING) != 0 {
        len += 4;
    }
    if flags & KEY != 0 {
        len += 4;
    }
    if flags & SEQUENCE != 0 {
        len += 4;
    }
    if version == 1 && flags & ACKNOWLEDGMENT != 0 {
        len += 4;
    }
    from_ether_type(protocol, bytes, offset.saturating_add(len), nesting)
}

/// VXLAN: UDP (8), flags (1) with the I bit, reserved (3), network id (3), reserved (1), Ethernet. Source: RFC 7348 §5.
fn vxlan(bytes: &[u8], offset: usize, nesting: usize) -> Result<IpStart, Skip> {
    let port = u16_at(bytes, offset.saturating_add(2), Layer::Tunnel).map_err(|_| Skip::Udp)?;
    let flags = bytes.get(offset.saturating_add(8)).copied();
    if !VXLAN_PORTS.contains(&port) || flags != Some(0x08) {
        return Err(Skip::Udp);
    }
    ethernet(bytes, offset.saturating_add(16), nesting)
}

/// Where `part` begins in `whole`, of which it is a slice.
fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr()
        .addr()
        .saturating_sub(whole.as_ptr().addr())
        .min(whole.len())
}
