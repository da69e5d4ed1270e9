//! The dynamic table: which entries of the insertion log are in force, and how large they may be together.
//!
//! The table is a queue. New entries come in at one end, index 62, and old ones leave at the other, so what
//! it holds is always a range of everything ever inserted. Source: RFC 7541 §2.3.2, §4.

use super::log::{Entry, InsertionLog, Name, Placeholder, Source};

/// What an entry counts beyond its octets. Source: RFC 7541 §4.1.
pub const ENTRY_OVERHEAD_BYTES: u64 = 32;

/// The limit before the first size update. Source: RFC 9113 §6.5.2 (`SETTINGS_HEADER_TABLE_SIZE`).
pub const DEFAULT_MAX_SIZE_BYTES: u32 = 4096;

/// How many entries the static table has. Source: RFC 7541 Appendix A.
pub const STATIC_ENTRIES: u32 = 61;

/// The index of the newest dynamic entry. Source: RFC 7541 §2.3.3.
pub const FIRST_DYNAMIC_INDEX: u32 = STATIC_ENTRIES + 1;

/// Whether older entries than the known ones may be in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// No: every entry of the table was seen being inserted.
    Known,
    /// Perhaps: the capture began in mid-connection, or a header block was lost.
    Unseen,
}

/// Where the size limit comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// It is the one in force, so entries beyond it are gone.
    Known,
    /// It is only the default: size updates may have been missed, so nothing is evicted for its sake.
    Assumed,
}

/// The dynamic table of one direction at one moment: a range of an [`InsertionLog`] and the limit in force.
///
/// ```text
/// insertion   0   1   2   3   4   5   6   7   8
///           +---+---+---+---+---+---+---+---+---+ - -
///           | evicted   |   in the table        |   to come
///           +---+---+---+---+---+---+---+---+---+ - -
///                       ^ first                 ^ end
/// index                  67  66  65  64  63  62
/// ```
///
/// A small value: copy it to remember a moment. Source: RFC 7541 §2.3.2, §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// The number of the oldest entry; equal to `end` when there is none.
    pub first: u64,
    /// The number the next insertion gets.
    pub end: u64,
    /// The sizes of the known entries together; an unseen name counts as empty.
    pub size_bytes: u64,
    /// How large `size_bytes` may become.
    pub max_size_bytes: u32,
    /// How many of the entries have an unseen name, which counts as empty.
    pub unnamed_entries: u32,
    /// Entries with a lower number came in while the limit was only assumed. Those that are still in the
    /// range may in truth have been evicted: a sender that names one proves the contrary.
    pub sure_from: u64,
    /// How often the history was lost since this direction was first seen.
    pub epoch: u32,
    /// Whether unseen entries may lie before `first`.
    pub start: Start,
    /// Whether `max_size_bytes` is certain.
    pub limit: Limit,
}

/// What an index means at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// The static entry with this index.
    Static(u8),
    /// The dynamic entry with this insertion number.
    Dynamic(u64),
    /// An entry from before what we saw.
    Unseen(Placeholder),
    /// Index 0, which names nothing. Source: RFC 7541 §6.1.
    Zero,
    /// Beyond the last entry. Source: RFC 7541 §2.3.3.
    OutOfRange,
}

/// What an insertion did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inserted {
    /// The number of the new entry; `None` when it is larger than the whole table, which only empties it.
    pub number: Option<u64>,
    /// How many known entries had to leave for it: those just before the new [`Table::first`].
    pub evicted: u32,
}

/// An entry of the table with its two names: the index that moves and the number that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableEntry<'l> {
    /// The index on the wire at this moment, from 62.
    pub index: u32,
    /// The insertion number.
    pub number: u64,
    /// Name and value.
    pub entry: Entry<'l>,
}

impl Default for Table {
    fn default() -> Self {
        Self::new(DEFAULT_MAX_SIZE_BYTES)
    }
}

impl Table {
    /// The empty table of a connection seen from its beginning.
    #[must_use]
    pub const fn new(max_size_bytes: u32) -> Self {
        Self {
            first: 0,
            end: 0,
            size_bytes: 0,
            max_size_bytes,
            unnamed_entries: 0,
            sure_from: 0,
            epoch: 0,
            start: Start::Known,
            limit: Limit::Known,
        }
    }

    /// The table of a connection that was met in the middle: anything may be in it.
    #[must_use]
    pub const fn unseen() -> Self {
        Self {
            start: Start::Unseen,
            limit: Limit::Assumed,
            ..Self::new(DEFAULT_MAX_SIZE_BYTES)
        }
    }

