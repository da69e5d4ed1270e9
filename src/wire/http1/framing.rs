//! How long the body behind a head is, and by what that is told.
//!
//! Two programs that part here see different messages in the same bytes, which is how requests are smuggled; so whatever
//! leaves room for two readings is said.
//!
//! Source: RFC 9112 §6.

use super::head::Head;
use super::start_line::{StartLine, Version};

/// By what the end of a body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    None,
    /// `Content-Length`.
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// The sender closes the connection.
    UntilClose,
    /// There is no body, and what follows is not HTTP/1.1: a tunnel, or the protocol that was switched to.
    Tunnel,
}

impl Framing {
    /// The word of `OUTPUT.md`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Length(_) => "content-length",
            Self::Chunked => "chunked",
            Self::UntilClose => "until-close",
            Self::Tunnel => "tunnel",
        }
    }
}

/// Something about a message's length that leaves room for two readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FramingOddity {
    /// `Content-Length` beside `Transfer-Encoding`. Source: RFC 9112 §6.2, §6.3.
    LengthAndEncoding,
    /// Several `Content-Length` with different values. Source: RFC 9112 §6.3.
    DifferentLengths,
    /// A `Content-Length` that is no number. Source: RFC 9110 §8.6.
    LengthUnreadable,
    /// `Transfer-Encoding` in which `chunked` is not the last coding. Source: RFC 9112 §6.3.
    ChunkedNotLast,
    /// `Transfer-Encoding` in a message of HTTP/1.0. Source: RFC 9112 §6.1.
    EncodingInOldVersion,
    /// A length or an encoding on a response that cannot have a body. Source: RFC 9112 §6.1, RFC 9110 §8.6.
    BodyWhereNone,
}

/// What a response has to be read with: what asked for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestSeen {
    /// A request whose response may have a body; so is one that was not seen.
    #[default]
    Other,
    /// `HEAD`: the response is a head alone.
    Head,
    /// `CONNECT`: a successful response begins a tunnel.
    Connect,
}

