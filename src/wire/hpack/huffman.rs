//! The Huffman code of HPACK strings. Source: RFC 7541 §5.2, Appendix B.
//!
//! The code is canonical: within one length, codes count upwards in the order of their octets, and each
//! length begins where the one before ended. So the 257 lengths below are the whole code, and everything
//! else is computed from them when the program is compiled.

use std::ops::Range;

/// Why a Huffman-coded string could not be read. Offsets are bytes from the start of the string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HuffmanError {
    /// The code for "end of string", thirty ones, stands in the string; RFC 7541 §5.2 forbids it.
    #[error(
        "the end-of-string code stands inside the Huffman-coded string, at byte {offset} of it"
    )]
    EndOfString {
        /// The byte in which the code begins.
        offset: usize,
    },
    /// Only ones are left, but eight or more of them: a whole byte of padding.
    #[error(
        "the Huffman-coded string ends in 8 or more bits of padding, from byte {offset} of it; at most 7 are allowed"
    )]
    PaddingTooLong {
        /// The byte in which the padding begins.
        offset: usize,
    },
    /// The bits after the last whole code are not all ones: another padding, or a code that was cut.
    #[error(
        "the Huffman-coded string ends, from byte {offset} of it, in bits that are neither a whole code nor padding of ones"
    )]
    PaddingNotOnes {
        /// The byte in which those bits begin.
        offset: usize,
    },
}

impl HuffmanError {
    /// The byte of the string in which the trouble begins.
    #[must_use]
    pub fn offset(self) -> usize {
        match self {
            Self::EndOfString { offset }
            | Self::PaddingTooLong { offset }
            | Self::PaddingNotOnes { offset } => offset,
        }
    }
}

/// The bits that stand for one octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code, in the low `length` bits.
    pub bits: u32,
    /// How many bits: 5 to 30.
    pub length: u8,
}

/// The code of an octet. Source: RFC 7541 Appendix B.
#[inline]
#[must_use]
pub fn code(octet: u8) -> Code {
    TABLES.codes[octet as usize]
}

/// How many bytes [`encode`] would append.
#[must_use]
pub fn encoded_len(text: &[u8]) -> usize {
    let bits: usize = text
        .iter()
        .map(|&octet| usize::from(code(octet).length))
        .sum();
    bits.div_ceil(8)
}

/// Appends `text` in Huffman code, padded with ones to a whole byte. Source: RFC 7541 §5.2.
pub fn encode(text: &[u8], out: &mut Vec<u8>) {
    // At most 7 bits wait for a whole byte, and 30 join them.
    let mut waiting = 0u64;
    let mut count = 0u32;
    for &octet in text {
        let Code { bits, length } = code(octet);
        waiting = waiting << length | u64::from(bits);
        count += u32::from(length);
        while count >= 8 {
            count -= 8;
            out.push((waiting >> count).to_le_bytes()[0]);
        }
    }
    if count > 0 {
        let padding = 8 - count;
        let ones = (1u64 << padding) - 1;
        out.push((waiting << padding | ones).to_le_bytes()[0]);
    }
}

/// Appends the octets that `coded` stands for. On an error, `out` holds those before it.
///
/// # Errors
///
/// [`HuffmanError`] when the end-of-string code appears, or the last bits are not up to 7 ones.
///
/// Source: RFC 7541 §5.2.
pub fn decode(coded: &[u8], out: &mut Vec<u8>) -> Result<(), HuffmanError> {
    // No code is shorter than 5 bits.
    out.reserve(coded.len().saturating_mul(8) / 5);
    let mut bits = Bits::new(coded);
    loop {
        match bits.next_code() {
            Next::Octet(octet) => out.push(octet),
            Next::Padding => return Ok(()),
            Next::Invalid(error) => return Err(error),
        }
    }
}

