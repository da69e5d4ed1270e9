//! Every entry a dynamic table ever held, in order of insertion.
//!
//! A [`Table`](super::Table) is a range of such a log, so the table of any past moment can be looked at
//! as long as the log is kept.

use super::static_table;

/// An entry of the dynamic table that was inserted where we could not see it.
///
/// The number never changes while the entry is referred to, so equal numbers in one direction of a
/// connection mean the same unseen entry. Small numbers stand for a capture that began in the middle: 1
/// is the entry inserted last before what we saw, 2 the one before it. After each loss of a block the
/// counting starts anew in the next epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Placeholder(pub u64);

impl Placeholder {
    /// Stands for a name whose entry a log no longer holds; never for an entry of a table.
    pub const MISSING: Self = Self(0);

    /// The entry that was inserted `distance` insertions before the first we know of in `epoch`.
    #[must_use]
    pub const fn new(epoch: u32, distance: u32) -> Self {
        Self((epoch as u64) << 32 | distance as u64)
    }

    /// How often the history had been lost before, as [`Table::epoch`](super::Table) counts it.
    #[must_use]
    pub const fn epoch(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// How many insertions before the first known one of its epoch; the last unseen one is 1.
    #[must_use]
    pub const fn distance(self) -> u32 {
        self.0 as u32
    }
}

/// The name of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'a> {
    /// These octets.
    Known(&'a [u8]),
    /// The name of an entry we never saw: a literal referred to its index.
    Unseen(Placeholder),
}

impl<'a> Name<'a> {
    /// The octets, unless the name is that of an unseen entry.
    #[inline]
    #[must_use]
    pub fn known(self) -> Option<&'a [u8]> {
        match self {
            Self::Known(octets) => Some(octets),
            Self::Unseen(_) => None,
        }
    }
}

/// One entry of the dynamic table. Its value is always known: no representation inserts a value from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What it is called.
    pub name: Name<'a>,
    /// What it says.
    pub value: &'a [u8],
}

impl<'a> Entry<'a> {
    /// An entry with a known name.
    #[must_use]
    pub fn new(name: &'a [u8], value: &'a [u8]) -> Self {
        Self {
            name: Name::Known(name),
            value,
        }
    }

    /// Octets of name and value plus 32; an unseen name counts as empty. Source: RFC 7541 §4.1.
    #[inline]
    #[must_use]
    pub fn size_bytes(self) -> u64 {
        let name = self.name.known().map_or(0, <[u8]>::len);
        (name as u64)
            .saturating_add(self.value.len() as u64)
            .saturating_add(super::table::ENTRY_OVERHEAD_BYTES)
    }
}

/// Where a name, or a whole field, was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// From the block itself.
    Literal,
    /// The static entry with this index, 1 to 61.
    Static(u8),
    /// The dynamic entry with this insertion number.
    Dynamic(u64),
    /// A dynamic entry inserted where we could not see it.
    Unseen(Placeholder),
}

/// Where the entries of one direction's dynamic table are kept. Numbers count insertions from 0.
pub trait InsertionLog {
    /// The entry with this number; `None` when the log does not hold it (any more).
    fn entry(&self, number: u64) -> Option<Entry<'_>>;

    /// Called once for every insertion, with the numbers in order.
    ///
    /// A few bytes of a block can insert a long name again and again by naming an entry. So that memory
    /// stays in proportion to the capture, share the octets with the entry that `name_source` names.
    fn push(&mut self, number: u64, entry: Entry<'_>, name_source: Source);

    /// Called after evictions: the table begins at `first` now. A log that wants no past may forget the rest.
    fn evict_before(&mut self, first: u64) {
        let _ = first;
    }
}

impl<L: InsertionLog + ?Sized> InsertionLog for &mut L {
    fn entry(&self, number: u64) -> Option<Entry<'_>> {
        (**self).entry(number)
    }

    fn push(&mut self, number: u64, entry: Entry<'_>, name_source: Source) {
        (**self).push(number, entry, name_source);
    }

    fn evict_before(&mut self, first: u64) {
        (**self).evict_before(first);
    }
}

/// The simplest log: all octets in one buffer, all entries in one list, nothing forgotten.
///
/// Names that were taken from a table are not stored again.
#[derive(Clone, Debug, Default)]
pub struct VecLog {
    octets: Vec<u8>,
    entries: Vec<StoredEntry>,
}

#[derive(Clone, Copy, Debug)]
struct StoredEntry {
    name: StoredName,
    value: Span,
}

#[derive(Clone, Copy, Debug)]
enum StoredName {
    Static(u8),
    Octets(Span),
    Unseen(Placeholder),
}

/// A range of [`VecLog::octets`].
#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    end: usize,
}

