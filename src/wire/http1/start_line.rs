//! The first line of a message: what is asked, or how it went.

/// The version in a start line. Source: RFC 9112 §2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Before the dot. Always 1 here: other numbers are another protocol.
    pub major: u8,
    /// Behind the dot.
    pub minor: u8,
}

impl Version {
    /// HTTP/1.0.
    pub const HTTP_1_0: Self = Self { major: 1, minor: 0 };
    /// HTTP/1.1.
    pub const HTTP_1_1: Self = Self { major: 1, minor: 1 };

    /// `HTTP/1.` and one digit.
    fn parse(text: &[u8]) -> Option<Self> {
        match text.strip_prefix(b"HTTP/1.")? {
            [digit @ b'0'..=b'9'] => Some(Self {
                major: 1,
                minor: digit - b'0',
            }),
            _ => None,
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The first line of a message.
///
/// ```text
/// request-line = method SP request-target SP HTTP-version
/// status-line  = HTTP-version SP status-code SP [ reason-phrase ]
/// ```
///
/// Source: RFC 9112 §3, §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartLine<'a> {
    /// Of a request.
    Request {
        /// The method, as written: methods are case-sensitive.
        method: &'a [u8],
        /// The target, in whichever of its four forms (RFC 9112 §3.2).
        target: &'a [u8],
        /// The version.
        version: Version,
    },
    /// Of a response.
    Response {
        /// The version.
        version: Version,
        /// The status code, three digits.
        status: u16,
        /// The reason, which means nothing to programs; may be empty.
        reason: &'a [u8],
    },
}

impl<'a> StartLine<'a> {
    /// Reads a line without its end.
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        if line.starts_with(b"HTTP/") {
            return Self::response(line);
        }
        let space = line.iter().position(|byte| is_blank(*byte))?;
        let (method, rest) = line.split_at_checked(space)?;
        let last = rest.iter().rposition(|byte| is_blank(*byte))?;
        let (target, version) = rest.split_at_checked(last + 1)?;
        let target = trim_blanks(target);
        if method.is_empty() || !method.iter().all(|byte| is_token(*byte)) || target.is_empty() {
            return None;
        }
        Some(Self::Request {
            method,
            target,
            version: Version::parse(version)?,
        })
    }

    fn response(line: &'a [u8]) -> Option<Self> {
        let (version, rest) = line.split_at_checked(8)?;
        let version = Version::parse(version)?;
        let rest = rest.strip_prefix(b" ")?;
        let rest = trim_blanks_before(rest);
        let (code, reason) = rest.split_at_checked(3)?;
        let digits = code.iter().all(u8::is_ascii_digit);
        // Many servers leave the space out where there is no reason.
        let ends = reason.first().is_none_or(|byte| is_blank(*byte));
        if !digits || !ends {
            return None;
        }
        let status = code
            .iter()
            .fold(0_u16, |status, digit| status * 10 + u16::from(digit - b'0'));
        Some(Self::Response {
            version,
            status,
            reason: trim_blanks(reason),
        })
    }

    /// The version.
    pub fn version(&self) -> Version {
        match self {
            Self::Request { version, .. } | Self::Response { version, .. } => *version,
        }
    }

    /// Whether bytes, which may be cut, can be the beginning of a request line.
    pub fn may_begin_request(bytes: &[u8]) -> bool {
        let method = bytes.iter().take_while(|byte| is_token(**byte)).count();
        (1..=MAX_METHOD_BYTES).contains(&method) && bytes.get(method).is_none_or(|&b| is_blank(b))
    }

    /// Whether bytes, which may be cut, can be the beginning of a status line.
    pub fn may_begin_response(bytes: &[u8]) -> bool {
        const START: &[u8] = b"HTTP/1.";
        let known = bytes.len().min(START.len());
        bytes.get(..known) == START.get(..known)
    }
}

/// The longest method that is looked for. Our choice: the longest one registered has 16 letters.
pub const MAX_METHOD_BYTES: usize = 32;

/// A character of names and methods. Source: RFC 9110 §5.6.2.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Space or tab. Source: RFC 9110 §5.6.3.
pub(super) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

pub(super) fn trim_blanks_before(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| is_blank(**byte)).count();
    text.get(blanks..).unwrap_or_default()
}

pub(super) fn trim_blanks(text: &[u8]) -> &[u8] {
    let text = trim_blanks_before(text);
    let blanks = text
        .iter()
        .rev()
        .take_while(|byte| is_blank(**byte))
        .count();
    text.get(..text.len() - blanks).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_line_may_do_without_a_reason() {
        for line in [
            &b"HTTP/1.1 204"[..],
            b"HTTP/1.1 204 ",
            b"HTTP/1.1 204 No Content",
        ] {
            match StartLine::parse(line) {
                Some(StartLine::Response { status: 204, .. }) => {}
                other => panic!("{other:?}"),
            }
        }
        for line in [
            &b"HTTP/1.1 20"[..],
            b"HTTP/1.1 2000",
            b"HTTP/2 200",
            b"HTTP/1.1200 OK",
            b"HTTP/1.10 200 OK",
        ] {
            assert_eq!(StartLine::parse(line), None, "{line:?}");
        }
    }
}