/// What a run of bits in a Huffman-coded string means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The code of this octet.
    Octet(u8),
    /// The ones that fill the last byte.
    Padding,
    /// These bits, to the end of the string, cannot be read.
    Invalid(HuffmanError),
}

/// A run of bits in a Huffman-coded string, and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Bits from the start of the string; bit 0 is the top bit of the first byte.
    pub bits: Range<usize>,
    /// What they stand for.
    pub meaning: Meaning,
}

/// Takes a Huffman-coded string apart, code by code. The ranges follow one another and cover every bit.
#[must_use]
pub fn symbols(coded: &[u8]) -> Symbols<'_> {
    Symbols {
        bits: Some(Bits::new(coded)),
        total_bits: coded.len().saturating_mul(8),
    }
}

/// The iterator of [`symbols`].
#[derive(Clone, Debug)]
pub struct Symbols<'a> {
    bits: Option<Bits<'a>>,
    total_bits: usize,
}

impl Iterator for Symbols<'_> {
    type Item = Symbol;

    fn next(&mut self) -> Option<Symbol> {
        let bits = self.bits.as_mut()?;
        let start = bits.position();
        let (meaning, end) = match bits.next_code() {
            Next::Octet(octet) => (Meaning::Octet(octet), bits.position()),
            Next::Padding => {
                self.bits = None;
                if start >= self.total_bits {
                    return None;
                }
                (Meaning::Padding, self.total_bits)
            }
            Next::Invalid(error) => {
                self.bits = None;
                (Meaning::Invalid(error), self.total_bits)
            }
        };
        Some(Symbol {
            bits: start..end,
            meaning,
        })
    }
}

/// What the next bits are.
enum Next {
    Octet(u8),
    /// Up to 7 ones, or nothing, and then the string ends.
    Padding,
    Invalid(HuffmanError),
}

/// A string as bits, the next one on top.
#[derive(Clone, Debug)]
struct Bits<'a> {
    /// Bytes that are not in `window` yet.
    rest: &'a [u8],
    /// How many bytes have gone into `window`.
    taken: usize,
    /// The next `count` bits, from the top down; zeros below them.
    window: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    fn new(coded: &'a [u8]) -> Self {
        Self {
            rest: coded,
            taken: 0,
            window: 0,
            count: 0,
        }
    }

    /// How many bits have been read.
    fn position(&self) -> usize {
        self.taken
            .saturating_mul(8)
            .saturating_sub(self.count as usize)
    }

    /// Holds at least 32 bits afterwards, or all that are left: the longest code has 30.
    #[inline]
    fn fill(&mut self) {
        if self.count >= 32 {
            return;
        }
        if let Some((four, rest)) = self.rest.split_first_chunk::<4>() {
            self.window |= u64::from(u32::from_be_bytes(*four)) << (32 - self.count);
            self.count += 32;
            self.taken += 4;
            self.rest = rest;
            return;
        }
        while let Some((&byte, rest)) = self.rest.split_first() {
            // At most 31 bits and three bytes: 55.
            self.window |= u64::from(byte) << (56 - self.count);
            self.count += 8;
            self.taken += 1;
            self.rest = rest;
        }
    }

    #[inline]
    fn next_code(&mut self) -> Next {
        self.fill();
        let short = TABLES.short[(self.window >> 56) as usize];
        let (symbol, length) = if short.length > 0 {
            (u16::from(short.octet), u32::from(short.length))
        } else {
            long_code((self.window >> 32) as u32)
        };
        if length > self.count {
            return self.end();
        }
        let Ok(octet) = u8::try_from(symbol) else {
            return Next::Invalid(HuffmanError::EndOfString {
                offset: self.position() / 8,
            });
        };
        self.window <<= length;
        self.count -= length;
        Next::Octet(octet)
    }

    /// Judges bits at the end that are no whole code.
    #[cold]
    fn end(&self) -> Next {
        let offset = self.position() / 8;
        let all_ones = self.window.leading_ones() >= self.count;
        match (all_ones, self.count) {
            (true, 0..=7) => Next::Padding,
            (true, _) => Next::Invalid(HuffmanError::PaddingTooLong { offset }),
            (false, _) => Next::Invalid(HuffmanError::PaddingNotOnes { offset }),
        }
    }
}

