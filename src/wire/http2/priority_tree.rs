//! The priority tree of RFC 7540 §5.3: which stream waits for which, and how siblings share.
//!
//! RFC 9113 no longer describes it and many servers never followed it, but clients still send it.

use super::{Priority, StreamId};
use crate::wire::keyed::KeyedMap;

/// What becomes of a stream in the tree when it closes. Source: RFC 7540 §5.3.4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClosedStreams {
    /// It stays where it is, so that later streams can still depend on it.
    #[default]
    Keep,
    /// It goes at once. Its children go to its parent and share its weight.
    Remove,
}

impl ClosedStreams {
    /// `keep` or `remove`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Remove => "remove",
        }
    }
}

/// One thing that happens to the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriorityChange {
    /// The stream opens. Unless it has a place already, it gets the default one. Source: RFC 7540 §5.3.5.
    Open,
    /// The stream is promised on another, which becomes its parent. Source: RFC 7540 §5.3.5.
    Promise {
        /// The stream that carries the promise.
        on: StreamId,
    },
    /// `PRIORITY`, or the priority in `HEADERS`. Source: RFC 7540 §5.3.1 to §5.3.3.
    Prioritize(Priority),
    /// The stream closes.
    Close,
}

/// A stream in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriorityNode {
    /// The stream.
    pub stream: StreamId,
    /// The stream it depends on; [`StreamId::CONNECTION`] is the root.
    pub parent: StreamId,
    /// Its share among its siblings, 1 to 256.
    pub weight: u16,
}

/// A place in `slots`; the root has the first.
type Slot = u32;

const ROOT: Slot = 0;
const NOWHERE: Slot = Slot::MAX;

/// Siblings are a list in the order in which they came to their parent.
#[derive(Clone, Copy, Debug)]
struct Links {
    stream: StreamId,
    parent: Slot,
    first_child: Slot,
    last_child: Slot,
    previous: Slot,
    next: Slot,
    /// The neighbours in the queue of streams that are idle or closed.
    longer_inactive: Slot,
    shorter_inactive: Slot,
    weight: u16,
    /// Whether it is open or reserved, neither idle nor closed.
    active: bool,
}

/// The tree. Cloning it copies memory and follows no pointers.
///
/// ```text
///     0            the connection
///    / \
///   A   B          siblings share in proportion to their weights,
///  / \             as long as they have something to send
/// C   D            children get only what their parent leaves
/// ```
#[derive(Clone, Debug)]
pub struct PriorityTree {
    policy: ClosedStreams,
    slots: Vec<Links>,
    free: Vec<Slot>,
    slot_of: KeyedMap<StreamId, Slot>,
    /// The ends of the queue of streams that are idle or closed.
    longest_inactive: Slot,
    shortest_inactive: Slot,
    /// The highest stream opened, of even and of odd ones: lower ones cannot be idle any more.
    highest_opened: [StreamId; 2],
}

impl Default for PriorityTree {
    fn default() -> Self {
        Self::new(ClosedStreams::default())
    }
}

impl PriorityTree {
    /// How many streams a tree remembers. Beyond it the one that has been idle or closed for longest goes, as
    /// RFC 7540 §5.3.4 allows. Servers keep far fewer (nghttp2 about as many closed streams as may be
    /// open, and 100 idle ones), and a peer that names millions must not make each change slow.
    pub const MAX_STREAMS: usize = 1024;

    /// A tree with nothing but its root.
    pub fn new(policy: ClosedStreams) -> Self {
        Self {
            policy,
            slots: vec![links(StreamId::CONNECTION, Priority::DEFAULT.weight)],
            free: Vec::new(),
            slot_of: KeyedMap::default(),
            longest_inactive: NOWHERE,
            shortest_inactive: NOWHERE,
            highest_opened: [StreamId::CONNECTION; 2],
        }
    }

    /// How many streams are in it.
    pub fn len(&self) -> usize {
        self.slot_of.len()
    }

    /// Whether no stream is in it.
    pub fn is_empty(&self) -> bool {
        self.slot_of.is_empty()
    }

