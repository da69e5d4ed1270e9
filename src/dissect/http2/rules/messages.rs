//! Requests, responses and trailers: which header list is which, and what it must hold. Source: RFC 9113
//! §8.1, §8.3, §8.5, and RFC 8441.

use super::fields::{Broken, FieldCheck, Pseudo};
use super::lives::{Life, Method, Sent};
use super::{Rules, Scene};
use crate::dissect::http2::blocks::{DecodedBlock, OpenBlock};
use crate::dissect::http2::lives::Slot;
use crate::trace::rules::{fields as rules, signals, streams};
use crate::trace::{FrameId, Side};
use crate::wire::counted::counted;
use crate::wire::hpack::{BlockError, Summary};
use crate::wire::http2::StreamId;
use std::ops::Range;

/// A header block that was read, or not to its end.
pub(in crate::dissect::http2) struct Block<'a> {
    promised: Option<StreamId>,
    ends_stream: bool,
    /// The frame that begins it.
    first_frame: FrameId,
    encoded_bytes: u64,
    fields: &'a FieldCheck,
    summary: Result<&'a Summary, &'a BlockError>,
}

impl<'a> Block<'a> {
    /// A block that was put together and decoded.
    pub(in crate::dissect::http2) fn new(block: &OpenBlock, decoded: &'a DecodedBlock) -> Self {
        Self {
            promised: block.promised,
            ends_stream: block.ends_stream,
            first_frame: block.first_frame,
            encoded_bytes: decoded.noted.bytes.encoded,
            fields: &decoded.fields,
            summary: decoded.summary.as_ref(),
        }
    }
}

/// What a header list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Request,
    /// The request of a push.
    Promise,
    Response,
    Trailers,
    /// The capture does not tell.
    Unknown,
}

impl Rules {
    /// A header block has come to its end.
    pub(in crate::dissect::http2) fn block(&mut self, block: &Block<'_>, scene: &mut Scene<'_>) {
        if scene.frame != block.first_frame {
            scene.frame = block.first_frame;
            self.senders[scene.side.index()].block_start = None;
        }
        match block.summary {
            Ok(summary) => {
                self.size_updates(block.fields, scene);
                self.list_size(block.encoded_bytes, summary, scene);
            }
            Err(error) => self.block_error(error, scene),
        }
        let stream = scene.stream();
        if stream.is_connection() {
            return;
        }
        let complete = block.summary.is_ok() && !block.fields.unknown;
        let role = self.role(block, scene);
        self.single_fields(block.fields, scene);
        match role {
            Role::Request => self.request(block.fields, complete, scene),
            Role::Promise => self.promise(block.fields, complete, scene),
            Role::Response => self.response(block, complete, scene),
            Role::Trailers => self.trailers(block, scene),
            Role::Unknown => {}
        }
        if block.promised.is_some() {
            return;
        }
        self.remember(role, block, scene);
        if block.ends_stream {
            self.ends(scene);
        }
    }

    /// A block that was never read: what it said about its stream is unknown.
    pub(in crate::dissect::http2) fn block_abandoned(&mut self, slot: Option<Slot>, side: Side) {
        if let Some(life) = self.lives.at(slot) {
            let sent = &mut life.sent[side.index()];
            sent.add(Sent::HEADERS);
            sent.add(Sent::FINAL);
            life.content_left = [None; 2];
        }
    }

    /// What a list is, by its place in the stream; by what it holds when its place is unknown.
    fn role(&mut self, block: &Block<'_>, scene: &mut Scene<'_>) -> Role {
        if block.promised.is_some() {
            return Role::Promise;
        }
        let (side, stream) = (scene.side, scene.stream());
        let fields = block.fields;
        let Some(life) = self.lives.at(scene.slot) else {
            if fields.pseudo.any_of(Pseudo::METHOD) {
                // The stream begins here, so all that follows on it will be seen.
                if self.client.is_none_or(|client| client == side) {
                    let mut life = Life::opened(Some(side), block.first_frame);
                    life.uncertain = true;
                    self.lives.insert(scene.slot, stream, life);
                    self.count_open(scene);
                }
                return Role::Request;
            }
            let response = fields.pseudo.any_of(Pseudo::STATUS);
            return if response {
                Role::Response
            } else {
                Role::Unknown
            };
        };
        let sent = life.sent_by(side);
        match life.opened_by {
            None => Role::Unknown,
            Some(opener) if opener == side && !life.pushed => {
                if sent.has(Sent::HEADERS) {
                    Role::Trailers
                } else {
                    Role::Request
                }
            }
            Some(opener) if life.pushed && opener != side => Role::Unknown,
            Some(_) if life.uncertain && !fields.pseudo.any_of(Pseudo::STATUS) => Role::Unknown,
            Some(_) if life.uncertain => Role::Response,
            Some(_) if sent.has(Sent::FINAL) => Role::Trailers,
            Some(_) => Role::Response,
        }
    }

