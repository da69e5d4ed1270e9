//! From what was learnt of a field to its readings, best first, each with its reason in words.

use super::cost::{LENGTH_BITS, PRIOR_BITS, WEIGHED};
use super::evidence::{Learnt, Len, MAX_DISTINCT, Numbers};
use super::number::WireType;
use super::reading::{Reading, ReadingKind};

/// How far a lead in bits is believed: the costs are estimates, so half of it.
const BELIEF: f64 = 0.5;

/// Readings of a field whose path has evidence for this wire type.
pub(super) fn readings(learnt: &Learnt, wire_type: WireType) -> Vec<Reading> {
    match wire_type {
        WireType::Varint => varint_readings(&learnt.varint),
        WireType::I32 => {
            let [bits, _] = learnt.fixed;
            fixed_readings(
                bits,
                [
                    ReadingKind::Float,
                    ReadingKind::Fixed32,
                    ReadingKind::SignedFixed32,
                ],
            )
        }
        WireType::I64 => {
            let [_, bits] = learnt.fixed;
            fixed_readings(
                bits,
                [
                    ReadingKind::Double,
                    ReadingKind::Fixed64,
                    ReadingKind::SignedFixed64,
                ],
            )
        }
        WireType::Len => len_readings(&learnt.len),
        WireType::StartGroup | WireType::EndGroup => vec![Reading {
            kind: ReadingKind::Group,
            score: 99,
            reason: "the wire type says so".to_owned(),
            value: None,
        }],
    }
}

fn totals(len: &Len) -> impl Iterator<Item = (ReadingKind, f64, u64)> {
    let lengths = len.lengths.len();
    let lengths = u32::try_from(lengths + lengths.saturating_sub(3)).unwrap_or(u32::MAX);
    let lengths = f64::from(lengths);
    WEIGHED
        .into_iter()
        .zip(len.bits)
        .zip(PRIOR_BITS)
        .zip(LENGTH_BITS)
        .zip(len.refused)
        .map(move |((((kind, bits), prior), length), refused)| {
            (kind, bits + prior - length * lengths, refused)
        })
}

fn len_readings(len: &Len) -> Vec<Reading> {
    let possible: Vec<(ReadingKind, f64)> = totals(len)
        .filter(|(.., refused)| *refused == 0)
        .map(|(kind, total, _)| (kind, total))
        .collect();
    let scores = scores(possible.iter().map(|(_, total)| *total));
    let mut readings: Vec<Reading> = possible
        .iter()
        .zip(scores)
        .map(|(&(kind, total), score)| Reading {
            kind,
            score,
            reason: len_reason(kind, len, total),
            value: None,
        })
        .collect();
    let order = |reading: &Reading| {
        let total = possible.iter().find(|(kind, _)| *kind == reading.kind);
        total.map_or(f64::INFINITY, |(_, total)| *total)
    };
    readings.sort_by(|left, right| order(left).total_cmp(&order(right)));
    readings
}

fn scores(totals: impl Iterator<Item = f64> + Clone) -> Vec<u8> {
    let best = totals.clone().fold(f64::INFINITY, f64::min);
    let weights: Vec<f64> = totals
        .map(|total| (BELIEF * (best - total)).exp2())
        .collect();
    let sum: f64 = weights.iter().sum();
    weights
        .into_iter()
        .map(|weight| percent(weight / sum))
        .collect()
}

/// A share as a score: never quite certain.
fn percent(share: f64) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 99"
    )]
    let percent = (share * 100.0).round().clamp(0.0, 99.0) as u8;
    percent
}

fn len_reason(kind: ReadingKind, len: &Len, total: f64) -> String {
    if len.empty == len.seen {
        return "it is always empty, which every reading allows".to_owned();
    }
    let all = match len.seen {
        1 => "its bytes".to_owned(),
        seen => format!("all {seen} contents"),
    };
    let bytes = len.bits.last().copied().unwrap_or(total);
    let lead = bytes - total;
    let strength = if lead > 16.0 {
        ", far more orderly than chance"
    } else if lead > 0.0 {
        ", more orderly than chance"
    } else {
        ", though chance would look the same"
    };
    match kind {
        ReadingKind::Message => {
            format!("{all} are whole fields from the first byte to the last{strength}")
        }
        ReadingKind::Text => format!("{all} are UTF-8{strength}"),
        ReadingKind::PackedVarint => format!("{all} are whole varints{strength}"),
        ReadingKind::PackedFloat => {
            format!("{all} are groups of four bytes, as floats{strength}")
        }
        ReadingKind::PackedDouble => {
            format!("{all} are groups of eight bytes, as doubles{strength}")
        }
        ReadingKind::PackedFixed32 => {
            format!("{all} are groups of four bytes, as whole numbers{strength}")
        }
        ReadingKind::PackedFixed64 => {
            format!("{all} are groups of eight bytes, as whole numbers{strength}")
        }
        _ => refusals(len),
    }
}

