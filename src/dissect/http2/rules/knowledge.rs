//! How far a side has read the other's frames, for certain.
//!
//! Nobody who listens can tell when a frame was read. But an answer proves that what it answers was read,
//! and with it every frame before: the ACK of a `SETTINGS` or `PING`, and the response to a request. What a
//! side sends after that, it sends knowingly.

/// How many of the other side's frames a side has read, for certain.
#[derive(Clone, Copy, Default)]
pub(super) struct Knowledge {
    /// One more than the number of the last frame known to be read.
    end: u32,
}

impl Knowledge {
    /// This side has answered a frame of the other.
    pub(super) fn answered(&mut self, frame: u32) {
        self.end = self.end.max(frame.saturating_add(1));
    }

    /// Whether this frame of the other side was read.
    pub(super) fn has(self, frame: u32) -> bool {
        frame < self.end
    }
}
