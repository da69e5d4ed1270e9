//! From the first byte of a packet to its IP header: the headers of links, tags and labels.

use super::{Layer, LinkType, MAX_NESTING, Skip};

/// Where an IP header begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct IpStart {
    /// Counted from the first byte of the packet.
    pub(super) offset: usize,
    /// Headers opened so far, against [`MAX_NESTING`].
    pub(super) nesting: usize,
}

/// EtherTypes, from the IEEE registry.
mod ether_type {
    pub(super) const IPV4: u16 = 0x0800;
    pub(super) const ARP: u16 = 0x0806;
    pub(super) const TRANSPARENT_ETHERNET: u16 = 0x6558;
    pub(super) const VLAN: u16 = 0x8100;
    pub(super) const IPV6: u16 = 0x86dd;
    pub(super) const PPP: u16 = 0x880b;
    pub(super) const MPLS: u16 = 0x8847;
    pub(super) const MPLS_MULTICAST: u16 = 0x8848;
    pub(super) const PPPOE_SESSION: u16 = 0x8864;
    pub(super) const PROVIDER_BRIDGE: u16 = 0x88a8;
    pub(super) const OLD_QINQ: u16 = 0x9100;
    pub(super) const OLD_QINQ_2: u16 = 0x9200;
    /// Below this the field is the length of an IEEE 802.3 frame, and LLC follows.
    pub(super) const SMALLEST: u16 = 0x0600;
}

/// Finds the IP header of a packet.
pub(super) fn network(link_type: LinkType, bytes: &[u8]) -> Result<IpStart, Skip> {
    match link_type {
        LinkType::ETHERNET => ethernet(bytes, 0, 0),
        LinkType::RAW
        | LinkType::DLT_RAW
        | LinkType::DLT_RAW_OPENBSD
        | LinkType::IPV4
        | LinkType::IPV6 => Ok(IpStart {
            offset: 0,
            nesting: 0,
        }),
        LinkType::NULL | LinkType::LOOP => loopback(link_type, bytes),
        LinkType::LINUX_SLL => {
            // type (2), ARPHRD (2), address length (2), address (8), protocol (2)
            let protocol = u16_at(bytes, 14, Layer::Link)?;
            from_ether_type(protocol, bytes, 16, 0)
        }
        LinkType::LINUX_SLL2 => {
            // protocol (2), reserved (2), interface (4), ARPHRD (2), type (1), address length (1), address (8)
            let protocol = u16_at(bytes, 0, Layer::Link)?;
            from_ether_type(protocol, bytes, 20, 0)
        }
        LinkType::PPP | LinkType::PPP_HDLC => ppp(bytes, 0, 0),
        LinkType::PPP_ETHER => pppoe(bytes, 0, 0),
        _ => Err(Skip::UnsupportedLinkType { link_type }),
    }
}

/// An Ethernet header: two addresses of six bytes, then the EtherType.
pub(super) fn ethernet(bytes: &[u8], offset: usize, nesting: usize) -> Result<IpStart, Skip> {
    let protocol = u16_at(bytes, offset.saturating_add(12), Layer::Link)?;
    from_ether_type(protocol, bytes, offset.saturating_add(14), nesting)
}

/// Opens tags, labels and the like until an IP header comes. `offset` is right behind the EtherType.
pub(super) fn from_ether_type(
    mut protocol: u16,
    bytes: &[u8],
    mut offset: usize,
    nesting: usize,
) -> Result<IpStart, Skip> {
    for nesting in nesting..MAX_NESTING {
        match protocol {
            ether_type::IPV4 | ether_type::IPV6 => return Ok(IpStart { offset, nesting }),
            ether_type::VLAN
            | ether_type::PROVIDER_BRIDGE
            | ether_type::OLD_QINQ
            | ether_type::OLD_QINQ_2 => {
                // priority and VLAN id (2), EtherType (2). Source: IEEE 802.1Q §9.6.
                protocol = u16_at(bytes, offset.saturating_add(2), Layer::Tag)?;
                offset = offset.saturating_add(4);
            }
            ether_type::MPLS | ether_type::MPLS_MULTICAST => {
                return mpls(bytes, offset, nesting + 1);
            }
            ether_type::PPPOE_SESSION => return pppoe(bytes, offset, nesting + 1),
            ether_type::PPP => return ppp(bytes, offset, nesting + 1),
            ether_type::TRANSPARENT_ETHERNET => return ethernet(bytes, offset, nesting + 1),
            ether_type::ARP => return Err(Skip::Arp),
            length if length < ether_type::SMALLEST => {
                // LLC with SNAP: aa aa 03, organisation 00 00 00, EtherType. Source: RFC 1042.
                match bytes.get(offset..offset.saturating_add(6)) {
                    Some([0xaa, 0xaa, 0x03, 0, 0, 0]) => {
                        protocol = u16_at(bytes, offset.saturating_add(6), Layer::Link)?;
                        offset = offset.saturating_add(8);
                    }
                    _ => return Err(Skip::NotIp { ether_type: length }),
                }
            }
            ether_type => return Err(Skip::NotIp { ether_type }),
        }
    }
    Err(Skip::NestedTooDeep)
}

