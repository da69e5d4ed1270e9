//! Steps: to the next frame, the next of a stream, the next packet, or one round trip on.

use super::{Step, Transport};
use crate::trace::{Connection, Cursor, FrameId, MessageId, Moment, PacketId, Read, Trace};
use crate::ui::Item;
use crate::wire::http2::StreamId;

/// What a step goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepUnit {
    /// The next frame of the connection.
    #[default]
    Frame,
    /// The next frame of the selected stream.
    StreamFrame,
    /// The next packet of the connection, also one that completes no frame.
    Packet,
    /// As much time as a round trip takes, as TCP's acknowledgments show it at that moment.
    RoundTrip,
}

impl StepUnit {
    /// All of them.
    pub const ALL: [StepUnit; 4] = [
        StepUnit::Frame,
        StepUnit::StreamFrame,
        StepUnit::Packet,
        StepUnit::RoundTrip,
    ];

    /// A short name: `frame`.
    pub fn name(self) -> &'static str {
        match self {
            StepUnit::Frame => "frame",
            StepUnit::StreamFrame => "frame of stream",
            StepUnit::Packet => "packet",
            StepUnit::RoundTrip => "round trip",
        }
    }

    /// What it means, in a sentence.
    pub fn help(self) -> &'static str {
        match self {
            StepUnit::Frame => "A step goes to the next frame of the connection.",
            StepUnit::StreamFrame => {
                "A step goes to the next frame of the selected stream; without one, of the connection."
            }
            StepUnit::Packet => {
                "A step goes to the next packet of the connection, also to one that completes no frame."
            }
            StepUnit::RoundTrip => {
                "A step lets as much time pass as a round trip takes at that moment: an estimate from \
                 TCP\u{2019}s acknowledgments, as seen from the place of the capture."
            }
        }
    }
}

impl Transport {
    /// One packet of the connection onwards or back. Answers what the cursor now stands behind: the
    /// last frame that the packet completed, else the packet itself.
    pub fn step_packet(
        &mut self,
        trace: &Trace,
        connection: &Connection,
        step: Step,
    ) -> Option<Item> {
        self.pause();
        let at = self.cursor()?;
        // In the middle of a packet's frames, the next packet is this one.
        let whole = at == Cursor::after_packet(at.packet);
        let packet = match step {
            Step::Forward if !whole && is_of(trace, connection, at.packet) => at.packet,
            Step::Forward => next_packet(trace, connection, at.packet)?,
            Step::Back => packet_before(trace, connection, at.packet)?,
        };
        self.move_to(Cursor::after_packet(packet));
        Some(last_item(connection, packet))
    }

    /// To the head of the next message of HTTP/1.1, or back to that of the one before; before the first, to the connection's
    /// first packet. Answers the message.
    pub fn step_message(&mut self, connection: &Connection, step: Step) -> Option<Item> {
        self.pause();
        let messages = connection.http1()?.messages();
        let read = Read::at(connection, self.cursor());
        let seen = messages.partition_point(|row| read.has(Moment::Packet(row.head_packet)));
        let target = match step {
            Step::Forward => Some(seen).filter(|at| *at < messages.len()),
            Step::Back => {
                // Several heads may have come with one packet: all of them are behind the cursor.
                let last = messages.get(seen.checked_sub(1)?)?.head_packet;
                let before = messages.partition_point(|row| row.head_packet < last);
                if before == 0 {
                    let first = connection.row.first_packet;
                    self.move_to(Cursor::after_packet(first));
                    return Some(Item::Packet(first));
                }
                before.checked_sub(1)
            }
        };
        let row = messages.get(target?)?;
        self.move_to(Cursor::after_packet(row.head_packet));
        Some(Item::Message(connection.id, MessageId::from_index(target?)))
    }

