//! Rows as a table of text.

use std::io::{self, Write};

/// How a column is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Text, from the left.
    Text(&'static str),
    /// Numbers, from the right.
    Number(&'static str),
}

impl Column {
    /// What stands above it.
    pub fn title(self) -> &'static str {
        match self {
            Column::Text(title) | Column::Number(title) => title,
        }
    }
}

/// A row that can be a line of a table.
pub trait Tabular {
    /// The columns, in order.
    const COLUMNS: &'static [Column];

    /// One text per column.
    fn cells(&self) -> Vec<String>;

    /// The exact numbers behind cells that are written with a unit, by the column's title: bytes, milliseconds, percent.
    fn amounts(&self) -> Vec<(&'static str, f64)> {
        Vec::new()
    }
}

/// How many rows are measured before the first is printed. Later rows may be wider; their cells
/// then push the rest of their line to the right.
const MEASURED_ROWS: usize = 1000;

/// Prints rows as a table.
///
/// # Errors
///
/// Those of `out`.
pub fn write_table<R: Tabular>(
    out: &mut impl Write,
    rows: impl Iterator<Item = R>,
) -> io::Result<()> {
    let titles: Vec<String> = R::COLUMNS
        .iter()
        .map(|column| column.title().to_owned())
        .collect();
    let mut rows = rows.map(|row| row.cells());
    let first: Vec<Vec<String>> = rows.by_ref().take(MEASURED_ROWS).collect();
    let widths: Vec<usize> = (0..titles.len())
        .map(|column| {
            std::iter::once(&titles)
                .chain(&first)
                .filter_map(|cells| cells.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for cells in std::iter::once(titles).chain(first).chain(rows) {
        write_line::<R>(out, &cells, &widths)?;
    }
    Ok(())
}

fn write_line<R: Tabular>(
    out: &mut impl Write,
    cells: &[String],
    widths: &[usize],
) -> io::Result<()> {
    let mut line = String::new();
    for ((cell, &width), column) in cells.iter().zip(widths).zip(R::COLUMNS) {
        if !line.is_empty() {
            line.push_str("  ");
        }
        let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
        match column {
            Column::Text(_) => line.extend([cell.as_str(), &padding]),
            Column::Number(_) => line.extend([padding.as_str(), cell]),
        }
    }
    writeln!(out, "{}", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Row(&'static str, u32);

    impl Tabular for Row {
        const COLUMNS: &'static [Column] = &[Column::Text("name"), Column::Number("count")];

        fn cells(&self) -> Vec<String> {
            vec![self.0.to_owned(), self.1.to_string()]
        }
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut out = Vec::new();
        write_table(&mut out, [Row("a", 1), Row("längst", 100_000)].into_iter()).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "name     count\n\
             a            1\n\
             längst  100000\n"
        );
    }
}
