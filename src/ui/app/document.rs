//! The capture that is open: what was asked for, how far it is read, and its trace.

use crate::trace::{Batch, Connection, ConnectionId, Finding, Protocol, Trace};
use crate::ui::background::drop_elsewhere;
use crate::ui::loader::{Input, LoadError, Loader, Loading, Progress, Waker};
use std::path::{Path, PathBuf};

/// How many of the newest connections are looked at for one that speaks HTTP/2: this happens in each picture.
const MAX_LOOKED_AT: usize = 32;

/// A connection that has lasted so long is shown in place of one that is over, although more comes all the time. Shorter, and the
/// picture flickers where many are made and closed; longer, and it is felt to hang.
const SETTLED_NS: i64 = 1_000_000_000;

/// How reading stands.
#[derive(Debug)]
pub enum Reading {
    /// A thread reads.
    Going(Loader),
    /// All was read.
    Done,
    /// A person has stopped it at this point.
    Cancelled(Progress),
    /// Nothing could be read.
    Failed(LoadError),
}

/// A capture. See the module text.
pub struct Document {
    /// Its name.
    pub title: String,
    /// Its path, until it is known to be a capture that is worth remembering.
    pub unproven: Option<PathBuf>,
    /// What was seen so far; `None` until the file is open.
    pub trace: Option<Trace>,
    /// How reading stands.
    pub reading: Reading,
    /// The connection shown.
    pub connection: Option<ConnectionId>,
    /// Whether a person has chosen that connection.
    pub chosen: bool,
    /// Whether the page to start with was chosen.
    pub greeted: bool,
    /// Whether the connection shown stays, because it was watched as it grew.
    watched: bool,
    path: Option<PathBuf>,
    rested: Option<PathBuf>,
    /// How many findings the reader has told so far, kept and only counted.
    told: (usize, u64),
    /// Whether there are findings that did not come from the reader.
    has_more_findings: bool,
}

impl Document {
    /// Begins to read a capture.
    pub fn open(input: Input, waker: Waker) -> Self {
        let title = input.title();
        let path = input.path().map(Path::to_owned);
        let unproven = path.clone();
        let watched = matches!(input, Input::Growing(_));
        let reading = match Loader::start(input, waker) {
            Ok(loader) => Reading::Going(loader),
            Err(error) => Reading::Failed(error),
        };
        Self {
            title,
            unproven,
            trace: None,
            reading,
            connection: None,
            chosen: false,
            greeted: false,
            watched,
            path,
            rested: None,
            told: (0, 0),
            has_more_findings: false,
        }
    }

    /// The folder it lies in; `None` when it is no file.
    pub fn folder(&self) -> Option<&Path> {
        let folder = self.path.as_deref()?.parent()?;
        (!folder.as_os_str().is_empty()).then_some(folder)
    }

    /// A capture that somebody else has read.
    pub fn of_trace(title: String, trace: Trace, connection: Option<ConnectionId>) -> Self {
        let mut document = Self {
            title,
            unproven: None,
            trace: Some(trace),
            reading: Reading::Done,
            connection,
            chosen: connection.is_some(),
            greeted: true,
            watched: false,
            path: None,
            rested: None,
            told: (0, 0),
            has_more_findings: false,
        };
        document.choose_connection();
        document
    }

    /// Takes in what the loader has for us.
    pub fn receive(&mut self) {
        let Reading::Going(loader) = &mut self.reading else {
            return;
        };
        let (newer, loading) = loader.receive();
        // All of a pipe may have been there at once: then nobody has watched it grow.
        self.watched |= loader.is_live() && loader.is_quiet();
        if let Some(newer) = newer {
            let told = (newer.findings.len(), newer.findings_dropped);
            let newer = match &self.trace {
                Some(trace) if self.has_more_findings => go_on(trace, self.told, newer),
                _ => newer,
            };
            self.told = told;
            if let Some(before) = self.trace.replace(newer) {
                loader.give_back(before);
            }
        } else if matches!(loading, Loading::Going) {
            return;
        }
        match loading {
            Loading::Going => {}
            Loading::Done => {
                self.rested = self.path.clone().filter(|_| loader.has_rested());
                self.reading = Reading::Done;
            }
            Loading::Failed(error) => self.reading = Reading::Failed(error),
        }
        self.choose_connection();
    }

