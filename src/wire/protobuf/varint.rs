//! Varints: whole numbers in groups of seven bits, the lowest group first.

use super::damage::DamageKind;
use crate::wire::reader::Reader;

/// The most bytes of a varint: ten groups of seven bits hold 64 bits.
pub const MAX_VARINT_BYTES: usize = 10;

/// One varint as it stood on the wire.
///
/// ```text
///   7  6  5  4  3  2  1  0
/// +--+--------------------+
/// | 1|  lowest seven bits |   1: another byte follows
/// +--+--------------------+
/// | 0| highest seven bits |   0: this was the last
/// +--+--------------------+
/// ```
///
/// Source: protobuf.dev, *Encoding*, "Base 128 Varints".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Varint {
    /// The number. Bits beyond the 64th, which a tenth byte can carry, are dropped as all parsers do that accept them.
    pub value: u64,
    /// How many bytes it took, 1 to 10.
    pub len: usize,
    /// Whether it has more bytes than needed, or bits beyond the 64th. It is still read, but no encoder writes it so.
    pub padded: bool,
}

impl Varint {
    /// Reads one varint. On failure the reader stays where it was.
    ///
    /// # Errors
    ///
    /// [`DamageKind::VarintCut`] when the bytes end before the varint does, [`DamageKind::VarintTooLong`] when its
    /// tenth byte says that another follows.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, DamageKind> {
        let mut ahead = *reader;
        let mut value = 0_u64;
        for index in 0..MAX_VARINT_BYTES {
            let byte = ahead.u8().map_err(|_| DamageKind::VarintCut)?;
            let group = u64::from(byte & 0x7f);
            let shift = u32::try_from(7 * index).unwrap_or(63);
            value |= group.checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                *reader = ahead;
                let overflows = index == MAX_VARINT_BYTES - 1 && group > 1;
                return Ok(Self {
                    value,
                    len: index + 1,
                    padded: overflows || (index > 0 && byte == 0),
                });
            }
        }
        Err(DamageKind::VarintTooLong)
    }

    /// Appends a number, in as few bytes as it needs.
    pub fn write(mut value: u64, out: &mut Vec<u8>) {
        loop {
            let group = u8::try_from(value & 0x7f).unwrap_or(0x7f);
            value >>= 7;
            if value == 0 {
                out.push(group);
                return;
            }
            out.push(group | 0x80);
        }
    }
}

/// Undoes zigzag: 0, 1, 2, 3, 4 were 0, −1, 1, −2, 2, so that small negative numbers stay short.
///
/// Source: protobuf.dev, *Encoding*, "Signed Integers".
pub fn signed_from_zigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

/// Zigzag: the sign becomes the lowest bit.
pub fn zigzag_from_signed(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Varint, DamageKind> {
        Varint::read(&mut Reader::new(bytes))
    }

    #[test]
    fn the_numbers_of_protobufs_own_page_are_read() {
        assert_eq!(read(&[0x01]).unwrap().value, 1);
        assert_eq!(read(&[0x96, 0x01]).unwrap().value, 150);
        let minus_two = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(read(&minus_two).unwrap().value.cast_signed(), -2);
        assert_eq!(read(&minus_two).unwrap().len, 10);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for value in [
            0,
            1,
            127,
            128,
            16_383,
            16_384,
            u64::from(u32::MAX),
            u64::MAX,
        ] {
            let mut bytes = Vec::new();
            Varint::write(value, &mut bytes);
            let varint = read(&bytes).unwrap();
            assert_eq!((varint.value, varint.len), (value, bytes.len()));
            assert!(!varint.padded);
        }
    }

    #[test]
    fn a_varint_without_end_is_refused_and_the_reader_stays() {
        assert_eq!(read(&[]), Err(DamageKind::VarintCut));
        assert_eq!(read(&[0x80, 0x80]), Err(DamageKind::VarintCut));
        let mut reader = Reader::new(&[0xff; 11]);
        assert_eq!(Varint::read(&mut reader), Err(DamageKind::VarintTooLong));
        assert_eq!(reader.position(), 0);
    }

    #[test]
    fn needless_bytes_and_bits_beyond_the_64th_are_told() {
        let padded = read(&[0x81, 0x80, 0x00]).unwrap();
        assert_eq!((padded.value, padded.len, padded.padded), (1, 3, true));
        let mut overflowing = [0xff; 10];
        overflowing[9] = 0x7f;
        assert_eq!(read(&overflowing).unwrap().value, u64::MAX);
        assert!(read(&overflowing).unwrap().padded);
    }

    #[test]
    fn zigzag_goes_both_ways() {
        for (plain, encoded) in [
            (0, 0),
            (-1, 1),
            (1, 2),
            (-2, 3),
            (i64::MAX, u64::MAX - 1),
            (i64::MIN, u64::MAX),
        ] {
            assert_eq!(zigzag_from_signed(plain), encoded);
            assert_eq!(signed_from_zigzag(encoded), plain);
        }
    }
}
