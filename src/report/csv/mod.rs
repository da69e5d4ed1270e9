//! Rows as CSV (RFC 4180), for spreadsheets and for programs that read tables.
//!
//! The columns are the keys of the JSON rows, in one documented way: a member of an object is a column of its own
//! (`bytes.client`), a list is one cell that holds its JSON, and what does not apply or cannot be known is an empty cell.
//!
//! Which members objects have is known only when the last row was seen, so the cells wait in a temporary file until then.
//! That costs no memory, however many rows there are.
//!
//! Texts in a capture are chosen by whoever sent them, and a spreadsheet takes a text that begins like a formula for one
//! and runs it. Such a text gets an apostrophe in front; numbers do not. JSON has every text as it was.

mod flatten;

use flatten::{Cell, flatten};
use serde::Serialize;
use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek, Write};

/// So many bytes of cells wait in memory before a file is made.
const IN_MEMORY_BYTES: usize = 4 << 20;

/// Texts that begin so are formulas for a spreadsheet. Source: OWASP, "CSV Injection".
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A table that grows row by row.
pub struct Sheet {
    columns: Vec<Column>,
    by_name: HashMap<String, usize>,
    /// The columns from left to right.
    order: Vec<usize>,
    /// Rows: how many cells, and for each its column, its length and its text.
    cells: BufCells,
    /// Bytes of them.
    written: u64,
    rows: u64,
}

type BufCells = io::BufWriter<tempfile::SpooledTempFile>;

struct Column {
    name: String,
    /// Whether any row has something there.
    filled: bool,
}

impl Default for Sheet {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            by_name: HashMap::new(),
            order: Vec::new(),
            cells: io::BufWriter::new(tempfile::spooled_tempfile(IN_MEMORY_BYTES)),
            written: 0,
            rows: 0,
        }
    }
}

impl Sheet {
    /// Adds a row. Returns where it waits, for [`Sheet::finish_in_order`].
    ///
    /// # Errors
    ///
    /// Those of the temporary file.
    pub fn push(&mut self, row: &impl Serialize) -> io::Result<u64> {
        let place = self.written;
        let cells = flatten(row).map_err(io::Error::other)?;
        let mut kept: Vec<(usize, String)> = Vec::with_capacity(cells.len());
        let mut left = None;
        for (name, cell) in cells {
            let column = self.column(name, left);
            left = Some(column);
            let text = match cell {
                Cell::Empty => continue,
                Cell::Plain(text) => text,
                Cell::Text(text) => harmless(text),
            };
            if let Some(column) = self.columns.get_mut(column) {
                column.filled = true;
            }
            kept.push((column, text));
        }
        write_u32(&mut self.cells, kept.len())?;
        self.written += 4;
        for (column, text) in kept {
            write_u32(&mut self.cells, column)?;
            write_u32(&mut self.cells, text.len())?;
            self.cells.write_all(text.as_bytes())?;
            self.written += 8 + text.len() as u64;
        }
        self.rows += 1;
        Ok(place)
    }

    /// Writes the table: a line of titles, then the rows. Nothing at all when there are no rows.
    ///
    /// # Errors
    ///
    /// Those of `out` and of the temporary file.
    pub fn finish(self, out: &mut impl Write) -> io::Result<()> {
        let rows = usize::try_from(self.rows).map_err(io::Error::other)?;
        self.finish_rows(out, std::iter::repeat_n(None, rows))
    }

    /// Writes the table with its rows in another order: each by the place that [`Sheet::push`] returned.
    ///
    /// # Errors
    ///
    /// Those of `out` and of the temporary file.
    pub fn finish_in_order(
        self,
        out: &mut impl Write,
        places: impl Iterator<Item = u64>,
    ) -> io::Result<()> {
        self.finish_rows(out, places.map(Some))
    }

    /// Writes rows from their places; `None` is the one that follows.
    fn finish_rows(
        self,
        out: &mut impl Write,
        places: impl Iterator<Item = Option<u64>>,
    ) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut cells = self.cells.into_inner().map_err(io::Error::other)?;
        cells.rewind()?;
        let mut cells = BufReader::with_capacity(1 << 16, cells);
        let is_object = |name: &str| {
            let members = format!("{name}.");
            (self.columns.iter()).any(|other| other.name.starts_with(&members))
        };
        // A key that no row has may be that of an object.
        let shown: Vec<usize> = (self.order.iter().copied())
            .filter(|column| {
                let column = self.columns.get(*column);
                column.is_some_and(|column| column.filled || !is_object(&column.name))
            })
            .collect();
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        let titles = (shown.iter()).filter_map(|column| self.columns.get(*column));
        writer.write_record(titles.map(|column| &column.name))?;
        let mut row: Vec<String> = vec![String::new(); self.columns.len()];
        let mut position = 0;
        for place in places {
            if let Some(place) = place.filter(|place| *place != position) {
                go_to(&mut cells, position, place)?;
                position = place;
            }
            row.iter_mut().for_each(String::clear);
            position += 4;
            for _ in 0..read_u32(&mut cells)? {
                let column = read_u32(&mut cells)?;
                let len = read_u32(&mut cells)?;
                let mut text = vec![0; len];
                cells.read_exact(&mut text)?;
                position += 8 + text.len() as u64;
                if let Some(cell) = row.get_mut(column) {
                    *cell = String::from_utf8(text).map_err(io::Error::other)?;
                }
            }
            let record = shown.iter().map(|column| row.get(*column));
            writer.write_record(record.map(|cell| cell.map_or("", String::as_str)))?;
        }
        writer.flush()
    }

    /// The column of a name. A new one stands to the right of `left`.
    fn column(&mut self, name: String, left: Option<usize>) -> usize {
        if let Some(column) = self.by_name.get(&name) {
            return *column;
        }
        let column = self.columns.len();
        let at = left.and_then(|left| self.order.iter().position(|other| *other == left));
        self.order.insert(at.map_or(0, |at| at + 1), column);
        self.by_name.insert(name.clone(), column);
        self.columns.push(Column {
            name,
            filled: false,
        });
        column
    }
}

