//! What a note is about, written so that it is found again when the capture is read with other options.
//!
//! A frame's running number depends on what was recognised before it. What does not: the packet that brought its first
//! byte, when that was captured, and where the frame starts in its sender's stream of bytes. The running numbers are
//! written as well, for the people who read the file.

use crate::trace::{
    Connection, ConnectionId, Cursor, Direction, ExchangeId, FrameId, Http1, Http2, MessageRow,
    PacketId, Side, Trace,
};
use crate::wire::http2::StreamId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a note is about, as its file says it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Place {
    /// A kind of place that we know.
    Known(Known),
    /// What only a newer program understands, as it stood there.
    Other(Value),
}

/// A place that we understand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Known {
    /// A frame.
    Frame(FramePlace),
    /// A stream, by its first frame.
    Stream(StreamPlace),
    /// An exchange of HTTP/1.1, by its first message.
    Exchange(ExchangePlace),
    /// A connection.
    Connection(ConnectionPlace),
    /// An instant of the capture.
    Instant(InstantPlace),
}

/// A packet as a place: its number alone would not tell that another capture lies there now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacketPlace {
    /// Its number, from 1.
    pub packet: u64,
    /// When it was captured, in nanoseconds since the Unix epoch.
    pub time_ns: i64,
}

/// A frame as a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FramePlace {
    /// The packet that brought its first byte.
    #[serde(flatten)]
    pub packet: PacketPlace,
    /// Where its header starts in the sender's stream of bytes.
    pub offset: u64,
    /// The sender.
    pub direction: Direction,
    /// The stream it names.
    pub stream: u32,
    /// Its connection when the note was written, for people.
    pub connection: usize,
    /// Its number when the note was written, for people.
    pub frame: usize,
    /// Its type, for people.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// What a newer program has added.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A stream as a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StreamPlace {
    /// The packet that brought the first byte of its first frame.
    #[serde(flatten)]
    pub packet: PacketPlace,
    /// The stream.
    pub stream: u32,
    /// Its connection when the note was written, for people.
    pub connection: usize,
    /// What a newer program has added.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// An exchange of HTTP/1.1 as a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExchangePlace {
    /// The packet that brought the first byte of its first message.
    #[serde(flatten)]
    pub packet: PacketPlace,
    /// Where that message starts in its sender's stream of bytes.
    pub offset: u64,
    /// The sender of that message.
    pub direction: Direction,
    /// Its connection when the note was written, for people.
    pub connection: usize,
    /// Its number when the note was written, for people.
    pub exchange: usize,
    /// What a newer program has added.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A connection as a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectionPlace {
    /// Its first packet.
    #[serde(flatten)]
    pub packet: PacketPlace,
    /// Its number when the note was written, for people.
    pub connection: usize,
    /// What a newer program has added.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// An instant as a place: right after a packet, or after some of its frames.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstantPlace {
    /// The packet.
    #[serde(flatten)]
    pub packet: PacketPlace,
    /// How many of the frames that became readable with it; left out for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frames: Option<u32>,
    /// What a newer program has added.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Whether a connection has frames of a stream; those of stream 0 are the connection's own.
fn has_stream(http2: &Http2, stream: StreamId) -> bool {
    stream.is_connection() || http2.stream(stream).is_some()
}

/// The first message of an exchange: its request, where the capture has it.
fn first_message(http1: &Http1, exchange: ExchangeId) -> Option<&MessageRow> {
    http1.messages_of(exchange).last().map(|(_, row)| row)
}

/// What a note is about, in the trace at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A frame.
    Frame(ConnectionId, FrameId),
    /// A stream.
    Stream(ConnectionId, StreamId),
    /// An exchange of HTTP/1.1.
    Exchange(ConnectionId, ExchangeId),
    /// A connection.
    Connection(ConnectionId),
    /// An instant.
    Instant(Cursor),
}

impl PacketPlace {
    fn of(trace: &Trace, packet: PacketId) -> Self {
        Self {
            packet: packet.number(),
            time_ns: trace.time_ns(packet),
        }
    }

