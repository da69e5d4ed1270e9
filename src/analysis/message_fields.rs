//! A message of HTTP/1.1 taken apart: which bytes are its first line, which its fields, which frame its chunks, and which
//! are content.
//!
//! The same list of ranges as of a frame ([`FrameFields`]), counted from the first byte of the message's head.

use super::fields::{FieldGroup, FieldNode, FrameFields};
use crate::trace::{Connection, MessageField, MessageRow, Trace};
use crate::wire::counted::counted;
use crate::wire::http1::meaning::{self, Meaning};
use crate::wire::http1::{Framing, StartLine};
use bytes::Bytes;
use std::ops::Range;

/// Chunks that are listed; the rest of a body is one part. A picture shows dozens.
const MAX_CHUNKS: usize = 1000;

/// Takes a message apart; what cannot be read is left out.
pub fn message_fields(trace: &Trace, connection: &Connection, row: &MessageRow) -> FrameFields {
    let head = trace.message_head(connection, row).unwrap_or_default();
    let mut parts = Parts {
        start: row.offset,
        nodes: Vec::new(),
    };
    parts.start_line(&head);
    for (index, field) in trace.message_fields(connection, row).iter().enumerate() {
        parts.field(index, field);
    }
    parts.rest_of_head(row);
    parts.body(trace, connection, row);
    for (index, field) in (0..).zip(trace.message_trailers(connection, row)) {
        parts.field(index, &field);
    }
    parts.rest_of_body(row);
    FrameFields {
        nodes: parts.nodes,
        header_nodes: Vec::new(),
        block: None,
        bytes: head,
    }
}

struct Parts {
    /// Where the message begins in its sender's stream.
    start: u64,
    nodes: Vec<FieldNode>,
}

impl Parts {
    fn add(&mut self, name: &str, value: String, range: Range<u64>, said: Meaning) {
        let group = FieldGroup::Payload;
        self.push(group, name.to_owned(), value, range, Some(said));
    }

    fn push(
        &mut self,
        group: FieldGroup,
        name: String,
        value: String,
        range: Range<u64>,
        said: Option<Meaning>,
    ) {
        let at = |offset: u64| {
            let within = offset.saturating_sub(self.start);
            u32::try_from(within).unwrap_or(u32::MAX)
        };
        let range = at(range.start)..at(range.end);
        if !range.is_empty() {
            self.nodes.push(FieldNode {
                name,
                value,
                range,
                meaning: said.map_or("", |said| said.text).to_owned(),
                section: said.map_or("", |said| said.section).to_owned(),
                group,
            });
        }
    }

    /// Where the last part ends.
    fn end(&self) -> u64 {
        let last = self.nodes.last().map_or(0, |node| node.range.end);
        self.start.saturating_add(last.into())
    }

    fn start_line(&mut self, head: &Bytes) {
        let end = head.iter().position(|byte| *byte == b'\n');
        let line = end.and_then(|end| head.get(..end)).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let whole = end.map_or(0, |end| end + 1);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let at = |from: usize, to: usize| {
            let place = |offset: usize| self.start.saturating_add(offset as u64);
            place(from)..place(to)
        };
        const VERSION: Meaning = Meaning {
            text: "The version of the sender; what it says of the message's framing is that of HTTP/1.",
            section: "RFC 9112 §2.3",
        };
        let parts = match StartLine::parse(line) {
            Some(StartLine::Request {
                method,
                target,
                version,
            }) => {
                let rest = line.len().saturating_sub(VERSION_BYTES);
                [
                    (
                        "method",
                        text(method),
                        at(0, method.len() + 1),
                        meaning::method(method),
                    ),
                    (
                        "target",
                        text(target),
                        at(method.len() + 1, rest),
                        Some(TARGET),
                    ),
                    (
                        "version",
                        format!("HTTP/{version}"),
                        at(rest, whole),
                        Some(VERSION),
                    ),
                ]
            }
            Some(StartLine::Response {
                version,
                status,
                reason,
            }) => {
                let digits = line.iter().skip(VERSION_BYTES);
                let blanks = digits.take_while(|byte| !byte.is_ascii_digit()).count();
                let code = VERSION_BYTES + blanks;
                let said = Some(meaning::status(status));
                [
                    (
                        "version",
                        format!("HTTP/{version}"),
                        at(0, code),
                        Some(VERSION),
                    ),
                    ("status", status.to_string(), at(code, code + 3), said),
                    ("reason", text(reason), at(code + 3, whole), Some(REASON)),
                ]
            }
            None => return,
        };
        for (name, value, range, said) in parts {
            self.push(FieldGroup::FrameHeader, name.to_owned(), value, range, said);
        }
    }

