//! What many messages of one kind tell about their fields.
//!
//! One message leaves doubt: `08 01` may be a message, two packed numbers or two bytes. A hundred do not: what is once not
//! a message is none, what is once not UTF-8 is no string, and small leads add up. Evidence is pooled per *scope* (any
//! text that says whose messages are alike, such as `/users.UserService/GetUser request`) and field path.

use super::MAX_DEPTH;
use super::cost::{Costs, Habits, MAX_JUDGED_BYTES, Sizes, WEIGHED, costs, i32_bits, i64_bits};
use super::number::{FieldNumber, WireType};
use super::ranking;
use super::reading::Reading;
use super::walk::{RawField, RawValue, Walk};
use std::collections::BTreeMap;

/// How many field paths are remembered, all scopes together. Messages made of random bytes have new ones without end.
pub const MAX_EVIDENCE_PATHS: usize = 20_000;
/// Bytes that are weighed per message. What comes later in a larger one is not evidence.
pub const MAX_WEIGHED_BYTES: usize = 1 << 20;
/// How many different values are remembered of a number, to tell enums; and how many lengths.
pub(super) const MAX_DISTINCT: usize = 17;

/// Everything learnt so far. Feed it with messages, then ask it.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    scopes: BTreeMap<Box<str>, Message>,
    paths: usize,
}

/// What was learnt of a kind of message.
#[derive(Clone, Debug, Default)]
pub(super) struct Message {
    /// How many were seen.
    pub(super) seen: u64,
    /// Its fields.
    pub(super) fields: BTreeMap<FieldNumber, Learnt>,
}

/// What was learnt of one field path.
#[derive(Clone, Debug, Default)]
pub(super) struct Learnt {
    /// In how many messages it was.
    pub(super) messages: u64,
    /// The most often that it was in one of them.
    pub(super) most_per_message: u64,
    /// The number of the last message it was in, and how often.
    last: (u64, u64),
    /// How often with each wire type, by its bits.
    pub(super) wire_types: [u64; 6],
    /// What `LEN` contents cost under each reading.
    pub(super) len: Len,
    /// What varints were.
    pub(super) varint: Numbers,
    /// Bits of `I32` and `I64` values as floats and as whole numbers.
    pub(super) fixed: [[f64; 2]; 2],
    /// What its contents hold, where they are messages.
    pub(super) inner: Message,
}

/// What was learnt of `LEN` contents.
#[derive(Clone, Debug, Default)]
pub(super) struct Len {
    /// How many, and how many of them empty.
    pub(super) seen: u64,
    pub(super) empty: u64,
    /// Bits under each of `WEIGHED`.
    pub(super) bits: [f64; 8],
    /// How many could not be read so.
    pub(super) refused: [u64; 8],
    /// Their different lengths but 0, up to `MAX_DISTINCT`.
    pub(super) lengths: Vec<usize>,
    /// What their numbers are like.
    habits: Habits,
}

/// What was learnt of varints.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    /// How many.
    pub(super) seen: u64,
    /// The largest.
    pub(super) largest: u64,
    /// How many have the 64th bit: negative, if they have a sign.
    pub(super) negative: u64,
    /// The different values, up to `MAX_DISTINCT`.
    pub(super) distinct: Vec<u64>,
    /// How large they are.
    pub(super) sizes: Sizes,
}

impl Numbers {
    pub(super) fn add(&mut self, value: u64) {
        self.seen += 1;
        self.sizes.add(value);
        self.largest = self.largest.max(value);
        self.negative += u64::from(value > i64::MAX.cast_unsigned());
        if self.distinct.len() < MAX_DISTINCT && !self.distinct.contains(&value) {
            self.distinct.push(value);
        }
    }
}

impl Len {
    fn add(&mut self, content: &[u8], known: &Message) -> Costs {
        let costs = costs(content, &mut self.habits, Some(known));
        self.seen += 1;
        self.empty += u64::from(content.is_empty());
        let len = content.len();
        if len > 0 && self.lengths.len() < MAX_DISTINCT && !self.lengths.contains(&len) {
            self.lengths.push(len);
        }
        for ((cost, bits), refused) in costs.iter().zip(&mut self.bits).zip(&mut self.refused) {
            match cost {
                Some(cost) => *bits += cost,
                None => *refused += 1,
            }
        }
        costs
    }
}

