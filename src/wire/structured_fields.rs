//! Structured field values: the grammar that newer header fields share, as far as a dictionary needs it.

/// What a member of a dictionary holds. Only what some reader here asks for is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// An integer of at most 15 digits.
    Integer(i64),
    /// `?0`, `?1`, or a key without a value, which means true.
    Boolean(bool),
    /// A decimal number, a string, a token, bytes, or an inner list.
    Other,
}

/// Why a value is no dictionary. Whoever reads it then has to go on as if the field were not there.
///
/// Source: RFC 8941 §4.2: parsing fails as a whole, and nothing that came before the mistake is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{expected} was expected at byte {at}")]
pub struct DictionaryError {
    /// The byte of the value, counted from 0, where reading stopped.
    pub at: usize,
    /// What the grammar has there.
    pub expected: &'static str,
}

/// Reads a dictionary such as `u=1, i;x=2`. Of a key that is there twice, the last value counts.
///
/// # Errors
///
/// [`DictionaryError`] at the first byte that does not fit the grammar.
///
/// Source: RFC 8941 §3.2 (grammar), §4.2.2 (how it is read).
pub fn dictionary(value: &[u8]) -> Result<Vec<(&[u8], Member)>, DictionaryError> {
    let mut parser = Parser { value, at: 0 };
    let mut members: Vec<(&[u8], Member)> = Vec::new();
    parser.skip(b" ");
    while parser.peek().is_some() {
        let key = parser.key()?;
        let member = if parser.take_if(b'=') {
            parser.item_or_inner_list()?
        } else {
            Member::Boolean(true)
        };
        parser.parameters()?;
        if let Some((_, known)) = members.iter_mut().find(|(known, _)| *known == key) {
            *known = member;
        } else if members.len() < MAX_MEMBERS {
            members.push((key, member));
        } else {
            return Err(parser.expected("the end (there are too many members)"));
        }
        parser.skip(b" \t");
        if parser.peek().is_none() {
            break;
        }
        if !parser.take_if(b',') {
            return Err(parser.expected("a comma"));
        }
        parser.skip(b" \t");
        if parser.peek().is_none() {
            return Err(parser.expected("a key"));
        }
    }
    Ok(members)
}

/// How many different keys are told apart; each is looked up among those before it. RFC 8941 §3.2 asks parsers
/// for 1024.
const MAX_MEMBERS: usize = 1024;

/// How many digits an integer has at most. Source: RFC 8941 §3.3.1.
const MAX_INTEGER_DIGITS: usize = 15;

struct Parser<'a> {
    value: &'a [u8],
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.value.get(self.at).copied()
    }

    fn expected(&self, expected: &'static str) -> DictionaryError {
        DictionaryError {
            at: self.at,
            expected,
        }
    }

    fn take_if(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.value.get(self.at..).unwrap_or_default();
        let length = rest.iter().take_while(|&&byte| wanted(byte)).count();
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn skip(&mut self, blanks: &[u8]) {
        self.take_while(|byte| blanks.contains(&byte));
    }

    /// Source: RFC 8941 §4.2.3.3.
    fn key(&mut self) -> Result<&'a [u8], DictionaryError> {
        if !matches!(self.peek(), Some(b'a'..=b'z' | b'*')) {
            return Err(self.expected("a key, in lower case"));
        }
        Ok(self.take_while(
            |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'*'),
        ))
    }

    /// Source: RFC 8941 §4.2.1.1.
    fn item_or_inner_list(&mut self) -> Result<Member, DictionaryError> {
        if !self.take_if(b'(') {
            return self.bare_item();
        }
        loop {
            self.skip(b" ");
            if self.take_if(b')') {
                return Ok(Member::Other);
            }
            self.bare_item()?;
            self.parameters()?;
            if !matches!(self.peek(), Some(b' ' | b')')) {
                return Err(self.expected("a space or the end of the inner list"));
            }
        }
    }

    /// Source: RFC 8941 §4.2.3.2.
    fn parameters(&mut self) -> Result<(), DictionaryError> {
        while self.take_if(b';') {
            self.skip(b" ");
            self.key()?;
            if self.take_if(b'=') {
                self.bare_item()?;
            }
        }
        Ok(())
    }

    /// Source: RFC 8941 §4.2.3.1.
    fn bare_item(&mut self) -> Result<Member, DictionaryError> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'"') => self.string(),
            Some(b':') => self.bytes(),
            Some(b'?') => {
                self.at += 1;
                let value = match self.peek() {
                    Some(b'0') => false,
                    Some(b'1') => true,
                    _ => return Err(self.expected("0 or 1")),
                };
                self.at += 1;
                Ok(Member::Boolean(value))
            }
            Some(b'A'..=b'Z' | b'a'..=b'z' | b'*') => {
                self.take_while(is_token_byte);
                Ok(Member::Other)
            }
            _ => Err(self.expected("a value")),
        }
    }

    /// Source: RFC 8941 §4.2.4.
    fn number(&mut self) -> Result<Member, DictionaryError> {
        let negative = self.take_if(b'-');
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        if digits.is_empty() || digits.len() > MAX_INTEGER_DIGITS {
            return Err(self.expected("a number of 1 to 15 digits"));
        }
        if self.take_if(b'.') {
            let fraction = self.take_while(|byte| byte.is_ascii_digit());
            if fraction.is_empty() || fraction.len() > 3 || digits.len() > 12 {
                return Err(self.expected("a decimal number of 12 digits, a dot and 1 to 3 digits"));
            }
            return Ok(Member::Other);
        }
        let number = digits
            .iter()
            .fold(0_i64, |number, digit| number * 10 + i64::from(digit - b'0'));
        Ok(Member::Integer(if negative { -number } else { number }))
    }

    /// Source: RFC 8941 §4.2.5.
    fn string(&mut self) -> Result<Member, DictionaryError> {
        self.at += 1;
        loop {
            self.take_while(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\');
            if self.take_if(b'"') {
                return Ok(Member::Other);
            }
            if !(self.take_if(b'\\') && (self.take_if(b'"') || self.take_if(b'\\'))) {
                return Err(self.expected("the end of a string"));
            }
        }
    }

    /// Source: RFC 8941 §4.2.7.
    fn bytes(&mut self) -> Result<Member, DictionaryError> {
        self.at += 1;
        self.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
        if self.take_if(b':') {
            Ok(Member::Other)
        } else {
            Err(self.expected("base64 and a colon"))
        }
    }
}

