//! What happens at the cursor, in one plain sentence: the line that a class reads in presenter
//! mode, and what is said aloud.
//!
//! `Frame 41: the server pushes /style.css on stream 2, promised on stream 1.` The sentence comes
//! from the frame's own bytes; only what its stream is for may have been said by an earlier frame.

mod exchanges;

use crate::report::text::one_line;
use crate::trace::{Connection, Direction, FrameId, FrameRow, Trace};
use crate::ui::ViewContext;
use crate::ui::widgets::format;
use crate::wire::grpc::GrpcStatus;
use crate::wire::http2::{Flags, FrameHeader, Payload, StreamId};
use std::borrow::Cow;

/// Letters of a path or another text of the capture. Longer ones push the verb out of sight.
const MAX_TEXT: usize = 48;

/// The sentence for the cursor, with the frame's number before it.
pub fn at_cursor(context: &ViewContext<'_>) -> String {
    let Some(connection) = context.connection else {
        return "No connection is shown: choose one in the list of connections.".to_owned();
    };
    if let (None, Some(http1)) = (connection.http2(), connection.http1()) {
        return exchanges::at_cursor(connection, http1, context.cursor);
    }
    let Some(http2) = connection.http2() else {
        return format!(
            "Nothing to step through here: this connection is {}.",
            crate::ui::app::document::connection_line(connection)
        );
    };
    match context.frame_count().checked_sub(1) {
        Some(last) => {
            let id = FrameId::from_index(last);
            let sentence = of_frame(context.trace, connection, id);
            format!("Frame {last}: {sentence}.")
        }
        None if http2.frames.is_empty() => "No frame was read yet.".to_owned(),
        None => format!(
            "Before frame 0: nothing has been sent yet. {} will come.",
            format::counted(http2.frames.len() as u64, "frame")
        ),
    }
}

/// What a frame does, as a sentence without its full stop: `the client asks for /app.js on stream
/// 3`. Empty when there is no such frame.
pub fn of_frame(trace: &Trace, connection: &Connection, id: FrameId) -> String {
    let frames = connection.http2().map(|http2| &http2.frames);
    let Some(row) = frames.and_then(|frames| frames.get(id.index())) else {
        return String::new();
    };
    let frame = Told {
        trace,
        connection,
        id,
        row,
    };
    frame.sentence()
}

/// A frame about to be told.
#[derive(Clone, Copy)]
struct Told<'a> {
    trace: &'a Trace,
    connection: &'a Connection,
    id: FrameId,
    row: &'a FrameRow,
}

