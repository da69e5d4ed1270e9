//! The same bytes read by two versions of a schema.

use super::print;
use crate::report::table::{Column, Tabular, write_table};
use crate::wire::protobuf::Decoder;
use crate::wire::protobuf::evolution::{self, Change, default_text};
use crate::wire::protobuf::tree::Message;
use prost_reflect::MessageDescriptor;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Two readings of the same bytes, and what changed between the schemas.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonReport {
    /// The type's full name in the old schema.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The fields of the bytes, in their order; then those that were not sent.
    pub fields: Vec<SideBySide>,
    /// What changed.
    pub changes: Vec<ChangeReport>,
}

/// One field as the two versions see it. Left out where a version does not see it at all.
#[derive(Clone, Debug, Serialize)]
pub struct SideBySide {
    /// `[first, end)`; left out for a field that was not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[usize; 2]>,
    /// What the old version reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What the new version reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// A change between the two versions.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeReport {
    /// The message or enum.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The number of the field or value.
    pub number: i64,
    /// What kind of change, a stable name.
    pub change: &'static str,
    /// `safe`, `careful`, `breaking`.
    pub verdict: &'static str,
    /// What it means.
    pub text: String,
}

/// Reads bytes by two versions of a type, and says what changed between them.
pub fn compare(bytes: &[u8], old: &MessageDescriptor, new: &MessageDescriptor) -> ComparisonReport {
    ComparisonReport {
        type_name: old.full_name().to_owned(),
        fields: side_by_side(bytes, old, new),
        changes: changes(evolution::changes(old, new)),
    }
}

/// Bytes as two versions of a type read them, in their order; then what was not sent.
pub fn side_by_side(
    bytes: &[u8],
    old: &MessageDescriptor,
    new: &MessageDescriptor,
) -> Vec<SideBySide> {
    let mut rows: BTreeMap<(usize, std::cmp::Reverse<usize>), SideBySide> = BTreeMap::new();
    for (message_type, is_old) in [(old, true), (new, false)] {
        let message = Decoder::new().decode(bytes, Some(message_type));
        collect(&message, 0, is_old, &mut rows);
    }
    let mut fields: Vec<SideBySide> = rows.into_values().collect();
    fields.extend(not_sent(bytes, old, new));
    fields
}

/// Changes as rows, the worst first.
pub fn changes(mut changes: Vec<Change>) -> Vec<ChangeReport> {
    changes.sort_by_key(|change| std::cmp::Reverse(change.verdict));
    changes
        .into_iter()
        .map(|change| ChangeReport {
            type_name: change.type_name,
            number: change.number,
            change: change.kind.name(),
            verdict: change.verdict.name(),
            text: change.text,
        })
        .collect()
}

/// Outer fields come before those within them.
fn collect(
    message: &Message,
    depth: usize,
    is_old: bool,
    rows: &mut BTreeMap<(usize, std::cmp::Reverse<usize>), SideBySide>,
) {
    for field in &message.fields {
        let range = (field.range.start, std::cmp::Reverse(field.range.end));
        let row = rows.entry(range).or_insert_with(|| SideBySide {
            range: Some([field.range.start, field.range.end]),
            old: None,
            new: None,
        });
        let text = format!("{}{}", "  ".repeat(depth), print::line(field));
        if is_old {
            row.old = Some(text);
        } else {
            row.new = Some(text);
        }
        if let Some(inner) = &field.inner {
            collect(inner, depth + 1, is_old, rows);
        }
    }
}

/// Fields of either version that are not in the bytes.
fn not_sent(
    bytes: &[u8],
    old: &MessageDescriptor,
    new: &MessageDescriptor,
) -> impl Iterator<Item = SideBySide> {
    let message = Decoder::new().decode(bytes, Some(new));
    let text = |message_type: &MessageDescriptor, number| {
        let field = message_type.get_field(number)?;
        let default = default_text(&field);
        Some(format!(
            "{number} {}: not sent, read as {default}",
            field.name()
        ))
    };
    let mut numbers: Vec<u32> = old
        .fields()
        .chain(new.fields())
        .map(|field| field.number())
        .filter(|&number| message.last(number).is_none())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let rows: Vec<SideBySide> = numbers
        .into_iter()
        .map(|number| SideBySide {
            range: None,
            old: text(old, number),
            new: text(new, number),
        })
        .collect();
    rows.into_iter()
}

impl Tabular for SideBySide {
    const COLUMNS: &'static [Column] = &[
        Column::Text("bytes"),
        Column::Text("the old version reads"),
        Column::Text("the new version reads"),
    ];

    fn cells(&self) -> Vec<String> {
        let range = self
            .range
            .map(|[start, end]| format!("{start}–{}", end.saturating_sub(1)));
        vec![
            range.unwrap_or_else(|| "none".to_owned()),
            self.old.clone().unwrap_or_else(|| "—".to_owned()),
            self.new.clone().unwrap_or_else(|| "—".to_owned()),
        ]
    }
}

impl Tabular for ChangeReport {
    const COLUMNS: &'static [Column] = &[
        Column::Text("verdict"),
        Column::Text("change"),
        Column::Text("type"),
        Column::Text("what it means"),
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.verdict.to_owned(),
            self.change.to_owned(),
            self.type_name.clone(),
            self.text.clone(),
        ]
    }
}

impl ComparisonReport {
    /// Prints it for a person.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        write_table(out, self.fields.iter().cloned())?;
        writeln!(out)?;
        if self.changes.is_empty() {
            return writeln!(out, "{} is the same in both versions.", self.type_name);
        }
        write_table(out, self.changes.iter().cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::protobuf::SchemaBuilder;

    fn message(body: &str) -> MessageDescriptor {
        let mut builder = SchemaBuilder::default();
        let source = format!("syntax = \"proto3\"; message User {{ {body} }}");
        builder.add_source("user.proto", &source);
        builder.build().message("User").unwrap()
    }

    #[test]
    fn old_readers_ignore_and_new_readers_default() {
        let old = message("int64 id = 1; string name = 2;");
        let new = message("int64 id = 1; string name = 2; string email = 3; string phone = 4;");
        let bytes = [
            0x08, 0x2a, // 1: 42
            0x1a, 0x03, 0x61, 0x40, 0x62, // 3: "a@b"
        ];
        let report = compare(&bytes, &old, &new);
        let mut out = Vec::new();
        report.write_table(&mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
