//! How much HPACK saved, block by block: sums kept from picture to picture, so that a stretch of
//! many blocks costs as little as one.

use crate::trace::{BlockRow, ConnectionId, Log, Side};

/// Blocks between two sums. A lookup adds up at most so many rows.
const STRIDE: usize = 64;
/// Blocks taken in per picture while a large capture is caught up with.
const BLOCKS_PER_PICTURE: usize = 50_000;

/// Bytes on the wire and of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bytes {
    /// On the wire.
    pub wire: u64,
    /// Names and values.
    pub text: u64,
}

impl Bytes {
    /// The share that was saved, from 0 to 1.
    pub fn saved(self) -> f32 {
        if self.text == 0 {
            return 0.0;
        }
        (1.0 - self.wire as f64 / self.text as f64).clamp(0.0, 1.0) as f32
    }

    fn plus(self, block: &BlockRow) -> Self {
        Self {
            wire: self.wire + u64::from(block.encoded_bytes),
            text: self.text + u64::from(block.decoded_bytes),
        }
    }
}

/// Running sums over a sender's blocks.
#[derive(Clone, Debug, Default)]
pub struct Compression {
    of: Option<(ConnectionId, Side)>,
    /// Over the first `STRIDE * position` blocks.
    sums: Vec<Bytes>,
    taken: usize,
    total: Bytes,
}

impl Compression {
    /// Takes in what was appended. Returns whether there is more to take in.
    pub fn follow(&mut self, connection: ConnectionId, side: Side, blocks: &Log<BlockRow>) -> bool {
        if self.of != Some((connection, side)) || blocks.len() < self.taken {
            *self = Self {
                of: Some((connection, side)),
                ..Self::default()
            };
        }
        let end = blocks.len().min(self.taken + BLOCKS_PER_PICTURE);
        for block in blocks.range(self.taken..end) {
            if self.taken.is_multiple_of(STRIDE) {
                self.sums.push(self.total);
            }
            self.total = self.total.plus(block);
            self.taken += 1;
        }
        self.taken < blocks.len()
    }

    /// How many blocks are in the sums.
    pub fn len(&self) -> usize {
        self.taken
    }

    fn before(&self, blocks: &Log<BlockRow>, count: usize) -> Bytes {
        let count = count.min(self.taken);
        let sum = self.sums.get(count / STRIDE).copied();
        let Some(sum) = sum else {
            return self.total;
        };
        let first = count / STRIDE * STRIDE;
        blocks.range(first..count).fold(sum, Bytes::plus)
    }

    /// The bytes of some blocks.
    pub fn of_blocks(&self, blocks: &Log<BlockRow>, range: std::ops::Range<usize>) -> Bytes {
        let (start, end) = (
            self.before(blocks, range.start),
            self.before(blocks, range.end),
        );
        Bytes {
            wire: end.wire - start.wire,
            text: end.text - start.text,
        }
    }

    /// At most `columns` stretches of blocks and what each saved.
    pub fn columns(&self, blocks: &Log<BlockRow>, columns: usize) -> Vec<f32> {
        let columns = columns.clamp(1, self.taken.max(1));
        (0..columns)
            .map(|column| {
                let start = column * self.taken / columns;
                let end = (column + 1) * self.taken / columns;
                self.of_blocks(blocks, start..end).saved()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::FrameId;

    fn blocks(count: usize) -> Log<BlockRow> {
        let mut log = Log::default();
        log.extend((0..count).map(|number| BlockRow {
            first_frame: FrameId::from_index(number),
            last_frame: FrameId::from_index(number),
            encoded_bytes: number as u32,
            decoded_bytes: 2 * number as u32,
            fields: 1,
            table_after: 0,
            complete: true,
        }));
        log
    }

    #[test]
    fn sums_over_any_stretch_are_those_of_its_blocks() {
        let log = blocks(1000);
        let mut sums = Compression::default();
        assert!(!sums.follow(ConnectionId::from_index(0), Side::A, &log));
        for range in [0..0, 0..1, 5..200, 63..65, 64..128, 999..1000, 0..1000] {
            let wire = range.clone().sum::<usize>() as u64;
            let found = sums.of_blocks(&log, range);
            assert_eq!((found.wire, found.text), (wire, 2 * wire));
        }
        assert!(
            sums.columns(&log, 7)
                .iter()
                .all(|saved| (saved - 0.5).abs() < 0.01)
        );
    }
}
