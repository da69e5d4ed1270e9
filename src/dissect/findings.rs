//! Where dissectors write findings: at most as many as a trace keeps.

use crate::trace::Finding;
use crate::trace::finding::MAX_FINDINGS;

/// Findings that were not handed over yet.
#[derive(Debug, Default)]
pub(super) struct Findings {
    rows: Vec<Finding>,
    /// Findings beyond [`MAX_FINDINGS`]. They would not be kept, so they are only counted.
    dropped: u64,
}

impl Findings {
    /// Adds a finding.
    pub(super) fn push(&mut self, finding: Finding) {
        if self.rows.len() < MAX_FINDINGS {
            self.rows.push(finding);
        } else {
            self.dropped += 1;
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Takes them, with the count of those that were dropped.
    pub(super) fn take(&mut self) -> (Vec<Finding>, u64) {
        (
            std::mem::take(&mut self.rows),
            std::mem::take(&mut self.dropped),
        )
    }
}
