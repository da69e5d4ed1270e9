//! Reads the schemas that `--proto` names: files, descriptor sets, and folders of them.

use crate::analysis::grpc::learn_reflection;
use crate::capture::schema_files::{self, SchemaFileError};
use crate::trace::Trace;
use crate::wire::protobuf::{Schema, SchemaBuilder};
use std::path::PathBuf;

/// The schema that a person names. What is wrong with it goes to standard error.
pub(super) fn from_files(paths: &[PathBuf]) -> Result<Schema, SchemaFileError> {
    Ok(built(builder(paths)?))
}

/// The schema that a person names, together with what servers told of themselves in the capture. What is wrong
/// with it goes to standard error.
pub(super) fn load(paths: &[PathBuf], trace: &Trace) -> Result<Schema, SchemaFileError> {
    let mut builder = builder(paths)?;
    learn_reflection(trace, &mut builder);
    Ok(built(builder))
}

fn builder(paths: &[PathBuf]) -> Result<SchemaBuilder, SchemaFileError> {
    let mut builder = SchemaBuilder::default();
    if schema_files::read(&mut builder, paths)? == 0 && !paths.is_empty() {
        eprintln!("wireloom: `--proto` names no .proto file and no descriptor set.");
    }
    Ok(builder)
}

fn built(builder: SchemaBuilder) -> Schema {
    let schema = builder.build();
    for problem in schema.problems() {
        eprintln!("wireloom: {problem}.");
    }
    schema
}
