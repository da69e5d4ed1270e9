//! How many bits a value would take if it were what a reading says.
//!
//! Text is mostly lower-case letters, numbers are mostly small and like their neighbours, the fields of a message mostly
//! count upwards: whoever knows what a value is can write it shorter. So the reading under which it is shortest is the
//! likeliest one, and its lead in bits says by how much. The sums over many messages are the pooled evidence.
//! (The idea is known as minimum description length.)

use super::evidence::{Learnt, Message};
use super::number::WireType;
use super::reading::ReadingKind;
use super::varint::{Varint, zigzag_from_signed};
use super::walk::{RawValue, Walk};
use crate::wire::reader::Reader;

/// Bytes of one value that are looked at closely. More would say the same more slowly.
pub const MAX_JUDGED_BYTES: usize = 4096;
/// How many levels of messages within a value are looked at to say whether it is a message.
const MAX_JUDGED_DEPTH: usize = 4;

/// The readings of `LEN` fields that are weighed against each other.
pub const WEIGHED: [ReadingKind; 8] = [
    ReadingKind::Message,
    ReadingKind::Text,
    ReadingKind::PackedVarint,
    ReadingKind::PackedFloat,
    ReadingKind::PackedFixed32,
    ReadingKind::PackedDouble,
    ReadingKind::PackedFixed64,
    ReadingKind::Bytes,
];

/// The bits that a value takes under each of [`WEIGHED`], in that order. `None` where it cannot be read so.
pub type Costs = [Option<f64>; 8];

/// Bits by which a reading is less usual than others, before anything is seen. Paid once per field, not per message.
pub const PRIOR_BITS: [f64; 8] = [1.0, 1.5, 6.0, 8.0, 8.0, 8.0, 8.0, 4.0];

/// What each different length that is a multiple of four, and of eight, is worth: of other contents only one in four, or
/// in eight, has such a length. From the fourth on twice of it, since hashes and ids have few lengths.
pub const LENGTH_BITS: [f64; 8] = [0.0, 0.0, 0.0, 2.0, 2.0, 3.0, 3.0, 0.0];

/// What a needless byte in a varint costs: no encoder writes one.
const PADDING_BITS: f64 = 20.0;

/// What earlier contents of the same field taught: how large numbers are, and how far they are from each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Habits {
    varint: [Classes<65>; 2],
    fixed32: [Classes<65>; 2],
    fixed64: [Classes<65>; 2],
}

/// Weighs the content of a `LEN` field. `known` are the fields that earlier contents had as messages.
pub(super) fn costs(content: &[u8], habits: &mut Habits, known: Option<&Message>) -> Costs {
    costs_at_depth(content, habits, known, 0)
}

fn costs_at_depth(
    content: &[u8],
    habits: &mut Habits,
    known: Option<&Message>,
    depth: usize,
) -> Costs {
    [
        message_bits(content, known, depth),
        text_bits(content),
        packed_varint_bits(content, &mut habits.varint),
        float_bits(content),
        fixed_bits::<4>(content, &mut habits.fixed32),
        double_bits(content),
        fixed_bits::<8>(content, &mut habits.fixed64),
        Some(byte_bits(content)),
    ]
}

fn judged(content: &[u8]) -> &[u8] {
    content.get(..MAX_JUDGED_BYTES).unwrap_or(content)
}

#[expect(clippy::cast_precision_loss, reason = "counts of at most thousands")]
fn number(count: usize) -> f64 {
    count as f64
}

/// Bits of a number that may be any size: its length, then what follows its first bit.
fn magnitude_bits(value: u64) -> f64 {
    let bits = 64 - value.leading_zeros();
    3.0 + f64::from(bits.saturating_sub(1)) + f64::from(bits) / 16.0
}

/// Learns how many bits numbers have while it goes.
#[derive(Clone, Debug, Default)]
pub(super) struct Sizes(Classes<65>);

