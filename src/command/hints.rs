//! `--hint`: names of unseen entries that a person knows.

use crate::analysis::hpack::Usage;
use crate::analysis::hpack::hints::NameHint;
use crate::trace::{FrameId, Trace};
use clap::Args;

/// What a person knows of entries that the capture does not hold.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Hints {
    /// The name of an unseen entry of an HPACK table, such as `client:3=x-request-id`; may be given again
    ///
    /// 3 is its number in "unseen entry 3". `2:client:3=…` means connection 2 instead of the HTTP/2 connection with
    /// most frames.
    #[arg(long = "hint", value_name = "SENDER:ENTRY=NAME")]
    hints: Vec<NameHint>,
}

impl Hints {
    /// The hints. Those that no field of the capture has a use for are named on standard error.
    pub(super) fn checked(&self, trace: &Trace) -> &[NameHint] {
        for hint in &self.hints {
            if uses(trace, hint) == 0 {
                let (sender, entry) = (hint.sender.name(), hint.entry.0);
                eprintln!(
                    "wireloom: No field of the {sender} refers to an unseen entry {entry}; `wireloom headers` prints \
                     their numbers."
                );
            }
        }
        &self.hints
    }
}

fn uses(trace: &Trace, hint: &NameHint) -> usize {
    let connection = match hint.connection {
        Some(id) => trace.connections.get(id.index()),
        None => trace.main_connection(),
    };
    connection.map_or(0, |connection| {
        let frames = connection.http2().map_or(0, |http2| http2.frames.len());
        let end = frames.checked_sub(1).map(FrameId::from_index);
        let usage = Usage::of(trace, connection, connection.side(hint.sender));
        usage.unseen_uses(hint.entry, end)
    })
}
