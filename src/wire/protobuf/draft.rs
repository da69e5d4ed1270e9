//! A draft of the schema that nobody has: what was learnt of messages, written as `.proto` files.
//!
//! A draft compiles and decodes the messages that it was learnt from. Names are made up (`field_4`) unless a person gave
//! them; each field says in a comment why it has its type.

use super::evidence::{Evidence, Learnt, Message};
use super::number::{FieldNumber, WireType};
use super::overrides::Overrides;
use super::ranking;
use super::reading::ReadingKind;
use super::schema::MethodKind;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// How deep messages are nested in a draft; what is further in is drafted as bytes.
const MAX_DRAFT_DEPTH: usize = 24;

/// A method whose messages were seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftMethod {
    /// Its path: `/users.UserService/GetUser`.
    pub path: String,
    /// The scope of its request messages in the evidence.
    pub request_scope: String,
    /// The scope of its response messages.
    pub response_scope: String,
    /// Who streams, as far as it was seen.
    pub kind: MethodKind,
}

/// One drafted file. A file has one package, so there is one per package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftFile {
    /// A name for it: `users.proto`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Drafts the services with the types of their messages. Methods whose path is no name a `.proto` file could have are
/// left out.
pub fn draft(
    evidence: &Evidence,
    overrides: &Overrides,
    methods: &[DraftMethod],
) -> Vec<DraftFile> {
    let mut packages: BTreeMap<&str, Services<'_>> = BTreeMap::new();
    for method in methods {
        if let Some((package, service, name)) = parts(&method.path) {
            let services = packages.entry(package).or_default();
            services.entry(service).or_default().push((name, method));
        }
    }
    packages
        .into_iter()
        .map(|(package, services)| file(evidence, overrides, package, services))
        .collect()
}

/// Drafts one message type by itself, with a name for it.
pub fn draft_message(
    evidence: &Evidence,
    overrides: &Overrides,
    scope: &str,
    name: &str,
) -> String {
    let mut writer = Writer::new(evidence, overrides, &[scope]);
    writer.scope_message(scope, name);
    writer.file("")
}

/// The methods of each service of a package, with their names.
type Services<'m> = BTreeMap<&'m str, Vec<(&'m str, &'m DraftMethod)>>;

/// Package, service and method of a path.
fn parts(path: &str) -> Option<(&str, &str, &str)> {
    let (service, method) = path.strip_prefix('/')?.rsplit_once('/')?;
    let (package, service) = service.rsplit_once('.').unwrap_or(("", service));
    let names = package.split('.').filter(|_| !package.is_empty());
    let mut names = names.chain([service, method]);
    names.all(is_name).then_some((package, service, method))
}

/// Whether a `.proto` file may have this name.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.len() < 200
}

fn file(
    evidence: &Evidence,
    overrides: &Overrides,
    package: &str,
    services: Services<'_>,
) -> DraftFile {
    let methods = services.values().flatten();
    let scopes: Vec<&str> = methods
        .flat_map(|(_, method)| {
            [
                method.request_scope.as_str(),
                method.response_scope.as_str(),
            ]
        })
        .collect();
    let mut writer = Writer::new(evidence, overrides, &scopes);
    let mut messages = Vec::new();
    // Names of services and messages share one space.
    let mut taken: BTreeSet<String> = services.keys().map(|name| (*name).to_owned()).collect();
    let mut free = |wanted: String| {
        let mut name = wanted.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{wanted}{number}");
            number += 1;
        }
        name
    };
    for (service, methods) in &services {
        let _ = writeln!(writer.text, "\nservice {service} {{");
        let mut seen = BTreeSet::new();
        for (name, method) in methods {
            if !seen.insert(*name) {
                continue;
            }
            let input = free(format!("{name}Request"));
            let output = free(format!("{name}Response"));
            let (client, server) = match method.kind {
                MethodKind::Unary => ("", ""),
                MethodKind::ClientStreaming => ("stream ", ""),
                MethodKind::ServerStreaming => ("", "stream "),
                MethodKind::Bidirectional => ("stream ", "stream "),
            };
            let _ = writeln!(
                writer.text,
                "  rpc {name}({client}{input}) returns ({server}{output});"
            );
            messages.push((method.request_scope.as_str(), input));
            messages.push((method.response_scope.as_str(), output));
        }
        writer.text.push_str("}\n");
    }
    for (scope, name) in messages {
        writer.scope_message(scope, &name);
    }
    let name = if package.is_empty() { "draft" } else { package };
    DraftFile {
        name: format!("{name}.proto"),
        text: writer.file(package),
    }
}

