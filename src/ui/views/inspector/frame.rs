//! The tab of a frame: what its type is for, when it came, and every field of it.

use super::section::{Entry, Section};
use crate::analysis::fields::{FieldGroup, FieldNode, FrameFields};
use crate::trace::{Connection, Finding, FrameId, FrameRow, PacketId, Trace};
use crate::ui::Item;
use crate::ui::widgets::format;
use crate::wire::http2::{FrameKind, SettingId};

/// Bytes of content that are previewed.
const PREVIEW_BYTES: usize = 320;

/// A frame about to be inspected.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) trace: &'a Trace,
    pub(super) connection: &'a Connection,
    pub(super) id: FrameId,
    pub(super) row: &'a FrameRow,
    pub(super) fields: &'a FrameFields,
    /// What was found about it.
    pub(super) findings: &'a [&'a Finding],
}

impl Frame<'_> {
    /// `HEADERS · stream 5 · client → server`.
    pub(super) fn heading(&self) -> String {
        let sender = self.connection.direction(self.row.side);
        let stream = match self.row.stream.is_connection() {
            true => "whole connection".to_owned(),
            false => format!("stream {}", self.row.stream),
        };
        format!(
            "{} · {stream} · {} → {}",
            kind_name(self.row.kind),
            sender.name(),
            sender.other().name()
        )
    }

    /// All rows of the tab.
    pub(super) fn sections(&self) -> Vec<Section> {
        let of_group = |group: FieldGroup| {
            let nodes = self
                .fields
                .nodes
                .iter()
                .filter(move |node| node.group == group);
            nodes.map(|node| self.entry(node)).collect()
        };
        let headers = self.fields.header_nodes.iter().map(|node| self.entry(node));
        let mut sections = vec![
            Section::of_findings(self.findings),
            Section::new("", self.life()),
            Section::new("frame header, 9 bytes", of_group(FieldGroup::FrameHeader)),
            Section::new(&self.payload_title(), of_group(FieldGroup::Payload)),
            Section::new("header fields in this frame", headers.collect()),
        ];
        if let Some(preview) = self.preview() {
            sections.push(Section {
                title: "content begins with".to_owned(),
                entries: Vec::new(),
                preview: Some(preview),
            });
        }
        sections
    }

    fn payload_title(&self) -> String {
        format!(
            "payload, {}",
            format::exact_bytes(u64::from(self.row.length))
        )
    }

    fn life(&self) -> Vec<Entry> {
        let (trace, row) = (self.trace, self.row);
        let start = trace.time_range_ns.map_or(0, |(first, _)| first);
        let time = trace.time_ns(row.packet);
        let mut entries = Vec::new();
        let info = crate::report::frames::info(trace, self.connection, self.id);
        if !info.is_empty() {
            entries.push(Entry::new("in short", info));
        }
        if !row.stream.is_connection() {
            let stream = Item::Stream(self.connection.id, row.stream);
            let entry = Entry::new("stream", row.stream.to_string());
            entries.push(entry.item(stream));
        }
        let clock = format!("{} ms", format::milliseconds(time.saturating_sub(start)));
        entries.push(Entry::new("time", clock).hover(
            "When the packet that made the frame readable was captured, counted from the first packet.",
            &format::utc(time),
        ));
        let first = trace.first_packet(self.connection, row);
        let arrived = trace.last_packet(self.connection, row);
        let mut packets = vec![("packet", row.packet)];
        if first != row.packet || arrived != row.packet {
            packets = vec![
                ("begins in packet", first),
                ("arrived", arrived),
                ("readable", row.packet),
            ];
        }
        entries.extend(
            packets
                .into_iter()
                .map(|(name, packet)| self.packet(name, packet)),
        );
        if !row.whole {
            let held = self.fields.bytes.len() as u64;
            let words = format!("no, only its first {}", format::exact_bytes(held));
            entries.push(Entry::new("complete", words).hover(
                "The capture does not hold the whole frame: a packet is missing or was cut short.",
                "",
            ));
        }
        entries
    }

    fn packet(&self, name: &str, packet: PacketId) -> Entry {
        let item = Item::Packet(packet);
        Entry::new(name, format!("packet {}", format::count(packet.number()))).item(item)
    }

    fn entry(&self, node: &FieldNode) -> Entry {
        let setting = match (self.row.kind, node.group) {
            (FrameKind::SETTINGS, FieldGroup::Payload) => self.setting(node),
            _ => None,
        };
        let value = setting.unwrap_or_else(|| node.value.clone());
        Entry::new(&node.name, value)
            .hover(&node.meaning, &node.section)
            .item(Item::Bytes {
                connection: self.connection.id,
                frame: self.id,
                start: node.range.start,
                end: node.range.end,
            })
    }

    /// The value of an entry of SETTINGS with its unit, and the value that is in force until one is
    /// sent; `None` for an entry that is not a known setting or has a value that is not allowed.
    fn setting(&self, node: &FieldNode) -> Option<String> {
        let bytes = self
            .fields
            .bytes
            .get(node.range.start as usize..node.range.end as usize)?;
        let [id_high, id_low, a, b, c, d] = *bytes else {
            return None;
        };
        let id = SettingId(u16::from_be_bytes([id_high, id_low]));
        let value = u32::from_be_bytes([a, b, c, d]);
        id.name().filter(|_| id.allows(value))?;
        let words = setting_value(id, value);
        let initial = match id.initial_value() {
            Some(initial) if initial == value => "as it is at first".to_owned(),
            Some(initial) => format!("at first {}", setting_value(id, initial)),
            None => "no limit at first".to_owned(),
        };
        Some(format!("{words} ({initial})"))
    }

    /// The start of a DATA frame's content, as text where it is text.
    fn preview(&self) -> Option<String> {
        if self.row.kind != FrameKind::DATA {
            return None;
        }
        let node = self.fields.nodes.iter().find(|node| node.name == "data")?;
        let bytes = self.fields.bytes.get(node.range.start as usize..)?;
        let bytes = bytes.get(..node.range.len()).unwrap_or(bytes);
        (!bytes.is_empty()).then(|| preview(bytes))
    }
}

