//! Cuts a message into its fields, with the place of every part, knowing nothing of what they mean.

use super::MAX_DEPTH;
use super::damage::{Damage, DamageKind};
use super::number::{FieldNumber, WireType};
use super::varint::Varint;
use crate::wire::reader::Reader;
use std::ops::Range;

/// One field as it stands on the wire. Ranges count from the start of the outermost message.
///
/// ```text
/// +-----------------+----------------------+-----------------+------------+
/// | tag (varint)    | length (varint, LEN) | value           | end tag    |
/// | number·8 + type |                      |                 | (groups)   |
/// +-----------------+----------------------+-----------------+------------+
/// ```
///
/// Source: protobuf.dev, *Encoding*, "Message Structure".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawField<'a> {
    /// Its number.
    pub number: FieldNumber,
    /// How its value is cut.
    pub wire_type: WireType,
    /// All of it, tag to end.
    pub range: Range<usize>,
    /// The tag.
    pub tag: Range<usize>,
    /// The length, for `LEN` alone.
    pub length: Option<Range<usize>>,
    /// The value: what is between the tags for a group.
    pub content: Range<usize>,
    /// The value's bytes.
    pub value: RawValue<'a>,
    /// Whether its tag, its length or its varint has needless bytes.
    pub padded: bool,
    /// Whether all of it is there: a `LEN` or group field that is cut is still given out, as far as it goes.
    pub complete: bool,
}

/// The value of a field, cut but not interpreted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawValue<'a> {
    /// `VARINT`.
    Varint(u64),
    /// `I64`, as a little-endian number.
    I64(u64),
    /// `LEN`.
    Len(&'a [u8]),
    /// What stands between the tags of a group.
    Group(&'a [u8]),
    /// `I32`, as a little-endian number.
    I32(u32),
}

/// Walks over the fields of one message. Nested messages and groups are given out as bytes.
///
/// It ends at the end or at the first damage, which [`Walk::damage`] then tells.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    reader: Reader<'a>,
    damage: Option<Damage>,
}

impl<'a> Walk<'a> {
    /// A walk over a message that begins at its outermost message's first byte.
    pub fn new(message: &'a [u8]) -> Self {
        Self::at(message, 0)
    }

    /// A walk over a message whose first byte is at `position` of the outermost one.
    pub fn at(message: &'a [u8], position: usize) -> Self {
        Self {
            reader: Reader::at(message, position),
            damage: None,
        }
    }

    /// What stopped the walk, once it has ended. `None` after a walk to the last byte.
    pub fn damage(&self) -> Option<Damage> {
        self.damage
    }

    /// Whether bytes are a message from the first to the last.
    pub fn is_sound(message: &'a [u8]) -> bool {
        let mut walk = Self::new(message);
        while walk.next().is_some() {}
        walk.damage.is_none()
    }

