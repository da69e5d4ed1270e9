//! Where the capture was taken, as far as that changes what the loom's hatching means, and what is said of a hole on the wire.

use super::paint::Picture;
use crate::analysis::mending::Mending;
use crate::trace::{Connection, Direction, HoleKind, Side};
use crate::ui::widgets::format;
use crate::ui::widgets::waits::{HoleWait, Waits};

/// Said where the capture has bytes in order that their receiver had to wait for: what is hatched lies at the receiver,
/// behind frames that stand where they were sent.
pub fn words(connection: &Connection, waits: &Waits) -> Option<String> {
    let holes = waits
        .holes
        .iter()
        .filter(|hole| hole.row.kind == HoleKind::NetworkAsTold && !hole.behind.streams.is_empty());
    let copies = waits.copies.iter().filter(|copy| {
        let row = &copy.row;
        row.hole.is_none() && row.first.is_some() && !row.held_back.is_empty()
    });
    let mut senders = holes
        .map(|hole| hole.row.side)
        .chain(copies.map(|copy| copy.row.side));
    let Some(first) = senders.next() else {
        return credit_words(connection, waits);
    };
    let (near, receiver) = match connection.direction(first) {
        _ if senders.any(|side| side != first) => ("between client and server", "the receiver"),
        Direction::Client => ("near the client", "the server"),
        Direction::Server => ("near the server", "the client"),
    };
    Some(format!(
        "Captured {near}: frames stand where they were sent, hatching is where {receiver} had to wait for them."
    ))
}

/// Said where a sender waited for a `WINDOW_UPDATE` that the capture has before: its ring stands away from the end of the shade.
fn credit_words(connection: &Connection, waits: &Waits) -> Option<String> {
    let under_way = |side: &Side| waits.credit_under_way.get(side.index()) == Some(&true);
    let sender = connection.direction(Side::BOTH.into_iter().find(under_way)?);
    let near = sender.other().name();
    Some(format!(
        "Captured near the {near}: a WINDOW_UPDATE stands where it was sent, a wait ends when it arrives."
    ))
}

impl Picture<'_> {
    /// [`words`] for what is drawn.
    pub(super) fn standpoint(&self) -> Option<String> {
        words(self.reader.connection, self.waits?)
    }
}

/// What a hole was, whom it stopped and for how long; each shorter than the one before.
pub(super) fn hole_words(hole: &HoleWait) -> [String; 4] {
    let lasted = format::duration_ns(hole.times_ns.1.saturating_sub(hole.times_ns.0));
    let len = format::bytes(hole.row.len);
    let (what, came) = match hole.mending {
        Mending::SentAgain { bytes } => {
            let bytes = format::bytes(bytes);
            ("lost", format!("{bytes} lost, sent again"))
        }
        Mending::Late => ("late", format!("{len} late")),
        Mending::Unknown => ("missing", format!("{len} missing")),
    };
    let waiting = match hole.behind.streams.len() {
        0 => lasted.clone(),
        1 => format!("1 stream waits {lasted}"),
        count => format!("{count} streams wait {lasted}"),
    };
    [
        format!("{came}: {waiting}"),
        format!("{what}: {waiting}"),
        format!("{what}: {lasted}"),
        what.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::views::testing::World;

    fn said(file: &str) -> (Option<String>, Vec<String>) {
        let world = World::of_capture(file);
        let connection = world.trace.main_connection().unwrap();
        let waits = Waits::of(&world.trace, connection);
        let holes = waits.holes.iter().map(|hole| hole_words(hole)[0].clone());
        (words(connection, &waits), holes.collect())
    }

    #[test]
    fn it_is_said_that_a_capture_was_taken_beside_the_sender() {
        let words = said("lossy-sender.pcapng").0.unwrap();
        assert!(words.starts_with("Captured near the server: "), "{words}");
        assert!(words.contains("the client had to wait"), "{words}");
        // Taken beside the receiver, where hatching lies at the frames themselves.
        let words = said("lossy.pcapng").0.unwrap();
        assert!(!words.contains("hatching"), "{words}");
    }

    #[test]
    fn it_is_said_that_a_ring_stands_before_the_end_of_the_wait_that_it_ends() {
        let words = said("downloads.pcapng").0.unwrap();
        assert!(words.starts_with("Captured near the client: "), "{words}");
        assert!(words.contains("a wait ends when it arrives"), "{words}");
        // Nobody waits for a window.
        assert_eq!(said("grpc-errors.pcapng").0, None);
    }

    #[test]
    fn every_hole_says_its_size_whom_it_stopped_and_how_long() {
        let holes = said("lossy.pcapng").1;
        for words in [
            "1.4 KB lost, sent again: 3 streams wait 52.4 ms",
            "1.4 KB late: 2 streams wait 5.23 ms",
        ] {
            assert!(
                holes.iter().any(|hole| hole == words),
                "{words:?} is missing in {holes:?}"
            );
        }
    }
}
