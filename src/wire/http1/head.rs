//! The head of a message: its first line and its fields.

use super::start_line::{StartLine, Version, is_blank, is_token, trim_blanks};
use std::borrow::Cow;
use std::ops::Range;

/// A field line, with what belongs to it when it is folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name, as written: names are not case-sensitive.
    pub name: &'a [u8],
    /// The value without white space around it; lines that were folded are joined with a space (RFC 9112 §5.2).
    pub value: Cow<'a, [u8]>,
    /// The whole line, or lines, within the head, with the line's end.
    pub range: Range<usize>,
}

impl Field<'_> {
    /// Whether it has this name.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// Something in a head that its sender should not have written, and that can be read all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeadOddity {
    /// A line ends in LF alone. Receivers may accept it. Source: RFC 9112 §2.2.
    BareLineFeed,
    /// A field goes on in the next line, which begins with white space. Source: RFC 9112 §5.2.
    Folded,
    /// There is white space between a field's name and its colon. Source: RFC 9112 §5.1.
    SpaceBeforeColon,
    /// A field line has no colon, or no name that is one. It is left out. Source: RFC 9112 §5.
    NoField,
    /// There is a CR, a NUL or another control character in a value. Source: RFC 9110 §5.5.
    ControlCharacter,
    /// The request's target has white space in it. Source: RFC 9112 §3.2.
    SpaceInTarget,
}

/// Why bytes are no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// The first line is neither a request line nor a status line of HTTP/1.
    #[error("the first {length} bytes are no start line of HTTP/1")]
    StartLine {
        /// How long the line is.
        length: usize,
    },
}

/// The head of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// The first line.
    pub start: StartLine<'a>,
    /// The fields, in order.
    pub fields: Vec<Field<'a>>,
    /// What is odd about it, each kind once, with where it was met first.
    pub oddities: Vec<(HeadOddity, Range<usize>)>,
}

impl<'a> Head<'a> {
    /// Where the head at the beginning of `bytes` ends: behind its empty line. `None` when that is not there yet. The first
    /// `looked_at` bytes are known not to have it.
    pub fn end(bytes: &[u8], looked_at: usize) -> Option<usize> {
        let from = looked_at.saturating_sub(2);
        let rest = bytes.get(from..)?;
        let mut line_feeds = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        line_feeds.find_map(|(at, _)| match rest.get(at + 1..)? {
            [b'\n', ..] => Some(from + at + 2),
            [b'\r', b'\n', ..] => Some(from + at + 3),
            _ => None,
        })
    }

