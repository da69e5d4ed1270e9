//! The notes and where they stand in the trace. Places are found once, when notes change or more was read; views find
//! what they draw by binary search.

use crate::notes::{Kept, Loaded, Note, NoteId, Notes, Target};
use crate::report::notes::note_report;
use crate::report::text;
use crate::trace::{ConnectionId, FrameId, PacketId, Trace};
use std::ops::Range;
use std::sync::LazyLock;

/// While a capture is read, so many notes without a place are looked for again with every batch; more, whenever the
/// capture has doubled.
const FEW: usize = 256;

/// A note and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Its name.
    pub id: NoteId,
    /// What it is about; `None` while the trace does not have it.
    pub target: Option<Target>,
    /// The packet that stands for: see [`crate::report::notes::NoteReport::packet`].
    pub packet: Option<PacketId>,
    /// When that was, in nanoseconds since the first packet.
    pub time_ns: Option<i64>,
    /// What it is about, in words.
    pub words: String,
}

/// A note on the time axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flag {
    /// When, in nanoseconds since the first packet.
    pub time_ns: i64,
    /// Its row in [`Board::rows`].
    pub row: usize,
}

/// What views read of notes.
#[derive(Clone, Debug)]
pub struct Board {
    notes: Notes,
    /// In the order of the capture; without a place at the end.
    rows: Vec<Placed>,
    /// Rows by target, ascending.
    targets: Vec<(Target, usize)>,
    /// Rows by time, ascending.
    flags: Vec<Flag>,
    stale: bool,
    /// How many packets had been read when places were looked for last.
    packets: usize,
    /// Where they are kept.
    pub kept: Kept,
    /// What is wrong with the files, a sentence each.
    pub troubles: Vec<String>,
    /// Why the last change could not be written.
    pub failed: Option<String>,
    /// Whether a change can be taken back.
    pub can_undo: bool,
}

impl Default for Board {
    fn default() -> Self {
        Self::of_notes(Notes::default())
    }
}

impl Board {
    /// A board with these notes.
    pub fn of_notes(notes: Notes) -> Self {
        Self {
            notes,
            rows: Vec::new(),
            targets: Vec::new(),
            flags: Vec::new(),
            stale: true,
            packets: 0,
            kept: Kept::Nowhere,
            troubles: Vec::new(),
            failed: None,
            can_undo: false,
        }
    }

    /// A board with what was read of a file.
    pub fn of_loaded(loaded: Loaded) -> Self {
        let mut board = Self::of_notes(loaded.notes);
        board.kept = loaded.kept;
        board.troubles = loaded.troubles;
        board
    }

    /// A board without notes, for pictures of a trace alone.
    pub fn none() -> &'static Self {
        static NONE: LazyLock<Board> = LazyLock::new(Board::default);
        &NONE
    }

    /// The notes.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// All notes with their places, in the order of the capture.
    pub fn rows(&self) -> &[Placed] {
        &self.rows
    }

    /// The notes on something.
    pub fn on(&self, target: Target) -> impl Iterator<Item = &Note> {
        let first = self.targets.partition_point(|(other, _)| *other < target);
        let rows = self.targets.get(first..).unwrap_or_default();
        let rows = rows.iter().take_while(move |(other, _)| *other == target);
        rows.filter_map(|(_, row)| self.notes.get(&self.rows.get(*row)?.id))
    }

    /// Whether there is a note on a frame.
    pub fn is_noted(&self, connection: ConnectionId, frame: FrameId) -> bool {
        self.on(Target::Frame(connection, frame)).next().is_some()
    }

    /// The notes between two times, in nanoseconds since the first packet: those of one connection, and those of instants.
    pub fn flags(
        &self,
        connection: ConnectionId,
        times_ns: Range<i64>,
    ) -> impl Iterator<Item = (Flag, &Placed)> {
        let first = (self.flags).partition_point(|flag| flag.time_ns < times_ns.start);
        let flags = self.flags.get(first..).unwrap_or_default();
        let flags = flags
            .iter()
            .take_while(move |flag| flag.time_ns <= times_ns.end);
        flags.filter_map(move |flag| {
            let placed = self.rows.get(flag.row)?;
            let is_of = |of: ConnectionId| of == connection;
            let here = match placed.target? {
                Target::Frame(of, _)
                | Target::Stream(of, _)
                | Target::Exchange(of, _)
                | Target::Connection(of) => is_of(of),
                Target::Instant(_) => true,
            };
            here.then_some((*flag, placed))
        })
    }

    /// What a note is about, in words.
    pub fn words(&self, note: &Note) -> String {
        let row = self.rows.iter().find(|row| row.id == note.id);
        row.map_or_else(|| note.at.words(), |row| row.words.clone())
    }

    pub(super) fn set_notes(&mut self, notes: Notes) {
        self.stale |= notes != self.notes;
        self.notes = notes;
    }

    pub(super) fn change(&mut self, change: impl FnOnce(&mut Notes)) {
        change(&mut self.notes);
        self.stale = true;
    }

    /// Looks for places, when notes have changed or more was read.
    pub fn follow(&mut self, trace: &Trace) {
        let packets = trace.packets.len();
        let placed = self.targets.len();
        let missing = self.rows.len().saturating_sub(placed);
        let worth = missing <= FEW || packets >= self.packets.saturating_mul(2);
        let grown = missing > 0 && packets != self.packets && worth;
        if !self.stale && !grown {
            return;
        }
        self.stale = false;
        self.packets = packets;
        let start_ns = trace.start_ns();
        let place = |note: &Note| {
            let (row, packet) = note_report(trace, note);
            Placed {
                id: note.id.clone(),
                target: note.at.find(trace),
                packet,
                time_ns: row.time_ns.map(|time_ns| time_ns.saturating_sub(start_ns)),
                words: text::one_line(row.place(), 120),
            }
        };
        self.rows = self.notes.in_order().into_iter().map(place).collect();
        self.rows
            .sort_by_key(|row| (row.packet.is_none(), row.packet));
        let rows = || self.rows.iter().enumerate();
        self.targets = rows()
            .filter_map(|(at, row)| Some((row.target?, at)))
            .collect();
        self.targets.sort_unstable();
        self.flags = rows()
            .filter_map(|(row, placed)| {
                let time_ns = placed.time_ns?;
                Some(Flag { time_ns, row })
            })
            .collect();
        self.flags.sort_unstable();
    }
}

/// What something is called: `frame 12, HEADERS on stream 5`.
pub fn target_words(trace: &Trace, target: Target) -> String {
    match crate::notes::Place::of(trace, target) {
        Some(place) => place.words(),
        None => "what is not there".to_owned(),
    }
}