impl Sizes {
    /// Learns from one number.
    pub(super) fn add(&mut self, value: u64) {
        class_bits(&mut self.0, value);
    }

    /// Bits of a number by what was learnt.
    fn likely_bits(&self, value: u64) -> f64 {
        let bits = 64 - value.leading_zeros();
        self.0.peek(bits as usize) + f64::from(bits.saturating_sub(1))
    }
}

/// Learns which classes are usual while it goes.
#[derive(Clone, Debug)]
struct Classes<const N: usize> {
    counts: [u16; N],
    total: u32,
}

impl<const N: usize> Default for Classes<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Classes<N> {
    /// What a class is taken to have been seen beforehand: little, so that few sightings teach much.
    const BEFORE: f64 = 0.125;

    fn new() -> Self {
        Self {
            counts: [0; N],
            total: 0,
        }
    }

    fn bits(&mut self, class: usize) -> f64 {
        let bits = self.peek(class);
        if let Some(count) = self.counts.get_mut(class)
            && *count < u16::MAX
        {
            *count += 1;
            self.total += 1;
        }
        bits
    }

    fn peek(&self, class: usize) -> f64 {
        let Some(count) = self.counts.get(class) else {
            return 16.0;
        };
        let all = f64::from(self.total) + Self::BEFORE * number(N);
        (all / (f64::from(*count) + Self::BEFORE)).log2()
    }
}

fn byte_bits(content: &[u8]) -> f64 {
    let judged = judged(content);
    let mut classes = Classes::<256>::new();
    let learnt: f64 = judged
        .iter()
        .map(|byte| classes.bits(usize::from(*byte)))
        .sum();
    (8.0 * number(judged.len())).min(learnt + 8.0)
}

fn text_bits(content: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(content).ok()?;
    let mut last_block = u32::MAX;
    let mut bits = 0.0;
    for (at, character) in text.char_indices() {
        if at >= MAX_JUDGED_BYTES {
            break;
        }
        bits += match character {
            'a'..='z' | ' ' => 4.5,
            '0'..='9' => 5.0,
            'A'..='Z' => 5.5,
            '.' | ',' | '-' | '_' | '/' | ':' | '@' | '\'' | '"' | '!' | '?' | '(' | ')' | '=' => {
                6.0
            }
            '\n' | '\t' | '\r' => 9.0,
            '!'..='~' => 7.0,
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => 18.0,
            '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'.. => 28.0,
            '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{ff00}'..='\u{ffef}' => 13.0,
            '\u{1f000}'..='\u{1faff}' | '\u{2000}'..='\u{2bff}' => 12.0,
            _ => {
                let block = u32::from(character) >> 7;
                let near = block == last_block;
                last_block = block;
                if near { 6.0 } else { 11.0 }
            }
        };
    }
    Some(bits)
}

fn packed_varint_bits(content: &[u8], habits: &mut [Classes<65>; 2]) -> Option<f64> {
    let [plain_habits, change_habits] = habits;
    let mut reader = Reader::new(content);
    let (mut plain, mut change) = (0.0, 3.0);
    let mut last = 0_u64;
    while !reader.is_empty() {
        let varint = Varint::read(&mut reader).ok()?;
        if reader.position() > MAX_JUDGED_BYTES {
            continue;
        }
        let padding = if varint.padded { PADDING_BITS } else { 0.0 };
        plain += padding + class_bits(plain_habits, varint.value);
        change += padding + change_bits(change_habits, varint.value, &mut last);
    }
    Some(f64::min(plain, change))
}

fn class_bits(classes: &mut Classes<65>, value: u64) -> f64 {
    let bits = 64 - value.leading_zeros();
    classes.bits(bits as usize) + f64::from(bits.saturating_sub(1))
}

fn change_bits(classes: &mut Classes<65>, value: u64, last: &mut u64) -> f64 {
    let change = value.wrapping_sub(*last).cast_signed();
    *last = value;
    class_bits(classes, zigzag_from_signed(change))
}

