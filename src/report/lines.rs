//! Rows as lines of JSON that leave in another order than they came: they wait in a temporary file until then.

use super::output::write_json;
use serde::Serialize;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};

/// So many bytes wait in memory before a file is made.
const IN_MEMORY_BYTES: usize = 4 << 20;

/// Lines that wait.
pub struct Lines {
    file: BufWriter<tempfile::SpooledTempFile>,
    written: u64,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            file: BufWriter::new(tempfile::spooled_tempfile(IN_MEMORY_BYTES)),
            written: 0,
        }
    }
}

impl Lines {
    /// Adds a row. Returns where its line waits.
    ///
    /// # Errors
    ///
    /// Those of the temporary file.
    pub fn push(&mut self, row: &impl Serialize) -> io::Result<u64> {
        let place = self.written;
        let mut line = Vec::new();
        write_json(&mut line, row)?;
        self.file.write_all(&line)?;
        self.written += line.len() as u64;
        Ok(place)
    }

    /// Writes lines, each by the place that [`Lines::push`] returned.
    ///
    /// # Errors
    ///
    /// Those of `out` and of the temporary file.
    pub fn finish_in_order(
        self,
        out: &mut impl Write,
        places: impl Iterator<Item = u64>,
    ) -> io::Result<()> {
        let file = self.file.into_inner().map_err(io::Error::other)?;
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let mut position = None;
        let mut line = Vec::new();
        for place in places {
            if position != Some(place) {
                reader.seek(SeekFrom::Start(place))?;
            }
            line.clear();
            let read = reader.read_until(b'\n', &mut line)?;
            position = Some(place + read as u64);
            out.write_all(&line)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_leave_in_the_order_that_is_asked_for() {
        let mut lines = Lines::default();
        let places: Vec<u64> = ["one", "two\nlines", "three"]
            .map(|row| lines.push(&row).unwrap())
            .to_vec();
        let mut out = Vec::new();
        let order = [places[1], places[2], places[0]];
        lines.finish_in_order(&mut out, order.into_iter()).unwrap();
        assert_eq!(out, b"\"two\\nlines\"\n\"three\"\n\"one\"\n");
    }
}