impl Evidence {
    /// Learns from one whole message. What cannot be read is no evidence: a message with damage counts up to there.
    pub fn feed(&mut self, scope: &str, message: &[u8]) {
        if !self.scopes.contains_key(scope) {
            if self.paths >= MAX_EVIDENCE_PATHS {
                return;
            }
            self.paths += 1;
            self.scopes.insert(scope.into(), Message::default());
        }
        let Some(learnt) = self.scopes.get_mut(scope) else {
            return;
        };
        let mut feeder = Feeder {
            paths: &mut self.paths,
            bytes_left: MAX_WEIGHED_BYTES,
        };
        feeder.message(learnt, message, 0);
    }

    /// How many messages of a scope were seen.
    pub fn messages(&self, scope: &str) -> u64 {
        self.scopes.get(scope).map_or(0, |message| message.seen)
    }

    /// The scopes of which anything was learnt.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scopes.keys().map(AsRef::as_ref)
    }

    /// The readings of a field, best first, without the values: those depend on the field.
    ///
    /// `field` counts for as much as everything else when the path was never seen.
    pub fn readings(
        &self,
        scope: &str,
        path: &[FieldNumber],
        field: &RawField<'_>,
    ) -> Vec<Reading> {
        let learnt = self.learnt(scope, path);
        readings(learnt, field)
    }

    pub(super) fn message(&self, scope: &str) -> Option<&Message> {
        self.scopes.get(scope)
    }

    fn learnt(&self, scope: &str, path: &[FieldNumber]) -> Option<&Learnt> {
        let (last, outer) = path.split_last()?;
        let mut message = self.message(scope)?;
        for number in outer {
            message = &message.fields.get(number)?.inner;
        }
        message.fields.get(last)
    }
}

/// The readings of a field from what was learnt of its path; from itself alone when that is nothing.
pub(super) fn readings(learnt: Option<&Learnt>, field: &RawField<'_>) -> Vec<Reading> {
    let known = learnt.filter(|learnt| learnt.count(field.wire_type) > 0);
    if let Some(learnt) = known {
        return ranking::readings(learnt, field.wire_type);
    }
    let mut own = Learnt::default();
    own.add(field);
    ranking::readings(&own, field.wire_type)
}

impl Learnt {
    pub(super) fn count(&self, wire_type: WireType) -> u64 {
        let count = self.wire_types.get(usize::from(wire_type.bits()));
        count.copied().unwrap_or(0)
    }

    /// The wire type that it mostly had.
    pub(super) fn usual_wire_type(&self) -> WireType {
        let counts = self.wire_types.iter().zip(0_u8..);
        let most = counts.max_by_key(|(count, bits)| (**count, u8::MAX - bits));
        most.and_then(|(_, bits)| WireType::from_bits(bits))
            .unwrap_or(WireType::Varint)
    }

    fn add(&mut self, field: &RawField<'_>) -> Option<Costs> {
        if let Some(count) = self.wire_types.get_mut(usize::from(field.wire_type.bits())) {
            *count += 1;
        }
        let mut add_fixed = |row: usize, bits: [f64; 2]| {
            if let Some(sums) = self.fixed.get_mut(row) {
                sums.iter_mut()
                    .zip(bits)
                    .for_each(|(sum, bits)| *sum += bits);
            }
        };
        match field.value {
            RawValue::Varint(value) => self.varint.add(value),
            RawValue::I32(value) => add_fixed(0, i32_bits(value)),
            RawValue::I64(value) => add_fixed(1, i64_bits(value)),
            RawValue::Len(content) => return Some(self.len.add(content, &self.inner)),
            RawValue::Group(_) => {}
        }
        None
    }
}

struct Feeder<'e> {
    paths: &'e mut usize,
    bytes_left: usize,
}

