//! What the priority view shows: the tree at an instant, what each stream got and should have got,
//! and the urgencies.

use super::shares::{Got, Shares};
use crate::trace::http2::Instant;
use crate::trace::{Connection, FrameId, Http2, Http2State, StreamState};
use crate::ui::ViewContext;
use crate::ui::views::stream_list::model as stream_words;
use crate::wire::http2::{PriorityChange, PriorityTree, StreamId, Urgency};
use std::collections::BTreeMap;

/// Closed streams without dependents that are drawn one by one below a parent; more become one card.
const FEW_CLOSED: usize = 2;
/// Streams that are looked at in a tree. It holds no more by itself.
const MAX_NODES: usize = 1024;

/// What a card of the tree stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A stream; stream 0 is the connection, the root.
    Stream(StreamId),
    /// The closed streams below this one, together.
    Closed(StreamId),
}

/// A card of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it stands for.
    pub key: Key,
    /// The card it hangs below; `None` for the root.
    pub parent: Option<Key>,
    /// How many steps from the root.
    pub depth: usize,
    /// Its share among its siblings, 1 to 256.
    pub weight: u16,
    /// What it is called.
    pub title: String,
    /// What it was for, or why it has nothing to send.
    pub about: String,
    /// Whether it is closed at the cursor.
    pub closed: bool,
    /// Whether it was never opened up to the cursor: a group that others hang below.
    pub idle: bool,
    /// What it got and should have got.
    pub got: Got,
    /// Of several streams in one card, what is said of each.
    pub members: Vec<String>,
}

/// Streams of one card that are told one by one.
const MAX_MEMBERS: usize = 20;

/// A stream and what RFC 9218 asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Chip {
    /// The stream.
    pub stream: StreamId,
    /// What it was for.
    pub about: String,
    /// What is asked.
    pub urgency: Urgency,
    /// Whether the client said so; otherwise it is the default.
    pub said: bool,
}

/// What was signalled up to an instant, found without reading everything again.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    of: Option<(crate::trace::ConnectionId, i64)>,
    read: usize,
    first_prioritize: Option<Instant>,
}

impl Signals {
    /// The first time that a client named a weight or a dependency.
    pub fn first(
        &mut self,
        context: &ViewContext<'_>,
        connection: &Connection,
        http2: &Http2,
    ) -> Option<Instant> {
        let first_packet = context
            .trace
            .packets
            .get(0)
            .map_or(0, |packet| packet.time_ns);
        let of = Some((connection.id, first_packet));
        if self.of != of || http2.history.priority.len() < self.read {
            *self = Self {
                of,
                ..Self::default()
            };
        }
        while self.first_prioritize.is_none()
            && let Some(row) = http2.history.priority.get(self.read)
        {
            self.read += 1;
            if matches!(row.change, PriorityChange::Prioritize(_)) {
                self.first_prioritize = Some(row.at);
            }
        }
        self.first_prioritize
    }
}

/// What the walk through the tree still has before it.
enum Pending {
    Stream(StreamId, usize),
    Closed(Node),
}

/// The tree at an instant, as cards: parents before their children.
pub fn nodes(
    connection: &Connection,
    http2: &Http2,
    (at, tree): (Instant, &PriorityTree),
    shares: &Shares,
    fold: bool,
) -> Vec<Node> {
    let Some(state) = Http2State::after(connection, at) else {
        return Vec::new();
    };
    let root = Node {
        members: Vec::new(),
        key: Key::Stream(StreamId::CONNECTION),
        parent: None,
        depth: 0,
        weight: 256,
        title: "connection".to_owned(),
        about: String::new(),
        closed: false,
        idle: false,
        got: Got::default(),
    };
    let mut nodes = vec![root];
    let mut waiting = vec![Pending::Stream(StreamId::CONNECTION, 0)];
    // Depth first, so that a subtree stays together; children in the order of their numbers.
    while let Some(pending) = waiting.pop() {
        if nodes.len() > MAX_NODES {
            break;
        }
        let (parent, depth) = match pending {
            Pending::Stream(stream, depth) => (stream, depth),
            Pending::Closed(node) => {
                nodes.push(node);
                continue;
            }
        };
        if !parent.is_connection()
            && let Some(place) = tree.node(parent)
        {
            nodes.push(node(
                connection,
                http2,
                &state,
                tree,
                place.stream,
                depth,
                shares,
            ));
        }
        let mut children = tree.children(parent);
        children.sort_unstable_by_key(|child| std::cmp::Reverse(child.stream));
        let is_spent = |stream: StreamId| {
            !tree.has_children(stream)
                && state.stream_state(stream) == StreamState::Closed
                && shares.of(stream) == Got::default()
        };
        let all = children.iter().map(|child| child.stream);
        let (spent, left): (Vec<StreamId>, Vec<StreamId>) =
            all.partition(|&stream| fold && is_spent(stream));
        let children = if spent.len() > FEW_CLOSED {
            let of = (connection, http2, tree);
            waiting.push(Pending::Closed(closed_node(of, parent, depth + 1, &spent)));
            left
        } else {
            children.iter().map(|child| child.stream).collect()
        };
        let below = children.into_iter();
        waiting.extend(below.map(|child| Pending::Stream(child, depth + 1)));
    }
    nodes
}

