//! `wireloom state`: everything that was true of an HTTP/2 connection right after one frame.

use super::connections::PerDirection;
use super::text;
use crate::analysis::hpack::hints::{NameHint, inferences};
use crate::analysis::hpack::inference::Inference;
use crate::trace::{Connection, Direction, Http2State, Side, StreamState, Trace};
use crate::wire::hpack::{Limit, Name};
use crate::wire::http2::{ClosedStreams, SettingId};
use serde::Serialize;
use std::collections::BTreeMap;

mod print;

/// The state of a connection right after a frame. What cannot be known is `null`.
#[derive(Clone, Debug, Serialize)]
pub struct StateReport {
    /// The connection.
    pub connection: usize,
    /// The frame; left out before the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<usize>,
    /// The packet that made it readable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packet: Option<u64>,
    /// When that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_ns: Option<i64>,
    /// The dynamic tables, by the sender whose blocks use them.
    pub hpack: PerDirection<TableReport>,
    /// What each side may still send.
    pub windows: WindowsReport,
    /// What becomes of closed streams in that tree: `keep` or `remove`. Source: RFC 7540 §5.3.4.
    pub closed_streams: &'static str,
    /// The tree of RFC 7540, by stream.
    pub priority: Vec<PriorityReport>,
    /// Urgencies by RFC 9218 of streams that are not closed, by stream.
    pub urgency: Vec<UrgencyReport>,
    /// The states of streams that are neither idle nor closed.
    pub streams: BTreeMap<u32, &'static str>,
    /// Who has sent END_STREAM, for those that are half-closed.
    pub half_closed_by: BTreeMap<u32, Direction>,
    /// What each side announced and the other acknowledged.
    pub settings: PerDirection<BTreeMap<String, Option<u32>>>,
    /// What each side announced and the other has not acknowledged.
    pub proposed_settings: PerDirection<BTreeMap<String, Option<u32>>>,
}

/// A dynamic table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TableReport {
    /// The sizes of its entries together: RFC 7541 §4.1.
    pub size: Option<u64>,
    /// How large it may become.
    pub max_size: Option<u32>,
    /// The entries that are known, newest first.
    pub entries: Vec<EntryReport>,
    /// Whether these are all.
    pub certain: bool,
}

/// An entry of a dynamic table.
#[derive(Clone, Debug, Serialize)]
pub struct EntryReport {
    /// The index that names it at this moment, from 62.
    pub index: u32,
    /// `null` when it is the name of an entry that was never seen.
    pub name: Option<String>,
    /// All bytes of a name that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_hex: Option<String>,
    /// The stable number of the unseen entry that the name would come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<u64>,
    /// Why the name is what it is said to be, when it was concluded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inferred_by: Option<&'static str>,
    /// Its value.
    pub value: String,
    /// All bytes of a value that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_hex: Option<String>,
    /// What it counts: name, value and 32.
    pub size: Option<u64>,
    /// The frame that starts the block that inserted it.
    pub inserted_by: Option<usize>,
    /// The number of the insertion.
    pub inserted: u64,
}

/// What each side may still send, in bytes.
#[derive(Clone, Debug, Serialize)]
pub struct WindowsReport {
    /// On all streams together.
    pub connection: PerDirection<Option<i64>>,
    /// On each stream that is neither idle nor closed.
    pub streams: BTreeMap<u32, PerDirection<Option<i64>>>,
}

/// A stream in the priority tree.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct PriorityReport {
    /// The stream.
    pub stream: u32,
    /// The stream it depends on, 0 for the root.
    pub parent: u32,
    /// Its share among its siblings, 1 to 256.
    pub weight: u16,
    /// Its state.
    pub state: &'static str,
}

/// What the client asked for a stream.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct UrgencyReport {
    /// The stream.
    pub stream: u32,
    /// 0 first to 7 last.
    pub urgency: u8,
    /// Whether parts are useful as they come.
    pub incremental: bool,
}

/// The whole state of a connection, with closed streams kept in the priority tree.
pub fn state(trace: &Trace, connection: &Connection, state: &Http2State<'_>) -> StateReport {
    state_by(trace, connection, state, ClosedStreams::default(), &[])
}