    /// As far as a round trip takes. It always comes at least to the next packet.
    pub fn step_round_trip(
        &mut self,
        trace: &Trace,
        connection: &Connection,
        step: Step,
    ) -> Option<Item> {
        self.pause();
        let at = self.cursor()?.packet;
        let Some(round_trip_ns) = round_trip_ns(trace, connection, at) else {
            return self.step_packet(trace, connection, step);
        };
        let time_ns = trace.time_ns(at);
        let near = match step {
            Step::Forward => trace.packet_at(time_ns.saturating_add(round_trip_ns)),
            Step::Back => trace.packet_at(time_ns.saturating_sub(round_trip_ns)),
        };
        let own = near.and_then(|near| match is_of(trace, connection, near) {
            true => Some(near),
            false => packet_before(trace, connection, near),
        });
        let packet = match (step, own) {
            (Step::Forward, Some(packet)) if packet > at => packet,
            (Step::Forward, _) => next_packet(trace, connection, at)?,
            (Step::Back, Some(packet)) if packet < at => packet,
            (Step::Back, _) => packet_before(trace, connection, at)?,
        };
        self.move_to(Cursor::after_packet(packet));
        Some(last_item(connection, packet))
    }
}

/// The round trip as the last sample before a packet shows it, or the first there is.
pub fn round_trip_ns(trace: &Trace, connection: &Connection, at: PacketId) -> Option<i64> {
    let samples = &connection.tcp().round_trips;
    let behind = samples.partition_point(|sample| sample.acknowledgment <= at);
    let sample = samples.get(behind.saturating_sub(1))?;
    let length =
        (trace.time_ns(sample.acknowledgment)).saturating_sub(trace.time_ns(sample.segment));
    (length > 0).then_some(length)
}

/// The packet with what comes next on a connection: a frame; of HTTP/1.1, the head of a message, and behind the last of them
/// the end of the last message.
pub(super) fn next_told(connection: &Connection, cursor: Cursor) -> Option<PacketId> {
    if let Some(http2) = connection.http2() {
        let next = http2.frames.get(cursor.frame_count(connection))?;
        return Some(next.packet);
    }
    let messages = connection.http1()?.messages();
    let read = Read::at(connection, Some(cursor));
    let seen = messages.partition_point(|row| read.has(Moment::Packet(row.head_packet)));
    match messages.get(seen) {
        Some(next) => Some(next.head_packet),
        None => messages
            .last()
            .map(|last| last.last_packet)
            .filter(|last| !read.has(Moment::Packet(*last))),
    }
}

fn is_of(trace: &Trace, connection: &Connection, packet: PacketId) -> bool {
    let owner = trace.packets.get(packet.index()).and_then(|row| row.owner);
    owner.is_some_and(|owner| owner.connection == connection.id)
}

fn next_packet(trace: &Trace, connection: &Connection, at: PacketId) -> Option<PacketId> {
    let first = (at.index() + 1).max(connection.row.first_packet.index());
    (first..=connection.row.last_packet.index())
        .map(PacketId::from_index)
        .find(|packet| is_of(trace, connection, *packet))
}

fn packet_before(trace: &Trace, connection: &Connection, at: PacketId) -> Option<PacketId> {
    let end = at.index().min(connection.row.last_packet.index() + 1);
    (connection.row.first_packet.index()..end)
        .rev()
        .map(PacketId::from_index)
        .find(|packet| is_of(trace, connection, *packet))
}

/// The last frame that a packet completed, else the packet.
fn last_item(connection: &Connection, packet: PacketId) -> Item {
    let seen = Cursor::after_packet(packet).frame_count(connection);
    let last = seen.checked_sub(1).map(FrameId::from_index);
    let frame = last.filter(|frame| {
        let rows = connection.http2().map(|http2| &http2.frames);
        let row = rows.and_then(|rows| rows.get(frame.index()));
        row.is_some_and(|row| row.packet == packet)
    });
    match frame {
        Some(frame) => Item::Frame(connection.id, frame),
        None => Item::Packet(packet),
    }
}

/// The stretch of time of what is selected, since the capture's first packet: from the first to the last
/// frame of its stream.
pub fn span_of(trace: &Trace, connection: &Connection, stream: StreamId) -> Option<(i64, i64)> {
    let http2 = connection.http2()?;
    let frames = http2.frames_of(stream);
    let origin = trace.time_range_ns.map_or(0, |(first, _)| first);
    let time_ns = |frame: Option<&FrameId>| {
        let row = http2.frames.get(frame?.index())?;
        Some(trace.time_ns(row.packet).saturating_sub(origin))
    };
    Some((time_ns(frames.get(0))?, time_ns(frames.last())?))
}
