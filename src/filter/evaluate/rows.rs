//! What belongs to a row: its packets, frames, streams, messages, fields and findings.

use super::{Evaluation, Subject};
use crate::trace::{
    Carrier, Connection, ConnectionId, Finding, FrameId, FrameRow, MessageRow, PacketId, StreamRow,
    Trace,
};
use crate::wire::http2::StreamId;
use bytes::Bytes;
use std::collections::HashMap;

impl Evaluation<'_> {
    pub(super) fn any_packet(
        &self,
        subject: &Subject<'_>,
        look: &mut dyn FnMut(PacketId) -> bool,
    ) -> bool {
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

    pub(super) fn any_frame(
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

    pub(super) fn any_stream_id(
        &self,
        subject: &Subject<'_>,
        look: &mut dyn FnMut(StreamId) -> bool,
    ) -> bool {
        if !subject.streams.is_empty() {
            return subject.streams.iter().copied().any(look);
        }
        if subject.frame.is_some() || subject.packet.is_some() {
            return self.any_frame(subject, &mut |_, _, row| look(row.stream));
        }
        let streams = self.connection_of(subject).and_then(Connection::http2);
        streams.is_some_and(|http2| http2.streams().iter().any(|row| look(row.id)))
    }

    pub(super) fn any_stream(
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
    pub(super) fn any_message(
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

    pub(super) fn any_header(
        &self,
        subject: &Subject<'_>,
        look: &mut dyn FnMut(Option<&str>, Option<&str>) -> bool,
    ) -> bool {
        if let Some([name, value]) = subject.header {
            return look(name, value);
        }
        let text = |bytes: &Option<Bytes>| {
            let bytes = bytes.as_deref()?;
            Some(String::from_utf8_lossy(bytes).into_owned())
        };
        self.any_frame(subject, &mut |connection, id, row| {
            row.starts_block()
                && self
                    .trace
                    .header_fields(connection, id)
                    .iter()
                    .any(|field| look(text(&field.name).as_deref(), text(&field.value).as_deref()))
        }) || self.any_message(subject, &mut |connection, row| {
            let head = self.trace.message_fields(connection, row);
            let trailers = self.trace.message_trailers(connection, row);
            head.iter().chain(&trailers).any(|field| {
                let name = String::from_utf8_lossy(&field.name);
                look(Some(&name), Some(&String::from_utf8_lossy(&field.value)))
            })
        })
    }

    pub(super) fn any_finding(
        &self,
        subject: &Subject<'_>,
        look: &mut dyn FnMut(&Finding) -> bool,
    ) -> bool {
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
}

/// The numbers of the findings about a thing.
#[derive(Debug, Default)]
pub(super) struct FindingsOf {
    frames: HashMap<(ConnectionId, FrameId), Vec<usize>>,
    carriers: HashMap<(ConnectionId, Carrier), Vec<usize>>,
    packets: HashMap<PacketId, Vec<usize>>,
    connections: HashMap<ConnectionId, Vec<usize>>,
}

impl FindingsOf {
    pub(super) fn new(trace: &Trace) -> Self {
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