/// A text that no spreadsheet runs. See the module text.
fn harmless(text: String) -> String {
    if text.starts_with(FORMULA_STARTS) {
        format!("'{text}")
    } else {
        text
    }
}

/// Moves a reader; within what it has in memory nothing is read again.
fn go_to(reader: &mut (impl Read + Seek), from: u64, to: u64) -> io::Result<()> {
    let offset = i128::from(to) - i128::from(from);
    reader.seek_relative(i64::try_from(offset).map_err(io::Error::other)?)
}

fn write_u32(out: &mut impl Write, number: usize) -> io::Result<()> {
    let number = u32::try_from(number).map_err(|_| io::ErrorKind::InvalidInput)?;
    out.write_all(&number.to_le_bytes())
}

fn read_u32(from: &mut impl Read) -> io::Result<usize> {
    let mut number = [0; 4];
    from.read_exact(&mut number)?;
    usize::try_from(u32::from_le_bytes(number)).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, Serialize)]
    struct Row {
        number: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        bytes: Option<Bytes>,
        flags: Vec<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        never: Option<u8>,
        last: Option<bool>,
    }

    #[derive(Serialize)]
    struct Bytes {
        client: u64,
        server: u64,
    }

    fn csv(rows: &[Row]) -> String {
        let mut sheet = Sheet::default();
        for row in rows {
            sheet.push(row).unwrap();
        }
        let mut out = Vec::new();
        sheet.finish(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn objects_are_columns_lists_are_json_and_what_is_not_there_is_empty() {
        let rows = [
            Row {
                number: -1,
                ..Row::default()
            },
            Row {
                text: Some("say \"hi\", twice\nplease"),
                bytes: Some(Bytes {
                    client: 1,
                    server: u64::MAX,
                }),
                flags: vec!["A", "B"],
                last: Some(true),
                ..Row::default()
            },
        ];
        assert_eq!(
            csv(&rows),
            "number,text,bytes.client,bytes.server,flags,never,last\r\n\
             -1,,,,[],,\r\n\
             0,\"say \"\"hi\"\", twice\nplease\",1,18446744073709551615,\"[\"\"A\"\",\"\"B\"\"]\",,true\r\n"
        );
    }

    #[test]
    fn a_text_that_a_spreadsheet_would_run_is_made_harmless_and_a_number_is_left() {
        for start in FORMULA_STARTS {
            let text: &'static str = format!("{start}1+2").leak();
            let text = csv(&[Row {
                text: Some(text),
                ..Row::default()
            }]);
            let shown = text.lines().nth(1).unwrap();
            assert!(shown.contains("'"), "{shown:?}");
        }
        let numbers = csv(&[Row {
            number: i64::MIN,
            ..Row::default()
        }]);
        assert!(numbers.contains("\r\n-9223372036854775808,"), "{numbers}");
    }

    #[test]
    fn rows_leave_in_another_order_than_they_came() {
        let mut sheet = Sheet::default();
        let row = |number| Row {
            number,
            text: Some("a text"),
            ..Row::default()
        };
        let places: Vec<u64> = (0..4).map(|n| sheet.push(&row(n)).unwrap()).collect();
        let mut out = Vec::new();
        let order = [2, 3, 0].map(|at: usize| places[at]);
        sheet.finish_in_order(&mut out, order.into_iter()).unwrap();
        let text = String::from_utf8(out).unwrap();
        let numbers = text.lines().skip(1).map(|line| &line[..1]);
        assert_eq!(numbers.collect::<Vec<_>>(), ["2", "3", "0"]);
    }

    #[test]
    fn without_rows_there_is_nothing_and_many_rows_come_in_order() {
        assert_eq!(csv(&[]), "");
        let rows: Vec<Row> = (0..100_000)
            .map(|number| Row {
                number,
                text: Some("as long as it takes to leave memory behind"),
                ..Row::default()
            })
            .collect();
        let text = csv(&rows);
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("99999,as long"), "{last}");
        assert_eq!(text.lines().count(), 100_001);
    }
}
