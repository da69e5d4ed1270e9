//! How the bytes in front of a segment's payload are shared among the headers of link, IP and TCP.
//!
//! ```text
//! | link: 14 | IP: 20 | TCP: 32 | payload …
//! 0          14       34        66
//! ```

use super::{LinkType, Skip, network, segment};

/// Bytes that each header takes in front of a TCP payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderLens {
    /// The link's header, with tags and labels; nothing of raw IP.
    pub link: usize,
    /// The IP header, with its options or extension headers; inside a tunnel, all up to the inner TCP header.
    pub ip: usize,
    /// The version of IP: 4 or 6.
    pub ip_version: u8,
    /// The TCP header with its options. Source: RFC 9293 §3.1.
    pub tcp: usize,
}

impl HeaderLens {
    /// All headers together: where the payload begins.
    pub fn sum(self) -> usize {
        self.link.saturating_add(self.ip).saturating_add(self.tcp)
    }
}

/// How long the headers of a packet are that carries a TCP segment.
///
/// # Errors
///
/// A [`Skip`] that says why there is no segment to be had.
pub fn header_lens(
    link_type: LinkType,
    bytes: &[u8],
    original_len: u32,
) -> Result<HeaderLens, Skip> {
    let segment = segment(link_type, bytes, original_len)?;
    let link = network::network(link_type, bytes)?.offset;
    let tcp = segment.tcp.header_len;
    Ok(HeaderLens {
        link,
        ip: segment
            .payload_offset
            .saturating_sub(tcp.saturating_add(link)),
        ip_version: bytes.get(link).map_or(0, |first| first >> 4),
        tcp,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IPv4 without options, TCP with twelve bytes of options, and two bytes of payload.
    const IPV4: [u8; 54] = {
        let mut bytes = [0; 54];
        bytes[0] = 0x45; // version 4, five words of header
        bytes[3] = 54; // total length
        bytes[8] = 64; // time to live
        bytes[9] = 6; // TCP
        bytes[32] = 0x80; // data offset: eight words
        bytes
    };

    #[test]
    fn each_header_has_its_bytes_and_together_they_end_where_the_payload_begins() {
        let mut ethernet = vec![0; 12];
        ethernet.extend([0x08, 0x00]);
        ethernet.extend(IPV4);
        let lens = header_lens(LinkType::ETHERNET, &ethernet, 68).unwrap();
        let expected = HeaderLens {
            link: 14,
            ip: 20,
            ip_version: 4,
            tcp: 32,
        };
        assert_eq!(lens, expected);
        let payload = segment(LinkType::ETHERNET, &ethernet, 68).unwrap();
        assert_eq!(lens.sum(), payload.payload_offset);
        let raw = header_lens(LinkType::RAW, &IPV4, 54).unwrap();
        assert_eq!((raw.link, raw.sum()), (0, 52));
        assert!(header_lens(LinkType::RAW, &IPV4[..30], 54).is_err());
    }
}
