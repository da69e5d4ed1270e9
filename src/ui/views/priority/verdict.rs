//! Whether streams got what they were due, in a sentence: who got least of it, and why, as far as the capture shows.

use super::shares::{Got, Shares};
use super::words::share_words;
use crate::analysis::stalls::Cause;
use crate::trace::{FrameId, Side};
use crate::ui::widgets::format;
use crate::ui::widgets::waits::{Reason, Waits};
use crate::wire::http2::StreamId;

/// So many points of a hundred are no difference worth a reason.
const FEW_POINTS: i64 = 5;
/// A wait that took less than this share of the time explains nothing.
const LEAST_OF_TIME: f64 = 0.1;

/// What the sentences are made from.
pub struct Evidence<'a> {
    /// Who got what.
    pub shares: &'a Shares,
    /// Over what: `in the last 100 ms`.
    pub over: &'a str,
    /// What made streams wait, as soon as that is known.
    pub waits: Option<&'a Waits>,
    /// The capture's first packet, in nanoseconds since the Unix epoch.
    pub origin_ns: i64,
    /// Who delivers.
    pub sender: Side,
    /// The frame with which a stream's content ended, if that lies within the time.
    pub ended: &'a dyn Fn(StreamId) -> Option<FrameId>,
    /// Whether a tree was signalled.
    pub tree: bool,
    /// Whether urgencies were.
    pub urgencies: bool,
}

/// The sentences.
pub fn words(evidence: &Evidence<'_>) -> String {
    let (shares, over) = (evidence.shares, evidence.over);
    if shares.bytes == 0 {
        return format!("The server sent no DATA {over}: there is nothing to compare.");
    }
    let could_send: Vec<(StreamId, Got)> = shares.iter().collect();
    if let [(stream, _)] = could_send.as_slice() {
        return format!("Stream {stream} alone had something to send {over}, and got all.");
    }
    let mut said = Vec::new();
    if evidence.tree || !evidence.urgencies {
        said.push(evidence.of_tree(&could_send));
    }
    if evidence.urgencies {
        said.push(evidence.of_urgencies(&could_send));
    }
    said.join(" ")
}

/// A share in points of a hundred, as it is shown.
fn points(share: f32) -> i64 {
    (f64::from(share) * 100.0).round() as i64
}

/// How many points a stream got less than it was due.
fn short(got: &Got) -> i64 {
    points(got.ideal) - points(got.delivered)
}

