//! What the HPACK view shows: whose block, which one, and the table beside it.

use crate::trace::headers::{HeaderBlock, HeaderField, TraceLog};
use crate::trace::http2::Instant;
use crate::trace::{BlockId, Connection, Direction, FrameId, FrameRow, Http2, Side};
use crate::ui::widgets::filtered;
use crate::ui::{Item, ViewContext};
use crate::wire::hpack::table::{FIRST_DYNAMIC_INDEX, Start};
use crate::wire::hpack::{Entry, Placeholder, Representation, SizeUpdate, Source, Table};
use std::ops::Range;
use std::sync::Arc;

/// Whose blocks are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sender {
    /// Whoever sent the block at the cursor.
    #[default]
    AtCursor,
    /// Always this end.
    Of(Direction),
}

/// A block decoded lately: a picture needs the same one as the picture before.
#[derive(Clone, Debug, Default)]
pub struct Decoded {
    of: Option<(usize, Side, BlockId, FrameId)>,
    block: Option<Arc<HeaderBlock>>,
}

/// What one picture shows.
#[derive(Clone)]
pub struct Shown<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// What it carries.
    pub http2: &'a Http2,
    /// Who sent the blocks.
    pub side: Side,
    /// The same as client or server.
    pub direction: Direction,
    /// The block; `None` before the sender's first one.
    pub block: Option<ShownBlock>,
    /// The sender's table: right after the block, or at the cursor while the block is not complete.
    pub table: Table,
    /// What the block met.
    pub before: Table,
    /// The last frame that the table knows of.
    pub at: Instant,
}

/// The block of a picture.
#[derive(Clone)]
pub struct ShownBlock {
    /// Its number among its sender's.
    pub id: BlockId,
    /// The frame that starts it.
    pub frame: FrameId,
    /// Its row.
    pub row: FrameRow,
    /// What it says; `None` when its bytes are not all there.
    pub decoded: Option<Arc<HeaderBlock>>,
    /// Whether its last frame has been read at the cursor.
    pub read: bool,
}

/// A field or a size update, in the order of the block's bytes.
#[derive(Clone, Copy, Debug)]
pub enum Part<'b> {
    /// A header field.
    Field(&'b HeaderField),
    /// A new limit of the table.
    Update(&'b SizeUpdate),
}

/// What a part does, and so how it is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A number of the static table.
    Static,
    /// A number of the dynamic table.
    Dynamic,
    /// A number whose entry was inserted before the capture.
    Unseen,
    /// Text that joins the table.
    Added,
    /// Text that does not.
    NotAdded,
    /// Text that never may.
    Never,
    /// A new limit.
    Update,
}

impl Kind {
    /// What it is called beside its bytes.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Static => "static table",
            Kind::Dynamic => "dynamic table",
            Kind::Unseen => "unseen entry",
            Kind::Added => "text, joins the table",
            Kind::NotAdded => "text, not added",
            Kind::Never => "text, never indexed",
            Kind::Update => "new table limit",
        }
    }
}

impl Part<'_> {
    /// Its bytes within the block.
    pub fn range(&self) -> Range<usize> {
        match self {
            Part::Field(field) => field.range.clone(),
            Part::Update(update) => update.range.clone(),
        }
    }

    /// What it does.
    pub fn kind(&self) -> Kind {
        match self {
            Part::Update(_) => Kind::Update,
            Part::Field(field) => match (field.representation, field.source) {
                (Representation::Indexed, Source::Static(_)) => Kind::Static,
                (Representation::Indexed, Source::Unseen(_)) => Kind::Unseen,
                (Representation::Indexed, _) => Kind::Dynamic,
                (Representation::LiteralIncremental, _) => Kind::Added,
                (Representation::LiteralNotIndexed, _) => Kind::NotAdded,
                (Representation::LiteralNeverIndexed, _) => Kind::Never,
            },
        }
    }

    /// What it does, with the number it names.
    pub fn means(&self) -> String {
        let kind = self.kind();
        match self {
            Part::Field(field) => match (kind, field.index) {
                (Kind::Static, Some(index)) => format!("static table, index {index}"),
                (Kind::Dynamic, Some(index)) => format!("dynamic table, index {index}"),
                (Kind::Unseen, Some(index)) => format!("index {index}: entry unseen"),
                _ => kind.words().to_owned(),
            },
            Part::Update(_) => kind.words().to_owned(),
        }
    }

    /// `name: value`, or the limit.
    pub fn says(&self) -> String {
        match self {
            Part::Field(field) if field.name.is_none() && field.value.is_none() => {
                "name and value unseen".to_owned()
            }
            Part::Field(field) => format!(
                "{}: {}",
                known(field.name.as_deref()),
                known(field.value.as_deref())
            ),
            Part::Update(update) => format!("at most {} bytes", update.max_size_bytes),
        }
    }

    /// Bytes of its text; a size update has none.
    pub fn text_bytes(&self) -> usize {
        match self {
            Part::Field(field) => field.decoded_bytes(),
            Part::Update(_) => 0,
        }
    }

    /// What it cost and saved, such as `1 byte, 9 saved`.
    pub fn cost(&self) -> String {
        use crate::ui::widgets::format::{count, exact_bytes};
        let (wire, text) = (self.range().len(), self.text_bytes());
        let paid = exact_bytes(wire as u64);
        if self.kind() == Kind::Update
            || matches!(self, Part::Field(field) if field.name.is_none() || field.value.is_none())
        {
            return paid;
        }
        match text.checked_sub(wire) {
            Some(saved) => format!(
                "{paid} for {}, {} saved",
                count(text as u64),
                count(saved as u64)
            ),
            None => format!(
                "{paid} for {}, {} more",
                count(text as u64),
                count((wire - text) as u64)
            ),
        }
    }
}

