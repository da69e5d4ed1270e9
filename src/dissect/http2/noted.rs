//! The fields of a header block that a stream's row remembers: found while the block is decoded, kept as symbols.

use super::blocks::LiveEntries;
use super::streams::Noted;
use crate::dissect::interner::Interner;
use crate::trace::Symbol;
use crate::trace::http2::HeaderBytes;
use crate::wire::hpack::table::STATIC_ENTRIES;
use crate::wire::hpack::{Field, Representation, Source};
use crate::wire::http2::Urgency;

/// The values of the fields that a stream's row remembers, copied while the block is decoded. Used again for every
/// block.
#[derive(Default)]
pub(super) struct FoundTexts {
    values: [Option<FoundText>; NOTED_NAMES.len()],
    bytes: Vec<u8>,
    static_values: StaticValues,
}

/// Where a value was found.
#[derive(Clone, Copy)]
struct FoundText {
    /// Its range in [`FoundTexts::bytes`].
    start: usize,
    end: usize,
    place: Place,
}

/// Where a value is kept already.
#[derive(Clone, Copy)]
enum Place {
    /// The entry of the static table with this index has it.
    Static(u8),
    /// The entry of the dynamic table with this number has it.
    Dynamic(u64),
    /// Nowhere.
    Nowhere,
}

/// Symbols of values in the static table, by index: those that were met.
struct StaticValues([Option<Symbol>; STATIC_ENTRIES as usize + 1]);

impl Default for StaticValues {
    fn default() -> Self {
        Self([None; STATIC_ENTRIES as usize + 1])
    }
}

/// The fields that lists, filters and calls ask of every stream.
const NOTED_NAMES: [&[u8]; 8] = [
    b":method",
    b":scheme",
    b":authority",
    b":path",
    b":status",
    b"content-type",
    b"grpc-status",
    b"priority",
];

impl FoundTexts {
    /// Before the next block.
    pub(super) fn clear(&mut self) {
        self.values = [None; NOTED_NAMES.len()];
        self.bytes.clear();
    }

    /// Looks at the next field.
    pub(super) fn note(&mut self, field: &Field<'_>) {
        let (Some(name), Some(value)) = (field.name, field.value) else {
            return;
        };
        // Every name above starts with one of these four.
        if !matches!(name.first(), Some(b':' | b'c' | b'g' | b'p')) {
            return;
        }
        if let Some(place) = NOTED_NAMES.iter().position(|noted| *noted == name)
            && let Some(slot) = self.values.get_mut(place)
            && slot.is_none()
        {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(value);
            *slot = Some(FoundText {
                start,
                end: self.bytes.len(),
                place: match (field.inserted, field.representation, field.source) {
                    (Some(number), ..) => Place::Dynamic(number),
                    (None, Representation::Indexed, Source::Dynamic(number)) => {
                        Place::Dynamic(number)
                    }
                    (None, Representation::Indexed, Source::Static(index)) => Place::Static(index),
                    _ => Place::Nowhere,
                },
            });
        }
    }

    /// Finds or makes the symbols, without looking at the texts where an entry has them.
    pub(super) fn noted(
        &mut self,
        entries: &LiveEntries,
        texts: &mut Interner,
        bytes: HeaderBytes,
    ) -> Noted {
        let (kept, static_values) = (&self.bytes, &mut self.static_values.0);
        let text = |found: FoundText| kept.get(found.start..found.end).unwrap_or_default();
        let mut symbol = |found: Option<FoundText>| {
            let found = found?;
            let known = match found.place {
                Place::Dynamic(number) => entries.get(number).map(|(_, value)| value),
                Place::Static(index) => static_values.get(usize::from(index)).copied().flatten(),
                Place::Nowhere => None,
            };
            let symbol = known.unwrap_or_else(|| texts.intern(text(found)));
            if let Place::Static(index) = found.place
                && let Some(place) = static_values.get_mut(usize::from(index))
            {
                *place = Some(symbol);
            }
            Some(symbol)
        };
        let [
            method,
            scheme,
            authority,
            path,
            status,
            content_type,
            grpc_status,
            priority,
        ] = self.values;
        let interim = status.is_some_and(|status| matches!(text(status), [b'1', _, _]));
        Noted {
            method: symbol(method),
            scheme: symbol(scheme),
            authority: symbol(authority),
            path: symbol(path),
            status: symbol(status),
            content_type: symbol(content_type),
            grpc_status: symbol(grpc_status),
            urgency: priority.map(|value| Urgency::parse(text(value))),
            interim,
            bytes,
        }
    }
}
