//! Ideal shares by the tree of RFC 7540.

use crate::wire::http2::{PriorityNode, PriorityTree, StreamId};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What each stream that has something to send should get of a connection.
///
/// A stream that can send takes all that its place in the tree is given; its dependents get something
/// only when it cannot. What is given to a stream that cannot send goes to its dependents, in
/// proportion to the weights of those below whom somebody can. Source: RFC 7540 §5.3.1, §5.3.2.
///
/// Streams without a place in the tree, such as those whose opening was not seen, share as if they
/// depended on the root with the default weight. The shares add up to 1 unless nobody can send.
pub fn ideal_shares(tree: &PriorityTree, ready: &[StreamId]) -> BTreeMap<StreamId, f64> {
    let is_ready: HashSet<StreamId> = ready.iter().copied().collect();
    let mut nodes = tree.nodes();
    for &stream in ready {
        if tree.node(stream).is_none() {
            nodes.push(PriorityNode {
                stream,
                parent: StreamId::CONNECTION,
                weight: DEFAULT_WEIGHT,
            });
        }
    }
    let mut children: HashMap<StreamId, Vec<PriorityNode>> = HashMap::new();
    for node in nodes {
        children.entry(node.parent).or_default().push(node);
    }
    // Parents before their children. No recursion: a tree from a capture may be deep.
    let mut order = vec![StreamId::CONNECTION];
    let mut next = 0;
    while let Some(&stream) = order.get(next) {
        let below = children.get(&stream).into_iter().flatten();
        order.extend(below.map(|node| node.stream));
        next += 1;
    }
    // Streams that can send, or below whom somebody can.
    let mut alive: HashSet<StreamId> = HashSet::new();
    for &stream in order.iter().rev() {
        let below = children.get(&stream).into_iter().flatten();
        let mut below = below.map(|node| node.stream);
        if is_ready.contains(&stream) || below.any(|child| alive.contains(&child)) {
            alive.insert(stream);
        }
    }
    let mut given: HashMap<StreamId, f64> = HashMap::from([(StreamId::CONNECTION, 1.0)]);
    let mut shares = BTreeMap::new();
    for stream in order {
        let Some(share) = given.get(&stream).copied() else {
            continue;
        };
        if is_ready.contains(&stream) {
            shares.insert(stream, share);
            continue;
        }
        let below = children.get(&stream).into_iter().flatten();
        let below: Vec<&PriorityNode> = below.filter(|node| alive.contains(&node.stream)).collect();
        let total: u32 = below.iter().map(|node| u32::from(node.weight)).sum();
        for node in below {
            let part = f64::from(node.weight) / f64::from(total.max(1));
            given.insert(node.stream, share * part);
        }
    }
    shares
}

/// The weight of a stream of which nothing is said. Source: RFC 7540 §5.3.5.
const DEFAULT_WEIGHT: u16 = 16;