fn closed_node(
    (connection, http2, tree): (&Connection, &Http2, &PriorityTree),
    parent: StreamId,
    depth: usize,
    spent: &[StreamId],
) -> Node {
    let names: Vec<String> = spent
        .iter()
        .rev()
        .take(6)
        .map(StreamId::to_string)
        .collect();
    let more = if spent.len() > names.len() {
        ", …"
    } else {
        ""
    };
    // What the pointer tells of each.
    let members = spent.iter().rev().take(MAX_MEMBERS).map(|&stream| {
        let weight = tree.node(stream).map_or(16, |place| place.weight);
        let words = format!(
            "stream {stream}, weight {weight}: {}",
            purpose(connection, http2, stream)
        );
        words.trim_end_matches([':', ' ']).to_owned()
    });
    Node {
        members: members.collect(),
        key: Key::Closed(parent),
        parent: Some(Key::Stream(parent)),
        depth,
        weight: 16,
        title: format!("{} closed streams", spent.len()),
        about: format!("{}{more}", names.join(", ")),
        closed: true,
        idle: false,
        got: Got::default(),
    }
}

fn node(
    connection: &Connection,
    http2: &Http2,
    state: &Http2State<'_>,
    tree: &PriorityTree,
    stream: StreamId,
    depth: usize,
    shares: &Shares,
) -> Node {
    let place = tree.node(stream);
    let now = state.stream_state(stream);
    let (idle, closed) = (now == StreamState::Idle, now == StreamState::Closed);
    let about = if idle && tree.has_children(stream) {
        "idle group, no data of its own".to_owned()
    } else if idle {
        "idle, nothing asked on it yet".to_owned()
    } else {
        purpose(connection, http2, stream)
    };
    Node {
        members: Vec::new(),
        key: Key::Stream(stream),
        parent: Some(Key::Stream(
            place.map_or(StreamId::CONNECTION, |place| place.parent),
        )),
        depth,
        weight: place.map_or(16, |place| place.weight),
        title: format!("stream {stream}"),
        about,
        closed,
        idle,
        got: shares.of(stream),
    }
}

/// What a stream was for.
pub fn purpose(connection: &Connection, http2: &Http2, stream: StreamId) -> String {
    http2.stream(stream).map_or_else(String::new, |row| {
        crate::report::text::one_line(&stream_words::purpose(connection, row), 60)
    })
}

/// The streams by urgency, those that were told and those that are open and were not.
pub fn chips(connection: &Connection, http2: &Http2, at: Instant) -> BTreeMap<u8, Vec<Chip>> {
    let mut bands: BTreeMap<u8, Vec<Chip>> = BTreeMap::new();
    let Some(state) = Http2State::after(connection, at) else {
        return bands;
    };
    let told = state.urgencies();
    let mut add = |stream: StreamId, urgency: Urgency, said: bool| {
        bands.entry(urgency.urgency).or_default().push(Chip {
            stream,
            about: purpose(connection, http2, stream),
            urgency,
            said,
        });
    };
    for (&stream, &urgency) in &told {
        add(stream, urgency, true);
    }
    for stream in state.active_streams().into_keys() {
        if !told.contains_key(&stream) && stream.is_client_initiated() {
            add(stream, Urgency::default(), false);
        }
    }
    bands
}

/// Instants at which the tree changed, spread over the whole connection: for snapshots that nobody chose.
pub fn telling_instants(http2: &Http2, count: usize) -> Vec<FrameId> {
    let rows = &http2.history.priority;
    let mut instants: Vec<FrameId> = (1..=count)
        .filter_map(|part| rows.get((rows.len() * part / count).checked_sub(1)?)?.at)
        .collect();
    instants.dedup();
    instants
}
