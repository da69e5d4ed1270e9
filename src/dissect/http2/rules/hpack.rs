//! What header compression demands of a block. Source: RFC 7541.

use super::fields::FieldCheck;
use super::{Rules, Scene};
use crate::trace::rules::{Rule, hpack as rules, patterns};
use crate::wire::hpack::huffman::HuffmanError;
use crate::wire::hpack::{BlockError, BlockErrorKind, Summary};

/// How large a list must be to count as a bomb. Source: nghttp2's buffer for a header list
/// (`NGHTTP2_MAX_HEADERSLEN`); Envoy's default is 60 KiB, nginx's 32 KiB.
const BOMB_LIST_BYTES: u64 = 65_536;

/// How many times larger than its block a list must be to count as a bomb. Indexed fields make an honest list
/// some ten times smaller, and an honest table of 4,096 bytes cannot fill such a list with one use of each entry.
const BOMB_FACTOR: u64 = 16;

/// What a field counts beyond name and value. Source: RFC 9113 §6.5.2.
const FIELD_OVERHEAD_BYTES: u64 = 32;

impl Rules {
    /// A block that cannot be read to its end.
    pub(super) fn block_error(&mut self, error: &BlockError, scene: &mut Scene<'_>) {
        let rule: &Rule = match error.kind {
            BlockErrorKind::IndexZero => &rules::INDEX_ZERO,
            BlockErrorKind::IndexOutOfRange { .. } => &rules::INDEX_OUT_OF_RANGE,
            BlockErrorKind::Integer(_) => &rules::INTEGER_OVERFLOW,
            BlockErrorKind::StringTruncated { .. } => &rules::STRING_CUT,
            BlockErrorKind::Huffman { error, .. } => match error {
                HuffmanError::EndOfString { .. } => &rules::HUFFMAN_EOS,
                HuffmanError::PaddingTooLong { .. } | HuffmanError::PaddingNotOnes { .. } => {
                    &rules::HUFFMAN_PADDING
                }
            },
            BlockErrorKind::DecodedTooLarge => &patterns::HEADER_BOMB,
        };
        let text = format!("The header block cannot be read to its end: {error}.");
        self.at_block(&(error.offset..error.offset + 1), scene);
        self.book.broken(rule, text, scene);
    }

    /// The size updates of a block that was read.
    pub(super) fn size_updates(&mut self, fields: &FieldCheck, scene: &mut Scene<'_>) {
        let receiver = &mut self.senders[scene.side.other().index()].settings;
        let owed = receiver.table_size_owed.take();
        if let Some((size, allowed)) = fields.size_above {
            let text = format!(
                "A size update sets the HPACK table to {size} bytes, but {} allows {allowed} \
                 (SETTINGS_HEADER_TABLE_SIZE).",
                scene.receiver()
            );
            self.book.broken(&rules::SIZE_UPDATE_TOO_LARGE, text, scene);
        }
        if fields.size_late {
            let text = "A size update of the HPACK table stands behind a field; it belongs at the \
                        beginning of the block."
                .to_owned();
            self.book.broken(&rules::SIZE_UPDATE_LATE, text, scene);
        }
        if self.lost {
            return;
        }
        let shrunk = owed.filter(|&owed| {
            let larger = fields.table_before.is_some_and(|before| before > owed);
            larger && fields.smallest_size.is_none_or(|smallest| smallest > owed)
        });
        if let Some(owed) = shrunk {
            let text = format!(
                "{} acknowledged a smaller SETTINGS_HEADER_TABLE_SIZE, so this block has to begin \
                 with a size update to {owed} bytes or less, and does not.",
                scene.sender()
            );
            self.book.broken(&rules::SIZE_UPDATE_MISSING, text, scene);
        }
    }

    /// How large a list is, compared with what was sent and with what is allowed.
    pub(super) fn list_size(&mut self, encoded: u64, summary: &Summary, scene: &mut Scene<'_>) {
        let overhead = FIELD_OVERHEAD_BYTES * u64::from(summary.fields);
        let list = summary.decoded_bytes.saturating_add(overhead);
        if list >= BOMB_LIST_BYTES && list >= encoded.saturating_mul(BOMB_FACTOR) {
            let text = format!(
                "A header block of {encoded} bytes decodes to a list of {list} bytes, which its \
                 receiver has to hold."
            );
            self.book.broken(&patterns::HEADER_BOMB, text, scene);
        }
        let limit = self.senders[scene.side.index()].limits.header_list;
        if let Some(limit) = limit.filter(|&limit| list > u64::from(limit)) {
            let text = format!(
                "The header list counts {list} bytes, but {} said that it accepts {limit} \
                 (SETTINGS_MAX_HEADER_LIST_SIZE).",
                scene.receiver()
            );
            self.book.broken(&rules::HEADER_LIST_TOO_LARGE, text, scene);
        }
    }
}
