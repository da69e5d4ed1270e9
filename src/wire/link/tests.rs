use std::net::SocketAddr;

use etherparse::PacketBuilder;
use proptest::prelude::*;

use super::*;

const CLIENT: [u8; 4] = [10, 0, 0, 1];
const SERVER: [u8; 4] = [10, 0, 0, 2];

/// An IPv4 packet with one TCP segment: 20 bytes each, then the payload.
fn ipv4(payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    PacketBuilder::ipv4(CLIENT, SERVER, 64)
        .tcp(50000, 8080, 1000, 65535)
        .ack(77)
        .write(&mut packet, payload)
        .unwrap();
    packet
}

fn ipv6(payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    PacketBuilder::ipv6([1; 16], [2; 16], 64)
        .tcp(50000, 8080, 1000, 65535)
        .write(&mut packet, payload)
        .unwrap();
    packet
}

fn with(prefix: &[u8], packet: &[u8]) -> Vec<u8> {
    [prefix, packet].concat()
}

/// Twelve bytes of addresses.
const ADDRESSES: [u8; 12] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];

fn ethernet_with(tags: &[u8], packet: &[u8]) -> Vec<u8> {
    [&ADDRESSES, tags, packet].concat()
}

fn read(link_type: LinkType, bytes: &[u8]) -> Result<Segment<'_>, Skip> {
    segment(link_type, bytes, u32::try_from(bytes.len()).unwrap())
}

/// Every way of wrapping an IP packet that we read, with the length of the wrapping.
#[test]
fn every_link_leads_to_the_same_segment() {
    let cases: &[(&str, LinkType, &[u8])] = &[
        ("raw", LinkType::RAW, &[]),
        ("DLT_RAW", LinkType::DLT_RAW, &[]),
        ("raw IPv4", LinkType::IPV4, &[]),
        ("null, little endian", LinkType::NULL, &[2, 0, 0, 0]),
        ("null, big endian", LinkType::NULL, &[0, 0, 0, 2]),
        ("loop", LinkType::LOOP, &[0, 0, 0, 2]),
        (
            "cooked v1",
            LinkType::LINUX_SLL,
            &[0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0x00],
        ),
        (
            "cooked v2",
            LinkType::LINUX_SLL2,
            &[
                0x08, 0x00, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0,
            ],
        ),
        ("PPP", LinkType::PPP, &[0xff, 0x03, 0x00, 0x21]),
        ("PPP without address", LinkType::PPP, &[0x00, 0x21]),
        ("PPP, short protocol", LinkType::PPP, &[0x21]),
        (
            "PPPoE",
            LinkType::PPP_ETHER,
            &[0x11, 0x00, 0, 1, 0, 44, 0x00, 0x21],
        ),
    ];
    let ip = ipv4(b"hi");
    for (name, link_type, prefix) in cases {
        let packet = with(prefix, &ip);
        let segment = read(*link_type, &packet).unwrap_or_else(|skip| panic!("{name}: {skip}"));
        assert_eq!(segment.payload, b"hi", "{name}");
        assert_eq!(segment.payload_len, 2, "{name}");
        assert_eq!(segment.payload_offset, prefix.len() + 40, "{name}");
        assert_eq!(segment.source, SocketAddr::from((CLIENT, 50000)), "{name}");
        assert_eq!(
            segment.destination,
            SocketAddr::from((SERVER, 8080)),
            "{name}"
        );
        assert_eq!(segment.tcp.sequence, 1000, "{name}");
        assert_eq!(segment.tcp.acknowledgment, 77, "{name}");
    }
}

