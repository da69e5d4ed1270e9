//! Schemas in editions: files that say `edition = "2023"` instead of a syntax, and by features what a syntax used to fix.
//!
//! The parser and the pool know syntaxes alone. An edition is read as proto3, which agrees with its defaults but for one:
//! fields that come once tell whether they were sent. Features that say otherwise are then applied field by field. They
//! are options without meaning to the parser; [`super::features`] finds the same in descriptors.
//!
//! Source: protobuf.dev, *Feature Settings for Editions*.

use super::marks;
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
/// Words before `message`, `enum` and a file's name that came with the edition 2024: who may use a type, and imports for
/// options alone. None changes bytes.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)(?:\b(?:export|local)\s+(message|enum)\s+([A-Za-z_])|^(\s*import)\s+option\s+(["']))"#,
    )
    .ok()
});
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
    let after = match WORDS.as_ref() {
        Some(words) => words.replace_all(&after, "${1}${3} ${2}${4}"),
        None => Cow::from(&*after),
    };
    let after = match DEFAULTS.as_ref() {
        Some(defaults) => defaults.replace_all(&after, "${1}features.default${2}"),
        None => Cow::from(&*after),
    };
    Some(format!(
        "{before}{}syntax = \"proto3\";{after}",
        "\n".repeat(lines)
    ))
}

/// What a file says in place of a syntax when it is in an edition.
pub(super) const SYNTAX: &str = "editions";

/// What features say of what is in their scope. These are what editions 2023 and 2024 have by themselves.
#[derive(Clone, Copy)]
struct Features {
    presence: Presence,
    expanded: bool,
    delimited: bool,
    closed: bool,
    checks_utf8: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Explicit,
    Implicit,
    Required,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            presence: Presence::Explicit,
            expanded: false,
            delimited: false,
            closed: false,
            checks_utf8: true,
        }
    }
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
                ("enum_type", "CLOSED") => self.closed = true,
                ("enum_type", "OPEN") => self.closed = false,
                ("utf8_validation", "NONE") => self.checks_utf8 = false,
                ("utf8_validation", "VERIFY") => self.checks_utf8 = true,
                _ => {}
            }
            false
        });
        self
    }
}

/// Applies the features of a file in an edition and gives it the syntax that is nearest: proto3, unless an enum begins
/// with another value than 0, which proto3 does not allow. What features say otherwise of enums and texts becomes marks.
pub(super) fn apply(file: &mut FileDescriptorProto) {
    let options = file.options.as_mut();
    let features =
        Features::default().with(options.map(|options| &mut options.uninterpreted_option));
    let mut work = Work::default();
    for (index, values) in file.enum_type.iter_mut().enumerate() {
        work.enumeration(values, features, &[5, place(index)]);
    }
    for message in &mut file.message_type {
        work.name_enums(message);
    }
    for (index, message) in file.message_type.iter_mut().enumerate() {
        work.message(message, features, &[4, place(index)]);
    }
    for (index, extension) in file.extension.iter_mut().enumerate() {
        work.field(extension, features, false, &[7, place(index)]);
    }
    let syntax = if work.begins_elsewhere {
        "proto2"
    } else {
        "proto3"
    };
    file.syntax = Some(syntax.to_owned());
    let by_syntax = syntax == "proto2";
    let closed = work.enums.into_iter().filter(|(_, own)| *own != by_syntax);
    let unchecked = work.texts.into_iter().filter(|(_, own)| *own != by_syntax);
    marks::write(file, closed.chain(unchecked).map(|(path, _)| path));
}

/// A place in a list, as paths of descriptors have it.
fn place(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}

fn joined(path: &[i32], list: i32, index: usize) -> Vec<i32> {
    [path, &[list, place(index)]].concat()
}

#[derive(Default)]
struct Work {
    /// The names of all enums, by which a text's fields of enums are told from those of messages.
    names: BTreeSet<String>,
    /// Whether an enum's first value is not 0.
    begins_elsewhere: bool,
    /// The paths of enums, and whether each is closed.
    enums: Vec<(Vec<i32>, bool)>,
    /// The paths of text fields, and whether each may hold other than UTF-8.
    texts: Vec<(Vec<i32>, bool)>,
}

impl Work {
    fn enumeration(&mut self, values: &mut EnumDescriptorProto, outer: Features, path: &[i32]) {
        self.names.insert(values.name().to_owned());
        let options = values.options.as_mut();
        let features = outer.with(options.map(|options| &mut options.uninterpreted_option));
        self.begins_elsewhere |= values
            .value
            .first()
            .is_some_and(|first| first.number() != 0);
        self.enums.push((path.to_vec(), features.closed));
    }

    fn name_enums(&mut self, message: &DescriptorProto) {
        let names = message.enum_type.iter().map(|values| values.name());
        self.names.extend(names.map(str::to_owned));
        for nested in &message.nested_type {
            self.name_enums(nested);
        }
    }

    fn message(&mut self, message: &mut DescriptorProto, outer: Features, path: &[i32]) {
        let options = message.options.as_mut();
        let is_entry = options.as_ref().is_some_and(|options| options.map_entry());
        let features = outer.with(options.map(|options| &mut options.uninterpreted_option));
        for (index, values) in message.enum_type.iter_mut().enumerate() {
            self.enumeration(values, features, &joined(path, 4, index));
        }
        let maps: Vec<String> = message
            .nested_type
            .iter()
            .filter(|nested| {
                let options = nested.options.as_ref();
                options.is_some_and(|options| options.map_entry())
            })
            .map(|nested| nested.name().to_owned())
            .collect();
        for (index, field) in message.field.iter_mut().enumerate() {
            // Maps and what they hold are never delimited, and the parts of an entry are as maps have them.
            let is_map = maps.iter().any(|map| last_part(field.type_name()) == map);
            let inherited = Features {
                delimited: features.delimited && !is_map && !is_entry,
                ..features
            };
            self.field(field, inherited, is_entry, &joined(path, 2, index));
        }
        for (index, extension) in message.extension.iter_mut().enumerate() {
            self.field(extension, features, false, &joined(path, 6, index));
        }
        for (index, nested) in message.nested_type.iter_mut().enumerate() {
            self.message(nested, features, &joined(path, 3, index));
        }
    }

    fn field(
        &mut self,
        field: &mut FieldDescriptorProto,
        inherited: Features,
        in_entry: bool,
        path: &[i32],
    ) {
        if let Some(options) = &field.options {
            let default = options.uninterpreted_option.iter().find_map(default_of);
            field.default_value = default.or(field.default_value.take());
        }
        let options = field.options.as_mut();
        let features = inherited.with(options.map(|options| &mut options.uninterpreted_option));
        if field.r#type == Some(Type::String.into()) {
            self.texts.push((path.to_vec(), !features.checks_utf8));
        }
        if in_entry {
            return;
        }
        if field.label() == Label::Repeated {
            field.options.get_or_insert_default().packed = Some(!features.expanded);
        } else if field.oneof_index.is_none() {
            match features.presence {
                Presence::Explicit => field.proto3_optional = Some(true),
                Presence::Implicit => {}
                Presence::Required => field.set_label(Label::Required),
            }
        }
        let is_message = match field.r#type {
            Some(kind) => kind == i32::from(Type::Message),
            // The parser leaves open whether a name is that of a message or of an enum.
            None => {
                let name = last_part(field.type_name());
                !name.is_empty() && !self.names.contains(name)
            }
        };
        if features.delimited && is_message {
            field.set_type(Type::Group);
        }
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
