//! Findings in groups: by severity, the worst first, and within it by rule.

use crate::filter::Run;
use crate::trace::{ConnectionId, Severity, Trace};
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
        self.lay_out();
    }

    /// How many findings there are in all groups.
    pub fn len(&self) -> usize {
        self.groups.iter().map(|group| group.findings.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    fn lay_out(&mut self) {
        self.rows.clear();
        for (position, group) in self.groups.iter().enumerate() {
            self.rows.push(Row::Title(position));
            if !self.closed.contains(&(group.severity, group.rule)) {
                self.rows
                    .extend(group.findings.iter().map(|at| Row::Finding(*at)));
            }
        }
    }

    /// Opens or closes a group.
    pub fn toggle(&mut self, group: usize) {
        if let Some(group) = self.groups.get(group) {
            let key = (group.severity, group.rule);
            if !self.closed.remove(&key) {
                self.closed.insert(key);
            }
            self.lay_out();
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
