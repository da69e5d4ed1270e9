//! Captures whose lists are long: of connections, of TCP segments, of gRPC calls.

use crate::made::{self, ACK, Conversation, Made, SERVER};
use wireloom::wire::http2::{Data, Flags, StreamId, WindowUpdate};

/// Connections of [`connections`].
pub const CONNECTIONS: u32 = 50_000;
/// Calls of [`calls`], on so many connections.
pub const CALLS: u32 = 60_000;
const CALLS_ON: u32 = 6;
/// Calls that run at the same time.
const AT_A_TIME: u32 = 100;
/// Segments with content in [`segments`]; half as many acknowledge them.
const CONTENT_SEGMENTS: u32 = 670_000;
/// Every so many segments one is lost and sent again later.
const LOST_EVERY: u32 = 100;
/// So many segments later.
const SENT_AGAIN_AFTER: u32 = 20;

/// Connections with a request each.
pub fn connections() -> Made {
    made::requests(CONNECTIONS, 1, 1)
}

/// A million segments of one connection, with thousands of holes: small frames on a hundred streams in turns.
pub fn segments() -> Made {
    let mut made = Made::new();
    let mut conversation = Conversation::begin(&mut made, 0);
    let update = WindowUpdate {
        increment_bytes: 1 << 30,
    };
    update.encode(&mut conversation.client.bytes, StreamId::CONNECTION);
    let ids: Vec<u32> = (0..AT_A_TIME).map(|number| 2 * number + 1).collect();
    for &id in &ids {
        conversation.request(id, &format!("/downloads/{id}.bin"));
        conversation
            .server
            .headers(id, Flags::NONE, &[(":status", "200")]);
    }
    conversation.send(&mut made);
    let connection = &mut conversation.connection;
    let mut lost: Option<(u32, Vec<u8>)> = None;
    let mut arrived = connection.next[1];
    for number in 0..CONTENT_SEGMENTS {
        let id = ids[(number * 7 % AT_A_TIME) as usize];
        let mut bytes = Vec::new();
        Data::encode(&mut bytes, StreamId(id), Flags::NONE, &[b'x'; 51], None);
        let [own, other] = connection.next;
        if number % LOST_EVERY == 7 {
            connection.next[1] += bytes.len() as u32;
            lost = Some((other, bytes));
            continue;
        }
        made.send(connection, false, &bytes);
        if number % LOST_EVERY == 7 + SENT_AGAIN_AFTER
            && let Some((sequence, bytes)) = lost.take()
        {
            made.segment(SERVER, connection.client, [sequence, own], ACK, &bytes);
        }
        if lost.is_none() {
            arrived = connection.next[1];
        }
        if number % 2 == 0 {
            made.segment(connection.client, SERVER, [own, arrived], ACK, b"");
        }
    }
    made
}

/// gRPC calls of a few services: of one message each way, some with a deadline, some that fail.
pub fn calls() -> Made {
    let mut made = Made::new();
    let mut conversations: Vec<Conversation> = (0..CALLS_ON)
        .map(|number| Conversation::begin(&mut made, number))
        .collect();
    let update = WindowUpdate {
        increment_bytes: 1 << 30,
    };
    for conversation in &mut conversations {
        for side in [&mut conversation.client, &mut conversation.server] {
            update.encode(&mut side.bytes, StreamId::CONNECTION);
        }
    }
    for group in 0..CALLS / CALLS_ON / AT_A_TIME {
        let ids = (0..AT_A_TIME).map(|number| 2 * (group * AT_A_TIME + number) + 1);
        let ids: Vec<u32> = ids.collect();
        for conversation in &mut conversations {
            for &id in &ids {
                ask(conversation, id);
            }
            conversation.send(&mut made);
            for &id in &ids {
                answer(conversation, id);
            }
            conversation.send(&mut made);
        }
    }
    made
}

/// The first half of a call.
fn ask(conversation: &mut Conversation, id: u32) {
    let path = format!("/shop.v1.Service{}/Method{}", id / 2 % 5, id / 2 % 8);
    let mut fields = vec![
        (":method", "POST"),
        (":scheme", "http"),
        (":authority", "shop.example"),
        (":path", &*path),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    if id.is_multiple_of(3) {
        fields.push(("grpc-timeout", "200m"));
    }
    conversation.client.headers(id, Flags::NONE, &fields);
    let message = message(id);
    conversation.client.data(id, Flags::END_STREAM, &message);
}

/// The second half.
fn answer(conversation: &mut Conversation, id: u32) {
    let fields = [(":status", "200"), ("content-type", "application/grpc")];
    conversation.server.headers(id, Flags::NONE, &fields);
    let status = if id % 50 == 1 { "14" } else { "0" };
    if status == "0" {
        let message = message(id.wrapping_mul(3));
        conversation.server.data(id, Flags::NONE, &message);
    }
    let trailers = [("grpc-status", status)];
    conversation
        .server
        .headers(id, Flags::END_STREAM, &trailers);
}

/// A message with two fields, a number and a text, behind its prefix of five bytes.
fn message(number: u32) -> Vec<u8> {
    let text = format!("item {number}");
    let mut message = vec![0x08, (number % 128) as u8, 0x12, text.len() as u8];
    message.extend(text.as_bytes());
    let mut bytes = vec![0, 0, 0, 0, message.len() as u8];
    bytes.extend(message);
    bytes
}
