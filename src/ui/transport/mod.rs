//! Time as a person moves through it: where the cursor stands, whether time runs, and how fast.
//!
//! [`Transport`] is a plain value that knows no window: `update` lets time run, the other methods
//! are what the buttons and keys ask for. While time runs it follows the differences between
//! packet times, never their absolute values, so a clock that jumps backwards cannot hold it up.

pub mod bar;
pub mod miniature;
pub mod stepping;
#[cfg(test)]
mod tests;

use crate::trace::{Connection, Cursor, FrameId, PacketId, Trace};
use crate::wire::http2::StreamId;
use stepping::StepUnit;

/// How long, in seconds of watching, nothing may happen on the connection shown before the wait
/// is skipped. Shorter and pauses that mean something vanish; longer and a class looks at a still
/// picture and thinks that the program hangs.
pub const IDLE_LIMIT_S: f64 = 2.0;

/// How much of a skipped wait is kept, in seconds of watching, so that what comes next is seen
/// coming.
const IDLE_LEAD_S: f64 = 0.3;

/// How long, in seconds of watching, it is said that a wait was skipped.
const SKIP_SHOWN_S: f64 = 2.5;

/// Seconds of watching per frame when time runs one frame per beat: slow enough to say the
/// frame's name aloud, fast enough for a connection of fifty frames.
const BEAT_S: f64 = 0.6;

/// The longest step of one update. A picture that took longer (a file dialog, a sleeping laptop)
/// must not make the cursor jump.
const MAX_STEP_S: f64 = 0.1;

/// How fast time runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Capture seconds per second of watching.
    Speed(f64),
    /// One frame per beat, however far apart they were.
    Beat,
}

impl Pace {
    /// The speeds offered, fastest first. 0.001× makes a millisecond a second.
    pub const CHOICES: [Pace; 11] = [
        Pace::Speed(1.0),
        Pace::Speed(0.5),
        Pace::Speed(0.2),
        Pace::Speed(0.1),
        Pace::Speed(0.05),
        Pace::Speed(0.02),
        Pace::Speed(0.01),
        Pace::Speed(0.005),
        Pace::Speed(0.002),
        Pace::Speed(0.001),
        Pace::Beat,
    ];

    /// A short name: `0.05×`, `frame by frame`.
    pub fn label(self) -> String {
        match self {
            Pace::Speed(speed) => format!("{speed}×"),
            Pace::Beat => "frame by frame".to_owned(),
        }
    }

    /// What it means, in a sentence.
    pub fn help(self) -> String {
        match self {
            Pace::Speed(speed) => {
                let ms = speed * 1e3;
                format!("One second of watching shows {ms} ms of the capture.")
            }
            Pace::Beat => {
                format!("One frame per beat of {BEAT_S} s, however far apart they were.")
            }
        }
    }

    /// The pace at which a capture of this length takes about twenty seconds to watch, from the
    /// ones offered.
    pub fn for_length(length_ns: i64) -> Self {
        let wanted = length_ns as f64 / 20e9;
        Self::CHOICES
            .into_iter()
            .find(|pace| matches!(pace, Pace::Speed(speed) if *speed <= wanted))
            .unwrap_or(Pace::Speed(0.001))
    }
}

/// Which way to step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the next frame.
    Forward,
    /// To the frame before.
    Back,
}

/// A wait that was skipped while time ran.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SkippedWait {
    /// How much capture time was skipped, in nanoseconds.
    pub ns: f64,
    /// For how many more seconds of watching to say so.
    show_s: f64,
}

/// The cursor and how it moves. See the module text.
#[derive(Clone, Debug)]
pub struct Transport {
    cursor: Option<Cursor>,
    /// Capture time since the cursor's packet, in nanoseconds, while time runs.
    since_packet_ns: f64,
    /// Seconds of watching since the last frame, for [`Pace::Beat`].
    since_beat_s: f64,
    following: bool,
    playing: bool,
    pace: Pace,
    pace_chosen: bool,
    skipped: Option<SkippedWait>,
    unit: StepUnit,
    /// What is played over and over, in nanoseconds since the capture's first packet.
    looped_ns: Option<(i64, i64)>,
    /// Whether long waits are played to their end.
    whole_waits: bool,
    /// Whether views stay where they were scrolled to while time runs.
    views_stay: bool,
    /// Whether the cursor was moved for this picture: by a step, or along the axis.
    moved: bool,
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            cursor: None,
            since_packet_ns: 0.0,
            since_beat_s: 0.0,
            following: true,
            playing: false,
            pace: Pace::Speed(0.05),
            pace_chosen: false,
            skipped: None,
            unit: StepUnit::Frame,
            looped_ns: None,
            whole_waits: false,
            views_stay: false,
            moved: false,
        }
    }
}

