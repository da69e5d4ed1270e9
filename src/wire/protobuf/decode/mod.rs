//! Makes a tree of fields from the bytes of a message.

mod declared;
mod lists;
mod named;
mod repeats;
#[cfg(test)]
mod tests;
mod unnamed;
mod well_known;

use super::damage::{Damage, DamageKind};
use super::evidence::Evidence;
use super::number::FieldNumber;
use super::overrides::Overrides;
use super::tree::{Field, Message, Note};
use super::walk::{RawField, Walk};
use super::{MAX_DEPTH, MAX_FIELDS};
use declared::Declared;
use prost_reflect::{DescriptorPool, MessageDescriptor};

/// What a decoder knows beside the bytes.
///
/// Without anything it reads each field by itself alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decoder<'k> {
    scope: &'k str,
    evidence: Option<&'k Evidence>,
    overrides: Option<&'k Overrides>,
    /// Where types of `Any` are looked up when the message's own pool lacks them.
    any_types: Option<&'k DescriptorPool>,
}

impl<'k> Decoder<'k> {
    /// A decoder that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What other messages of the same scope told.
    #[must_use]
    pub fn with_evidence(self, evidence: &'k Evidence, scope: &'k str) -> Self {
        Self {
            evidence: Some(evidence),
            scope,
            ..self
        }
    }

    /// What a person said about fields of the same scope.
    #[must_use]
    pub fn with_overrides(self, overrides: &'k Overrides, scope: &'k str) -> Self {
        Self {
            overrides: Some(overrides),
            scope,
            ..self
        }
    }

    /// Types for `Any`, beside those of the message's own schema.
    #[must_use]
    pub fn with_any_types(self, pool: &'k DescriptorPool) -> Self {
        Self {
            any_types: Some(pool),
            ..self
        }
    }

    /// Decodes one whole message. `message_type` names its fields; without, all have readings.
    pub fn decode(&self, message: &[u8], message_type: Option<&MessageDescriptor>) -> Message {
        let mut work = Work {
            know: *self,
            fields_left: MAX_FIELDS,
            path: Vec::new(),
        };
        work.message(message, 0, message_type)
    }
}

/// One decoding under way.
struct Work<'k> {
    know: Decoder<'k>,
    /// How many more fields and elements may be made.
    fields_left: usize,
    /// The numbers of the fields around, outermost first.
    path: Vec<FieldNumber>,
}

impl Work<'_> {
    fn message(
        &mut self,
        bytes: &[u8],
        position: usize,
        message_type: Option<&MessageDescriptor>,
    ) -> Message {
        let mut message = Message {
            type_name: message_type.map(|message_type| message_type.full_name().to_owned()),
            ..Message::default()
        };
        if self.path.len() >= MAX_DEPTH {
            if !bytes.is_empty() {
                let kind = DamageKind::TooDeep;
                message.damage = Some(Damage { at: position, kind });
            }
            return message;
        }
        let mut walk = Walk::at(bytes, position);
        while let Some(raw) = walk.next() {
            if self.fields_left == 0 {
                let kind = DamageKind::TooManyFields;
                let at = raw.range.start;
                message.damage = Some(Damage { at, kind });
                break;
            }
            self.fields_left -= 1;
            self.path.push(raw.number);
            let mut field = self.field(&raw, message_type);
            self.path.pop();
            note_oddities(&mut field, &raw, walk.damage());
            message.fields.push(field);
        }
        message.damage = message.damage.or(walk.damage());
        if let Some(message_type) = message_type {
            repeats::note(&mut message.fields, message_type);
            self.well_known(&mut message, bytes, position, message_type);
        }
        message
    }

    fn field(&mut self, raw: &RawField<'_>, message_type: Option<&MessageDescriptor>) -> Field {
        let mut field = Field {
            number: raw.number,
            wire_type: raw.wire_type,
            range: raw.range.clone(),
            tag: raw.tag.clone(),
            length: raw.length.clone(),
            content: raw.content.clone(),
            name: None,
            type_name: None,
            label: None,
            value: None,
            inner: None,
            unknown: false,
            readings: Vec::new(),
            notes: Vec::new(),
        };
        let declared =
            message_type.and_then(|message_type| Declared::find(message_type, raw.number));
        match declared {
            Some(declared) => self.named(&mut field, raw, &declared),
            None => {
                field.unknown = message_type.is_some();
                self.unnamed(&mut field, raw);
            }
        }
        field
    }
}

fn note_oddities(field: &mut Field, raw: &RawField<'_>, damage: Option<Damage>) {
    if raw.padded {
        field.notes.push(Note::Padded);
    }
    if let (false, Some(damage)) = (raw.complete, damage)
        && let DamageKind::LengthPastEnd {
            declared,
            available,
            ..
        } = damage.kind
        && field
            .length
            .as_ref()
            .is_some_and(|length| length.start == damage.at)
    {
        field.notes.push(Note::Cut {
            declared,
            available,
        });
    }
}