#[test]
fn ethernet_tags_labels_and_tunnels_are_opened() {
    let ip = ipv4(b"hi");
    let outer_len = u16::try_from(20 + 8 + 8 + 14 + ip.len()).unwrap();
    let mut vxlan = Vec::new();
    PacketBuilder::ipv4([172, 16, 0, 1], [172, 16, 0, 2], 64)
        .udp(40000, 4789)
        .write(
            &mut vxlan,
            &[
                &[0x08, 0, 0, 0, 0, 0, 5, 0][..], // VXLAN, network 5
                &ADDRESSES,
                &[0x08, 0x00],
                &ip,
            ]
            .concat(),
        )
        .unwrap();
    assert_eq!(vxlan.len(), usize::from(outer_len));
    let mut gre = vec![
        0x45, 0, 0, 0, 0, 1, 0, 0, 64, 47, 0, 0, 172, 16, 0, 1, 172, 16, 0, 2, // IPv4, GRE
        0x20, 0x00, 0x08, 0x00, // key, IPv4
        0, 0, 0, 9, // the key
    ];
    gre[3] = u8::try_from(gre.len() + ip.len()).unwrap();
    gre.extend(&ip);
    let mut ip_in_ip = vec![
        0x45, 0, 0, 0, 0, 1, 0, 0, 64, 4, 0, 0, 172, 16, 0, 1, 172, 16, 0, 2,
    ];
    ip_in_ip[3] = u8::try_from(ip_in_ip.len() + ip.len()).unwrap();
    ip_in_ip.extend(&ip);
    let cases: &[(&str, &[u8], &[u8])] = &[
        ("plain", &[0x08, 0x00], &ip),
        ("802.1Q", &[0x81, 0x00, 0x00, 0x05, 0x08, 0x00], &ip),
        (
            "QinQ",
            &[0x88, 0xa8, 0, 7, 0x81, 0x00, 0, 5, 0x08, 0x00],
            &ip,
        ),
        ("MPLS", &[0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64], &ip),
        (
            "PPPoE",
            &[0x88, 0x64, 0x11, 0, 0, 1, 0, 44, 0x00, 0x21],
            &ip,
        ),
        (
            "802.3 with SNAP",
            &[0x00, 0x32, 0xaa, 0xaa, 3, 0, 0, 0, 0x08, 0x00],
            &ip,
        ),
        ("VXLAN", &[0x08, 0x00], &vxlan),
        ("GRE", &[0x08, 0x00], &gre),
        ("IP in IP", &[0x08, 0x00], &ip_in_ip),
    ];
    for (name, tags, ip) in cases {
        let packet = ethernet_with(tags, ip);
        let segment =
            read(LinkType::ETHERNET, &packet).unwrap_or_else(|skip| panic!("{name}: {skip}"));
        assert_eq!(segment.payload, b"hi", "{name}");
        assert_eq!(segment.payload_offset, packet.len() - 2, "{name}");
        assert_eq!(segment.source, SocketAddr::from((CLIENT, 50000)), "{name}");
    }
}

/// tshark reads these bytes the same way, down to addresses, ports, sequence number and length.
#[test]
fn rarer_wrappings_are_opened_and_may_be_cut_anywhere() {
    let (v4, v6) = (ipv4(b"hi"), ipv6(b"hi"));
    let outer = |protocol: u8, inside: &[u8]| {
        let mut packet = vec![
            0x45, 0, 0, 0, 0, 1, 0, 0, 64, protocol, 0, 0, 172, 16, 0, 1, 172, 16, 0, 2,
        ];
        packet.extend(inside);
        packet[3] = u8::try_from(packet.len()).unwrap(); // total length
        packet
    };
    let bridged = [&[0, 0, 0x65, 0x58][..], &ethernet_with(&[0x08, 0x00], &v4)].concat();
    let cases: Vec<(&str, LinkType, Vec<u8>)> = vec![
        (
            "null of macOS, IPv6",
            LinkType::NULL,
            with(&[30, 0, 0, 0], &v6),
        ),
        (
            "null of FreeBSD, IPv6",
            LinkType::NULL,
            with(&[0, 0, 0, 28], &v6),
        ),
        (
            "QinQ as it was",
            LinkType::ETHERNET,
            ethernet_with(&[0x91, 0, 0, 7, 0x81, 0, 0, 5, 8, 0], &v4),
        ),
        (
            "Ethernet in MPLS",
            LinkType::ETHERNET,
            [
                &ethernet_with(&[0x88, 0x47, 0, 1, 1, 64, 0, 0, 0, 0], &[])[..],
                &ethernet_with(&[8, 0], &v4),
            ]
            .concat(),
        ),
        ("Ethernet in GRE", LinkType::RAW, outer(47, &bridged)),
        ("IPv6 in IPv4", LinkType::RAW, outer(41, &v6)),
        (
            "IPv6 in PPPoE",
            LinkType::ETHERNET,
            ethernet_with(&[0x88, 0x64, 0x11, 0, 0, 1, 0, 64, 0x00, 0x57], &v6),
        ),
    ];
    for (name, link_type, packet) in cases {
        let whole = read(link_type, &packet).unwrap_or_else(|skip| panic!("{name}: {skip}"));
        assert_eq!(whole.payload, b"hi", "{name}");
        assert_eq!(whole.tcp.sequence, 1000, "{name}");
        assert_eq!(whole.payload_offset, packet.len() - 2, "{name}");
        let len = u32::try_from(packet.len()).unwrap();
        for cut in 0..packet.len() {
            match segment(link_type, &packet[..cut], len) {
                Ok(segment) => {
                    assert!(cut >= packet.len() - 2, "{name}, {cut}");
                    assert_eq!(segment.payload_len, 2, "{name}, {cut}");
                }
                Err(skip) => assert!(cut < packet.len() - 2, "{name}, {cut}: {skip}"),
            }
        }
    }
}

#[test]
fn padding_of_a_short_ethernet_frame_is_not_payload() {
    let mut packet = ethernet_with(&[0x08, 0x00], &ipv4(b""));
    packet.resize(60, 0xee);
    let segment = read(LinkType::ETHERNET, &packet).unwrap();
    assert_eq!(segment.payload, b"");
    assert_eq!(segment.payload_len, 0);
    assert_eq!(segment.payload_offset, 54);
}

