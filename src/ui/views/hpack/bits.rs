//! One part of a block, bit by bit: what each run of bits means. Pure.

use super::model::Part;
use crate::trace::headers::HeaderField;
use crate::wire::hpack::huffman::{self, Meaning};
use crate::wire::hpack::{StringLiteral, static_table};
use std::ops::Range;

/// Symbols of a string that are spelt out. Longer ones tell nothing new.
pub const MAX_SYMBOLS: usize = 160;

/// What a run of bits is, and so how it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// The first bits, which say how the field is written.
    Pattern,
    /// Bits of a number.
    Number,
    /// A single bit that says something by itself.
    Flag,
    /// A character.
    Symbol,
    /// What fills the last byte.
    Padding,
    /// What cannot be read.
    Wrong,
}

/// A run of bits and its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The bits, as zeros and ones.
    pub bits: String,
    /// What they are.
    pub kind: RunKind,
    /// What stands over them: a character, `H`, `index`.
    pub label: String,
}

/// A number or a string: its runs, and what they add up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What it is, such as `value, in Huffman code`.
    pub title: String,
    /// The runs, in order.
    pub runs: Vec<Run>,
    /// What they add up to.
    pub sum: String,
    /// Its bytes within the block.
    pub range: Range<usize>,
}

/// A part taken apart.
pub fn groups(bytes: &[u8], part: &Part<'_>) -> Vec<Group> {
    match part {
        Part::Update(update) => {
            let value = u64::from(update.max_size_bytes);
            let sum = "the dynamic table holds at most this much from here on";
            number(
                bytes,
                update.range.clone(),
                5,
                "new limit",
                "limit",
                value,
                sum,
            )
            .into_iter()
            .collect()
        }
        Part::Field(field) => field_groups(bytes, field),
    }
}

fn field_groups(bytes: &[u8], field: &HeaderField) -> Vec<Group> {
    let prefix_bits = field.representation.prefix_bits();
    let index = u64::from(field.index.unwrap_or(0));
    let what = match (field.index, &field.name_string) {
        (None, _) | (Some(_), Some(_)) => "the name follows as text".to_owned(),
        (Some(index), None) => index_words(field, index),
    };
    let title = super::words::pattern_words(field.representation);
    let first = number(
        bytes,
        field.index_range.clone(),
        prefix_bits,
        title,
        "index",
        index,
        &what,
    );
    let mut groups: Vec<Group> = first.into_iter().collect();
    for (string, name) in [(&field.name_string, "name"), (&field.value_string, "value")] {
        if let Some(string) = string {
            groups.extend(string_groups(bytes, string, name));
        }
    }
    groups
}

fn index_words(field: &HeaderField, index: u32) -> String {
    let whole = field.value_string.is_none();
    match (static_table::entry(index), whole) {
        (Some((name, value)), true) => format!("static table, {name}: {value}"),
        (Some((name, _)), false) => format!("static table, the name {name}"),
        (None, true) => "dynamic table, name and value".to_owned(),
        (None, false) => {
            let name = super::model::known(field.name.as_deref());
            format!("dynamic table, the name {name}")
        }
    }
}

/// An integer: the bits before it in its first byte, the prefix, and bytes with seven bits each.
/// Source: RFC 7541 §5.1.
fn number(
    bytes: &[u8],
    range: Range<usize>,
    prefix_bits: u8,
    title: &str,
    label: &str,
    value: u64,
    meaning: &str,
) -> Option<Group> {
    let (&first, rest) = bytes.get(range.clone())?.split_first()?;
    let text = format!("{first:08b}");
    let (pattern, prefix) = text.split_at_checked(8 - usize::from(prefix_bits))?;
    let mut runs = vec![
        Run {
            bits: pattern.to_owned(),
            kind: RunKind::Pattern,
            label: "kind".to_owned(),
        },
        Run {
            bits: prefix.to_owned(),
            kind: RunKind::Number,
            label: label.to_owned(),
        },
    ];
    let mut formula = String::new();
    for (position, byte) in rest.iter().enumerate() {
        let text = format!("{byte:08b}");
        let (more, seven) = text.split_at_checked(1)?;
        runs.push(Run {
            bits: more.to_owned(),
            kind: RunKind::Flag,
            label: "more?".to_owned(),
        });
        runs.push(Run {
            bits: seven.to_owned(),
            kind: RunKind::Number,
            label: format!("value × {}", 1u64 << (7 * position.min(8))),
        });
        let term = format!(" + {} × {}", byte & 0x7f, 1u64 << (7 * position.min(8)));
        formula.push_str(&term);
    }
    let sum = if rest.is_empty() {
        format!("{label} {value}: {meaning}")
    } else {
        let full = (1u64 << prefix_bits) - 1;
        format!("{full}{formula} = {label} {value}: {meaning}")
    };
    Some(Group {
        title: title.to_owned(),
        runs,
        sum,
        range,
    })
}

