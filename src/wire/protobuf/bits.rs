//! Bit by bit: what every byte of a message says, step by step, for people who learn the format.

use super::number::WireType;
use super::reading::ReadingKind;
use super::tree::{Field, Message};
use super::value::Value;
use super::varint::signed_from_zigzag;
use crate::wire::reader::Reader;
use std::ops::Range;

/// What a run of bytes is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Field number and wire type.
    Tag,
    /// How many bytes follow.
    Length,
    /// A varint that is the value, or an element of a packed field.
    Varint,
    /// Four or eight bytes that are the value, or an element of a packed field.
    Fixed,
    /// Text or other bytes that are the value.
    Bytes,
    /// The end of a group.
    EndTag,
    /// What could not be read.
    Damaged,
}

impl Part {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Length => "length",
            Self::Varint => "varint",
            Self::Fixed => "fixed",
            Self::Bytes => "bytes",
            Self::EndTag => "end tag",
            Self::Damaged => "damaged",
        }
    }
}

/// One byte of a varint.
///
/// ```text
/// +-+-------------+
/// |C|    group    |   C: 1 when another byte follows
/// +-+-------------+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its place.
    pub at: usize,
    /// The whole byte.
    pub byte: u8,
    /// Whether another byte follows.
    pub more: bool,
    /// The seven bits.
    pub bits: u8,
    /// By how many bits they are shifted left before they are added to the others.
    pub shift: u32,
}

/// A run of bytes and what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its place in the outermost message.
    pub range: Range<usize>,
    /// How deep the field is nested; 0 for those of the outermost message.
    pub depth: usize,
    /// What the bytes are for.
    pub part: Part,
    /// The bytes of the varint, where they are one (tags and lengths are).
    pub groups: Vec<Group>,
    /// What the groups add up to.
    pub number: Option<u64>,
    /// What it means, in words.
    pub meaning: String,
}

/// Splits a decoded message into steps that cover its bytes from the first to the last. `bytes` is what it was decoded
/// from.
pub fn steps(message: &Message, bytes: &[u8]) -> Vec<Step> {
    let mut splitter = Splitter {
        bytes,
        steps: Vec::new(),
    };
    splitter.message(message, 0, 0..bytes.len());
    splitter.steps
}

/// The value of a field as the type `sint32` or `sint64` spreads it: the number on the wire and the steps to the sign.
pub fn zigzag_words(value: u64) -> String {
    let signed = signed_from_zigzag(value);
    let half = value >> 1;
    if value & 1 == 0 {
        format!("zigzag: {value} is even, so {value} ÷ 2 = {signed}")
    } else {
        format!(
            "zigzag: {value} is odd, so −({value} ÷ 2, rounded down) − 1 = −{half} − 1 = {signed}"
        )
    }
}

struct Splitter<'a> {
    bytes: &'a [u8],
    steps: Vec<Step>,
}

impl Splitter<'_> {
    fn message(&mut self, message: &Message, depth: usize, range: Range<usize>) {
        let mut end = range.start;
        for field in &message.fields {
            self.field(field, depth);
            end = field.range.end;
        }
        if let Some(damage) = message.damage
            && end < range.end
        {
            let text = damage.kind.to_string();
            self.push(end..range.end, depth, Part::Damaged, text);
        }
    }

    fn field(&mut self, field: &Field, depth: usize) {
        let wire_type = field.wire_type;
        let name = field.name.as_ref().map(|name| format!(" ({name})"));
        let name = name.unwrap_or_default();
        self.push(
            field.tag.clone(),
            depth,
            Part::Tag,
            format!(
                "field {}{name}, wire type {} = {wire_type}: {}",
                field.number,
                wire_type.bits(),
                follows(wire_type)
            ),
        );
        if let Some(length) = &field.length {
            let len = field.content.len();
            let declared = self.number(length).unwrap_or_default();
            let text = match len {
                _ if usize::try_from(declared) != Ok(len) => {
                    format!("{declared} bytes should follow, and {len} are there")
                }
                1 => "1 byte follows".to_owned(),
                _ => format!("{len} bytes follow"),
            };
            self.push(length.clone(), depth, Part::Length, text);
        }
        match (&field.inner, &field.value) {
            (Some(inner), _) => self.message(inner, depth + 1, field.content.clone()),
            (None, Some(Value::List(elements))) => {
                let mut end = field.content.start;
                for (index, element) in elements.iter().enumerate() {
                    let text = format!("element {index}: {}", element.value);
                    let part = self.number_part(field, &(element.start..element.end));
                    self.push(element.start..element.end, depth, part, text);
                    end = element.end;
                }
                if end < field.content.end {
                    let text = "does not make up an element".to_owned();
                    self.push(end..field.content.end, depth, Part::Damaged, text);
                }
            }
            (None, _) if wire_type == WireType::Varint => {
                let text = self.varint_meaning(field);
                self.push(field.content.clone(), depth, Part::Varint, text);
            }
            (None, value) if !field.content.is_empty() => {
                let part = match wire_type {
                    WireType::I32 | WireType::I64 => Part::Fixed,
                    _ => Part::Bytes,
                };
                let text = value.as_ref().map(ToString::to_string);
                self.push(field.content.clone(), depth, part, text.unwrap_or_default());
            }
            (None, _) => {}
        }
        if field.content.end < field.range.end {
            let end = field.content.end..field.range.end;
            let text = format!("group {} ends", field.number);
            self.push(end, depth, Part::EndTag, text);
        }
    }

    /// Whether an element of a packed field is a varint or has a fixed size.
    fn number_part(&self, field: &Field, range: &Range<usize>) -> Part {
        let fixed = match &field.type_name {
            Some(name) => matches!(
                name.as_str(),
                "double" | "float" | "fixed32" | "fixed64" | "sfixed32" | "sfixed64"
            ),
            None => field.readings.first().is_some_and(|best| {
                let varints = ReadingKind::of(WireType::Varint);
                best.kind
                    .element()
                    .is_some_and(|kind| !varints.contains(&kind))
            }),
        };
        // A varint ends with its first byte below 128.
        let last = range.end.checked_sub(1).and_then(|at| self.bytes.get(at));
        if fixed || last.is_none_or(|byte| *byte >= 0x80) {
            Part::Fixed
        } else {
            Part::Varint
        }
    }

    fn varint_meaning(&self, field: &Field) -> String {
        let shown = field.value.as_ref().map(ToString::to_string);
        let shown = shown.unwrap_or_default();
        let number = self.number(&field.content);
        match (field.type_name.as_deref(), number) {
            (Some("sint32" | "sint64"), Some(number)) => zigzag_words(number),
            (Some("bool"), _) => shown,
            (Some(name), Some(number)) if shown != number.to_string() => {
                if matches!(field.value, Some(Value::Signed(value)) if value < 0) {
                    format!("{shown}: two's complement, so the 64th bit is the sign")
                } else {
                    format!("{shown}: the value {number} of {name}")
                }
            }
            _ => shown,
        }
    }

    fn number(&self, range: &Range<usize>) -> Option<u64> {
        let bytes = self.bytes.get(range.clone())?;
        let varint = super::varint::Varint::read(&mut Reader::new(bytes)).ok()?;
        (varint.len == bytes.len()).then_some(varint.value)
    }

    fn push(&mut self, range: Range<usize>, depth: usize, part: Part, meaning: String) {
        let is_varint = matches!(part, Part::Tag | Part::Length | Part::Varint | Part::EndTag);
        let number = is_varint.then(|| self.number(&range)).flatten();
        let groups = if number.is_some() {
            groups(self.bytes, &range)
        } else {
            Vec::new()
        };
        self.steps.push(Step {
            range,
            depth,
            part,
            groups,
            number,
            meaning,
        });
    }
}

