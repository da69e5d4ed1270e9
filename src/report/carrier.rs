//! The keys that say what carries a call or a message: a stream of HTTP/2, or an exchange of HTTP/1.1.

use crate::filter::Subject;
use crate::trace::{Carrier, ExchangeId};
use crate::wire::http2::StreamId;
use serde::Serialize;

/// Either of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct CarrierReport {
    /// The stream of HTTP/2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<u32>,
    /// The number of the exchange on a connection of HTTP/1.1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<usize>,
}

impl From<Carrier> for CarrierReport {
    fn from(carrier: Carrier) -> Self {
        Self {
            stream: carrier.stream().map(|stream| stream.0),
            exchange: carrier.exchange().map(ExchangeId::index),
        }
    }
}

impl CarrierReport {
    /// What it stands for.
    pub fn carrier(&self) -> Option<Carrier> {
        let stream = self.stream.map(|stream| StreamId(stream).into());
        stream.or_else(|| Some(ExchangeId::from_index(self.exchange?).into()))
    }

    /// The cells of two columns: `stream` and `exchange`.
    pub fn cells(&self) -> [String; 2] {
        [
            self.stream
                .map_or_else(String::new, |stream| stream.to_string()),
            self.exchange
                .map_or_else(String::new, |exchange| exchange.to_string()),
        ]
    }

    /// What a row is about, for filters: all of the stream or exchange.
    pub fn subject(&self) -> Subject<'static> {
        Subject {
            streams: self.stream.map(StreamId).into_iter().collect(),
            exchange: self.exchange.map(ExchangeId::from_index),
            ..Subject::default()
        }
    }
}
