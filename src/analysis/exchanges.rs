//! Exchanges of HTTP/1.1: a request, the interim responses and the final one, and how long each part took.
//!
//! Which response answers which request was found while reading, by their order. Times are those at which heads and last
//! bytes became readable at the place of the capture.

use super::requests::Timing;
use crate::trace::{
    Connection, ExchangeId, MessageEnd, MessageKind, MessageRow, PacketId, Side, Trace,
};
use crate::wire::http1::Framing;

/// A request and its responses. Messages that were not captured, or have not come, are `None`.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Its number on the connection.
    pub id: ExchangeId,
    /// Who sends the request.
    pub requester: Side,
    /// The request.
    pub request: Option<MessageRow>,
    /// Interim responses, in order.
    pub interim: Vec<MessageRow>,
    /// The final response.
    pub response: Option<MessageRow>,
}

/// Interim responses that are kept of one exchange: a server sends one or two, one made to annoy millions.
const MAX_INTERIM: usize = 1000;

impl Exchange {
    /// When its parts were there.
    pub fn timing(&self, trace: &Trace) -> Timing {
        let time_ns = |packet: PacketId| trace.time_ns(packet);
        let end = |row: Option<&MessageRow>| {
            let ended = row.filter(|row| row.end == MessageEnd::Whole)?;
            Some(time_ns(ended.last_packet))
        };
        let (request, response) = (self.request.as_ref(), self.response.as_ref());
        let (request_end_ns, last_byte_ns) = (end(request), end(response));
        let both = request_end_ns.zip(last_byte_ns);
        Timing {
            sent_ns: request.map(|row| time_ns(row.head_packet)),
            request_end_ns,
            first_byte_ns: response.map(|row| time_ns(row.head_packet)),
            last_byte_ns,
            ended_ns: both.map(|(request, response)| request.max(response)),
        }
    }

    /// Whether its response opened a tunnel or switched to another protocol.
    pub fn is_tunnel(&self) -> bool {
        let response = self.response.as_ref();
        response.is_some_and(|row| row.framing == Framing::Tunnel)
    }

    /// Its messages in the order in which they are sent: the request, interim responses, the final one.
    pub fn messages(&self) -> impl Iterator<Item = &MessageRow> {
        let responses = self.interim.iter().chain(&self.response);
        self.request.iter().chain(responses)
    }
}

/// All exchanges of a connection, in the order in which they were first seen.
pub fn exchanges(connection: &Connection) -> impl Iterator<Item = Exchange> + '_ {
    let count = connection
        .http1()
        .map_or(0, |http1| http1.exchanges().len());
    let ids = (0..count).map(ExchangeId::from_index);
    ids.filter_map(|id| exchange(connection, id))
}

/// One exchange; `None` when the connection has no such one.
pub fn exchange(connection: &Connection, id: ExchangeId) -> Option<Exchange> {
    let http1 = connection.http1()?;
    http1.exchange(id)?;
    let mut exchange = Exchange {
        id,
        requester: connection.row.client,
        request: None,
        interim: Vec::new(),
        response: None,
    };
    for (_, row) in http1.messages_of(id) {
        match row.kind {
            MessageKind::Request => {
                exchange.requester = row.side;
                exchange.request = Some(*row);
            }
            MessageKind::Response => exchange.response = Some(*row),
            MessageKind::Interim if exchange.interim.len() < MAX_INTERIM => {
                exchange.interim.push(*row);
            }
            MessageKind::Interim => {}
        }
    }
    exchange.interim.reverse();
    Some(exchange)
}

#[cfg(test)]
#[path = "exchanges/tests.rs"]
mod tests;
