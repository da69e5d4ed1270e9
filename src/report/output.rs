//! Printing rows as a table, as JSON lines or as CSV.

use super::csv::Sheet;
use super::table::{Tabular, write_table};
use serde::Serialize;
use std::io::{self, Write};

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

/// Prints one object as a line of JSON.
///
/// # Errors
///
/// Those of `out`.
pub fn write_json(out: &mut impl Write, row: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, row)?;
    out.write_all(b"\n")
}
