//! What a connection carries: handing its bytes on to the dissector of its protocol, and becoming another one.

use super::{ConnectionDissector, Outside};
use crate::dissect::http1::{Http1Dissector, UpgradeWatch, Watched};
use crate::dissect::http2::Http2Dissector;
use crate::dissect::recognition::{Recognised, Seen, Undecided};
use crate::dissect::tls::TlsDissector;
use crate::trace::{ClientKnownBy, Finding, PacketId, Protocol, Side};
use bytes::Bytes;

/// What a connection carries, as far as it is known.
pub(super) enum Content {
    /// Too little was seen to tell.
    Undecided(Box<Undecided>),
    /// HTTP/2 in clear text.
    Http2(Box<Http2Dissector>),
    /// TLS, of which only the hellos are read.
    Tls(Box<TlsDissector>),
    /// HTTP/1, which may become HTTP/2; everything seen so far is kept until that is decided.
    Upgradable(Box<UpgradeWatch>, Vec<Seen>),
    /// HTTP/1 that stays HTTP/1.
    Http1(Box<Http1Dissector>),
    /// Something that is recognised or given up, and not read any further.
    Unread,
}

impl Content {
    /// How many rows of frames wait for the next batch.
    pub(super) fn frames_written(&self) -> usize {
        match self {
            Content::Http2(http2) => http2.frames_written(),
            _ => 0,
        }
    }

    /// How many bytes are held until it is known what they are.
    pub(super) fn held_bytes(&self) -> usize {
        match self {
            Content::Undecided(undecided) => undecided.held_bytes(),
            Content::Upgradable(_, seen) => {
                let bytes = seen.iter().flat_map(|seen| &seen.bytes).map(Bytes::len);
                bytes.sum::<usize>() + seen.len() * size_of::<Seen>()
            }
            Content::Http1(http1) => http1.held_bytes(),
            Content::Http2(_) | Content::Tls(_) | Content::Unread => 0,
        }
    }
}

impl ConnectionDissector {
    pub(super) fn data(
        &mut self,
        side: Side,
        offset: u64,
        bytes: &Bytes,
        now: PacketId,
        findings: &mut Vec<Finding>,
    ) {
        let mut outside = Outside {
            texts: &mut self.texts,
            findings,
            connection: self.id,
            time_ns: self.time_ns,
        };
        match &mut self.content {
            Content::Http2(http2) => {
                http2.data(side, offset, bytes, now, &mut outside);
                if let Some(client) = http2.client_told_by_frames() {
                    self.client_is(client, ClientKnownBy::Frames);
                }
            }
            Content::Upgradable(watch, seen) => {
                seen.push(Seen {
                    side,
                    offset,
                    len: bytes.len() as u64,
                    bytes: Some(bytes.clone()),
                    readable: now,
                });
                match watch.data(side, bytes) {
                    Watched::NotYet => {}
                    Watched::Never => self.stay_http1(findings),
                    Watched::Upgraded { request, starts } => {
                        let (client, seen) = (watch.client(), std::mem::take(seen));
                        let http2 = Http2Dissector::upgraded(client, &request, &mut self.texts);
                        self.content = Content::Http2(Box::new(http2));
                        self.row.protocol = Protocol::Http2;
                        self.read_again(seen, starts, findings);
                    }
                }
            }
            Content::Http1(http1) => http1.data(side, offset, bytes, now, &mut outside),
            Content::Tls(tls) => tls.data(side, bytes, now, &mut outside),
            Content::Undecided(undecided) => {
                if let Some(recognised) = undecided.data(side, offset, bytes, now) {
                    self.settle(recognised, findings);
                }
            }
            Content::Unread => {}
        }
    }

