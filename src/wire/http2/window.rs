//! Flow-control windows: what a sender may still send.

/// The window of a connection at its start, and that of a stream until `SETTINGS_INITIAL_WINDOW_SIZE`
/// says otherwise, in bytes. Source: RFC 9113 §6.9.2.
pub const DEFAULT_WINDOW_BYTES: u32 = 65_535;

/// Credits less `DATA`: what moves a window away from its initial size.
///
/// ```text
/// window = initial size in force + WINDOW_UPDATE increments - DATA payloads
///          \__ one number for ___/ \______________ balance _______________/
///              all streams
/// ```
///
/// A change of the initial size moves every stream's window by the difference, so keeping the two
/// apart makes one row of one log move a thousand windows. The result may be negative
/// (RFC 9113 §6.9.2). Padding counts as `DATA` (§6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Credits less `DATA`, in bytes.
    pub bytes: i64,
    /// Whether every frame that moves it was seen. Once false it stays so.
    pub complete: bool,
}

impl Default for Balance {
    fn default() -> Self {
        Self {
            bytes: 0,
            complete: true,
        }
    }
}

impl Balance {
    /// A `DATA` frame with this much payload, padding included, was sent.
    #[must_use]
    pub fn spend(self, payload_bytes: u32) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(i64::from(payload_bytes)),
            ..self
        }
    }

    /// A `WINDOW_UPDATE` was received.
    #[must_use]
    pub fn credit(self, increment_bytes: u32) -> Self {
        Self {
            bytes: self.bytes.saturating_add(i64::from(increment_bytes)),
            ..self
        }
    }

    /// A frame that moves it was not seen, or not whole.
    #[must_use]
    pub fn lose_track(self) -> Self {
        Self {
            complete: false,
            ..self
        }
    }

    /// The bytes that may still be sent; `None` when frames are missing or the initial size is not known.
    pub fn window(self, initial_bytes: Option<u32>) -> Option<i64> {
        let initial = i64::from(initial_bytes?);
        self.complete.then_some(initial.saturating_add(self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smaller_initial_size_makes_windows_negative() {
        // The example of RFC 9113 §6.9.2: 60 KB sent, then the initial size becomes 16 KB.
        let balance = Balance::default().spend(60_000);
        assert_eq!(balance.window(Some(65_535)), Some(5_535));
        assert_eq!(balance.window(Some(16_000)), Some(-44_000));
        assert_eq!(balance.credit(50_000).window(Some(16_000)), Some(6_000));
    }

    #[test]
    fn what_was_not_seen_makes_it_unknown_for_good() {
        let balance = Balance::default().lose_track().credit(1);
        assert_eq!(balance.window(Some(65_535)), None);
        assert_eq!(Balance::default().window(None), None);
    }
}