struct Writer<'e> {
    evidence: &'e Evidence,
    overrides: &'e Overrides,
    /// Groups exist in proto2 alone.
    proto2: bool,
    text: String,
    scope: &'e str,
    path: Vec<FieldNumber>,
}

impl<'e> Writer<'e> {
    fn new(evidence: &'e Evidence, overrides: &'e Overrides, scopes: &[&str]) -> Self {
        let learnt = scopes.iter().filter_map(|scope| evidence.message(scope));
        Self {
            evidence,
            overrides,
            proto2: learnt.into_iter().any(|message| has_groups(message, 0)),
            text: String::new(),
            scope: "",
            path: Vec::new(),
        }
    }

    fn file(self, package: &str) -> String {
        let syntax = if self.proto2 { "proto2" } else { "proto3" };
        let package = match package {
            "" => String::new(),
            package => format!("\npackage {package};\n"),
        };
        format!(
            "// Drafted by Wireloom from messages in a capture: numbers and wire types are facts, names are made up,\n\
             // and types are the likeliest reading.\n\
             syntax = \"{syntax}\";\n{package}{}",
            self.text
        )
    }

    fn scope_message(&mut self, scope: &'e str, name: &str) {
        self.scope = scope;
        let none = Message::default();
        let evidence = self.evidence;
        let message = evidence.message(scope).unwrap_or(&none);
        let _ = writeln!(
            self.text,
            "\n// {} of \"{}\"",
            count(message.seen, "message"),
            scope.escape_default()
        );
        self.message(name, message);
    }

    fn message(&mut self, name: &str, message: &Message) {
        let indent = self.indent();
        let _ = writeln!(self.text, "{indent}message {name} {{");
        self.fields(message);
        let _ = writeln!(self.text, "{indent}}}");
    }

    fn indent(&self) -> String {
        "  ".repeat(self.path.len())
    }

    fn fields(&mut self, message: &Message) {
        let mut names = BTreeSet::new();
        for (&number, learnt) in &message.fields {
            self.path.push(number);
            if number.is_usable() {
                let name = self.field_name(number, &mut names);
                self.field(number, &name, learnt);
            } else {
                let _ = writeln!(
                    self.text,
                    "{}// {number} was seen, and is a number that no schema may use.",
                    self.indent()
                );
            }
            self.path.pop();
        }
    }

    /// The name that a person gave, if a schema may have it; else one made of the number.
    fn field_name(&self, number: FieldNumber, taken: &mut BTreeSet<String>) -> String {
        // In JSON names lose their underscores and may then be the same.
        let plain = |name: &str| name.replace('_', "").to_ascii_lowercase();
        let said = self.overrides.get(self.scope, &self.path);
        let made_up = format!("field_{number}");
        let name = said
            .and_then(|said| said.name.clone())
            .filter(|name| is_name(name) && !plain(name).starts_with("field"))
            .filter(|name| !taken.contains(&plain(name)))
            .unwrap_or(made_up);
        taken.insert(plain(&name));
        name
    }

