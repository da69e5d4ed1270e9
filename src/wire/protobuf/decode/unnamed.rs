//! Fields that no schema tells about: readings, and the best of them shown.

use super::super::evidence;
use super::super::reading::{
    Reading, ReadingKind, value_from_i32, value_from_i64, value_from_len, value_from_varint,
};
use super::super::tree::Field;
use super::super::value::Value;
use super::super::walk::{RawField, RawValue, Walk};
use super::Work;

/// Longest content of which readings other than the best tell what it would be.
const MAX_PREVIEW_BYTES: usize = 64;

impl Work<'_> {
    /// Gives a field its readings, and value and fields by the best.
    pub(super) fn unnamed(&mut self, field: &mut Field, raw: &RawField<'_>) {
        let mut readings = self.readings(raw);
        let said = self
            .know
            .overrides
            .and_then(|overrides| overrides.get(self.know.scope, &self.path));
        if let Some(name) = said.and_then(|said| said.name.clone()) {
            field.name = Some(name);
        }
        let chosen = said
            .and_then(|said| said.reading)
            .filter(|kind| ReadingKind::of(raw.wire_type).contains(kind));
        if let Some(kind) = chosen {
            choose(&mut readings, kind);
        }
        let mut best = true;
        for reading in &mut readings {
            reading.value = self.value(reading.kind, raw, best);
            if best && let Some(Value::List(elements)) = &reading.value {
                self.fields_left = self.fields_left.saturating_sub(elements.len());
            }
            best = false;
        }
        let best = readings.first();
        field.value = best.and_then(|best| best.value.clone());
        match (best.map(|best| best.kind), raw.value) {
            (Some(ReadingKind::Message), RawValue::Len(content))
            | (Some(ReadingKind::Group), RawValue::Group(content)) => {
                field.inner = Some(self.message(content, raw.content.start, None));
            }
            _ => {}
        }
        field.readings = readings;
    }

    fn readings(&self, raw: &RawField<'_>) -> Vec<Reading> {
        let pooled = self
            .know
            .evidence
            .map(|evidence| evidence.readings(self.know.scope, &self.path, raw));
        match pooled {
            // What all others are may not be what this one can be.
            Some(pooled)
                if !raw.complete
                    || pooled
                        .first()
                        .is_some_and(|best| is_possible(best.kind, raw.value)) =>
            {
                pooled
            }
            _ => evidence::readings(None, raw),
        }
    }

    fn value(&self, kind: ReadingKind, raw: &RawField<'_>, best: bool) -> Option<Value> {
        match raw.value {
            RawValue::Varint(value) => Some(value_from_varint(kind, value)),
            RawValue::I32(value) => Some(value_from_i32(kind, value)),
            RawValue::I64(value) => Some(value_from_i64(kind, value)),
            RawValue::Len(content) if best || content.len() <= MAX_PREVIEW_BYTES => {
                value_from_len(kind, content, raw.content.start, self.fields_left)
            }
            RawValue::Len(_) | RawValue::Group(_) => None,
        }
    }
}

fn choose(readings: &mut Vec<Reading>, kind: ReadingKind) {
    readings.retain(|reading| reading.kind != kind);
    readings.iter_mut().for_each(|reading| reading.score = 0);
    readings.insert(
        0,
        Reading {
            kind,
            score: 100,
            reason: "you said so".to_owned(),
            value: None,
        },
    );
}

fn is_possible(kind: ReadingKind, value: RawValue<'_>) -> bool {
    let RawValue::Len(content) = value else {
        return true;
    };
    match kind {
        ReadingKind::Message => Walk::is_sound(content),
        ReadingKind::Text => std::str::from_utf8(content).is_ok(),
        ReadingKind::Bytes => true,
        packed => value_from_len(packed, content, 0, usize::MAX).is_some(),
    }
}
