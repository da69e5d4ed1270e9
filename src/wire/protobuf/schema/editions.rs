//! Schemas in editions: files that say `edition = "2023"` instead of a syntax, and by features what a syntax used to fix.
//!
//! The parser and the pool know syntaxes alone. An edition is read as proto3, which agrees with its defaults but for one:
//! fields that come once tell whether they were sent. Features that say otherwise are then applied field by field.
//!
//! Source: protobuf.dev, *Feature Settings for Editions*.

use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    UninterpretedOption,
};
use regex::Regex;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static EDITION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?m)^\s*edition\s*=\s*["']20\d\d["']\s*;"#).ok());
/// Editions reserve names without quotes.
static RESERVED_NAMES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\breserved\s+([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*;").ok());
/// Defaults, which proto3 does not have: they pass the parser as a feature.
static DEFAULTS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"([\[,]\s*)default(\s*=)").ok());

/// The text as a parser of syntaxes takes it; `None` when it is in no edition.
pub(super) fn as_proto3(source: &str) -> Option<String> {
    let found = EDITION.as_ref()?.find(source)?;
    let (before, after) = (source.get(..found.start())?, source.get(found.end()..)?);
    // Lines stay where they are, so that mistakes are told with their place.
    let lines = found.as_str().matches('\n').count();
    let after = RESERVED_NAMES.as_ref().map_or(Cow::from(after), |names| {
        names.replace_all(after, |found: &regex::Captures<'_>| {
            let names = found.get(1).map_or("", |names| names.as_str());
            let quoted: Vec<String> = names
                .split(',')
                .map(|name| format!("\"{}\"", name.trim()))
                .collect();
            format!("reserved {};", quoted.join(", "))
        })
    });
    let after = match DEFAULTS.as_ref() {
        Some(defaults) => defaults.replace_all(&after, "${1}features.default${2}"),
        None => Cow::from(&*after),
    };
    Some(format!(
        "{before}{}syntax = \"proto3\";{after}",
        "\n".repeat(lines)
    ))
}

/// What features say of the fields in their scope.
#[derive(Clone, Copy)]
struct Features {
    presence: Presence,
    expanded: bool,
    delimited: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Explicit,
    Implicit,
    Required,
}

impl Features {
    /// With what these options say, which are taken away: nobody else knows them.
    fn with(mut self, options: Option<&mut Vec<UninterpretedOption>>) -> Self {
        let Some(options) = options else {
            return self;
        };
        options.retain(|option| {
            let [first, rest @ ..] = &option.name[..] else {
                return true;
            };
            if first.is_extension || first.name_part != "features" {
                return true;
            }
            let name = rest.first().map_or("", |part| part.name_part.as_str());
            let value = option.identifier_value.as_deref().unwrap_or_default();
            match (name, value) {
                ("field_presence", "EXPLICIT") => self.presence = Presence::Explicit,
                ("field_presence", "IMPLICIT") => self.presence = Presence::Implicit,
                ("field_presence", "LEGACY_REQUIRED") => self.presence = Presence::Required,
                ("repeated_field_encoding", "EXPANDED") => self.expanded = true,
                ("repeated_field_encoding", "PACKED") => self.expanded = false,
                ("message_encoding", "DELIMITED") => self.delimited = true,
                ("message_encoding", "LENGTH_PREFIXED") => self.delimited = false,
                _ => {}
            }
            false
        });
        self
    }
}

/// Applies the features of a file whose text was in an edition.
pub(super) fn apply(file: &mut FileDescriptorProto) {
    let options = file.options.as_mut();
    let features = Features {
        presence: Presence::Explicit,
        expanded: false,
        delimited: false,
    }
    .with(options.map(|options| &mut options.uninterpreted_option));
    let mut enums = BTreeSet::new();
    file.enum_type
        .iter_mut()
        .for_each(|values| enumeration(values, &mut enums));
    for message in &mut file.message_type {
        enums_within(message, &mut enums);
    }
    for message in &mut file.message_type {
        apply_message(message, features, &enums);
    }
    for extension in &mut file.extension {
        apply_field(extension, features, &enums);
    }
}

/// Notes the enum's name, and takes its features away: whatever its numbers, they are shown.
fn enumeration(values: &mut EnumDescriptorProto, enums: &mut BTreeSet<String>) {
    enums.insert(values.name().to_owned());
    if let Some(options) = &mut values.options {
        options.uninterpreted_option.retain(is_no_feature);
    }
}

fn is_no_feature(option: &UninterpretedOption) -> bool {
    option
        .name
        .first()
        .is_none_or(|part| part.is_extension || part.name_part != "features")
}

fn enums_within(message: &mut DescriptorProto, enums: &mut BTreeSet<String>) {
    message
        .enum_type
        .iter_mut()
        .for_each(|values| enumeration(values, enums));
    for nested in &mut message.nested_type {
        enums_within(nested, enums);
    }
}

fn apply_message(message: &mut DescriptorProto, outer: Features, enums: &BTreeSet<String>) {
    if message
        .options
        .as_ref()
        .is_some_and(|options| options.map_entry())
    {
        return;
    }
    let options = message.options.as_mut();
    let features = outer.with(options.map(|options| &mut options.uninterpreted_option));
    let maps: Vec<String> = message
        .nested_type
        .iter()
        .filter(|nested| {
            nested
                .options
                .as_ref()
                .is_some_and(|options| options.map_entry())
        })
        .map(|nested| nested.name().to_owned())
        .collect();
    for field in &mut message.field {
        let is_map = maps.iter().any(|map| last_part(field.type_name()) == map);
        let inherited = Features {
            delimited: features.delimited && !is_map,
            ..features
        };
        apply_field(field, inherited, enums);
    }
    for extension in &mut message.extension {
        apply_field(extension, features, enums);
    }
    for nested in &mut message.nested_type {
        apply_message(nested, features, enums);
    }
}

/// The default that passed the parser as a feature, as a descriptor has it.
fn default_of(option: &UninterpretedOption) -> Option<String> {
    let [first, second] = &option.name[..] else {
        return None;
    };
    if first.name_part != "features" || second.name_part != "default" {
        return None;
    }
    let text = option.string_value.as_deref().map(String::from_utf8_lossy);
    text.map(Cow::into_owned)
        .or_else(|| option.identifier_value.clone())
        .or_else(|| option.positive_int_value.map(|number| number.to_string()))
        .or_else(|| option.negative_int_value.map(|number| number.to_string()))
        .or_else(|| option.double_value.map(|number| number.to_string()))
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn apply_field(field: &mut FieldDescriptorProto, inherited: Features, enums: &BTreeSet<String>) {
    if let Some(options) = &field.options {
        let default = options.uninterpreted_option.iter().find_map(default_of);
        field.default_value = default.or(field.default_value.take());
    }
    let options = field.options.as_mut();
    let features = inherited.with(options.map(|options| &mut options.uninterpreted_option));
    let repeated = field.label() == Label::Repeated;
    if repeated && features.expanded {
        field.options.get_or_insert_default().packed = Some(false);
    }
    if !repeated && field.oneof_index.is_none() {
        match features.presence {
            Presence::Explicit => field.proto3_optional = Some(true),
            Presence::Implicit => {}
            Presence::Required => field.set_label(Label::Required),
        }
    }
    // The parser leaves open whether a name is that of a message or of an enum.
    let names_message =
        !field.type_name().is_empty() && !enums.contains(last_part(field.type_name()));
    if features.delimited && names_message {
        field.set_type(Type::Group);
    }
}