impl VecLog {
    /// A log of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entries were ever inserted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True before the first insertion.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Memory its contents take.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.octets.len() + self.entries.len() * size_of::<StoredEntry>()
    }

    fn stored(&self, number: u64) -> Option<&StoredEntry> {
        self.entries.get(usize::try_from(number).ok()?)
    }

    fn octets(&self, span: Span) -> &[u8] {
        self.octets.get(span.start..span.end).unwrap_or_default()
    }

    fn store(&mut self, octets: &[u8]) -> Span {
        let start = self.octets.len();
        self.octets.extend_from_slice(octets);
        Span {
            start,
            end: self.octets.len(),
        }
    }
}

impl InsertionLog for VecLog {
    #[inline]
    fn entry(&self, number: u64) -> Option<Entry<'_>> {
        let stored = self.stored(number)?;
        let name = match stored.name {
            StoredName::Static(index) => {
                Name::Known(static_table::entry(index.into())?.0.as_bytes())
            }
            StoredName::Octets(span) => Name::Known(self.octets(span)),
            StoredName::Unseen(placeholder) => Name::Unseen(placeholder),
        };
        Some(Entry {
            name,
            value: self.octets(stored.value),
        })
    }

    fn push(&mut self, number: u64, entry: Entry<'_>, name_source: Source) {
        debug_assert_eq!(number, self.entries.len() as u64, "numbers come in order");
        let name = match (entry.name, name_source) {
            (Name::Unseen(placeholder), _) => StoredName::Unseen(placeholder),
            (Name::Known(_), Source::Static(index)) => StoredName::Static(index),
            (Name::Known(octets), Source::Dynamic(earlier)) => match self.stored(earlier) {
                Some(stored) => stored.name,
                None => StoredName::Octets(self.store(octets)),
            },
            (Name::Known(octets), _) => StoredName::Octets(self.store(octets)),
        };
        let value = self.store(entry.value);
        self.entries.push(StoredEntry { name, value });
    }
}

/// Reads a log that already holds what is about to be inserted, so that a block of the past can be
/// decoded again on the table it met.
#[derive(Clone, Copy, Debug)]
pub struct Replay<'l, L: ?Sized> {
    log: &'l L,
    first_difference: Option<u64>,
}

impl<'l, L: InsertionLog + ?Sized> Replay<'l, L> {
    /// Decoding on this leaves `log` as it is.
    #[must_use]
    pub fn new(log: &'l L) -> Self {
        Self {
            log,
            first_difference: None,
        }
    }

    /// The first insertion that was not the one in the log. `Some` means that the block or the
    /// [`Table`](super::Table) was not the one of the first time.
    #[must_use]
    pub fn first_difference(&self) -> Option<u64> {
        self.first_difference
    }
}

impl<L: InsertionLog + ?Sized> InsertionLog for Replay<'_, L> {
    #[inline]
    fn entry(&self, number: u64) -> Option<Entry<'_>> {
        self.log.entry(number)
    }

    fn push(&mut self, number: u64, entry: Entry<'_>, _name_source: Source) {
        if self.first_difference.is_none() && self.log.entry(number) != Some(entry) {
            self.first_difference = Some(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_taken_from_a_table_is_stored_once() {
        let mut log = VecLog::new();
        log.push(0, Entry::new(b"x-long-name", b"1"), Source::Literal);
        log.push(1, Entry::new(b"x-long-name", b"2"), Source::Dynamic(0));
        log.push(2, Entry::new(b"cookie", b"3"), Source::Static(32));
        assert_eq!(log.octets, b"x-long-name123");
        assert_eq!(log.entry(1), Some(Entry::new(b"x-long-name", b"2")));
        assert_eq!(log.entry(2), Some(Entry::new(b"cookie", b"3")));
        assert_eq!(log.entry(3), None);
        assert_eq!(log.entry(u64::MAX), None);
    }

    #[test]
    fn a_replay_notices_an_insertion_that_is_not_the_one_it_holds() {
        let mut log = VecLog::new();
        log.push(0, Entry::new(b"a", b"1"), Source::Literal);
        let mut replay = Replay::new(&log);
        replay.push(0, Entry::new(b"a", b"1"), Source::Literal);
        assert_eq!(replay.first_difference(), None);
        replay.push(0, Entry::new(b"a", b"2"), Source::Literal);
        assert_eq!(replay.first_difference(), Some(0));
    }

    #[test]
    fn a_placeholder_knows_its_epoch_and_distance() {
        assert_eq!(Placeholder::new(0, 7), Placeholder(7));
        let later = Placeholder::new(3, u32::MAX);
        assert_eq!((later.epoch(), later.distance()), (3, u32::MAX));
    }
}