    /// While a capture grows and its end is followed: when the connection shown is over, the newest one takes its place, once it is
    /// calm or that one has lasted a while. Nothing is taken away that somebody has chosen. Answers whether another is shown now.
    pub fn follow_newest(&mut self) -> bool {
        let (Some(trace), Some(shown)) = (&self.trace, self.connection()) else {
            return false;
        };
        if self.chosen || !self.live() || !shown.row.end_seen {
            return false;
        }
        let newer = shown.id.index().saturating_add(1)..trace.connections.len();
        let newest = newer
            .rev()
            .take(MAX_LOOKED_AT)
            .filter_map(|index| trace.connections.get(index))
            .find(|connection| connection.http2().is_some());
        let Some(newest) = newest else {
            return false;
        };
        let time_ns = |packet| trace.time_ns(packet);
        let lasted_ns =
            time_ns(newest.row.last_packet).saturating_sub(time_ns(newest.row.first_packet));
        if self.loading() && lasted_ns < SETTLED_NS {
            return false;
        }
        self.connection = Some(newest.id);
        true
    }

    /// Adds findings that were worked out of what was read. More may still be read.
    pub fn add_findings(&mut self, findings: Vec<Finding>) {
        if let Some(trace) = &mut self.trace {
            trace.append(Batch {
                findings,
                ..Batch::default()
            });
            self.has_more_findings = true;
        }
    }

    /// The view to start with, once that can be told: the list of connections where there are
    /// several or nothing to draw, else the loom. `None` before and after.
    pub fn greeting(&mut self) -> Option<&'static str> {
        let trace = self.trace.as_ref().filter(|_| !self.greeted)?;
        let several = trace.connections.len() > 1;
        // A recording has nothing at first, and what comes is not known.
        let empty = trace.connections.is_empty() && self.live();
        if empty || (!several && self.loading()) {
            return None;
        }
        self.greeted = true;
        let drawable = self.http2_connection().is_some() || self.loading();
        Some(if several || !drawable {
            "connections"
        } else {
            "loom"
        })
    }

    /// Stops reading. What was read stays.
    pub fn cancel(&mut self) {
        if let Reading::Going(loader) = &self.reading {
            loader.cancel();
            self.reading = Reading::Cancelled(loader.progress());
        }
    }

    /// Waits for nothing more: what is in the file by now is read to its end.
    pub fn finish(&mut self) {
        if let Reading::Going(loader) = &self.reading {
            loader.finish();
        }
    }

    /// Where it is, when it is a file.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether more waits to be read. What may still grow but was read as far as it goes is
    /// [`Document::live`].
    pub fn loading(&self) -> bool {
        matches!(&self.reading, Reading::Going(loader) if !loader.is_quiet())
    }

    /// Whether more comes: a pipe, or a file that was seen to grow.
    pub fn live(&self) -> bool {
        let Reading::Going(loader) = &self.reading else {
            return false;
        };
        self.trace.is_some() && loader.is_live()
    }

    /// Whether it ended because a file that had been changed lately did not grow, and nobody was told so yet: then its path.
    pub fn take_rested(&mut self) -> Option<PathBuf> {
        self.rested
            .take()
            .filter(|_| matches!(self.reading, Reading::Done))
    }

    /// How far reading has come, while it goes on.
    pub fn progress(&self) -> Option<Progress> {
        match &self.reading {
            Reading::Going(loader) => Some(loader.progress()),
            _ => None,
        }
    }

    /// The connection shown.
    pub fn connection(&self) -> Option<&Connection> {
        self.trace.as_ref()?.connection(self.connection?)
    }

    /// The connection shown, when it speaks HTTP/2.
    pub fn http2_connection(&self) -> Option<&Connection> {
        self.connection()
            .filter(|connection| connection.http2().is_some())
    }

    /// Shows the first HTTP/2 connection as soon as there is one and stays with it while reading,
    /// so that the picture does not jump; when all was read, the one with most frames, unless
    /// somebody has watched it grow. Without any, the HTTP/1.1 connection with most exchanges, else the first connection.
    fn choose_connection(&mut self) {
        let Some(trace) = &self.trace else {
            return;
        };
        let stays = self.loading() || self.watched;
        if self.chosen || (self.http2_connection().is_some() && stays) {
            return;
        }
        let http1 = || trace.main_http1_connection();
        let main = trace.main_connection().or_else(http1);
        let main = main.or(trace.connections.first());
        self.connection = main.map(|connection| connection.id);
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        // To free a large capture takes longer than a picture has time for.
        if let Some(trace) = self.trace.take() {
            drop_elsewhere(trace);
        }
    }
}

