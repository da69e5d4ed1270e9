//! A field as the schema declares it, be it the message's own or an extension of it.

use super::super::number::{FieldNumber, WireType};
use super::super::schema::{checks_utf8, extension_checks_utf8};
use super::super::tree::Label;
use prost_reflect::{Cardinality, ExtensionDescriptor, FieldDescriptor, Kind, MessageDescriptor};

/// A declared field.
pub(super) struct Declared {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) label: Label,
    pub(super) packed: bool,
    pub(super) group: bool,
    pub(super) map: bool,
    field: Found,
}

enum Found {
    Own(FieldDescriptor),
    Extension(ExtensionDescriptor),
}

impl Declared {
    /// The field of a message with this number, if the schema has one.
    pub(super) fn find(message: &MessageDescriptor, number: FieldNumber) -> Option<Self> {
        if let Some(field) = message.get_field(number.0) {
            let oneof = field
                .containing_oneof()
                .filter(|oneof| !oneof.is_synthetic());
            let label = match (field.cardinality(), oneof) {
                (_, Some(oneof)) => Label::Oneof(oneof.name().to_owned()),
                (Cardinality::Repeated, _) => Label::Repeated,
                (Cardinality::Required, _) => Label::Required,
                // Of messages it can always be told whether they are there, and the file does not say so.
                _ if field.supports_presence() && !is_message(&field.kind()) => Label::Optional,
                _ => Label::Implicit,
            };
            return Some(Self {
                name: field.name().to_owned(),
                kind: field.kind(),
                label,
                packed: field.is_packed(),
                group: field.is_group(),
                map: field.is_map(),
                field: Found::Own(field),
            });
        }
        let extension = message.get_extension(number.0)?;
        Some(Self {
            name: format!("[{}]", extension.full_name()),
            kind: extension.kind(),
            label: match extension.cardinality() {
                Cardinality::Repeated => Label::Repeated,
                _ => Label::Optional,
            },
            packed: extension.is_packed(),
            group: extension.is_group(),
            map: false,
            field: Found::Extension(extension),
        })
    }

    /// Whether parsers refuse a message in which this text is not UTF-8.
    pub(super) fn checks_utf8(&self) -> bool {
        match &self.field {
            Found::Own(field) => checks_utf8(field),
            Found::Extension(extension) => extension_checks_utf8(extension),
        }
    }

    pub(super) fn is_list(&self) -> bool {
        self.label == Label::Repeated
    }

    /// The wire type of one value, not packed.
    pub(super) fn wire_type(&self) -> WireType {
        if self.group {
            return WireType::StartGroup;
        }
        match self.kind {
            Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => WireType::I64,
            Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => WireType::I32,
            Kind::String | Kind::Bytes | Kind::Message(_) => WireType::Len,
            _ => WireType::Varint,
        }
    }

    /// The type as people write it.
    pub(super) fn type_name(&self) -> String {
        match &self.kind {
            Kind::Message(entry) if self.map => {
                let part = |number| {
                    entry
                        .get_field(number)
                        .map(|field| kind_name(&field.kind()))
                };
                match (part(1), part(2)) {
                    (Some(key), Some(value)) => format!("map<{key}, {value}>"),
                    _ => entry.full_name().to_owned(),
                }
            }
            kind => kind_name(kind),
        }
    }
}

fn is_message(kind: &Kind) -> bool {
    matches!(kind, Kind::Message(_))
}

/// A type as people write it: `int64`, `users.Address`.
pub(super) fn kind_name(kind: &Kind) -> String {
    match kind {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(values) => values.full_name().to_owned(),
        Kind::Double => "double".to_owned(),
        Kind::Float => "float".to_owned(),
        Kind::Int32 => "int32".to_owned(),
        Kind::Int64 => "int64".to_owned(),
        Kind::Uint32 => "uint32".to_owned(),
        Kind::Uint64 => "uint64".to_owned(),
        Kind::Sint32 => "sint32".to_owned(),
        Kind::Sint64 => "sint64".to_owned(),
        Kind::Fixed32 => "fixed32".to_owned(),
        Kind::Fixed64 => "fixed64".to_owned(),
        Kind::Sfixed32 => "sfixed32".to_owned(),
        Kind::Sfixed64 => "sfixed64".to_owned(),
        Kind::Bool => "bool".to_owned(),
        Kind::String => "string".to_owned(),
        Kind::Bytes => "bytes".to_owned(),
    }
}
