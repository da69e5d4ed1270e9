//! What a body is, as far as a person wants to look at it: a picture, JSON, text, or just bytes.

/// What content is. The bytes decide; what `content-type` says only breaks ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentKind {
    /// Nothing.
    Empty,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A GIF picture.
    Gif,
    /// A WebP picture.
    WebP,
    /// A JSON document.
    Json,
    /// Text in UTF-8.
    Text,
    /// Anything else.
    Binary,
}

/// Longer documents are called JSON by how they begin. Our choice: checking this much takes a few
/// milliseconds.
const MAX_CHECKED_JSON_BYTES: usize = 4 << 20;

impl ContentKind {
    /// Looks at decoded content.
    ///
    /// ```text
    /// 89 50 4e 47 0d 0a 1a 0a        PNG    (W3C PNG §5.2)
    /// ff d8 ff                       JPEG   (ITU-T T.81 §B.1.1.3)
    /// 47 49 46 38 37|39 61           GIF    (GIF89a §17)
    /// 52 49 46 46 … 57 45 42 50      WebP   (RFC 9649 §2.4)
    /// ```
    pub fn of(content_type: Option<&[u8]>, content: &[u8]) -> Self {
        match content {
            [] => return Self::Empty,
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => return Self::Png,
            [0xff, 0xd8, 0xff, ..] => return Self::Jpeg,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => return Self::Gif,
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => {
                return Self::WebP;
            }
            _ => {}
        }
        if !is_text(content) {
            return Self::Binary;
        }
        let says_json = content_type.is_some_and(|text| {
            let text = String::from_utf8_lossy(text).to_ascii_lowercase();
            let media_type = text.split(';').next().unwrap_or_default().trim_end();
            media_type == "application/json" || media_type.ends_with("+json")
        });
        let begins_like_json = matches!(content.trim_ascii_start().first(), Some(b'{' | b'['));
        if !says_json && !begins_like_json {
            return Self::Text;
        }
        let checked = content.len() <= MAX_CHECKED_JSON_BYTES;
        let is_json = match checked {
            true => serde_json::from_slice::<serde::de::IgnoredAny>(content).is_ok(),
            false => begins_like_json,
        };
        if is_json { Self::Json } else { Self::Text }
    }

    /// `png`, `json` and so on.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Json => "json",
            Self::Text => "text",
            Self::Binary => "binary",
        }
    }

    /// Whether it is a picture.
    pub fn is_image(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::WebP)
    }

    /// Whether a person can read it as it is.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Json | Self::Text)
    }
}

/// UTF-8 without control characters other than white space. A character that is cut at the end is
/// forgiven: content may be cut anywhere.
fn is_text(content: &[u8]) -> bool {
    let whole = match std::str::from_utf8(content) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            let valid = content.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let odd = |character: char| {
        character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}')
    };
    !whole.is_empty() && !whole.contains(odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_decide_what_it_is() {
        let kind = |content: &[u8]| ContentKind::of(None, content);
        assert_eq!(kind(b""), ContentKind::Empty);
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n\0\0"), ContentKind::Png);
        assert_eq!(kind(b"\xff\xd8\xff\xe0"), ContentKind::Jpeg);
        assert_eq!(kind(b"GIF89a"), ContentKind::Gif);
        assert_eq!(kind(b"RIFF\x10\0\0\0WEBPVP8 "), ContentKind::WebP);
        assert_eq!(kind(b" {\"a\": [1, 2]}\n"), ContentKind::Json);
        assert_eq!(kind(b"{not json}"), ContentKind::Text);
        assert_eq!(kind("Größe\n".as_bytes()), ContentKind::Text);
        assert_eq!(kind(&"Größe".as_bytes()[..3]), ContentKind::Text, "cut");
        assert_eq!(kind(b"a\0b"), ContentKind::Binary);
        assert_eq!(kind(&[0xc3, 0x28]), ContentKind::Binary);
        let said = |kind: &str, content: &[u8]| ContentKind::of(Some(kind.as_bytes()), content);
        assert_eq!(
            said("application/problem+json", b"\"a\""),
            ContentKind::Json
        );
        assert_eq!(said("image/png", b"sorry"), ContentKind::Text);
    }
}