    /// The packet, when the capture still has it there.
    fn find(self, trace: &Trace) -> Option<PacketId> {
        let index = usize::try_from(self.packet.checked_sub(1)?).ok()?;
        let row = trace.packets.get(index)?;
        (row.time_ns == self.time_ns).then(|| PacketId::from_index(index))
    }

    fn find_connection(self, trace: &Trace) -> Option<(&Connection, Side)> {
        let packet = self.find(trace)?;
        let owner = trace.packets.get(packet.index())?.owner?;
        Some((trace.connection(owner.connection)?, owner.side))
    }
}

impl Place {
    /// How to find something again; `None` when the trace does not have it.
    pub fn of(trace: &Trace, target: Target) -> Option<Self> {
        Some(Self::Known(match target {
            Target::Frame(connection, frame) => {
                let connection = trace.connection(connection)?;
                let row = connection.http2()?.frames.get(frame.index())?;
                Known::Frame(FramePlace {
                    packet: PacketPlace::of(trace, trace.first_packet(connection, row)),
                    offset: row.offset,
                    direction: connection.direction(row.side),
                    stream: row.stream.0,
                    connection: connection.id.index(),
                    frame: frame.index(),
                    kind: row.kind.name().to_owned(),
                    rest: Map::new(),
                })
            }
            Target::Stream(connection, stream) => {
                let connection = trace.connection(connection)?;
                let http2 = connection.http2()?;
                has_stream(http2, stream).then_some(())?;
                let first = http2.frames_of(stream).get(0)?;
                let row = http2.frames.get(first.index())?;
                Known::Stream(StreamPlace {
                    packet: PacketPlace::of(trace, trace.first_packet(connection, row)),
                    stream: stream.0,
                    connection: connection.id.index(),
                    rest: Map::new(),
                })
            }
            Target::Exchange(connection, exchange) => {
                let connection = trace.connection(connection)?;
                let row = first_message(connection.http1()?, exchange)?;
                let first_byte = row.offset..row.offset.saturating_add(1);
                let mut slices = connection.stream(row.side).slices(first_byte);
                let first = slices.next().and_then(|slice| slice.packet);
                Known::Exchange(ExchangePlace {
                    packet: PacketPlace::of(trace, first.unwrap_or(row.head_packet)),
                    offset: row.offset,
                    direction: connection.direction(row.side),
                    connection: connection.id.index(),
                    exchange: exchange.index(),
                    rest: Map::new(),
                })
            }
            Target::Connection(connection) => {
                let connection = trace.connection(connection)?;
                Known::Connection(ConnectionPlace {
                    packet: PacketPlace::of(trace, connection.row.first_packet),
                    connection: connection.id.index(),
                    rest: Map::new(),
                })
            }
            Target::Instant(cursor) => {
                trace.packets.get(cursor.packet.index())?;
                let all = cursor.frames_in_packet == u32::MAX;
                Known::Instant(InstantPlace {
                    packet: PacketPlace::of(trace, cursor.packet),
                    frames: (!all).then_some(cursor.frames_in_packet),
                    rest: Map::new(),
                })
            }
        }))
    }

    /// Where it is in this trace; `None` when that has not been read yet, or lies in another capture.
    pub fn find(&self, trace: &Trace) -> Option<Target> {
        match self {
            Self::Other(_) => None,
            Self::Known(Known::Frame(place)) => {
                let (connection, side) = place.packet.find_connection(trace)?;
                // A frame whose first byte is missing is placed by the packet that filled the hole, which may
                // be the other side's.
                let sides = [side, side.other()];
                let found = sides.into_iter().find_map(|side| {
                    let first_byte = place.offset..place.offset.saturating_add(1);
                    let mut frames = connection.frames_in(side, first_byte);
                    let frame = frames.next().filter(|(_, row)| {
                        row.offset == place.offset && row.stream.0 == place.stream
                    });
                    frame.map(|(id, _)| id)
                })?;
                Some(Target::Frame(connection.id, found))
            }
            Self::Known(Known::Stream(place)) => {
                let (connection, _) = place.packet.find_connection(trace)?;
                let stream = StreamId(place.stream);
                has_stream(connection.http2()?, stream).then_some(())?;
                Some(Target::Stream(connection.id, stream))
            }
            Self::Known(Known::Exchange(place)) => {
                let (connection, _) = place.packet.find_connection(trace)?;
                let side = connection.side(place.direction);
                let packet = place.packet.find(trace)?;
                let messages = connection.http1()?.messages();
                // No head was readable before its first byte.
                let first = messages.partition_point(|row| row.head_packet < packet);
                let mut after = messages.get(first..)?.iter();
                let found = after.find(|row| row.side == side && row.offset >= place.offset)?;
                (found.offset == place.offset)
                    .then_some(Target::Exchange(connection.id, found.exchange))
            }
            Self::Known(Known::Connection(place)) => {
                let (connection, _) = place.packet.find_connection(trace)?;
                Some(Target::Connection(connection.id))
            }
            Self::Known(Known::Instant(place)) => Some(Target::Instant(Cursor {
                packet: place.packet.find(trace)?,
                frames_in_packet: place.frames.unwrap_or(u32::MAX),
            })),
        }
    }

