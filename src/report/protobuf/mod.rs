//! `wireloom protobuf`: one message, from its bits to its fields.

mod compare;
mod lines;
mod print;

pub use compare::{ChangeReport, ComparisonReport, SideBySide, compare, side_by_side};
pub use lines::{FieldLine, lines};

use super::fields::{self, DamageReport, FieldReport};
use super::text;
use crate::wire::protobuf::bits::{self, Step};
use crate::wire::protobuf::evolution::default_text;
use crate::wire::protobuf::size::{self, Sizes};
use crate::wire::protobuf::tree::Message;
use prost_reflect::{Cardinality, MessageDescriptor};
use serde::Serialize;
use std::io::{self, Write};

/// A message, explained.
#[derive(Clone, Debug, Serialize)]
pub struct ProtobufReport {
    /// Its type's full name, when there is a schema.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// Its bytes.
    pub hex: String,
    /// How many bytes it has.
    pub length: usize,
    /// Its fields.
    pub fields: Vec<FieldReport>,
    /// What stopped the reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<DamageReport>,
    /// Fields of the schema that were not sent, and what readers see instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_sent: Vec<NotSentReport>,
    /// Its bytes from the first to the last, split.
    pub steps: Vec<StepReport>,
    /// How large it is, and as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Sizes>,
    /// The same message as protobuf's canonical JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    #[serde(skip)]
    message: Message,
}

/// A field that was not sent.
#[derive(Clone, Debug, Serialize)]
pub struct NotSentReport {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// What readers see.
    pub default: String,
}

/// A run of bytes and what it says.
#[derive(Clone, Debug, Serialize)]
pub struct StepReport {
    /// `[first, end)`.
    pub range: [usize; 2],
    /// How deep the field is nested.
    pub depth: usize,
    /// What it is for: `tag`, `length`, `varint`, `fixed`, `bytes`, `end tag`, `damaged`.
    pub part: &'static str,
    /// What the groups of a varint add up to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// The bytes of a varint.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupReport>,
    /// What it means.
    pub meaning: String,
}

/// One byte of a varint.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct GroupReport {
    /// The byte.
    pub byte: u8,
    /// Whether another follows: its highest bit.
    pub more: bool,
    /// Its other seven bits.
    pub bits: u8,
    /// By how many bits they are shifted left.
    pub shift: u32,
}

/// Explains a message that was decoded from `bytes`.
pub fn protobuf(
    message: Message,
    bytes: &[u8],
    message_type: Option<&MessageDescriptor>,
) -> ProtobufReport {
    ProtobufReport {
        type_name: message.type_name.clone(),
        hex: text::hex(bytes),
        length: bytes.len(),
        fields: fields::fields(&message),
        damage: fields::damage(&message),
        not_sent: message_type
            .map_or_else(Vec::new, |message_type| not_sent(&message, message_type)),
        steps: bits::steps(&message, bytes).iter().map(step).collect(),
        size: message_type.and_then(|message_type| size::sizes(bytes, message_type)),
        json: message_type.and_then(|message_type| size::canonical_json(bytes, message_type)),
        message,
    }
}

/// The fields that readers see although they were not sent: neither lists nor members of oneofs.
pub fn not_sent(message: &Message, message_type: &MessageDescriptor) -> Vec<NotSentReport> {
    message_type
        .fields()
        .filter(|field| message.last(field.number()).is_none())
        .filter(|field| field.cardinality() != Cardinality::Repeated)
        .filter(|field| {
            let oneof = field.containing_oneof();
            oneof.is_none_or(|oneof| oneof.is_synthetic())
        })
        .map(|field| NotSentReport {
            number: field.number(),
            name: field.name().to_owned(),
            default: default_text(&field),
        })
        .collect()
}

fn step(step: &Step) -> StepReport {
    StepReport {
        range: [step.range.start, step.range.end],
        depth: step.depth,
        part: step.part.name(),
        number: step.number,
        groups: step
            .groups
            .iter()
            .map(|group| GroupReport {
                byte: group.byte,
                more: group.more,
                bits: group.bits,
                shift: group.shift,
            })
            .collect(),
        meaning: step.meaning.clone(),
    }
}

impl ProtobufReport {
    /// Prints it for a person: the bytes with their bits, the fields, the sizes.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        let what = match &self.type_name {
            Some(name) => format!(" as {name}"),
            None => ", without a schema".to_owned(),
        };
        let bytes = if self.length == 1 { "byte" } else { "bytes" };
        writeln!(out, "{} {bytes}{what}\n", self.length)?;
        print::steps(out, &self.hex, &self.steps)?;
        writeln!(out)?;
        print::fields(out, &self.message, 0)?;
        for field in &self.not_sent {
            let (number, name, default) = (field.number, &field.name, &field.default);
            writeln!(out, "{number} {name}: not sent, read as {default}")?;
        }
        if let (Some(size), Some(json)) = (&self.size, &self.json) {
            writeln!(out)?;
            print::size(out, size, json)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::protobuf::Decoder;
    use crate::wire::protobuf::textbook::{FIRST_FIELDS, user_type};

    fn printed(bytes: &[u8], message_type: Option<&MessageDescriptor>) -> String {
        let message = Decoder::new().decode(bytes, message_type);
        let mut out = Vec::new();
        protobuf(message, bytes, message_type)
            .write_table(&mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_textbooks_bytes_are_explained_bit_by_bit() {
        insta::assert_snapshot!(printed(&FIRST_FIELDS, user_type().as_ref()));
    }

    #[test]
    fn without_a_schema_the_readings_are_listed_and_damage_has_its_byte() {
        let bytes = [
            0x08, 0x96, 0x01, // 1: 150
            0x1a, 0x03, 0x01, 0x02, 0x03, // 3: packed
            0x25, 0x00, 0x00, 0x20, 0x41, // 4: 10.0
            0x12, 0x09, 0x61, // 2: cut
        ];
        insta::assert_snapshot!(printed(&bytes, None));
    }
}
