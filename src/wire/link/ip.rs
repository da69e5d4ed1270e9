//! From an IP header to the TCP segment it carries, through extension headers and tunnels.

use std::net::{IpAddr, SocketAddr};

use etherparse::{LaxIpv4Slice, LaxIpv6Slice, err};

use super::network::{IpStart, ethernet, from_ether_type, u16_at};
use super::{Contents, Fragment, Joined, Layer, MAX_NESTING, Segment, Skip};
use crate::wire::tcp::{TcpHeader, TcpHeaderError};

/// IP protocol numbers, from the IANA registry.
mod protocol {
    pub(super) const HOP_BY_HOP: u8 = 0;
    pub(super) const ICMP: u8 = 1;
    pub(super) const IPV4: u8 = 4;
    pub(super) const TCP: u8 = 6;
    pub(super) const UDP: u8 = 17;
    pub(super) const IPV6: u8 = 41;
    pub(super) const ROUTING: u8 = 43;
    pub(super) const IPV6_FRAGMENT: u8 = 44;
    pub(super) const GRE: u8 = 47;
    pub(super) const AUTHENTICATION: u8 = 51;
    pub(super) const ICMPV6: u8 = 58;
    pub(super) const DESTINATION_OPTIONS: u8 = 60;
}

/// Ports that VXLAN is sent to: IANA's, and the one Linux used before it was assigned. Source: RFC 7348 §5.
const VXLAN_PORTS: [u16; 2] = [4789, 8472];

/// Length of the IPv6 header without extensions.
const IPV6_HEADER_LEN: usize = 40;

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

/// An IP packet that goes on as one, or one of several.
enum Packet<'a> {
    Whole(Datagram<'a>),
    Part(Fragment<'a>),
}

/// Reads IP headers from `start` on until TCP or a fragment comes.
///
/// `missing` is how many bytes of the packet the capture cut off.
pub(super) fn contents<'a>(
    packet: &'a [u8],
    start: IpStart,
    missing: usize,
) -> Result<Contents<'a>, Skip> {
    if start.nesting >= MAX_NESTING {
        return Err(Skip::NestedTooDeep);
    }
    let rest = packet.get(start.offset..).unwrap_or_default();
    match datagram(rest, missing)? {
        Packet::Whole(datagram) => inside(packet, datagram, start.nesting),
        Packet::Part(fragment) => Ok(part(packet, fragment)),
    }
}

/// Goes on in what fragments made up, as if it had come in one packet.
pub(super) fn joined<'a>(joined: &Joined<'a>) -> Result<Contents<'a>, Skip> {
    let mut datagram = Datagram {
        source: joined.source,
        destination: joined.destination,
        id: joined
            .source
            .is_ipv4()
            .then(|| u16::try_from(joined.id).ok())
            .flatten(),
        protocol: joined.protocol,
        payload: joined.payload,
        payload_len: joined.payload_len,
    };
    // RFC 8200 §4.5: extension headers for the receiver alone lie in the fragmentable part.
    while let Some(len) = extension_len(datagram.protocol, datagram.payload) {
        let layer = Layer::IpExtension;
        let len = len.ok_or(Skip::Truncated { layer })?;
        datagram.protocol = *datagram.payload.first().ok_or(Skip::Truncated { layer })?;
        datagram.payload = datagram
            .payload
            .get(len..)
            .ok_or(Skip::Truncated { layer })?;
        datagram.payload_len = datagram
            .payload_len
            .checked_sub(len)
            .ok_or(Skip::Malformed { layer })?;
    }
    inside(joined.payload, datagram, 0)
}

/// Opens tunnels until TCP or a fragment comes.
fn inside<'a>(
    packet: &'a [u8],
    mut outer: Datagram<'a>,
    mut nesting: usize,
) -> Result<Contents<'a>, Skip> {
    loop {
        let offset = offset_in(packet, outer.payload);
        let missing = outer.payload_len.saturating_sub(outer.payload.len());
        // Ends where the IP packet ends, so that padding never becomes payload.
        let bytes = packet.get(..offset + outer.payload.len()).unwrap_or(packet);
        nesting += 1;
        let start = match outer.protocol {
            protocol::TCP => return tcp(&outer, offset).map(Contents::Segment),
            protocol::IPV4 | protocol::IPV6 => IpStart { offset, nesting },
            protocol::GRE => gre(bytes, offset, nesting)?,
            protocol::UDP => vxlan(bytes, offset, nesting)?,
            protocol::ICMP | protocol::ICMPV6 => return Err(Skip::Icmp),
            protocol => return Err(Skip::NotTcp { protocol }),
        };
        if start.nesting >= MAX_NESTING {
            return Err(Skip::NestedTooDeep);
        }
        nesting = start.nesting;
        match datagram(bytes.get(start.offset..).unwrap_or_default(), missing)? {
            Packet::Whole(inner) => outer = inner,
            Packet::Part(fragment) => return Ok(part(packet, fragment)),
        }
    }
}

/// A fragment with its place in the packet.
fn part<'a>(packet: &'a [u8], fragment: Fragment<'a>) -> Contents<'a> {
    Contents::Fragment(Fragment {
        payload_offset: offset_in(packet, fragment.payload),
        ..fragment
    })
}

/// Reads one IP header with its extensions.
fn datagram(bytes: &[u8], missing: usize) -> Result<Packet<'_>, Skip> {
    let cut = Skip::Truncated { layer: Layer::Ip };
    match bytes.first().ok_or(cut)? >> 4 {
        4 => ipv4(bytes, missing),
        6 => ipv6(bytes, missing),
        _ => Err(Skip::Malformed { layer: Layer::Ip }),
    }
}