impl Transport {
    /// The instant shown; `None` before the first packet is known.
    pub fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    /// Whether time runs.
    pub fn playing(&self) -> bool {
        self.playing
    }

    /// Whether the cursor stays at the end of what was read, because nobody has moved it.
    pub fn following(&self) -> bool {
        self.following
    }

    /// How fast time runs.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// The wait that was skipped a moment ago.
    pub fn skipped_wait(&self) -> Option<SkippedWait> {
        self.skipped
    }

    /// What a step goes to.
    pub fn unit(&self) -> StepUnit {
        self.unit
    }

    /// Chooses what a step goes to.
    pub fn set_unit(&mut self, unit: StepUnit) {
        self.unit = unit;
    }

    /// What is played over and over, in nanoseconds since the capture's first packet.
    pub fn looped_ns(&self) -> Option<(i64, i64)> {
        self.looped_ns
    }

    /// Chooses what is played over and over; nothing of no length.
    pub fn set_loop(&mut self, times_ns: Option<(i64, i64)>) {
        self.looped_ns = times_ns.filter(|(start, end)| end > start);
    }

    /// Whether long waits are skipped while time runs.
    pub fn folds_waits(&self) -> bool {
        !self.whole_waits
    }

    /// Chooses whether long waits are skipped.
    pub fn set_folds_waits(&mut self, folds: bool) {
        self.whole_waits = !folds;
    }

    /// Whether views move along with the cursor while time runs.
    pub fn views_follow(&self) -> bool {
        !self.views_stay
    }

    /// Chooses whether views move along. They do again when time is let run anew.
    pub fn set_views_follow(&mut self, follow: bool) {
        self.views_stay = !follow;
        // Told to the views in this picture, also while the cursor stands.
        self.moved = true;
    }

    /// How the cursor moves, given whether the capture grows: `None` while it stands, else whether views move along.
    pub fn moves(&self, live: bool) -> Option<bool> {
        let moves = self.playing || self.moved || (live && self.following);
        moves.then(|| self.views_follow())
    }

    /// Where the cursor is now, it stands: a new picture begins, or something was chosen by hand.
    pub fn rest(&mut self) {
        self.moved = false;
    }

    /// Holds the cursor where it is, though more is read.
    pub fn stay(&mut self) {
        self.following = false;
    }

    /// Chooses how fast time runs.
    pub fn set_pace(&mut self, pace: Pace) {
        self.pace = match pace {
            Pace::Speed(speed) if speed.is_finite() => Pace::Speed(speed.clamp(1e-6, 1e3)),
            Pace::Speed(_) => Pace::Speed(1.0),
            Pace::Beat => Pace::Beat,
        };
        self.pace_chosen = true;
        self.since_beat_s = 0.0;
    }

    /// Back to how a newly opened capture finds it. A pace that was chosen is kept.
    pub fn restart(&mut self) {
        *self = Self {
            pace: self.pace,
            pace_chosen: self.pace_chosen,
            unit: self.unit,
            whole_waits: self.whole_waits,
            ..Self::default()
        };
    }

    /// Moves the cursor to an instant.
    pub fn move_to(&mut self, cursor: Cursor) {
        self.cursor = Some(cursor);
        self.since_packet_ns = 0.0;
        self.since_beat_s = 0.0;
        self.following = false;
        self.skipped = None;
        self.moved = true;
    }

    /// Before the first packet's frames.
    pub fn to_start(&mut self, trace: &Trace) {
        if !trace.packets.is_empty() {
            self.move_to(Cursor {
                packet: PacketId::from_index(0),
                frames_in_packet: 0,
            });
        }
    }

    /// To the end of what was read, and to what is read from now on.
    pub fn to_end(&mut self, trace: &Trace) {
        if let Some(end) = Cursor::end_of(trace) {
            self.move_to(end);
        }
        self.playing = false;
        self.following = true;
        self.views_stay = false;
    }

    /// Lets time run or stops it. At the end of what was read it starts again from the beginning.
    pub fn toggle_play(&mut self, trace: &Trace, connection: Option<&Connection>) {
        self.skipped = None;
        self.since_beat_s = 0.0;
        if self.playing {
            self.playing = false;
            return;
        }
        let told = |of: &&Connection| of.http2().is_some() || of.http1().is_some();
        let (Some(cursor), Some(connection)) = (self.cursor, connection.filter(told)) else {
            return;
        };
        let all_seen = stepping::next_told(connection, cursor).is_none();
        match self.looped_ns {
            // What is looped is played from its beginning, wherever the cursor was.
            Some((start, end))
                if !(self.time_ns(trace)).is_some_and(|at| (start..end).contains(&at)) =>
            {
                self.jump(trace, start);
            }
            Some(_) => {}
            None if all_seen => self.to_start(trace),
            None => {}
        }
        self.playing = true;
        self.following = false;
        self.views_stay = false;
    }