    /// Goes on as what the connection was recognised as, with everything seen so far.
    pub(super) fn settle(&mut self, recognised: Recognised, findings: &mut Vec<Finding>) {
        let Content::Undecided(undecided) = std::mem::replace(&mut self.content, Content::Unread)
        else {
            return;
        };
        let (protocol, client) = match recognised {
            Recognised::Http2 { client } => {
                let mut http2 = Http2Dissector::with_preface(client);
                if !self.row.start_seen {
                    http2.start_unseen();
                }
                self.content = Content::Http2(Box::new(http2));
                (Protocol::Http2, Some(client))
            }
            Recognised::Tls { client } => {
                self.content = Content::Tls(Box::default());
                (Protocol::Tls, client)
            }
            Recognised::Http1 { client } => {
                let watch = Box::new(UpgradeWatch::new(client));
                self.content = Content::Upgradable(watch, Vec::new());
                (Protocol::Http1, Some(client))
            }
            Recognised::Http2FromTheMiddle => {
                self.content = Content::Http2(Box::new(Http2Dissector::from_the_middle()));
                findings.push(self.begins_in_the_middle());
                (Protocol::Http2, None)
            }
            Recognised::Nothing => (Protocol::Unknown, None),
        };
        self.row.protocol = protocol;
        if let Some(client) = client {
            self.client_is(client, ClientKnownBy::Preface);
        }
        self.read_again(undecided.into_seen(), [0; 2], findings);
    }

    /// Reads a connection that does not turn into HTTP/2 as HTTP/1, with everything seen so far.
    pub(super) fn stay_http1(&mut self, findings: &mut Vec<Finding>) {
        match std::mem::replace(&mut self.content, Content::Unread) {
            Content::Upgradable(watch, seen) => {
                let http1 = Http1Dissector::new(watch.client(), self.row.start_seen);
                self.content = Content::Http1(Box::new(http1));
                self.read_again(seen, [0; 2], findings);
            }
            other => self.content = other,
        }
    }

    /// Reads what was kept, from these offsets of the two sides on.
    pub(super) fn read_again(
        &mut self,
        kept: Vec<Seen>,
        starts: [u64; 2],
        findings: &mut Vec<Finding>,
    ) {
        for seen in kept {
            let start = starts[seen.side.index()];
            let end = seen.offset + seen.len;
            if end <= start {
                continue;
            }
            let offset = seen.offset.max(start);
            let skipped = usize::try_from(offset - seen.offset).unwrap_or(usize::MAX);
            match seen.bytes {
                Some(bytes) if skipped <= bytes.len() => {
                    let bytes = bytes.slice(skipped..);
                    self.data(seen.side, offset, &bytes, seen.readable, findings);
                }
                _ => {
                    let len = end - offset;
                    self.hole_in_content(seen.side, offset, len, seen.readable, findings);
                }
            }
        }
    }

    pub(super) fn hole_in_content(
        &mut self,
        side: Side,
        offset: u64,
        len: u64,
        now: PacketId,
        findings: &mut Vec<Finding>,
    ) {
        let mut outside = Outside {
            texts: &mut self.texts,
            findings,
            connection: self.id,
            time_ns: self.time_ns,
        };
        match &mut self.content {
            Content::Http2(http2) => http2.hole(side, offset, len, now, &mut outside),
            Content::Tls(tls) => tls.hole(side),
            Content::Undecided(undecided) => undecided.hole(side, offset, len, now),
            Content::Upgradable(_, seen) => {
                seen.push(Seen {
                    side,
                    offset,
                    len,
                    bytes: None,
                    readable: now,
                });
                self.stay_http1(findings);
            }
            Content::Http1(http1) => http1.hole(side, len, now),
            Content::Unread => {}
        }
    }

    /// Says once that a side will send nothing more.
    pub(super) fn end(&mut self, side: Side, now: PacketId, findings: &mut Vec<Finding>) {
        if std::mem::replace(&mut self.finished[side.index()], true) {
            return;
        }
        if self.finished == [true; 2] {
            self.row.end_seen = true;
        }
        let mut outside = Outside {
            texts: &mut self.texts,
            findings,
            connection: self.id,
            time_ns: self.time_ns,
        };
        match &mut self.content {
            Content::Http2(http2) => {
                http2.side_ended(side, now, &mut outside);
                if self.finished == [true; 2] {
                    http2.connection_ended();
                }
            }
            Content::Http1(http1) => http1.side_ended(side, now, &mut outside),
            _ => {}
        }
    }
}
