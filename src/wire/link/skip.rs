//! Why a packet holds nothing for us.

use super::LinkType;

/// The header that was being read when a packet turned out too short or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// The header of the link itself.
    Link,
    /// A VLAN tag, MPLS label, PPPoE or PPP header.
    Tag,
    /// The IPv4 or IPv6 header.
    Ip,
    /// An IPv6 extension header or the authentication header.
    IpExtension,
    /// A header that wraps a whole packet: GRE or VXLAN.
    Tunnel,
    /// The TCP header.
    Tcp,
}

impl Layer {
    /// What to call it in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Tag => "tag",
            Self::Ip => "IP",
            Self::IpExtension => "IP extension",
            Self::Tunnel => "tunnel",
            Self::Tcp => "TCP",
        }
    }
}

/// Why [`segment`](super::segment) found no TCP segment in a packet. Shown as one plain sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Skip {
    /// The link carries a protocol that is neither IP nor ARP.
    #[error("the packet carries the protocol 0x{ether_type:04x}, not IP")]
    NotIp {
        /// EtherType, PPP protocol or address family, as the link gives it; below 0x0600 an IEEE 802.3 length.
        ether_type: u16,
    },
    /// Address resolution.
    #[error("ARP asks for hardware addresses and carries no data")]
    Arp,
    /// A UDP datagram (HTTP/3 and QUIC too).
    #[error("UDP is not read")]
    Udp,
    /// ICMP or ICMPv6.
    #[error("ICMP carries messages about the network, not data")]
    Icmp,
    /// Another protocol over IP.
    #[error("the IP packet carries protocol {protocol}, not TCP")]
    NotTcp {
        /// The IP protocol number.
        protocol: u8,
    },
    /// Part of a fragmented IP packet.
    #[error("the packet is one fragment of a larger IP packet")]
    IpFragment,
    /// The captured bytes end inside a header.
    #[error("the captured bytes end inside the {} header", layer.name())]
    Truncated {
        /// Which header was cut.
        layer: Layer,
    },
    /// A link whose headers we do not know.
    #[error("packets of {link_type} cannot be read")]
    UnsupportedLinkType {
        /// The link type of the packet.
        link_type: LinkType,
    },
    /// A header that contradicts itself.
    #[error("the {} header contradicts itself", layer.name())]
    Malformed {
        /// Which header is wrong.
        layer: Layer,
    },
    /// More headers inside each other than [`MAX_NESTING`](super::MAX_NESTING).
    #[error("more than {} headers are nested in the packet", super::MAX_NESTING)]
    NestedTooDeep,
    /// The capture has more connections than are told apart.
    #[error("the capture has too many connections before this one")]
    TooManyConnections,
}

impl Skip {
    /// A stable kebab-case name, the `skipped` of the command line's rows.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotIp { .. } => "not-ip",
            Self::Arp => "arp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
            Self::NotTcp { .. } => "not-tcp",
            Self::IpFragment => "ip-fragment",
            Self::Truncated { .. } => "truncated",
            Self::UnsupportedLinkType { .. } => "unsupported-link-type",
            Self::Malformed { .. } => "malformed",
            Self::NestedTooDeep => "nested-too-deep",
            Self::TooManyConnections => "too-many-connections",
        }
    }
}