/// A setting's value with its unit.
fn setting_value(id: SettingId, value: u32) -> String {
    let number = u64::from(value);
    match id {
        SettingId::HEADER_TABLE_SIZE
        | SettingId::INITIAL_WINDOW_SIZE
        | SettingId::MAX_FRAME_SIZE
        | SettingId::MAX_HEADER_LIST_SIZE => format::exact_bytes(number),
        SettingId::MAX_CONCURRENT_STREAMS => format::counted(number, "stream"),
        SettingId::ENABLE_PUSH
        | SettingId::ENABLE_CONNECT_PROTOCOL
        | SettingId::NO_RFC7540_PRIORITIES => match value {
            0 => "0, no".to_owned(),
            1 => "1, yes".to_owned(),
            _ => format::count(number),
        },
        _ => format::count(number),
    }
}

/// A type's name, with its number when it has none.
pub(super) fn kind_name(kind: FrameKind) -> String {
    match kind.is_known() {
        true => kind.name().to_owned(),
        false => format!("UNKNOWN {:#04x}", kind.0),
    }
}

/// The start of some content: as text when it is UTF-8 without control characters, else in
/// hexadecimal.
fn preview(bytes: &[u8]) -> String {
    let start = bytes.get(..PREVIEW_BYTES).unwrap_or(bytes);
    let text = match std::str::from_utf8(start) {
        Ok(text) => Some(text),
        // A character may be cut at the end; nothing else may be wrong.
        Err(error) if error.error_len().is_none() && bytes.len() > start.len() => start
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok()),
        Err(_) => None,
    };
    let readable = |text: &&str| {
        let allowed = |letter: char| !letter.is_control() || "\n\r\t".contains(letter);
        text.chars().all(allowed)
    };
    match text.filter(readable) {
        Some(text) if bytes.len() > start.len() => format!("{text}…"),
        Some(text) => text.to_owned(),
        None => format::hex(bytes, PREVIEW_BYTES / 4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_shown_as_text_when_it_is_text() {
        assert_eq!(preview(b"<html>\n"), "<html>\n");
        assert_eq!(preview(&[0x00, 0x01, 0xff]), "00 01 ff");
        assert_eq!(preview(b"a\x07"), "61 07");
    }

    #[test]
    fn a_character_cut_by_the_preview_does_not_make_it_binary() {
        let text = "é".repeat(PREVIEW_BYTES);
        // Odd start: the cut at an even byte falls inside a character.
        let shifted = format!("a{text}");
        assert!(preview(shifted.as_bytes()).starts_with("aéé"));
        assert!(preview(shifted.as_bytes()).ends_with("é…"));
    }
}
