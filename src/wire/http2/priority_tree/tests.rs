use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const A: u32 = 1;
const B: u32 = 3;
const C: u32 = 5;
const D: u32 = 7;
const E: u32 = 9;
const F: u32 = 11;

fn on(depends_on: u32, weight: u16, exclusive: bool) -> PriorityChange {
    PriorityChange::Prioritize(Priority {
        exclusive,
        depends_on: StreamId(depends_on),
        weight,
    })
}

fn tree(changes: &[(u32, PriorityChange)]) -> PriorityTree {
    let mut tree = PriorityTree::default();
    for &(stream, change) in changes {
        tree.apply(StreamId(stream), change);
    }
    tree
}

/// `(stream, parent, weight)`
fn places(tree: &PriorityTree) -> Vec<(u32, u32, u16)> {
    let nodes = tree.nodes().into_iter();
    nodes
        .map(|node| (node.stream.0, node.parent.0, node.weight))
        .collect()
}

#[test]
fn streams_have_a_default_place_and_promised_ones_hang_on_their_carrier() {
    let open = PriorityChange::Open;
    let promise = PriorityChange::Promise { on: StreamId(A) };
    let tree = tree(&[(A, open), (2, promise), (A, open)]);
    assert_eq!(places(&tree), [(1, 0, 16), (2, 1, 16)]);
}

// RFC 7540 §5.3.1, figures 4 and 5:
//     A                 A
//    / \      ==>      /|\
//   B   C             B D C
//
//     A                 A
//    / \      ==>       |
//   B   C               D
//                      / \
//                     B   C
#[test]
fn a_new_dependency_joins_its_siblings_or_exclusively_takes_them_over() {
    let start = [
        (A, on(0, 16, false)),
        (B, on(A, 16, false)),
        (C, on(A, 16, false)),
    ];
    let mut shared = tree(&start);
    shared.apply(StreamId(D), on(A, 16, false));
    assert_eq!(
        places(&shared),
        [(A, 0, 16), (B, A, 16), (C, A, 16), (D, A, 16)]
    );
    let mut exclusive = tree(&start);
    exclusive.apply(StreamId(D), on(A, 16, true));
    assert_eq!(
        places(&exclusive),
        [(A, 0, 16), (B, D, 16), (C, D, 16), (D, A, 16)]
    );
}

// RFC 7540 §5.3.3, figure 6:
//     x                x                x                 x
//     |               / \               |                 |
//     A              D   A              D                 D
//    / \            /   / \            / \                |
//   B   C     ==>  F   B   C   ==>    F   A       OR      A
//      / \                 |             / \             /|\
//     D   E                E            B   C           B C F
//     |                                     |             |
//     F                                     E             E
//                (intermediate)   (non-exclusive)    (exclusive)
#[test]
fn a_stream_moves_under_its_own_descendant_which_first_takes_its_place() {
    let start = [
        (A, on(0, 10, false)),
        (B, on(A, 20, false)),
        (C, on(A, 30, false)),
        (D, on(C, 40, false)),
        (E, on(C, 50, false)),
        (F, on(D, 60, false)),
    ];
    let mut moved = tree(&start);
    moved.apply(StreamId(A), on(D, 16, false));
    assert_eq!(
        places(&moved),
        [
            (A, D, 16),
            (B, A, 20),
            (C, A, 30),
            (D, 0, 40),
            (E, C, 50),
            (F, D, 60)
        ]
    );
    let mut exclusive = tree(&start);
    exclusive.apply(StreamId(A), on(D, 16, true));
    assert_eq!(
        places(&exclusive),
        [
            (A, D, 16),
            (B, A, 20),
            (C, A, 30),
            (D, 0, 40),
            (E, C, 50),
            (F, A, 60)
        ]
    );
    let children = exclusive.children(StreamId(A));
    let children: Vec<_> = children.iter().map(|node| node.stream.0).collect();
    assert_eq!(children, [B, C, F]);
}

#[test]
fn a_parent_that_is_idle_is_made_and_one_that_is_gone_means_the_default() {
    let mut tree = tree(&[(9, PriorityChange::Open)]);
    tree.apply(StreamId(11), on(13, 99, false));
    assert_eq!(places(&tree), [(9, 0, 16), (11, 13, 99), (13, 0, 16)]);
    // Stream 5 is below the highest one opened and was never used: it is closed.
    tree.apply(StreamId(11), on(5, 99, false));
    assert_eq!(places(&tree), [(9, 0, 16), (11, 0, 16), (13, 0, 16)]);
    // A stream that depends on itself stays where it is.
    tree.apply(StreamId(11), on(11, 7, true));
    assert_eq!(tree.node(StreamId(11)).unwrap().weight, 16);
}

