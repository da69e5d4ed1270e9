//! `wireloom draft`: `.proto` files made of the messages of a capture.

use super::arguments::Input;
use super::{Failure, schema};
use crate::analysis::grpc::{self, MessageReader};
use crate::report::output::write_beside;
use crate::wire::protobuf::Overrides;
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;

/// A schema for the calls of a capture.
#[derive(Debug, Args)]
pub(super) struct DraftWanted {
    #[command(flatten)]
    input: Input,

    /// What is known already: a .proto file, a descriptor set, or a folder of them; may be given again
    #[arg(long, value_name = "FILE_OR_DIR")]
    proto: Vec<PathBuf>,

    /// A file with what was said about fields, as the window keeps it: JSON
    #[arg(long, value_name = "FILE.json")]
    overrides: Option<PathBuf>,

    /// The folder to write to, a file per package; no file that is there is written over [default: standard output]
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

/// A draft could not be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum DraftError {
    /// What was said about fields cannot be read.
    #[error("{} cannot be read: {source}.", path.display())]
    Overrides { path: PathBuf, source: io::Error },
    /// It is not what was said about fields.
    #[error("{} does not say how to read fields: {source}.", path.display())]
    NotOverrides {
        path: PathBuf,
        source: serde_json::Error,
    },
    /// A file cannot be written.
    #[error("{} cannot be written: {source}.", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// Drafts the schema of all calls whose types are not known.
pub(super) fn draft(wanted: &DraftWanted) -> Result<(), Failure> {
    let overrides = match &wanted.overrides {
        None => Overrides::default(),
        Some(path) => overrides(path.clone())?,
    };
    let trace = super::read(&wanted.input)?;
    let schema = schema::load(&wanted.proto, &trace)?;
    let mut reader = MessageReader::new(schema, overrides);
    reader.learn(&trace);
    let files = grpc::draft(&trace, &reader);
    if files.is_empty() {
        eprintln!("wireloom: There is no gRPC call whose message types are not known.");
    }
    let mut out = io::stdout().lock();
    for (number, file) in files.iter().enumerate() {
        if let Some(folder) = &wanted.output {
            let written = write_beside(folder, &file.name, &file.text);
            let path = written.map_err(|source| DraftError::Write {
                path: folder.join(&file.name),
                source,
            })?;
            eprintln!("wireloom: {} is written.", path.display());
        } else {
            if number > 0 {
                writeln!(out)?;
            }
            if files.len() > 1 {
                writeln!(
                    out,
                    "// {}: a file of its own, since a file has one package.",
                    file.name
                )?;
            }
            out.write_all(file.text.as_bytes())?;
        }
    }
    Ok(())
}

fn overrides(path: PathBuf) -> Result<Overrides, DraftError> {
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) => return Err(DraftError::Overrides { path, source }),
    };
    serde_json::from_str(&text).map_err(|source| DraftError::NotOverrides { path, source })
}