    fn field(&mut self, index: usize, field: &MessageField) {
        self.push(
            FieldGroup::HeaderField(index),
            String::from_utf8_lossy(&field.name).into_owned(),
            String::from_utf8_lossy(&field.value).into_owned(),
            field.range.clone(),
            meaning::field(&field.name),
        );
    }

    fn rest_of_head(&mut self, row: &MessageRow) {
        let said = Meaning {
            text: "An empty line ends the head.",
            section: "RFC 9112 §2.1",
        };
        let range = self.end()..row.head_range().end;
        self.add("end of the head", String::new(), range, said);
    }

    fn body(&mut self, trace: &Trace, connection: &Connection, row: &MessageRow) {
        let chunked = row.framing == Framing::Chunked;
        for range in trace.message_content(connection, row).take(MAX_CHUNKS) {
            let bytes = counted(range.end.saturating_sub(range.start), "byte");
            if chunked {
                let said = Meaning {
                    text: "A line says in hexadecimal how many bytes of content come next.",
                    section: "RFC 9112 §7.1",
                };
                self.add("chunk size", bytes.clone(), self.end()..range.start, said);
            }
            let said = Meaning {
                text: "Content, perhaps in a content coding.",
                section: "RFC 9110 §6.4",
            };
            self.add("content", bytes, range, said);
        }
        if chunked {
            let end = row.trailer_range().start;
            let said = Meaning {
                text: "A chunk of length 0 is the last; trailers may follow it.",
                section: "RFC 9112 §7.1",
            };
            self.add("last chunk", String::new(), self.end()..end, said);
        }
    }

    fn rest_of_body(&mut self, row: &MessageRow) {
        let said = Meaning {
            text: "An empty line ends the message.",
            section: "RFC 9112 §7.1",
        };
        let range = self.end()..row.range().end;
        self.add("end of the message", String::new(), range, said);
    }
}

/// `HTTP/1.1`.
const VERSION_BYTES: usize = 8;

const TARGET: Meaning = Meaning {
    text: "What the request is for: a path, to a proxy a whole address, to CONNECT a host.",
    section: "RFC 9112 §3.2",
};

const REASON: Meaning = Meaning {
    text: "The status in words, which programs pass over.",
    section: "RFC 9112 §4",
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::conversation::shipped;

    #[test]
    fn every_byte_of_a_message_has_one_part_and_parts_say_what_they_are() {
        let trace = shipped("http1-programs.pcapng");
        let mut names = std::collections::BTreeSet::new();
        for connection in &trace.connections {
            for row in connection.http1().unwrap().messages() {
                let fields = message_fields(&trace, connection, row);
                let mut next = 0;
                for node in &fields.nodes {
                    assert_eq!(node.range.start, next, "{node:?}");
                    next = node.range.end;
                    names.insert(node.name.clone());
                }
                assert_eq!(u64::from(next), row.range().end - row.offset);
                let first = &fields.nodes[0];
                assert!(first.name == "method" || first.name == "version");
            }
        }
        for name in [
            "target",
            "status",
            "Host",
            "chunk size",
            "last chunk",
            "x-checksum",
            "content",
        ] {
            assert!(names.contains(name), "{name} is not among {names:?}");
        }
    }

    #[test]
    fn a_byte_leads_to_its_field() {
        let trace = shipped("http1-programs.pcapng");
        let connection = &trace.connections[0];
        let row = &connection.http1().unwrap().messages()[0];
        let fields = message_fields(&trace, connection, row);
        let head = trace.message_head(connection, row).unwrap();
        let host = head
            .windows(6)
            .position(|bytes| bytes == b"\nHost:")
            .unwrap()
            + 1;
        let node = fields.at(u32::try_from(host).unwrap()).unwrap();
        assert_eq!(
            (node.name.as_str(), node.value.as_str()),
            ("Host", "loom.example:8080")
        );
        assert!(node.section.starts_with("RFC 9110"));
        assert_eq!(fields.at(0).unwrap().meaning, "Give me this.");
    }
}