fn chunks<const N: usize>(content: &[u8]) -> Option<impl Iterator<Item = [u8; N]>> {
    let (chunks, rest) = content.as_chunks::<N>();
    if !rest.is_empty() {
        return None;
    }
    Some(chunks.iter().take(MAX_JUDGED_BYTES / N).copied())
}

fn fixed_bits<const N: usize>(content: &[u8], habits: &mut [Classes<65>; 2]) -> Option<f64> {
    let [plain_habits, change_habits] = habits;
    let (mut plain, mut change) = (0.0, 3.0);
    let mut last = 0_u64;
    for chunk in chunks::<N>(content)? {
        let value = chunk
            .iter()
            .rev()
            .fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
        plain += class_bits(plain_habits, value);
        change += change_bits(change_habits, value, &mut last);
    }
    Some(f64::min(plain, change))
}

fn float_bits(content: &[u8]) -> Option<f64> {
    let mut classes = Classes::<512>::new();
    Some(
        chunks::<4>(content)?
            .map(|chunk| single_float_bits(&mut classes, f32::from_le_bytes(chunk)))
            .sum(),
    )
}

fn single_float_bits(classes: &mut Classes<512>, value: f32) -> f64 {
    let bits = value.to_bits();
    let class = classes.bits((bits >> 23) as usize);
    let zeros = (bits | 1 << 23).trailing_zeros();
    class + mantissa_bits(23.0, zeros).min(decimal_bits(&format!("{value:e}")))
}

fn double_bits(content: &[u8]) -> Option<f64> {
    let mut classes = Classes::<4096>::new();
    Some(
        chunks::<8>(content)?
            .map(|chunk| single_double_bits(&mut classes, f64::from_le_bytes(chunk)))
            .sum(),
    )
}

fn single_double_bits(classes: &mut Classes<4096>, value: f64) -> f64 {
    let bits = value.to_bits();
    let class = classes.bits(usize::try_from(bits >> 52).unwrap_or(usize::MAX));
    let zeros = (bits | 1 << 52).trailing_zeros();
    class + mantissa_bits(52.0, zeros).min(decimal_bits(&format!("{value:e}")))
}

/// Bits of a mantissa that ends in zeros: how many zeros (by chance half of all have none), then what is before them.
fn mantissa_bits(len: f64, zeros: u32) -> f64 {
    let zeros = f64::from(zeros);
    let chance = 0.5 * (-zeros - 1.0).exp2() + 0.5 / (len + 1.0);
    (len - zeros - 1.0).max(0.0) - chance.log2()
}

/// Bits of the digits before the exponent: 0.1 is short although its mantissa is not.
fn decimal_bits(scientific: &str) -> f64 {
    let digits = scientific
        .bytes()
        .take_while(|byte| *byte != b'e')
        .filter(u8::is_ascii_digit)
        .count();
    3.0 + 3.4 * number(digits)
}

/// Bits of a value of four bytes: as a float and as a whole number.
pub fn i32_bits(value: u32) -> [f64; 2] {
    let float = f32::from_bits(value);
    let exponent = 4.0 + exponent_distance(f64::from(float)) / 2.0;
    let digits = decimal_bits(&format!("{float:e}"));
    let as_float = mantissa_bits(23.0, (value | 1 << 23).trailing_zeros()).min(digits);
    let signed = i64::from(value.cast_signed());
    let as_number = magnitude_bits(value.into()).min(1.0 + magnitude_bits(signed.unsigned_abs()));
    [exponent + as_float, as_number + 2.0]
}

