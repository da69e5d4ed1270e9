//! The priority tree over time.
//!
//! Two logs change it: streams open and close ([`History::transitions`]), and priorities are set
//! ([`History::priority`]). In one frame a stream opens, then is prioritized, then closes.
//!
//! Most connections never say a word about priorities. As long as that is so, the tree is *plain*: every stream
//! depends on the connection, in the order of opening, and it is made up from the other logs when somebody looks. Once
//! something else happens, checkpoints of the tree are kept.

use super::StreamState;
use super::history::{History, Instant, PriorityRow, StateChange, Transition};
use crate::trace::log::Log;
use crate::wire::http2::{ClosedStreams, PriorityChange, PriorityTree, StreamId};
use std::sync::Arc;

/// Changes between two checkpoints, at least: below this, replaying costs less than copying.
const MIN_CHANGES_PER_CHECKPOINT: usize = 512;

/// The tree after a prefix of both logs.
#[derive(Clone, Debug)]
struct Checkpoint {
    transitions: usize,
    priority: usize,
    tree: Arc<PriorityTree>,
}

/// How the tree grows.
#[derive(Clone, Debug, Default)]
pub(super) struct Trees {
    /// The tree by now; `None` while it is plain.
    now: Option<Box<PriorityTree>>,
    checkpoints: Vec<Checkpoint>,
    /// The highest stream opened, of even and of odd ones, while the tree is plain.
    highest_opened: [StreamId; 2],
}

impl Trees {
    /// Bytes of memory, roughly.
    pub(super) fn memory_bytes(&self) -> usize {
        let trees = self.checkpoints.iter().map(|checkpoint| &*checkpoint.tree);
        trees
            .chain(self.now.as_deref())
            .map(PriorityTree::memory_bytes)
            .sum()
    }
}

/// Whether a priority was set before a stream changed its state.
pub(super) fn comes_before(row: &PriorityRow, change: &StateChange) -> bool {
    is_before(row.at, change.at, change.takes_default_place)
}

fn is_before(priority: Instant, transition: Instant, takes_default_place: bool) -> bool {
    if takes_default_place {
        priority < transition
    } else {
        priority <= transition
    }
}

/// What a transition does to the tree.
fn change_by(row: &Transition) -> Option<PriorityChange> {
    if row.takes_default_place {
        Some(PriorityChange::Open)
    } else if row.state == StreamState::Closed {
        Some(PriorityChange::Close)
    } else {
        None
    }
}

impl History {
    /// Takes a transition that is about to be appended. `had_place`: an earlier one gave the stream its default place.
    pub(super) fn grow_tree(&mut self, row: &Transition, had_place: bool) {
        let Some(change) = change_by(row) else {
            return;
        };
        if self.trees.now.is_none() {
            let stays_plain = match change {
                PriorityChange::Open => self.active.count() < PriorityTree::MAX_STREAMS,
                _ => had_place,
            };
            if stays_plain {
                if change == PriorityChange::Open {
                    let parity = usize::from(row.stream.is_client_initiated());
                    let highest = &mut self.trees.highest_opened[parity];
                    *highest = row.stream.max(*highest);
                }
                return;
            }
            self.begin_tree();
        }
        if let Some(tree) = &mut self.trees.now {
            tree.apply(row.stream, change);
        }
    }

    /// Takes a priority.
    pub(super) fn prioritize(&mut self, row: PriorityRow) {
        if self.trees.now.is_none() {
            self.begin_tree();
        }
        if let Some(tree) = &mut self.trees.now {
            tree.apply(row.stream, row.change);
        }
        self.priority.push(row);
        self.remember_tree();
    }

    /// From now on the tree is not plain any more.
    fn begin_tree(&mut self) {
        let mut tree = self.plain_tree(self.transitions.len());
        tree.were_opened(self.trees.highest_opened);
        self.trees.checkpoints.push(Checkpoint {
            transitions: self.transitions.len(),
            priority: self.priority.len(),
            tree: Arc::new(tree.clone()),
        });
        self.trees.now = Some(Box::new(tree));
    }