impl Told<'_> {
    fn sender(self) -> Direction {
        self.connection.direction(self.row.side)
    }

    fn sentence(self) -> String {
        let sender = self.sender().name();
        let kind = self.row.kind;
        if self.row.whole
            && let Some(bytes) = self.trace.frame_bytes(self.connection, self.row)
            && let Some((header, payload)) = bytes.split_first_chunk::<{ FrameHeader::LEN }>()
        {
            return match Payload::decode(&FrameHeader::decode(header), payload) {
                Ok(payload) => format!("the {sender} {}", self.deed(&payload)),
                Err(_) => format!(
                    "the {sender} sends a {kind} frame that breaks its format{}",
                    on(self.row.stream)
                ),
            };
        }
        format!(
            "the {sender} sends a {kind} frame{}; not all of it is in the capture",
            on(self.row.stream)
        )
    }

    fn deed(self, payload: &Payload<'_>) -> String {
        let (row, stream) = (self.row, self.row.stream);
        let other = self.sender().other().name();
        match payload {
            Payload::Data(data) => {
                let size = format::exact_bytes(data.data.len() as u64);
                let of = self.target(stream).map_or_else(String::new, |target| {
                    let way = match self.sender() {
                        Direction::Client => "for",
                        Direction::Server => "of",
                    };
                    format!(" {way} {target}")
                });
                match (row.ends_stream(), data.data.is_empty()) {
                    (true, true) => format!("says that it has sent all{of}{}", on(stream)),
                    (true, false) => format!("sends the last {size}{of}{}", on(stream)),
                    (false, _) => format!("sends {size}{of}{}", on(stream)),
                }
            }
            Payload::Headers(_) => self.headers(),
            Payload::PushPromise(promise) => {
                let target = self.target(promise.promised_stream);
                format!(
                    "pushes {} on stream {}, promised{}",
                    target.as_deref().unwrap_or("something"),
                    promise.promised_stream,
                    on(stream)
                )
            }
            Payload::Continuation(_) => {
                format!("sends more of the header block{}", on(stream))
            }
            Payload::Priority(priority) => format!(
                "hangs stream {stream} {}below {}, with weight {}",
                if priority.exclusive { "alone " } else { "" },
                match priority.depends_on.is_connection() {
                    true => "the connection itself".to_owned(),
                    false => format!("stream {}", priority.depends_on),
                },
                priority.weight
            ),
            Payload::PriorityUpdate(update) => format!(
                "gives stream {} the priority \"{}\"",
                update.prioritized_stream,
                text(update.field_value)
            ),
            Payload::RstStream(reset) => {
                let target = self.target(stream).map(|target| format!(", {target}"));
                format!(
                    "breaks off stream {stream}{} with {}",
                    target.unwrap_or_default(),
                    reset.error
                )
            }
            Payload::Settings(_) if row.flags.contains(Flags::ACK) => {
                format!("accepts the settings of the {other}")
            }
            Payload::Settings(settings) => match settings.iter().count() {
                0 => "announces that it keeps to the default settings".to_owned(),
                1 => "announces one setting".to_owned(),
                count => format!("announces {count} settings"),
            },
            Payload::Ping(_) if row.flags.contains(Flags::ACK) => {
                format!("answers the PING of the {other}")
            }
            Payload::Ping(_) => format!("sends a PING, which the {other} has to answer"),
            Payload::Goaway(goaway) => format!(
                "says GOAWAY with {}: {}",
                goaway.error,
                match self.sender() {
                    Direction::Server => {
                        format!("it answers no stream after {}", goaway.last_stream)
                    }
                    // Its number speaks of pushed streams. RFC 9113 §6.8.
                    Direction::Client => "it takes no new pushed stream, and leaves".to_owned(),
                }
            ),
            Payload::WindowUpdate(update) => format!(
                "lets the {other} send {} more {}",
                format::exact_bytes(u64::from(update.increment_bytes)),
                match stream.is_connection() {
                    true => "on the whole connection".to_owned(),
                    false => format!("on stream {stream}"),
                }
            ),
            Payload::AltSvc(_) => "names another place where it can be reached".to_owned(),
            Payload::Origin(_) => "lists the origins that it answers for".to_owned(),
            Payload::Unknown(_) => match row.kind.note() {
                Some(note) => format!("sends a frame of type {}: {note}", row.kind.0),
                None => format!(
                    "sends a frame of the unknown type {}{}",
                    row.kind.0,
                    on(stream)
                ),
            },
        }
    }

    /// A request, an answer, or trailers.
    fn headers(self) -> String {
        let stream = self.row.stream;
        let fields = self.trace.header_fields(self.connection, self.id);
        let value = |name: &str| {
            let field = fields.iter().find(|field| field.is_named(name))?;
            Some(text(field.value.as_deref()?).into_owned())
        };
        let grpc = value("content-type").is_some_and(|of| of.starts_with("application/grpc"));
        let target = self.target(stream);
        let of = target.as_ref().map(|target| format!(" for {target}"));
        let of = of.unwrap_or_default();
        if let Some(status) = value(":status") {
            let failed = value("grpc-status").filter(|code| code != "0");
            return match (status.starts_with('1'), failed) {
                (true, _) => format!("says {status} in advance{of}{}", on(stream)),
                (_, Some(code)) => format!(
                    "ends the call{of}{} at once with {}",
                    on(stream),
                    grpc_status(&code)
                ),
                _ => format!("answers {status}{of}{}", on(stream)),
            };
        }
        let path = value(":path").or_else(|| value(":authority"));
        match (value(":method"), path) {
            (Some(_), Some(path)) if grpc => {
                let call = path.strip_prefix('/').unwrap_or(&path);
                format!("calls {call}{}", on(stream))
            }
            (Some(method), Some(path)) if method == "GET" => {
                format!("asks for {path}{}", on(stream))
            }
            (Some(method), Some(path)) => format!("sends {method} {path}{}", on(stream)),
            (Some(method), None) => format!("sends a {method} request{}", on(stream)),
            _ => match value("grpc-status") {
                Some(code) => {
                    format!(
                        "ends the call{of}{} with {}",
                        on(stream),
                        grpc_status(&code)
                    )
                }
                None if self.row.ends_stream() => {
                    format!("ends its side{of}{} with trailers", on(stream))
                }
                None => format!("sends a header block{of}{}", on(stream)),
            },
        }
    }

    /// What a stream is for: its path.
    fn target(self, stream: StreamId) -> Option<String> {
        let row = self.connection.http2()?.stream(stream)?;
        let path = self.connection.text_lossy(row.path?);
        Some(one_line(&path, MAX_TEXT))
    }
}