/// Finds the code of more than 8 bits that `window` begins with.
#[inline]
fn long_code(window: u32) -> (u16, u32) {
    let window = u64::from(window);
    for length in SHORT_BITS + 1..=MAX_BITS {
        if window < TABLES.ends[length] {
            let code = window >> (32 - length);
            let position = code.saturating_sub(TABLES.first_codes[length]) as usize
                + TABLES.first_positions[length];
            if let Some(&symbol) = TABLES.by_code.get(position) {
                return (symbol, length as u32);
            }
        }
    }
    // Not reached: the codes of 30 bits end with all ones, above every window.
    (END_OF_STRING, MAX_BITS as u32)
}

/// The symbol after the 256 octets.
const END_OF_STRING: u16 = 256;
/// The longest code.
const MAX_BITS: usize = 30;
/// Codes up to this length are found in one look: those of all letters, digits and most punctuation.
const SHORT_BITS: usize = 8;

#[derive(Clone, Copy)]
struct Short {
    octet: u8,
    /// 0: the code is longer than [`SHORT_BITS`].
    length: u8,
}

struct Tables {
    /// By octet.
    codes: [Code; 256],
    /// By the next 8 bits.
    short: [Short; 256],
    /// All symbols in the order of their codes.
    by_code: [u16; 257],
    /// By length: the first code, …
    first_codes: [u64; MAX_BITS + 1],
    /// … its position in `by_code`, …
    first_positions: [usize; MAX_BITS + 1],
    /// … and the first 32-bit window above all codes of this length.
    ends: [u64; MAX_BITS + 1],
}

static TABLES: Tables = tables();

const fn tables() -> Tables {
    let mut tables = Tables {
        codes: [Code { bits: 0, length: 0 }; 256],
        short: [Short {
            octet: 0,
            length: 0,
        }; 256],
        by_code: [0; 257],
        first_codes: [0; MAX_BITS + 1],
        first_positions: [0; MAX_BITS + 1],
        ends: [0; MAX_BITS + 1],
    };
    let mut code = 0u64;
    let mut position = 0;
    let mut length = 1;
    while length <= MAX_BITS {
        code <<= 1;
        tables.first_codes[length] = code;
        tables.first_positions[length] = position;
        let mut symbol = 0;
        while symbol <= END_OF_STRING as usize {
            if LENGTHS[symbol] as usize == length {
                tables.by_code[position] = symbol as u16;
                position += 1;
                if symbol < 256 {
                    tables.codes[symbol] = Code {
                        bits: code as u32,
                        length: length as u8,
                    };
                    if length <= SHORT_BITS {
                        let spare = SHORT_BITS - length;
                        let mut tail = 0;
                        while tail < 1 << spare {
                            tables.short[((code as usize) << spare) + tail] = Short {
                                octet: symbol as u8,
                                length: length as u8,
                            };
                            tail += 1;
                        }
                    }
                }
                code += 1;
            }
            symbol += 1;
        }
        tables.ends[length] = code << (32 - length);
        length += 1;
    }
    tables
}

/// How many bits each octet's code has, and last the end of string. Source: RFC 7541 Appendix B.
#[rustfmt::skip]
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, // 0x00
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28, // 0x10
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, // 0x20
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, // 0x30
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, // 0x40
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, // 0x50
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, // 0x60
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, // 0x70
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, // 0x80
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, // 0x90
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, // 0xa0
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, // 0xb0
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, // 0xc0
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, // 0xd0
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, // 0xe0
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, // 0xf0
    30, // EOS
];

#[cfg(test)]
mod tests;