    fn field(&mut self) -> Result<RawField<'a>, Damage> {
        let start = self.reader.position();
        let tag = read_tag(&mut self.reader)?;
        let number = tag.number;
        let after_tag = self.reader.position();
        let mut field = RawField {
            number,
            wire_type: tag.wire_type,
            range: start..after_tag,
            tag: start..after_tag,
            length: None,
            content: after_tag..after_tag,
            value: RawValue::Len(&[]),
            padded: tag.padded,
            complete: true,
        };
        match tag.wire_type {
            WireType::Varint => {
                let varint = read_varint(&mut self.reader)?;
                field.padded |= varint.padded;
                field.value = RawValue::Varint(varint.value);
            }
            WireType::I64 => {
                let bytes = self.fixed::<8>(number)?;
                field.value = RawValue::I64(u64::from_le_bytes(bytes));
            }
            WireType::I32 => {
                let bytes = self.fixed::<4>(number)?;
                field.value = RawValue::I32(u32::from_le_bytes(bytes));
            }
            WireType::Len => self.len(&mut field)?,
            WireType::StartGroup => self.group(&mut field),
            WireType::EndGroup => {
                return Err(Damage {
                    at: start,
                    kind: DamageKind::StrayEndGroup { found: number },
                });
            }
        }
        field.range.end = self.reader.position();
        if !matches!(tag.wire_type, WireType::Len | WireType::StartGroup) {
            field.content.end = field.range.end;
        }
        Ok(field)
    }

    fn fixed<const N: usize>(&mut self, number: FieldNumber) -> Result<[u8; N], Damage> {
        self.reader.array::<N>().map_err(|short| Damage {
            at: short.offset,
            kind: DamageKind::FixedCut {
                number,
                needed: short.needed,
                available: short.available,
            },
        })
    }

    fn len(&mut self, field: &mut RawField<'a>) -> Result<(), Damage> {
        let length_at = self.reader.position();
        let length = read_varint(&mut self.reader)?;
        let start = self.reader.position();
        field.padded |= length.padded;
        field.length = Some(length_at..start);
        let available = self.reader.remaining();
        let bytes = match usize::try_from(length.value) {
            Ok(len) if len <= available => self.reader.take(len).unwrap_or_default(),
            _ => {
                field.complete = false;
                self.damage = Some(Damage {
                    at: length_at,
                    kind: DamageKind::LengthPastEnd {
                        number: field.number,
                        declared: length.value,
                        available,
                    },
                });
                self.reader.rest()
            }
        };
        field.content = start..start.saturating_add(bytes.len());
        field.value = RawValue::Len(bytes);
        Ok(())
    }

    /// Finds the end of a group. What is wrong within it is found again by whoever reads it, so that it is told once
    /// more, with what is before the damage.
    fn group(&mut self, field: &mut RawField<'a>) {
        let start = self.reader.position();
        let inside = self.reader;
        let mut open = vec![field.number];
        let (end, damage) = loop {
            let Some(&innermost) = open.last() else {
                break (self.reader.position(), None);
            };
            let at = self.reader.position();
            if self.reader.is_empty() {
                let kind = DamageKind::GroupWithoutEnd { number: innermost };
                break (at, Some(Damage { at, kind }));
            }
            if let Err(damage) = self.step_in_group(&mut open, innermost) {
                break (at, Some(damage));
            }
            if open.is_empty() {
                break (at, None);
            }
        };
        let mut inside = inside;
        let bytes = if damage.is_some() {
            inside.rest()
        } else {
            inside.take(end.saturating_sub(start)).unwrap_or_default()
        };
        if damage.is_some() {
            let _ = self.reader.rest();
        }
        field.complete = damage.is_none();
        self.damage = damage;
        field.content = start..start.saturating_add(bytes.len());
        field.value = RawValue::Group(bytes);
    }

    fn step_in_group(
        &mut self,
        open: &mut Vec<FieldNumber>,
        innermost: FieldNumber,
    ) -> Result<(), Damage> {
        let at = self.reader.position();
        let tag = read_tag(&mut self.reader)?;
        match tag.wire_type {
            WireType::Varint => {
                read_varint(&mut self.reader)?;
            }
            WireType::I64 => {
                self.fixed::<8>(tag.number)?;
            }
            WireType::I32 => {
                self.fixed::<4>(tag.number)?;
            }
            WireType::Len => {
                let length_at = self.reader.position();
                let declared = read_varint(&mut self.reader)?.value;
                let available = self.reader.remaining();
                let len = usize::try_from(declared).unwrap_or(usize::MAX);
                self.reader.take(len).map_err(|_| Damage {
                    at: length_at,
                    kind: DamageKind::LengthPastEnd {
                        number: tag.number,
                        declared,
                        available,
                    },
                })?;
            }
            WireType::StartGroup if open.len() < MAX_DEPTH => {
                open.push(tag.number);
            }
            WireType::StartGroup => {
                let kind = DamageKind::TooDeep;
                return Err(Damage { at, kind });
            }
            WireType::EndGroup if tag.number == innermost => {
                open.pop();
            }
            WireType::EndGroup => {
                let kind = DamageKind::StrayEndGroup { found: tag.number };
                return Err(Damage { at, kind });
            }
        }
        Ok(())
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = RawField<'a>;

    fn next(&mut self) -> Option<RawField<'a>> {
        if self.damage.is_some() || self.reader.is_empty() {
            return None;
        }
        match self.field() {
            Ok(field) => Some(field),
            Err(damage) => {
                self.damage = Some(damage);
                None
            }
        }
    }
}

struct Tag {
    number: FieldNumber,
    wire_type: WireType,
    padded: bool,
}

fn read_varint(reader: &mut Reader<'_>) -> Result<Varint, Damage> {
    let at = reader.position();
    Varint::read(reader).map_err(|kind| Damage { at, kind })
}