fn groups(bytes: &[u8], range: &Range<usize>) -> Vec<Group> {
    let bytes = bytes.get(range.clone()).unwrap_or_default();
    bytes
        .iter()
        .zip(range.clone())
        .zip((0_u32..).step_by(7))
        .map(|((&byte, at), shift)| Group {
            at,
            byte,
            more: byte & 0x80 != 0,
            bits: byte & 0x7f,
            shift,
        })
        .collect()
}

fn follows(wire_type: WireType) -> &'static str {
    match wire_type {
        WireType::Varint => "a varint follows",
        WireType::I64 => "eight bytes follow",
        WireType::Len => "a length follows",
        WireType::StartGroup => "fields follow, up to the group's end tag",
        WireType::EndGroup => "the group ends",
        WireType::I32 => "four bytes follow",
    }
}

#[cfg(test)]
mod tests {
    use super::super::Decoder;
    use super::*;

    fn split(bytes: &[u8]) -> Vec<Step> {
        steps(&Decoder::new().decode(bytes, None), bytes)
    }

    #[test]
    fn the_textbooks_bytes_are_split() {
        let steps = split(&[0x08, 0x2a, 0x12, 0x05, 0x41, 0x6c, 0x69, 0x63, 0x65]);
        let parts: Vec<Part> = steps.iter().map(|step| step.part).collect();
        assert_eq!(
            parts,
            [
                Part::Tag,
                Part::Varint,
                Part::Tag,
                Part::Length,
                Part::Bytes
            ]
        );
        assert_eq!(
            steps[0].meaning,
            "field 1, wire type 0 = VARINT: a varint follows"
        );
        assert_eq!(steps[1].number, Some(42));
        assert_eq!(steps[3].meaning, "5 bytes follow");
        assert_eq!(steps[4].meaning, "\"Alice\"");
    }

    #[test]
    fn a_varint_shows_its_groups() {
        let steps = split(&[0x08, 0x96, 0x01]);
        let [low, high] = steps[1].groups[..] else {
            panic!()
        };
        assert_eq!((low.more, low.bits, low.shift), (true, 0x16, 0));
        assert_eq!((high.more, high.bits, high.shift), (false, 1, 7));
        assert_eq!(steps[1].number, Some(150));
    }

    #[test]
    fn steps_cover_every_byte_of_anything() {
        let cases: [&[u8]; 5] = [
            &[0x0a, 0x04, 0x08, 0x01, 0x10, 0x96],       // cut within
            &[0x0b, 0x08, 0x01, 0x0c],                   // a group
            &[0x0a, 0x05, 0x01, 0x02, 0x03, 0x04, 0x07], // packed
            &[0x08, 0x01, 0x00, 0xff],                   // field number 0
            &[0x12, 0x20, 0x41],                         // length past the end
        ];
        for bytes in cases {
            let mut next = 0;
            for step in split(bytes) {
                assert_eq!(step.range.start, next, "{bytes:?}");
                next = step.range.end;
            }
            assert_eq!(next, bytes.len(), "{bytes:?}");
        }
    }

    #[test]
    fn zigzag_is_told_in_steps() {
        assert_eq!(
            zigzag_words(3),
            "zigzag: 3 is odd, so −(3 ÷ 2, rounded down) − 1 = −1 − 1 = -2"
        );
        assert_eq!(zigzag_words(4), "zigzag: 4 is even, so 4 ÷ 2 = 2");
    }
}
