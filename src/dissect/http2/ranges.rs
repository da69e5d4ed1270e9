//! A set of stream numbers that grows without holes, nearly.

use crate::wire::http2::StreamId;
use std::collections::BTreeMap;

/// A set of streams, kept as ranges of the odd and of the even numbers: a connection opens its streams in
/// order and closes them nearly so, and a set of them all is then one range.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    /// Half the number of the first stream of a range, to half the number behind its last.
    by_parity: [BTreeMap<u32, u32>; 2],
}

impl Ranges {
    /// Adds a stream.
    pub(super) fn insert(&mut self, stream: StreamId) {
        let (ranges, half) = (&mut self.by_parity[parity(stream)], stream.0 / 2);
        let before = ranges
            .range(..=half)
            .next_back()
            .map(|(&start, &end)| (start, end));
        let (start, end) = match before {
            Some((_, end)) if end > half => return,
            Some((start, end)) if end == half => (start, half + 1),
            _ => (half, half + 1),
        };
        let end = ranges.remove(&end).unwrap_or(end);
        ranges.insert(start, end);
    }

    /// Whether a stream was added.
    pub(super) fn contains(&self, stream: StreamId) -> bool {
        let half = stream.0 / 2;
        self.by_parity[parity(stream)]
            .range(..=half)
            .next_back()
            .is_some_and(|(_, &end)| end > half)
    }

    /// How many ranges it takes.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.by_parity.iter().map(BTreeMap::len).sum()
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