#[test]
fn closed_streams_are_kept_or_their_weight_is_shared_by_their_children() {
    let changes = [
        (A, PriorityChange::Open),
        (A, on(0, 60, false)),
        (B, on(A, 1, false)),
        (C, on(A, 2, false)),
        (A, PriorityChange::Close),
    ];
    assert_eq!(places(&tree(&changes)), [(A, 0, 60), (B, A, 1), (C, A, 2)]);
    let mut removed = PriorityTree::new(ClosedStreams::Remove);
    for (stream, change) in changes {
        removed.apply(StreamId(stream), change);
    }
    assert_eq!(places(&removed), [(B, 0, 20), (C, 0, 40)]);
}

#[test]
fn a_flood_of_streams_forgets_the_oldest_that_are_not_open() {
    let mut tree = PriorityTree::default();
    tree.apply(StreamId(1), PriorityChange::Open);
    for number in 1..=2 * PriorityTree::MAX_STREAMS as u32 {
        tree.apply(StreamId(2 * number + 1), on(1, 5, true));
    }
    assert_eq!(tree.len(), PriorityTree::MAX_STREAMS);
    assert!(tree.node(StreamId(1)).is_some());
    assert!(tree.node(StreamId(3)).is_none());
    assert_eq!(tree.children(StreamId::CONNECTION).len(), 1);
}

#[test]
fn the_stream_that_was_closed_first_is_forgotten_first() {
    let mut tree = PriorityTree::default();
    for number in 0..PriorityTree::MAX_STREAMS as u32 {
        tree.apply(StreamId(2 * number + 1), PriorityChange::Open);
    }
    for stream in [5, 3, 1] {
        tree.apply(StreamId(stream), PriorityChange::Close);
    }
    for (new, gone) in [(0x1_0001, 5), (0x1_0003, 3), (0x1_0005, 1), (0x1_0007, 7)] {
        tree.apply(StreamId(new), PriorityChange::Open);
        assert!(tree.node(StreamId(gone)).is_none(), "{gone} had its time");
        assert_eq!(tree.len(), PriorityTree::MAX_STREAMS);
        assert!(tree.node(StreamId(9)).is_some());
    }
}

/// The same rules, written down as slowly and plainly as possible: a map of parents.
#[derive(Default)]
struct Plain(BTreeMap<u32, (u32, u16)>);

impl Plain {
    fn prioritize(&mut self, stream: u32, parent: u32, weight: u16, exclusive: bool) {
        self.0.entry(stream).or_insert((0, 16));
        if stream == parent {
            return;
        }
        if parent != 0 {
            self.0.entry(parent).or_insert((0, 16));
        }
        let mut above = parent;
        while above != 0 {
            if above == stream {
                self.0.get_mut(&parent).unwrap().0 = self.0[&stream].0;
                break;
            }
            above = self.0[&above].0;
        }
        if exclusive {
            for place in self.0.values_mut().filter(|place| place.0 == parent) {
                place.0 = stream;
            }
        }
        self.0.insert(stream, (parent, weight));
    }
}

proptest! {
    #[test]
    fn any_changes_lead_to_the_same_tree_as_the_plain_rules(
        changes in prop::collection::vec((1..12_u32, 0..12_u32, 1..=256_u16, any::<bool>()), 1..80),
    ) {
        let (mut tree, mut plain) = (PriorityTree::default(), Plain::default());
        for (stream, parent, weight, exclusive) in changes {
            tree.apply(StreamId(stream), on(parent, weight, exclusive));
            plain.prioritize(stream, parent, weight, exclusive);
            let expected: Vec<_> = plain.0.iter().map(|(&s, &(p, w))| (s, p, w)).collect();
            prop_assert_eq!(places(&tree), expected);
            // Every stream is found from the root, once.
            let mut found = 0;
            let mut waiting = vec![StreamId::CONNECTION];
            while let Some(stream) = waiting.pop() {
                let children = tree.children(stream);
                found += children.len();
                waiting.extend(children.iter().map(|node| node.stream));
            }
            prop_assert_eq!(found, tree.len());
        }
    }
}
