use super::*;
use crate::analysis::conversation::{Conversation, data, frame, get, headers, shipped};
use crate::wire::http2::{Flags, Priority, PriorityChange, PriorityTree};
use proptest::prelude::*;

fn tree(places: &[(u32, u32, u16)]) -> PriorityTree {
    let mut tree = PriorityTree::default();
    for &(stream, parent, weight) in places {
        let priority = Priority {
            depends_on: StreamId(parent),
            weight,
            exclusive: false,
        };
        tree.apply(StreamId(stream), PriorityChange::Open);
        tree.apply(StreamId(stream), PriorityChange::Prioritize(priority));
    }
    tree
}

fn shares_of(tree: &PriorityTree, ready: &[u32]) -> Vec<(u32, f64)> {
    let ready: Vec<StreamId> = ready.iter().copied().map(StreamId).collect();
    let shares = ideal_shares(tree, &ready);
    shares
        .into_iter()
        .map(|(stream, share)| (stream.0, share))
        .collect()
}

#[test]
fn siblings_share_by_weight_and_dependents_wait() {
    // The example of RFC 7540 §5.3.2: B with weight 4 and C with 12 depend on A.
    let tree = tree(&[(1, 0, 16), (3, 1, 4), (5, 1, 12)]);
    assert_eq!(shares_of(&tree, &[1, 3, 5]), [(1, 1.0)]);
    assert_eq!(shares_of(&tree, &[3, 5]), [(3, 0.25), (5, 0.75)]);
    assert_eq!(shares_of(&tree, &[5]), [(5, 1.0)]);
    assert_eq!(shares_of(&tree, &[]), []);
}

#[test]
fn a_group_that_sends_nothing_itself_passes_its_share_on() {
    // Two groups of 3 to 1, of which one has two members.
    let tree = tree(&[(3, 0, 192), (5, 0, 64), (7, 3, 16), (9, 3, 16), (11, 5, 1)]);
    assert_eq!(
        shares_of(&tree, &[7, 9, 11]),
        [(7, 0.375), (9, 0.375), (11, 0.25)]
    );
    assert_eq!(shares_of(&tree, &[9, 11]), [(9, 0.75), (11, 0.25)]);
    // Nobody knows where 13 hangs: beside the groups, with weight 16.
    assert_eq!(shares_of(&tree, &[11, 13]), [(11, 0.8), (13, 0.2)]);
}

/// The share of a stream, as plainly as possible: down from the root by its ancestors.
fn slow_share(nodes: &[PriorityNode], ready: &[StreamId], stream: StreamId) -> f64 {
    fn alive(nodes: &[PriorityNode], ready: &[StreamId], stream: StreamId) -> bool {
        ready.contains(&stream)
            || nodes
                .iter()
                .any(|node| node.parent == stream && alive(nodes, ready, node.stream))
    }
    let mut share = 1.0;
    let mut at = stream;
    while at != StreamId::CONNECTION {
        let node = nodes.iter().find(|node| node.stream == at).unwrap();
        if ready.contains(&node.parent) {
            return 0.0;
        }
        let siblings = nodes.iter().filter(|other| other.parent == node.parent);
        let alive = siblings.filter(|other| alive(nodes, ready, other.stream));
        let total: u16 = alive.map(|other| other.weight).sum();
        share *= f64::from(node.weight) / f64::from(total);
        at = node.parent;
    }
    share
}

use crate::wire::http2::PriorityNode;

proptest! {
    #[test]
    fn shares_equal_those_of_a_slow_reckoning_and_add_up_to_one(
        places in prop::collection::vec((1..12_u32, 0..12_u32, 1..=256_u16, any::<bool>()), 1..40),
        ready in prop::collection::btree_set(1..12_u32, 1..8),
    ) {
        let mut tree = PriorityTree::default();
        for stream in 1..12 {
            tree.apply(StreamId(stream), PriorityChange::Open);
        }
        for (stream, depends_on, weight, exclusive) in places {
            let depends_on = StreamId(depends_on);
            let priority = Priority { depends_on, weight, exclusive };
            tree.apply(StreamId(stream), PriorityChange::Prioritize(priority));
        }
        let ready: Vec<StreamId> = ready.into_iter().map(StreamId).collect();
        let shares = ideal_shares(&tree, &ready);
        let nodes = tree.nodes();
        for &stream in &ready {
            let share = shares.get(&stream).copied().unwrap_or(0.0);
            let slow = slow_share(&nodes, &ready, stream);
            prop_assert!((share - slow).abs() < 1e-9, "{stream}: {share}, {slow}");
        }
        let total: f64 = shares.values().sum();
        prop_assert!((total - 1.0).abs() < 1e-9);
    }
}

