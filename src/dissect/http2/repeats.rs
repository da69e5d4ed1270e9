//! Header blocks that say again what was said before.
//!
//! HPACK is made so that a header list which repeats becomes bytes that repeat: once its fields are in the table, each
//! request for the same thing and each answer like the one before is the same few bytes. While the table stays as it is,
//! the same bytes mean the same, so what was decoded of them, and what the rules noted of their fields, is kept and
//! used again. Nothing is guessed: the table, its limit and every byte are compared.

use super::blocks::DecodedBlock;
use crate::wire::hpack::Table;

/// How many blocks of one side are kept. Requests of a program that calls a few methods, or the answers of one server,
/// are of fewer kinds.
const PLACES: usize = 16;

/// How long a block may be that is kept. What repeats is indexed, and so is short; a longer one costs more to compare
/// than is gained.
const MAX_BYTES: usize = 256;

/// Blocks of one side that would be decoded to the same again.
#[derive(Default)]
pub(super) struct Repeats {
    /// The table that all of them met, and the limit that its receiver had set.
    met: Option<(Table, Option<u32>)>,
    /// By [`place_of`] their bytes. Two kinds of blocks that have the same place push each other out.
    places: [Option<Box<DecodedBlock>>; PLACES],
}

impl Repeats {
    /// What these bytes were decoded to when they came before and met the same table.
    pub(super) fn take(
        &mut self,
        table: &Table,
        allowed_bytes: Option<u32>,
        bytes: &[u8],
    ) -> Option<Box<DecodedBlock>> {
        if self.met != Some((*table, allowed_bytes)) {
            self.met = Some((*table, allowed_bytes));
            self.places = Default::default();
        }
        self.places
            .get_mut(place_of(bytes))?
            .take_if(|known| known.repeatable == bytes)
    }

    /// Says of a block, which left the table as it met it, what its bytes were.
    pub(super) fn repeatable(&self, decoded: DecodedBlock, bytes: &[u8]) -> DecodedBlock {
        let kept = if bytes.len() <= MAX_BYTES { bytes } else { &[] };
        DecodedBlock {
            repeatable: kept.to_vec(),
            ..decoded
        }
    }

    /// Keeps a block for the next one that says the same, if there may be one.
    pub(super) fn keep(&mut self, decoded: Box<DecodedBlock>) {
        if !decoded.repeatable.is_empty()
            && let Some(place) = self.places.get_mut(place_of(&decoded.repeatable))
        {
            *place = Some(decoded);
        }
    }
}

/// Where a block is kept: by its first and last eight bytes and its length. Blocks made to have the same place cost
/// no more than blocks that do not repeat.
fn place_of(bytes: &[u8]) -> usize {
    let number = |eight: Option<&[u8; 8]>| eight.map_or(0, |eight| u64::from_le_bytes(*eight));
    let ends = match bytes {
        [_, _, _, _, _, _, _, _, ..] => {
            number(bytes.first_chunk()) ^ number(bytes.last_chunk()).rotate_left(32)
        }
        few => few
            .iter()
            .fold(0, |number, &byte| number << 8 | u64::from(byte)),
    };
    // The golden ratio spreads whatever differs over the topmost bits.
    let spread = (ends ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (spread >> (u64::BITS - PLACES.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::http2::blocks::Blocks;
    use crate::dissect::interner::Interner;
    use crate::trace::FrameId;
    use crate::wire::hpack::Decoder;
    use crate::wire::http2::StreamId;

    /// Reads blocks one after another. Gives the text of each `:path`.
    fn paths(blocks: &mut Blocks, texts: &mut Interner, sent: &[&[u8]]) -> Vec<String> {
        let mut decoder = Decoder::new();
        let mut paths = Vec::new();
        for bytes in sent {
            let (_, decoded) = blocks.whole(
                FrameId::FIRST,
                StreamId(1),
                None,
                false,
                bytes,
                &mut decoder,
                texts,
                Some(4096),
            );
            let path = decoded.noted.path.map(|path| texts.text(path));
            paths.push(String::from_utf8_lossy(path.unwrap_or_default()).into_owned());
            blocks.keep(decoded);
        }
        paths
    }

    #[test]
    fn the_same_bytes_mean_another_field_once_the_table_has_changed() {
        let (mut blocks, mut texts) = (Blocks::new(Table::default()), Interner::default());
        let sent: [&[u8]; 7] = [
            b"\x44\x02/a", // :path: /a, into the table
            b"\xbe",       // index 62
            b"\xbe",
            b"\x44\x02/b", // which is another entry from here on
            b"\xbe",
            b"\xbe",
            b"\xbf", // index 63
        ];
        let said = paths(&mut blocks, &mut texts, &sent);
        assert_eq!(said, ["/a", "/a", "/a", "/b", "/b", "/b", "/a"]);
        let rows = blocks.take_rows();
        assert_eq!(rows.blocks.len(), 7, "each block has its row");
        assert!(
            rows.blocks
                .iter()
                .all(|row| row.fields == 1 && row.complete)
        );
        assert_eq!(rows.tables.len(), 2, "two blocks changed the table");
    }

    #[test]
    fn only_what_leaves_the_table_as_it_was_is_kept() {
        let (mut blocks, mut texts) = (Blocks::new(Table::default()), Interner::default());
        let insert = b"\x44\x02/a";
        assert_eq!(
            paths(&mut blocks, &mut texts, &[insert, insert]),
            ["/a", "/a"]
        );
        let rows = blocks.take_rows();
        assert_eq!(rows.insertions.len(), 2, "each of them inserts an entry");
        // A block that cannot be read is read again, and loses the table again.
        assert_eq!(
            paths(&mut blocks, &mut texts, &[b"\x80", b"\x80"]),
            ["", ""]
        );
        assert!(blocks.take_rows().blocks.iter().all(|row| !row.complete));
    }

    #[test]
    fn blocks_of_any_length_have_a_place() {
        let bytes: Vec<u8> = (0..=255).collect();
        for len in 0..=bytes.len() {
            assert!(place_of(&bytes[..len]) < PLACES, "{len}");
        }
    }
}
