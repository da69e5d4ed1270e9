//! Waits in words: in their lane, as long as there is room, and in sentences where somebody asks.

use super::{Reason, Wait, Waits};
use crate::analysis::mending::Mending;
use crate::analysis::stalls::Cause;
use crate::ui::widgets::format;
use crate::wire::http2::StreamId;

impl Waits {
    /// How the hole behind a wait was mended, and how long that took in nanoseconds.
    fn mended(&self, reason: Reason) -> Option<(Mending, u64)> {
        let Reason::Hole(index) = reason else {
            return None;
        };
        let hole = self.holes.get(index)?;
        let lasted = hole.times_ns.1.saturating_sub(hole.times_ns.0);
        Some((hole.mending, u64::try_from(lasted).unwrap_or(0)))
    }

    /// Whether nothing was lost: what a stream waited for had only been overtaken.
    pub fn is_late(&self, wait: &Wait) -> bool {
        matches!(self.mended(wait.reason), Some((Mending::Late, _)))
    }

    /// Why, in a few words: [`Reason::label`], and of a hole what it turned out to be.
    pub fn label(&self, reason: Reason) -> &'static str {
        match self.mended(reason) {
            Some((Mending::SentAgain { .. }, _)) => "lost segment",
            Some((Mending::Late, _)) => "late segment",
            _ => reason.label(),
        }
    }

    /// What is said of a wait where it is drawn: the first of these that has room. Each says why.
    pub fn in_lane(&self, wait: &Wait) -> Vec<String> {
        let lasted = lasted_words(wait);
        let waits = |why: &str| format!("waits {lasted}: {why}");
        let in_short = |why: &str| format!("{lasted}: {why}");
        match wait.reason {
            Reason::Paused(cause) => {
                let [long, short] = paused_words(cause);
                vec![
                    waits(wait.reason.label()),
                    in_short(long),
                    in_short(short),
                    short.to_owned(),
                ]
            }
            Reason::Copy(_) => vec![
                waits("segment sent again"),
                in_short("sent again"),
                "sent again".to_owned(),
            ],
            Reason::Hole(_) => match self.mended(wait.reason) {
                Some((Mending::SentAgain { .. }, after)) => {
                    let again = format!("sent again after {}", duration_words(after));
                    vec![
                        waits(&format!("lost, {again}")),
                        again,
                        in_short("lost"),
                        "lost".to_owned(),
                    ]
                }
                Some((Mending::Late, _)) => vec![
                    waits("segment came late"),
                    "came late".to_owned(),
                    "late".to_owned(),
                ],
                _ => vec![
                    waits("missing segment"),
                    in_short("missing"),
                    "missing".to_owned(),
                ],
            },
        }
    }

    /// What is said beside a shade of its lane, where it stands for all of its kind: `143 ms in 4 waits: stream window`. A single
    /// wait is said like in its shade.
    pub fn beside(&self, stream: StreamId, wait: &Wait) -> Vec<String> {
        let (Reason::Paused(cause), (count @ 2.., sum)) =
            (wait.reason, self.all_like(stream, wait))
        else {
            return self.in_lane(wait).into_iter().skip(1).collect();
        };
        let [long, short] = paused_words(cause);
        let all = format!("{} in {count} waits", duration_words(sum));
        vec![format!("{all}: {long}"), format!("{all}: {short}"), all]
    }

    /// What is said beside a lane's name while it waits. Of several alike it is said which one it is: how long that one lasts would
    /// be read as how long the stream waits.
    pub fn at_name(&self, stream: StreamId, wait: &Wait) -> Vec<String> {
        let mut ways = self.in_lane(wait);
        let (Reason::Paused(cause), (count @ 2.., _)) = (wait.reason, self.all_like(stream, wait))
        else {
            // Beside a name the cause alone would not be read as a wait.
            if let Some(why) = ways.pop() {
                ways.push(format!("waits: {why}"));
                ways.push(why);
            }
            return ways;
        };
        let [long, _] = paused_words(cause);
        let (lasted, which) = (
            lasted_words(wait),
            format!("wait {} of {count}", wait.number),
        );
        ways.truncate(1);
        let first = ways.pop().unwrap_or_default();
        vec![
            format!("{first}, {which}"),
            format!("{which}, {lasted}: {long}"),
            format!("{which}: {lasted}"),
            which,
        ]
    }

    /// A wait in sentences: `Waited 21 ms: late segment. It came 21 ms after …`.
    pub fn words(&self, wait: &Wait) -> String {
        let (lasted, label) = (lasted_words(wait), self.label(wait.reason));
        let order = "TCP hands bytes on in order, so what had come behind it waited, whichever stream it belonged to.";
        let why = match self.mended(wait.reason) {
            Some((Mending::SentAgain { .. }, after)) => format!(
                "A TCP segment was lost and sent again; it came {} after those behind it. {order}",
                duration_words(after)
            ),
            Some((Mending::Late, after)) => format!(
                "A TCP segment came {} late: others overtook it, and nothing was lost. {order}",
                duration_words(after)
            ),
            _ => wait.reason.sentence().to_owned(),
        };
        format!("Waited {lasted}: {label}. {why}")
    }
}

