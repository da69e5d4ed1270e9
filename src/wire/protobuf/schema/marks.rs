//! What features of editions say and the pool's descriptors cannot: whether an enum is closed, and whether text must be
//! UTF-8.
//!
//! By themselves a file's enums are closed and its texts unchecked in proto2, and the other way in proto3. A mark says of
//! one enum or field that it is not as its file's syntax says. Marks are places of the file's source info, of which the
//! pool keeps a copy and nobody makes another use: the comments that are usually there are taken away.

use prost_reflect::prost_types::{FileDescriptorProto, SourceCodeInfo, source_code_info::Location};
use prost_reflect::{EnumDescriptor, ExtensionDescriptor, FieldDescriptor, Syntax};

/// Writes marks on these paths, in place of what the file has.
pub(super) fn write(file: &mut FileDescriptorProto, paths: impl Iterator<Item = Vec<i32>>) {
    let mut location: Vec<Location> = paths
        .map(|path| Location {
            path,
            ..Location::default()
        })
        .collect();
    // Sorted, so that a capture cannot make looking for them slow.
    location.sort_unstable_by(|left, right| left.path.cmp(&right.path));
    file.source_code_info = (!location.is_empty()).then_some(SourceCodeInfo { location });
}

/// Whether there is a mark on a path.
fn marked(file: &FileDescriptorProto, path: &[i32]) -> bool {
    file.source_code_info.as_ref().is_some_and(|marks| {
        let found = marks
            .location
            .binary_search_by(|location| location.path.as_slice().cmp(path));
        found.is_ok()
    })
}

/// Whether an enum has no other values than those with names. Parsers put others with the unknown fields.
///
/// Source: protobuf.dev, *Enum Behavior*.
pub fn is_closed(values: &EnumDescriptor) -> bool {
    let by_syntax = values.parent_file().syntax() == Syntax::Proto2;
    by_syntax != marked(values.parent_file_descriptor_proto(), values.path())
}

/// Whether parsers refuse a message in which this text is not UTF-8.
pub fn checks_utf8(field: &FieldDescriptor) -> bool {
    let file = field.parent_file();
    let by_syntax = file.syntax() == Syntax::Proto3;
    by_syntax != marked(file.file_descriptor_proto(), field.path())
}

/// Whether parsers refuse a message in which this extension's text is not UTF-8.
pub fn extension_checks_utf8(field: &ExtensionDescriptor) -> bool {
    let by_syntax = field.parent_file().syntax() == Syntax::Proto3;
    by_syntax != marked(field.parent_file_descriptor_proto(), field.path())
}
