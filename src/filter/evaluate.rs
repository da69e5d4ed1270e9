//! Whether a row passes a filter.

use super::Filter;
use super::columns::{Cell, own_name};
use super::expression::{Expression, Value, has_ignoring_case};
use super::field::Field;
use crate::trace::{
    Carrier, Connection, ConnectionId, Direction, ExchangeId, Finding, FrameId, FrameRow, Marks,
    MessageRow, PacketId, Severity, Side, StreamRow, Symbol, Trace,
};
use crate::wire::http2::{Flags, FrameHeader, FrameKind, Payload, StreamId};
use bytes::Bytes;
use std::cell::OnceCell;
use std::collections::HashMap;

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

/// The numbers of the findings about a thing.
#[derive(Debug, Default)]
struct FindingsOf {
    frames: HashMap<(ConnectionId, FrameId), Vec<usize>>,
    carriers: HashMap<(ConnectionId, Carrier), Vec<usize>>,
    packets: HashMap<PacketId, Vec<usize>>,
    connections: HashMap<ConnectionId, Vec<usize>>,
}

/// Looks at one value; true ends the search.
type Look<'l> = &'l mut dyn FnMut(Value<'_>) -> bool;

impl<'t> Evaluation<'t> {
    /// Asks this trace.
    pub fn new(trace: &'t Trace) -> Self {
        Self {
            trace,
            start_ns: trace.packets.get(0).map_or(0, |packet| packet.time_ns),
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

    fn any_packet(&self, subject: &Subject<'_>, look: &mut dyn FnMut(PacketId) -> bool) -> bool {
        if let Some(packet) = subject.packet {
            return look(packet);
        }
        if subject.frame.is_some() || !subject.streams.is_empty() {
            return self.any_frame(subject, &mut |connection, _, row| {
                look(row.packet)
                    || connection
                        .stream(row.side)
                        .slices(row.range())
                        .filter_map(|slice| slice.packet)
                        .any(&mut *look)
            });
        }
        let Some(connection) = self.connection_of(subject) else {
            return false;
        };
        if subject.exchange.is_some() {
            return self.any_message(subject, &mut |connection, row| {
                let slices = connection.stream(row.side).slices(row.range());
                slices.filter_map(|slice| slice.packet).any(&mut *look)
            });
        }
        let packets = connection.row.first_packet.index()..=connection.row.last_packet.index();
        packets.map(PacketId::from_index).any(|packet| {
            let owner = self
                .trace
                .packets
                .get(packet.index())
                .and_then(|row| row.owner);
            owner.is_some_and(|owner| owner.connection == connection.id) && look(packet)
        })
    }

    fn packet_value(&self, field: Field, packet: PacketId, look: Look<'_>) -> bool {
        let Some(row) = self.trace.packets.get(packet.index()) else {
            return false;
        };
        let since_ns = row.time_ns.saturating_sub(self.start_ns);
        #[expect(
            clippy::cast_precision_loss,
            reason = "exact for a hundred days, and times are compared, not shown"
        )]
        let since_ns = since_ns as f64;
        let marked = |mark: Marks| Value::Number(f64::from(u8::from(row.marks.contains(mark))));
        let segment = |read: &mut dyn FnMut(&crate::wire::link::Segment<'_>) -> bool| {
            self.trace
                .with_segment(packet, |_, segment| read(segment))
                .unwrap_or(false)
        };
        match field {
            #[expect(clippy::cast_precision_loss, reason = "packet numbers have 32 bits")]
            Field::Packet => look(Value::Number(packet.number() as f64)),
            Field::PacketLength => look(Value::Number(row.original_len.into())),
            Field::Time => look(Value::Number(since_ns / 1e6)),
            Field::RelativeSeconds => look(Value::Number(since_ns / 1e9)),
            Field::Mark => row.marks.names().any(|name| look(Value::Text(name))),
            Field::Retransmission => look(marked(Marks::RETRANSMISSION)),
            Field::FastRetransmission => look(marked(Marks::FAST_RETRANSMISSION)),
            Field::SpuriousRetransmission => look(marked(Marks::SPURIOUS_RETRANSMISSION)),
            Field::OutOfOrder => look(marked(Marks::OUT_OF_ORDER)),
            Field::DuplicateAck => look(marked(Marks::DUPLICATE_ACK)),
            Field::ZeroWindow => look(marked(Marks::ZERO_WINDOW)),
            Field::KeepAlive => look(marked(Marks::KEEP_ALIVE)),
            Field::TcpLength => {
                segment(&mut |segment| look(Value::Number(number(segment.payload_len))))
            }
            Field::TcpFlag => segment(&mut |segment| {
                segment
                    .tcp
                    .flags
                    .names()
                    .any(|name| look(Value::Text(name)))
            }),
            Field::Syn => segment(&mut |segment| look(flag_value(segment.tcp.flags.syn()))),
            Field::Fin => segment(&mut |segment| look(flag_value(segment.tcp.flags.fin()))),
            Field::Reset => segment(&mut |segment| look(flag_value(segment.tcp.flags.rst()))),
            _ => self
                .trace
                .comment(packet)
                .is_some_and(|comment| look(Value::Text(comment))),
        }
    }

    fn any_frame(
        &self,
        subject: &Subject<'_>,
        look: &mut dyn FnMut(&Connection, FrameId, &FrameRow) -> bool,
    ) -> bool {
        let Some(connection) = self.connection_of(subject) else {
            return false;
        };
        let Some(http2) = connection.http2() else {
            return false;
        };
        let mut look_at = |id: FrameId| {
            http2
                .frames
                .get(id.index())
                .is_some_and(|row| look(connection, id, row))
        };
        if let Some(frame) = subject.frame {
            return look_at(frame);
        }
        if !subject.streams.is_empty() {
            return subject
                .streams
                .iter()
                .any(|stream| http2.frames_of(*stream).iter().copied().any(&mut look_at));
        }
        if let Some(packet) = subject.packet {
            let Some(owner) = self
                .trace
                .packets
                .get(packet.index())
                .and_then(|row| row.owner)
            else {
                return false;
            };
            return self.trace.stream_slices(packet).into_iter().any(|slice| {
                let range = slice.offset..slice.offset + u64::from(slice.len);
                connection
                    .frames_in(owner.side, range)
                    .any(|(frame, _)| look_at(frame))
            });
        }
        (0..http2.frames.len())
            .map(FrameId::from_index)
            .any(look_at)
    }

    fn frame_value(
        &self,
        field: Field,
        connection: &Connection,
        id: FrameId,
        row: &FrameRow,
        look: Look<'_>,
    ) -> bool {
        let has = |flag: Flags| row.flags.contains(flag);
        match field {
            Field::Frame => look(Value::Number(number(id.index()))),
            Field::Type => look(Value::Named(row.kind.0.into(), row.kind.name())),
            Field::Flag => row
                .flags
                .names(row.kind)
                .any(|name| look(Value::Text(name))),
            Field::EndStreamFlag => look(flag_value(row.ends_stream())),
            Field::EndHeadersFlag => {
                let can = row.starts_block() || row.kind == FrameKind::CONTINUATION;
                look(flag_value(can && has(Flags::END_HEADERS)))
            }
            Field::AckFlag => {
                let can = row.kind == FrameKind::SETTINGS || row.kind == FrameKind::PING;
                look(flag_value(can && has(Flags::ACK)))
            }
            Field::Length => look(Value::Number(row.length.into())),
            _ => self.payload_value(field, connection, row, look),
        }
    }

    fn payload_value(
        &self,
        field: Field,
        connection: &Connection,
        row: &FrameRow,
        look: Look<'_>,
    ) -> bool {
        let can = match field {
            Field::Error => row.kind == FrameKind::RST_STREAM || row.kind == FrameKind::GOAWAY,
            Field::Increment => row.kind == FrameKind::WINDOW_UPDATE,
            _ => row.kind == FrameKind::PUSH_PROMISE,
        };
        if !can || !row.whole {
            return false;
        }
        let Some(bytes) = self.trace.frame_bytes(connection, row) else {
            return false;
        };
        let Some((header, payload)) = bytes.split_first_chunk::<{ FrameHeader::LEN }>() else {
            return false;
        };
        match Payload::decode(&FrameHeader::decode(header), payload) {
            Ok(Payload::RstStream(reset)) => look(error_value(reset.error)),
            Ok(Payload::Goaway(goaway)) => look(error_value(goaway.error)),
            Ok(Payload::WindowUpdate(update)) => look(Value::Number(update.increment_bytes.into())),
            Ok(Payload::PushPromise(promise)) => {
                look(Value::Number(promise.promised_stream.0.into()))
            }
            _ => false,
        }
    }

    fn any_stream_id(&self, subject: &Subject<'_>, look: &mut dyn FnMut(StreamId) -> bool) -> bool {
        if !subject.streams.is_empty() {
            return subject.streams.iter().copied().any(look);
        }
        if subject.frame.is_some() || subject.packet.is_some() {
            return self.any_frame(subject, &mut |_, _, row| look(row.stream));
        }
        let streams = self.connection_of(subject).and_then(Connection::http2);
        streams.is_some_and(|http2| http2.streams().iter().any(|row| look(row.id)))
    }

    fn any_stream(
        &self,
        subject: &Subject<'_>,
        look: &mut dyn FnMut(&Connection, &StreamRow) -> bool,
    ) -> bool {
        let Some(connection) = self.connection_of(subject) else {
            return false;
        };
        let Some(http2) = connection.http2() else {
            return false;
        };
        self.any_stream_id(subject, &mut |id| {
            http2.stream(id).is_some_and(|row| look(connection, row))
        })
    }

    /// The messages of an exchange of HTTP/1.1, or of all those of a connection.
    fn any_message(
        &self,
        subject: &Subject<'_>,
        look: &mut dyn FnMut(&Connection, &MessageRow) -> bool,
    ) -> bool {
        let narrower = subject.frame.is_some() || !subject.streams.is_empty();
        let connection = self.connection_of(subject).filter(|_| !narrower);
        let Some((connection, http1)) =
            connection.and_then(|connection| Some((connection, connection.http1()?)))
        else {
            return false;
        };
        match (subject.exchange, subject.packet) {
            (Some(exchange), _) => {
                let mut messages = http1.messages_of(exchange);
                messages.any(|(_, row)| look(connection, row))
            }
            (None, Some(_)) => false,
            (None, None) => http1.messages().iter().any(|row| look(connection, row)),
        }
    }

    fn any_header(
        &self,
        subject: &Subject<'_>,
        look: &mut dyn FnMut(Option<&str>, Option<&str>) -> bool,
    ) -> bool {
        if let Some([name, value]) = subject.header {
            return look(name, value);
        }
        self.any_frame(subject, &mut |connection, id, row| {
            row.starts_block()
                && self
                    .trace
                    .header_fields(connection, id)
                    .iter()
                    .any(|field| {
                        let text = |bytes: &Option<Bytes>| {
                            bytes
                                .as_deref()
                                .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
                        };
                        look(text(&field.name).as_deref(), text(&field.value).as_deref())
                    })
        })
    }

    fn any_finding(&self, subject: &Subject<'_>, look: &mut dyn FnMut(&Finding) -> bool) -> bool {
        let findings = &self.trace.findings;
        if let Some(number) = subject.finding {
            return findings.get(number).is_some_and(look);
        }
        let of = self.findings.get_or_init(|| FindingsOf::new(self.trace));
        let connection = self.connection_of(subject).map(|connection| connection.id);
        let mut numbers: Vec<usize> = Vec::new();
        let mut add = |found: Option<&Vec<usize>>| numbers.extend(found.into_iter().flatten());
        match (
            connection,
            subject.frame,
            subject.streams.as_slice(),
            subject.packet,
        ) {
            (Some(connection), Some(frame), _, _) => add(of.frames.get(&(connection, frame))),
            (Some(connection), None, streams @ [_, ..], _) => {
                for stream in streams {
                    add(of.carriers.get(&(connection, (*stream).into())));
                }
            }
            (Some(connection), None, [], _) if subject.exchange.is_some() => {
                let carrier = subject.exchange.map(Carrier::from);
                add(carrier.and_then(|carrier| of.carriers.get(&(connection, carrier))));
            }
            (_, None, [], Some(packet)) => add(of.packets.get(&packet)),
            (Some(connection), None, [], None) => add(of.connections.get(&connection)),
            _ => {}
        }
        numbers
            .into_iter()
            .filter_map(|number| findings.get(number))
            .any(look)
    }

    /// Whether a word stands in what a person reads of the row.
    fn has_word(&self, word: &str, subject: &Subject<'_>) -> bool {
        let mut has = |text: &str| has_ignoring_case(text, word);
        subject.words.iter().any(|text| has(text))
            || self.any_frame(&narrowed(subject), &mut |_, _, row| {
                has(row.kind.name()) || row.flags.names(row.kind).any(&mut has)
            })
            || self.any_stream(&narrowed(subject), &mut |connection, row| {
                let texts = [
                    row.method,
                    row.path,
                    row.authority,
                    row.status,
                    row.content_type,
                ];
                texts
                    .into_iter()
                    .flatten()
                    .any(|symbol: Symbol| has(&connection.text_lossy(symbol)))
            })
            || self.any_message(&narrowed(subject), &mut |connection, row| {
                let texts = [row.method, row.target, row.host, row.content_type];
                let mut texts = texts.into_iter().flatten();
                texts.any(|symbol| has(&connection.text_lossy(symbol)))
                    || (row.status > 0 && has(&row.status.to_string()))
            })
            || self.any_header(subject, &mut |name, value| {
                name.is_some_and(&mut has) || value.is_some_and(&mut has)
            })
            || subject
                .packet
                .is_some_and(|packet| self.trace.comment(packet).is_some_and(&mut has))
            || self.any_finding(subject, &mut |finding| {
                has(finding.rule) || has(&finding.text)
            })
            || (subject.frame.is_none()
                && subject.streams.is_empty()
                && subject.exchange.is_none()
                && self.ends_have(subject, &mut has))
    }

    fn ends_have(&self, subject: &Subject<'_>, has: &mut dyn FnMut(&str) -> bool) -> bool {
        self.connection_of(subject).is_some_and(|connection| {
            has(connection.row.protocol.name())
                || Side::BOTH
                    .iter()
                    .any(|side| has(&connection.row.ends[side.index()].to_string()))
        })
    }
}

/// A header field is read for itself: the words of its frame and stream are not its own.
fn narrowed<'r>(subject: &Subject<'r>) -> Subject<'r> {
    if subject.header.is_some() || subject.finding.is_some() {
        return Subject::default();
    }
    subject.clone()
}

