//! Integers that start in the middle of a byte. Source: RFC 7541 §5.1.

/// How many bytes may follow the prefix. Our choice: five carry 35 bits, enough for every `u32`; RFC 7541
/// §5.1 asks for a limit, since a sender may go on with zeros for ever.
pub const MAX_CONTINUATION_BYTES: usize = 5;

/// Why an integer could not be read. Offsets count from the start of the slice given to [`decode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntegerError {
    /// The bytes end before the integer does.
    #[error("the integer goes on past the last byte, at offset {offset}")]
    Truncated {
        /// Where the next byte should be.
        offset: usize,
    },
    /// The value is above 4,294,967,295, more than HTTP/2 can ever mean by it.
    #[error("the integer at offset {offset} does not fit into 32 bits")]
    TooLarge {
        /// The byte that carried the value over the limit.
        offset: usize,
    },
    /// More than [`MAX_CONTINUATION_BYTES`] bytes follow the prefix.
    #[error(
        "the integer still goes on at offset {offset}, after {MAX_CONTINUATION_BYTES} more bytes than its prefix"
    )]
    TooLong {
        /// The last byte that was read; its top bit promises another.
        offset: usize,
    },
}

impl IntegerError {
    /// The byte where reading stopped.
    #[must_use]
    pub fn offset(self) -> usize {
        match self {
            Self::Truncated { offset } | Self::TooLarge { offset } | Self::TooLong { offset } => {
                offset
            }
        }
    }
}

/// Reads the integer whose prefix is in the low `prefix_bits` (1 to 8) of the byte at `offset`; answers
/// with its value and the offset of the first byte after it.
///
/// ```text
///   0   1   2   3   4   5   6   7
/// +---+---+---+---+---+---+---+---+
/// | ? | ? | ? | 1   1   1   1   1 |   all ones: more bytes follow
/// +---+---+---+-------------------+
/// | 1 |    Value-(2^N-1) LSB      |   top bit: one more byte follows
/// +---+---------------------------+
///                ...
/// +---+---------------------------+
/// | 0 |    Value-(2^N-1) MSB      |
/// +---+---------------------------+
/// ```
///
/// # Errors
///
/// [`IntegerError`] when the bytes end too early, or the integer passes 32 bits or [`MAX_CONTINUATION_BYTES`].
///
/// Source: RFC 7541 §5.1.
#[inline]
pub fn decode(block: &[u8], offset: usize, prefix_bits: u8) -> Result<(u32, usize), IntegerError> {
    let &first = block
        .get(offset)
        .ok_or(IntegerError::Truncated { offset })?;
    let mask = prefix_mask(prefix_bits);
    let next = offset.saturating_add(1);
    if first & mask < mask {
        return Ok((u32::from(first & mask), next));
    }
    decode_continuation(block, next, mask)
}

fn decode_continuation(block: &[u8], start: usize, mask: u8) -> Result<(u32, usize), IntegerError> {
    // Five groups of seven bits: the sum stays far below what `u64` holds.
    let mut value = u64::from(mask);
    let mut offset = start;
    for group in 0..MAX_CONTINUATION_BYTES {
        let &byte = block
            .get(offset)
            .ok_or(IntegerError::Truncated { offset })?;
        value += u64::from(byte & 0x7f) << (7 * group);
        let value = u32::try_from(value).map_err(|_| IntegerError::TooLarge { offset })?;
        offset = offset.saturating_add(1);
        if byte & 0x80 == 0 {
            return Ok((value, offset));
        }
    }
    Err(IntegerError::TooLong {
        offset: offset.saturating_sub(1),
    })
}

/// Appends `value`; `pattern` fills the bits of the first byte above its `prefix_bits` (1 to 8) low ones.
///
/// Source: RFC 7541 §5.1.
pub fn encode(value: u32, prefix_bits: u8, pattern: u8, out: &mut Vec<u8>) {
    let mask = prefix_mask(prefix_bits);
    let pattern = pattern & !mask;
    let Some(mut rest) = value.checked_sub(u32::from(mask)) else {
        // Below the mask, so it fits into the prefix.
        out.push(pattern | value.to_le_bytes()[0]);
        return;
    };
    out.push(pattern | mask);
    while rest >= 0x80 {
        out.push(0x80 | rest.to_le_bytes()[0]);
        rest >>= 7;
    }
    out.push(rest.to_le_bytes()[0]);
}