/// A text as a person reads it.
pub fn known(text: Option<&[u8]>) -> String {
    match text {
        Some(text) => crate::report::text::one_line(&String::from_utf8_lossy(text), 4096),
        None => "(unseen)".to_owned(),
    }
}

/// The parts of a block, in the order of its bytes.
pub fn parts(block: &HeaderBlock) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = block.fields.iter().map(Part::Field).collect();
    parts.extend(block.size_updates.iter().map(Part::Update));
    parts.sort_by_key(|part| part.range().start);
    parts
}

/// The bytes of a part, as something that can be selected.
pub fn item_of(connection: &Connection, block: &HeaderBlock, range: Range<usize>) -> Option<Item> {
    let (frame, range) = block.ranges_in_frames(range).next()?;
    Some(Item::Bytes {
        connection: connection.id,
        frame,
        start: u32::try_from(range.start).ok()?,
        end: u32::try_from(range.end).ok()?,
    })
}

impl<'a> Shown<'a> {
    /// What to show; `None` when the connection does not speak HTTP/2.
    pub fn new(context: &ViewContext<'a>, sender: Sender, decoded: &mut Decoded) -> Option<Self> {
        let connection = context.connection?;
        let http2 = connection.http2()?;
        let count = context.frame_count();
        let selected = context
            .selected_frame()
            .filter(|(_, row)| match sender {
                Sender::AtCursor => true,
                Sender::Of(direction) => connection.direction(row.side) == direction,
            })
            .and_then(|(_, row)| Some((row.side, row.block?)));
        let (side, id) = match (selected, sender) {
            (Some((side, block)), _) => (side, Some(block)),
            (None, Sender::Of(direction)) => {
                let side = connection.side(direction);
                (side, last_read(http2, side, count))
            }
            (None, Sender::AtCursor) => {
                let ended = |side: Side| {
                    let id = last_read(http2, side, count)?;
                    Some(http2.blocks[side.index()].get(id.index())?.last_frame)
                };
                let client = connection.side(Direction::Client);
                let later = if ended(client.other()) > ended(client) {
                    client.other()
                } else {
                    client
                };
                (later, last_read(http2, later, count))
            }
        };
        let at_cursor = match count.checked_sub(1) {
            Some(last) => http2.table_after(side, FrameId::from_index(last)),
            None => http2.initial_table,
        };
        let block = id.and_then(|id| shown_block(context, connection, http2, side, id, decoded));
        let before = block
            .as_ref()
            .map_or(at_cursor, |block| http2.table_before(side, block.id));
        let read = block.as_ref().filter(|block| block.read);
        let read = read.and_then(|block| http2.blocks[side.index()].get(block.id.index()));
        let (table, at) = match read {
            Some(row) => (http2.table_of(side, row), Some(row.last_frame)),
            None => (at_cursor, count.checked_sub(1).map(FrameId::from_index)),
        };
        Some(Self {
            connection,
            http2,
            side,
            direction: connection.direction(side),
            block,
            table,
            before,
            at,
        })
    }

    /// The decoded block.
    pub fn decoded(&self) -> Option<&HeaderBlock> {
        self.block.as_ref()?.decoded.as_deref()
    }

    /// How many blocks the sender has sent in all.
    pub fn block_count(&self) -> usize {
        self.http2.blocks[self.side.index()].len()
    }