impl RequestSeen {
    /// By its method.
    pub fn of(method: &[u8]) -> Self {
        match method {
            b"HEAD" => Self::Head,
            b"CONNECT" => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// How long a body is, and what was odd about that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// How its end is told.
    pub framing: Framing,
    /// What leaves room for another reading.
    pub oddities: Vec<FramingOddity>,
}

/// What fields say about a length.
struct Said {
    /// Whether there is a `Transfer-Encoding`, and whether `chunked` is its last coding.
    encoding: Option<bool>,
    has_length: bool,
    /// The first `Content-Length` that is a number.
    length: Option<u64>,
    oddities: Vec<FramingOddity>,
}

impl Framing {
    /// Of the message with this head. `request` matters for responses only.
    pub fn of(head: &Head<'_>, request: RequestSeen) -> Measured {
        let said = Said::by(head);
        match head.start {
            StartLine::Request { .. } => said.request(),
            StartLine::Response { status, .. } => said.response(status, request),
        }
    }
}

impl Said {
    fn by(head: &Head<'_>) -> Self {
        let mut said = Self {
            encoding: None,
            has_length: false,
            length: None,
            oddities: Vec::new(),
        };
        for coding in head.members("transfer-encoding") {
            said.encoding = Some(coding.eq_ignore_ascii_case(b"chunked"));
        }
        for value in head.all("content-length") {
            said.has_length = true;
            // One value that is a list of equal numbers comes from proxies that joined fields.
            for part in value.split(|byte| *byte == b',') {
                match (length(part.trim_ascii()), said.length) {
                    (None, _) => said.odd(FramingOddity::LengthUnreadable),
                    (Some(length), None) => said.length = Some(length),
                    (Some(length), Some(known)) if length != known => {
                        said.odd(FramingOddity::DifferentLengths);
                    }
                    (Some(_), Some(_)) => {}
                }
            }
        }
        if said.encoding.is_some() {
            if said.has_length {
                said.odd(FramingOddity::LengthAndEncoding);
            }
            if head.start.version() < Version::HTTP_1_1 {
                said.odd(FramingOddity::EncodingInOldVersion);
            }
        }
        if said.encoding == Some(false) {
            said.odd(FramingOddity::ChunkedNotLast);
        }
        said
    }

    fn odd(&mut self, oddity: FramingOddity) {
        if !self.oddities.contains(&oddity) {
            self.oddities.push(oddity);
        }
    }

    fn request(self) -> Measured {
        let framing = match (self.encoding, self.length) {
            (Some(true), _) => Framing::Chunked,
            // Nobody can know; a server has to close the connection.
            (Some(false), _) => Framing::UntilClose,
            (None, Some(0) | None) => Framing::None,
            (None, Some(length)) => Framing::Length(length),
        };
        self.measured(framing)
    }

    fn response(mut self, status: u16, request: RequestSeen) -> Measured {
        let success = (200..300).contains(&status);
        let framing = match (status, request) {
            (101, _) => Framing::Tunnel,
            (100..200 | 204, _) => {
                if self.encoding.is_some() || self.has_length {
                    self.odd(FramingOddity::BodyWhereNone);
                }
                Framing::None
            }
            (_, RequestSeen::Connect) if success => Framing::Tunnel,
            // They say what the body would be.
            (304, _) | (_, RequestSeen::Head) => Framing::None,
            _ => match (self.encoding, self.length) {
                (Some(true), _) => Framing::Chunked,
                (Some(false), _) => Framing::UntilClose,
                (None, Some(0)) => Framing::None,
                (None, Some(length)) => Framing::Length(length),
                (None, None) => Framing::UntilClose,
            },
        };
        self.measured(framing)
    }

    fn measured(self, framing: Framing) -> Measured {
        Measured {
            framing,
            oddities: self.oddities,
        }
    }
}

/// A length is digits alone: no sign, no white space within. Source: RFC 9110 §8.6.
fn length(text: &[u8]) -> Option<u64> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(text: &str, request: RequestSeen) -> (Framing, Vec<FramingOddity>) {
        let head = format!("{text}\r\n\r\n");
        let head = Head::parse(head.as_bytes()).unwrap();
        let measured = Framing::of(&head, request);
        (measured.framing, measured.oddities)
    }

    fn asked(fields: &str) -> (Framing, Vec<FramingOddity>) {
        measure(&format!("POST / HTTP/1.1{fields}"), RequestSeen::Other)
    }

    fn answered(status: u16, fields: &str, request: RequestSeen) -> Framing {
        let (framing, oddities) = measure(&format!("HTTP/1.1 {status} x{fields}"), request);
        assert!(oddities.is_empty(), "{oddities:?}");
        framing
    }

    #[test]
    fn the_end_of_a_request_is_told_by_its_fields() {
        assert_eq!(asked("").0, Framing::None);
        assert_eq!(asked("\r\nContent-Length: 12").0, Framing::Length(12));
        assert_eq!(asked("\r\nContent-Length: 0").0, Framing::None);
        let chunked = "\r\nTransfer-Encoding: gzip, Chunked";
        assert_eq!(asked(chunked), (Framing::Chunked, vec![]));
    }

    #[test]
    fn a_response_also_depends_on_what_was_asked_and_on_its_status() {
        let length = "\r\nContent-Length: 5";
        let other = RequestSeen::Other;
        assert_eq!(answered(200, length, other), Framing::Length(5));
        assert_eq!(answered(200, length, RequestSeen::Head), Framing::None);
        assert_eq!(answered(304, length, other), Framing::None);
        assert_eq!(answered(204, "", other), Framing::None);
        assert_eq!(answered(100, "", other), Framing::None);
        assert_eq!(answered(200, "", other), Framing::UntilClose);
        assert_eq!(answered(101, "", other), Framing::Tunnel);
        assert_eq!(answered(200, "", RequestSeen::Connect), Framing::Tunnel);
        assert_eq!(
            answered(407, length, RequestSeen::Connect),
            Framing::Length(5)
        );
    }

    #[test]
    fn what_leaves_room_for_two_readings_is_said() {
        use FramingOddity as Odd;
        let both = asked("\r\nContent-Length: 4\r\nTransfer-Encoding: chunked");
        assert_eq!(both, (Framing::Chunked, vec![Odd::LengthAndEncoding]));
        let two = asked("\r\nContent-Length: 4\r\nContent-Length: 5");
        assert_eq!(two, (Framing::Length(4), vec![Odd::DifferentLengths]));
        let same = asked("\r\nContent-Length: 4, 4");
        assert_eq!(same, (Framing::Length(4), vec![]));
        for bad in ["+4", "4x", "", "0x4", "99999999999999999999"] {
            let (framing, oddities) = asked(&format!("\r\nContent-Length: {bad}"));
            assert_eq!(oddities, [Odd::LengthUnreadable], "{bad}");
            assert_eq!(framing, Framing::None);
        }
        let last = asked("\r\nTransfer-Encoding: chunked, gzip");
        assert_eq!(last, (Framing::UntilClose, vec![Odd::ChunkedNotLast]));
        let old = measure(
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked",
            RequestSeen::Other,
        );
        assert_eq!(old, (Framing::Chunked, vec![Odd::EncodingInOldVersion]));
        let none = measure("HTTP/1.1 204 x\r\nContent-Length: 0", RequestSeen::Other);
        assert_eq!(none, (Framing::None, vec![Odd::BodyWhereNone]));
    }
}
