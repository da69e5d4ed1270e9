//! The times in which a sender had used up a window, ready to be drawn: by beginning, with what ends
//! latest so far, so that those in view are found by binary search.

use super::model::Reader;
use crate::analysis::stalls::{Cause, Stall, flow_control_stalls};
use crate::report::frames;
use crate::trace::http2::StalledBy;
use crate::trace::{Connection, FrameId, Http2, Side, Trace};
use crate::ui::widgets::format;
use crate::wire::http2::{FrameKind, StreamId};

/// Pauses of a sender that are kept by how long they lasted: more than anybody reads in a list.
const MAX_LONGEST: usize = 1000;

/// A pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The stream whose DATA used the window up.
    pub stream: StreamId,
    /// Who waited.
    pub sender: Side,
    /// Which window.
    pub by: StalledBy,
    /// The frame that used it up.
    pub from: FrameId,
    /// When that was, in nanoseconds since the Unix epoch.
    pub from_ns: i64,
    /// When it ended; `None` when it did not.
    pub until_ns: Option<i64>,
    /// The frame that let the sender go on: after the wait, or captured before it began and on its way since.
    pub credit: Option<FrameId>,
    /// Whether the capture shows the window used up. Otherwise a credit was captured before, but the
    /// sender cannot have had it yet.
    pub seen: bool,
}

impl Pause {
    /// `stream 5 waits 34 ms: its own window is used up until frame 41, WINDOW_UPDATE +8 191 bytes for stream 5`.
    pub fn words(&self, reader: &Reader<'_>) -> String {
        let lasted = self.lasted_words();
        let (who, whose) = match self.by {
            StalledBy::Stream => (format!("stream {} waits", self.stream), "its own window is"),
            StalledBy::Connection => ("all streams wait".to_owned(), "the connection's window is"),
            StalledBy::Both => (
                format!("stream {} waits", self.stream),
                "its own window and the connection's are",
            ),
        };
        let sender = reader.direction().name();
        match (self.credit_words(reader), self.seen) {
            (Some(credit), true) => format!("{who} {lasted}: {whose} used up until {credit}"),
            (None, true) => format!("{who} {lasted}: {whose} used up"),
            (Some(credit), false) => format!(
                "{who} {lasted}: {whose} used up as far as the {sender} knows, until it has {credit}, which is captured here before it arrives there"
            ),
            (None, false) => format!(
                "{who} {lasted}: {whose} used up as far as the {sender} knows; the credit is still on its way to it"
            ),
        }
    }

    /// The frame that let the sender go on: `frame 41, WINDOW_UPDATE +8 191 bytes for stream 5`.
    fn credit_words(&self, reader: &Reader<'_>) -> Option<String> {
        let frame = self.credit?;
        let row = reader.http2.frames.get(frame.index())?;
        if row.kind != FrameKind::WINDOW_UPDATE {
            return Some(format!("frame {frame}, {}", row.kind));
        }
        let whom = if row.stream.is_connection() {
            "the connection".to_owned()
        } else {
            format!("stream {}", row.stream)
        };
        let info = frames::info(reader.trace, reader.connection, frame);
        Some(format!("frame {frame}, WINDOW_UPDATE {info} for {whom}"))
    }

    /// The frame that let the sender go on, to stand beside how long the wait lasted where there is little room: `until frame 41`.
    pub fn credit_frame_words(&self) -> Option<String> {
        self.credit.map(|frame| format!("until frame {frame}"))
    }

    /// The same with what it brought: `until frame 41: +8 191 bytes`; where it was captured before the wait began, and
    /// was on its way since, `until frame 41 arrives: +8 191 bytes`.
    pub fn credit_in_short(&self, reader: &Reader<'_>) -> Option<String> {
        let frame = self.credit?;
        let row = reader.http2.frames.get(frame.index())?;
        let what = match row.kind {
            FrameKind::WINDOW_UPDATE => frames::info(reader.trace, reader.connection, frame),
            kind => kind.to_string(),
        };
        Some(match self.seen {
            true => format!("until frame {frame}: {what}"),
            false => format!("until frame {frame} arrives: {what}"),
        })
    }

    /// Who waits for what, without how long: `stream 5 waits for its window`.
    pub fn who_words(&self) -> String {
        match self.by {
            StalledBy::Stream => format!("stream {} waits for its window", self.stream),
            StalledBy::Connection => "all wait for the connection's window".to_owned(),
            StalledBy::Both => format!("stream {} waits for both windows", self.stream),
        }
    }

    /// Who waits: `stream 5`, or `all streams`.
    pub fn name_words(&self) -> String {
        match self.by {
            StalledBy::Connection => "all streams".to_owned(),
            StalledBy::Stream | StalledBy::Both => format!("stream {}", self.stream),
        }
    }