    /// The texts of an entry by its number of insertion.
    pub fn entry(&self, number: u64) -> Option<Entry<'a>> {
        let log = TraceLog::new(self.connection, self.http2, self.side);
        log.row(number).map(|row| log.entry_of(row))
    }

    /// The frame whose block inserted an entry.
    pub fn inserted_by(&self, number: u64) -> Option<FrameId> {
        let log = TraceLog::new(self.connection, self.http2, self.side);
        let block = log.row(number)?.block;
        let row = self.http2.blocks[self.side.index()].get(block.index())?;
        Some(row.first_frame)
    }

    /// Whether a filter is in force and the frame that brought an entry does not pass it. Of an entry that was never seen
    /// to come, nothing is known that could pass.
    pub fn is_filtered_out(&self, context: &ViewContext<'_>, number: u64) -> bool {
        match self.inserted_by(number) {
            Some(frame) => filtered::hides_frame(context, self.connection.id, frame),
            None => context.matches.is_some(),
        }
    }

    /// Whether the block inserted an entry.
    pub fn is_new(&self, number: u64) -> bool {
        self.block.as_ref().is_some_and(|block| block.read)
            && number >= self.before.end.min(self.table.end)
            && number < self.table.end
    }

    /// The entries that the block pushed out, the newest of them first.
    pub fn evicted(&self) -> Range<u64> {
        self.before.first..self.table.first.max(self.before.first)
    }

    /// The unseen entries that the block names, and the indexes that they have after it.
    pub fn unseen(&self) -> Vec<(u64, Placeholder)> {
        let Some(block) = self.decoded() else {
            return Vec::new();
        };
        let mut named: Vec<Placeholder> = block
            .fields
            .iter()
            .filter_map(|field| field.placeholder)
            .filter(|placeholder| placeholder.epoch() == self.table.epoch)
            .collect();
        named.sort_unstable();
        named.dedup();
        let first = u64::from(FIRST_DYNAMIC_INDEX).saturating_add(self.table.len());
        let may_be_there = self.table.start == Start::Unseen;
        named
            .into_iter()
            .filter(|_| may_be_there)
            .map(|placeholder| {
                let back = u64::from(placeholder.distance()).saturating_sub(1);
                (first.saturating_add(back), placeholder)
            })
            .collect()
    }

    /// The field of the block that the selection lies in.
    pub fn selected_part(&self, context: &ViewContext<'_>) -> Option<usize> {
        let Item::Bytes {
            connection,
            frame,
            start,
            end,
        } = context.selection?
        else {
            return None;
        };
        self.part_at(connection.index(), frame, start as usize..end as usize)
    }

    /// The part that the pointer is over in any view.
    pub fn hovered_part(&self, context: &ViewContext<'_>) -> Option<usize> {
        let Item::Bytes {
            connection,
            frame,
            start,
            end,
        } = context.hovered?
        else {
            return None;
        };
        self.part_at(connection.index(), frame, start as usize..end as usize)
    }

    fn part_at(&self, connection: usize, frame: FrameId, range: Range<usize>) -> Option<usize> {
        if connection != self.connection.id.index() {
            return None;
        }
        let block = self.decoded()?;
        let fragment = block.fragments.iter().find(|part| part.frame == frame)?;
        let start = range.start.checked_sub(fragment.range.start)? + fragment.block_offset;
        if !fragment.range.contains(&range.start) {
            return None;
        }
        let len = range.len().max(1);
        parts(block).iter().position(|part| {
            let whole = part.range();
            whole.contains(&start) && start + len <= whole.end
        })
    }
}

/// The sender's last block that was complete when so many frames had been read.
fn last_read(http2: &Http2, side: Side, count: usize) -> Option<BlockId> {
    let blocks = &http2.blocks[side.index()];
    let read = blocks.partition_point(|block| block.last_frame.index() < count);
    read.checked_sub(1).map(BlockId::from_index)
}

fn shown_block(
    context: &ViewContext<'_>,
    connection: &Connection,
    http2: &Http2,
    side: Side,
    id: BlockId,
    decoded: &mut Decoded,
) -> Option<ShownBlock> {
    let block = http2.blocks[side.index()].get(id.index())?;
    let row = *http2.frames.get(block.first_frame.index())?;
    let of = Some((connection.id.index(), side, id, block.last_frame));
    if decoded.of != of || decoded.block.is_none() {
        decoded.of = of;
        let block = context.trace.header_block(connection, block.first_frame);
        decoded.block = block.map(Arc::new);
    }
    Some(ShownBlock {
        id,
        frame: block.first_frame,
        row,
        decoded: decoded.block.clone(),
        read: block.last_frame.index() < context.frame_count(),
    })
}
