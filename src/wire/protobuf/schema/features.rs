//! The features of editions where descriptors have them: in fields of the options that the pool's descriptors lack.
//!
//! A file in an edition says `syntax = "editions"` and its edition by number. Its features are messages of the type
//! `FeatureSet`, one in the options of each thing that sets any. They are found by a walk over the descriptor's bytes and put
//! where the parser leaves those of a text, so that [`super::editions`] applies both.
//!
//! Source: `google/protobuf/descriptor.proto`, `FileDescriptorProto` and `FeatureSet`.

use crate::wire::protobuf::walk::{RawField, RawValue, Walk};
use prost_reflect::prost_types::uninterpreted_option::NamePart;
use prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    UninterpretedOption,
};

/// The features that matter for reading bytes, each with its number, and its values from 1 on.
const FEATURES: [(u32, &str, &[&str]); 5] = [
    (
        1,
        "field_presence",
        &["EXPLICIT", "IMPLICIT", "LEGACY_REQUIRED"],
    ),
    (2, "enum_type", &["OPEN", "CLOSED"]),
    (3, "repeated_field_encoding", &["PACKED", "EXPANDED"]),
    (4, "utf8_validation", &["", "VERIFY", "NONE"]),
    (5, "message_encoding", &["LENGTH_PREFIXED", "DELIMITED"]),
];

/// Puts the features that a descriptor's bytes have into the options of the file that was read from the same bytes.
pub(super) fn attach(file: &mut FileDescriptorProto, bytes: &[u8]) {
    if file.syntax() != super::editions::SYNTAX {
        return;
    }
    let (mut messages, mut enums, mut extensions) = (0, 0, 0);
    for field in Walk::new(bytes) {
        let RawValue::Len(content) = field.value else {
            continue;
        };
        match field.number.0 {
            4 => in_message(next(&mut file.message_type, &mut messages), content),
            5 => in_enum(next(&mut file.enum_type, &mut enums), content),
            7 => in_field(next(&mut file.extension, &mut extensions), content),
            8 => {
                let options = file.options.get_or_insert_default();
                options.uninterpreted_option.extend(found(content, 50));
            }
            _ => {}
        }
    }
}

/// The next of a list: elements stand in the bytes in their order.
fn next<'l, T>(list: &'l mut [T], at: &mut usize) -> Option<&'l mut T> {
    let element = list.get_mut(*at);
    *at = at.saturating_add(1);
    element
}

/// Messages are nested only as deep as those who read the descriptor allow.
fn in_message(message: Option<&mut DescriptorProto>, bytes: &[u8]) {
    let Some(message) = message else {
        return;
    };
    let (mut fields, mut nested, mut enums, mut extensions) = (0, 0, 0, 0);
    for field in Walk::new(bytes) {
        let RawValue::Len(content) = field.value else {
            continue;
        };
        match field.number.0 {
            2 => in_field(next(&mut message.field, &mut fields), content),
            3 => in_message(next(&mut message.nested_type, &mut nested), content),
            4 => in_enum(next(&mut message.enum_type, &mut enums), content),
            6 => in_field(next(&mut message.extension, &mut extensions), content),
            7 => {
                let options = message.options.get_or_insert_default();
                options.uninterpreted_option.extend(found(content, 12));
            }
            _ => {}
        }
    }
}

fn in_field(field: Option<&mut FieldDescriptorProto>, bytes: &[u8]) {
    let Some(field) = field else {
        return;
    };
    for content in contents(bytes, 8) {
        let options = field.options.get_or_insert_default();
        options.uninterpreted_option.extend(found(content, 21));
    }
}

fn in_enum(values: Option<&mut EnumDescriptorProto>, bytes: &[u8]) {
    let Some(values) = values else {
        return;
    };
    for content in contents(bytes, 3) {
        let options = values.options.get_or_insert_default();
        options.uninterpreted_option.extend(found(content, 7));
    }
}

/// The contents of all `LEN` fields with a number.
pub(super) fn contents(bytes: &[u8], number: u32) -> impl Iterator<Item = &[u8]> {
    Walk::new(bytes).filter_map(move |field| match field.value {
        RawValue::Len(content) if field.number.0 == number => Some(content),
        _ => None,
    })
}

/// What the features say that are in these options under this number.
fn found(options: &[u8], number: u32) -> Vec<UninterpretedOption> {
    contents(options, number)
        .flat_map(Walk::new)
        .filter_map(|feature| as_option(&feature))
        .collect()
}

fn as_option(feature: &RawField<'_>) -> Option<UninterpretedOption> {
    let RawValue::Varint(value) = feature.value else {
        return None;
    };
    let number = feature.number.0;
    let (_, name, values) = FEATURES.into_iter().find(|(own, ..)| *own == number)?;
    let value = values.get(usize::try_from(value).ok()?.checked_sub(1)?)?;
    let part = |name: &str| NamePart {
        name_part: name.to_owned(),
        is_extension: false,
    };
    Some(UninterpretedOption {
        name: vec![part("features"), part(name)],
        identifier_value: Some((*value).to_owned()),
        ..UninterpretedOption::default()
    })
}
