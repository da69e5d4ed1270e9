//! The tab of a header block: each field's bytes and what they mean, and the sender's dynamic table
//! right after the block.

use crate::analysis::cross_check::{self, CrossCheck};
use crate::analysis::fields::{
    field_name, field_value, representation_meaning, representation_section, representation_words,
};
use crate::trace::headers::{HeaderBlock, HeaderField, TraceLog};
use crate::trace::{BlockId, Connection, FrameId, FrameRow, Trace};
use crate::ui::Item;
use crate::ui::widgets::{format, terms};
use crate::wire::hpack::table::{ENTRY_OVERHEAD_BYTES, FIRST_DYNAMIC_INDEX, Start};
use crate::wire::hpack::{InsertionLog, Name, Representation, SizeUpdate};
use std::ops::Range;

/// Bytes of a field that its row shows; all of them are lit in the bytes view.
const BYTES_IN_ROW: usize = 3;

/// A header block about to be inspected.
#[derive(Clone, Copy)]
pub(super) struct Block<'a> {
    pub(super) connection: &'a Connection,
    pub(super) row: &'a FrameRow,
    pub(super) block: &'a HeaderBlock,
}

/// One representation of the block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldLine {
    pub(super) bytes: String,
    pub(super) means: String,
    /// What is more to say about how it is written, such as Huffman.
    pub(super) detail: String,
    pub(super) name: String,
    pub(super) value: String,
    /// Whether the sender holds it for a secret.
    pub(super) sensitive: bool,
    /// Its bytes, in the frame where they begin.
    pub(super) item: Option<Item>,
    pub(super) hover: String,
}

/// One entry of the dynamic table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableLine {
    pub(super) index: u32,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) size: u64,
    /// Whether this very block inserted it.
    pub(super) new: bool,
    pub(super) hover: String,
}

