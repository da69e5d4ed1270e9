//! Finding the next record after a damaged one.

use super::input::Input;

/// How far ahead a proof may look. Our choice: three packets of 256 KiB, the most that any program captures.
pub(super) const PROOF_LEN: usize = 3 * (256 * 1024 + 64);

/// Bytes looked through at once.
const WINDOW_LEN: usize = PROOF_LEN + 256 * 1024;

/// Skips bytes until `proven` says that a record begins at the front of the slice, or until the end.
///
/// `proven` is told whether the slice reaches to the end of the input, else it is at least [`PROOF_LEN`] long. The
/// first byte is never tried: it is the damaged record's. Returns how many bytes were skipped and whether a record
/// was found.
pub(super) fn resync(input: &mut Input, proven: impl Fn(&[u8], bool) -> bool) -> (u64, bool) {
    let start = input.position();
    input.peek(1);
    input.skip(1);
    loop {
        let window = input.peek(WINDOW_LEN);
        let at_end = window.len() < WINDOW_LEN;
        let tried = if at_end {
            window.len()
        } else {
            window.len() - PROOF_LEN
        };
        let found =
            (0..tried).find(|&at| window.get(at..).is_some_and(|slice| proven(slice, at_end)));
        input.skip(found.unwrap_or(tried));
        if found.is_some() || at_end {
            return (input.position() - start, found.is_some());
        }
    }
}
