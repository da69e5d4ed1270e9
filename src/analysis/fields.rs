//! Which bytes of a frame belong to which field, and which field a byte belongs to.
//!
//! A frame's own fields come from [`wire::http2::fields`](crate::wire::http2::fields), the header
//! fields inside its header block from HPACK. Here they are joined into one list of ranges, all
//! counted from the first byte of the frame's nine-byte header, so that a click on a field lights
//! its bytes and a byte names its field.

use crate::trace::headers::{HeaderBlock, HeaderField};
use crate::trace::{Connection, FrameId, Trace};
use crate::wire::hpack::Representation;
use crate::wire::http2::{self, FrameHeader};
use bytes::Bytes;
use std::ops::Range;

/// What a field is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldGroup {
    /// The nine bytes that begin every frame.
    FrameHeader,
    /// What follows them.
    Payload,
    /// A header field of the block, by its position in [`HeaderBlock::fields`].
    HeaderField(usize),
    /// A size update of the block, by its position in [`HeaderBlock::size_updates`].
    SizeUpdate(usize),
}

/// A field and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldNode {
    /// What it is called, such as `Length` or `:path`.
    pub name: String,
    /// Its value as a person reads it, with its unit.
    pub value: String,
    /// Its bytes within the frame.
    pub range: Range<u32>,
    /// What it says, in a sentence or two.
    pub meaning: String,
    /// Where that is written, such as `RFC 9113 §6.9`.
    pub section: String,
    /// What it is part of.
    pub group: FieldGroup,
}

/// A frame taken apart.
#[derive(Clone, Debug, Default)]
pub struct FrameFields {
    /// Its own fields, of header and payload, in the order of their bytes and without a gap.
    pub nodes: Vec<FieldNode>,
    /// The header fields and size updates that have bytes in this frame, in the order of their
    /// bytes. One that continues in another frame has only its bytes inside this one.
    pub header_nodes: Vec<FieldNode>,
    /// The header block that it starts or continues.
    pub block: Option<HeaderBlock>,
    /// The frame's bytes, up to the first that the capture does not hold.
    pub bytes: Bytes,
}

/// Takes a frame apart; what cannot be read is left out.
pub fn frame_fields(trace: &Trace, connection: &Connection, frame: FrameId) -> FrameFields {
    let row = connection
        .http2()
        .and_then(|http2| http2.frames.get(frame.index()));
    let Some(row) = row else {
        return FrameFields::default();
    };
    let bytes = trace.frame_bytes_prefix(connection, row);
    let mut nodes = Vec::new();
    if let Some((header, payload)) = bytes.split_first_chunk::<{ FrameHeader::LEN }>() {
        let header = FrameHeader::decode(header);
        nodes.extend(http2::fields(&header, payload).into_iter().map(node));
    }
    let block = row
        .block
        .and_then(|_| trace.header_block(connection, frame));
    let header_nodes = block
        .as_ref()
        .map_or_else(Vec::new, |block| header_nodes(block, frame));
    FrameFields {
        nodes,
        header_nodes,
        block,
        bytes,
    }
}

impl FrameFields {
    /// The innermost field that owns a byte of the frame.
    pub fn at(&self, byte: u32) -> Option<&FieldNode> {
        owner(&self.header_nodes, byte).or_else(|| owner(&self.nodes, byte))
    }

    /// The field that has exactly these bytes, the innermost of several.
    pub fn with_range(&self, range: &Range<u32>) -> Option<&FieldNode> {
        let mut nodes = self.header_nodes.iter().chain(&self.nodes);
        nodes.find(|node| node.range == *range)
    }

    /// The part of a header field that owns a byte, such as its index or the length of its value.
    pub fn header_part_at(&self, frame: FrameId, byte: u32) -> Option<&'static str> {
        let block = self.block.as_ref()?;
        let fragment = block
            .fragments
            .iter()
            .find(|fragment| fragment.frame == frame)?;
        let byte = byte as usize;
        if !fragment.range.contains(&byte) {
            return None;
        }
        let in_block = byte - fragment.range.start + fragment.block_offset;
        let count = block
            .fields
            .partition_point(|field| field.range.end <= in_block);
        let field = block.fields.get(count)?;
        header_part(field, in_block)
    }
}