    /// Stops time, without moving the cursor.
    pub fn pause(&mut self) {
        self.playing = false;
        self.skipped = None;
    }

    /// One frame onwards or back, of the whole connection or of one stream. Answers the frame
    /// after which the cursor now stands.
    pub fn step(
        &mut self,
        connection: &Connection,
        step: Step,
        stream: Option<StreamId>,
    ) -> Option<FrameId> {
        self.pause();
        let http2 = connection.http2()?;
        let seen = self.cursor?.frame_count(connection);
        let target = match (step, stream) {
            (Step::Forward, None) => Some(seen).filter(|&frame| frame < http2.frames.len()),
            (Step::Back, None) => seen.checked_sub(2),
            (Step::Forward, Some(stream)) => {
                let frames = http2.frames_of(stream);
                let next = frames.partition_point(|frame| frame.index() < seen);
                frames.get(next).map(|frame| frame.index())
            }
            (Step::Back, Some(stream)) => {
                let frames = http2.frames_of(stream);
                let here = seen.saturating_sub(1);
                let next = frames.partition_point(|frame| frame.index() < here);
                next.checked_sub(1)
                    .and_then(|previous| frames.get(previous))
                    .map(|frame| frame.index())
            }
        };
        let Some(target) = target.map(FrameId::from_index) else {
            self.step_off(connection, step, stream, seen);
            return None;
        };
        self.move_to(Cursor::after_frame(connection, target)?);
        Some(target)
    }

    /// A step back from the first frame of all leads to before it.
    fn step_off(
        &mut self,
        connection: &Connection,
        step: Step,
        stream: Option<StreamId>,
        seen: usize,
    ) {
        let first = connection.http2().and_then(|http2| http2.frames.get(0));
        if let (Step::Back, None, 1, Some(first)) = (step, stream, seen, first) {
            self.move_to(Cursor {
                packet: first.packet,
                frames_in_packet: 0,
            });
        }
    }

    /// Lets `dt_s` seconds of watching pass. `growing` says that more may still be read.
    pub fn update(
        &mut self,
        dt_s: f64,
        trace: &Trace,
        connection: Option<&Connection>,
        growing: bool,
    ) {
        let Some(end) = Cursor::end_of(trace) else {
            return;
        };
        if self.following || self.cursor.is_none() {
            self.cursor = Some(end);
            if !self.pace_chosen
                && let Some((first, last)) = trace.time_range_ns
            {
                self.pace = Pace::for_length(last.saturating_sub(first));
            }
            return;
        }
        let dt_s = dt_s.clamp(0.0, MAX_STEP_S);
        if let Some(skipped) = &mut self.skipped {
            skipped.show_s -= dt_s;
            if skipped.show_s <= 0.0 {
                self.skipped = None;
            }
        }
        if !self.playing {
            return;
        }
        let (Some(cursor), Some(connection)) = (self.cursor, connection) else {
            self.playing = false;
            return;
        };
        let seen = cursor.frame_count(connection);
        let next = stepping::next_told(connection, cursor);
        if let Some((start, end)) = self.looped_ns {
            let first_ns = trace.time_range_ns.map_or(0, |(first, _)| first);
            let is_behind = |packet| trace.time_ns(packet).saturating_sub(first_ns) > end;
            let over = match self.pace {
                Pace::Beat => next.is_none_or(is_behind),
                Pace::Speed(_) => next.is_none() || self.time_ns(trace).is_some_and(|at| at >= end),
            };
            if over {
                // The last frame is worth a look before it begins again.
                self.since_beat_s += dt_s;
                if self.since_beat_s >= BEAT_S {
                    self.jump(trace, start);
                }
                return;
            }
        }
        let Some(next) = next else {
            if !growing {
                self.playing = false;
                self.cursor = Some(end);
                self.since_packet_ns = 0.0;
            }
            return;
        };
        match self.pace {
            Pace::Beat => {
                self.since_beat_s += dt_s;
                if self.since_beat_s >= BEAT_S {
                    self.since_beat_s = 0.0;
                    self.since_packet_ns = 0.0;
                    self.cursor = match connection.http2() {
                        Some(_) => Cursor::after_frame(connection, FrameId::from_index(seen)),
                        None => Some(Cursor::after_packet(next)),
                    };
                }
            }
            Pace::Speed(speed) => {
                let dt_s = self
                    .until_end_of_loop_s(trace, speed)
                    .map_or(dt_s, |most| dt_s.min(most));
                self.run(dt_s, speed, cursor, next, trace);
            }
        }
    }

