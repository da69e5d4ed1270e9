//! Printing rows as a table, as JSON lines or as CSV.

use super::csv::Sheet;
use super::table::{Tabular, write_table};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How many names are tried for a file whose name was not chosen.
const MAX_NAMES: u32 = 1000;

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

/// A path in a folder that no file has: the name, else the name with a number.
pub fn free_path(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let others = (2..MAX_NAMES).map(|number| format!("{stem}-{number}.{ending}"));
    let mut names = std::iter::once(name.to_owned()).chain(others);
    names.find_map(|name| {
        let path = folder.join(name);
        (!path.exists()).then_some(path)
    })
}

/// Writes words to a file of a folder, which is made where it is not there. A file of that name that says something else stays
/// as it is: then the name has a number. Returns the path.
///
/// # Errors
///
/// Those of the folder and of the file.
pub fn write_beside(folder: &Path, name: &str, words: &str) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let wanted = folder.join(name);
    if std::fs::read(&wanted).is_ok_and(|known| known == words.as_bytes()) {
        return Ok(wanted);
    }
    let path = free_path(folder, name).ok_or(io::ErrorKind::AlreadyExists)?;
    write_whole(&path, |out| out.write_all(words.as_bytes()))?;
    Ok(path)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_wrote_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("drafts");
        let write = |words| write_beside(&folder, "shop.proto", words).unwrap();
        let first = write("a draft");
        assert_eq!(first, folder.join("shop.proto"));
        assert_eq!(write("a draft"), first, "the same again");
        std::fs::write(&first, "a schema that a person wrote").unwrap();
        assert_eq!(write("a draft"), folder.join("shop-2.proto"));
        let kept = std::fs::read_to_string(&first).unwrap();
        assert_eq!(kept, "a schema that a person wrote");
    }
}