    /// Fields that break a rule in any list.
    fn single_fields(&mut self, fields: &FieldCheck, scene: &mut Scene<'_>) {
        for Broken { rule, text, range } in &fields.broken {
            self.at_block(range, scene);
            self.book.broken(rule, text.clone(), scene);
        }
        if let Some(Broken { text, range, .. }) = &fields.raw_binary {
            let both = Side::BOTH
                .iter()
                .all(|side| self.senders[side.index()].settings.raw_binary_metadata);
            let rule = if both || self.lost {
                &rules::RAW_BINARY_METADATA
            } else {
                &rules::FIELD_VALUE_INVALID
            };
            self.at_block(range, scene);
            self.book.broken(rule, text.clone(), scene);
        }
    }

    /// The next finding is about these bytes of the block, when it lies in one frame.
    pub(super) fn at_block(&self, range: &Range<usize>, scene: &mut Scene<'_>) {
        if let Some(start) = self.senders[scene.side.index()].block_start {
            scene.at_payload(start + range.start..start + range.end);
        }
    }

    /// Source: RFC 9113 §8.3.1, §8.5, RFC 8441 §4.
    fn request(&mut self, fields: &FieldCheck, complete: bool, scene: &mut Scene<'_>) {
        let pseudo = fields.pseudo;
        if pseudo.any_of(Pseudo::STATUS) {
            self.misplaced(":status", "request", scene);
        }
        let connect = fields.method == Method::Connect;
        if pseudo.any_of(Pseudo::PROTOCOL) {
            self.extended_connect(connect, scene);
        }
        if connect && !pseudo.any_of(Pseudo::PROTOCOL) {
            let extra = pseudo.any_of(Pseudo::SCHEME) || pseudo.any_of(Pseudo::PATH);
            let missing = complete && !pseudo.any_of(Pseudo::AUTHORITY);
            if extra || missing {
                let text = "This CONNECT has :scheme or :path, or no :authority; it needs \
                            :authority alone."
                    .to_owned();
                self.book
                    .broken(&rules::CONNECT_PSEUDO_HEADERS, text, scene);
            }
        } else if complete {
            let wanted = [
                (Pseudo::METHOD, ":method"),
                (Pseudo::SCHEME, ":scheme"),
                (Pseudo::PATH, ":path"),
            ];
            self.missing(pseudo.missing(&wanted), "request", "RFC 9113 §8.3.1", scene);
        }
        self.target(fields, complete, scene);
    }

    fn extended_connect(&mut self, connect: bool, scene: &mut Scene<'_>) {
        if !connect {
            let text = "This request has :protocol, which belongs to CONNECT alone.".to_owned();
            self.book
                .broken(&rules::PROTOCOL_WITHOUT_CONNECT, text, scene);
        }
        let server = &self.senders[scene.side.other().index()].settings;
        if !server.connect_protocol && !self.lost {
            let text = "The client uses :protocol, but the server has not announced \
                        SETTINGS_ENABLE_CONNECT_PROTOCOL 1."
                .to_owned();
            self.book
                .broken(&rules::CONNECT_PROTOCOL_NOT_ENABLED, text, scene);
        }
    }

    /// Source: RFC 9113 §8.4.1.
    fn promise(&mut self, fields: &FieldCheck, complete: bool, scene: &mut Scene<'_>) {
        self.request(fields, complete, scene);
        let safe = matches!(fields.method, Method::Get | Method::Head);
        if complete && fields.pseudo.any_of(Pseudo::METHOD) && !safe {
            let text = "The promised request has another method than GET or HEAD.".to_owned();
            self.book.broken(&signals::PUSH_METHOD, text, scene);
        }
        if let Some(length) = fields.content_length.filter(|&length| length > 0) {
            let text = format!(
                "The promised request says that it has {} of content, but a promise brings none.",
                counted(length, "byte")
            );
            self.book.broken(&signals::PUSH_WITH_CONTENT, text, scene);
        }
    }

    /// Source: RFC 9113 §8.1, §8.3.2, §8.6.
    fn response(&mut self, block: &Block<'_>, complete: bool, scene: &mut Scene<'_>) {
        let fields = block.fields;
        if fields.pseudo.any_of(Pseudo::REQUEST) {
            self.misplaced("A pseudo-header of requests", "response", scene);
        }
        match fields.status {
            None if complete && !fields.pseudo.any_of(Pseudo::STATUS) => {
                let missing = Some(":status".to_owned());
                self.missing(missing, "response", "RFC 9113 §8.3.2", scene);
            }
            Some(0) => {
                let text = "The :status of this response is no number of three digits.".to_owned();
                self.book.broken(&rules::STATUS_INVALID, text, scene);
            }
            Some(101) => {
                let text =
                    "This response has the status 101, which HTTP/2 does not have.".to_owned();
                self.book
                    .broken(&rules::STATUS_SWITCHING_PROTOCOLS, text, scene);
            }
            Some(status @ 100..=199) if block.ends_stream => {
                let text = format!(
                    "The response with status {status} ends the stream, but the real response is \
                     still to come."
                );
                self.book
                    .broken(&streams::INTERIM_WITH_END_STREAM, text, scene);
            }
            _ => {}
        }
    }

