//! The capture whose pictures are measured: a million frames on five thousand streams of one connection.

use crate::made::{Conversation, Made};
use wireloom::wire::http2::{Flags, StreamId, WindowUpdate};

/// Streams of the capture.
pub const STREAMS: u32 = 5_000;
/// Frames of each stream but the request: the response's headers, content, and now and then more window.
const FRAMES_PER_STREAM: u32 = 199;
/// Streams that are open at the same time, so that they interleave.
const AT_A_TIME: u32 = 100;
/// A client widens a window after so many frames of content.
const FRAMES_PER_UPDATE: u32 = 20;

/// So many frames of streams are in the capture; those of the connection come on top.
pub const FRAMES: usize = STREAMS as usize * (FRAMES_PER_STREAM as usize + 1);
/// How much the client lets the server send on the whole connection before it says more.
const CONNECTION_WINDOW: u32 = 1 << 20;

/// Streams by the hundred: their requests, their responses' headers, then their content in turns of unequal size.
pub fn busy() -> Made {
    let mut made = Made::new();
    let mut conversation = Conversation::begin(&mut made, 0);
    let content = [b'x'; 400];
    let widen = |increment_bytes, out: &mut Vec<u8>| {
        WindowUpdate { increment_bytes }.encode(out, StreamId::CONNECTION);
    };
    widen(CONNECTION_WINDOW, &mut conversation.client.bytes);
    let mut sent = 0;
    for group in 0..STREAMS / AT_A_TIME {
        let ids = (0..AT_A_TIME).map(|number| 2 * (group * AT_A_TIME + number) + 1);
        let ids: Vec<u32> = ids.collect();
        for &id in &ids {
            conversation.request(id, &format!("/images/{}/{id}.png", id % 7));
        }
        conversation.send(&mut made);
        for &id in &ids {
            let turns = (1..FRAMES_PER_STREAM).filter(|turn| turn % FRAMES_PER_UPDATE != 0);
            let length: usize = turns.map(|turn| content_of(id, turn, &content).len()).sum();
            let length = length.to_string();
            let fields = [
                (":status", "200"),
                ("content-type", "image/png"),
                ("content-length", &length),
            ];
            conversation.server.headers(id, Flags::NONE, &fields);
        }
        conversation.send(&mut made);
        for turn in 1..FRAMES_PER_STREAM {
            for &id in &ids {
                if turn % FRAMES_PER_UPDATE == 0 {
                    let update = WindowUpdate {
                        increment_bytes: 1_000 + id,
                    };
                    update.encode(&mut conversation.client.bytes, StreamId(id));
                    continue;
                }
                let last = turn + 1 == FRAMES_PER_STREAM;
                let flags = if last { Flags::END_STREAM } else { Flags::NONE };
                let content = content_of(id, turn, &content);
                conversation.server.data(id, flags, content);
                sent += content.len() as u32;
            }
            if turn % FRAMES_PER_UPDATE == 0 || turn % 4 == 3 || turn + 1 == FRAMES_PER_STREAM {
                conversation.send(&mut made);
                // It travels with what the client says next.
                widen(
                    std::mem::take(&mut sent).max(1),
                    &mut conversation.client.bytes,
                );
            }
        }
    }
    made
}

/// What a stream sends in a turn. No two neighbours send alike.
fn content_of(id: u32, turn: u32, content: &[u8]) -> &[u8] {
    let size = (id.wrapping_mul(2_654_435_761) >> 9) % (20 + turn) % 400;
    content.get(..size as usize).unwrap_or(content)
}