    /// Its packet, as the note says it; `None` for a place that we do not understand.
    pub fn packet(&self) -> Option<PacketPlace> {
        match self {
            Self::Known(Known::Frame(place)) => Some(place.packet),
            Self::Known(Known::Stream(place)) => Some(place.packet),
            Self::Known(Known::Exchange(place)) => Some(place.packet),
            Self::Known(Known::Connection(place)) => Some(place.packet),
            Self::Known(Known::Instant(place)) => Some(place.packet),
            Self::Other(_) => None,
        }
    }

    /// `frame`, `stream`, `exchange`, `connection`, `instant`; `unknown` for what only a newer program understands.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Known(Known::Frame(_)) => "frame",
            Self::Known(Known::Stream(_)) => "stream",
            Self::Known(Known::Exchange(_)) => "exchange",
            Self::Known(Known::Connection(_)) => "connection",
            Self::Known(Known::Instant(_)) => "instant",
            Self::Other(_) => "unknown",
        }
    }

    /// What it was called when the note was written: `frame 12, HEADERS on stream 5`.
    pub fn words(&self) -> String {
        match self {
            Self::Known(Known::Frame(place)) => {
                let (frame, stream) = (place.frame, place.stream);
                match place.kind.as_str() {
                    "" => format!("frame {frame} on stream {stream}"),
                    kind => format!("frame {frame}, {kind} on stream {stream}"),
                }
            }
            Self::Known(Known::Stream(place)) => format!("stream {}", place.stream),
            Self::Known(Known::Exchange(place)) => format!("exchange {}", place.exchange),
            Self::Known(Known::Connection(place)) => format!("connection {}", place.connection),
            Self::Known(Known::Instant(place)) => {
                format!("the instant after packet {}", place.packet.packet)
            }
            Self::Other(_) => "a place of a newer version".to_owned(),
        }
    }

    /// Places in the order of the capture; unknown ones last. At one packet, the larger thing first.
    pub(super) fn order(&self) -> (u64, u8, u64) {
        match self {
            Self::Known(Known::Connection(place)) => (place.packet.packet, 0, 0),
            Self::Known(Known::Stream(place)) => (place.packet.packet, 1, u64::from(place.stream)),
            Self::Known(Known::Exchange(place)) => (place.packet.packet, 1, place.offset),
            Self::Known(Known::Frame(place)) => (place.packet.packet, 2, place.offset),
            Self::Known(Known::Instant(place)) => {
                let frames = place.frames.unwrap_or(u32::MAX);
                (place.packet.packet, 3, u64::from(frames))
            }
            Self::Other(_) => (u64::MAX, 0, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Capture;
    use std::path::Path;

    fn capture(name: &str) -> Trace {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("captures")
            .join(name);
        crate::dissect::read_all(Capture::open(&path).unwrap())
    }

    #[test]
    fn every_frame_stream_and_connection_is_found_again() {
        for name in ["downloads.pcapng", "lossy.pcapng", "mid-connection.pcapng"] {
            let trace = capture(name);
            for connection in &trace.connections {
                let http2 = connection.http2().unwrap();
                let frames = (0..http2.frames.len()).map(FrameId::from_index);
                let frames = frames.map(|frame| Target::Frame(connection.id, frame));
                let streams = http2.streams().iter();
                let streams = streams.map(|row| Target::Stream(connection.id, row.id));
                let all = frames.chain(streams);
                for target in all.chain([Target::Connection(connection.id)]) {
                    let place = Place::of(&trace, target).unwrap();
                    assert_eq!(place.find(&trace), Some(target), "{name}: {place:?}");
                }
            }
        }
    }

    #[test]
    fn every_exchange_is_found_again() {
        for name in [
            "http1-programs.pcapng",
            "http1-and-h2c.pcapng",
            "grpc-web.pcapng",
        ] {
            let trace = capture(name);
            let mut count = 0;
            for connection in &trace.connections {
                let Some(http1) = connection.http1() else {
                    continue;
                };
                for exchange in (0..http1.exchanges().len()).map(ExchangeId::from_index) {
                    let target = Target::Exchange(connection.id, exchange);
                    let place = Place::of(&trace, target).unwrap();
                    assert_eq!(place.find(&trace), Some(target), "{name}: {place:?}");
                    let written = serde_json::to_string(&place).unwrap();
                    let again: Place = serde_json::from_str(&written).unwrap();
                    assert_eq!(again, place);
                    let Place::Known(Known::Exchange(mut lies)) = place else {
                        panic!("an exchange");
                    };
                    lies.offset += 1;
                    assert_eq!(Place::Known(Known::Exchange(lies)).find(&trace), None);
                    count += 1;
                }
            }
            assert!(count > 0, "{name}");
        }
    }

    #[test]
    fn an_instant_is_found_again() {
        let trace = capture("downloads.pcapng");
        for frames_in_packet in [0, 1, u32::MAX] {
            let target = Target::Instant(Cursor {
                packet: PacketId::from_index(20),
                frames_in_packet,
            });
            let place = Place::of(&trace, target).unwrap();
            assert_eq!(place.find(&trace), Some(target));
        }
        let no_stream = Target::Stream(ConnectionId::FIRST, StreamId(9999));
        assert_eq!(Place::of(&trace, no_stream), None);
        let beyond = Target::Instant(Cursor::after_packet(PacketId::from_index(1 << 20)));
        assert_eq!(Place::of(&trace, beyond), None);
    }

    #[test]
    fn nothing_is_found_in_another_capture() {
        let (one, other) = (capture("downloads.pcapng"), capture("push.pcap"));
        let connection = one.main_connection().unwrap();
        let frames = connection.http2().unwrap().frames.len();
        for frame in 0..frames {
            let target = Target::Frame(connection.id, FrameId::from_index(frame));
            assert_eq!(Place::of(&one, target).unwrap().find(&other), None);
        }
    }

    #[test]
    fn a_place_that_lies_is_not_found() {
        let trace = capture("downloads.pcapng");
        let target = Target::Frame(ConnectionId::FIRST, FrameId::from_index(30));
        let Place::Known(Known::Frame(honest)) = Place::of(&trace, target).unwrap() else {
            panic!("a frame");
        };
        let lies: [fn(&mut FramePlace); 5] = [
            |place| place.offset += 1,
            |place| place.offset = u64::MAX,
            |place| place.packet.packet = 0,
            |place| place.packet.time_ns = i64::MIN,
            |place| place.stream = u32::MAX,
        ];
        for lie in lies {
            let mut place = honest.clone();
            lie(&mut place);
            assert_eq!(Place::Known(Known::Frame(place)).find(&trace), None);
        }
    }

    #[test]
    fn a_place_of_a_newer_version_stays_as_it_is() {
        let text = r#"{"kind":"area","from":3,"lanes":[1,3]}"#;
        let place: Place = serde_json::from_str(text).unwrap();
        assert_eq!(place.kind(), "unknown");
        let again: Value = serde_json::to_value(&place).unwrap();
        assert_eq!(again, serde_json::from_str::<Value>(text).unwrap());
        let text = r#"{"kind":"connection","packet":1,"time_ns":5,"connection":0,"colour":"red"}"#;
        let place: Place = serde_json::from_str(text).unwrap();
        assert_eq!(place.kind(), "connection");
        let again: Value = serde_json::to_value(&place).unwrap();
        assert_eq!(again, serde_json::from_str::<Value>(text).unwrap());
    }
}
