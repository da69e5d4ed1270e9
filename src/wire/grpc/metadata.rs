//! How metadata hides what a header field may not hold: base64 for `-bin`, percent signs in
//! `grpc-message`.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A `-bin` value cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value of {length} bytes is not base64")]
pub struct BinaryError {
    /// Bytes of the value.
    pub length: usize,
}

/// Padding is optional: senders should leave it out and receivers must take both. Bits left over in
/// the last character are not looked at.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes that the value of a field whose name ends in `-bin` stands for.
///
/// Where both sides agreed to it (setting 0xfe03), a value is a zero byte and then the bytes
/// themselves. Equal fields may have been joined with commas; then the values follow each other.
///
/// Source: `PROTOCOL-HTTP2.md`, Requests: `Binary-Header`, and "Binary values".
///
/// # Errors
///
/// [`BinaryError`] when it is not base64.
pub fn binary_value(value: &[u8]) -> Result<Vec<u8>, BinaryError> {
    if let Some((0, bytes)) = value.split_first() {
        return Ok(bytes.to_vec());
    }
    let mut bytes = Vec::new();
    for part in value.split(|&byte| byte == b',') {
        BASE64
            .decode_vec(part.trim_ascii(), &mut bytes)
            .map_err(|_| BinaryError {
                length: value.len(),
            })?;
    }
    Ok(bytes)
}

/// Whether a field of this name holds bytes in base64.
pub fn is_binary(name: &[u8]) -> bool {
    name.ends_with(b"-bin")
}

/// The text of `grpc-message`: `%` and two hex digits stand for a byte. What is not such a triple is
/// taken as it is, and so is a byte that should have been written as one: the text may be all that
/// says what went wrong.
///
/// Source: `PROTOCOL-HTTP2.md`, Responses: `Percent-Encoded`.
pub fn percent_decode(value: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&byte, after)) = rest.split_first() {
        let pair = after.first_chunk::<2>();
        match pair.and_then(|[high, low]| Some((hex_digit(*high)? << 4) | hex_digit(*low)?)) {
            Some(decoded) if byte == b'%' => {
                text.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                text.push(byte);
                rest = after;
            }
        }
    }
    text
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_with_and_without_padding() {
        assert_eq!(binary_value(b"ChTI+g").unwrap(), [10, 20, 200, 250]);
        assert_eq!(binary_value(b"ChTI+g==").unwrap(), [10, 20, 200, 250]);
        assert!(binary_value(b"").unwrap().is_empty());
        assert_eq!(binary_value(b"AA==, AQ").unwrap(), [0, 1]);
        assert_eq!(binary_value(b"\x00,\xff").unwrap(), [b',', 0xff]);
        assert_eq!(binary_value(b"a b"), Err(BinaryError { length: 3 }));
        assert!(is_binary(b"trace-bin") && !is_binary(b"trace"));
    }

    #[test]
    fn percent_signs_stand_for_bytes_only_with_two_hex_digits() {
        let text = |value: &[u8]| String::from_utf8(percent_decode(value)).unwrap();
        assert_eq!(text(b"no user has the id 7"), "no user has the id 7");
        assert_eq!(text(b"100%25 %C3%A4rgerlich%0a"), "100% ärgerlich\n");
        assert_eq!(text(b"50% of %4"), "50% of %4");
        assert_eq!(text(b"%%41%"), "%A%");
        assert_eq!(percent_decode(b"%ff\xfe"), [0xff, 0xfe]);
    }
}
