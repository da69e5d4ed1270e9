//! The frames of a header block follow one another. Source: RFC 9113 §4.3, §6.10.

use super::{Rules, Scene};
use crate::trace::rules::frames as rules;
use crate::wire::http2::{FrameKind, StreamId};

/// What the dissector should do about a frame within or without a header block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dissect::http2) enum Order {
    /// Nothing: it is in order.
    Kept,
    /// The block that is open has to be given up.
    Interrupted,
}

impl Rules {
    /// A frame, while a block on stream `open` waits for its end, or none.
    pub(in crate::dissect::http2) fn block_order(
        &mut self,
        open: Option<StreamId>,
        scene: &mut Scene<'_>,
    ) -> Order {
        let continues = scene.header.kind == FrameKind::CONTINUATION;
        match open {
            None if !continues => {
                self.senders[scene.side.index()].block_lost = false;
                Order::Kept
            }
            None => {
                if !self.senders[scene.side.index()].block_lost {
                    let text = format!(
                        "CONTINUATION on stream {} continues no header block.",
                        scene.stream()
                    );
                    self.book
                        .broken(&rules::CONTINUATION_WITHOUT_HEADERS, text, scene);
                }
                Order::Kept
            }
            Some(open) if continues && open == scene.stream() => {
                self.floods.continuation(&mut self.book, scene);
                Order::Kept
            }
            Some(open) => {
                let text = format!(
                    "Stream {open} was in the middle of a header block, which only CONTINUATION \
                     on that stream may follow, but {} on stream {} came.",
                    scene.header.kind,
                    scene.stream()
                );
                self.book
                    .broken(&rules::HEADER_BLOCK_INTERRUPTED, text, scene);
                // The rest of that block may still come.
                self.senders[scene.side.index()].block_lost = true;
                Order::Interrupted
            }
        }
    }

    /// A block of more bytes than are kept.
    pub(in crate::dissect::http2) fn block_too_long(
        &mut self,
        bytes: usize,
        scene: &mut Scene<'_>,
    ) {
        let text = format!("A header block of more than {bytes} bytes was left unread.");
        self.book.broken(&rules::HEADER_BLOCK_TOO_LONG, text, scene);
        self.block_abandoned(scene.slot, scene.side);
    }
}
