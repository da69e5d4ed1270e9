//! How long the way between the two ends takes, as far as acknowledgments tell: an estimate.
//!
//! An acknowledgment of what the client sent shows the way from the place of the capture to the server
//! and back, one of what the server sent the way to the client and back. Both together are a
//! round trip, and their proportion says where the capture was taken.

use super::track::Reader;
use crate::trace::Direction;
use crate::ui::widgets::format;

/// Samples that are looked at.
const MAX_SAMPLES: usize = 2000;

/// The estimate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RoundTrip {
    /// From the capture to the server and back, the shortest of all samples.
    pub to_server_ns: Option<i64>,
    /// From the capture to the client and back.
    pub to_client_ns: Option<i64>,
    /// How many samples.
    pub samples: usize,
}

impl RoundTrip {
    /// From the first samples of a connection.
    pub fn new(reader: &Reader<'_>) -> Self {
        let mut found = Self::default();
        let samples = &reader.connection.tcp().round_trips;
        for sample in samples.range(0..MAX_SAMPLES) {
            let owner = reader.trace.packets.get(sample.segment.index());
            let Some(owner) = owner.and_then(|packet| packet.owner) else {
                continue;
            };
            let sent = reader.trace.time_ns(sample.segment);
            let took = reader
                .trace
                .time_ns(sample.acknowledgment)
                .saturating_sub(sent)
                .max(0);
            let shortest = match reader.connection.direction(owner.side) {
                Direction::Client => &mut found.to_server_ns,
                Direction::Server => &mut found.to_client_ns,
            };
            *shortest = Some(shortest.map_or(took, |shortest| shortest.min(took)));
            found.samples += 1;
        }
        found
    }

    /// Half of it: from one end to the other.
    pub fn one_way_ns(&self) -> Option<f64> {
        if self.samples == 0 {
            return None;
        }
        let sum = self
            .to_server_ns
            .unwrap_or(0)
            .saturating_add(self.to_client_ns.unwrap_or(0));
        Some(sum as f64 / 2.0)
    }

    /// Where the capture was taken, from 0 at the client to 1 at the server.
    pub fn place(&self) -> Option<f32> {
        let (client, server) = (self.to_client_ns?, self.to_server_ns?);
        let all = client.saturating_add(server);
        (all > 0).then(|| (client as f64 / all as f64) as f32)
    }

    /// What is said of it.
    pub fn words(&self) -> String {
        let Some(one_way_ns) = self.one_way_ns() else {
            return "the slant is only a sign: no acknowledgment tells how long the way takes"
                .to_owned();
        };
        let place = match self.place() {
            Some(place) if place < 0.25 => ", captured near the client",
            Some(place) if place > 0.75 => ", captured near the server",
            Some(_) => ", captured in between",
            None => "",
        };
        format!(
            "slant: half a round trip, about {}, estimated from the shortest of {}{place}; quiet times are folded, so times stand at the left and heights do not measure them",
            format::duration_ns(one_way_ns as i64),
            format::counted(self.samples as u64, "acknowledgment"),
        )
    }
}