    /// Makes a checkpoint when it is time to.
    pub(super) fn remember_tree(&mut self) {
        let (Some(tree), Some(last)) = (&self.trees.now, self.trees.checkpoints.last()) else {
            return;
        };
        let (transitions, priority) = (self.transitions.len(), self.priority.len());
        let passed = transitions - last.transitions + priority - last.priority;
        if passed >= 2 * tree.len().max(MIN_CHANGES_PER_CHECKPOINT) {
            let tree = Arc::new((**tree).clone());
            self.trees.checkpoints.push(Checkpoint {
                transitions,
                priority,
                tree,
            });
        }
    }

    /// The tree after so many transitions when it was plain: every open stream, and as many closed ones as there is
    /// room for, the latest.
    fn plain_tree(&self, transitions: usize) -> PriorityTree {
        let mut streams: Vec<(usize, StreamId)> = Vec::new();
        let mut closed = Vec::new();
        let place_of = |stream| Some((self.opening_of(stream)?, stream));
        streams.extend(
            self.active_after(transitions)
                .into_keys()
                .filter_map(place_of),
        );
        for row in self.transitions.range(0..transitions).rev() {
            if streams.len() >= PriorityTree::MAX_STREAMS {
                break;
            }
            if row.state == StreamState::Closed {
                closed.push(row.stream);
                streams.extend(place_of(row.stream));
            }
        }
        streams.sort_unstable();
        let mut tree = PriorityTree::default();
        for (_, stream) in streams {
            tree.apply(stream, PriorityChange::Open);
        }
        for stream in closed.into_iter().rev() {
            tree.apply(stream, PriorityChange::Close);
        }
        tree
    }

    /// The priority tree of RFC 7540, with closed streams kept.
    pub fn tree_at(&self, at: Instant) -> PriorityTree {
        let transitions = self.transitions.partition_point(|row| row.at <= at);
        let priority = self.priority.partition_point(|row| row.at <= at);
        let passed = self.trees.checkpoints.partition_point(|checkpoint| {
            checkpoint.transitions <= transitions && checkpoint.priority <= priority
        });
        let Some(last) = passed.checked_sub(1) else {
            return self.plain_tree(transitions);
        };
        let Some(checkpoint) = self.trees.checkpoints.get(last) else {
            return PriorityTree::default();
        };
        let mut tree = (*checkpoint.tree).clone();
        replay(
            &mut tree,
            (&self.transitions, checkpoint.transitions..transitions),
            (&self.priority, checkpoint.priority..priority),
        );
        tree
    }

    /// The priority tree by another policy for closed streams. Replays all changes: not for every picture.
    pub fn tree_by_policy_at(&self, policy: ClosedStreams, at: Instant) -> PriorityTree {
        if policy == ClosedStreams::Keep {
            return self.tree_at(at);
        }
        let mut tree = PriorityTree::new(policy);
        self.advance_tree(&mut tree, None, at);
        tree
    }

    /// Brings a tree from the instant that it is of, or from the beginning, to a later one. Costs what changed between.
    pub fn advance_tree(&self, tree: &mut PriorityTree, from: Option<Instant>, to: Instant) {
        let transition = |at| self.transitions.partition_point(|row| row.at <= at);
        let priority = |at| self.priority.partition_point(|row| row.at <= at);
        replay(
            tree,
            (
                &self.transitions,
                from.map_or(0, transition)..transition(to),
            ),
            (&self.priority, from.map_or(0, priority)..priority(to)),
        );
    }
}

/// Applies parts of both logs in their common order.
fn replay(
    tree: &mut PriorityTree,
    (transitions, range): (&Log<Transition>, std::ops::Range<usize>),
    (priority, priorities): (&Log<PriorityRow>, std::ops::Range<usize>),
) {
    let mut priorities = priority.range(priorities).peekable();
    for row in transitions.range(range) {
        let earlier = |set: &&PriorityRow| is_before(set.at, row.at, row.takes_default_place);
        while let Some(set) = priorities.next_if(earlier) {
            tree.apply(set.stream, set.change);
        }
        if let Some(change) = change_by(row) {
            tree.apply(row.stream, change);
        }
    }
    for set in priorities {
        tree.apply(set.stream, set.change);
    }
}