#[test]
fn a_packet_cut_by_the_snapshot_length_keeps_its_true_length() {
    for ip in [ipv4(&[7; 1000]), ipv6(&[7; 1000])] {
        let headers = ip.len() - 1000;
        for cut in [headers, headers + 1, headers + 999] {
            let segment =
                segment(LinkType::RAW, &ip[..cut], u32::try_from(ip.len()).unwrap()).unwrap();
            assert_eq!(segment.payload.len(), cut - headers);
            assert_eq!(segment.payload_len, 1000);
        }
        assert_eq!(
            read(LinkType::RAW, &ip[..headers - 1]),
            Err(Skip::Truncated { layer: Layer::Tcp })
        );
    }
}

#[test]
fn zero_ip_length_from_segmentation_offload_means_the_rest_of_the_packet() {
    let mut v4 = ipv4(&[7; 1000]);
    v4[2..4].fill(0); // total length
    let mut v6 = ipv6(&[7; 1000]);
    v6[4..6].fill(0); // payload length
    for packet in [v4, v6] {
        assert_eq!(read(LinkType::RAW, &packet).unwrap().payload.len(), 1000);
        let long = u32::try_from(packet.len() + 5).unwrap();
        let segment = segment(LinkType::RAW, &packet, long).unwrap();
        assert_eq!(segment.payload.len(), 1000);
        assert_eq!(segment.payload_len, 1005);
    }
}

#[test]
fn ipv6_extension_headers_are_walked() {
    let plain = ipv6(b"hi");
    let (header, tcp) = plain.split_at(40);
    let mut packet = header.to_vec();
    packet[6] = 0; // next header: hop-by-hop options
    packet[5] += 16; // payload length
    packet.extend([43, 0, 1, 4, 0, 0, 0, 0]); // hop-by-hop, then routing; PadN
    packet.extend([6, 0, 0, 0, 0, 0, 0, 0]); // routing, then TCP
    packet.extend(tcp);
    let segment = read(LinkType::IPV6, &packet).unwrap();
    assert_eq!(segment.payload, b"hi");
    assert_eq!(segment.payload_len, 2);
    assert_eq!(segment.ip_id, None);
}

#[test]
fn what_is_not_tcp_says_why() {
    let ethernet = |ether_type: [u8; 2], rest: &[u8]| ethernet_with(&ether_type, rest);
    let mut fragment = ipv4(b"hi");
    fragment[6] = 0x20; // more fragments
    let mut sctp = ipv4(b"hi");
    sctp[9] = 132;
    let mut icmp = ipv4(b"hi");
    icmp[9] = 1;
    let mut udp = ipv4(b"hi");
    udp[9] = 17;
    let mut offset = ipv4(b"hi");
    offset[32] = 0x40; // data offset 4
    let cases: Vec<(&str, LinkType, Vec<u8>)> = vec![
        ("arp", LinkType::ETHERNET, ethernet([8, 6], &[0; 28])),
        ("not-ip", LinkType::ETHERNET, ethernet([0x88, 0xcc], &[])),
        ("ip-fragment", LinkType::RAW, fragment),
        ("not-tcp", LinkType::RAW, sctp),
        ("icmp", LinkType::RAW, icmp),
        ("udp", LinkType::RAW, udp),
        ("malformed", LinkType::RAW, offset),
        ("malformed", LinkType::RAW, vec![0x15; 40]),
        ("truncated", LinkType::ETHERNET, vec![0; 13]),
        ("truncated", LinkType::RAW, vec![]),
        ("unsupported-link-type", LinkType(9999), ipv4(b"hi")),
        (
            "nested-too-deep",
            LinkType::ETHERNET,
            ethernet_with(&[0x81, 0].repeat(100), &[]),
        ),
    ];
    for (name, link_type, bytes) in cases {
        assert_eq!(read(link_type, &bytes).unwrap_err().name(), name);
    }
}

proptest! {
    #[test]
    fn any_bytes_on_any_link_are_read_or_skipped(
        link in prop::sample::select(vec![0_u16, 1, 9, 12, 50, 51, 101, 108, 113, 228, 229, 276, 7]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        original_len in any::<u32>(),
    ) {
        let _ = segment(LinkType(link), &bytes, original_len);
    }

    /// Bytes turned over in a good packet reach further than noise does.
    #[test]
    fn a_damaged_packet_never_claims_bytes_it_does_not_have(
        damage in prop::collection::vec((0_usize..90, any::<u8>()), 0..6),
        cut in 0_usize..100,
        six in any::<bool>(),
    ) {
        let ip = if six { ipv6(b"payload") } else { ipv4(b"payload") };
        let ether_type: &[u8] = if six { &[0x86, 0xdd] } else { &[0x08, 0x00] };
        let mut packet = ethernet_with(ether_type, &ip);
        for (at, value) in damage {
            if let Some(byte) = packet.get_mut(at) {
                *byte = value;
            }
        }
        packet.truncate(cut.min(packet.len()));
        if let Ok(segment) = read(LinkType::ETHERNET, &packet) {
            prop_assert!(segment.payload.len() <= segment.payload_len);
            prop_assert_eq!(
                packet.get(segment.payload_offset..segment.payload_offset + segment.payload.len()),
                Some(segment.payload)
            );
        }
    }
}
