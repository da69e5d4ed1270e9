//! The streams of a connection that are neither idle nor closed, in the order of their numbers.
//!
//! `GOAWAY` and the end of the connection ask for them, once or twice in a connection, and each stream is one for a while.
//! So they are written down when they open, and when they close nothing is done: whoever asks passes over
//! those that are closed. Now and then the list is cleaned.

use super::lives::{Lives, Slot};
use crate::trace::Side;
use crate::wire::http2::StreamId;
use std::collections::BTreeMap;

/// The list is cleaned when it has twice as many streams as after the last time, and at least so many.
const MIN_CLEANED: usize = 64;

/// See the module text.
#[derive(Default)]
pub(super) struct Active {
    /// By who opened them: side A, side B, nobody knows. A `GOAWAY` is about the streams of one side only.
    lists: [Opened; 3],
}

/// Streams that one side opened.
#[derive(Default)]
struct Opened {
    /// Ascending.
    in_order: Vec<(StreamId, Slot)>,
    /// Those with a lower number than one that was opened before, which no honest sender has.
    out_of_order: BTreeMap<StreamId, Slot>,
    /// How many there were after they were cleaned.
    after_cleaning: usize,
}

impl Active {
    /// A stream became active.
    pub(super) fn add(&mut self, id: StreamId, slot: Slot, opener: Option<Side>, lives: &Lives) {
        let list = &mut self.lists[opener.map_or(2, Side::index)];
        if list.in_order.last().is_none_or(|(last, _)| *last < id) {
            list.in_order.push((id, slot));
        } else {
            list.out_of_order.insert(id, slot);
        }
        let len = list.in_order.len() + list.out_of_order.len();
        if len >= 2 * list.after_cleaning.max(MIN_CLEANED) {
            list.in_order.retain(|entry| is_active(*entry, lives));
            list.out_of_order
                .retain(|&id, &mut slot| is_active((id, slot), lives));
            list.after_cleaning = list.in_order.len() + list.out_of_order.len();
        }
    }

    /// Takes those of one side with a higher number.
    pub(super) fn take_above(&mut self, last: StreamId, opener: Side, lives: &Lives) -> Vec<Slot> {
        let list = &mut self.lists[opener.index()];
        let first = list.in_order.partition_point(|(id, _)| *id <= last);
        let mut above = list.in_order.split_off(first);
        let out_of_order = list
            .out_of_order
            .split_off(&StreamId(last.0.saturating_add(1)));
        above.extend(out_of_order);
        active_slots(above, lives)
    }

    /// Takes all.
    pub(super) fn take_all(&mut self, lives: &Lives) -> Vec<Slot> {
        let mut all = Vec::new();
        for list in std::mem::take(&mut self.lists) {
            all.extend(list.in_order);
            all.extend(list.out_of_order);
        }
        active_slots(all, lives)
    }
}

/// Whether a stream is still active. When it was forgotten, its place is another's.
fn is_active((id, slot): (StreamId, Slot), lives: &Lives) -> bool {
    let row = &lives.at(slot).row;
    row.id == id && row.state.is_active()
}

fn active_slots(mut streams: Vec<(StreamId, Slot)>, lives: &Lives) -> Vec<Slot> {
    streams.retain(|entry| is_active(*entry, lives));
    streams.sort_unstable_by_key(|(id, _)| *id);
    streams.into_iter().map(|(_, slot)| slot).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{FrameId, StreamState};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// Each step opens a stream, closes one, or takes those above one.
        #[test]
        fn it_holds_what_a_plain_set_holds(steps in proptest::collection::vec((0_u8..8, 1_u32..400), 0..600)) {
            let (mut lives, mut active) = (Lives::default(), Active::default());
            let (mut plain, mut seen) = (BTreeSet::new(), BTreeSet::new());
            let opener = |id: u32| [Some(Side::A), Some(Side::B), None][id as usize % 3];
            for (kind, id) in steps {
                let stream = StreamId(id);
                match kind {
                    0..=4 if seen.insert(id) => {
                        let (slot, _) = lives.enter(stream, FrameId::FIRST);
                        lives.at_mut(slot).row.state = StreamState::Open;
                        active.add(stream, slot, opener(id), &lives);
                        plain.insert(id);
                    }
                    5 | 6 if plain.remove(&id) => {
                        let slot = lives.slot_of(stream).unwrap();
                        lives.at_mut(slot).row.state = StreamState::Closed;
                    }
                    7 => {
                        let taken = active.take_above(stream, Side::B, &lives);
                        let taken: Vec<u32> = taken.into_iter().map(|slot| lives.at(slot).row.id.0).collect();
                        let above = plain.range(id + 1..).copied();
                        let above: Vec<u32> = above.filter(|id| opener(*id) == Some(Side::B)).collect();
                        prop_assert_eq!(&taken, &above);
                        for id in above {
                            let slot = lives.slot_of(StreamId(id)).unwrap();
                            lives.at_mut(slot).row.state = StreamState::Closed;
                            plain.remove(&id);
                        }
                    }
                    _ => {}
                }
            }
            let all = active.take_all(&lives);
            let all: Vec<u32> = all.into_iter().map(|slot| lives.at(slot).row.id.0).collect();
            prop_assert_eq!(all, plain.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_list_of_streams_that_close_again_stays_short() {
        let (mut lives, mut active) = (Lives::default(), Active::default());
        for number in 0..10_000 {
            let stream = StreamId(2 * number + 1);
            let (slot, _) = lives.enter(stream, FrameId::FIRST);
            lives.at_mut(slot).row.state = StreamState::Open;
            active.add(stream, slot, Some(Side::A), &lives);
            lives.at_mut(slot).row.state = StreamState::Closed;
        }
        assert!(active.lists[0].in_order.len() <= 2 * MIN_CLEANED);
    }
}