    /// Which window was used up.
    pub fn why_words(&self) -> &'static str {
        match self.by {
            StalledBy::Stream => "its own window",
            StalledBy::Connection => "the connection's window",
            StalledBy::Both => "its own window and the connection's",
        }
    }

    /// From when to when, since the first packet: `51.3 to 106.5 ms`.
    pub fn times_words(&self, origin_ns: i64) -> String {
        let ms = |time_ns: i64| time_ns.saturating_sub(origin_ns) as f64 / 1e6;
        let from = ms(self.from_ns);
        match self.until_ns {
            Some(until) => format!("{from:.1} to {:.1} ms", ms(until)),
            None => format!("from {from:.1} ms on"),
        }
    }

    /// What ended it: `frame 41, WINDOW_UPDATE +8 191 bytes for stream 5`.
    pub fn end_words(&self, reader: &Reader<'_>) -> String {
        match (self.credit_words(reader), self.seen) {
            (None, _) => "nothing that is in the capture".to_owned(),
            (Some(credit), true) => credit,
            (Some(credit), false) => format!("{credit}, when it arrived at the sender"),
        }
    }

    /// Everything about it in one line: who, from when to when, how long, why, and what ended it.
    pub fn line_words(&self, reader: &Reader<'_>) -> String {
        format!(
            "{}, {}, {}: {}; ended by {}",
            self.name_words(),
            self.times_words(reader.origin_ns),
            self.lasted_words(),
            self.why_words(),
            self.end_words(reader),
        )
    }

    /// How long it lasted, in nanoseconds; what did not end is longest.
    pub fn lasted_ns(&self) -> i64 {
        let until = self.until_ns.unwrap_or(i64::MAX);
        until.saturating_sub(self.from_ns)
    }

    /// Whether it goes on at an instant, in nanoseconds since the Unix epoch.
    pub fn is_at(&self, time_ns: i64) -> bool {
        self.from_ns <= time_ns && self.until_ns.is_none_or(|until| time_ns < until)
    }

    /// The row it is drawn in: that of its stream, or of the connection.
    pub fn row(&self) -> StreamId {
        match self.by {
            StalledBy::Stream => self.stream,
            StalledBy::Connection | StalledBy::Both => StreamId::CONNECTION,
        }
    }

    /// How long it lasted, for where there is little room.
    pub fn lasted_words(&self) -> String {
        match self.until_ns {
            Some(until) => format::duration_ns(until.saturating_sub(self.from_ns)),
            None => "to the end".to_owned(),
        }
    }
}

/// All pauses of a connection, for which a window was used up.
#[derive(Clone, Debug, Default)]
pub struct Pauses {
    rows: Vec<Pause>,
    /// The latest end of the rows up to this one.
    latest_end_ns: Vec<i64>,
    /// By sender, the positions of the longest, the longest first.
    longest: [Vec<usize>; 2],
}

impl Pauses {
    /// Works them out: looks at every time a window was used up, which may be at every frame.
    pub fn of(trace: &Trace, connection: &Connection) -> Self {
        let Some(http2) = connection.http2() else {
            return Self::default();
        };
        let stalls = flow_control_stalls(trace, connection);
        let rows: Vec<Pause> = stalls
            .iter()
            .filter_map(|stall| pause(http2, stall))
            .collect();
        let mut latest = i64::MIN;
        let latest_end_ns = rows
            .iter()
            .map(|row| {
                latest = latest.max(row.until_ns.unwrap_or(i64::MAX));
                latest
            })
            .collect();
        let longest = Side::BOTH.map(|side| {
            let own = rows.iter().enumerate();
            let own = own.filter(|(_, row)| row.sender == side);
            let mut own: Vec<usize> = own.map(|(at, _)| at).collect();
            let lasted = |at: &usize| rows.get(*at).map(Pause::lasted_ns);
            own.sort_by_key(|at| std::cmp::Reverse(lasted(at)));
            own.truncate(MAX_LONGEST);
            own
        });
        Self {
            rows,
            latest_end_ns,
            longest,
        }
    }

    /// The longest of a sender, the longest first.
    pub fn longest(&self, sender: Side) -> impl Iterator<Item = &Pause> {
        let own = self.longest.get(sender.index()).into_iter().flatten();
        own.filter_map(|at| self.rows.get(*at))
    }

    /// Those of a sender that lie at least partly in a stretch of time, in nanoseconds since the
    /// Unix epoch.
    pub fn within(
        &self,
        sender: Side,
        from_ns: i64,
        until_ns: i64,
    ) -> impl Iterator<Item = &Pause> {
        let first = self.latest_end_ns.partition_point(|&end| end < from_ns);
        let end = self.rows.partition_point(|row| row.from_ns <= until_ns);
        let rows = self.rows.get(first..end).unwrap_or_default();
        rows.iter().filter(move |row| {
            row.sender == sender && row.until_ns.is_none_or(|end| end >= from_ns)
        })
    }
}

fn pause(http2: &Http2, stall: &Stall) -> Option<Pause> {
    let at = Some(stall.from);
    let history = &http2.history;
    let own = history.stream_window_at(stall.stream, stall.sender, at);
    let connection = history.connection_window_at(stall.sender, at);
    let used_up = |window: Option<i64>| window.is_some_and(|window| window <= 0);
    let (by, seen) = match stall.cause {
        Cause::StreamWindow => (StalledBy::Stream, used_up(own)),
        Cause::ConnectionWindow => (StalledBy::Connection, used_up(connection)),
        Cause::BothWindows => (StalledBy::Both, used_up(own) || used_up(connection)),
        _ => return None,
    };
    Some(Pause {
        stream: stall.stream,
        sender: stall.sender,
        by,
        from: stall.from,
        from_ns: stall.from_ns,
        until_ns: stall.until_ns,
        credit: stall.unread_credit.or(stall.until),
        seen,
    })
}