    /// Source: RFC 9113 §8.1, §8.5.
    fn trailers(&mut self, block: &Block<'_>, scene: &mut Scene<'_>) {
        let stream = scene.stream();
        let Some(life) = self.lives.at(scene.slot) else {
            return;
        };
        let sent = life.sent_by(scene.side);
        if sent.has(Sent::END) || sent.has(Sent::RESET) {
            return; // Said already.
        }
        if life.method == Method::Connect {
            let text = format!(
                "{} sent HEADERS on stream {stream}, which is a tunnel since its CONNECT; only DATA \
                 goes through it.",
                scene.sender()
            );
            self.book.broken(&streams::FRAME_ON_TUNNEL, text, scene);
            return;
        }
        if !block.fields.pseudo.is_empty() {
            let text = format!(
                "The second header block of {} on stream {stream} is its trailers, but holds a \
                 pseudo-header.",
                super::frame_shape::lower(scene.sender())
            );
            self.book
                .broken(&rules::PSEUDO_HEADER_IN_TRAILERS, text, scene);
        }
        if !block.ends_stream {
            let text = format!(
                "The second header block of {} on stream {stream} is its trailers, but does not \
                 end the stream.",
                super::frame_shape::lower(scene.sender())
            );
            self.book
                .broken(&streams::TRAILERS_WITHOUT_END_STREAM, text, scene);
        }
    }

    /// Remembers what the list says about the rest of its message.
    fn remember(&mut self, role: Role, block: &Block<'_>, scene: &mut Scene<'_>) {
        let side = scene.side;
        let fields = block.fields;
        let Some(life) = self.lives.at(scene.slot) else {
            return;
        };
        let sent = &mut life.sent[side.index()];
        sent.add(Sent::HEADERS);
        let length = fields
            .content_length
            .and_then(|length| i64::try_from(length).ok());
        match role {
            Role::Request => {
                sent.add(Sent::FINAL);
                let extended = fields.pseudo.any_of(Pseudo::PROTOCOL);
                life.method = match fields.method {
                    Method::Connect if extended => Method::ExtendedConnect,
                    method => method,
                };
                life.content_left[side.index()] = length;
            }
            Role::Response => {
                // What cannot be read may have been the final response.
                let interim = matches!(fields.status, Some(100..=199));
                if interim {
                    return;
                }
                sent.add(Sent::FINAL);
                let success = matches!(fields.status, Some(200..=299));
                let without_content = match life.method {
                    Method::Head => true,
                    Method::Connect | Method::ExtendedConnect => success,
                    Method::Get | Method::Other => fields.status == Some(304),
                };
                let empty = without_content || matches!(fields.status, Some(204 | 205));
                if empty && !matches!(life.method, Method::Connect | Method::ExtendedConnect) {
                    sent.add(Sent::NO_CONTENT);
                }
                life.content_left[side.index()] = length.filter(|_| !without_content);
                let (opened_at, pushed) = (life.opened_at, life.pushed);
                if pushed {
                    self.count_open(scene);
                } else {
                    self.senders[side.index()].knowledge.answered(opened_at);
                }
            }
            Role::Promise | Role::Trailers | Role::Unknown => {}
        }
    }

    /// A message has come to its end: its content has the length that was said. Source: RFC 9113 §8.1.1.
    pub(super) fn content_is_complete(&mut self, scene: &mut Scene<'_>) {
        let stream = scene.stream();
        let Some(life) = self.lives.at(scene.slot) else {
            return;
        };
        let left = life.content_left[scene.side.index()].take();
        let Some(left) = left.filter(|&left| left != 0) else {
            return;
        };
        let (bytes, than) = (left.unsigned_abs(), if left > 0 { "fewer" } else { "more" });
        let text = format!(
            "The message of {} on stream {stream} ends with {} of content {than} than its \
             content-length says.",
            super::frame_shape::lower(scene.sender()),
            counted(bytes, "byte")
        );
        self.book
            .broken(&streams::CONTENT_LENGTH_MISMATCH, text, scene);
    }

    fn misplaced(&mut self, what: &str, message: &str, scene: &mut Scene<'_>) {
        let text = format!("{what} is in a {message}, where it has no place.");
        self.book
            .broken(&rules::PSEUDO_HEADER_MISPLACED, text, scene);
    }

    fn missing(
        &mut self,
        missing: Option<String>,
        message: &str,
        section: &'static str,
        scene: &mut Scene<'_>,
    ) {
        if let Some(missing) = missing {
            let text = format!("This {message} has no {missing}.");
            self.book
                .broken_in(&rules::PSEUDO_HEADER_MISSING, Some(section), text, scene);
        }
    }
}