/// Why nothing else fits, for bytes.
fn refusals(len: &Len) -> String {
    let [not_message, not_text, ..] = len.refused;
    match (not_message > 0, not_text > 0) {
        (true, true) => "they are neither fields nor UTF-8".to_owned(),
        (true, false) => "they are not fields; any content can be bytes".to_owned(),
        (false, true) => "they are not UTF-8; any content can be bytes".to_owned(),
        (false, false) => "any content can be bytes".to_owned(),
    }
}

/// Varints: what the values leave open, in the order of how often schemas mean it.
fn varint_readings(numbers: &Numbers) -> Vec<Reading> {
    let seen = numbers.seen;
    let (mut unsigned, mut signed, mut zigzag, mut truth, mut named) = (30.0, 40.0, 12.0, 0.0, 0.0);
    let mut reasons = [
        "every varint is one".to_owned(),
        "the most usual type of a number".to_owned(),
        "a number whose lowest bit is the sign: nothing on the wire tells it apart".to_owned(),
        String::new(),
        String::new(),
    ];
    let [
        unsigned_reason,
        signed_reason,
        _,
        truth_reason,
        named_reason,
    ] = &mut reasons;
    if numbers.negative > 0 {
        // Ten bytes: a small negative number that was not zigzagged, or a huge one.
        (signed, unsigned, zigzag) = (85.0, 8.0, 4.0);
        *signed_reason = "some take ten bytes, as negative numbers do".to_owned();
        *unsigned_reason = "some would be larger than 2^63".to_owned();
    }
    let distinct = numbers.distinct.len() as u64;
    if numbers.largest <= 1 {
        (truth, named) = match seen {
            1 | 2 => (30.0, 10.0),
            _ => (70.0, 15.0),
        };
        *truth_reason = format!("only 0 and 1 in {}", values(seen));
        *named_reason = format!("only {distinct} different in {}", values(seen));
    } else if numbers.largest < 64 && distinct < MAX_DISTINCT as u64 {
        // Few small numbers, each many times.
        let repeated = seen >= 6 && seen >= 3 * distinct;
        named = if repeated { 60.0 } else { 10.0 };
        *named_reason = format!(
            "only {distinct} different in {}, all below 64",
            values(seen)
        );
    }
    let kinds = [
        ReadingKind::Unsigned,
        ReadingKind::Signed,
        ReadingKind::ZigZag,
        ReadingKind::Bool,
        ReadingKind::Enum,
    ];
    let weights = [unsigned, signed, zigzag, truth, named];
    ranked(kinds.into_iter().zip(weights).zip(reasons))
}

fn values(seen: u64) -> String {
    match seen {
        1 => "one value".to_owned(),
        _ => format!("{seen} values"),
    }
}

fn ranked(weighed: impl Iterator<Item = ((ReadingKind, f64), String)> + Clone) -> Vec<Reading> {
    let sum: f64 = weighed.clone().map(|((_, weight), _)| weight).sum();
    let mut readings: Vec<Reading> = weighed
        .filter(|((_, weight), _)| *weight > 0.0)
        .map(|((kind, weight), reason)| Reading {
            kind,
            score: percent(weight / sum),
            reason,
            value: None,
        })
        .collect();
    readings.sort_by_key(|reading| std::cmp::Reverse(reading.score));
    readings
}

/// Four or eight bytes: a float, or a whole number with or without sign.
fn fixed_readings([float, whole]: [f64; 2], kinds: [ReadingKind; 3]) -> Vec<Reading> {
    let shares = scores([float, whole].into_iter());
    let [float_score, whole_score] = [0, 1].map(|at| shares.get(at).copied().unwrap_or(50));
    let reasons = [
        "as a floating-point number it is of a usual size, or has few digits",
        "as a whole number it is small",
        "as a whole number it is small; nothing on the wire tells the sign",
    ];
    let weights = [
        f64::from(float_score),
        f64::from(whole_score) * 0.6,
        f64::from(whole_score) * 0.4,
    ];
    let unlikely = |weight: f64, reason: &str| {
        if weight < 20.0 {
            "every such value is one".to_owned()
        } else {
            reason.to_owned()
        }
    };
    let weighed = kinds.into_iter().zip(weights.map(|weight| weight.max(0.5)));
    let reasons: Vec<String> = weights
        .iter()
        .zip(reasons)
        .map(|(weight, reason)| unlikely(*weight, reason))
        .collect();
    ranked(weighed.zip(reasons))
}
