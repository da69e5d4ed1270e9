//! Exchanges of HTTP/1.1, counted: what was asked, how it was answered, and how connections were used again.

use crate::report::connections::PerDirection;
use crate::report::text;
use crate::trace::{Connection, Http1, MessageEnd, MessageKind, MessageRow};
use crate::wire::counted::counted;
use serde::Serialize;
use std::collections::BTreeMap;

/// Exchanges of HTTP/1.1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exchanges {
    /// All of them.
    pub total: usize,
    /// Requests by method.
    pub by_method: BTreeMap<String, usize>,
    /// Responses, interim ones too, by the class of their status: `2xx`.
    pub by_status: BTreeMap<String, usize>,
    /// Responses before the final one.
    pub interim: usize,
    /// Bytes of heads, with their empty lines.
    pub head_bytes: PerDirection<u64>,
    /// Bytes behind the heads: content, what frames chunks, and trailers.
    pub body_bytes: PerDirection<u64>,
    /// Bytes of content alone.
    pub content_bytes: PerDirection<u64>,
    /// Connections that carried any.
    pub connections: usize,
    /// Exchanges on a connection that had carried another one before.
    pub reused: usize,
    /// Requests that were sent before the response to the request before them had ended.
    pub pipelined: usize,
    /// Exchanges of which something is not in the capture, or never came.
    pub truncated: usize,
}

/// Methods that are told apart: those in use are a dozen, those made up may be millions.
const MAX_METHODS: usize = 100;

impl Exchanges {
    /// Counts those of a connection.
    pub(super) fn add(&mut self, connection: &Connection, http1: &Http1) {
        let exchanges = http1.exchanges();
        self.total += exchanges.len();
        self.connections += usize::from(!exchanges.is_empty());
        self.reused += exchanges.len().saturating_sub(1);
        let mut before = None;
        for exchange in exchanges {
            let row = |id: Option<_>| http1.message(id?);
            let (request, response) = (row(exchange.request), row(exchange.response));
            self.pipelined += usize::from(request.is_some_and(|row| did_not_wait(row, before)));
            let whole = |row: Option<&MessageRow>| row.is_some_and(MessageRow::is_whole);
            self.truncated += usize::from(!whole(request) || !whole(response));
            before = Some(response);
        }
        for row in http1.messages() {
            self.message(connection, row);
        }
    }

    fn message(&mut self, connection: &Connection, row: &MessageRow) {
        match row.kind {
            MessageKind::Request => {
                let method = row.method.map(|method| connection.text_lossy(method));
                let method = method.unwrap_or_default();
                let room = self.by_method.len() < MAX_METHODS;
                match self.by_method.get_mut(&*method) {
                    Some(count) => *count += 1,
                    None if room => {
                        self.by_method.insert(method.into_owned(), 1);
                    }
                    None => *self.by_method.entry("other".to_owned()).or_default() += 1,
                }
            }
            MessageKind::Interim | MessageKind::Response => {
                self.interim += usize::from(row.kind == MessageKind::Interim);
                let class = format!("{}xx", row.status / 100);
                *self.by_status.entry(class).or_default() += 1;
            }
        }
        let direction = connection.direction(row.side);
        *self.head_bytes.get_mut(direction) += u64::from(row.head_bytes);
        *self.body_bytes.get_mut(direction) += row.body_bytes;
        *self.content_bytes.get_mut(direction) += row.content_bytes;
    }
}

impl Exchanges {
    /// How many, of which kind, for a person.
    pub(super) fn words(&self) -> String {
        let list = |counts: &BTreeMap<String, usize>| {
            let mut counts: Vec<_> = counts.iter().collect();
            counts.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let words = counts
                .iter()
                .map(|(name, count)| format!("{} {count}", text::one_line(name, 20)));
            words.collect::<Vec<_>>().join(", ")
        };
        format!(
            "{} of HTTP/1.1 ({}; {}) on {}, {} of them on one used before{}",
            self.total,
            list(&self.by_method),
            list(&self.by_status),
            counted(self.connections, "connection"),
            self.reused,
            match self.pipelined {
                0 => String::new(),
                count => format!(", {count} without waiting"),
            }
        )
    }

    /// Their bytes, for a person.
    pub(super) fn bytes_words(&self) -> String {
        let sum = |bytes: PerDirection<u64>| text::size(bytes.client.saturating_add(bytes.server));
        format!(
            "heads {}, bodies {}, of which content {}",
            sum(self.head_bytes),
            sum(self.body_bytes),
            sum(self.content_bytes)
        )
    }
}

/// Whether a request was sent before the response to the one before it had ended.
fn did_not_wait(request: &MessageRow, before: Option<Option<&MessageRow>>) -> bool {
    match before {
        None => false,
        Some(Some(response)) if response.end == MessageEnd::Whole => {
            request.head_packet < response.last_packet
        }
        Some(_) => true,
    }
}
