//! A second opinion on header blocks, by the `hpack` crate.
//!
//! A fresh decoder of that crate is given the dynamic table of the moment as literals and then the
//! one block, which our own decoder has accepted before. Its field list is compared with ours.
//!
//! The crate is old and differs in known ways, which are no verdict on the block:
//!
//! - it panics on some blocks: those that no decoder may accept, and a table size update written
//!   in more than five bytes, so it sees neither;
//! - it accepts a table size update in the middle or at the end of a block, or above the setting;
//! - it refuses integers above 2²⁸ or so;
//! - its static entry 15 is `accept-`, which stands for `accept-charset` (RFC 7541 Appendix A).
//!
//! It also builds its Huffman table anew for every string, so this runs for the block that somebody
//! looks at, never while a capture is read.

use crate::trace::headers::TraceLog;
use crate::trace::{Connection, FrameId, Trace};
use crate::wire::hpack::encoder::{NameBy, literal};
use crate::wire::hpack::{HuffmanUse, InsertionLog, Name, Representation, Table};

/// What the second decoder says about a header block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrossCheck {
    /// It reads the same fields.
    Agrees,
    /// It reads something else, or refuses the block.
    Differs {
        /// What is different, in one plain sentence.
        how: String,
    },
    /// It was not asked.
    NotChecked {
        /// Why not, in one plain sentence.
        reason: &'static str,
    },
}

/// Blocks and tables above this are not checked: at less than a megabyte a second, a picture would
/// wait for it.
pub const MAX_CHECKED_BYTES: usize = 16 << 10;

/// The `hpack` crate panics on a table size update of more bytes.
const MAX_SIZE_UPDATE_BYTES: usize = 5;

/// Asks the second decoder about the block that a frame starts or continues.
pub fn header_block(trace: &Trace, connection: &Connection, frame: FrameId) -> CrossCheck {
    let (Some(http2), Some(block)) = (connection.http2(), trace.header_block(connection, frame))
    else {
        return not_checked("The frame carries no header block that is whole.");
    };
    let Some(row) = http2.frames.get(frame.index()) else {
        return not_checked("There is no such frame.");
    };
    if block.error.is_some() {
        return not_checked(
            "The block is malformed, and a second opinion is only asked on good ones.",
        );
    }
    if !block.table_before.is_certain() || block.fields.iter().any(|field| field.name.is_none()) {
        return not_checked("The table at this moment is not fully known.");
    }
    if block.size_updates.iter().any(|update| update.after_a_field) {
        return not_checked("The block updates the table size at a place where it must not.");
    }
    if block
        .size_updates
        .iter()
        .any(|update| update.range.len() > MAX_SIZE_UPDATE_BYTES)
    {
        return not_checked("The second decoder cannot read a size update written that long.");
    }
    let log = TraceLog::new(connection, http2, row.side);
    let too_large = block.bytes.len() > MAX_CHECKED_BYTES
        || block.table_before.size_bytes > MAX_CHECKED_BYTES as u64;
    if too_large {
        return not_checked("The block or its table is too large for the slow second decoder.");
    }
    let mut second = hpack::Decoder::new();
    second.set_max_table_size(usize::try_from(block.table_before.max_size_bytes).unwrap_or(0));
    if let Some(history) = table_as_literals(&block.table_before, &log)
        && let Err(error) = second.decode(&history)
    {
        return CrossCheck::Differs {
            how: format!("It does not take over the table: {error:?}."),
        };
    }
    match second.decode(&block.bytes) {
        Err(error) => CrossCheck::Differs {
            how: format!("It refuses the block: {error:?}."),
        },
        Ok(fields) => {
            let ours = block
                .fields
                .iter()
                .map(|field| (field.name.as_deref(), field.value.as_deref()));
            let theirs = fields
                .iter()
                .map(|(name, value)| (Some(mended(name)), Some(value.as_slice())));
            if ours.clone().eq(theirs.clone()) {
                return CrossCheck::Agrees;
            }
            let same = ours.zip(theirs).take_while(|(a, b)| a == b).count();
            CrossCheck::Differs {
                how: format!(
                    "It reads {} fields against our {}; the first {same} are the same.",
                    fields.len(),
                    block.fields.len()
                ),
            }
        }
    }
}

/// The name that the crate means.
fn mended(name: &[u8]) -> &[u8] {
    if name == b"accept-" {
        b"accept-charset"
    } else {
        name
    }
}

fn not_checked(reason: &'static str) -> CrossCheck {
    CrossCheck::NotChecked { reason }
}

/// A block that fills an empty table with these entries, oldest first; `None` when there are none.
fn table_as_literals(table: &Table, log: &TraceLog<'_>) -> Option<Vec<u8>> {
    let mut block = Vec::new();
    for number in table.first..table.end {
        let entry = log.entry(number)?;
        let Name::Known(name) = entry.name else {
            return None;
        };
        literal(
            Representation::LiteralIncremental,
            NameBy::String(name),
            entry.value,
            HuffmanUse::Never,
            &mut block,
        );
    }
    (!block.is_empty()).then_some(block)
}