    fn field(&mut self, number: FieldNumber, name: &str, learnt: &Learnt) {
        let indent = self.indent();
        let wire_type = learnt.usual_wire_type();
        let readings = ranking::readings(learnt, wire_type);
        let said = self.overrides.get(self.scope, &self.path);
        let said = said
            .and_then(|said| said.reading)
            .filter(|kind| ReadingKind::of(wire_type).contains(kind));
        let best = readings.first();
        let kind = said
            .or(best.map(|best| best.kind))
            .unwrap_or(ReadingKind::Bytes);
        let reason = match (said, best) {
            (Some(_), _) => "you said so",
            (None, Some(best)) => best.reason.as_str(),
            (None, None) => "",
        };
        let messages = count(learnt.messages, "message");
        let _ = writeln!(self.text, "{indent}// In {messages}: {reason}.");
        if has_other_wire_types(learnt, wire_type, kind) {
            let _ = writeln!(
                self.text,
                "{indent}// Left out: {number} was sent with several wire types, so these are several kinds of message."
            );
            return;
        }
        let repeated = learnt.most_per_message > 1 || kind.element().is_some();
        let label = match (repeated, self.proto2) {
            (true, _) => "repeated ",
            (false, true) => "optional ",
            (false, false) => "",
        };
        let deep = self.path.len() >= MAX_DRAFT_DEPTH;
        match kind {
            ReadingKind::Group => {
                // A group's field has the name of its type in small letters.
                let _ = writeln!(
                    self.text,
                    "{indent}{label}group Field{number} = {number} {{"
                );
                if !deep {
                    self.fields(&learnt.inner);
                }
                let _ = writeln!(self.text, "{indent}}}");
            }
            ReadingKind::Message if !deep => {
                let type_name = format!("Field{number}");
                self.message(&type_name, &learnt.inner);
                let _ = writeln!(self.text, "{indent}{label}{type_name} {name} = {number};");
            }
            ReadingKind::Enum => {
                let type_name = format!("Field{number}Value");
                self.values(&type_name, number, learnt);
                let _ = writeln!(self.text, "{indent}{label}{type_name} {name} = {number};");
            }
            kind => {
                let type_name = match kind {
                    ReadingKind::Message => "bytes",
                    kind => kind.element().unwrap_or(kind).name(),
                };
                let packed = match (kind.element().is_some(), self.proto2) {
                    (true, true) => " [packed = true]",
                    (false, false) if repeated && wire_type != WireType::Len => " [packed = false]",
                    _ => "",
                };
                let _ = writeln!(
                    self.text,
                    "{indent}{label}{type_name} {name} = {number}{packed};"
                );
            }
        }
    }

    fn values(&mut self, type_name: &str, number: FieldNumber, learnt: &Learnt) {
        let indent = self.indent();
        let seen = learnt.varint.distinct.iter();
        let mut values: BTreeSet<i32> = seen
            .filter_map(|value| i32::try_from(*value).ok())
            .collect();
        // The first must be 0.
        values.insert(0);
        let _ = writeln!(self.text, "{indent}enum {type_name} {{");
        for value in values {
            let _ = writeln!(
                self.text,
                "{indent}  FIELD_{number}_VALUE_{value} = {value};"
            );
        }
        let _ = writeln!(self.text, "{indent}}}");
    }
}

/// Whether a field had wire types that one type of a schema cannot have: parsers would refuse some of the messages. Lists
/// of numbers may be packed in one message and not in another.
fn has_other_wire_types(learnt: &Learnt, usual: WireType, kind: ReadingKind) -> bool {
    let had = |wire_type: WireType| learnt.count(wire_type) > 0;
    let all = [
        WireType::Varint,
        WireType::I64,
        WireType::Len,
        WireType::StartGroup,
        WireType::I32,
    ];
    let others = all
        .into_iter()
        .filter(|wire_type| *wire_type != usual && had(*wire_type));
    let packs = |wire_type: WireType| {
        usual == WireType::Len
            && kind
                .element()
                .is_some_and(|element| ReadingKind::of(wire_type).contains(&element))
    };
    others.into_iter().any(|wire_type| !packs(wire_type))
}

