//! Settings over time: announced by one side, acknowledged by the other, in force from then on.

use super::Instant;
use crate::trace::log::Log;
use crate::wire::http2::SettingId;
use std::collections::BTreeMap;

/// A setting that a side announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnnouncedSetting {
    /// The `SETTINGS` frame; `None` for the HTTP2-Settings field of an upgrade.
    pub at: Instant,
    /// Which setting.
    pub id: SettingId,
    /// Its value.
    pub value: u32,
}

/// The acknowledgment of one `SETTINGS` frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledgment {
    /// The frame with ACK; `None` for the 101 of an upgrade.
    pub at: Instant,
    /// The `SETTINGS` that it acknowledges: `None` for the HTTP2-Settings field of an upgrade.
    pub announced: Instant,
    /// Whether that one was seen. Otherwise it was sent before the capture began, or in a hole.
    pub seen: bool,
}

/// A setting from the instant on at which it was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingInForce {
    /// The acknowledgment.
    pub at: Instant,
    /// The `SETTINGS` that announced it.
    pub announced: Instant,
    /// The value; `None` when something was acknowledged that was not seen.
    pub value: Option<u32>,
}

/// What one side announced and the other acknowledged.
#[derive(Clone, Debug, Default)]
pub struct SettingsHistory {
    /// Everything announced, in order.
    pub announced: Log<AnnouncedSetting>,
    /// Every acknowledgment, in order.
    pub acknowledged: Log<Acknowledgment>,
    pub(super) in_force: BTreeMap<SettingId, Vec<SettingInForce>>,
}

impl SettingsHistory {
    /// What is in force of one setting; `None` when it was not announced and acknowledged.
    pub fn at(&self, id: SettingId, at: Instant) -> Option<SettingInForce> {
        let rows = self.in_force.get(&id)?;
        let count = rows.partition_point(|row| row.at <= at);
        rows.get(count.checked_sub(1)?).copied()
    }

    /// All settings in force, by number.
    pub fn all_at(&self, at: Instant) -> impl Iterator<Item = (SettingId, SettingInForce)> + '_ {
        self.in_force
            .keys()
            .filter_map(move |&id| Some((id, self.at(id, at)?)))
    }

    /// Every value that one setting had, in order.
    pub fn changes(&self, id: SettingId) -> &[SettingInForce] {
        self.in_force.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Settings that were announced and wait for their acknowledgment.
    pub fn proposed_at(&self, at: Instant) -> impl Iterator<Item = &AnnouncedSetting> {
        let acknowledged = self.acknowledged.partition_point(|row| row.at <= at);
        let last = self
            .acknowledged
            .range(0..acknowledged)
            .rev()
            .find(|row| row.seen);
        let first = last.map_or(0, |last| {
            self.announced
                .partition_point(|row| row.at <= last.announced)
        });
        let end = self.announced.partition_point(|row| row.at <= at);
        self.announced.range(first..end)
    }

    /// Bytes of memory, roughly.
    pub(super) fn memory_bytes(&self) -> usize {
        let in_force: usize = self.in_force.values().map(Vec::capacity).sum();
        self.announced.memory_bytes()
            + self.acknowledged.memory_bytes()
            + in_force * size_of::<SettingInForce>()
    }
}