impl Block<'_> {
    /// `17 bytes for 130 bytes of text · 87 % saved`.
    pub(super) fn heading(&self) -> String {
        let encoded = self.block.bytes.len() as u64;
        let decoded = self.decoded_bytes();
        format!(
            "{} for {} of text · {} saved",
            format::exact_bytes(encoded),
            format::exact_bytes(decoded),
            format::percent(decoded.saturating_sub(encoded), decoded)
        )
    }

    fn decoded_bytes(&self) -> u64 {
        let sizes = self.block.fields.iter().map(HeaderField::decoded_bytes);
        sizes.fold(0u64, |sum, size| sum.saturating_add(size as u64))
    }

    /// Why the block could not be read to its end.
    pub(super) fn error(&self) -> Option<String> {
        self.block.error.as_ref().map(ToString::to_string)
    }

    /// How many rows [`Self::lines`] would give.
    pub(super) fn line_count(&self) -> usize {
        self.block.fields.len() + self.block.size_updates.len()
    }

    /// The first rows of the block, in the order of its bytes.
    pub(super) fn lines(&self, limit: usize) -> Vec<FieldLine> {
        let mut updates = self.block.size_updates.iter().peekable();
        let mut lines = Vec::new();
        for field in self.block.fields.iter().take(limit) {
            while let Some(update) =
                updates.next_if(|update| update.range.start < field.range.start)
            {
                lines.push(self.update_line(update));
            }
            lines.push(self.field_line(field));
        }
        lines.extend(updates.map(|update| self.update_line(update)));
        lines.truncate(limit);
        lines
    }

    fn hex(&self, range: &Range<usize>) -> String {
        let bytes = self.block.bytes.get(range.clone()).unwrap_or_default();
        format::hex(bytes, BYTES_IN_ROW)
    }

    fn item(&self, range: &Range<usize>) -> Option<Item> {
        let (frame, range) = self.block.ranges_in_frames(range.clone()).next()?;
        Some(Item::Bytes {
            connection: self.connection.id,
            frame,
            start: u32::try_from(range.start).ok()?,
            end: u32::try_from(range.end).ok()?,
        })
    }

    fn update_line(&self, update: &SizeUpdate) -> FieldLine {
        let size = format::exact_bytes(u64::from(update.max_size_bytes));
        let mut hover =
            vec!["From here on the sender's dynamic table holds at most this much.".to_owned()];
        if update.breaks_a_rule() {
            hover.push(
                "It breaks a rule: it comes after a field, or is above what the receiver allows."
                    .to_owned(),
            );
        }
        hover.push("RFC 7541 §6.3".to_owned());
        FieldLine {
            bytes: self.hex(&update.range),
            means: "size update".to_owned(),
            detail: String::new(),
            name: "dynamic table".to_owned(),
            value: format!("at most {size}"),
            sensitive: false,
            item: self.item(&update.range),
            hover: hover.join("\n"),
        }
    }

    fn field_line(&self, field: &HeaderField) -> FieldLine {
        let sensitive = field.representation == Representation::LiteralNeverIndexed;
        FieldLine {
            bytes: self.hex(&field.range),
            means: representation_words(field),
            detail: detail(field),
            name: field_name(field),
            value: field_value(field),
            sensitive,
            item: self.item(&field.range),
            hover: self.hover(field),
        }
    }

    fn hover(&self, field: &HeaderField) -> String {
        let mut lines = vec![
            representation_meaning(field.representation).to_owned(),
            format!(
                "{} for {} of text",
                format::exact_bytes(field.range.len() as u64),
                format::exact_bytes(field.decoded_bytes() as u64)
            ),
        ];
        if let Some(number) = field.inserted {
            let name = self.block.table_after.index_of(number);
            lines.push(match name {
                Some(index) => format!("Its entry has index {index} after this block."),
                None => "Its entry was pushed out again within this block.".to_owned(),
            });
        } else if field.representation == Representation::LiteralIncremental {
            lines.push(
                "It is larger than the whole table, so it empties it and is not added.".to_owned(),
            );
        }
        if field.evicted > 0 {
            lines.push(format!(
                "It pushed out {}.",
                entries(u64::from(field.evicted))
            ));
        }
        if let Some(placeholder) = field.placeholder {
            lines.push(format!(
                "It names entry {placeholder:?}, which was inserted where the capture does not show it."
            ));
        }
        lines.push(representation_section(field.representation).to_owned());
        lines.join("\n")
    }

    /// How full the table is, from 0 to 1.
    pub(super) fn fill(&self) -> f32 {
        let table = &self.block.table_after;
        if table.max_size_bytes == 0 {
            return 0.0;
        }
        (table.size_bytes as f32 / table.max_size_bytes as f32).clamp(0.0, 1.0)
    }

    /// `247 of 4 096 bytes · 5 entries · 0 evicted`.
    pub(super) fn table_summary(&self) -> String {
        let table = &self.block.table_after;
        let evicted = self
            .block
            .fields
            .iter()
            .map(|field| u64::from(field.evicted))
            .sum::<u64>()
            + self
                .block
                .size_updates
                .iter()
                .map(|update| u64::from(update.evicted))
                .sum::<u64>();
        let mut parts = vec![
            format!(
                "{} of {}",
                format::count(table.size_bytes),
                format::exact_bytes(u64::from(table.max_size_bytes))
            ),
            entries(table.len()),
            format!("{} evicted", format::count(evicted)),
        ];
        if table.start == Start::Unseen {
            parts.push("older ones unseen".to_owned());
        }
        parts.join(" · ")
    }

    /// How many entries the table has.
    pub(super) fn table_len(&self) -> usize {
        usize::try_from(self.block.table_after.len()).unwrap_or(usize::MAX)
    }

    /// The first entries of the table, newest first, as they are numbered on the wire.
    pub(super) fn table_lines(&self, limit: usize) -> Vec<TableLine> {
        let Some(http2) = self.connection.http2() else {
            return Vec::new();
        };
        let log = TraceLog::new(self.connection, http2, self.row.side);
        let table = &self.block.table_after;
        (FIRST_DYNAMIC_INDEX..)
            .zip((table.first..table.end).rev())
            .take(limit)
            .filter_map(|(index, number)| {
                let entry = log.entry(number)?;
                let block = log.row(number)?.block;
                let new = Some(block) == self.row.block;
                let name = match entry.name {
                    Name::Known(name) => String::from_utf8_lossy(name).into_owned(),
                    Name::Unseen(_) => "(name unseen)".to_owned(),
                };
                Some(TableLine {
                    index,
                    name,
                    value: String::from_utf8_lossy(entry.value).into_owned(),
                    size: entry.size_bytes(),
                    new,
                    hover: self.entry_hover(http2, block, entry.size_bytes(), number),
                })
            })
            .collect()
    }

    fn entry_hover(
        &self,
        http2: &crate::trace::Http2,
        block: BlockId,
        size: u64,
        number: u64,
    ) -> String {
        let inserted = http2.blocks[self.row.side.index()]
            .get(block.index())
            .map_or_else(String::new, |block| {
                format!(" by frame {}", block.first_frame)
            });
        format!(
            "insertion {}{inserted}\n{} of name and value and {} that every entry counts\nRFC 7541 §4.1",
            format::count(number),
            format::exact_bytes(size.saturating_sub(ENTRY_OVERHEAD_BYTES)),
            ENTRY_OVERHEAD_BYTES
        )
    }

    /// The tab as text.
    pub(super) fn text(&self) -> String {
        let mut lines = vec![self.heading()];
        for line in self.lines(usize::MAX) {
            let detail = if line.detail.is_empty() {
                String::new()
            } else {
                format!(" ({})", line.detail)
            };
            lines.push(format!(
                "{} | {}{detail} | {}: {}",
                line.bytes, line.means, line.name, line.value
            ));
        }
        lines.extend(self.error());
        lines.push(format!(
            "dynamic table after this block: {}",
            self.table_summary()
        ));
        for line in self.table_lines(usize::MAX) {
            let new = if line.new { " | new" } else { "" };
            lines.push(format!(
                "{} | {}: {} | {} bytes{new}",
                line.index, line.name, line.value, line.size
            ));
        }
        lines.join("\n")
    }
}

