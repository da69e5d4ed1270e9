//! The row of packets: each begins with headers, which are no part of the stream of bytes. So this row has a scale of its own,
//! on which a packet is wider than its segment. Pure.
//!
//! ```text
//!        | segment      | segment      |         as the axis has them
//!       /               /\               \
//! | Ethernet IP TCP | … | Ethernet … | … |       packets
//! ```

use egui::Rangef;

/// Headers take at most this share of the row.
const MOST: f32 = 0.45;

/// The packets of one picture.
#[derive(Clone, Debug, Default)]
pub struct Packets {
    left: f32,
    /// What the axis's points become.
    factor: f32,
    /// How wide the headers of a packet are.
    header: f32,
    /// Of each packet, what is to the left of it that the axis does not have, its own headers not counted.
    before: Vec<(f32, bool)>,
}

impl Packets {
    /// Makes room for headers, each as wide as `wanted` where that leaves enough for the bytes. Of each packet: from where to where
    /// its bytes are on the axis, and whether there are headers in front of them.
    pub fn new(plot: Rangef, packets: &[(Rangef, bool)], wanted: f32) -> Self {
        let begins = |(place, headers): &(Rangef, bool)| {
            *headers && place.min >= plot.min - 0.5 && place.min <= plot.max
        };
        let count = packets.iter().filter(|packet| begins(packet)).count() as f32;
        let span = plot.span().max(1.0);
        let header = wanted.min(span * MOST / count.max(1.0));
        let mut before = Vec::with_capacity(packets.len());
        let mut taken = 0.0;
        for packet in packets {
            let begins = begins(packet);
            before.push((taken, begins));
            taken += if begins { header } else { 0.0 };
        }
        Self {
            left: plot.min,
            factor: 1.0 - taken / span,
            header,
            before,
        }
    }

    /// Where a place of the axis is within a packet, behind its headers.
    pub fn x(&self, packet: usize, x: f32) -> f32 {
        let (before, begins) = self.before.get(packet).copied().unwrap_or_default();
        let own = if begins { self.header } else { 0.0 };
        self.left + (x - self.left) * self.factor + before + own
    }

    /// How wide a packet's headers are; nothing when it begins outside the picture.
    pub fn header(&self, packet: usize) -> f32 {
        match self.before.get(packet) {
            Some((_, true)) => self.header,
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_lie_side_by_side_each_wider_than_its_segment_by_its_headers() {
        let plot = Rangef::new(100.0, 1100.0);
        let segments = [
            (Rangef::new(-50.0, 200.0), true), // begins outside
            (Rangef::new(200.0, 600.0), true),
            (Rangef::new(600.0, 700.0), false), // missing
            (Rangef::new(700.0, 1100.0), true),
        ];
        let packets = Packets::new(plot, &segments, 150.0);
        let headers: Vec<f32> = (0..4).map(|packet| packets.header(packet)).collect();
        assert_eq!(headers, [0.0, 150.0, 0.0, 150.0]);
        let mut end = packets.x(0, 100.0);
        assert_eq!(end, 100.0);
        for (position, (place, _)) in segments.iter().enumerate() {
            let begin = packets.x(position, place.min.max(100.0)) - packets.header(position);
            assert!((begin - end).abs() < 0.01, "{position}: {begin} {end}");
            end = packets.x(position, place.max);
        }
        assert!((end - 1100.0).abs() < 0.01, "{end}");
    }

    #[test]
    fn the_headers_of_many_packets_leave_room_for_the_bytes() {
        let plot = Rangef::new(0.0, 1000.0);
        let segments: Vec<_> = (0..50)
            .map(|at| (Rangef::new(at as f32 * 20.0, at as f32 * 20.0 + 20.0), true))
            .collect();
        let packets = Packets::new(plot, &segments, 200.0);
        assert!((packets.header(7) - 9.0).abs() < 0.01);
        assert!((packets.x(49, 1000.0) - 1000.0).abs() < 0.1);
    }
}
