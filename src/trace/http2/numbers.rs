//! Which of a connection's streams a stream is: its number by its id.
//!
//! A sender opens its streams in order, so their ids and their numbers rise together: ranges of both say it all, and
//! mostly a single one. Those of an attacker, who does as he likes, are in a table.

use super::StreamNumber;
use crate::trace::log::push_slowly;
use crate::wire::http2::StreamId;
use crate::wire::keyed::KeyedMap;

/// See the module text.
#[derive(Clone, Debug, Default)]
pub(super) struct StreamNumbers {
    /// Of even and of odd ids, ascending.
    runs: [Vec<Run>; 2],
    /// Those that came after one with a higher id.
    others: KeyedMap<StreamId, StreamNumber>,
}

/// Streams whose ids and numbers follow one another.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// Half of the first id.
    half: u32,
    number: StreamNumber,
    len: u32,
}

impl StreamNumbers {
    /// Gives a number to a stream that has none.
    pub(super) fn insert(&mut self, stream: StreamId, number: StreamNumber) {
        let (half, runs) = (stream.0 / 2, &mut self.runs[parity(stream)]);
        match runs.last_mut() {
            Some(last) if half < last.half.saturating_add(last.len) => {
                self.others.insert(stream, number);
            }
            Some(last) if half == last.half + last.len && number == last.number + last.len => {
                last.len += 1;
            }
            _ => push_slowly(
                runs,
                Run {
                    half,
                    number,
                    len: 1,
                },
            ),
        }
    }

    /// The number of a stream.
    pub(super) fn get(&self, stream: StreamId) -> Option<StreamNumber> {
        let (half, runs) = (stream.0 / 2, &self.runs[parity(stream)]);
        let after = runs.partition_point(|run| run.half <= half);
        let run = after.checked_sub(1).and_then(|last| runs.get(last));
        match run {
            Some(run) if half - run.half < run.len => Some(run.number + (half - run.half)),
            _ if self.others.is_empty() => None,
            _ => self.others.get(&stream).copied(),
        }
    }

    /// Bytes of memory, roughly.
    pub(super) fn memory_bytes(&self) -> usize {
        let runs: usize = self.runs.iter().map(Vec::capacity).sum();
        runs * size_of::<Run>() + self.others.capacity() * size_of::<(StreamId, StreamNumber)>()
    }
}

fn parity(stream: StreamId) -> usize {
    usize::from(stream.0 % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn the_streams_of_a_client_are_one_run() {
        let mut numbers = StreamNumbers::default();
        for number in 0..1000 {
            numbers.insert(StreamId(2 * number + 1), number);
        }
        assert_eq!(numbers.runs[1].len(), 1);
        assert_eq!(numbers.get(StreamId(999)), Some(499));
        assert_eq!(numbers.get(StreamId(2001)), None);
        assert_eq!(numbers.get(StreamId(998)), None);
    }

    proptest! {
        #[test]
        fn it_holds_what_a_plain_table_holds(ids in proptest::collection::vec(0_u32..128, 0..100)) {
            let (mut numbers, mut plain) = (StreamNumbers::default(), BTreeMap::new());
            for id in ids {
                let number = u32::try_from(plain.len()).unwrap();
                if let std::collections::btree_map::Entry::Vacant(place) = plain.entry(id) {
                    place.insert(number);
                    numbers.insert(StreamId(id), number);
                }
            }
            for id in 0..130 {
                prop_assert_eq!(numbers.get(StreamId(id)), plain.get(&id).copied());
            }
        }
    }
}