/// Source: RFC 8941 §3.3.4: a token of RFC 9110, and `:` and `/`.
fn is_token_byte(byte: u8) -> bool {
    is_http_token_byte(byte) || matches!(byte, b':' | b'/')
}

/// Whether a byte may be in a token of HTTP. Source: RFC 9110 §5.6.2.
pub fn is_http_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&str, Member)> {
        let members = dictionary(text.as_bytes()).unwrap();
        let key = |key| std::str::from_utf8(key).unwrap();
        members.into_iter().map(|(k, m)| (key(k), m)).collect()
    }

    #[test]
    fn members_have_numbers_truths_and_everything_else() {
        use Member::{Boolean, Integer, Other};
        assert_eq!(read(""), []);
        assert_eq!(
            read("  u=1 ,\ti"),
            [("u", Integer(1)), ("i", Boolean(true))]
        );
        assert_eq!(
            read("a=-15;b=2;c, d=?0"),
            [("a", Integer(-15)), ("d", Boolean(false))]
        );
        let rest = r#"s="a\"b", t=tok/en:x, b=:aGk=:, l=(1 "x";q=2 a), n=1.5"#;
        assert!(read(rest).iter().all(|(_, member)| *member == Other));
        assert_eq!(read(rest).len(), 5);
    }

    #[test]
    fn the_last_of_a_key_counts_at_the_place_of_the_first() {
        assert_eq!(
            read("a=1, b=2, a=3"),
            [("a", Member::Integer(3)), ("b", Member::Integer(2))]
        );
    }

    #[test]
    fn whatever_does_not_fit_is_named_with_its_place() {
        for (text, at) in [
            ("U=1", 0),
            ("u=", 2),
            ("u=1,", 4),
            ("u=1 i", 4),
            ("u =1", 2),
            ("u==1", 2),
            ("u=1234567890123456", 18),
            ("u=1.2345", 8),
            ("u=\"a", 4),
            ("u=\"\\n\"", 4),
            ("u=?2", 3),
            ("u=(1 2", 6),
            ("u=(1\"2\")", 4),
            ("u=:a", 4),
            ("u=\u{e9}", 2),
            ("u=1;", 4),
        ] {
            let error = dictionary(text.as_bytes()).unwrap_err();
            assert_eq!(error.at, at, "{text}: {error}");
        }
    }

    #[test]
    fn too_many_members_are_refused() {
        let many: Vec<String> = (0..2000).map(|number| format!("a{number}")).collect();
        assert!(dictionary(many.join(",").as_bytes()).is_err());
    }
}