fn read_tag(reader: &mut Reader<'_>) -> Result<Tag, Damage> {
    let at = reader.position();
    let varint = read_varint(reader)?;
    let damaged = |kind| Damage { at, kind };
    let tag = u32::try_from(varint.value).map_err(|_| damaged(DamageKind::TagTooLarge))?;
    let number = FieldNumber(tag >> 3);
    let bits = u8::try_from(tag & 7).unwrap_or_default();
    if number.0 == 0 {
        return Err(damaged(DamageKind::FieldNumberZero));
    }
    let wire_type = WireType::from_bits(bits).ok_or_else(|| {
        damaged(DamageKind::UnknownWireType {
            number,
            wire_type: bits,
        })
    })?;
    Ok(Tag {
        number,
        wire_type,
        padded: varint.padded,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(bytes: &[u8]) -> (Vec<RawField<'_>>, Option<Damage>) {
        let mut walk = Walk::new(bytes);
        let fields = walk.by_ref().collect();
        (fields, walk.damage())
    }

    #[test]
    fn every_part_of_a_field_has_its_place() {
        let bytes = [
            0x08, 0x2a, // 1: 42
            0x12, 0x05, 0x41, 0x6c, 0x69, 0x63, 0x65, // 2: "Alice"
            0x1d, 0x00, 0x00, 0x80, 0x3f, // 3: 1.0 as float
            0x21, 1, 0, 0, 0, 0, 0, 0, 0, // 4: 1 as fixed64
        ];
        let (fields, damage) = walk(&bytes);
        assert_eq!(damage, None);
        assert_eq!(fields.len(), 4);
        assert_eq!(fields[0].value, RawValue::Varint(42));
        assert_eq!((&fields[0].tag, &fields[0].content), (&(0..1), &(1..2)));
        assert_eq!(fields[1].value, RawValue::Len(b"Alice"));
        assert_eq!(fields[1].range, 2..9);
        assert_eq!(fields[1].length, Some(3..4));
        assert_eq!(fields[1].content, 4..9);
        assert_eq!(fields[2].value, RawValue::I32(0x3f80_0000));
        assert_eq!(fields[3].value, RawValue::I64(1));
        assert_eq!(fields[3].range.end, bytes.len());
    }

    #[test]
    fn a_group_ends_at_its_own_end_tag() {
        let bytes = [
            0x0b, // 1: group
            0x13, 0x08, 0x01, 0x14, // 2: group with 1: 1, end of 2
            0x0c, // end of 1
            0x18, 0x05, // 3: 5
        ];
        let (fields, damage) = walk(&bytes);
        assert_eq!(damage, None);
        assert_eq!(fields[0].value, RawValue::Group(&bytes[1..5]));
        assert_eq!(fields[0].range, 0..6);
        assert_eq!(fields[1].value, RawValue::Varint(5));
    }

    #[test]
    fn damage_says_its_byte_and_what_came_before_is_kept() {
        let cases: [(&[u8], usize, DamageKind); 8] = [
            (&[0x08, 0x01, 0x00], 2, DamageKind::FieldNumberZero),
            (&[0x08, 0x01, 0x08, 0x80], 3, DamageKind::VarintCut),
            (
                &[0x08, 0x01, 0x0e],
                2,
                DamageKind::UnknownWireType {
                    number: FieldNumber(1),
                    wire_type: 6,
                },
            ),
            (
                &[0x08, 0x01, 0x0d, 1, 2],
                3,
                DamageKind::FixedCut {
                    number: FieldNumber(1),
                    needed: 4,
                    available: 2,
                },
            ),
            (
                &[0x08, 0x01, 0x14],
                2,
                DamageKind::StrayEndGroup {
                    found: FieldNumber(2),
                },
            ),
            (
                &[0x08, 0x01, 0x0b, 0x14],
                3,
                DamageKind::StrayEndGroup {
                    found: FieldNumber(2),
                },
            ),
            (
                &[0x08, 0x01, 0x0b, 0x08, 0x01],
                5,
                DamageKind::GroupWithoutEnd {
                    number: FieldNumber(1),
                },
            ),
            (
                &[0x08, 0x01, 0x12, 0x05, 0x41],
                3,
                DamageKind::LengthPastEnd {
                    number: FieldNumber(2),
                    declared: 5,
                    available: 1,
                },
            ),
        ];
        for (bytes, at, kind) in cases {
            let (fields, damage) = walk(bytes);
            assert_eq!(damage, Some(Damage { at, kind }));
            assert_eq!(fields[0].value, RawValue::Varint(1));
        }
        let (_, damage) = walk(&[0xff; 20]);
        assert_eq!(damage.unwrap().kind, DamageKind::VarintTooLong);
        let (_, damage) = walk(&[0x80, 0x80, 0x80, 0x80, 0x10, 0x00]);
        assert_eq!(damage.unwrap().kind, DamageKind::TagTooLarge);
    }

    #[test]
    fn a_field_that_is_cut_is_given_out_as_far_as_it_goes() {
        let (fields, damage) = walk(&[0x12, 0x05, 0x41, 0x6c]);
        assert_eq!(fields[0].value, RawValue::Len(b"Al"));
        assert!(!fields[0].complete);
        assert!(damage.is_some());
    }
}
