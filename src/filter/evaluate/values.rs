//! The values of a field of one packet, frame, stream or message.

use super::{Evaluation, Look};
use crate::filter::expression::Value;
use crate::filter::field::Field;
use crate::trace::{Connection, FrameId, FrameRow, Marks, MessageRow, PacketId, StreamRow};
use crate::wire::grpc::GrpcStatus;
use crate::wire::http2::{ErrorCode, Flags, FrameHeader, FrameKind, Payload};

impl Evaluation<'_> {
    pub(super) fn packet_value(&self, field: Field, packet: PacketId, look: Look<'_>) -> bool {
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

    pub(super) fn frame_value(
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

    pub(super) fn payload_value(
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
}

pub(super) fn stream_value(
    field: Field,
    connection: &Connection,
    row: &StreamRow,
    look: Look<'_>,
) -> bool {
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
    // A name can only be that of a gRPC status, also where a number is HTTP's.
    if let (Field::Status, Some(status)) = (field, row.grpc_status)
        && let Some(status) = GrpcStatus::parse(connection.text(status))
        && status.name().is_some_and(|name| look(Value::Text(name)))
    {
        return true;
    }
    let Some(text) = symbol.map(|symbol| connection.text_lossy(symbol)) else {
        return false;
    };
    if field == Field::GrpcStatus {
        let status = GrpcStatus::parse(text.as_bytes());
        let name = status.and_then(GrpcStatus::name).unwrap_or_default();
        return status.is_some_and(|status| look(Value::Named(status.0.into(), name)));
    }
    if field == Field::Status {
        return text.parse().is_ok_and(|number| look(Value::Number(number)));
    }
    look(Value::Text(&text))
}

pub(super) fn message_value(
    field: Field,
    connection: &Connection,
    row: &MessageRow,
    look: Look<'_>,
) -> bool {
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

fn error_value(error: ErrorCode) -> Value<'static> {
    Value::Named(error.0.into(), error.name().unwrap_or_default())
}

fn flag_value(set: bool) -> Value<'static> {
    Value::Number(f64::from(u8::from(set)))
}

#[expect(clippy::cast_precision_loss, reason = "row numbers have 32 bits")]
pub(super) fn number(index: usize) -> f64 {
    index as f64
}