    /// Bytes of memory, roughly.
    pub fn memory_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Links>()
            + self.slot_of.capacity() * size_of::<(StreamId, Slot)>()
            + self.free.capacity() * size_of::<Slot>()
    }

    /// Applies a change to a stream.
    pub fn apply(&mut self, stream: StreamId, change: PriorityChange) {
        if stream.is_connection() {
            return;
        }
        match change {
            PriorityChange::Open => self.open(stream),
            PriorityChange::Promise { on } => {
                self.open(stream);
                self.prioritize(
                    stream,
                    Priority {
                        depends_on: on,
                        ..Priority::DEFAULT
                    },
                );
            }
            PriorityChange::Prioritize(priority) => self.prioritize(stream, priority),
            PriorityChange::Close => self.close(stream),
        }
        self.limit();
    }

    /// Says that streams up to these, of even and of odd ones, were opened: lower ones cannot be idle any more.
    pub fn were_opened(&mut self, highest: [StreamId; 2]) {
        for (own, highest) in self.highest_opened.iter_mut().zip(highest) {
            *own = highest.max(*own);
        }
    }

    /// The place of a stream.
    pub fn node(&self, stream: StreamId) -> Option<PriorityNode> {
        self.described(*self.slot_of.get(&stream)?)
    }

    /// All streams in the tree, by number.
    pub fn nodes(&self) -> Vec<PriorityNode> {
        let mut nodes: Vec<_> = self
            .slot_of
            .values()
            .filter_map(|&slot| self.described(slot))
            .collect();
        nodes.sort_unstable_by_key(|node| node.stream);
        nodes
    }

    /// The streams that depend on a stream, in the order in which they came to it.
    pub fn children(&self, stream: StreamId) -> Vec<PriorityNode> {
        let slot = if stream.is_connection() {
            Some(ROOT)
        } else {
            self.slot_of.get(&stream).copied()
        };
        slot.map_or_else(Vec::new, |slot| {
            self.child_slots(slot)
                .filter_map(|child| self.described(child))
                .collect()
        })
    }

    /// Whether a stream depends on this one.
    pub fn has_children(&self, stream: StreamId) -> bool {
        let slot = self.slot_of.get(&stream);
        slot.is_some_and(|slot| self.child_slots(*slot).next().is_some())
    }

    fn open(&mut self, stream: StreamId) {
        let highest = &mut self.highest_opened[usize::from(stream.is_client_initiated())];
        *highest = stream.max(*highest);
        let slot = self.slot_or_default(stream);
        if !self.get(slot).active {
            self.leave_inactive(slot);
            self.edit(slot, |links| links.active = true);
        }
    }

    fn close(&mut self, stream: StreamId) {
        let Some(&slot) = self.slot_of.get(&stream) else {
            return;
        };
        match self.policy {
            ClosedStreams::Remove => self.remove(stream, slot),
            ClosedStreams::Keep => {
                if self.get(slot).active {
                    self.edit(slot, |links| links.active = false);
                    self.join_inactive(slot);
                }
            }
        }
    }

    fn prioritize(&mut self, stream: StreamId, priority: Priority) {
        let slot = self.slot_or_default(stream);
        if priority.depends_on == stream {
            // Breaks RFC 7540 §5.3.1; nothing sensible follows from it.
            return;
        }
        let Some(parent) = self.parent_slot(priority.depends_on) else {
            // A parent that is gone: the stream gets a default priority. Source: RFC 7540 §5.3.1.
            self.move_to(slot, ROOT);
            self.set_weight(slot, Priority::DEFAULT.weight);
            return;
        };
        // A stream that moves under its own descendant: that one first takes its place, with
        // its weight. Source: RFC 7540 §5.3.3.
        if self.is_ancestor(slot, parent) {
            let grandparent = self.get(slot).parent;
            self.move_to(parent, grandparent);
        }
        self.move_to(slot, parent);
        if priority.exclusive {
            let siblings: Vec<Slot> = self
                .child_slots(parent)
                .filter(|&child| child != slot)
                .collect();
            for sibling in siblings {
                self.move_to(sibling, slot);
            }
        }
        self.set_weight(slot, priority.weight.clamp(1, 256));
    }

    /// Where a parent is. One that is still idle gets a default priority, so that groups can be
    /// built from streams that are never opened. `None` when it was closed and forgotten.
    fn parent_slot(&mut self, parent: StreamId) -> Option<Slot> {
        if parent.is_connection() {
            return Some(ROOT);
        }
        if let Some(&slot) = self.slot_of.get(&parent) {
            return Some(slot);
        }
        let is_idle = parent > self.highest_opened[usize::from(parent.is_client_initiated())];
        is_idle.then(|| self.slot_or_default(parent))
    }

    fn slot_or_default(&mut self, stream: StreamId) -> Slot {
        if let Some(&slot) = self.slot_of.get(&stream) {
            return slot;
        }
        let new = links(stream, Priority::DEFAULT.weight);
        let slot = match self.free.pop() {
            Some(slot) => {
                if let Some(place) = self.slots.get_mut(slot as usize) {
                    *place = new;
                }
                slot
            }
            None => {
                self.slots.push(new);
                Slot::try_from(self.slots.len() - 1).unwrap_or(NOWHERE)
            }
        };
        self.slot_of.insert(stream, slot);
        self.attach(slot, ROOT);
        self.join_inactive(slot);
        slot
    }

    /// Forgets streams that are idle or closed, the oldest first, and open ones only when there
    /// is nothing else.
    fn limit(&mut self) {
        while self.len() > Self::MAX_STREAMS {
            let slot = match self.longest_inactive {
                NOWHERE => self.child_slots(ROOT).next(),
                slot => Some(slot),
            };
            let Some(slot) = slot else {
                return;
            };
            self.remove(self.get(slot).stream, slot);
        }
    }

    /// Takes a stream out: its children go to its parent and share its weight in proportion to
    /// theirs. Source: RFC 7540 §5.3.4.
    fn remove(&mut self, stream: StreamId, slot: Slot) {
        let Links { parent, weight, .. } = self.get(slot);
        let children: Vec<Slot> = self.child_slots(slot).collect();
        let total: u32 = children
            .iter()
            .map(|&child| u32::from(self.get(child).weight))
            .sum();
        for child in children {
            let share = u32::from(weight) * u32::from(self.get(child).weight) / total.max(1);
            self.move_to(child, parent);
            self.set_weight(child, u16::try_from(share).unwrap_or(u16::MAX).max(1));
        }
        self.detach(slot);
        if !self.get(slot).active {
            self.leave_inactive(slot);
        }
        self.slot_of.remove(&stream);
        self.free.push(slot);
    }

    fn is_ancestor(&self, ancestor: Slot, mut of: Slot) -> bool {
        while of != ROOT && of != NOWHERE {
            if of == ancestor {
                return true;
            }
            of = self.get(of).parent;
        }
        false
    }

    fn get(&self, slot: Slot) -> Links {
        let nothing = links(StreamId::CONNECTION, Priority::DEFAULT.weight);
        self.slots.get(slot as usize).copied().unwrap_or(nothing)
    }

    fn described(&self, slot: Slot) -> Option<PriorityNode> {
        let links = self.slots.get(slot as usize)?;
        Some(PriorityNode {
            stream: links.stream,
            parent: self.slots.get(links.parent as usize)?.stream,
            weight: links.weight,
        })
    }

    fn child_slots(&self, slot: Slot) -> impl Iterator<Item = Slot> + '_ {
        let first = self.get(slot).first_child;
        std::iter::successors((first != NOWHERE).then_some(first), |&child| {
            let next = self.get(child).next;
            (next != NOWHERE).then_some(next)
        })
    }

    fn set_weight(&mut self, slot: Slot, weight: u16) {
        if let Some(links) = self.slots.get_mut(slot as usize) {
            links.weight = weight;
        }
    }

    fn move_to(&mut self, slot: Slot, parent: Slot) {
        if slot != parent && self.get(slot).parent != parent {
            self.detach(slot);
            self.attach(slot, parent);
        }
    }

    fn edit(&mut self, slot: Slot, change: impl FnOnce(&mut Links)) -> bool {
        self.slots.get_mut(slot as usize).map(change).is_some()
    }

    fn attach(&mut self, slot: Slot, parent: Slot) {
        let last = self.get(parent).last_child;
        self.edit(slot, |links| {
            (links.parent, links.previous, links.next) = (parent, last, NOWHERE);
        });
        if !self.edit(last, |links| links.next = slot) {
            self.edit(parent, |links| links.first_child = slot);
        }
        self.edit(parent, |links| links.last_child = slot);
    }

    /// Puts a stream at the end of the queue of those that are idle or closed.
    fn join_inactive(&mut self, slot: Slot) {
        let last = std::mem::replace(&mut self.shortest_inactive, slot);
        self.edit(slot, |links| {
            (links.longer_inactive, links.shorter_inactive) = (last, NOWHERE);
        });
        if !self.edit(last, |links| links.shorter_inactive = slot) {
            self.longest_inactive = slot;
        }
    }

    fn leave_inactive(&mut self, slot: Slot) {
        let Links {
            longer_inactive: longer,
            shorter_inactive: shorter,
            ..
        } = self.get(slot);
        if !self.edit(longer, |links| links.shorter_inactive = shorter) {
            self.longest_inactive = shorter;
        }
        if !self.edit(shorter, |links| links.longer_inactive = longer) {
            self.shortest_inactive = longer;
        }
    }

    fn detach(&mut self, slot: Slot) {
        let Links {
            parent,
            previous,
            next,
            ..
        } = self.get(slot);
        if !self.edit(previous, |links| links.next = next) {
            self.edit(parent, |links| links.first_child = next);
        }
        if !self.edit(next, |links| links.previous = previous) {
            self.edit(parent, |links| links.last_child = previous);
        }
    }
}

fn links(stream: StreamId, weight: u16) -> Links {
    Links {
        stream,
        parent: NOWHERE,
        first_child: NOWHERE,
        last_child: NOWHERE,
        previous: NOWHERE,
        next: NOWHERE,
        longer_inactive: NOWHERE,
        shorter_inactive: NOWHERE,
        weight,
        active: false,
    }
}

#[cfg(test)]
#[path = "priority_tree/tests.rs"]
mod tests;