impl Evidence<'_> {
    fn of_tree(&self, streams: &[(StreamId, Got)]) -> String {
        let over = self.over;
        // A stream that needed no more is not short of anything.
        let needed_more = |of: &&(StreamId, Got)| (self.ended)(of.0).is_none();
        let most = |(_, got): &&(StreamId, Got)| short(got);
        let first = streams.iter().filter(needed_more).max_by_key(most);
        let Some((stream, got)) = first.or_else(|| streams.iter().max_by_key(most)) else {
            return String::new();
        };
        let (share, due) = (share_words(got.delivered), share_words(got.ideal));
        let missing = short(got);
        let over_early = streams.iter().filter(|of| !needed_more(of));
        let over_early = over_early.max_by_key(most);
        if (missing < FEW_POINTS || (self.ended)(*stream).is_some())
            && let Some((other, got)) = over_early.filter(|(_, got)| short(got) >= FEW_POINTS)
            && let Some(frame) = (self.ended)(*other)
        {
            let due = match self.tree {
                true => "what the tree made its due",
                false => "as much as the others",
            };
            return format!(
                "Every stream got about {due} {over}, or all that it still needed: stream {other} got {} of its {}, and frame \
                 {frame} was its last.",
                share_words(got.delivered),
                share_words(got.ideal)
            );
        }
        if missing < FEW_POINTS {
            let due = match self.tree {
                true => "what the tree made its due",
                false => "as much as the others",
            };
            return format!(
                "Every stream got about {due} {over}: none is {FEW_POINTS} points short."
            );
        }
        let because = self.because(streams, *stream, got);
        format!(
            "Stream {stream} got {share} {over} instead of {due}: {missing} points short, {because}."
        )
    }

    /// Why a stream got less than its due: what the capture shows, or that it does not.
    fn because(&self, streams: &[(StreamId, Got)], stream: StreamId, got: &Got) -> String {
        let due_bytes = f64::from(got.ideal) * self.shares.bytes as f64;
        let missing_bytes = (due_bytes - got.delivered_bytes as f64).max(0.0);
        if missing_bytes < self.shares.largest_bytes as f64 {
            let largest = format::exact_bytes(self.shares.largest_bytes);
            return format!("which is less than one DATA frame ({largest}): frames are sent whole");
        }
        let all_ns = self
            .shares
            .times_ns
            .1
            .saturating_sub(self.shares.times_ns.0);
        let waited = [
            (
                &[Cause::StreamWindow, Cause::BothWindows][..],
                "because its own flow-control window was used up for",
            ),
            (
                &[Cause::NothingToSend][..],
                "because the server had nothing to send on it for",
            ),
        ];
        for (causes, words) in waited {
            let ns = self.waited_ns(stream, causes);
            if ns as f64 >= all_ns as f64 * LEAST_OF_TIME && ns > 0 {
                let lasted = format::duration_ns(ns);
                return format!("{words} {lasted} of this time");
            }
        }
        let off = |of: fn(&Got) -> f32| -> f32 {
            streams
                .iter()
                .map(|(_, got)| (got.delivered - of(got)).abs())
                .sum()
        };
        if self.tree && off(|got| got.alike) * 2.0 < off(|got| got.ideal) {
            return "because the server did not follow the tree: it gave all that could send about the same".to_owned();
        }
        let gained = streams.iter().max_by_key(|(_, got)| -short(got));
        let who = gained.map_or_else(String::new, |(other, got)| {
            format!(
                "while stream {other} got {} instead of {}; ",
                share_words(got.delivered),
                share_words(got.ideal)
            )
        });
        format!("{who}the capture does not show why")
    }

    /// How long a stream waited within the time for one of these causes.
    fn waited_ns(&self, stream: StreamId, causes: &[Cause]) -> i64 {
        let since = |time_ns: i64| time_ns.saturating_sub(self.origin_ns);
        let (from, until) = (since(self.shares.times_ns.0), since(self.shares.times_ns.1));
        let waits = self
            .waits
            .map(|waits| waits.within(stream, from as f64, until as f64));
        let waits = waits.into_iter().flatten();
        let of_cause = waits.filter(|wait| {
            let told = matches!(wait.reason, Reason::Paused(cause) if causes.contains(&cause));
            told && wait.sender == self.sender
        });
        let (mut sum, mut told_until) = (0_i64, from);
        for wait in of_cause {
            let (begin, end) = (wait.from_ns.max(told_until), wait.until_ns.min(until));
            sum = sum.saturating_add(end.saturating_sub(begin).max(0));
            told_until = told_until.max(end);
        }
        sum
    }

    fn of_urgencies(&self, streams: &[(StreamId, Got)]) -> String {
        let over = self.over;
        let out_of_turn = |(_, got): &(StreamId, Got)| got.out_of_turn_bytes;
        let bytes: u64 = streams.iter().map(out_of_turn).sum();
        let most = streams.iter().max_by_key(|of| out_of_turn(of));
        let Some((stream, _)) = most.filter(|_| bytes > 0) else {
            return format!("What was most urgent was always served first {over}.");
        };
        let share = share_words(bytes as f32 / self.shares.bytes.max(1) as f32);
        format!(
            "{share} of all bytes {over} were sent while a more urgent stream could send, most of them on stream {stream}."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn got(delivered: f32, ideal: f32, alike: f32) -> Got {
        Got {
            delivered_bytes: (delivered * 100_000.0) as u64,
            delivered,
            ideal,
            alike,
            could_send: 1.0,
            out_of_turn_bytes: 0,
        }
    }

    fn said(of: &[(u32, Got)], largest_bytes: u64) -> String {
        let shares = Shares::made(
            of.iter().map(|(id, got)| (StreamId(*id), *got)),
            largest_bytes,
        );
        words(&Evidence {
            shares: &shares,
            over: "in the last 100 ms",
            waits: None,
            origin_ns: 0,
            sender: Side::B,
            ended: &|stream| (stream == StreamId(99)).then(|| FrameId::from_index(7)),
            tree: true,
            urgencies: false,
        })
    }

    #[test]
    fn who_is_short_of_its_due_is_named_with_how_much_and_no_reason_is_made_up() {
        let streams = [(19, got(0.09, 0.27, 0.2)), (21, got(0.91, 0.73, 0.8))];
        let said = said(&streams, 4_000);
        assert_eq!(
            said,
            "Stream 19 got 9 % in the last 100 ms instead of 27 %: 18 points short, \
             while stream 21 got 91 % instead of 73 %; the capture does not show why."
        );
    }

    #[test]
    fn less_than_a_frame_and_a_server_that_treats_all_alike_are_reasons() {
        let streams = [(19, got(0.09, 0.27, 0.5)), (21, got(0.91, 0.73, 0.5))];
        assert!(said(&streams, 20_000).contains("less than one DATA frame (20"));
        let ended = [(99, got(0.09, 0.27, 0.5)), (21, got(0.91, 0.73, 0.5))];
        assert_eq!(
            said(&ended, 4_000),
            "Every stream got about what the tree made its due in the last 100 ms, or all that it still needed: \
             stream 99 got 9 % of its 27 %, and frame 7 was its last."
        );
        // What matters is said, whoever else was served to the end.
        let both = [
            (99, got(0.05, 0.4, 0.3)),
            (19, got(0.1, 0.3, 0.3)),
            (21, got(0.85, 0.3, 0.4)),
        ];
        let words = said(&both, 4_000);
        assert!(words.starts_with("Stream 19 got 10 %"), "{words}");
        let alike = [(1, got(0.5, 0.9, 0.5)), (3, got(0.5, 0.1, 0.5))];
        let words = said(&alike, 4_000);
        assert!(words.contains("did not follow the tree"), "{words}");
        assert!(words.contains("40 points short"), "{words}");
    }

    #[test]
    fn small_differences_and_a_stream_alone_are_said_so() {
        let fair = [(1, got(0.51, 0.5, 0.5)), (3, got(0.49, 0.5, 0.5))];
        assert!(said(&fair, 4_000).starts_with("Every stream got"));
        let alone = said(&[(7, got(1.0, 1.0, 1.0))], 4_000);
        assert!(alone.starts_with("Stream 7 alone"), "{alone}");
        assert!(said(&[], 0).contains("no DATA in the last 100 ms"));
    }
}