fn stream_value(field: Field, connection: &Connection, row: &StreamRow, look: Look<'_>) -> bool {
    let symbol = match field {
        Field::Method => row.method,
        Field::Scheme => row.scheme,
        Field::Authority => row.authority,
        Field::Path => row.path,
        Field::ContentType => row.content_type,
        Field::Status => row.status,
        Field::GrpcStatus => row.grpc_status,
        Field::State => return look(Value::Text(row.state.name())),
        Field::ClosedBy => return row.closed_by.is_some_and(|by| look(Value::Text(by.name()))),
        _ => return look(flag_value(row.pushed_by.is_some())),
    };
    let Some(text) = symbol.map(|symbol| connection.text_lossy(symbol)) else {
        return false;
    };
    if matches!(field, Field::Status | Field::GrpcStatus) {
        return text.parse().is_ok_and(|number| look(Value::Number(number)));
    }
    look(Value::Text(&text))
}

fn message_value(field: Field, connection: &Connection, row: &MessageRow, look: Look<'_>) -> bool {
    let symbol = match field {
        Field::Method => row.method,
        Field::Authority => row.host,
        Field::Path => row.target,
        Field::ContentType => row.content_type,
        Field::Status => return row.status > 0 && look(Value::Number(row.status.into())),
        _ => None,
    };
    symbol.is_some_and(|symbol| look(Value::Text(&connection.text_lossy(symbol))))
}