/// What was read anew, with the findings of the trace before in front: it has some that the reader does not know. `told` says
/// how many the reader had told then.
fn go_on(before: &Trace, told: (usize, u64), mut newer: Trace) -> Trace {
    let (kept, dropped) = told;
    let findings = std::mem::replace(&mut newer.findings, before.findings.clone());
    let dropped = newer.findings_dropped.saturating_sub(dropped);
    newer.findings_dropped = before.findings_dropped.saturating_add(dropped);
    newer.append(Batch {
        findings: findings.range(kept..findings.len()).cloned().collect(),
        ..Batch::default()
    });
    newer
}

/// What a connection is and, unless it is HTTP/2, why nothing of it is shown: one line.
pub fn connection_line(connection: &Connection) -> String {
    let row = &connection.row;
    match row.protocol {
        Protocol::Http2 => match connection.http2() {
            Some(http2) => {
                let streams = http2.streams().len() as u64;
                format!(
                    "HTTP/2 · {}",
                    crate::ui::widgets::format::counted(streams, "stream")
                )
            }
            None => "HTTP/2".to_owned(),
        },
        Protocol::Http1 => {
            let exchanges = connection
                .http1()
                .map_or(0, |http1| http1.exchanges().len());
            format!(
                "HTTP/1.1 · {}",
                crate::ui::widgets::format::counted(exchanges as u64, "exchange")
            )
        }
        Protocol::Unknown => "nothing that we recognise".to_owned(),
        Protocol::Tls => {
            let tls = row.tls.as_ref();
            let mut line = "encrypted".to_owned();
            match tls.and_then(|tls| tls.version) {
                Some(version) => line.push_str(&format!(" {version}")),
                None => line.push_str(" TLS"),
            }
            if let Some(name) = tls.and_then(|tls| tls.server_name.as_deref()) {
                line.push_str(&format!(" to {name}"));
            }
            if let Some(alpn) = tls.and_then(|tls| tls.alpn.as_deref()) {
                line.push_str(&format!(" (ALPN {alpn})"));
            } else if let Some(tls) = tls
                && !tls.alpn_offered.is_empty()
            {
                line.push_str(&format!(" (ALPN offered: {})", tls.alpn_offered.join(", ")));
            }
            line.push_str("; cannot be read yet");
            line
        }
    }
}

/// A connection's number and ends: `Connection 0 · 192.0.2.1:55264 → 192.0.2.2:8080`.
pub fn connection_title(connection: &Connection) -> String {
    use crate::trace::Direction::{Client, Server};
    let (client, server) = (connection.end(Client), connection.end(Server));
    format!("Connection {} · {client} → {server}", connection.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Source;

    fn finding(rule: &'static str) -> Finding {
        let of = &crate::trace::rules::reading::RESYNCHRONISED;
        Finding {
            rule,
            ..Finding::new(of, rule.to_owned())
        }
    }

    fn with_findings(rules: &[&'static str]) -> Trace {
        let mut trace = Trace::new(Source::empty());
        trace.append(Batch {
            findings: rules.iter().map(|rule| finding(rule)).collect(),
            findings_dropped: rules.len() as u64,
            ..Batch::default()
        });
        trace
    }

    #[test]
    fn findings_that_were_worked_out_keep_their_places_when_more_is_read() {
        let before = with_findings(&["a", "b"]);
        let mut document = Document::of_trace("x".to_owned(), before, None);
        document.told = (2, 2);
        document.add_findings(vec![finding("worked out")]);
        let newer = with_findings(&["a", "b", "c"]);
        let newer = go_on(document.trace.as_ref().unwrap(), document.told, newer);
        let rules: Vec<&str> = newer.findings.iter().map(|of| of.rule).collect();
        assert_eq!(rules, ["a", "b", "worked out", "c"]);
        assert_eq!(newer.findings_dropped, 3);
    }
}
