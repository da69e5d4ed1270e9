//! An append-only table in fixed chunks.
//!
//! Everything a trace remembers is a log of rows. Rows are appended and never change, so the past
//! is a prefix of the log and the state at an instant is found by binary search. Full chunks are
//! shared by reference count: cloning a log copies at most one unfinished chunk of rows, which is
//! how a background worker gets a consistent view while the loader goes on appending.

use std::ops::Index;
use std::sync::Arc;

/// Rows in a full chunk. Larger chunks mean fewer pointers but more copying when a log is cloned;
/// 4096 rows of 32 bytes are 128 KiB, about what a core's cache holds.
const CHUNK_ROWS: usize = 4096;

/// Appends to a list that cannot be a [`Log`], because its rows are asked for as a slice or change: it grows by an eighth,
/// not to the double.
pub(super) fn push_slowly<T>(rows: &mut Vec<T>, row: T) {
    if rows.len() == rows.capacity() {
        rows.reserve_exact(rows.len() / 8 + 16);
    }
    rows.push(row);
}

/// An append-only sequence of rows. See the module text.
///
/// An empty one is a null pointer: a capture may have a million connections with nothing on them.
#[derive(Clone, Debug)]
pub struct Log<T>(Option<Box<Chunks<T>>>);

#[derive(Clone, Debug)]
struct Chunks<T> {
    full: Vec<Arc<Vec<T>>>,
    tail: Vec<T>,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self {
            full: Vec::new(),
            tail: Vec::new(),
        }
    }
}

impl<T> Log<T> {
    /// Number of rows.
    #[inline]
    pub fn len(&self) -> usize {
        self.0
            .as_ref()
            .map_or(0, |own| own.full.len() * CHUNK_ROWS + own.tail.len())
    }

    /// Whether there is no row yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row with this number, counting from 0; `None` beyond the end.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&T> {
        #[cfg(test)]
        looks::count();
        let own = self.0.as_ref()?;
        match own.full.get(index / CHUNK_ROWS) {
            Some(chunk) => chunk.get(index % CHUNK_ROWS),
            None => own.tail.get(index - own.full.len() * CHUNK_ROWS),
        }
    }

    /// A row that is to change. Its chunk is copied first where a copy of the log has it too.
    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut T>
    where
        T: Clone,
    {
        let own = self.0.as_mut()?;
        let full = own.full.len();
        match own.full.get_mut(index / CHUNK_ROWS) {
            Some(chunk) => Arc::make_mut(chunk).get_mut(index % CHUNK_ROWS),
            None => own.tail.get_mut(index - full * CHUNK_ROWS),
        }
    }

    /// The last row.
    pub fn last(&self) -> Option<&T> {
        let own = self.0.as_ref()?;
        own.tail
            .last()
            .or_else(|| own.full.last().and_then(|chunk| chunk.last()))
    }

    /// Appends one row.
    #[inline]
    pub fn push(&mut self, row: T) {
        self.0.get_or_insert_default().push(row);
    }

    /// All rows in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.range(0..self.len())
    }

    /// The rows with numbers in `range`, cut to what exists.
    pub fn range(
        &self,
        range: std::ops::Range<usize>,
    ) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        let end = range.end.min(self.len());
        (range.start.min(end)..end).map(|index| &self[index])
    }

    /// The first row number for which `before` is false, given that it is true for a prefix of
    /// the log and false for the rest.
    pub fn partition_point(&self, mut before: impl FnMut(&T) -> bool) -> usize {
        let Some(own) = &self.0 else {
            return 0;
        };
        let chunk = own
            .full
            .partition_point(|chunk| chunk.last().is_some_and(&mut before));
        let within = match own.full.get(chunk) {
            Some(chunk) => chunk.partition_point(before),
            None => own.tail.partition_point(before),
        };
        chunk * CHUNK_ROWS + within
    }

    /// Bytes of memory that the rows occupy, not counting what they point to.
    pub fn memory_bytes(&self) -> usize {
        let Some(own) = &self.0 else {
            return 0;
        };
        let rows = own.full.len() * CHUNK_ROWS + own.tail.capacity();
        rows * size_of::<T>() + own.full.capacity() * size_of::<usize>() + size_of::<Chunks<T>>()
    }
}