fn error_value(error: crate::wire::http2::ErrorCode) -> Value<'static> {
    Value::Named(error.0.into(), error.name().unwrap_or_default())
}

fn flag_value(set: bool) -> Value<'static> {
    Value::Number(f64::from(u8::from(set)))
}

#[expect(clippy::cast_precision_loss, reason = "row numbers have 32 bits")]
fn number(index: usize) -> f64 {
    index as f64
}

/// Fields whose value 0 means that it is not so.
fn is_flag(field: Field) -> bool {
    super::FIELDS
        .iter()
        .any(|info| info.field == field && info.kind == super::Kind::Flag)
}

impl FindingsOf {
    fn new(trace: &Trace) -> Self {
        let mut of = Self::default();
        for (number, finding) in trace.findings.iter().enumerate() {
            if let Some(packet) = finding.packet {
                of.packets.entry(packet).or_default().push(number);
            }
            let Some(connection) = finding.connection else {
                continue;
            };
            of.connections.entry(connection).or_default().push(number);
            if let Some(frame) = finding.frame {
                of.frames
                    .entry((connection, frame))
                    .or_default()
                    .push(number);
            }
            if let Some(carrier) = finding.carrier() {
                of.carriers
                    .entry((connection, carrier))
                    .or_default()
                    .push(number);
            }
        }
        of
    }
}