    /// Seconds of watching until what is looped is over.
    fn until_end_of_loop_s(&self, trace: &Trace, speed: f64) -> Option<f64> {
        let (_, end) = self.looped_ns?;
        let left_ns = end.saturating_sub(self.time_ns(trace)?).max(0);
        // A nanosecond more, so that rounding does not stop just before it.
        Some((left_ns as f64 + 1.0) / 1e9 / speed)
    }

    /// Back to the beginning of what is looped, and time runs on.
    fn jump(&mut self, trace: &Trace, start_ns: i64) {
        let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
        match trace.packet_at(origin.saturating_add(start_ns).saturating_sub(1)) {
            Some(packet) => {
                self.move_to(Cursor::after_packet(packet));
                // What came before is not waited for.
                let since = start_ns.saturating_sub(trace.time_ns(packet).saturating_sub(origin));
                self.since_packet_ns = since.max(0) as f64;
            }
            None => self.to_start(trace),
        }
    }

    /// Time runs towards the packet that brings the next frame.
    fn run(&mut self, dt_s: f64, speed: f64, from: Cursor, next_frame: PacketId, trace: &Trace) {
        let limit_ns = match self.whole_waits {
            true => f64::INFINITY,
            false => IDLE_LIMIT_S * speed * 1e9,
        };
        let mut packet = from.packet;
        if gap_ns(trace, packet, next_frame) - self.since_packet_ns > limit_ns {
            // All packets until just before the frame bring nothing for this connection.
            let before = next_frame.index().saturating_sub(1).max(packet.index());
            let passed_ns = gap_ns(trace, packet, PacketId::from_index(before));
            packet = PacketId::from_index(before);
            self.since_packet_ns = (self.since_packet_ns - passed_ns).max(0.0);
            self.skip(gap_ns(trace, packet, next_frame), passed_ns, speed);
        }
        self.since_packet_ns += dt_s * speed * 1e9;
        while packet.index() + 1 < trace.packets.len() {
            let next = PacketId::from_index(packet.index() + 1);
            let gap_ns = gap_ns(trace, packet, next);
            if gap_ns - self.since_packet_ns > limit_ns {
                // Only clocks that jump lead here: the wait was not seen from the frame's packet.
                self.skip(gap_ns, 0.0, speed);
            }
            if gap_ns > self.since_packet_ns {
                break;
            }
            self.since_packet_ns -= gap_ns;
            packet = next;
        }
        self.cursor = Some(Cursor::after_packet(packet));
    }

    /// Skips what is left of a gap before a packet, but for a short lead, and says so.
    fn skip(&mut self, gap_ns: f64, passed_ns: f64, speed: f64) {
        let to_ns = (gap_ns - IDLE_LEAD_S * speed * 1e9).max(0.0);
        self.skipped = Some(SkippedWait {
            ns: passed_ns + (to_ns - self.since_packet_ns).max(0.0),
            show_s: SKIP_SHOWN_S,
        });
        self.since_packet_ns = self.since_packet_ns.max(to_ns);
    }

    /// The last frame of a connection that has happened at the cursor.
    pub fn frame(&self, connection: &Connection) -> Option<FrameId> {
        let seen = self.cursor?.frame_count(connection);
        seen.checked_sub(1).map(FrameId::from_index)
    }

    /// The capture time of the cursor, in nanoseconds since the capture's earliest packet.
    pub fn time_ns(&self, trace: &Trace) -> Option<i64> {
        let (first, _) = trace.time_range_ns?;
        let at = trace.time_ns(self.cursor?.packet);
        let shown = at.saturating_add(self.running_ns(trace));
        Some(shown.saturating_sub(first))
    }

    /// How much of that has passed since the cursor's packet.
    pub fn running_ns(&self, trace: &Trace) -> i64 {
        let (Some((_, last)), Some(cursor)) = (trace.time_range_ns, self.cursor) else {
            return 0;
        };
        let left = last.saturating_sub(trace.time_ns(cursor.packet));
        (self.since_packet_ns as i64).min(left)
    }
}

/// Capture time between two packets; clocks that run backwards make it nothing.
fn gap_ns(trace: &Trace, from: PacketId, to: PacketId) -> f64 {
    let ns = trace.time_ns(to).saturating_sub(trace.time_ns(from));
    (ns as f64).max(0.0)
}
