//! Makes a file fit for the pool: what it needs not is taken away, what it lacks is found or replaced.

use prost_reflect::DescriptorPool;
use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    MessageOptions, UninterpretedOption, descriptor_proto::ExtensionRange,
};
use std::collections::{BTreeSet, HashMap};

/// Takes away what nobody here looks at and what could do harm: options that other files define, and maps that are none. A descriptor may come from a capture.
pub(super) fn tidy(file: &mut FileDescriptorProto) {
    if file.name().is_empty() {
        file.name = Some("(without a name)".to_owned());
    }
    // Nobody here looks at them; and imports that are passed on are not needed once each use names its file.
    file.options = None;
    file.public_dependency.clear();
    file.weak_dependency.clear();
    file.message_type.iter_mut().for_each(tidy_message);
    file.enum_type.iter_mut().for_each(tidy_enum);
    file.extension.iter_mut().for_each(tidy_field);
    for service in &mut file.service {
        service.options = None;
        for method in &mut service.method {
            method.options = None;
        }
    }
}

/// The first type or service of a file that another file in the pool defines, and that file's name.
pub(super) fn defined_before(
    file: &FileDescriptorProto,
    pool: &DescriptorPool,
) -> Option<(String, String)> {
    let messages = file.message_type.iter().map(DescriptorProto::name);
    let enums = file.enum_type.iter().map(EnumDescriptorProto::name);
    let services = file.service.iter().map(|service| service.name());
    messages.chain(enums).chain(services).find_map(|name| {
        let full_name = match file.package() {
            "" => name.to_owned(),
            package => format!("{package}.{name}"),
        };
        let message = pool.get_message_by_name(&full_name);
        let file = message
            .map(|message| message.parent_file())
            .or_else(|| Some(pool.get_enum_by_name(&full_name)?.parent_file()))
            .or_else(|| Some(pool.get_service_by_name(&full_name)?.parent_file()))?;
        Some((full_name, file.name().to_owned()))
    })
}

/// Options whose name is in brackets are extensions, from files that are often missing.
fn keep_own(options: &mut Vec<UninterpretedOption>) {
    options.retain(|option| option.name.iter().all(|part| !part.is_extension));
}

fn tidy_message(message: &mut DescriptorProto) {
    if let Some(options) = &mut message.options {
        keep_own(&mut options.uninterpreted_option);
        if options.map_entry() && !is_map_entry(&message.field) {
            options.map_entry = Some(false);
        }
    }
    message.field.iter_mut().for_each(tidy_field);
    message.extension.iter_mut().for_each(tidy_field);
    message.nested_type.iter_mut().for_each(tidy_message);
    message.enum_type.iter_mut().for_each(tidy_enum);
    for range in &mut message.extension_range {
        range.options = None;
    }
    for oneof in &mut message.oneof_decl {
        oneof.options = None;
    }
}

fn is_map_entry(fields: &[FieldDescriptorProto]) -> bool {
    let [key, value] = fields else {
        return false;
    };
    let key_types = !matches!(
        key.r#type(),
        Type::Message | Type::Group | Type::Bytes | Type::Float | Type::Double | Type::Enum
    );
    key.number() == 1
        && value.number() == 2
        && key_types
        && [key, value]
            .iter()
            .all(|field| field.label() == Label::Optional && field.oneof_index.is_none())
}

fn tidy_field(field: &mut FieldDescriptorProto) {
    if let Some(options) = &mut field.options {
        keep_own(&mut options.uninterpreted_option);
        // The pool looks at this option before it reads what the parser left as text.
        options.uninterpreted_option.retain(|option| {
            let is_packed = matches!(&option.name[..], [part] if part.name_part == "packed");
            if is_packed {
                options.packed = Some(option.identifier_value() == "true");
            }
            !is_packed
        });
    }
}

fn tidy_enum(values: &mut EnumDescriptorProto) {
    if let Some(options) = &mut values.options {
        keep_own(&mut options.uninterpreted_option);
    }
    for value in &mut values.value {
        value.options = None;
    }
}

/// Forgets imports that were left out.
pub(super) fn only_added_imports(file: &mut FileDescriptorProto, pool: &DescriptorPool) {
    file.dependency
        .retain(|name| pool.get_file_by_name(name).is_some());
}

/// Whether a file adds fields to messages that are defined elsewhere.
pub(super) fn has_extensions(file: &FileDescriptorProto) -> bool {
    fn within(message: &DescriptorProto) -> bool {
        !message.extension.is_empty() || message.nested_type.iter().any(within)
    }
    !file.extension.is_empty() || file.message_type.iter().any(within)
}

/// Writes every use of a type with its full name and adds the imports that this needs. Gives the names that nobody
/// defines.
pub(super) fn resolve_names(
    file: &mut FileDescriptorProto,
    pool: &DescriptorPool,
) -> BTreeSet<String> {
    let package = file.package().to_owned();
    let mut own = HashMap::new();
    for values in &file.enum_type {
        own.insert(join(&package, values.name()), Type::Enum);
    }
    for message in &file.message_type {
        define(&mut own, &package, message);
    }
    let mut names = Names {
        pool,
        own,
        visible: file.dependency.iter().cloned().collect(),
        imports: BTreeSet::new(),
        missing: BTreeSet::new(),
    };
    for field in &mut file.extension {
        names.field(field, &package);
    }
    for message in &mut file.message_type {
        names.message(message, &package);
    }
    for service in &mut file.service {
        let scope = join(&package, service.name());
        for method in &mut service.method {
            for name in [&mut method.input_type, &mut method.output_type] {
                let full = names.full_name(name.as_deref().unwrap_or_default(), &scope);
                *name = Some(format!(".{full}"));
            }
        }
    }
    file.dependency.extend(names.imports);
    names.missing
}

fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() {
        name.to_owned()
    } else {
        format!("{scope}.{name}")
    }
}

fn define(own: &mut HashMap<String, Type>, scope: &str, message: &DescriptorProto) {
    let name = join(scope, message.name());
    for values in &message.enum_type {
        own.insert(join(&name, values.name()), Type::Enum);
    }
    for nested in &message.nested_type {
        define(own, &name, nested);
    }
    own.insert(name, Type::Message);
}

struct Names<'p> {
    pool: &'p DescriptorPool,
    own: HashMap<String, Type>,
    visible: BTreeSet<String>,
    imports: BTreeSet<String>,
    missing: BTreeSet<String>,
}

impl Names<'_> {
    fn message(&mut self, message: &mut DescriptorProto, scope: &str) {
        let scope = join(scope, message.name());
        for field in message.field.iter_mut().chain(&mut message.extension) {
            self.field(field, &scope);
        }
        for nested in &mut message.nested_type {
            self.message(nested, &scope);
        }
    }

    fn field(&mut self, field: &mut FieldDescriptorProto, scope: &str) {
        if let Some(extendee) = field.extendee.as_deref() {
            let full = self.full_name(extendee, scope);
            field.extendee = Some(format!(".{full}"));
        }
        if let Some(type_name) = field.type_name.as_deref() {
            let full = self.full_name(type_name, scope);
            let is_group = field.r#type.is_some() && field.r#type() == Type::Group;
            if !is_group {
                field.set_type(self.kind(&full));
            }
            field.type_name = Some(format!(".{full}"));
        }
    }

    fn kind(&self, full: &str) -> Type {
        match self.own.get(full) {
            Some(kind) => *kind,
            None if self.pool.get_enum_by_name(full).is_some() => Type::Enum,
            None => Type::Message,
        }
    }

    /// The full name of a type as seen from a scope: the innermost scope that has it wins. A type of a file that is there
    /// but not imported is found as well.
    fn full_name(&mut self, name: &str, scope: &str) -> String {
        if let Some(full) = name.strip_prefix('.') {
            self.is_defined(full);
            return full.to_owned();
        }
        let mut scope = scope;
        loop {
            let full = join(scope, name);
            if self.is_known(&full) {
                self.is_defined(&full);
                return full;
            }
            if scope.is_empty() {
                break;
            }
            scope = scope.rsplit_once('.').map_or("", |(outer, _)| outer);
        }
        self.missing.insert(name.to_owned());
        name.to_owned()
    }

    fn is_known(&self, full: &str) -> bool {
        self.own.contains_key(full)
            || self.pool.get_message_by_name(full).is_some()
            || self.pool.get_enum_by_name(full).is_some()
    }

    /// Imports what defines a type, or notes that nothing does.
    fn is_defined(&mut self, full: &str) {
        if self.own.contains_key(full) {
            return;
        }
        let message = self.pool.get_message_by_name(full);
        let file = match message {
            Some(message) => Some(message.parent_file()),
            None => self
                .pool
                .get_enum_by_name(full)
                .map(|values| values.parent_file()),
        };
        match file {
            Some(file) => {
                if self.visible.insert(file.name().to_owned()) {
                    self.imports.insert(file.name().to_owned());
                }
            }
            None => {
                self.missing.insert(full.to_owned());
            }
        }
    }
}

/// A file with one empty message, which may be extended.
pub(super) fn stand_in(name: &str) -> FileDescriptorProto {
    let (package, last) = name.rsplit_once('.').unwrap_or(("", name));
    FileDescriptorProto {
        name: Some(format!("(missing) {name}")),
        package: Some(package.to_owned()).filter(|package| !package.is_empty()),
        message_type: vec![DescriptorProto {
            name: Some(last.to_owned()),
            extension_range: vec![ExtensionRange {
                start: Some(1),
                end: Some(536_870_912),
                options: None,
            }],
            options: Some(MessageOptions::default()),
            ..DescriptorProto::default()
        }],
        ..FileDescriptorProto::default()
    }
}

/// Takes away every field, extension and method that needs a type.
pub(super) fn drop_uses(file: &mut FileDescriptorProto, name: &str) {
    let full = format!(".{name}");
    let uses = |field: &FieldDescriptorProto| {
        field.type_name.as_ref() == Some(&full) || field.extendee.as_ref() == Some(&full)
    };
    file.extension.retain(|field| !uses(field));
    let mut open: Vec<&mut DescriptorProto> = file.message_type.iter_mut().collect();
    while let Some(message) = open.pop() {
        message.field.retain(|field| !uses(field));
        message.extension.retain(|field| !uses(field));
        open.extend(&mut message.nested_type);
    }
    for service in &mut file.service {
        service.method.retain(|method| {
            method.input_type.as_ref() != Some(&full) && method.output_type.as_ref() != Some(&full)
        });
    }
    // A map that lost its value is none.
    tidy(file);
}
