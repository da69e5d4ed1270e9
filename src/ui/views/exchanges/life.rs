//! How a connection began and ended, for the line above its exchanges.

use crate::trace::{Connection, Direction, PacketId, Trace};
use crate::ui::widgets::format;

/// Packets of the connection that are looked at from its last one back: between the first FIN and the last packet there are few.
const OWN: usize = 64;

/// Packets of other connections that are stepped over on the way.
const OTHERS: usize = 20_000;

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Who ended it.
    by: Direction,
    /// Whether with RST and not with FIN.
    reset: bool,
    /// When, in nanoseconds since the capture's first packet.
    at_ns: i64,
}

impl End {
    /// The first FIN or RST among the connection's last packets; `None` when there is none. Source: RFC 9293 §3.6.
    pub(super) fn of(trace: &Trace, connection: &Connection) -> Option<Self> {
        let row = &connection.row;
        let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
        let (mut own, mut others) = (0, 0);
        let mut found = None;
        for index in (row.first_packet.index()..=row.last_packet.index()).rev() {
            let id = PacketId::from_index(index);
            let owner = trace.packets.get(index).and_then(|packet| packet.owner);
            let Some(owner) = owner.filter(|owner| owner.connection == connection.id) else {
                others += 1;
                if others > OTHERS {
                    break;
                }
                continue;
            };
            let flags = trace.with_segment(id, |_, segment| segment.tcp.flags);
            if let Some(flags) = flags.filter(|flags| flags.fin() || flags.rst()) {
                found = Some(Self {
                    by: connection.direction(owner.side),
                    reset: flags.rst(),
                    at_ns: trace.time_ns(id).saturating_sub(origin),
                });
            }
            own += 1;
            if own > OWN {
                break;
            }
        }
        found
    }
}

/// `on one connection, opened at 0 ms, closed by the client at 213 ms`.
pub(super) fn words(trace: &Trace, connection: &Connection, end: Option<End>) -> String {
    let row = &connection.row;
    let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
    let opened_ns = trace.time_ns(row.first_packet).saturating_sub(origin);
    let opened = match row.start_seen {
        true if opened_ns == 0 => "opened at 0 ms".to_owned(),
        true => format!("opened at {}", format::duration_ns(opened_ns)),
        false => "opened before the capture".to_owned(),
    };
    let ended = match end {
        Some(end) => {
            let how = if end.reset { "reset" } else { "closed" };
            let (by, at) = (end.by.name(), format::duration_ns(end.at_ns));
            format!("{how} by the {by} at {at}")
        }
        None if row.end_seen => "closed".to_owned(),
        None => "still open at the end of the capture".to_owned(),
    };
    format!("on one connection, {opened}, {ended}")
}
