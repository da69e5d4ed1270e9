//! Packed fields: numbers one after another in one `LEN` field.
//!
//! Source: protobuf.dev, *Encoding*, "Packed Repeated Fields".

use super::super::tree::{Field, Note};
use super::super::value::{Element, Value};
use super::super::varint::Varint;
use super::super::walk::{RawField, RawValue};
use super::Work;
use super::named::scalar;
use crate::wire::reader::Reader;
use prost_reflect::Kind;

impl Work<'_> {
    /// Reads the elements of a packed field of a declared type.
    pub(super) fn list(
        &mut self,
        field: &mut Field,
        raw: &RawField<'_>,
        content: &[u8],
        kind: &Kind,
    ) {
        let mut elements = Vec::new();
        let mut reader = Reader::at(content, raw.content.start);
        while !reader.is_empty() && self.fields_left > 0 {
            let start = reader.position();
            let Some(value) = element(&mut reader, kind, &mut field.notes) else {
                if raw.complete {
                    field.notes.push(Note::CutElement);
                }
                break;
            };
            self.fields_left -= 1;
            let end = reader.position();
            elements.push(Element { value, start, end });
        }
        field.notes.dedup();
        field.value = Some(Value::List(elements));
    }
}

fn element(reader: &mut Reader<'_>, kind: &Kind, notes: &mut Vec<Note>) -> Option<Value> {
    let raw = match kind {
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => {
            RawValue::I64(u64::from_le_bytes(reader.array().ok()?))
        }
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => {
            RawValue::I32(u32::from_le_bytes(reader.array().ok()?))
        }
        _ => {
            let varint = Varint::read(reader).ok()?;
            if varint.padded {
                notes.push(Note::Padded);
            }
            RawValue::Varint(varint.value)
        }
    };
    scalar(kind, raw, notes)
}
