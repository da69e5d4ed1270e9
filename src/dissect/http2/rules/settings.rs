//! What `SETTINGS` may say, and what follows from it for the other side. Source: RFC 9113 §6.5.

use super::lives::number_of;
use super::{Rules, Scene};
use crate::dissect::http2::flow::Flow;
use crate::trace::Side;
use crate::trace::rules::signals as rules;
use crate::wire::counted::counted;
use crate::wire::http2::{SettingId, Settings};
use std::collections::VecDeque;

/// How many `SETTINGS` frames are remembered until they are acknowledged. More wait only in a flood.
const MAX_WAITING: usize = 64;

/// How many entries a frame may have. Source: nghttp2's default for CVE-2020-11080
/// (`NGHTTP2_DEFAULT_MAX_SETTINGS`), the only limit among the common servers.
const MAX_ENTRIES: usize = 32;

/// After how long an answer is overdue that should come at once. A round trip takes less than a second nearly
/// everywhere, and a busy program some seconds. Our choice.
const ANSWER_TIME_NS: i64 = 10_000_000_000;

/// gRPC's setting that allows binary metadata to be sent as it is.
const ALLOW_TRUE_BINARY_METADATA: SettingId = SettingId(0xfe03);

/// What one side announced.
#[derive(Default)]
pub(super) struct SettingsRules {
    waiting: VecDeque<Waiting>,
    /// Whether some were forgotten, so that an ACK may belong to one of them.
    forgotten: bool,
    /// Whether it was said that an acknowledgment is overdue.
    overdue_said: bool,
    /// Whether the first `SETTINGS` was seen.
    first_seen: bool,
    no_rfc7540_priorities: u32,
    pub(super) connect_protocol: bool,
    pub(super) raw_binary_metadata: bool,
    /// The smallest `SETTINGS_HEADER_TABLE_SIZE` that the other side acknowledged since its last block.
    pub(super) table_size_owed: Option<u32>,
}

/// A `SETTINGS` that waits for its acknowledgment.
struct Waiting {
    frame: u32,
    time_ns: i64,
    smallest_table: Option<u32>,
}

impl SettingsRules {
    pub(super) fn lose_track(&mut self) {
        self.waiting.clear();
        self.forgotten = true;
        self.first_seen = true;
        self.table_size_owed = None;
        // It may have been announced where nobody saw it.
        self.connect_protocol = true;
    }

    /// Whether one was sent before this time and is not acknowledged.
    fn is_overdue(&self, latest_ns: i64) -> bool {
        let oldest = self.waiting.front();
        oldest.is_some_and(|oldest| oldest.time_ns < latest_ns)
            && !self.forgotten
            && !self.overdue_said
    }

    /// Whether this side said that it disregards the priorities of RFC 7540.
    pub(super) fn disregards_rfc7540(&self) -> bool {
        self.no_rfc7540_priorities == 1
    }
}

/// What a side may do, by the settings of the other. `None`: no limit, or none that is known.
#[derive(Clone, Copy, Default)]
pub(super) struct Limits {
    pub(super) frame_size: Option<u32>,
    /// The largest initial window that may be in force.
    pub(super) window_most: Option<u32>,
    /// The smallest.
    pub(super) window_least: Option<u32>,
    pub(super) streams: Option<u32>,
    pub(super) header_list: Option<u32>,
    pub(super) push_forbidden: bool,
}

impl Limits {
    /// What the settings of this side allow the other: the most generous of what is in force and of what
    /// was announced, since the sender may already have read that.
    pub(super) fn of(flow: &Flow, announcer: Side) -> Self {
        let most = |id| flow.settings_possible(announcer, id).map(|(_, most)| most);
        let window = flow.settings_possible(announcer, SettingId::INITIAL_WINDOW_SIZE);
        let push = most(SettingId::ENABLE_PUSH);
        Self {
            frame_size: most(SettingId::MAX_FRAME_SIZE),
            window_most: window.map(|(_, most)| most),
            window_least: window.map(|(least, _)| least),
            streams: most(SettingId::MAX_CONCURRENT_STREAMS),
            header_list: most(SettingId::MAX_HEADER_LIST_SIZE),
            push_forbidden: push == Some(0),
        }
    }

    /// Before any `SETTINGS`.
    pub(super) fn initial() -> Self {
        Self {
            frame_size: SettingId::MAX_FRAME_SIZE.initial_value(),
            window_most: SettingId::INITIAL_WINDOW_SIZE.initial_value(),
            window_least: SettingId::INITIAL_WINDOW_SIZE.initial_value(),
            ..Self::default()
        }
    }
}

