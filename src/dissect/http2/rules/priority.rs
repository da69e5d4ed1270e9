//! Priorities of both kinds, and the frames of extensions that are ignored in the wrong place.

use super::{Rules, Scene};
use crate::trace::rules::signals as rules;
use crate::wire::counted::counted;
use crate::wire::http2::{AltSvc, Origin, Priority, StreamId, is_origin};
use std::collections::BTreeSet;

/// What was said about priorities.
#[derive(Default)]
pub(super) struct Priorities {
    /// Whether it was said that the server disregards the client's signals.
    unwanted_said: bool,
    /// Streams that the client prioritized and has not opened.
    ahead: BTreeSet<StreamId>,
}

/// How many streams are remembered that were prioritized ahead of their requests. Servers allow some hundred
/// streams at once, so more of them are a finding already.
const MAX_AHEAD: usize = 4096;

impl Rules {
    /// `PRIORITY`, or the priority in `HEADERS`. Source: RFC 7540 §5.3, which RFC 9113 superseded.
    pub(super) fn priority_signal(&mut self, priority: &Priority, scene: &mut Scene<'_>) {
        let stream = scene.stream();
        if priority.depends_on == stream && !stream.is_connection() {
            let text = format!(
                "{} makes stream {stream} depend on itself; by RFC 7540, now superseded, that is \
                 an error of the stream.",
                scene.sender()
            );
            self.book.broken(&rules::SELF_DEPENDENCY, text, scene);
        }
        if !self.priorities.unwanted_said && scene.by_client() {
            self.unwanted(scene);
        }
    }

    /// The server may have said that it disregards such signals. Source: RFC 9218 §2.1.1.
    fn unwanted(&mut self, scene: &mut Scene<'_>) {
        let server = &self.senders[scene.side.other().index()];
        let knowledge = self.senders[scene.side.index()].knowledge;
        // What the client answered is at least the first SETTINGS, which cannot be changed later.
        if server.settings.disregards_rfc7540() && knowledge.has(0) {
            self.priorities.unwanted_said = true;
            let text = "The client sends priorities of RFC 7540 although the server said that it \
                        disregards them (SETTINGS_NO_RFC7540_PRIORITIES 1)."
                .to_owned();
            self.book
                .broken(&rules::PRIORITY_SIGNAL_UNWANTED, text, scene);
        }
    }

    /// `PRIORITY_UPDATE`. Source: RFC 9218 §7.1.
    pub(super) fn priority_update(&mut self, prioritized: StreamId, scene: &mut Scene<'_>) {
        if scene.by_server() {
            let text =
                "The server sent PRIORITY_UPDATE, which only a client has a use for.".to_owned();
            self.book
                .broken(&rules::PRIORITY_UPDATE_FROM_SERVER, text, scene);
            return;
        }
        if prioritized.is_connection() {
            let text = "PRIORITY_UPDATE names stream 0, which has no response to be put in order."
                .to_owned();
            self.book
                .broken(&rules::PRIORITY_UPDATE_STREAM_ZERO, text, scene);
        } else if prioritized.is_server_initiated()
            && !self.lost
            && !self.pushes.reached(prioritized)
        {
            let text = format!(
                "PRIORITY_UPDATE names stream {prioritized}, which the server has not promised."
            );
            self.book
                .broken(&rules::PRIORITY_UPDATE_IDLE_PUSH, text, scene);
        } else {
            self.prioritized_ahead(prioritized, scene);
        }
    }

    /// A stream may be prioritized before its request is sent, as long as there is room for it. Source: RFC 9218 §7.1.
    fn prioritized_ahead(&mut self, prioritized: StreamId, scene: &mut Scene<'_>) {
        let client = &self.senders[scene.side.index()];
        let idle = prioritized.is_client_initiated()
            && !self.lost
            && prioritized.0 > client.highest_stream;
        let ahead = &mut self.priorities.ahead;
        // Opening a stream closes all idle ones below it (RFC 9113 §5.1.1).
        while ahead
            .first()
            .is_some_and(|first| first.0 <= client.highest_stream)
        {
            ahead.pop_first();
        }
        if !idle || ahead.len() >= MAX_AHEAD || !ahead.insert(prioritized) {
            return;
        }
        let waiting = u32::try_from(ahead.len()).unwrap_or(u32::MAX);
        let open = client.open_streams;
        if let Some(limit) = client.limits.streams
            && waiting.saturating_add(open) > limit
        {
            let text = format!(
                "The client has prioritized {} ahead of the requests, and {open} are open; together that \
                 is more than the {limit} that the server allows at once \
                 (SETTINGS_MAX_CONCURRENT_STREAMS).",
                counted(waiting, "stream")
            );
            self.book
                .broken(&rules::PRIORITY_UPDATE_TOO_MANY, text, scene);
        }
    }

    /// `ALTSVC`. Source: RFC 7838 §4.
    pub(super) fn altsvc(&mut self, alternative: &AltSvc<'_>, scene: &mut Scene<'_>) {
        let without_origin = alternative.origin.is_empty();
        let why = if scene.by_client() {
            "it comes from the client"
        } else if scene.stream().is_connection() && without_origin {
            "it is on stream 0 and names no origin"
        } else if !scene.stream().is_connection() && !without_origin {
            "it is on a stream, which has an origin already, and names one"
        } else {
            if let Some((rule, text)) = super::values::alt_svc(alternative.field_value) {
                self.book.broken(rule, text + ".", scene);
            }
            return;
        };
        let text = format!("This ALTSVC is ignored: {why}.");
        self.book.broken(&rules::ALTSVC_IGNORED, text, scene);
    }

    /// `ORIGIN`. Source: RFC 8336 §2.1.
    pub(super) fn origin(&mut self, origins: &Origin<'_>, scene: &mut Scene<'_>) {
        let why = if scene.by_client() {
            "it comes from the client"
        } else if !scene.stream().is_connection() {
            "it is on another stream than 0"
        } else if scene.header.flags.0 & 0x0f != 0 {
            "flags are set that are kept free"
        } else {
            if let Some(odd) = origins.iter().find(|entry| !is_origin(entry)) {
                let text = format!(
                    "The entry \"{}\" of ORIGIN is ignored: an origin is a scheme, \"://\" and a host, \
                     with or without a port.",
                    super::fields::quoted(odd)
                );
                self.book.broken(&rules::ORIGIN_ENTRY_IGNORED, text, scene);
            }
            return;
        };
        let text = format!("This ORIGIN is ignored: {why}.");
        self.book.broken(&rules::ORIGIN_IGNORED, text, scene);
    }
}
