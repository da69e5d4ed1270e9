//! Whether a row passes a filter.

mod rows;
mod values;
mod words;

use super::Filter;
use super::columns::{Cell, own_name};
use super::expression::{Expression, Value};
use super::field::Field;
use crate::trace::{
    Connection, ConnectionId, Direction, ExchangeId, FrameId, PacketId, Severity, Trace,
};
use crate::wire::http2::StreamId;
use rows::FindingsOf;
use std::cell::OnceCell;
use values::{message_value, number, stream_value};

/// What a row is about. Whatever is named narrows the question: a frame stands for itself, its stream, its packet and
/// its connection, a stream for its frames, a packet for the frames that have bytes in it.
#[derive(Clone, Debug, Default)]
pub struct Subject<'r> {
    /// The connection.
    pub connection: Option<ConnectionId>,
    /// The packet.
    pub packet: Option<PacketId>,
    /// The frame, on the connection.
    pub frame: Option<FrameId>,
    /// The streams, on the connection.
    pub streams: Vec<StreamId>,
    /// The exchange of HTTP/1.1, on the connection.
    pub exchange: Option<ExchangeId>,
    /// Who sent it.
    pub direction: Option<Direction>,
    /// A header field, when the row is one.
    pub header: Option<[Option<&'r str>; 2]>,
    /// A finding by its number, when the row is one.
    pub finding: Option<usize>,
    /// Whatever else a person reads in the row.
    pub words: Vec<&'r str>,
    /// What the row says in its columns, by the names that these have as fields.
    pub columns: Vec<(String, Cell)>,
    /// Which of these mean something else here than in the rest of the capture.
    pub own_columns: &'static [&'static str],
}

/// A trace being asked. It remembers what it had to look up, so ask one for all rows.
pub struct Evaluation<'t> {
    trace: &'t Trace,
    start_ns: i64,
    findings: OnceCell<FindingsOf>,
}

