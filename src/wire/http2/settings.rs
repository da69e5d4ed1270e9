//! `SETTINGS`: the rules one side sets for the connection.

use super::walk::{Label, Walk};
use super::{Flags, FrameError, FrameKind, SettingId, StreamId, encode_frame};
use crate::wire::reader::{Reader, TooShort};

/// `SETTINGS`: a list of rules that the peer must keep, or the acknowledgement of such a list.
///
/// ```text
/// +-------------------------------+
/// |        Identifier (16)        |
/// +-------------------------------+-------------------------------+
/// |                          Value (32)                           |
/// +---------------------------------------------------------------+
///                    any number of these, even none
/// ```
///
/// Values count in the order they come: a later one for the same identifier wins.
///
/// Source: RFC 9113 §6.5, the identifiers in §6.5.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings<'a> {
    /// The peer's settings are in force here. Such a frame should be empty (§6.5); entries in it still decode.
    pub ack: bool,
    entries: &'a [[u8; Settings::ENTRY_LEN]],
}

impl<'a> Settings<'a> {
    /// Bytes of one identifier and its value.
    pub const ENTRY_LEN: usize = 6;

    /// Reads the payload.
    ///
    /// # Errors
    ///
    /// [`FrameError::NotAMultiple`] when the last entry is cut.
    pub fn decode(payload: &'a [u8], flags: Flags) -> Result<Self, FrameError> {
        let (entries, cut) = payload.as_chunks();
        if !cut.is_empty() {
            return Err(FrameError::NotAMultiple {
                kind: FrameKind::SETTINGS,
                unit: Self::ENTRY_LEN,
                found: payload.len(),
            });
        }
        Ok(Self {
            ack: flags.contains(Flags::ACK),
            entries,
        })
    }

    /// The settings in the order they came, an identifier as often as it came. Values out of range are kept.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (SettingId, u32)> + 'a {
        self.entries.iter().map(|[i0, i1, v0, v1, v2, v3]| {
            (
                SettingId(u16::from_be_bytes([*i0, *i1])),
                u32::from_be_bytes([*v0, *v1, *v2, *v3]),
            )
        })
    }

    /// How many settings there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none, as in an acknowledgement.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Appends a whole frame with these settings, on stream 0.
    pub fn encode(out: &mut Vec<u8>, settings: &[(SettingId, u32)]) {
        let mut payload = Vec::with_capacity(settings.len() * Self::ENTRY_LEN);
        for (id, value) in settings {
            payload.extend_from_slice(&id.0.to_be_bytes());
            payload.extend_from_slice(&value.to_be_bytes());
        }
        let stream = StreamId::CONNECTION;
        encode_frame(out, FrameKind::SETTINGS, Flags::NONE, stream, &payload);
    }

    /// Appends an acknowledgement.
    pub fn encode_ack(out: &mut Vec<u8>) {
        let stream = StreamId::CONNECTION;
        encode_frame(out, FrameKind::SETTINGS, Flags::ACK, stream, &[]);
    }

    pub(super) fn fields(walk: &mut Walk<'_>) -> Result<(), TooShort> {
        while walk.remaining() >= Self::ENTRY_LEN {
            if walk.folds_list(&MORE_SETTINGS) {
                return Ok(());
            }
            walk.labelled(Self::ENTRY_LEN, |entry| {
                let mut reader = Reader::new(entry);
                let id = SettingId(reader.u16()?);
                Ok(setting_note(id, reader.u32()?))
            })?;
        }
        Ok(())
    }
}

/// What the inspector says about one setting.
fn setting_note(id: SettingId, value: u32) -> (Label, String) {
    let number = id.0;
    let text = match (id.name(), id.note()) {
        (Some(_), _) if id.allows(value) => format!("{value} (setting {number:#x})"),
        (Some(_), _) => format!(
            "{value} (setting {number:#x}), which is not allowed: {}",
            id.allowed()
        ),
        (None, Some(note)) => format!("{value} (setting {number:#06x}: {note})"),
        (None, None) => format!("{value} (setting {number:#06x})"),
    };
    let label = Label {
        name: id.name().unwrap_or("unknown setting"),
        meaning: id.meaning(),
        section: id.section(),
    };
    (label, text)
}

const MORE_SETTINGS: Label = Label {
    name: "more settings",
    meaning: "Far more settings than any endpoint needs; they are not listed one by one.",
    section: "RFC 9113 §6.5",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_in_order_known_or_not() {
        let payload = [
            0x00, 0x04, 0x00, 0x00, 0x00, 0x0a, // INITIAL_WINDOW_SIZE 10
            0xfe, 0x03, 0x00, 0x00, 0x00, 0x01, // gRPC's own, 1
            0x00, 0x04, 0xff, 0xff, 0xff, 0xff, // INITIAL_WINDOW_SIZE again, out of range
        ];
        let settings = Settings::decode(&payload, Flags::NONE).unwrap();
        assert!(!settings.ack);
        assert_eq!(settings.len(), 3);
        assert_eq!(
            settings.iter().collect::<Vec<_>>(),
            [
                (SettingId::INITIAL_WINDOW_SIZE, 10),
                (SettingId(0xfe03), 1),
                (SettingId::INITIAL_WINDOW_SIZE, u32::MAX),
            ]
        );
    }

    #[test]
    fn an_acknowledgement_is_empty_but_one_with_entries_still_decodes() {
        let ack = Settings::decode(&[], Flags::ACK).unwrap();
        assert!(ack.ack && ack.is_empty());
        let odd = Settings::decode(&[0, 2, 0, 0, 0, 0], Flags::ACK).unwrap();
        assert!(odd.ack && odd.len() == 1);
    }

    #[test]
    fn a_cut_entry_is_an_error() {
        for found in [1, 5, 7] {
            let error = Settings::decode(&[0; 7][..found], Flags::NONE).unwrap_err();
            assert_eq!(
                error,
                FrameError::NotAMultiple {
                    kind: FrameKind::SETTINGS,
                    unit: 6,
                    found,
                }
            );
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let list = [
            (SettingId::ENABLE_PUSH, 0),
            (SettingId::MAX_FRAME_SIZE, 16_777_215),
        ];
        let mut out = Vec::new();
        Settings::encode(&mut out, &list);
        let settings = Settings::decode(&out[9..], Flags(out[4])).unwrap();
        assert_eq!(settings.iter().collect::<Vec<_>>(), list);

        out.clear();
        Settings::encode_ack(&mut out);
        assert_eq!(
            out,
            [
                0, 0, 0, // length
                4, // SETTINGS
                1, // ACK
                0, 0, 0, 0, // stream 0
            ]
        );
    }
}