fn entries(count: u64) -> String {
    if count == 1 {
        "1 entry".to_owned()
    } else {
        format!("{} entries", format::count(count))
    }
}

/// What is more to say about how a field is written: where its name comes from, and Huffman.
fn detail(field: &HeaderField) -> String {
    let mut parts = Vec::new();
    if field.representation != Representation::Indexed {
        parts.push(match field.index {
            Some(index) => format!("name {index}"),
            None => "name as text".to_owned(),
        });
    }
    let huffman = |string: &Option<crate::wire::hpack::StringLiteral>| {
        string.as_ref().is_some_and(|string| string.huffman)
    };
    match (huffman(&field.name_string), huffman(&field.value_string)) {
        (true, true) => parts.push("both Huffman".to_owned()),
        (true, false) => parts.push("name Huffman".to_owned()),
        (false, true) => parts.push("Huffman".to_owned()),
        (false, false) => {}
    }
    parts.join(", ")
}

/// What the second decoder said about the block lately looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct Checked {
    of: Option<(u64, FrameId, usize)>,
    check: Option<CrossCheck>,
}

impl Checked {
    /// Asks the second decoder, once per block: it is slow.
    pub(super) fn get(&mut self, trace: &Trace, frame: FrameId, block: &Block<'_>) -> &CrossCheck {
        let of = Some((block.row.offset, frame, block.connection.id.index()));
        if self.of != of {
            self.check = None;
            self.of = of;
        }
        self.check
            .get_or_insert_with(|| cross_check::header_block(trace, block.connection, frame))
    }
}

/// The mark of the second opinion: a few words, and why.
pub(super) fn check_words(check: &CrossCheck) -> (&'static str, String) {
    let what = terms::hover_text("cross-checked");
    match check {
        CrossCheck::Agrees => (
            "cross-checked",
            format!("A second decoder reads the same fields.\n{what}"),
        ),
        CrossCheck::Differs { how } => ("a second decoder differs", format!("{how}\n{what}")),
        CrossCheck::NotChecked { reason } => ("not cross-checked", format!("{reason}\n{what}")),
    }
}