/// Looks at one value; true ends the search.
type Look<'l> = &'l mut dyn FnMut(Value<'_>) -> bool;

impl<'t> Evaluation<'t> {
    /// Asks this trace.
    pub fn new(trace: &'t Trace) -> Self {
        Self {
            trace,
            start_ns: trace.start_ns(),
            findings: OnceCell::new(),
        }
    }

    /// Whether what a row is about passes.
    pub fn passes(&self, filter: &Filter, subject: &Subject<'_>) -> bool {
        self.holds(&filter.expression, subject)
    }

    fn holds(&self, expression: &Expression, subject: &Subject<'_>) -> bool {
        match expression {
            Expression::All(parts) => parts.iter().all(|part| self.holds(part, subject)),
            Expression::Any(parts) => parts.iter().any(|part| self.holds(part, subject)),
            Expression::Not(part) => !self.holds(part, subject),
            Expression::Exists(field) => self.any(*field, subject, &mut |value| {
                !matches!(value, Value::Number(number) if number == 0.0) || !is_flag(*field)
            }),
            Expression::Field(field, tests) => self.any(*field, subject, &mut |value| {
                tests.iter().any(|test| test.holds(value))
            }),
            Expression::Word(word) => self.has_word(word, subject),
        }
    }

    /// Whether one of a field's values is what `look` wants.
    fn any(&self, field: Field, subject: &Subject<'_>, look: Look<'_>) -> bool {
        if let Some(name) = own_name(field)
            && (matches!(field, Field::Column(_)) || subject.own_columns.contains(&name))
        {
            let mut cells = subject.columns.iter().filter(|(own, _)| own == name);
            return cells.any(|(_, cell)| look(cell.value()));
        }
        match field {
            Field::Column(_) => false,
            Field::Connection
            | Field::Protocol
            | Field::Port
            | Field::SourcePort
            | Field::DestinationPort
            | Field::Address
            | Field::SourceAddress
            | Field::DestinationAddress => self.connection_value(field, subject, look),
            Field::Packet
            | Field::PacketLength
            | Field::Time
            | Field::RelativeSeconds
            | Field::Mark
            | Field::Retransmission
            | Field::FastRetransmission
            | Field::SpuriousRetransmission
            | Field::OutOfOrder
            | Field::DuplicateAck
            | Field::ZeroWindow
            | Field::KeepAlive
            | Field::TcpLength
            | Field::TcpFlag
            | Field::Syn
            | Field::Fin
            | Field::Reset
            | Field::Comment => self.any_packet(subject, &mut |packet| {
                self.packet_value(field, packet, look)
            }),
            Field::Direction => match self.direction(subject) {
                Some(direction) => look(Value::Text(direction.name())),
                None => self.any_frame(subject, &mut |connection, _, row| {
                    look(Value::Text(connection.direction(row.side).name()))
                }),
            },
            Field::Stream => {
                self.any_stream_id(subject, &mut |id| look(Value::Number(id.0.into())))
            }
            Field::Method
            | Field::Scheme
            | Field::Authority
            | Field::Path
            | Field::Status
            | Field::ContentType
            | Field::State
            | Field::ClosedBy
            | Field::GrpcStatus
            | Field::Pushed => {
                self.any_stream(subject, &mut |connection, row| {
                    stream_value(field, connection, row, look)
                }) || self.any_message(subject, &mut |connection, row| {
                    message_value(field, connection, row, look)
                })
            }
            Field::Frame
            | Field::Type
            | Field::Flag
            | Field::EndStreamFlag
            | Field::EndHeadersFlag
            | Field::AckFlag
            | Field::Length
            | Field::Error
            | Field::Increment
            | Field::Promised => self.any_frame(subject, &mut |connection, id, row| {
                self.frame_value(field, connection, id, row, look)
            }),
            Field::Header | Field::HeaderName | Field::HeaderValue => {
                self.any_header(subject, &mut |name, value| match field {
                    Field::HeaderName => name.is_some_and(|name| look(Value::Text(name))),
                    Field::HeaderValue => value.is_some_and(|value| look(Value::Text(value))),
                    _ => look(Value::Text(&format!(
                        "{}: {}",
                        name.unwrap_or_default(),
                        value.unwrap_or_default()
                    ))),
                })
            }
            Field::Finding | Field::Severity | Field::Rule => {
                self.any_finding(subject, &mut |finding| {
                    look(Value::Text(match field {
                        Field::Severity => match finding.severity {
                            Severity::Error => "error",
                            Severity::Warning => "warning",
                            Severity::Note => "note",
                        },
                        Field::Rule => finding.rule,
                        _ => &finding.text,
                    }))
                })
            }
        }
    }

    fn connection_of(&self, subject: &Subject<'_>) -> Option<&'t Connection> {
        let id = match (subject.connection, subject.packet) {
            (Some(id), _) => id,
            (None, Some(packet)) => self.trace.packets.get(packet.index())?.owner?.connection,
            (None, None) => return None,
        };
        self.trace.connection(id)
    }

    fn direction(&self, subject: &Subject<'_>) -> Option<Direction> {
        if subject.direction.is_some() {
            return subject.direction;
        }
        let connection = self.connection_of(subject)?;
        let side = if let Some(frame) = subject.frame {
            connection.http2()?.frames.get(frame.index())?.side
        } else {
            self.trace.packets.get(subject.packet?.index())?.owner?.side
        };
        Some(connection.direction(side))
    }

    fn connection_value(&self, field: Field, subject: &Subject<'_>, look: Look<'_>) -> bool {
        let Some(connection) = self.connection_of(subject) else {
            return false;
        };
        // Sender first. A row without a sender stands for both directions.
        let sender = self.direction(subject);
        let from = match sender {
            Some(direction) => vec![direction],
            None => Direction::BOTH.to_vec(),
        };
        let ends = |pick: &dyn Fn(Direction) -> Direction| -> Vec<_> {
            from.iter()
                .map(|direction| connection.end(pick(*direction)))
                .collect()
        };
        let ends = match field {
            Field::Connection => return look(Value::Number(number(connection.id.index()))),
            Field::Protocol => return look(Value::Text(connection.row.protocol.name())),
            Field::Port | Field::Address => connection.row.ends.to_vec(),
            Field::SourcePort | Field::SourceAddress => ends(&|direction| direction),
            _ => ends(&Direction::other),
        };
        ends.into_iter().any(|end| match field {
            Field::Port | Field::SourcePort | Field::DestinationPort => {
                look(Value::Number(end.port().into()))
            }
            _ => look(Value::Address(end.ip())),
        })
    }
}

/// Fields whose value 0 means that it is not so.
fn is_flag(field: Field) -> bool {
    super::FIELDS
        .iter()
        .any(|info| info.field == field && info.kind == super::Kind::Flag)
}