#[inline]
fn prefix_mask(prefix_bits: u8) -> u8 {
    debug_assert!(
        (1..=8).contains(&prefix_bits),
        "RFC 7541 §5.1: N is between 1 and 8"
    );
    0xff >> (8 - prefix_bits.clamp(1, 8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(value: u32, prefix_bits: u8, pattern: u8) -> Vec<u8> {
        let mut out = Vec::new();
        encode(value, prefix_bits, pattern, &mut out);
        out
    }

    /// RFC 7541 C.1.1 to C.1.3.
    #[test]
    fn the_examples_of_appendix_c1_decode_and_encode() {
        for (value, prefix_bits, bytes) in [
            (10, 5, &[0b0000_1010][..]),
            (
                1337,
                5,
                &[
                    0b0001_1111, // prefix 31, 1306 left
                    0b1001_1010, // 1306 % 128 = 26, more follows
                    0b0000_1010, // 1306 / 128 = 10
                ],
            ),
            (42, 8, &[0b0010_1010]),
        ] {
            assert_eq!(decode(bytes, 0, prefix_bits), Ok((value, bytes.len())));
            assert_eq!(encoded(value, prefix_bits, 0), bytes);
        }
    }

    #[test]
    fn bits_above_the_prefix_do_not_count() {
        assert_eq!(decode(&[0b1110_1010], 0, 5), Ok((10, 1)));
        assert_eq!(encoded(10, 5, 0b1110_0000), [0b1110_1010]);
    }

    #[test]
    fn a_full_prefix_with_nothing_to_add_takes_a_zero_byte() {
        assert_eq!(encoded(31, 5, 0), [0x1f, 0x00]);
        assert_eq!(decode(&[0x1f, 0x00], 0, 5), Ok((31, 2)));
        assert_eq!(encoded(255, 8, 0), [0xff, 0x00]);
    }

    #[test]
    fn the_largest_value_is_that_of_32_bits() {
        let largest = encoded(u32::MAX, 7, 0x80);
        assert_eq!(largest, [0xff, 0x80, 0xff, 0xff, 0xff, 0x0f]);
        assert_eq!(decode(&largest, 0, 7), Ok((u32::MAX, 6)));
        // One more: 127 + 0xffff_ff81.
        assert_eq!(
            decode(&[0xff, 0x81, 0xff, 0xff, 0xff, 0x0f], 0, 7),
            Err(IntegerError::TooLarge { offset: 5 })
        );
        assert_eq!(
            decode(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 0, 7),
            Err(IntegerError::TooLarge { offset: 5 })
        );
    }

    #[test]
    fn needless_zero_bytes_are_read_up_to_the_limit() {
        assert_eq!(
            decode(&[0x1f, 0x80, 0x80, 0x80, 0x80, 0x00], 0, 5),
            Ok((31, 6))
        );
        assert_eq!(
            decode(&[0x1f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 0, 5),
            Err(IntegerError::TooLong { offset: 5 })
        );
    }

    #[test]
    fn an_integer_that_is_cut_says_where_the_next_byte_should_be() {
        assert_eq!(
            decode(&[], 0, 5),
            Err(IntegerError::Truncated { offset: 0 })
        );
        assert_eq!(
            decode(&[0x1f], 0, 5),
            Err(IntegerError::Truncated { offset: 1 })
        );
        assert_eq!(
            decode(&[0x82, 0x1f, 0x9a], 1, 5),
            Err(IntegerError::Truncated { offset: 3 })
        );
    }

    proptest! {
        #[test]
        fn what_was_encoded_decodes(value: u32, prefix_bits in 1u8..=8, pattern: u8, trailing: u8) {
            let mut bytes = encoded(value, prefix_bits, pattern);
            let length = bytes.len();
            bytes.push(trailing);
            prop_assert_eq!(decode(&bytes, 0, prefix_bits), Ok((value, length)));
        }

        #[test]
        fn never_more_is_read_than_there_is(
            bytes in proptest::collection::vec(any::<u8>(), 0..9), offset in 0usize..9, prefix_bits in 1u8..=8,
        ) {
            match decode(&bytes, offset, prefix_bits) {
                Ok((_, next)) => prop_assert!(next > offset && next <= bytes.len()),
                Err(error) => prop_assert!(error.offset() <= bytes.len().max(offset)),
            }
        }
    }
}