#[test]
fn the_most_urgent_are_served_first_and_incremental_ones_in_turns() {
    let asked = |stream: u32, urgency: u8, incremental: bool| {
        (
            StreamId(stream),
            Urgency {
                urgency,
                incremental,
            },
        )
    };
    let ready = [
        asked(1, 3, true),
        asked(3, 1, false),
        asked(5, 1, false),
        asked(7, 1, true),
        asked(9, 1, true),
    ];
    assert_eq!(next_streams(&ready), [3, 7, 9].map(StreamId));
    assert_eq!(order(&ready), [3, 5, 7, 9, 1].map(StreamId));
    assert_eq!(next_streams(&ready[..1]), [StreamId(1)]);
    assert_eq!(next_streams(&[]), []);
}

/// Two responses of equal length; the first asked for depends on the second.
fn one_behind_the_other() -> crate::trace::Trace {
    let mut made = Conversation::new();
    made.client(&get(1, "/late"));
    made.client(&get(3, "/first"));
    // Stream 1 depends on 3, with weight 16.
    made.client(&frame(
        FrameKind::PRIORITY,
        Flags::NONE,
        1,
        &[0, 0, 0, 3, 15],
    ));
    for stream in [1, 3] {
        made.server(&headers(stream, false, &[(":status", "200")]));
    }
    for (stream, last) in [(1, false), (3, false), (3, true), (1, true)] {
        made.server(&data(stream, 1000, last));
    }
    made.trace()
}

#[test]
fn what_was_delivered_stands_beside_what_should_have_been() {
    let trace = one_behind_the_other();
    let connection = trace.main_connection().unwrap();
    let http2 = connection.http2().unwrap();
    let server = connection.row.client.other();
    let shares = Shares::new(&trace, connection, server).unwrap();
    let last = Some(FrameId::from_index(http2.frames.len() - 1));
    let all = shares.over(None, last, ClosedStreams::Keep);
    let [one, three] = &all[..] else {
        panic!("two streams")
    };
    assert_eq!((one.delivered_bytes, three.delivered_bytes), (2000, 2000));
    // Stream 3 should have had everything until it was finished.
    assert!((three.expected_bytes - 3000.0).abs() < 1e-6, "{three:?}");
    assert!((one.expected_bytes - 1000.0).abs() < 1e-6, "{one:?}");
    assert_eq!(one.readiness, Readiness::NothingLeft);
    // By RFC 9218 both are equal and not incremental: the first requested goes first.
    assert_eq!((one.out_of_turn_bytes, three.out_of_turn_bytes), (0, 2000));
    // In between, at the first DATA.
    let first_data = shares.data[0];
    let ideal = shares.ideal(Some(first_data), ClosedStreams::Keep);
    assert_eq!(ideal.into_iter().collect::<Vec<_>>(), [(StreamId(3), 1.0)]);
}

#[test]
fn the_recorded_server_followed_the_tree_mostly() {
    let trace = shipped("priorities.pcapng");
    let connection = trace.main_connection().unwrap();
    let server = connection.row.client.other();
    let shares = Shares::new(&trace, connection, server).unwrap();
    let frames = connection.http2().unwrap().frames.len();
    let mut balance = 0.0;
    for at in 0..frames {
        let ideal = shares.ideal(Some(FrameId::from_index(at)), ClosedStreams::Keep);
        let total: f64 = ideal.values().sum();
        assert!(ideal.is_empty() || (total - 1.0).abs() < 1e-9, "{ideal:?}");
    }
    let last = Some(FrameId::from_index(frames - 1));
    for share in shares.over(None, last, ClosedStreams::Keep) {
        assert!(share.delivered_bytes > 0);
        balance += share.expected_bytes;
    }
    let delivered: u64 = connection
        .http2()
        .unwrap()
        .streams()
        .iter()
        .map(|row| row.data_bytes[server.index()])
        .sum();
    // What nobody but a stream's own last frame was ready for is expected of nobody.
    assert!(balance > 0.0 && balance <= delivered as f64 + 1.0);
}