/// Bits of a value of eight bytes: as a double and as a whole number.
pub fn i64_bits(value: u64) -> [f64; 2] {
    let float = f64::from_bits(value);
    let exponent = 4.0 + exponent_distance(float) / 2.0;
    let digits = decimal_bits(&format!("{float:e}"));
    let as_float = mantissa_bits(52.0, (value | 1 << 52).trailing_zeros()).min(digits);
    let signed = value.cast_signed();
    let as_number = magnitude_bits(value).min(1.0 + magnitude_bits(signed.unsigned_abs()));
    [exponent + as_float, as_number + 2.0]
}

/// How many powers of two lie between a number and those people use.
fn exponent_distance(value: f64) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    if !value.is_finite() {
        return 40.0;
    }
    value.abs().log2().abs().min(200.0)
}

fn message_bits(content: &[u8], known: Option<&Message>, depth: usize) -> Option<f64> {
    if depth > MAX_JUDGED_DEPTH {
        return None;
    }
    let mut walk = Walk::new(content);
    let mut bits = 0.0;
    let mut covered = 0_usize;
    let mut last = 0_u32;
    for field in walk.by_ref() {
        if covered >= MAX_JUDGED_BYTES {
            continue;
        }
        covered = covered.saturating_add(field.range.len().min(MAX_JUDGED_BYTES));
        let learnt = known.and_then(|known| known.fields.get(&field.number));
        bits += match (learnt, known) {
            (Some(learnt), Some(known)) if learnt.count(field.wire_type) > 0 => {
                0.5 + 0.5 * number(known.fields.len()).log2()
            }
            _ => number_bits(field.number.0, last) + wire_type_bits(field.wire_type),
        };
        bits += if field.padded { PADDING_BITS } else { 0.0 };
        last = field.number.0;
        bits += match field.value {
            RawValue::Varint(value) => varint_bits(value, learnt),
            RawValue::I64(value) => i64_bits(value).into_iter().fold(64.0, f64::min),
            RawValue::I32(value) => i32_bits(value).into_iter().fold(32.0, f64::min),
            RawValue::Len(inner) => {
                let length = u64::try_from(inner.len()).unwrap_or(u64::MAX);
                let known = learnt.map(|learnt| &learnt.inner);
                let mut habits = Habits::default();
                let costs = costs_at_depth(inner, &mut habits, known, depth + 1);
                magnitude_bits(length) + shortest(&costs)
            }
            RawValue::Group(inner) => {
                let known = learnt.map(|learnt| &learnt.inner);
                message_bits(inner, known, depth + 1).unwrap_or_else(|| byte_bits(inner))
            }
        };
    }
    walk.damage().is_none().then_some(bits)
}

/// Bits of a varint by its size, and of its distance from 0 where that is shorter: small negative numbers take all 64.
fn varint_bits(value: u64, learnt: Option<&Learnt>) -> f64 {
    let by_size = match learnt {
        Some(learnt) if learnt.varint.seen > 0 => learnt.varint.sizes.likely_bits(value),
        _ => magnitude_bits(value),
    };
    by_size.min(2.0 + magnitude_bits(value.cast_signed().unsigned_abs()))
}

fn shortest(costs: &Costs) -> f64 {
    costs
        .iter()
        .zip(PRIOR_BITS)
        .filter_map(|(cost, prior)| Some((*cost)? + prior))
        .fold(f64::INFINITY, f64::min)
}

/// The same number again (a list) or the next one is usual; far ahead, or back, is not.
fn number_bits(number: u32, last: u32) -> f64 {
    let far = |distance: u32| 2.0 * f64::from(distance.max(1)).log2();
    match number.checked_sub(last) {
        Some(0) => 1.5,
        Some(1) => 1.5,
        Some(distance) => 2.0 + far(distance),
        None => 5.0 + far(last - number),
    }
}

fn wire_type_bits(wire_type: WireType) -> f64 {
    match wire_type {
        WireType::Varint | WireType::Len => 1.3,
        WireType::I64 | WireType::I32 => 4.0,
        WireType::StartGroup | WireType::EndGroup => 12.0,
    }
}
