//! HTTP/1, read as far as it may turn into HTTP/2.
//!
//! A client that does not know whether a server speaks HTTP/2 asks in an HTTP/1.1 request; the
//! server answers 101 and goes on with frames, and so does the client, beginning with the preface.
//!
//! Source: RFC 7540 §3.2 (no longer part of RFC 9113, but still met).

use crate::trace::Side;

/// How long a request or response head may be before it is not looked at any more. Servers limit
/// theirs to 8 to 64 KiB.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// How many fields a head may have.
const MAX_FIELDS: usize = 128;

/// The request that asked for the upgrade; it becomes stream 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::dissect) struct UpgradeRequest {
    pub(in crate::dissect) method: Vec<u8>,
    pub(in crate::dissect) target: Vec<u8>,
    pub(in crate::dissect) host: Option<Vec<u8>>,
    /// The payload of a `SETTINGS` frame, from the HTTP2-Settings field; empty when it cannot be read.
    /// Source: RFC 7540 §3.2.1.
    pub(in crate::dissect) settings: Vec<u8>,
}

/// Watches the first exchange of an HTTP/1 connection for an upgrade to HTTP/2.
pub(in crate::dissect) struct UpgradeWatch {
    client: Side,
    heads: [Vec<u8>; 2],
    request: Option<(UpgradeRequest, u64)>,
}

/// What the watch has come to.
pub(in crate::dissect) enum Watched {
    /// It is still possible.
    NotYet,
    /// It will not happen.
    Never,
    /// It happened: frames start at these offsets of the two sides' streams.
    Upgraded {
        request: UpgradeRequest,
        starts: [u64; 2],
    },
}

impl UpgradeWatch {
    /// Watches a connection of which this side sent the request line.
    pub(in crate::dissect) fn new(client: Side) -> Self {
        Self {
            client,
            heads: Default::default(),
            request: None,
        }
    }

    /// The sender of the request.
    pub(in crate::dissect) fn client(&self) -> Side {
        self.client
    }

    /// Takes the next bytes of a side.
    pub(in crate::dissect) fn data(&mut self, side: Side, bytes: &[u8]) -> Watched {
        let head = &mut self.heads[side.index()];
        let room = MAX_HEAD_BYTES.saturating_sub(head.len());
        head.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if self.request.is_none() {
            match read_request(&self.heads[self.client.index()]) {
                Head::Whole(request) => self.request = Some(request),
                Head::Partial => return Watched::NotYet,
                Head::Other => return Watched::Never,
            }
        }
        let Some((request, client_start)) = &self.request else {
            return Watched::NotYet;
        };
        match read_switching(&self.heads[self.client.other().index()]) {
            Head::Partial => Watched::NotYet,
            Head::Other => Watched::Never,
            Head::Whole(server_start) => {
                let mut starts = [0; 2];
                starts[self.client.index()] = *client_start;
                starts[self.client.other().index()] = server_start;
                Watched::Upgraded {
                    request: request.clone(),
                    starts,
                }
            }
        }
    }
}

/// A head that is looked for.
enum Head<T> {
    Whole(T),
    Partial,
    Other,
}

/// A request that asks for `h2c`, and how long it is.
fn read_request(bytes: &[u8]) -> Head<(UpgradeRequest, u64)> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD_BYTES => return Head::Partial,
        Ok(httparse::Status::Partial) | Err(_) => return Head::Other,
    };
    let value = |name: &str| {
        let field = request.headers.iter();
        let mut named = field.filter(|field| field.name.eq_ignore_ascii_case(name));
        named.next().map(|field| field.value)
    };
    let asks = value("upgrade").is_some_and(|value| value.eq_ignore_ascii_case(b"h2c"));
    let (Some(method), Some(target)) = (request.method, request.path) else {
        return Head::Other;
    };
    let Some(settings) = value("http2-settings").filter(|_| asks) else {
        return Head::Other;
    };
    let body = value("content-length")
        .and_then(|value| std::str::from_utf8(value).ok()?.trim().parse::<u64>().ok())
        .unwrap_or(0);
    Head::Whole((
        UpgradeRequest {
            method: method.into(),
            target: target.into(),
            host: value("host").map(<[u8]>::to_vec),
            settings: decode_base64url(settings).unwrap_or_default(),
        },
        (length as u64).saturating_add(body),
    ))
}

/// The bytes of a base64url text; padding at its end may be there. Source: RFC 4648 §5.
fn decode_base64url(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let padding = text.iter().rev().take_while(|&&byte| byte == b'=').count();
    let digits = text.get(..text.len() - padding)?;
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for &digit in digits {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.extend((bits >> count).to_le_bytes().first());
        }
    }
    // A single digit left over is no byte.
    (count < 6).then_some(bytes)
}

/// The length of a response that switches to `h2c`.
fn read_switching(bytes: &[u8]) -> Head<u64> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if response.code == Some(101) => {
            Head::Whole(length as u64)
        }
        Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD_BYTES => Head::Partial,
        _ => Head::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = b"GET /a HTTP/1.1\r\nHost: b\r\nConnection: Upgrade, HTTP2-Settings\r\n\
        Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n";
    const SWITCHING: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n";

    #[test]
    fn an_upgrade_that_is_granted_says_where_frames_start() {
        let mut watch = UpgradeWatch::new(Side::A);
        assert!(matches!(watch.data(Side::A, REQUEST), Watched::NotYet));
        let mut answer = SWITCHING.to_vec();
        answer.extend_from_slice(b"\x00\x00\x00\x04");
        match watch.data(Side::B, &answer) {
            Watched::Upgraded { request, starts } => {
                assert_eq!(request.target, b"/a");
                assert_eq!(request.host.as_deref(), Some(&b"b"[..]));
                assert_eq!(request.settings, [0, 3, 0, 0, 0, 100]); // MAX_CONCURRENT_STREAMS
                assert_eq!(starts, [REQUEST.len() as u64, SWITCHING.len() as u64]);
            }
            _ => panic!("not upgraded"),
        }
    }

    #[test]
    fn base64url_is_read_with_and_without_padding() {
        assert_eq!(decode_base64url(b"-_-_"), Some(vec![0xfb, 0xff, 0xbf]));
        assert_eq!(decode_base64url(b" AQI= "), Some(vec![1, 2]));
        assert_eq!(decode_base64url(b"AQI"), Some(vec![1, 2]));
        assert_eq!(decode_base64url(b""), Some(vec![]));
        assert_eq!(decode_base64url(b"A"), None);
        assert_eq!(decode_base64url(b"AQ+/"), None);
    }

    #[test]
    fn other_answers_and_other_requests_end_the_watch() {
        let mut watch = UpgradeWatch::new(Side::A);
        watch.data(Side::A, REQUEST);
        let refused = watch.data(Side::B, b"HTTP/1.1 200 OK\r\n\r\n");
        assert!(matches!(refused, Watched::Never));
        let mut watch = UpgradeWatch::new(Side::A);
        let plain = watch.data(Side::A, b"GET / HTTP/1.1\r\nHost: b\r\n\r\n");
        assert!(matches!(plain, Watched::Never));
    }
}