impl<T> Chunks<T> {
    #[inline]
    fn push(&mut self, row: T) {
        self.begin_chunk();
        self.tail.push(row);
        self.end_chunk();
    }

    /// Takes as many rows as there is room for in this chunk.
    fn fill(&mut self, rows: &mut impl Iterator<Item = T>) {
        self.begin_chunk();
        self.tail.extend(rows.take(CHUNK_ROWS - self.tail.len()));
        self.end_chunk();
    }

    #[inline]
    fn begin_chunk(&mut self) {
        if self.tail.is_empty() && !self.full.is_empty() {
            // A log that has filled a chunk will fill another.
            self.tail.reserve_exact(CHUNK_ROWS);
        }
    }

    #[inline]
    fn end_chunk(&mut self) {
        if self.tail.len() == CHUNK_ROWS {
            self.full.push(Arc::new(std::mem::take(&mut self.tail)));
        }
    }
}

impl<T> Extend<T> for Log<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, rows: I) {
        let mut rows = rows.into_iter();
        // A chunk's room at a time: one look at the room for many rows. What begins the next chunk tells that there is
        // one, and an empty log stays a null pointer.
        while let Some(row) = rows.next() {
            let own = self.0.get_or_insert_default();
            own.push(row);
            own.fill(&mut rows);
        }
    }
}

impl<T> Index<usize> for Log<T> {
    type Output = T;

    /// # Panics
    ///
    /// Beyond the end: row numbers come from the trace itself, never from a capture's bytes.
    #[inline]
    fn index(&self, index: usize) -> &T {
        self.get(index).expect("row numbers come from the trace")
    }
}

/// Counts how often a thread looks at a row, for tests that say how much work something is.
#[cfg(test)]
pub(crate) mod looks {
    use std::cell::Cell;

    thread_local! {
        static LOOKS: Cell<u64> = const { Cell::new(0) };
    }

    pub(super) fn count() {
        LOOKS.with(|looks| looks.set(looks.get() + 1));
    }

    /// How many rows this thread has looked at.
    pub(crate) fn so_far() -> u64 {
        LOOKS.with(Cell::get)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize) -> Log<usize> {
        let mut log = Log::default();
        log.extend(0..count);
        log
    }

    #[test]
    fn rows_keep_their_numbers_across_chunks() {
        let log = numbers(3 * CHUNK_ROWS + 5);
        assert_eq!(log.len(), 3 * CHUNK_ROWS + 5);
        for index in [0, 1, CHUNK_ROWS - 1, CHUNK_ROWS, 3 * CHUNK_ROWS + 4] {
            assert_eq!(log.get(index), Some(&index));
            assert_eq!(log[index], index);
        }
        assert_eq!(log.get(log.len()), None);
        assert_eq!(log.last(), Some(&(3 * CHUNK_ROWS + 4)));
        assert_eq!(numbers(CHUNK_ROWS).last(), Some(&(CHUNK_ROWS - 1)));
    }

    #[test]
    fn a_range_is_cut_to_what_exists() {
        let log = numbers(CHUNK_ROWS + 2);
        let rows: Vec<_> = log.range(CHUNK_ROWS - 1..usize::MAX).copied().collect();
        assert_eq!(rows, [CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1]);
        assert_eq!(log.range(9 * CHUNK_ROWS..10 * CHUNK_ROWS).count(), 0);
    }

    #[test]
    fn the_partition_point_is_found_in_any_chunk() {
        for count in [0, 1, CHUNK_ROWS, CHUNK_ROWS + 1, 2 * CHUNK_ROWS + 7] {
            let log = numbers(count);
            for limit in [0, 1, CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1, usize::MAX] {
                assert_eq!(log.partition_point(|&row| row < limit), limit.min(count));
            }
        }
    }

    #[test]
    fn a_clone_does_not_see_what_is_appended_later() {
        let mut log = numbers(CHUNK_ROWS + 1);
        let before = log.clone();
        log.push(7);
        for index in [0, CHUNK_ROWS] {
            *log.get_mut(index).unwrap() = 99;
            assert_eq!((before[index], log[index]), (index, 99));
        }
        assert_eq!(log.get_mut(CHUNK_ROWS + 2), None);
        assert_eq!(before.len(), CHUNK_ROWS + 1);
        assert_eq!(log.len(), CHUNK_ROWS + 2);
    }
}