/// What a sender waits for, without how long: where there is room for some words, and where there is less.
fn paused_words(cause: Cause) -> [&'static str; 2] {
    match cause {
        Cause::StreamWindow => ["stream window", "stream window"],
        Cause::ConnectionWindow => ["connection window", "conn. window"],
        Cause::BothWindows => ["both windows", "both windows"],
        Cause::TcpWindow => ["TCP window full", "TCP window"],
        Cause::Network => ["network", "network"],
        Cause::ConcurrentStreams => ["too many streams", "streams"],
        Cause::NothingToSend => ["nothing to send", "idle"],
    }
}

fn duration_words(ns: u64) -> String {
    format::duration_ns(i64::try_from(ns).unwrap_or(i64::MAX))
}

fn lasted_words(wait: &Wait) -> String {
    format::duration_ns(wait.until_ns.saturating_sub(wait.from_ns))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::testing::World;

    #[test]
    fn a_lane_says_how_long_and_why_and_tells_lost_from_late() {
        let world = World::of_capture("lossy.pcapng");
        let waits = Waits::of(&world.trace, world.trace.main_connection().unwrap());
        let all: Vec<&Wait> = [1, 3, 5, 7, 9]
            .into_iter()
            .flat_map(|stream| waits.within(StreamId(stream), f64::MIN, f64::MAX))
            .collect();
        let of = |label: &str| {
            let found = all.iter().copied();
            let found = found.filter(|wait| waits.label(wait.reason) == label);
            found.collect::<Vec<_>>()
        };
        let [lost, late] = [of("lost segment"), of("late segment")];
        assert!(!lost.is_empty() && !late.is_empty());
        for wait in lost {
            let ways = waits.in_lane(wait);
            let [long, short] = [&ways[0], &ways[1]];
            assert!(
                long.starts_with("waits ") && long.contains(": lost, sent again after "),
                "{long}"
            );
            assert!(
                short.starts_with("sent again after ") && !waits.is_late(wait),
                "{short}"
            );
            assert!(waits.words(wait).contains("lost and sent again"));
        }
        for wait in late {
            assert_eq!(waits.in_lane(wait)[1], "came late");
            assert!(waits.is_late(wait) && waits.words(wait).contains("nothing was lost"));
        }
        let window = of("stream window empty")[0];
        let ways = waits.in_lane(window);
        assert!(ways[0].ends_with("ms: stream window empty"), "{ways:?}");
        assert!(ways[1].ends_with(" ms: stream window"), "{ways:?}");
        assert!(ways[2].ends_with(" ms: stream window"), "{ways:?}");
        assert_eq!(ways[3], "stream window");
    }

    #[test]
    fn every_way_says_why_and_each_is_shorter_than_the_one_before() {
        for capture in ["lossy.pcapng", "push.pcap", "downloads.pcapng"] {
            let world = World::of_capture(capture);
            let waits = Waits::of(&world.trace, world.trace.main_connection().unwrap());
            let streams = waits.by_stream.values().flat_map(|of| &of.waits);
            for wait in streams.filter(|wait| wait.reason.is_held_back()) {
                let ways = waits.in_lane(wait);
                assert!(ways.len() > 1 && ways.is_sorted_by(|a, b| a.len() >= b.len()));
                let last = ways.last().unwrap();
                assert!(
                    last.chars().all(|letter| !letter.is_ascii_digit()),
                    "{last}"
                );
            }
        }
    }

    #[test]
    fn beside_a_lane_stands_the_sum_of_all_waits_and_at_its_name_which_of_them_it_is() {
        let world = World::of_capture("downloads.pcapng");
        let waits = Waits::of(&world.trace, world.trace.main_connection().unwrap());
        let one = StreamId(1);
        let window = Reason::Paused(Cause::StreamWindow);
        let all = waits.within(one, f64::MIN, f64::MAX);
        let all: Vec<&Wait> = all.filter(|wait| wait.reason == window).collect();
        let lasted: i64 = all.iter().map(|wait| wait.until_ns - wait.from_ns).sum();
        assert_eq!(all.len(), 4);
        assert_eq!(waits.all_like(one, all[0]), (4, lasted as u64));
        let beside = waits.beside(one, all[3]);
        assert_eq!(beside[0], "143 ms in 4 waits: stream window");
        assert_eq!(beside.last().unwrap(), "143 ms in 4 waits");
        let named: Vec<String> = all
            .iter()
            .map(|wait| waits.at_name(one, wait)[3].clone())
            .collect();
        assert_eq!(
            named,
            ["wait 1 of 4", "wait 2 of 4", "wait 3 of 4", "wait 4 of 4"]
        );
        assert_eq!(waits.at_name(one, all[3])[2], "wait 4 of 4: 26 ms");
        // What ended it is the frame that the view of windows names.
        let ended = all[0].ended_by.unwrap();
        assert_eq!(ended.to_string(), "16");
        // A single wait is all there is.
        let push = World::of_capture("push.pcap");
        let waits = Waits::of(&push.trace, push.trace.main_connection().unwrap());
        let window = Reason::Paused(Cause::ConnectionWindow);
        let mut six = waits.within(StreamId(6), f64::MIN, f64::MAX);
        let single = six.find(|wait| wait.reason == window).unwrap();
        assert!(waits.beside(StreamId(6), single)[0].ends_with(" ms: connection window"));
        assert!(waits.at_name(StreamId(6), single)[0].starts_with("waits "));
    }
}
