//! What may be sent within the windows, and how far they may be opened. Source: RFC 9113 §6.9.
//!
//! A sender may know less credit than was captured, and a receiver less `DATA`, never more. So a window
//! that is exceeded by all credit that was captured is exceeded for everybody.

use super::frame_shape::lower;
use super::{Rules, Scene};
use crate::trace::rules::streams as rules;
use crate::wire::counted::counted;
use crate::wire::http2::DEFAULT_WINDOW_BYTES;

/// The largest window. Source: RFC 9113 §6.9.1.
const MAX_WINDOW_BYTES: i64 = 0x7fff_ffff;

/// The windows of the connection: credits less `DATA`, by sender.
#[derive(Default)]
pub(super) struct Windows {
    balance: [i64; 2],
}

impl Rules {
    /// `DATA` uses up both windows, padding included.
    pub(super) fn spend(&mut self, scene: &mut Scene<'_>) {
        let (side, length) = (scene.side, i64::from(scene.header.length));
        if length == 0 {
            return;
        }
        let connection = &mut self.windows.balance[side.index()];
        *connection = connection.saturating_sub(length);
        let connection_window = connection.saturating_add(i64::from(DEFAULT_WINDOW_BYTES));
        let stream_window = self.lives.at(scene.slot).map(|life| {
            let balance = &mut life.balance[side.index()];
            *balance = balance.saturating_sub(length);
            *balance
        });
        if self.lost {
            return;
        }
        if connection_window < 0 {
            self.exceeded("the connection", connection_window, scene);
        }
        let limits = &self.senders[side.index()].limits;
        if let (Some(balance), Some(initial)) = (stream_window, limits.window_most) {
            let window = balance.saturating_add(i64::from(initial));
            if window < 0 {
                self.exceeded("the stream", window, scene);
            }
        }
    }

    #[cold]
    fn exceeded(&mut self, whose: &str, window: i64, scene: &mut Scene<'_>) {
        let length = i64::from(scene.header.length);
        let left = window.saturating_add(length).max(0);
        let text = format!(
            "{} sent DATA of {}, but the window of {whose} had room for {left}.",
            scene.sender(),
            counted(length, "byte")
        );
        scene.at(0..3);
        self.book.broken(&rules::WINDOW_EXCEEDED, text, scene);
    }

    /// `WINDOW_UPDATE`.
    pub(super) fn window_update(&mut self, increment: u32, scene: &mut Scene<'_>) {
        let stream = scene.stream();
        if increment == 0 {
            let text = format!(
                "{} sent a WINDOW_UPDATE that opens the window by 0 bytes.",
                scene.sender()
            );
            scene.at_payload(0..4);
            self.book.broken(&rules::WINDOW_UPDATE_ZERO, text, scene);
        }
        self.floods.window_update(&mut self.book, self.lost, scene);
        let receiver_side = scene.side.other();
        if stream.is_connection() {
            let balance = &mut self.windows.balance[receiver_side.index()];
            *balance = balance.saturating_add(i64::from(increment));
            let window = balance.saturating_add(i64::from(DEFAULT_WINDOW_BYTES));
            if !self.lost {
                self.floods
                    .small_window(&mut self.book, increment, window, scene);
            }
            if !self.lost && window > MAX_WINDOW_BYTES {
                self.overflow("the connection", window, scene);
            }
            return;
        }
        if !self.may_update(scene) {
            return;
        }
        let Some(life) = self.lives.at(scene.slot) else {
            return;
        };
        let balance = &mut life.balance[receiver_side.index()];
        *balance = balance.saturating_add(i64::from(increment));
        let balance = *balance;
        let limits = &self.senders[receiver_side.index()].limits;
        if let Some(initial) = limits.window_least {
            let window = balance.saturating_add(i64::from(initial));
            if !self.lost {
                self.floods
                    .small_window(&mut self.book, increment, window, scene);
            }
            if !self.lost && window > MAX_WINDOW_BYTES {
                self.overflow("the stream", window, scene);
            }
        }
    }

    /// A larger initial size moves every open stream's window. Source: RFC 9113 §6.9.2.
    pub(super) fn initial_window_announced(&mut self, initial: u32, scene: &mut Scene<'_>) {
        if self.lost || i64::from(initial) > MAX_WINDOW_BYTES {
            return;
        }
        let sender = scene.side.other();
        let over = self
            .lives
            .all()
            .filter(|(_, life)| !life.is_closed())
            .map(|(stream, life)| {
                let balance = life.balance[sender.index()];
                (balance.saturating_add(i64::from(initial)), stream)
            })
            .filter(|&(window, _)| window > MAX_WINDOW_BYTES)
            .max();
        if let Some((window, stream)) = over {
            let text = format!(
                "With this SETTINGS_INITIAL_WINDOW_SIZE the window of stream {stream} becomes {window} \
                 bytes, above the largest size of {MAX_WINDOW_BYTES}."
            );
            self.book.broken(&rules::WINDOW_OVERFLOW, text, scene);
        }
    }

    #[cold]
    fn overflow(&mut self, whose: &str, window: i64, scene: &mut Scene<'_>) {
        let text = format!(
            "With this WINDOW_UPDATE of {} the window of {whose} becomes {window} bytes, above the \
             largest size of {MAX_WINDOW_BYTES}.",
            lower(scene.sender())
        );
        scene.at_payload(0..4);
        self.book.broken(&rules::WINDOW_OVERFLOW, text, scene);
    }
}