/// The address family of BSD loopback. `LOOP` writes it in network order, `NULL` in that of the machine that captured.
///
/// Source: the `AF_INET` and `AF_INET6` of the BSDs, macOS and Linux.
fn loopback(link_type: LinkType, bytes: &[u8]) -> Result<IpStart, Skip> {
    let Some(&field) = bytes.first_chunk::<4>() else {
        return Err(Skip::Truncated { layer: Layer::Link });
    };
    let big = u32::from_be_bytes(field);
    // Families are small numbers, so a large one was written in the other order.
    let family = if link_type == LinkType::NULL && big > 0xffff {
        big.swap_bytes()
    } else {
        big
    };
    match family {
        2 | 10 | 24 | 28 | 30 => Ok(IpStart {
            offset: 4,
            nesting: 0,
        }),
        other => Err(Skip::NotIp {
            ether_type: u16::try_from(other).unwrap_or(u16::MAX),
        }),
    }
}

/// PPP: address and control (`ff 03`) may be there, the protocol may be one byte. Source: RFC 1661 §2, RFC 1662 §3.1.
fn ppp(bytes: &[u8], offset: usize, nesting: usize) -> Result<IpStart, Skip> {
    let mut rest = bytes.get(offset..).unwrap_or_default();
    if let [0xff, 0x03, after @ ..] = rest {
        rest = after;
    }
    let (protocol, rest) = match *rest {
        // An odd first byte is a compressed protocol field. Source: RFC 1661 §6.5.
        [one, ref after @ ..] if one & 1 == 1 => (u16::from(one), after),
        [high, low, ref after @ ..] => (u16::from_be_bytes([high, low]), after),
        _ => return Err(Skip::Truncated { layer: Layer::Tag }),
    };
    let offset = bytes.len() - rest.len();
    match protocol {
        0x0021 => from_ether_type(ether_type::IPV4, bytes, offset, nesting),
        0x0057 => from_ether_type(ether_type::IPV6, bytes, offset, nesting),
        0x0281 => from_ether_type(ether_type::MPLS, bytes, offset, nesting),
        protocol => Err(Skip::NotIp {
            ether_type: protocol,
        }),
    }
}

/// A PPPoE session header: version and type (1), code (1), session (2), length (2). Source: RFC 2516 §4.
fn pppoe(bytes: &[u8], offset: usize, nesting: usize) -> Result<IpStart, Skip> {
    let code = bytes
        .get(offset.saturating_add(1))
        .ok_or(Skip::Truncated { layer: Layer::Tag })?;
    if *code != 0 {
        return Err(Skip::NotIp {
            ether_type: ether_type::PPPOE_SESSION,
        });
    }
    ppp(bytes, offset.saturating_add(6), nesting)
}

/// A stack of MPLS labels of four bytes; the last has the lowest bit of its third byte set. Source: RFC 3032 §2.1.
///
/// What follows is not said: IP by its version, or (RFC 4385 §3) a control word and an Ethernet frame.
fn mpls(bytes: &[u8], mut offset: usize, nesting: usize) -> Result<IpStart, Skip> {
    for nesting in nesting..MAX_NESTING {
        let cut = Skip::Truncated { layer: Layer::Tag };
        let third = *bytes.get(offset.saturating_add(2)).ok_or(cut)?;
        offset = offset.saturating_add(4);
        if third & 1 == 1 {
            return match bytes.get(offset).ok_or(cut)? >> 4 {
                4 | 6 => Ok(IpStart { offset, nesting }),
                0 => ethernet(bytes, offset.saturating_add(4), nesting + 1),
                _ => Err(Skip::NotIp {
                    ether_type: ether_type::MPLS,
                }),
            };
        }
    }
    Err(Skip::NestedTooDeep)
}

/// A number in network order.
pub(super) fn u16_at(bytes: &[u8], offset: usize, layer: Layer) -> Result<u16, Skip> {
    bytes
        .get(offset..)
        .and_then(|rest| rest.first_chunk::<2>())
        .map(|&field| u16::from_be_bytes(field))
        .ok_or(Skip::Truncated { layer })
}
