//! What is read by a schema: calls, messages and their findings; and the files and folders that `--proto` names.

use super::Failure;
use super::arguments::{CallsWanted, ComparedRows, SchemaRows};
use crate::analysis::grpc::{MessageReader, learn_reflection};
use crate::capture::schema_files::{self, SchemaFileError};
use crate::filter::Filter;
use crate::report::{self, About, Format, Tabular, passing};
use crate::trace::Trace;
use crate::wire::protobuf::{Overrides, Schema, SchemaBuilder};
use serde::Serialize;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// `wireloom calls`.
pub(super) fn calls(wanted: &CallsWanted) -> Result<(), Failure> {
    let (trace, reader) = read(&wanted.rows)?;
    let rows = &wanted.rows.rows;
    let calls = passing(&trace, &rows.filter, report::calls::calls(&trace, &reader));
    if !wanted.totals {
        return print(rows.listing.format(), calls);
    }
    let totals = report::totals::totals(&trace, &reader, calls);
    print(rows.listing.format(), totals.into_iter())
}

/// `wireloom messages`.
pub(super) fn messages(wanted: &ComparedRows) -> Result<(), Failure> {
    let (trace, mut reader) = read(&wanted.schema)?;
    let rows = &wanted.schema.rows;
    if let Some(against) = against(wanted)? {
        let compared = report::compared::compared(&trace, &reader, &against);
        if compared.is_empty() {
            eprintln!(
                "wireloom: Both schemas together name the type of no message in the capture, so there is nothing to compare."
            );
        }
        return print_passing(
            &trace,
            &rows.filter,
            rows.listing.format(),
            compared.into_iter(),
        );
    }
    reader.learn(&trace);
    let messages = report::messages::messages(&trace, &reader);
    print_passing(&trace, &rows.filter, rows.listing.format(), messages)
}

/// `wireloom findings`.
pub(super) fn findings(wanted: &ComparedRows) -> Result<(), Failure> {
    let rows = &wanted.schema.rows;
    let (filter, format) = (&rows.filter, rows.listing.format());
    if wanted.schema.proto.is_empty() && wanted.against.is_empty() {
        let trace = super::read(&rows.listing.input)?;
        return print_passing(&trace, filter, format, report::findings::findings(&trace));
    }
    let (trace, reader) = read(&wanted.schema)?;
    let against = against(wanted)?;
    let findings = report::findings::findings_by_schema(&trace, &reader, against.as_ref());
    print_passing(&trace, filter, format, findings)
}

/// The capture, and a reader of its messages by the schema that a person names or that was learnt from it.
fn read(wanted: &SchemaRows) -> Result<(Trace, MessageReader), Failure> {
    let trace = super::read(&wanted.rows.listing.input)?;
    let schema = load(&wanted.proto, &trace)?;
    Ok((trace, MessageReader::new(schema, Overrides::default())))
}

/// The other version of the schema, when one is named.
fn against(wanted: &ComparedRows) -> Result<Option<Schema>, SchemaFileError> {
    let named = !wanted.against.is_empty();
    named.then(|| from_files(&wanted.against)).transpose()
}

fn print_passing<R: Tabular + Serialize + About>(
    trace: &Trace,
    filter: &Filter,
    format: Format,
    rows: impl Iterator<Item = R>,
) -> Result<(), Failure> {
    print(format, passing(trace, filter, rows))
}

fn print<R: Tabular + Serialize>(
    format: Format,
    rows: impl Iterator<Item = R>,
) -> Result<(), Failure> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    report::write_rows(&mut out, format, rows)?;
    out.flush()?;
    Ok(())
}

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