fn has_groups(message: &Message, depth: usize) -> bool {
    depth < MAX_DRAFT_DEPTH
        && message.fields.values().any(|learnt| {
            learnt.usual_wire_type() == WireType::StartGroup || has_groups(&learnt.inner, depth + 1)
        })
}

fn count(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::super::schema::{Schema, SchemaBuilder};
    use super::super::{Decoder, Override, Value};
    use super::*;

    const REQUEST: &str = "/users.UserService/GetUser request";
    const RESPONSE: &str = "/users.UserService/GetUser response";

    fn method() -> DraftMethod {
        DraftMethod {
            path: "/users.UserService/GetUser".to_owned(),
            request_scope: REQUEST.to_owned(),
            response_scope: RESPONSE.to_owned(),
            kind: MethodKind::ServerStreaming,
        }
    }

    fn compiled(files: &[DraftFile]) -> Schema {
        let mut builder = SchemaBuilder::default();
        for file in files {
            builder.add_source(&file.name, &file.text);
        }
        let schema = builder.build();
        assert!(schema.problems().is_empty(), "{:?}", schema.problems());
        schema
    }

    #[test]
    fn a_draft_compiles_and_decodes_what_it_was_learnt_from() {
        let response = [
            0x0a, 0x09, 0x08, 0x2a, 0x12, 0x05, 0x41, 0x6c, 0x69, 0x63,
            0x65, // 1: {42, "Alice"}
            0x1a, 0x03, 0x03, 0x01, 0x05, // 3: packed
            0x23, 0x08, 0x01, 0x24, // 4: a group
            0xfa, 0xff, 0x08, 0x00, // 18431
        ];
        let mut evidence = Evidence::default();
        evidence.feed(REQUEST, &[0x08, 0x2a]);
        evidence.feed(RESPONSE, &response);
        let mut overrides = Overrides::default();
        let said = Override {
            reading: None,
            name: Some("user".to_owned()),
        };
        overrides.set(RESPONSE, &[FieldNumber(1)], said);
        let files = draft(&evidence, &overrides, &[method()]);
        assert_eq!(files[0].name, "users.proto");
        let schema = compiled(&files);
        let method = schema.method("/users.UserService/GetUser").unwrap();
        assert_eq!(method.kind, MethodKind::ServerStreaming);
        let tree = Decoder::new().decode(&response, Some(&method.output));
        assert_eq!(tree.first_damage(), None);
        for field in &tree.fields {
            let fine = !field.unknown && field.notes.is_empty();
            assert!(
                fine,
                "{field:?}
{}",
                files[0].text
            );
        }
        assert_eq!(tree.fields[0].name.as_deref(), Some("user"));
        let name = &tree.fields[0].children()[1];
        assert_eq!(name.value, Some(Value::Text("Alice".to_owned())));
        assert!(matches!(tree.fields[1].value, Some(Value::List(_))));
    }

    #[test]
    fn names_and_numbers_that_no_file_may_have_are_left_out() {
        let mut evidence = Evidence::default();
        let mut message = Vec::new();
        for number in [0x1fff_ffff_u64, 19_500, 3] {
            super::super::varint::Varint::write(number << 3, &mut message);
            message.push(1);
        }
        evidence.feed("odd \"scope\"\n", &message);
        let text = draft_message(&evidence, &Overrides::default(), "odd \"scope\"\n", "M");
        let schema = compiled(&[DraftFile {
            name: "m.proto".to_owned(),
            text,
        }]);
        let message = schema.message("M").unwrap();
        assert_eq!(message.fields().len(), 2);
        let mut bad = method();
        bad.path = "/a b.C/D".to_owned();
        assert_eq!(draft(&evidence, &Overrides::default(), &[bad]), []);
    }
}
