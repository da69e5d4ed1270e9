use super::*;
use proptest::prelude::*;

fn encoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    encode(text, &mut out);
    out
}

fn decoded(coded: &[u8]) -> Result<Vec<u8>, HuffmanError> {
    let mut out = Vec::new();
    decode(coded, &mut out).map(|()| out)
}

#[test]
fn codes_are_those_of_appendix_b() {
    for (octet, bits, length) in [
        (0u8, 0x1ff8, 13),
        (1, 0x7f_ffd8, 23),
        (10, 0x3fff_fffc, 30),
        (b' ', 0x14, 6),
        (b'!', 0x3f8, 10),
        (b'0', 0x0, 5),
        (b'<', 0x7ffc, 15),
        (b'@', 0x1ffa, 13),
        (b'Z', 0xfd, 8),
        (b'\\', 0x7fff0, 19),
        (b'a', 0x3, 5),
        (b't', 0x9, 5),
        (b'z', 0x7b, 7),
        (128, 0xfffe6, 20),
        (249, 0xfff_fffe, 28),
        (255, 0x3ff_ffee, 26),
    ] {
        assert_eq!(code(octet), Code { bits, length }, "octet {octet}");
    }
    // All 256 at once: the sum of a polynomial hash over code and length, computed from the RFC's table.
    let mut hash = 1u32;
    let eos = Code {
        bits: 0x3fff_ffff,
        length: 30,
    };
    for Code { bits, length } in (0..=255).map(code).chain([eos]) {
        for byte in bits.to_be_bytes().into_iter().chain([length]) {
            hash = hash.wrapping_mul(31).wrapping_add(u32::from(byte));
        }
    }
    assert_eq!(hash, 0xb6aa_4ec3);
}

#[test]
fn the_example_of_appendix_c4_decodes_and_encodes() {
    let coded = [
        0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff,
    ];
    assert_eq!(decoded(&coded).unwrap(), b"www.example.com");
    assert_eq!(encoded(b"www.example.com"), coded);
    assert_eq!(encoded_len(b"www.example.com"), 12);
}

#[test]
fn nothing_is_the_code_of_nothing() {
    assert_eq!(decoded(&[]).unwrap(), b"");
    assert!(encoded(b"").is_empty());
    assert_eq!(symbols(&[]).count(), 0);
}

#[test]
fn symbols_show_each_code_and_the_padding() {
    // a = 00011, z = 1111011, four ones of padding
    let all: Vec<_> = symbols(&[0b0001_1111, 0b1011_1111]).collect();
    let symbol = |bits, meaning| Symbol { bits, meaning };
    assert_eq!(
        all,
        [
            symbol(0..5, Meaning::Octet(b'a')),
            symbol(5..12, Meaning::Octet(b'z')),
            symbol(12..16, Meaning::Padding),
        ]
    );
}

#[test]
fn the_end_of_string_code_is_refused_with_its_place() {
    // `00011` (a), thirty ones, padding
    assert_eq!(
        decoded(&[0b0001_1111, 0xff, 0xff, 0xff, 0xff]),
        Err(HuffmanError::EndOfString { offset: 0 })
    );
    // 0 and 1 (10 bits), then 30 ones: exactly five bytes
    assert_eq!(
        decoded(&[0b0000_0000, 0b0111_1111, 0xff, 0xff, 0xff]),
        Err(HuffmanError::EndOfString { offset: 1 })
    );
}

#[test]
fn a_whole_byte_of_padding_is_refused() {
    assert_eq!(
        decoded(&[0xff]),
        Err(HuffmanError::PaddingTooLong { offset: 0 })
    );
    // `00011` (a), three ones, eight ones
    assert_eq!(
        decoded(&[0b0001_1111, 0xff]),
        Err(HuffmanError::PaddingTooLong { offset: 0 })
    );
    // Eight letters of 5 bits end on a byte.
    assert_eq!(
        decoded(&[0, 0, 0, 0, 0, 0xff]),
        Err(HuffmanError::PaddingTooLong { offset: 5 })
    );
    // 29 ones are still padding, not yet the end of string.
    assert_eq!(
        decoded(&[0b0001_1111, 0xff, 0xff, 0xff]),
        Err(HuffmanError::PaddingTooLong { offset: 0 })
    );
}

#[test]
fn padding_other_than_ones_and_cut_codes_are_refused() {
    // `00011` (a), then 110
    assert_eq!(
        decoded(&[0b0001_1110]),
        Err(HuffmanError::PaddingNotOnes { offset: 0 })
    );
    // `!` is 1111111000; here only its first 8 bits
    assert_eq!(
        decoded(&[0b1111_1110]),
        Err(HuffmanError::PaddingNotOnes { offset: 0 })
    );
    let last = symbols(&[0b0001_1110]).last().unwrap();
    assert_eq!(last.bits, 5..8);
    assert!(matches!(last.meaning, Meaning::Invalid(_)));
}

#[test]
fn every_octet_survives_in_every_company() {
    let all: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
    assert_eq!(decoded(&encoded(&all)).unwrap(), all);
    for octet in 0..=255u8 {
        assert_eq!(decoded(&encoded(&[octet])).unwrap(), [octet]);
        assert_eq!(decoded(&encoded(&[octet, b'a'])).unwrap(), [octet, b'a']);
    }
}

proptest! {
    #[test]
    fn what_was_encoded_decodes(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        let coded = encoded(&text);
        prop_assert_eq!(coded.len(), encoded_len(&text));
        prop_assert_eq!(decoded(&coded), Ok(text));
    }

    #[test]
    fn symbols_cover_every_bit_and_agree_with_decode(coded in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut end = 0;
        let mut octets = Vec::new();
        let mut error = None;
        for symbol in symbols(&coded) {
            prop_assert_eq!(symbol.bits.start, end);
            prop_assert!(symbol.bits.end > end);
            end = symbol.bits.end;
            match symbol.meaning {
                Meaning::Octet(octet) => octets.push(octet),
                Meaning::Padding => {}
                Meaning::Invalid(found) => error = Some(found),
            }
        }
        prop_assert_eq!(end, coded.len() * 8);
        match (decoded(&coded), error) {
            (Ok(text), None) => {
                prop_assert_eq!(&text, &octets);
                prop_assert_eq!(encoded(&text), coded, "the code is unique");
            }
            (Err(found), Some(error)) => {
                prop_assert_eq!(found, error);
                prop_assert!(error.offset() < coded.len());
            }
            (found, error) => prop_assert!(false, "{found:?} and {error:?}"),
        }
    }
}
