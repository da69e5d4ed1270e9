//! Fields that the schema has.

use super::super::WireType;
use super::super::schema::is_closed;
use super::super::tree::{Field, Label, Note};
use super::super::value::Value;
use super::super::varint::signed_from_zigzag;
use super::super::walk::{RawField, RawValue};
use super::Work;
use super::declared::Declared;
use prost_reflect::Kind;

impl Work<'_> {
    /// Fills a field with what its declaration says.
    pub(super) fn named(&mut self, field: &mut Field, raw: &RawField<'_>, declared: &Declared) {
        field.name = Some(declared.name.clone());
        field.type_name = Some(declared.type_name());
        field.label = Some(declared.label.clone());
        let expected = declared.wire_type();
        if let RawValue::Len(content) = raw.value
            && declared.is_list()
            && !matches!(expected, WireType::Len | WireType::StartGroup)
        {
            if !declared.packed {
                field.notes.push(Note::Packed);
            }
            self.list(field, raw, content, &declared.kind);
            return;
        }
        if declared.packed && raw.wire_type == expected {
            field.notes.push(Note::NotPacked);
        }
        match (raw.value, &declared.kind) {
            (RawValue::Len(content), Kind::Message(inner)) if !declared.group => {
                self.nested(field, raw, content, inner);
                if declared.map && inner_is_outside(field) {
                    field.unknown = true;
                    field.notes.push(Note::EntryOutsideEnum);
                }
            }
            (RawValue::Group(content), Kind::Message(inner)) if declared.group => {
                self.nested(field, raw, content, inner);
            }
            (RawValue::Len(content), Kind::String) => {
                if std::str::from_utf8(content).is_err() && raw.complete {
                    field.notes.push(if declared.checks_utf8() {
                        Note::NotUtf8
                    } else {
                        Note::NotUtf8Unchecked
                    });
                }
                field.value = Some(Value::from_text_bytes(content));
            }
            (RawValue::Len(content), Kind::Bytes) => {
                field.value = Some(Value::Bytes(content.to_vec()));
            }
            (raw_value, kind) => match scalar(kind, raw_value, &mut field.notes) {
                Some(value) => {
                    field.value = Some(value);
                    field.unknown = field.notes.iter().any(is_outside);
                }
                None => self.mismatch(field, raw, declared),
            },
        }
    }

    fn nested(
        &mut self,
        field: &mut Field,
        raw: &RawField<'_>,
        content: &[u8],
        inner: &prost_reflect::MessageDescriptor,
    ) {
        let mut message = self.message(content, raw.content.start, Some(inner));
        field.value = message.value.take();
        field.inner = Some(message);
    }

    /// The wire type is not one of the declared type: parsers put such a field with the unknown ones.
    fn mismatch(&mut self, field: &mut Field, raw: &RawField<'_>, declared: &Declared) {
        let list = if declared.label == Label::Repeated {
            "repeated "
        } else {
            ""
        };
        field.notes.push(Note::WrongWireType {
            expected: format!("{list}{}", declared.type_name()),
            found: raw.wire_type,
        });
        field.unknown = true;
        self.unnamed(field, raw);
    }
}

fn is_outside(note: &Note) -> bool {
    matches!(note, Note::OutsideClosedEnum { .. })
}

/// Whether the value of a map's entry is a number that its closed enum lacks.
fn inner_is_outside(entry: &Field) -> bool {
    let value = entry.inner.as_ref().and_then(|inner| inner.last(2));
    value.is_some_and(|value| value.notes.iter().any(is_outside))
}

/// A number as its declared type reads it. `None` when the wire type is not one of the type.
pub(super) fn scalar(kind: &Kind, raw: RawValue<'_>, notes: &mut Vec<Note>) -> Option<Value> {
    Some(match (raw, kind) {
        (RawValue::I64(value), Kind::Double) => Value::Double(f64::from_bits(value)),
        (RawValue::I64(value), Kind::Fixed64) => Value::Unsigned(value),
        (RawValue::I64(value), Kind::Sfixed64) => Value::Signed(value.cast_signed()),
        (RawValue::I32(value), Kind::Float) => Value::Float(f32::from_bits(value)),
        (RawValue::I32(value), Kind::Fixed32) => Value::Unsigned(value.into()),
        (RawValue::I32(value), Kind::Sfixed32) => Value::Signed(value.cast_signed().into()),
        (RawValue::Varint(value), kind) => varint(kind, value, notes)?,
        _ => return None,
    })
}

fn varint(kind: &Kind, value: u64, notes: &mut Vec<Note>) -> Option<Value> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "parsers keep the lowest 32 bits"
    )]
    let low = value as u32;
    // Negative numbers of 32 bits are sent with the sign spread over all 64.
    let fits_signed = i64::from(low.cast_signed()) == value.cast_signed();
    let fits = match kind {
        Kind::Int32 | Kind::Enum(_) => fits_signed,
        Kind::Uint32 | Kind::Sint32 => u64::from(low) == value,
        _ => true,
    };
    if !fits {
        notes.push(Note::Shortened { value });
    }
    Some(match kind {
        Kind::Int64 => Value::Signed(value.cast_signed()),
        Kind::Uint64 => Value::Unsigned(value),
        Kind::Sint64 => Value::Signed(signed_from_zigzag(value)),
        Kind::Int32 => Value::Signed(low.cast_signed().into()),
        Kind::Uint32 => Value::Unsigned(low.into()),
        Kind::Sint32 => Value::Signed(signed_from_zigzag(low.into())),
        Kind::Bool => Value::Bool(value != 0),
        Kind::Enum(values) => {
            let number = low.cast_signed();
            let name = values
                .get_value(number)
                .map(|value| value.name().to_owned());
            if name.is_none() {
                notes.push(if is_closed(values) {
                    Note::OutsideClosedEnum { number }
                } else {
                    Note::UnnamedValue { number }
                });
            }
            Value::Enum { number, name }
        }
        _ => return None,
    })
}