    /// Reads a head, from its first byte to its empty line. What comes behind that is not looked at.
    ///
    /// # Errors
    ///
    /// [`HeadError`] when the first line is none of HTTP/1. Whatever is wrong with fields is an oddity.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, HeadError> {
        let mut lines = Lines { bytes, at: 0 };
        let first = lines.next().unwrap_or_default();
        let length = first.text.len();
        let start = StartLine::parse(first.text).ok_or(HeadError::StartLine { length })?;
        let mut head = Self {
            start,
            fields: Vec::new(),
            oddities: Vec::new(),
        };
        head.line_end(&first);
        if let StartLine::Request { target, .. } = start
            && target.iter().any(|byte| is_blank(*byte))
        {
            head.odd(HeadOddity::SpaceInTarget, &first.range);
        }
        for line in lines {
            head.line_end(&line);
            if line.text.is_empty() {
                break;
            }
            head.field_line(&line);
        }
        Ok(head)
    }

    fn line_end(&mut self, line: &Line<'_>) {
        if line.bare {
            self.odd(HeadOddity::BareLineFeed, &line.range);
        }
    }

    fn odd(&mut self, oddity: HeadOddity, range: &Range<usize>) {
        if !self.oddities.iter().any(|(known, _)| *known == oddity) {
            self.oddities.push((oddity, range.clone()));
        }
    }

    fn field_line(&mut self, line: &Line<'a>) {
        let odd_character = |byte: &u8| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f;
        if line.text.iter().any(odd_character) {
            self.odd(HeadOddity::ControlCharacter, &line.range);
        }
        if line.text.first().is_some_and(|byte| is_blank(*byte)) {
            self.odd(HeadOddity::Folded, &line.range);
            if let Some(field) = self.fields.last_mut() {
                let value = field.value.to_mut();
                if !value.is_empty() {
                    value.push(b' ');
                }
                value.extend_from_slice(trim_blanks(line.text));
                field.range.end = line.range.end;
            }
            return;
        }
        let colon = line.text.iter().position(|byte| *byte == b':');
        let parts = colon.and_then(|colon| line.text.split_at_checked(colon));
        let Some((name, value)) = parts else {
            self.odd(HeadOddity::NoField, &line.range);
            return;
        };
        let trimmed = trim_blanks(name);
        if trimmed.len() < name.len() {
            self.odd(HeadOddity::SpaceBeforeColon, &line.range);
        }
        if trimmed.is_empty() || !trimmed.iter().all(|byte| is_token(*byte)) {
            self.odd(HeadOddity::NoField, &line.range);
            return;
        }
        self.fields.push(Field {
            name: trimmed,
            value: Cow::Borrowed(trim_blanks(value.get(1..).unwrap_or_default())),
            range: line.range.clone(),
        });
    }

    /// The value of the first field of this name.
    pub fn field(&self, name: &str) -> Option<&[u8]> {
        let field = self.fields.iter().find(|field| field.is_named(name))?;
        Some(&field.value)
    }

    /// The values of all fields of this name.
    pub fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h [u8]> {
        let fields = self.fields.iter().filter(move |field| field.is_named(name));
        fields.map(|field| &*field.value)
    }

    /// The members of the comma-separated list that fields of this name make up together, without empty ones. Source: RFC
    /// 9110 §5.6.1.
    pub fn members<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h [u8]> {
        let members = self
            .all(name)
            .flat_map(|value| value.split(|byte| *byte == b','));
        members.map(trim_blanks).filter(|member| !member.is_empty())
    }
}

/// The field lines of a trailer section, up to its empty line. Source: RFC 9112 §7.1.2.
pub fn trailers(bytes: &[u8]) -> Vec<Field<'_>> {
    let mut head = Head {
        start: StartLine::Response {
            version: Version::HTTP_1_1,
            status: 0,
            reason: b"",
        },
        fields: Vec::new(),
        oddities: Vec::new(),
    };
    for line in (Lines { bytes, at: 0 }) {
        if line.text.is_empty() {
            break;
        }
        head.field_line(&line);
    }
    head.fields
}

/// A line and where it is.
#[derive(Clone, Debug, Default)]
struct Line<'a> {
    /// Without its end.
    text: &'a [u8],
    /// With its end.
    range: Range<usize>,
    /// Whether it ends in LF alone.
    bare: bool,
}

struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let feed = rest.iter().position(|byte| *byte == b'\n');
        let length = feed.map_or(rest.len(), |feed| feed + 1);
        let text = rest.get(..feed.unwrap_or(length)).unwrap_or_default();
        let start = self.at;
        self.at = start + length;
        let stripped = text.strip_suffix(b"\r");
        Some(Line {
            text: stripped.unwrap_or(text),
            range: start..self.at,
            bare: feed.is_some() && stripped.is_none(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn oddities(head: &Head<'_>) -> Vec<HeadOddity> {
        head.oddities.iter().map(|(oddity, _)| *oddity).collect()
    }

    #[test]
    fn a_request_is_read_with_the_place_of_each_field() {
        let bytes = b"GET /a?b=1 HTTP/1.1\r\nHost: loom.example\r\nAccept:*/*  \r\n\r\nbody";
        assert_eq!(Head::end(bytes, 0), Some(bytes.len() - 4));
        let head = Head::parse(bytes).unwrap();
        assert_eq!(
            head.start,
            StartLine::Request {
                method: b"GET",
                target: b"/a?b=1",
                version: Version::HTTP_1_1,
            }
        );
        let fields: Vec<_> = head.fields.iter().map(|f| (f.name, &*f.value)).collect();
        assert_eq!(
            fields,
            [(&b"Host"[..], &b"loom.example"[..]), (b"Accept", b"*/*"),]
        );
        assert_eq!(&bytes[head.fields[1].range.clone()], b"Accept:*/*  \r\n");
        assert!(head.oddities.is_empty());
        assert_eq!(head.field("HOST"), Some(&b"loom.example"[..]));
    }

    #[test]
    fn other_first_lines_are_no_head() {
        for line in [
            &b""[..],
            b"GET",
            b"GET /",
            b"GET  HTTP/1.1",
            b"G\x01T / HTTP/1.1",
            b"GET / HTTP/2.0",
            b"PRI * HTTP/2.0",
        ] {
            assert_eq!(
                Head::parse(line),
                Err(HeadError::StartLine { length: line.len() })
            );
        }
    }

    #[test]
    fn what_programs_put_up_with_is_read_and_said() {
        let bytes = b"POST /a b HTTP/1.1\nHost : x\r\nFolded: one\r\n  two\r\nnonsense\r\nBad: a\0b\r\n\r\n";
        let head = Head::parse(bytes).unwrap();
        assert_eq!(
            oddities(&head),
            [
                HeadOddity::BareLineFeed,
                HeadOddity::SpaceInTarget,
                HeadOddity::SpaceBeforeColon,
                HeadOddity::Folded,
                HeadOddity::NoField,
                HeadOddity::ControlCharacter,
            ]
        );
        assert_eq!(head.field("host"), Some(&b"x"[..]));
        assert_eq!(head.field("folded"), Some(&b"one two"[..]));
        let (_, place) = &head.oddities[2];
        assert_eq!(&bytes[place.clone()], b"Host : x\r\n");
    }

    #[test]
    fn the_end_is_found_whichever_way_the_bytes_come() {
        let bytes = b"HTTP/1.1 200 OK\r\na: b\r\n\r\nrest";
        let end = bytes.len() - 4;
        let mut looked_at = 0;
        for length in 0..=bytes.len() {
            let found = Head::end(&bytes[..length], looked_at);
            assert_eq!(found, (length >= end).then_some(end), "{length}");
            looked_at = length.min(end - 1);
        }
        assert_eq!(Head::end(b"a\n\nb", 0), Some(3));
        assert_eq!(Head::end(b"a\n\r\nb", 0), Some(4));
    }

    #[test]
    fn members_of_several_fields_are_one_list() {
        let head = Head::parse(b"GET / HTTP/1.1\r\nTE: gzip,, x \r\nte: trailers\r\n\r\n").unwrap();
        let members: Vec<_> = head.members("te").collect();
        assert_eq!(members, [&b"gzip"[..], b"x", b"trailers"]);
    }

    proptest! {
        /// Where another reader finds a head right, we read the same.
        #[test]
        fn a_second_reader_reads_the_same(
            names in proptest::collection::vec("[A-Za-z-]{1,12}", 0..6),
            value in "[ -~]{0,20}",
            target in "/[!-~]{0,20}",
            request in any::<bool>(),
        ) {
            let mut text = if request {
                format!("PUT {target} HTTP/1.1\r\n")
            } else {
                "HTTP/1.1 404 Not Found\r\n".to_owned()
            };
            for name in &names {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
            text.push_str("\r\n");
            let bytes = text.as_bytes();
            let mut room = [httparse::EMPTY_HEADER; 8];
            let (length, theirs) = if request {
                let mut second = httparse::Request::new(&mut room);
                let length = second.parse(bytes).unwrap().unwrap();
                prop_assert_eq!(second.path, Some(target.as_str()));
                (length, second.headers.to_vec())
            } else {
                let mut second = httparse::Response::new(&mut room);
                let length = second.parse(bytes).unwrap().unwrap();
                prop_assert_eq!(second.code, Some(404));
                (length, second.headers.to_vec())
            };
            prop_assert_eq!(Head::end(bytes, 0), Some(length));
            let head = Head::parse(bytes).unwrap();
            prop_assert!(head.oddities.is_empty());
            prop_assert_eq!(head.fields.len(), theirs.len());
            for (own, second) in head.fields.iter().zip(theirs) {
                prop_assert_eq!(own.name, second.name.as_bytes());
                prop_assert_eq!(&*own.value, second.value);
            }
        }
    }
}
