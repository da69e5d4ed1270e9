//! Findings in groups: by severity, the worst first, and within it by rule.

use crate::filter::Run;
use crate::trace::{ConnectionId, Cursor, Finding, PacketId, Severity, Trace};
use crate::ui::widgets::filtered::Progress;
use std::collections::{BTreeMap, HashSet};

/// A group: all findings of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// How much they matter.
    pub severity: Severity,
    /// The rule's name.
    pub rule: &'static str,
    /// Where it is written.
    pub section: Option<&'static str>,
    /// Their positions in the trace.
    pub findings: Vec<usize>,
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The title of a group, by its position.
    Title(usize),
    /// A finding, by its position in the trace.
    Finding(usize),
}

/// The groups of a capture, and the rows that are open.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    made_of: Option<(usize, Option<ConnectionId>, Progress)>,
    groups: Vec<Group>,
    closed: HashSet<(Severity, &'static str)>,
    rows: Vec<Row>,
    /// By packet: the row of each finding, or the title of its group where that is closed.
    places: Vec<(PacketId, usize)>,
}

impl Groups {
    /// Follows the capture, or one connection of it. Findings that name no connection are always
    /// there. A filter leaves those that pass it.
    pub fn update(
        &mut self,
        trace: &Trace,
        only: Option<ConnectionId>,
        matches: Option<&Run>,
        progress: Progress,
    ) {
        let now = Some((trace.findings.len(), only, progress));
        if self.made_of == now {
            return;
        }
        self.made_of = now;
        let mut groups: BTreeMap<_, Group> = BTreeMap::new();
        for (position, finding) in trace.findings.iter().enumerate() {
            let elsewhere = finding.connection.is_some() && finding.connection != only;
            let hidden = matches.is_some_and(|run| run.finding_passes(position) == Some(false));
            if (only.is_some() && elsewhere) || hidden {
                continue;
            }
            let key = (std::cmp::Reverse(finding.severity), finding.rule);
            let group = groups.entry(key).or_insert(Group {
                severity: finding.severity,
                rule: finding.rule,
                section: finding.section,
                findings: Vec::new(),
            });
            group.findings.push(position);
        }
        self.groups = groups.into_values().collect();
        self.lay_out(trace);
    }

    /// The row of what was found last before an instant: what the cursor is at.
    pub fn row_at(&self, cursor: Cursor) -> Option<usize> {
        let behind = (self.places).partition_point(|(packet, _)| *packet <= cursor.packet);
        let (_, row) = self.places.get(behind.checked_sub(1)?)?;
        Some(*row)
    }

    /// How many findings there are in all groups.
    pub fn len(&self) -> usize {
        self.groups.iter().map(|group| group.findings.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    fn lay_out(&mut self, trace: &Trace) {
        self.rows.clear();
        self.places.clear();
        for (position, group) in self.groups.iter().enumerate() {
            let title = self.rows.len();
            self.rows.push(Row::Title(position));
            let open = !self.closed.contains(&(group.severity, group.rule));
            for at in &group.findings {
                if let Some(packet) = trace.findings.get(*at).and_then(|of| packet_of(trace, of)) {
                    let row = if open { self.rows.len() } else { title };
                    self.places.push((packet, row));
                }
                if open {
                    self.rows.push(Row::Finding(*at));
                }
            }
        }
        self.places.sort_unstable();
    }

    /// Opens or closes a group.
    pub fn toggle(&mut self, trace: &Trace, group: usize) {
        if let Some(group) = self.groups.get(group) {
            let key = (group.severity, group.rule);
            if !self.closed.remove(&key) {
                self.closed.insert(key);
            }
            self.lay_out(trace);
        }
    }

    /// Whether a group's findings are listed.
    pub fn is_open(&self, group: &Group) -> bool {
        !self.closed.contains(&(group.severity, group.rule))
    }

    /// The groups.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The rows, as far as they are open.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How many findings, and how many of them by severity: errors, warnings, notes.
    pub fn counts(&self) -> [usize; 3] {
        [Severity::Error, Severity::Warning, Severity::Note].map(|severity| {
            let of_it = self
                .groups
                .iter()
                .filter(|group| group.severity == severity);
            of_it.map(|group| group.findings.len()).sum()
        })
    }
}

/// When something was found: with its own packet, else with that of its frame.
fn packet_of(trace: &Trace, finding: &Finding) -> Option<PacketId> {
    let of_frame = || {
        let http2 = trace.connection(finding.connection?)?.http2()?;
        Some(http2.frames.get(finding.frame?.index())?.packet)
    };
    finding.packet.or_else(of_frame)
}