/// ` on stream 3`; nothing for the connection's own frames.
fn on(stream: StreamId) -> String {
    match stream.is_connection() {
        true => String::new(),
        false => format!(" on stream {stream}"),
    }
}

/// `grpc-status 5 (NOT_FOUND)`.
fn grpc_status(code: &str) -> String {
    let name = code.parse().ok().and_then(|code| GrpcStatus(code).name());
    match name {
        Some(name) => format!("grpc-status {code} ({name})"),
        None => format!("grpc-status {code}"),
    }
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    one_line(&String::from_utf8_lossy(bytes), MAX_TEXT).into()
}

/// The stream of the frame at the cursor; `None` before the first, and for the connection's own.
pub fn stream_at_cursor(context: &ViewContext<'_>) -> Option<StreamId> {
    let last = context.frame_count().checked_sub(1)?;
    let row = context.connection?.http2()?.frames.get(last)?;
    (!row.stream.is_connection()).then_some(row.stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::testing::World;

    fn told(capture: &str) -> Vec<String> {
        let world = World::of_capture(capture);
        let Some(connection) = world.trace.main_connection() else {
            return Vec::new();
        };
        let frames = connection.http2().unwrap().frames.len();
        (0..frames)
            .map(|frame| of_frame(&world.trace, connection, FrameId::from_index(frame)))
            .collect()
    }

    #[track_caller]
    fn says(told: &[String], sentence: &str) {
        assert!(told.iter().any(|of| of == sentence), "{told:#?}");
    }

    #[test]
    fn a_push_is_told_with_both_of_its_streams() {
        let told = told("push.pcap");
        says(
            &told,
            "the server pushes /style.css on stream 2, promised on stream 13",
        );
    }

    #[test]
    fn requests_answers_and_windows_are_told_in_words() {
        let told = told("downloads.pcapng");
        says(&told, "the client asks for /style.css on stream 1");
        says(&told, "the server answers 200 for /style.css on stream 1");
        says(
            &told,
            "the client lets the server send 5\u{202f}243 bytes more on stream 5",
        );
        says(&told, "the client accepts the settings of the server");
    }

    #[test]
    fn calls_of_grpc_are_told_as_calls() {
        let told = told("grpc-errors.pcapng");
        says(
            &told,
            "the client calls users.UserService/GetUser on stream 3",
        );
        says(
            &told,
            "the server ends the call for /users.UserService/GetUser on stream 11 at once with \
             grpc-status 5 (NOT_FOUND)",
        );
    }

    #[test]
    fn every_frame_of_every_capture_has_a_sentence_of_one_line() {
        for stop in crate::ui::tour::STOPS {
            for (frame, sentence) in told(stop.file).iter().enumerate() {
                let good = sentence.starts_with("the ") && !sentence.contains('\n');
                assert!(good, "{}, frame {frame}: {sentence}", stop.file);
                assert!(sentence.chars().count() < 160, "{sentence}");
            }
        }
    }
}