/// The same with another policy for closed streams, and with names that a person gives to unseen entries.
pub fn state_by(
    trace: &Trace,
    connection: &Connection,
    state: &Http2State<'_>,
    policy: ClosedStreams,
    hints: &[NameHint],
) -> StateReport {
    let inferences = inferences(trace, connection, hints);
    let table = |direction| {
        let side = connection.side(direction);
        table(connection, state, side, &inferences[side.index()])
    };
    let side = |direction| connection.side(direction);
    let active = state.active_streams();
    let frames = connection.http2().map(|http2| &http2.frames);
    let frame = state.last_frame();
    let packet = frame.and_then(|frame| Some(frames?.get(frame.index())?.packet));
    StateReport {
        connection: connection.id.index(),
        frame: frame.map(|frame| frame.index()),
        packet: packet.map(|packet| packet.number()),
        time_ns: packet.map(|packet| trace.time_ns(packet)),
        hpack: PerDirection {
            client: table(Direction::Client),
            server: table(Direction::Server),
        },
        windows: WindowsReport {
            connection: PerDirection::of(|sender| state.connection_window(side(sender))),
            streams: active
                .keys()
                .map(|&stream| {
                    let window = |sender| state.stream_window(stream, side(sender));
                    (stream.0, PerDirection::of(window))
                })
                .collect(),
        },
        closed_streams: policy.name(),
        priority: priority(state, policy),
        urgency: state
            .urgencies()
            .into_iter()
            .map(|(stream, urgency)| UrgencyReport {
                stream: stream.0,
                urgency: urgency.urgency,
                incremental: urgency.incremental,
            })
            .collect(),
        streams: active
            .iter()
            .map(|(stream, state)| (stream.0, state.name()))
            .collect(),
        half_closed_by: active
            .iter()
            .filter_map(|(stream, state)| match state {
                StreamState::HalfClosed(side) => Some((stream.0, connection.direction(*side))),
                _ => None,
            })
            .collect(),
        settings: settings(connection, |side| {
            let in_force = state.settings(side);
            in_force.map(|(id, row)| (id, row.value)).collect()
        }),
        proposed_settings: settings(connection, |side| {
            let proposed = state.proposed_settings(side);
            proposed.map(|row| (row.id, Some(row.value))).collect()
        }),
    }
}

fn table(
    connection: &Connection,
    state: &Http2State<'_>,
    side: Side,
    inference: &Inference,
) -> TableReport {
    let table = state.table(side);
    let certain = table.is_certain();
    let entries = state.table_entries(side).into_iter().map(|entry| {
        let http2 = connection.http2();
        let inserted_by = http2.and_then(|http2| {
            let number = usize::try_from(entry.number).ok()?;
            let block = http2.insertions[side.index()].get(number)?.block;
            let block = http2.blocks[side.index()].get(block.index())?;
            Some(block.first_frame.index())
        });
        let (value, value_hex) = text::text_and_hex(entry.entry.value);
        let (name, placeholder) = match entry.entry.name {
            Name::Known(name) => (Some(name), None),
            Name::Unseen(placeholder) => (None, Some(placeholder)),
        };
        let concluded = placeholder.and_then(|entry| inference.names.get(&entry));
        let size = name.map(|_| entry.entry.size_bytes()).or_else(|| {
            let name = &concluded?.name;
            Some(entry.entry.size_bytes().saturating_add(name.len() as u64))
        });
        let name = name.or_else(|| concluded.map(|concluded| &concluded.name[..]));
        let (name, name_hex) = name.map(text::text_and_hex).unzip();
        EntryReport {
            index: entry.index,
            size,
            name,
            name_hex: name_hex.flatten(),
            placeholder: placeholder.map(|placeholder| placeholder.0),
            inferred_by: concluded.map(|concluded| concluded.reason.name()),
            value,
            value_hex,
            inserted_by,
            inserted: entry.number,
        }
    });
    TableReport {
        size: certain.then_some(table.size_bytes),
        max_size: (table.limit == Limit::Known).then_some(table.max_size_bytes),
        entries: entries.collect(),
        certain,
    }
}

fn priority(state: &Http2State<'_>, policy: ClosedStreams) -> Vec<PriorityReport> {
    let nodes = state.priority_tree_by(policy).nodes();
    nodes
        .into_iter()
        .map(|node| PriorityReport {
            stream: node.stream.0,
            parent: node.parent.0,
            weight: node.weight,
            state: state.stream_state(node.stream).name(),
        })
        .collect()
}

fn settings(
    connection: &Connection,
    values: impl Fn(Side) -> Vec<(SettingId, Option<u32>)>,
) -> PerDirection<BTreeMap<String, Option<u32>>> {
    let by_name = |direction| {
        let values = values(connection.side(direction)).into_iter();
        values
            .map(|(id, value)| (setting_name(id), value))
            .collect()
    };
    PerDirection {
        client: by_name(Direction::Client),
        server: by_name(Direction::Server),
    }
}

/// A setting's name, its number in hex when it has none.
pub fn setting_name(id: SettingId) -> String {
    id.name()
        .map_or_else(|| format!("0x{:04x}", id.0), str::to_owned)
}
