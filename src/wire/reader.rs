//! Walks over a slice without ever indexing it, so that no input can make a codec panic.
//!
//! Every codec in `wire` reads through this. A read either moves forward by exactly what it gave out,
//! or fails, moves nothing, and says how much was missing and where.

use super::counted::counted;

/// A read wanted more bytes than were left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the read at offset {offset} needs {}, and {available} are left", counted(*needed, "byte"))]
pub struct TooShort {
    /// Bytes the read asked for.
    pub needed: usize,
    /// Bytes that were left.
    pub available: usize,
    /// Where the read would have begun, from the start of the outermost slice.
    pub offset: usize,
}

/// A position in a slice that moves forward only. Numbers are big endian, as everywhere in HTTP/2 and TLS.
///
/// Copying it is cheap and is how one looks ahead: read from the copy.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of `bytes`, which is position 0.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::at(bytes, 0)
    }

    /// Starts at the first byte of `bytes` and calls it `position`: for a slice that was cut from a larger one.
    pub fn at(bytes: &'a [u8], position: usize) -> Self {
        Self {
            rest: bytes,
            position,
        }
    }

    /// The offset of the next byte, from the start of the outermost slice.
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    ///
    /// [`TooShort`] when fewer are left; then the position stays.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], TooShort> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or_else(|| self.too_short(count))?;
        self.rest = rest;
        self.position = self.position.saturating_add(count);
        Ok(taken)
    }

    /// A reader over the next `count` bytes alone, whose positions go on from ours. Ours moves past them.
    ///
    /// # Errors
    ///
    /// [`TooShort`] when fewer are left; then the position stays.
    pub fn sub(&mut self, count: usize) -> Result<Self, TooShort> {
        let position = self.position;
        Ok(Self::at(self.take(count)?, position))
    }

    /// Everything that is left; the reader is empty afterwards.
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = std::mem::take(&mut self.rest);
        self.position = self.position.saturating_add(rest.len());
        rest
    }

    /// The next `N` bytes as an array.
    ///
    /// # Errors
    ///
    /// [`TooShort`] when fewer are left; then the position stays.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], TooShort> {
        let (taken, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or_else(|| self.too_short(N))?;
        self.rest = rest;
        self.position = self.position.saturating_add(N);
        Ok(*taken)
    }

    /// One byte.
    ///
    /// # Errors
    ///
    /// [`TooShort`] at the end.
    pub fn u8(&mut self) -> Result<u8, TooShort> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// Two bytes as a number.
    ///
    /// # Errors
    ///
    /// [`TooShort`] when fewer are left.
    pub fn u16(&mut self) -> Result<u16, TooShort> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Three bytes as a number, at most 2^24−1.
    ///
    /// # Errors
    ///
    /// [`TooShort`] when fewer are left.
    pub fn u24(&mut self) -> Result<u32, TooShort> {
        let [high, middle, low] = self.array()?;
        Ok(u32::from_be_bytes([0, high, middle, low]))
    }

    /// Four bytes as a number.
    ///
    /// # Errors
    ///
    /// [`TooShort`] when fewer are left.
    pub fn u32(&mut self) -> Result<u32, TooShort> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// Eight bytes as a number.
    ///
    /// # Errors
    ///
    /// [`TooShort`] when fewer are left.
    pub fn u64(&mut self) -> Result<u64, TooShort> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    fn too_short(&self, needed: usize) -> TooShort {
        TooShort {
            needed,
            available: self.rest.len(),
            offset: self.position,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_big_endian_and_positions_add_up() {
        let mut reader = Reader::new(&[
            0x01, // u8
            0x02, 0x03, // u16
            0x04, 0x05, 0x06, // u24
            0x07, 0x08, 0x09, 0x0a, // u32
            0, 0, 0, 0, 0, 0, 0, 0x0b, // u64
            0xff, // rest
        ]);
        assert_eq!(reader.u8(), Ok(0x01));
        assert_eq!(reader.u16(), Ok(0x0203));
        assert_eq!(reader.u24(), Ok(0x04_0506));
        assert_eq!(reader.u32(), Ok(0x0708_090a));
        assert_eq!(reader.u64(), Ok(0x0b));
        assert_eq!(reader.position(), 18);
        assert_eq!(reader.rest(), [0xff]);
        assert_eq!(reader.position(), 19);
        assert!(reader.is_empty());
    }

    #[test]
    fn a_read_past_the_end_moves_nothing_and_says_what_is_missing() {
        let mut reader = Reader::new(&[1, 2, 3]);
        assert_eq!(reader.u8(), Ok(1));
        let error = TooShort {
            needed: 4,
            available: 2,
            offset: 1,
        };
        assert_eq!(reader.u32(), Err(error));
        assert_eq!(reader.take(4), Err(error));
        assert_eq!(reader.remaining(), 2);
        assert_eq!(reader.u16(), Ok(0x0203));
    }

    #[test]
    fn a_sub_reader_ends_where_it_was_told_and_counts_on() {
        let mut reader = Reader::new(&[1, 2, 3, 4]);
        let _ = reader.u8();
        let mut sub = reader.sub(2).unwrap();
        assert_eq!(sub.position(), 1);
        assert_eq!(sub.u8(), Ok(2));
        assert_eq!(sub.u8(), Ok(3));
        assert_eq!(sub.u8().unwrap_err().offset, 3);
        assert_eq!(reader.u8(), Ok(4));
    }
}
