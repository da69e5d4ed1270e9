//! `wireloom headers`: one row per header field.

use super::table::{Column, Tabular};
use super::text;
use crate::analysis::hpack::hints::{NameHint, inferences};
use crate::analysis::hpack::inference::{Inference, Reason};
use crate::trace::{Connection, Direction, FrameId, HeaderField, Trace};
use serde::Serialize;

/// A header field, as `frames` lists it.
#[derive(Clone, Debug, Serialize)]
pub struct FieldReport {
    /// `null` when it cannot be known.
    pub name: Option<String>,
    /// All bytes of a name that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_hex: Option<String>,
    /// `null` when it cannot be known.
    pub value: Option<String>,
    /// All bytes of a value that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_hex: Option<String>,
    /// How it is written.
    pub representation: &'static str,
    /// The index on the wire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    /// Which parts that were sent as strings are in Huffman code.
    pub huffman: HuffmanReport,
    /// How far name and value can be trusted.
    pub certainty: &'static str,
    /// The unseen entry that it refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<u64>,
    /// Why the name is what it is said to be, when it was concluded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inferred_by: Option<&'static str>,
}

/// Which strings are in Huffman code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HuffmanReport {
    /// The name, where it was sent as a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<bool>,
    /// The value, where it was sent as a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<bool>,
}

impl From<&HeaderField> for FieldReport {
    fn from(field: &HeaderField) -> Self {
        let name = field.name.as_deref().map(text::text_and_hex);
        let value = field.value.as_deref().map(text::text_and_hex);
        Self {
            name_hex: name.as_ref().and_then(|(_, hex)| hex.clone()),
            name: name.map(|(text, _)| text),
            value_hex: value.as_ref().and_then(|(_, hex)| hex.clone()),
            value: value.map(|(text, _)| text),
            representation: field.representation.name(),
            index: field.index,
            huffman: HuffmanReport {
                name: field.name_string.as_ref().map(|string| string.huffman),
                value: field.value_string.as_ref().map(|string| string.huffman),
            },
            certainty: field.certainty.name(),
            placeholder: field.placeholder.map(|placeholder| placeholder.0),
            inferred_by: None,
        }
    }
}

impl FieldReport {
    /// A field whose name may be a conclusion.
    pub(super) fn concluded(field: &HeaderField, inferred_by: Option<Reason>) -> Self {
        Self {
            inferred_by: inferred_by.map(Reason::name),
            ..Self::from(field)
        }
    }
}

/// A header field with its place and its cost.
#[derive(Clone, Debug, Serialize)]
pub struct HeaderReport {
    /// The connection.
    pub connection: usize,
    /// The frame that starts its block.
    pub frame: usize,
    /// The stream of that frame.
    pub stream: u32,
    /// Who sent it.
    pub direction: Direction,
    /// What it is.
    #[serde(flatten)]
    pub field: FieldReport,
    /// Its bytes within the header block.
    pub range: [usize; 2],
    /// How many bytes it takes there.
    pub encoded_bytes: usize,
    /// How many bytes name and value have.
    pub decoded_bytes: usize,
    /// The number of the insertion, when it was added to the dynamic table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inserted: Option<u64>,
    /// How many entries that pushed out.
    pub evicted: u32,
}

/// One row per header field, connection by connection, in the order of the frames.
pub fn headers(trace: &Trace) -> impl Iterator<Item = HeaderReport> + '_ {
    headers_with(trace, &[])
}

/// The same, with names that a person gives to unseen entries.
pub fn headers_with<'t>(
    trace: &'t Trace,
    hints: &'t [NameHint],
) -> impl Iterator<Item = HeaderReport> + 't {
    trace.connections.iter().flat_map(move |connection| {
        let count = connection.http2().map_or(0, |http2| http2.frames.len());
        let inferences = inferences(trace, connection, hints);
        (0..count).flat_map(move |index| {
            of_frame(trace, connection, FrameId::from_index(index), &inferences)
        })
    })
}

fn of_frame(
    trace: &Trace,
    connection: &Connection,
    id: FrameId,
    inferences: &[Inference; 2],
) -> Vec<HeaderReport> {
    let Some(row) = connection
        .http2()
        .and_then(|http2| http2.frames.get(id.index()))
        .filter(|row| row.starts_block() && row.whole)
    else {
        return Vec::new();
    };
    let inference = &inferences[row.side.index()];
    let mut fields = trace.header_fields(connection, id);
    fields
        .iter_mut()
        .map(|field| {
            let inferred_by = inference.apply(field);
            (&*field, inferred_by)
        })
        .map(|(field, inferred_by)| HeaderReport {
            connection: connection.id.index(),
            frame: id.index(),
            stream: row.stream.0,
            direction: connection.direction(row.side),
            field: FieldReport::concluded(field, inferred_by),
            range: [field.range.start, field.range.end],
            encoded_bytes: field.range.len(),
            decoded_bytes: field.decoded_bytes(),
            inserted: field.inserted,
            evicted: field.evicted,
        })
        .collect()
}

impl Tabular for HeaderReport {
    const COLUMNS: &'static [Column] = &[
        Column::Number("conn"),
        Column::Number("frame"),
        Column::Text(""),
        Column::Number("stream"),
        Column::Text("name"),
        Column::Text("value"),
        Column::Text("representation"),
        Column::Number("index"),
        Column::Number("bytes"),
        Column::Number("of"),
        Column::Number("inserted"),
        Column::Number("evicted"),
    ];

    fn cells(&self) -> Vec<String> {
        let known = |text: &Option<String>, max_chars| match text {
            Some(text) => text::one_line(text, max_chars),
            None => format!("? (unseen entry {})", self.field.placeholder.unwrap_or(0)),
        };
        vec![
            self.connection.to_string(),
            self.frame.to_string(),
            self.direction.arrow().to_owned(),
            self.stream.to_string(),
            match self.field.inferred_by {
                Some(reason) => format!("{} ({reason})", known(&self.field.name, 40)),
                None => known(&self.field.name, 40),
            },
            known(&self.field.value, 60),
            self.field.representation.to_owned(),
            self.field
                .index
                .map_or_else(String::new, |index| index.to_string()),
            self.encoded_bytes.to_string(),
            self.decoded_bytes.to_string(),
            self.inserted
                .map_or_else(String::new, |number| number.to_string()),
            match self.evicted {
                0 => String::new(),
                count => count.to_string(),
            },
        ]
    }
}
