//! The fragments of IP packets that carried TCP segments, found by packet.
//!
//! They come in the order in which segments became whole, not in that of packets. So they lie in runs sorted by packet,
//! each at least twice as long as the one behind it: few enough to be searched one after the other. A copy shares the runs with the original.

use super::ids::PacketId;
use super::packets::FragmentRow;
use std::sync::Arc;

/// All of them. See the module text.
#[derive(Clone, Debug, Default)]
pub struct Fragments {
    runs: Vec<Arc<Vec<FragmentRow>>>,
}

impl Fragments {
    /// The fragment that a packet is; `None` for one that is whole.
    pub fn get(&self, packet: PacketId) -> Option<&FragmentRow> {
        self.runs.iter().rev().find_map(|run| {
            let at = run.binary_search_by_key(&packet, |row| row.packet).ok()?;
            run.get(at)
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.len()).sum()
    }

    /// Whether there is none, as in nearly every capture.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    pub(super) fn extend(&mut self, rows: Vec<FragmentRow>) {
        if rows.is_empty() {
            return;
        }
        let mut run = rows;
        while let Some(last) = self.runs.pop_if(|last| last.len() < 2 * run.len()) {
            let mut joined = Vec::with_capacity(last.len() + run.len());
            joined.extend_from_slice(&last);
            joined.append(&mut run);
            run = joined;
        }
        // Of a stretch that is sorted already this makes one comparison per row.
        run.sort_by_key(|row| row.packet);
        self.runs.push(Arc::new(run));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{ConnectionId, PacketOwner, Side};
    use proptest::prelude::*;

    fn row(packet: usize, sequence: u32) -> FragmentRow {
        let packet = PacketId::from_index(packet);
        FragmentRow {
            packet,
            owner: PacketOwner {
                connection: ConnectionId::from_index(0),
                side: Side::A,
            },
            whole: packet,
            sequence,
            payload_len: 1,
        }
    }

    proptest! {
        #[test]
        fn each_is_found_and_a_copy_does_not_grow(order in Just((0..300_usize).collect::<Vec<_>>()).prop_shuffle(), batch in 1_usize..40) {
            let mut fragments = Fragments::default();
            let mut copy = fragments.clone();
            for (number, packets) in order.chunks(batch).enumerate() {
                copy = fragments.clone();
                prop_assert_eq!(copy.len(), number * batch);
                fragments.extend(packets.iter().map(|at| row(3 * at, *at as u32)).collect());
                prop_assert!(fragments.runs.len() <= 10);
            }
            prop_assert_eq!(fragments.len(), 300);
            prop_assert!(copy.len() < 300);
            for at in 0..300 {
                let found = fragments.get(PacketId::from_index(3 * at)).map(|row| row.sequence);
                prop_assert_eq!(found, Some(at as u32));
                prop_assert!(fragments.get(PacketId::from_index(3 * at + 1)).is_none());
            }
        }
    }
}
