//! Printing rows as a table, as JSON lines or as CSV.

use super::csv::Sheet;
use super::table::{Tabular, write_table};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// How rows are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table for a person.
    Table,
    /// One JSON object per line.
    Json,
    /// The same keys as columns: see [`super::csv`].
    Csv,
}

/// Prints rows in order.
///
/// # Errors
///
/// Those of `out`.
pub fn write_rows<R: Tabular + Serialize>(
    out: &mut impl Write,
    format: Format,
    rows: impl Iterator<Item = R>,
) -> io::Result<()> {
    match format {
        Format::Table => write_table(out, rows),
        Format::Json => {
            for row in rows {
                write_json(out, &row)?;
            }
            Ok(())
        }
        Format::Csv => write_csv(out, rows),
    }
}

/// Prints rows as CSV.
///
/// # Errors
///
/// Those of `out`, and of the temporary file in which rows wait.
pub fn write_csv<R: Serialize>(
    out: &mut impl Write,
    rows: impl Iterator<Item = R>,
) -> io::Result<()> {
    let mut sheet = Sheet::default();
    for row in rows {
        sheet.push(&row)?;
    }
    sheet.finish(out)
}

/// Writes a file whole or not at all: first beside it, then in its place. What is no file, such as a pipe, is written as it is.
///
/// # Errors
///
/// Those of `write`, and of the file.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let found = std::fs::metadata(path);
    if found.is_ok_and(|found| !found.is_file()) {
        let mut out = BufWriter::new(File::options().write(true).open(path)?);
        write(&mut out)?;
        return out.flush();
    }
    // A link keeps leading to the file.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".wireloom-").suffix(".new");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut new = builder.tempfile_in(folder)?;
    let mut out = BufWriter::with_capacity(1 << 16, new.as_file_mut());
    write(&mut out)?;
    out.flush()?;
    drop(out);
    new.persist(&path)?;
    Ok(())
}

/// Prints one object as a line of JSON.
///
/// # Errors
///
/// Those of `out`.
pub fn write_json(out: &mut impl Write, row: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, row)?;
    out.write_all(b"\n")
}
