//! A set of stream numbers that grows without holes, nearly.

use crate::wire::http2::StreamId;
use std::collections::BTreeMap;

/// A set of streams, kept as ranges of the odd and of the even numbers: a connection opens its streams in
/// order and closes them nearly so, and a set of them all is then one range.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    /// Half the number of the first stream of a range, to half the number behind its last.
    by_parity: [BTreeMap<u32, u32>; 2],
    /// The last range of each, which is not among those: what is added lies mostly just behind it, and what is asked for
    /// farther behind.
    last: [(u32, u32); 2],
}

impl Ranges {
    /// Adds a stream.
    pub(super) fn insert(&mut self, stream: StreamId) {
        let half = stream.0 / 2;
        let last = &mut self.last[parity(stream)];
        if half == last.1 && last.0 < last.1 {
            last.1 += 1;
            return;
        }
        self.insert_anywhere(stream);
    }

    fn insert_anywhere(&mut self, stream: StreamId) {
        let (ranges, half) = (&mut self.by_parity[parity(stream)], stream.0 / 2);
        let last = &mut self.last[parity(stream)];
        if last.0 < last.1 {
            ranges.insert(last.0, last.1);
        }
        let before = ranges
            .range(..=half)
            .next_back()
            .map(|(&start, &end)| (start, end));
        let (start, end) = match before {
            Some((start, end)) if end > half => (start, end),
            Some((start, end)) if end == half => (start, half + 1),
            _ => (half, half + 1),
        };
        let end = ranges.remove(&end).unwrap_or(end);
        ranges.insert(start, end);
        *last = ranges.pop_last().unwrap_or_default();
    }

    /// Whether a stream was added.
    pub(super) fn contains(&self, stream: StreamId) -> bool {
        let (half, last) = (stream.0 / 2, self.last[parity(stream)]);
        if half >= last.0 {
            return half < last.1;
        }
        self.by_parity[parity(stream)]
            .range(..=half)
            .next_back()
            .is_some_and(|(_, &end)| end > half)
    }

    /// How many ranges it takes.
    #[cfg(test)]
    fn len(&self) -> usize {
        let others: usize = self.by_parity.iter().map(BTreeMap::len).sum();
        others + self.last.iter().filter(|(start, end)| start < end).count()
    }
}

fn parity(stream: StreamId) -> usize {
    usize::from(stream.0 % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_streams_of_a_client_are_one_range_whatever_their_order() {
        let mut ranges = Ranges::default();
        for half in [0, 2, 1, 4, 3, 3, 5] {
            ranges.insert(StreamId(2 * half + 1));
        }
        assert_eq!(ranges.len(), 1);
        assert!(ranges.contains(StreamId(11)));
        assert!(!ranges.contains(StreamId(13)));
        assert!(!ranges.contains(StreamId(2)));
    }

    proptest! {
        #[test]
        fn it_holds_what_a_plain_set_holds(streams in proptest::collection::vec(0_u32..64, 0..80)) {
            let (mut ranges, mut plain) = (Ranges::default(), BTreeSet::new());
            for stream in streams {
                ranges.insert(StreamId(stream));
                plain.insert(stream);
            }
            for stream in 0..64 {
                prop_assert_eq!(ranges.contains(StreamId(stream)), plain.contains(&stream));
            }
        }
    }
}