/// The field that owns a byte, of fields in the order of their bytes that do not overlap.
fn owner(nodes: &[FieldNode], byte: u32) -> Option<&FieldNode> {
    let before = nodes.partition_point(|node| node.range.end <= byte);
    nodes.get(before).filter(|node| node.range.contains(&byte))
}

fn node(note: http2::FieldNote) -> FieldNode {
    let range = narrow(note.range.start)..narrow(note.range.end);
    let group = if range.start < narrow(FrameHeader::LEN) {
        FieldGroup::FrameHeader
    } else {
        FieldGroup::Payload
    };
    FieldNode {
        name: note.name.to_owned(),
        value: note.value,
        range,
        meaning: note.meaning.to_owned(),
        section: note.section.to_owned(),
        group,
    }
}

fn header_nodes(block: &HeaderBlock, frame: FrameId) -> Vec<FieldNode> {
    let Some(fragment) = block.fragments.iter().find(|part| part.frame == frame) else {
        return Vec::new();
    };
    let end = fragment.block_offset + fragment.range.len();
    let inside = |range: &Range<usize>| {
        let (from, to) = (range.start.max(fragment.block_offset), range.end.min(end));
        let shift = |at: usize| narrow(fragment.range.start + (at - fragment.block_offset));
        (from < to).then(|| shift(from)..shift(to))
    };
    let updates = block.size_updates.iter().enumerate();
    let fields = block.fields.iter().enumerate();
    let mut nodes: Vec<FieldNode> = updates
        .filter_map(|(at, update)| {
            Some(FieldNode {
                name: "table size update".to_owned(),
                value: format!("{} bytes", update.max_size_bytes),
                range: inside(&update.range)?,
                meaning:
                    "From here on the sender's dynamic table holds at most this much; what no \
                          longer fits is evicted."
                        .to_owned(),
                section: "RFC 7541 §6.3".to_owned(),
                group: FieldGroup::SizeUpdate(at),
            })
        })
        .chain(fields.filter_map(|(at, field)| {
            Some(FieldNode {
                name: field_name(field),
                value: field_value(field),
                range: inside(&field.range)?,
                meaning: representation_meaning(field.representation).to_owned(),
                section: representation_section(field.representation).to_owned(),
                group: FieldGroup::HeaderField(at),
            })
        }))
        .collect();
    nodes.sort_by_key(|node| node.range.start);
    nodes
}

/// A header field's name as a person reads it.
pub fn field_name(field: &HeaderField) -> String {
    readable(field.name.as_deref())
}

/// A header field's value as a person reads it.
pub fn field_value(field: &HeaderField) -> String {
    readable(field.value.as_deref())
}

fn readable(text: Option<&[u8]>) -> String {
    match text {
        Some(text) => String::from_utf8_lossy(text).into_owned(),
        None => "(inserted before the capture began)".to_owned(),
    }
}

/// How a header field is written, in a few words: `indexed 2`, `literal, added`.
pub fn representation_words(field: &HeaderField) -> String {
    match (field.representation, field.index) {
        (Representation::Indexed, Some(index)) => format!("indexed {index}"),
        (Representation::Indexed, None) => "indexed".to_owned(),
        (Representation::LiteralIncremental, _) => "literal, added".to_owned(),
        (Representation::LiteralNotIndexed, _) => "literal, not added".to_owned(),
        (Representation::LiteralNeverIndexed, _) => "never indexed".to_owned(),
    }
}

/// What a representation does.
pub fn representation_meaning(representation: Representation) -> &'static str {
    match representation {
        Representation::Indexed => {
            "Name and value stand in a table that both ends keep alike; only the entry's number travels."
        }
        Representation::LiteralIncremental => {
            "The value travels as text and joins the dynamic table, so that next time a number is enough."
        }
        Representation::LiteralNotIndexed => {
            "The value travels as text and the dynamic table stays as it is."
        }
        Representation::LiteralNeverIndexed => {
            "The value travels as text and nobody may ever put it into a table: the sender holds it for a secret."
        }
    }
}