fn string_groups(bytes: &[u8], string: &StringLiteral, name: &str) -> Vec<Group> {
    let coded = bytes.get(string.data_range.clone()).unwrap_or_default();
    let mut groups = Vec::new();
    let title = format!("length of the {name}");
    let coding = if string.huffman {
        "bytes of Huffman code that follow (H = 1)"
    } else {
        "bytes of plain text that follow (H = 0)"
    };
    let length = coded.len() as u64;
    let mut head = number(
        bytes,
        string.length_range.clone(),
        7,
        &title,
        "length",
        length,
        coding,
    );
    if let Some(first) = head.as_mut().and_then(|head| head.runs.first_mut()) {
        first.kind = RunKind::Flag;
        first.label = "H".to_owned();
    }
    groups.extend(head);
    groups.push(if string.huffman {
        huffman_group(coded, name, string.data_range.clone())
    } else {
        plain_group(coded, name, string.data_range.clone())
    });
    groups
}

fn huffman_group(coded: &[u8], name: &str, range: Range<usize>) -> Group {
    let (mut runs, mut symbols, mut symbol_bits, mut padding) = (Vec::new(), 0usize, 0usize, 0);
    for symbol in huffman::symbols(coded) {
        let (kind, label) = match symbol.meaning {
            Meaning::Octet(octet) => {
                symbols += 1;
                symbol_bits += symbol.bits.len();
                (RunKind::Symbol, character(octet))
            }
            Meaning::Padding => {
                padding = symbol.bits.len();
                (RunKind::Padding, "fill".to_owned())
            }
            Meaning::Invalid(_) => (RunKind::Wrong, "?".to_owned()),
        };
        if runs.len() < MAX_SYMBOLS || kind != RunKind::Symbol {
            runs.push(Run {
                bits: bits_of(
                    coded,
                    symbol.bits.start..symbol.bits.end.min(symbol.bits.start + 64),
                ),
                kind,
                label,
            });
        }
    }
    let more = symbols.saturating_sub(MAX_SYMBOLS);
    let mut sum = format!(
        "{symbols} characters in {symbol_bits} bits, {padding} more to fill the last byte: {} bytes \
         instead of {symbols}",
        coded.len()
    );
    if more > 0 {
        sum.push_str(&format!("; {more} characters are not drawn"));
    }
    Group {
        title: format!("{name}, in Huffman code: frequent characters take fewer bits"),
        runs,
        sum,
        range,
    }
}

fn plain_group(octets: &[u8], name: &str, range: Range<usize>) -> Group {
    let runs = octets
        .iter()
        .take(MAX_SYMBOLS)
        .map(|&octet| Run {
            bits: format!("{octet:08b}"),
            kind: RunKind::Symbol,
            label: character(octet),
        })
        .collect();
    let more = octets.len().saturating_sub(MAX_SYMBOLS);
    let mut sum = format!("{} characters of 8 bits", octets.len());
    if more > 0 {
        sum.push_str(&format!("; {more} of them are not drawn"));
    }
    Group {
        title: format!("{name}, as plain text"),
        runs,
        sum,
        range,
    }
}

/// A character as it is shown over its bits.
fn character(octet: u8) -> String {
    match octet {
        b' ' => "space".to_owned(),
        0x21..=0x7e => char::from(octet).to_string(),
        _ => format!("{octet:02x}"),
    }
}

/// Bits of a string, counted from the top bit of its first byte.
fn bits_of(bytes: &[u8], range: Range<usize>) -> String {
    range
        .map(|bit| {
            let byte = bytes.get(bit / 8).copied().unwrap_or(0);
            if byte >> (7 - bit % 8) & 1 == 1 {
                '1'
            } else {
                '0'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_of_several_bytes_says_how_it_adds_up() {
        // RFC 7541 §C.1.2: 1337 with a 5-bit prefix, here as a size update (001).
        let bytes = [0b0011_1111, 0b1001_1010, 0b0000_1010];
        let group = number(&bytes, 0..3, 5, "new limit", "limit", 1337, "so much").unwrap();
        let bits: Vec<_> = group.runs.iter().map(|run| run.bits.as_str()).collect();
        assert_eq!(bits, ["001", "11111", "1", "0011010", "0", "0001010"]);
        assert_eq!(group.sum, "31 + 26 × 1 + 10 × 128 = limit 1337: so much");
    }

    #[test]
    fn a_huffman_string_is_spelt_symbol_by_symbol() {
        // RFC 7541 §C.4.1: www.example.com in 12 bytes.
        let coded = [
            0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff,
        ];
        let group = huffman_group(&coded, "value", 0..12);
        let text: String = group
            .runs
            .iter()
            .filter(|run| run.kind == RunKind::Symbol)
            .map(|run| run.label.as_str())
            .collect();
        assert_eq!(text, "www.example.com");
        let all: String = group.runs.iter().map(|run| run.bits.as_str()).collect();
        assert_eq!(all.len(), 96);
        assert!(group.sum.starts_with("15 characters in 89 bits, 7 more"));
    }
}