    /// Forgets which entries are in force: a header block was lost or could not be read, so an unknown
    /// number of insertions and size updates was missed. A new epoch of placeholders begins.
    pub fn lose_history(&mut self) {
        *self = Self {
            first: self.end,
            end: self.end,
            epoch: self.epoch.saturating_add(1),
            ..Self::unseen()
        };
    }

    /// How many known entries it holds.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.end.saturating_sub(self.first)
    }

    /// True when it holds no known entry.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// True when every entry, its size and the limit are certain, and nothing unseen is left.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.start == Start::Known
            && self.limit == Limit::Known
            && self.unnamed_entries == 0
            && self.first >= self.sure_from
    }

    /// What an index on the wire means now. Source: RFC 7541 §2.3.3.
    #[inline]
    #[must_use]
    pub fn lookup(&self, index: u32) -> Lookup {
        let Some(back) = index.checked_sub(FIRST_DYNAMIC_INDEX) else {
            return match u8::try_from(index) {
                Ok(0) | Err(_) => Lookup::Zero,
                Ok(index) => Lookup::Static(index),
            };
        };
        match self.end.checked_sub(u64::from(back).saturating_add(1)) {
            Some(number) if number >= self.first => Lookup::Dynamic(number),
            _ => self.lookup_unseen(back),
        }
    }

    #[cold]
    fn lookup_unseen(&self, back: u32) -> Lookup {
        if self.start == Start::Known {
            return Lookup::OutOfRange;
        }
        let distance = u64::from(back).saturating_sub(self.len()).saturating_add(1);
        if self.limit == Limit::Known && distance > self.room_bytes() / ENTRY_OVERHEAD_BYTES {
            return Lookup::OutOfRange;
        }
        match u32::try_from(distance) {
            Ok(distance) => Lookup::Unseen(Placeholder::new(self.epoch, distance)),
            Err(_) => Lookup::OutOfRange,
        }
    }

    /// The index that names an entry now; `None` when it is not in the table.
    #[must_use]
    pub fn index_of(&self, number: u64) -> Option<u32> {
        if number < self.first {
            return None;
        }
        let back = self.end.checked_sub(number)?.checked_sub(1)?;
        u32::try_from(back).ok()?.checked_add(FIRST_DYNAMIC_INDEX)
    }

    /// The known entries, newest first, as they are numbered on the wire.
    pub fn entries<'l, L: InsertionLog + ?Sized>(
        &self,
        log: &'l L,
    ) -> impl Iterator<Item = TableEntry<'l>> + use<'l, L> {
        (FIRST_DYNAMIC_INDEX..)
            .zip((self.first..self.end).rev())
            .filter_map(|(index, number)| {
                Some(TableEntry {
                    index,
                    number,
                    entry: log.entry(number)?,
                })
            })
    }

    /// Adds an entry after evicting what it displaces. Source: RFC 7541 §4.4.
    ///
    /// `entry` must not borrow from the table that it goes into, which Rust sees to: an entry may take the
    /// name of one that it evicts, so the octets are copied before.
    pub fn insert<L: InsertionLog + ?Sized>(
        &mut self,
        log: &mut L,
        entry: Entry<'_>,
        name_source: Source,
    ) -> Inserted {
        let size = entry.size_bytes();
        let Some(budget) = self.budget_beside(size) else {
            // Not an error: it empties the table, unseen entries included, and does not enter it.
            let evicted = self.evict_down_to(log, 0);
            self.start = Start::Known;
            return Inserted {
                number: None,
                evicted,
            };
        };
        let evicted = self.evict_down_to(log, budget);
        let number = self.end;
        log.push(number, entry, name_source);
        self.end = self.end.saturating_add(1);
        self.size_bytes = self.size_bytes.saturating_add(size);
        if let Name::Unseen(_) = entry.name {
            self.unnamed_entries = self.unnamed_entries.saturating_add(1);
        }
        self.settle();
        Inserted {
            number: Some(number),
            evicted,
        }
    }

    /// Moves the limit, as a size update does; answers with how many known entries were evicted.
    ///
    /// Source: RFC 7541 §4.3, §6.3.
    pub fn resize<L: InsertionLog + ?Sized>(&mut self, log: &mut L, max_size_bytes: u32) -> u32 {
        if self.limit == Limit::Assumed {
            self.sure_from = self.end;
        }
        self.max_size_bytes = max_size_bytes;
        self.limit = Limit::Known;
        let evicted = self.evict_down_to(log, u64::from(max_size_bytes));
        self.settle();
        evicted
    }

    /// What the other entries may take beside one of `size`; `None` when it does not fit even alone.
    fn budget_beside(&self, size: u64) -> Option<u64> {
        match self.limit {
            Limit::Known => u64::from(self.max_size_bytes).checked_sub(size),
            Limit::Assumed => Some(u64::MAX),
        }
    }

    fn evict_down_to<L: InsertionLog + ?Sized>(&mut self, log: &mut L, budget_bytes: u64) -> u32 {
        if self.size_bytes <= budget_bytes || self.limit == Limit::Assumed {
            return 0;
        }
        let mut evicted = 0u32;
        while self.size_bytes > budget_bytes && self.first < self.end {
            let (size, unnamed) = match log.entry(self.first) {
                Some(entry) => (entry.size_bytes(), entry.name.known().is_none()),
                None => (ENTRY_OVERHEAD_BYTES, false),
            };
            self.size_bytes = self.size_bytes.saturating_sub(size);
            self.unnamed_entries = self.unnamed_entries.saturating_sub(unnamed.into());
            self.first = self.first.saturating_add(1);
            evicted = evicted.saturating_add(1);
        }
        // Unseen entries are older than every known one, so they went first.
        self.start = Start::Known;
        log.evict_before(self.first);
        evicted
    }

    /// Notices when no unseen entry can be left: the known ones fill the table.
    fn settle(&mut self) {
        if self.limit == Limit::Known && self.room_bytes() < ENTRY_OVERHEAD_BYTES {
            self.start = Start::Known;
        }
    }

    /// How much the known entries leave free.
    fn room_bytes(&self) -> u64 {
        u64::from(self.max_size_bytes).saturating_sub(self.size_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::log::VecLog;
    use super::*;

    fn insert(table: &mut Table, log: &mut VecLog, name: &[u8], value: &[u8]) -> Inserted {
        table.insert(log, Entry::new(name, value), Source::Literal)
    }

    #[test]
    fn a_table_is_a_range_of_the_log_and_indexes_count_from_the_newest() {
        let (mut table, mut log) = (Table::new(100), VecLog::new());
        assert_eq!(table.lookup(62), Lookup::OutOfRange);
        // 34 bytes each: two fit into 100, three do not.
        for (number, value) in (0..).zip([b"0", b"1", b"2", b"3"]) {
            let inserted = insert(&mut table, &mut log, b"n", value);
            let evicted = u32::from(number > 1);
            assert_eq!(
                inserted,
                Inserted {
                    number: Some(number),
                    evicted
                }
            );
        }
        assert_eq!((table.first, table.end, table.size_bytes), (2, 4, 68));
        assert_eq!(table.lookup(0), Lookup::Zero);
        assert_eq!(table.lookup(61), Lookup::Static(61));
        assert_eq!(table.lookup(62), Lookup::Dynamic(3));
        assert_eq!(table.lookup(63), Lookup::Dynamic(2));
        assert_eq!(table.lookup(64), Lookup::OutOfRange);
        assert_eq!(table.lookup(u32::MAX), Lookup::OutOfRange);
        assert_eq!(table.index_of(3), Some(62));
        assert_eq!(table.index_of(2), Some(63));
        assert_eq!(table.index_of(1), None);
        assert_eq!(table.index_of(4), None);
        let entries: Vec<_> = table
            .entries(&log)
            .map(|e| (e.index, e.entry.value))
            .collect();
        assert_eq!(entries, [(62, &b"3"[..]), (63, b"2")]);
    }

    #[test]
    fn an_entry_larger_than_the_table_empties_it() {
        let (mut table, mut log) = (Table::new(100), VecLog::new());
        insert(&mut table, &mut log, b"a", b"");
        insert(&mut table, &mut log, b"b", b"");
        let inserted = insert(&mut table, &mut log, b"c", &[b'x'; 68]);
        assert_eq!(
            inserted,
            Inserted {
                number: None,
                evicted: 2
            }
        );
        assert_eq!((table.first, table.end, table.size_bytes), (2, 2, 0));
        // One byte less and it fits exactly; numbers go on without a gap.
        let inserted = insert(&mut table, &mut log, b"c", &[b'x'; 67]);
        assert_eq!(inserted.number, Some(2));
        assert_eq!(table.size_bytes, 100);
    }

    #[test]
    fn a_smaller_limit_evicts_and_a_larger_one_brings_nothing_back() {
        let (mut table, mut log) = (Table::new(4096), VecLog::new());
        for _ in 0..4 {
            insert(&mut table, &mut log, b"name", b"value");
        }
        assert_eq!(table.resize(&mut log, 82), 2);
        assert_eq!((table.first, table.size_bytes), (2, 82));
        assert_eq!(table.resize(&mut log, 4096), 0);
        assert_eq!((table.first, table.size_bytes), (2, 82));
        assert_eq!(table.resize(&mut log, 0), 2);
        assert_eq!((table.first, table.end, table.size_bytes), (4, 4, 0));
    }

    #[test]
    fn an_unseen_entry_keeps_its_number_while_known_ones_arrive() {
        let (mut table, mut log) = (Table::unseen(), VecLog::new());
        let placeholder = Lookup::Unseen(Placeholder(3));
        assert_eq!(table.lookup(64), placeholder);
        insert(&mut table, &mut log, b"a", b"1");
        assert_eq!(table.lookup(62), Lookup::Dynamic(0));
        assert_eq!(table.lookup(63), Lookup::Unseen(Placeholder(1)));
        assert_eq!(table.lookup(65), placeholder);
        insert(&mut table, &mut log, b"b", b"2");
        assert_eq!(table.lookup(66), placeholder);
    }

    #[test]
    fn nothing_is_evicted_for_an_assumed_limit() {
        let (mut table, mut log) = (Table::unseen(), VecLog::new());
        for _ in 0..10 {
            let inserted = insert(&mut table, &mut log, b"name", &[b'x'; 2000]);
            assert_eq!(inserted.evicted, 0);
        }
        assert_eq!(
            insert(&mut table, &mut log, b"n", &[b'x'; 5000]).number,
            Some(10)
        );
        assert_eq!(table.lookup(72), Lookup::Dynamic(0));
        assert!(!table.is_certain());
    }

    #[test]
    fn a_size_update_makes_the_limit_known_and_a_full_table_makes_all_certain() {
        let (mut table, mut log) = (Table::unseen(), VecLog::new());
        insert(&mut table, &mut log, b"old", b"");
        assert_eq!(table.resize(&mut log, 100), 0);
        insert(&mut table, &mut log, b"a", b"1");
        // The limit may have been lower when `old` came in.
        assert_eq!((table.sure_from, table.is_certain()), (1, false));
        insert(&mut table, &mut log, b"b", b"2");
        assert_eq!((table.first, table.is_certain()), (1, true));
    }

    #[test]
    fn a_known_limit_bounds_how_many_unseen_entries_there_may_be() {
        let (mut table, mut log) = (Table::unseen(), VecLog::new());
        table.resize(&mut log, 100);
        insert(&mut table, &mut log, b"a", b"1");
        // 34 of 100 bytes are known: two unseen entries of 32 may be there, not three.
        assert_eq!(table.lookup(64), Lookup::Unseen(Placeholder(2)));
        assert_eq!(table.lookup(65), Lookup::OutOfRange);
        assert!(!table.is_certain());
        insert(&mut table, &mut log, b"b", b"23");
        assert_eq!(
            table.start,
            Start::Known,
            "69 of 100 leave no room for another"
        );
        assert!(table.is_certain());
        assert_eq!(table.lookup(64), Lookup::OutOfRange);
    }

    #[test]
    fn an_empty_table_is_certain() {
        let (mut table, mut log) = (Table::unseen(), VecLog::new());
        insert(&mut table, &mut log, b"a", b"1");
        assert_eq!(table.resize(&mut log, 0), 1);
        assert_eq!(table.resize(&mut log, 4096), 0);
        assert!(table.is_certain());
        assert_eq!(table.lookup(62), Lookup::OutOfRange);
    }

    #[test]
    fn a_loss_starts_a_new_epoch_of_placeholders() {
        let (mut table, mut log) = (Table::default(), VecLog::new());
        insert(&mut table, &mut log, b"a", b"1");
        table.lose_history();
        assert!(table.is_empty());
        assert_eq!(table.lookup(62), Lookup::Unseen(Placeholder::new(1, 1)));
        insert(&mut table, &mut log, b"b", b"2");
        assert_eq!(table.lookup(62), Lookup::Dynamic(1));
        assert_eq!(table.lookup(63), Lookup::Unseen(Placeholder::new(1, 1)));
    }

    #[test]
    fn an_unnamed_entry_leaves_the_size_open_until_it_is_evicted() {
        let (mut table, mut log) = (Table::unseen(), VecLog::new());
        let unnamed = Entry {
            name: Name::Unseen(Placeholder(1)),
            value: b"1",
        };
        table.resize(&mut log, 80);
        table.insert(&mut log, unnamed, Source::Unseen(Placeholder(1)));
        insert(&mut table, &mut log, b"a", b"1");
        assert_eq!((table.size_bytes, table.unnamed_entries), (67, 1));
        assert!(!table.is_certain());
        insert(&mut table, &mut log, b"b", b"1");
        assert!(table.is_certain());
    }
}