/// Where a representation is defined.
pub fn representation_section(representation: Representation) -> &'static str {
    match representation {
        Representation::Indexed => "RFC 7541 §6.1",
        Representation::LiteralIncremental => "RFC 7541 §6.2.1",
        Representation::LiteralNotIndexed => "RFC 7541 §6.2.2",
        Representation::LiteralNeverIndexed => "RFC 7541 §6.2.3",
    }
}

fn header_part(field: &HeaderField, in_block: usize) -> Option<&'static str> {
    if field.index_range.contains(&in_block) {
        return Some("its first bits say how it is written, the rest is an index");
    }
    let strings = [
        (
            &field.name_string,
            "H bit and length of the name",
            "the name",
            "the name, Huffman coded",
        ),
        (
            &field.value_string,
            "H bit and length of the value",
            "the value",
            "the value, Huffman coded",
        ),
    ];
    for (string, length, plain, huffman) in strings {
        let Some(string) = string else { continue };
        if string.length_range.contains(&in_block) {
            return Some(length);
        }
        if string.data_range.contains(&in_block) {
            return Some(if string.huffman { huffman } else { plain });
        }
    }
    None
}

fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, range: Range<u32>) -> FieldNode {
        FieldNode {
            name: name.to_owned(),
            value: String::new(),
            range,
            meaning: String::new(),
            section: String::new(),
            group: FieldGroup::Payload,
        }
    }

    fn fields() -> FrameFields {
        FrameFields {
            nodes: vec![node("length", 0..3), node("header block fragment", 9..26)],
            header_nodes: vec![node(":method", 9..10), node(":path", 11..20)],
            ..FrameFields::default()
        }
    }

    #[test]
    fn a_byte_belongs_to_the_innermost_field() {
        let fields = fields();
        let name = |byte| fields.at(byte).map(|node| node.name.as_str());
        assert_eq!(name(0), Some("length"));
        assert_eq!(name(3), None);
        assert_eq!(name(9), Some(":method"));
        assert_eq!(name(10), Some("header block fragment"));
        assert_eq!(name(19), Some(":path"));
        assert_eq!(name(26), None);
    }

    #[test]
    fn of_two_fields_with_the_same_bytes_the_header_field_is_inside() {
        let mut fields = fields();
        fields.nodes = vec![node("header block fragment", 9..10)];
        let name = |node: Option<&FieldNode>| node.map(|node| node.name.clone());
        assert_eq!(name(fields.at(9)).as_deref(), Some(":method"));
        assert_eq!(
            name(fields.with_range(&(9..10))).as_deref(),
            Some(":method")
        );
    }

    #[test]
    fn in_every_shipped_capture_each_byte_has_one_field_and_each_header_field_its_bytes() {
        let captures = [
            "downloads.pcapng",
            "grpc-user-service.pcapng",
            "push.pcap",
            "large-headers.pcapng",
        ];
        for name in captures {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("captures")
                .join(name);
            let trace = crate::dissect::read_all(crate::capture::Capture::open(&path).unwrap());
            let connection = trace.main_connection().unwrap();
            let http2 = connection.http2().unwrap();
            for (index, row) in http2.frames.iter().enumerate().filter(|(_, row)| row.whole) {
                let frame = FrameId::from_index(index);
                let fields = frame_fields(&trace, connection, frame);
                assert_eq!(fields.bytes.len() as u32, row.length + 9, "{name} {frame}");
                for byte in 0..row.length + 9 {
                    assert!(fields.at(byte).is_some(), "{name} {frame} byte {byte}");
                }
                let Some(block) = &fields.block else { continue };
                let fragment = block
                    .fragments
                    .iter()
                    .find(|part| part.frame == frame)
                    .unwrap();
                let covered: usize = fields
                    .header_nodes
                    .iter()
                    .map(|node| node.range.len())
                    .sum();
                assert_eq!(covered, fragment.range.len(), "{name} {frame}");
                for node in &fields.header_nodes {
                    assert_eq!(fields.at(node.range.start), Some(node), "{name} {frame}");
                    assert!(
                        fields.header_part_at(frame, node.range.start).is_some()
                            || node.group == FieldGroup::SizeUpdate(0),
                        "{name} {frame} {node:?}"
                    );
                }
            }
        }
    }
}