impl Rules {
    /// `SETTINGS`, before they take effect.
    pub(super) fn settings_frame(&mut self, settings: &Settings<'_>, scene: &mut Scene<'_>) {
        if settings.ack {
            self.settings_ack(settings, scene);
            return;
        }
        self.floods.settings(&mut self.book, scene);
        if settings.len() > MAX_ENTRIES {
            let text = format!(
                "This SETTINGS has {} entries; nghttp2 gives a connection up above {MAX_ENTRIES}.",
                settings.len()
            );
            self.book.broken(&rules::SETTINGS_MANY_ENTRIES, text, scene);
        }
        let mut smallest_table = None;
        let mut priorities = None;
        for (number, (id, value)) in settings.iter().enumerate() {
            let place = number * Settings::ENTRY_LEN..(number + 1) * Settings::ENTRY_LEN;
            if !id.allows(value) {
                let section = Some(id.section());
                let text = format!("SETTINGS_{id} is {value}. {}", id.allowed());
                scene.at_payload(place.clone());
                self.book
                    .broken_in(&rules::SETTING_OUT_OF_RANGE, section, text, scene);
            }
            match id {
                SettingId::HEADER_TABLE_SIZE => {
                    smallest_table = Some(smallest_table.map_or(value, |least| value.min(least)));
                }
                SettingId::ENABLE_PUSH if value == 1 && scene.by_server() => {
                    let text = "The server sent SETTINGS_ENABLE_PUSH 1, which only a client can \
                                say: clients do not push."
                        .to_owned();
                    scene.at_payload(place);
                    self.book
                        .broken(&rules::ENABLE_PUSH_FROM_SERVER, text, scene);
                }
                SettingId::INITIAL_WINDOW_SIZE => self.initial_window_announced(value, scene),
                SettingId::ENABLE_CONNECT_PROTOCOL => self.connect_protocol(value, scene),
                SettingId::NO_RFC7540_PRIORITIES => priorities = Some(value),
                ALLOW_TRUE_BINARY_METADATA => {
                    self.senders[scene.side.index()]
                        .settings
                        .raw_binary_metadata = value == 1;
                }
                _ => {}
            }
        }
        self.priorities_setting(priorities, scene);
        let own = &mut self.senders[scene.side.index()].settings;
        own.first_seen = true;
        own.waiting.push_back(Waiting {
            frame: number_of(scene.frame),
            time_ns: scene.time_ns,
            smallest_table,
        });
        if own.waiting.len() > MAX_WAITING {
            own.waiting.pop_front();
            own.forgotten = true;
        }
    }

    /// `HEADERS` or `DATA` of a side that may owe an answer.
    pub(super) fn answers_owed(&mut self, scene: &mut Scene<'_>) {
        let asker = &self.senders[scene.side.other().index()];
        let latest = scene.time_ns.saturating_sub(ANSWER_TIME_NS);
        let settings = asker.settings.is_overdue(latest);
        if !settings && !asker.pings.is_overdue(latest) {
            return;
        }
        let asker = &mut self.senders[scene.side.other().index()];
        let (rule, what) = if settings {
            asker.settings.overdue_said = true;
            (
                &rules::SETTINGS_NOT_ACKNOWLEDGED,
                "acknowledge the SETTINGS",
            )
        } else {
            asker.pings.overdue_said();
            (&rules::PING_NOT_ANSWERED, "answer the PING")
        };
        let text = format!(
            "{} goes on sending, but did not {what} that {} sent more than {} seconds ago.",
            scene.sender(),
            scene.receiver(),
            ANSWER_TIME_NS / 1_000_000_000
        );
        self.book.broken(rule, text, scene);
    }

    fn settings_ack(&mut self, settings: &Settings<'_>, scene: &mut Scene<'_>) {
        if !settings.is_empty() {
            let text = format!(
                "An acknowledgment of SETTINGS carries {}; it has to be empty.",
                counted(settings.len(), "setting")
            );
            self.book
                .broken(&rules::SETTINGS_ACK_WITH_PAYLOAD, text, scene);
        }
        let announcer = &mut self.senders[scene.side.other().index()].settings;
        match announcer.waiting.pop_front() {
            Some(waiting) => {
                if let Some(size) = waiting.smallest_table {
                    let owed = &mut announcer.table_size_owed;
                    *owed = Some(owed.map_or(size, |least| least.min(size)));
                }
                if !announcer.forgotten {
                    let knowledge = &mut self.senders[scene.side.index()].knowledge;
                    knowledge.answered(waiting.frame);
                }
            }
            None if announcer.forgotten => {}
            None if !self.from_the_start && !self.senders[scene.side.other().index()].began => {
                self.lose_track(); // The other side began before the capture did.
            }
            None => {
                let text = format!(
                    "{} acknowledges SETTINGS, but none of {} are waiting for that.",
                    scene.sender(),
                    scene.receiver()
                );
                self.book.broken(&rules::SETTINGS_ACK_UNASKED, text, scene);
            }
        }
    }

    /// Source: RFC 8441 §3.
    fn connect_protocol(&mut self, value: u32, scene: &mut Scene<'_>) {
        let own = &mut self.senders[scene.side.index()].settings;
        if value == 1 {
            own.connect_protocol = true;
        } else if value == 0 && own.connect_protocol && !self.lost {
            let text = format!(
                "{} takes SETTINGS_ENABLE_CONNECT_PROTOCOL 1 back with a 0.",
                scene.sender()
            );
            self.book
                .broken(&rules::CONNECT_PROTOCOL_WITHDRAWN, text, scene);
        }
    }

    /// Source: RFC 9218 §2.1.
    fn priorities_setting(&mut self, value: Option<u32>, scene: &mut Scene<'_>) {
        let own = &mut self.senders[scene.side.index()].settings;
        let Some(value) = value else {
            return;
        };
        if own.first_seen && own.no_rfc7540_priorities != value && !self.lost {
            let text = format!(
                "{} changes SETTINGS_NO_RFC7540_PRIORITIES to {value} after its first SETTINGS.",
                scene.sender()
            );
            self.book
                .broken(&rules::NO_RFC7540_PRIORITIES_CHANGED, text, scene);
        }
        own.no_rfc7540_priorities = value;
    }
}