impl Feeder<'_> {
    fn message(&mut self, learnt: &mut Message, bytes: &[u8], depth: usize) {
        learnt.seen += 1;
        let this = learnt.seen;
        for field in Walk::new(bytes) {
            if !field.complete || self.bytes_left == 0 {
                return;
            }
            if !learnt.fields.contains_key(&field.number) {
                if *self.paths >= MAX_EVIDENCE_PATHS {
                    continue;
                }
                *self.paths += 1;
            }
            let path = learnt.fields.entry(field.number).or_default();
            if path.last.0 != this {
                path.last = (this, 0);
                path.messages += 1;
            }
            path.last.1 += 1;
            path.most_per_message = path.most_per_message.max(path.last.1);
            let weighed = field.content.len().min(MAX_JUDGED_BYTES);
            self.bytes_left = self.bytes_left.saturating_sub(1 + weighed);
            let costs = path.add(&field);
            match field.value {
                RawValue::Len(content) if depth < MAX_DEPTH => {
                    let [as_message, ..] = costs.unwrap_or_default();
                    // Once no message, never a message: what it would hold is of no use.
                    let [refused, ..] = path.len.refused;
                    if as_message.is_some() && refused == 0 {
                        self.message(&mut path.inner, content, depth + 1);
                    } else if !path.inner.fields.is_empty() {
                        *self.paths = self.paths.saturating_sub(path.inner.paths());
                        path.inner = Message::default();
                    }
                }
                RawValue::Group(content) if depth < MAX_DEPTH => {
                    self.message(&mut path.inner, content, depth + 1);
                }
                _ => {}
            }
        }
    }
}

impl Message {
    /// How many paths are in it.
    fn paths(&self) -> usize {
        self.fields
            .values()
            .map(|field| 1 + field.inner.paths())
            .sum()
    }
}

const _: () = assert!(WEIGHED.len() == 8);

#[cfg(test)]
mod tests {
    use super::super::reading::ReadingKind;
    use super::*;

    fn best(evidence: &Evidence, message: &[u8]) -> ReadingKind {
        let field = Walk::new(message).next().unwrap();
        evidence.readings("s", &[field.number], &field)[0].kind
    }

    #[test]
    fn one_message_that_is_not_utf8_makes_the_others_bytes() {
        let like_text = [0x0a, 0x04, 0x61, 0x62, 0x63, 0x64];
        let mut evidence = Evidence::default();
        evidence.feed("s", &like_text);
        assert_eq!(best(&evidence, &like_text), ReadingKind::Text);
        evidence.feed("s", &[0x0a, 0x04, 0xff, 0xfe, 0x63, 0x93]);
        assert_eq!(best(&evidence, &like_text), ReadingKind::Bytes);
    }

    #[test]
    fn packed_numbers_that_look_like_a_message_are_told_apart_by_the_others() {
        let doubtful = [0x0a, 0x02, 0x08, 0x01];
        let mut evidence = Evidence::default();
        evidence.feed("s", &doubtful);
        assert_eq!(best(&evidence, &doubtful), ReadingKind::Message);
        evidence.feed("s", &[0x0a, 0x03, 0x01, 0x02, 0x03]);
        evidence.feed("s", &[0x0a, 0x05, 0x03, 0x08, 0x06, 0x01, 0x07]);
        assert_eq!(best(&evidence, &doubtful), ReadingKind::PackedVarint);
    }

    #[test]
    fn scopes_do_not_mix() {
        let mut evidence = Evidence::default();
        evidence.feed("other", &[0x0a, 0x02, 0xff, 0xff]);
        evidence.feed("s", &[0x0a, 0x02, 0x61, 0x62]);
        assert_eq!(
            best(&evidence, &[0x0a, 0x02, 0x61, 0x62]),
            ReadingKind::Text
        );
        assert_eq!(evidence.messages("s"), 1);
        assert_eq!(evidence.scopes().count(), 2);
    }

    #[test]
    fn what_is_remembered_has_a_limit() {
        let mut evidence = Evidence::default();
        for number in 1..60_000_u64 {
            let mut message = Vec::new();
            super::super::varint::Varint::write(number << 3, &mut message);
            message.push(1);
            evidence.feed("s", &message);
        }
        assert!(evidence.paths <= MAX_EVIDENCE_PATHS);
        assert!(evidence.message("s").unwrap().paths() < MAX_EVIDENCE_PATHS);
    }
}