fn ipv4(bytes: &[u8], missing: usize) -> Result<Packet<'_>, Skip> {
    let (ip, stopped) = LaxIpv4Slice::from_slice(bytes).map_err(|error| match error {
        err::ipv4::HeaderSliceError::Len(_) => Skip::Truncated { layer: Layer::Ip },
        err::ipv4::HeaderSliceError::Content(_) => Skip::Malformed { layer: Layer::Ip },
    })?;
    let header = ip.header();
    let total_len = match header.total_len() {
        // Segmentation offload: the card fills the length in after the capture.
        0 => bytes.len().saturating_add(missing),
        total_len => usize::from(total_len),
    };
    let payload_len = |headers_len| {
        total_len
            .checked_sub(headers_len)
            .ok_or(Skip::Malformed { layer: Layer::Ip })
    };
    if header.is_fragmenting_payload() {
        let header_len = header.slice().len();
        return Ok(Packet::Part(Fragment {
            source: header.source_addr().into(),
            destination: header.destination_addr().into(),
            id: header.identification().into(),
            protocol: header.protocol().0,
            offset: usize::from(header.fragments_offset().value()) * 8,
            more: header.more_fragments(),
            payload: bytes
                .get(header_len..total_len.min(bytes.len()))
                .unwrap_or_default(),
            payload_len: payload_len(header_len)?,
            payload_offset: 0,
        }));
    }
    if stopped.is_some() {
        return Err(Skip::Truncated {
            layer: Layer::IpExtension,
        });
    }
    let payload = ip.payload().payload;
    Ok(Packet::Whole(Datagram {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
        id: Some(header.identification()),
        protocol: ip.payload_ip_number().0,
        payload,
        payload_len: payload_len(offset_in(bytes, payload))?,
    }))
}

fn ipv6(bytes: &[u8], missing: usize) -> Result<Packet<'_>, Skip> {
    let (ip, stopped) = LaxIpv6Slice::from_slice(bytes).map_err(|error| match error {
        err::ipv6::HeaderSliceError::Len(_) => Skip::Truncated { layer: Layer::Ip },
        err::ipv6::HeaderSliceError::Content(_) => Skip::Malformed { layer: Layer::Ip },
    })?;
    let header = ip.header();
    let (source, destination) = (
        header.source_addr().into(),
        header.destination_addr().into(),
    );
    let total_len = match header.payload_length() {
        // Segmentation offload, or a jumbogram (RFC 2675), whose length is then in an option.
        0 => bytes.len().saturating_add(missing),
        payload_len => usize::from(payload_len).saturating_add(IPV6_HEADER_LEN),
    };
    if ip.is_payload_fragmented() {
        let bytes = bytes.get(..total_len).unwrap_or(bytes);
        return ipv6_fragment(bytes, header.next_header().0, total_len).map(|fragment| {
            Packet::Part(Fragment {
                source,
                destination,
                ..fragment
            })
        });
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
    let payload = ip.payload().payload;
    Ok(Packet::Whole(Datagram {
        source,
        destination,
        id: None,
        protocol: ip.payload().ip_number.0,
        payload,
        payload_len: total_len
            .checked_sub(offset_in(bytes, payload))
            .ok_or(Skip::Malformed { layer: Layer::Ip })?,
    }))
}

/// Walks to the fragment header; addresses are filled in by the caller.
///
/// ```text
/// next header (1), reserved (1), offset (13 bits), reserved (2 bits), M (1 bit), identification (4)
/// ```
///
/// Source: RFC 8200 §4.5.
fn ipv6_fragment(bytes: &[u8], first: u8, total_len: usize) -> Result<Fragment<'_>, Skip> {
    let layer = Layer::IpExtension;
    let cut = Skip::Truncated { layer };
    let mut protocol = first;
    let mut at = IPV6_HEADER_LEN;
    // Each header takes at least eight bytes, so this ends.
    while protocol != protocol::IPV6_FRAGMENT {
        let rest = bytes.get(at..).ok_or(cut)?;
        let len = extension_len(protocol, rest).ok_or(Skip::Malformed { layer })?;
        protocol = *rest.first().ok_or(cut)?;
        at = at.saturating_add(len.ok_or(cut)?);
    }
    let &[next, _, high, low, id0, id1, id2, id3] = bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk::<8>())
        .ok_or(cut)?;
    let offset_and_flags = u16::from_be_bytes([high, low]);
    let start = at + 8;
    Ok(Fragment {
        source: IpAddr::from([0; 16]),
        destination: IpAddr::from([0; 16]),
        id: u32::from_be_bytes([id0, id1, id2, id3]),
        protocol: next,
        offset: usize::from(offset_and_flags & 0xfff8),
        more: offset_and_flags & 1 != 0,
        payload: bytes.get(start..).unwrap_or_default(),
        payload_len: total_len
            .checked_sub(start)
            .ok_or(Skip::Malformed { layer })?,
        payload_offset: 0,
    })
}

/// The length of an IPv6 extension header, or `None` when `protocol` is none that may lie before or behind a fragment
/// header. `Some(None)` when it is cut. Source: RFC 8200 §4.3 to §4.6, RFC 4302 §2.2 (authentication).
fn extension_len(protocol: u8, bytes: &[u8]) -> Option<Option<usize>> {
    let len = bytes.get(1).copied().map(usize::from);
    match protocol {
        protocol::HOP_BY_HOP | protocol::ROUTING | protocol::DESTINATION_OPTIONS => {
            Some(len.map(|len| (len + 1) * 8))
        }
        protocol::AUTHENTICATION => Some(len.map(|len| (len + 2) * 4)),
        _ => None,
    }
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
