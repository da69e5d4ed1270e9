//! What a header list must look like, noted while its block is decoded. Source: RFC 9113 §8.2, §8.3.
//!
//! A field is looked at when it passes, and no list is kept: the verdict is given at the end of the block,
//! when it is known whether it was a request, a response or trailers. Names and values that come from a
//! table were looked at when they were sent as strings, so only strings are read byte by byte.

use super::lives::Method;
use super::target::Target;
use super::values;
use crate::trace::rules::{Rule, fields as rules};
use crate::wire::hpack::{Field, Limit, SizeUpdate, Step, Table};
use std::ops::Range;

/// How many broken fields of one block are remembered.
const MAX_BROKEN: usize = 16;

/// How much of a name or value a sentence repeats, in bytes.
const MAX_QUOTED_BYTES: usize = 40;

/// Which pseudo-header fields a list has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pseudo(u8);

impl Pseudo {
    pub(super) const METHOD: Self = Self(1);
    pub(super) const SCHEME: Self = Self(2);
    pub(super) const AUTHORITY: Self = Self(4);
    pub(super) const PATH: Self = Self(8);
    pub(super) const STATUS: Self = Self(16);
    pub(super) const PROTOCOL: Self = Self(32);
    /// Those of a request.
    pub(super) const REQUEST: Self = Self(1 | 2 | 4 | 8 | 32);

    pub(super) fn any_of(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names of those of `wanted` that are missing, for a sentence.
    pub(super) fn missing(self, wanted: &[(Self, &'static str)]) -> Option<String> {
        let missing: Vec<&str> = wanted
            .iter()
            .filter(|(pseudo, _)| !self.any_of(*pseudo))
            .map(|(_, name)| *name)
            .collect();
        (!missing.is_empty()).then(|| missing.join(" and "))
    }
}

/// A field that breaks a rule by itself, whatever the list is.
pub(super) struct Broken {
    pub(super) rule: &'static Rule,
    pub(super) text: String,
    /// The field's bytes within its block.
    pub(super) range: Range<usize>,
}

impl Broken {
    /// Ends a sentence with the field's place in its block.
    pub(super) fn at(rule: &'static Rule, text: String, range: &Range<usize>) -> Self {
        Self {
            rule,
            text: format!("{text} (byte {} of the header block).", range.start),
            range: range.clone(),
        }
    }
}

/// What is noted of one block.
#[derive(Default)]
pub(in crate::dissect::http2) struct FieldCheck {
    pub(super) pseudo: Pseudo,
    pub(super) method: Method,
    /// The value of `:status`; `Some(0)` when it is no number of three digits.
    pub(super) status: Option<u16>,
    pub(super) content_length: Option<u64>,
    /// Whether a field's name was that of an entry that nobody saw.
    pub(super) unknown: bool,
    pub(super) target: Target,
    /// Values of `-bin` fields that only gRPC's setting allows.
    pub(super) raw_binary: Option<Broken>,
    pub(super) broken: Vec<Broken>,
    /// A size update above what is allowed: the new size and the limit.
    pub(super) size_above: Option<(u32, u32)>,
    pub(super) size_late: bool,
    pub(super) smallest_size: Option<u32>,
    /// The limit of the table before the block, when it is known.
    pub(super) table_before: Option<u32>,
    regular_seen: bool,
}

impl FieldCheck {
    /// Before a block that is decoded on this table.
    pub(in crate::dissect::http2) fn on(table: &Table) -> Self {
        Self {
            table_before: (table.limit == Limit::Known).then_some(table.max_size_bytes),
            ..Self::default()
        }
    }

    /// Takes the next step of decoding.
    pub(in crate::dissect::http2) fn step(&mut self, step: &Step<'_>) {
        match step {
            Step::Field(field) => self.field(field),
            Step::SizeUpdate(update) => self.size_update(update),
        }
    }

    fn size_update(&mut self, update: &SizeUpdate) {
        let size = update.max_size_bytes;
        self.size_late |= update.after_a_field;
        if let Some(allowed) = update.above_allowed {
            self.size_above = Some((size, allowed));
        }
        self.smallest_size = Some(self.smallest_size.map_or(size, |least| least.min(size)));
    }

    #[inline]
    fn field(&mut self, field: &Field<'_>) {
        let Some(name) = field.name else {
            self.unknown = true;
            return;
        };
        if field.value_string.is_some()
            && let Some(value) = field.value
        {
            self.check_value(name, value, &field.range);
        }
        if let Some(pseudo) = name.strip_prefix(b":") {
            self.pseudo_header(pseudo, field);
            return;
        }
        self.regular_seen = true;
        if field.name_string.is_some() {
            self.check_name(name, &field.range);
        }
        // Every name that has a rule of its own has one of these lengths.
        if matches!(name.len(), 2 | 4 | 7 | 8 | 10 | 14 | 16 | 17) {
            self.special_field(name, field);
        }
    }

    fn pseudo_header(&mut self, name: &[u8], field: &Field<'_>) {
        let pseudo = match name {
            b"method" => Pseudo::METHOD,
            b"scheme" => Pseudo::SCHEME,
            b"authority" => Pseudo::AUTHORITY,
            b"path" => Pseudo::PATH,
            b"status" => Pseudo::STATUS,
            b"protocol" => Pseudo::PROTOCOL,
            _ => {
                let text = format!("There is no pseudo-header :{}", quoted(name));
                self.broken(&rules::PSEUDO_HEADER_UNKNOWN, text, &field.range);
                return;
            }
        };
        if self.regular_seen {
            let text = format!(
                ":{} stands behind a field that is no pseudo-header",
                quoted(name)
            );
            self.broken(&rules::PSEUDO_HEADER_AFTER_FIELD, text, &field.range);
        }
        if self.pseudo.any_of(pseudo) {
            let text = format!(":{} is there more than once", quoted(name));
            self.broken(&rules::PSEUDO_HEADER_REPEATED, text, &field.range);
        }
        self.pseudo.0 |= pseudo.0;
        let Some(value) = field.value else {
            self.unknown = true;
            return;
        };
        self.target.pseudo_header(pseudo, value);
        match pseudo {
            Pseudo::METHOD => {
                self.method = match value {
                    b"GET" => Method::Get,
                    b"HEAD" => Method::Head,
                    b"CONNECT" => Method::Connect,
                    _ => Method::Other,
                };
            }
            Pseudo::STATUS => self.status = Some(status(value)),
            _ => {}
        }
    }

    /// A field whose name may have a rule of its own.
    fn special_field(&mut self, name: &[u8], field: &Field<'_>) {
        match name {
            b"connection" | b"proxy-connection" | b"keep-alive" | b"transfer-encoding"
            | b"upgrade" => {
                let text = format!(
                    "The field \"{}\" steers an HTTP/1.1 connection and may not be in HTTP/2",
                    quoted(name)
                );
                self.broken(&rules::CONNECTION_SPECIFIC_FIELD, text, &field.range);
            }
            b"te" => {
                let Some(value) = field.value else { return };
                if !value.eq_ignore_ascii_case(b"trailers") {
                    let text = format!(
                        "The field te is \"{}\"; in HTTP/2 it can only be \"trailers\"",
                        quoted(value)
                    );
                    self.broken(&rules::TE_NOT_TRAILERS, text, &field.range);
                }
            }
            b"host" => {
                let Some(value) = field.value else { return };
                self.target.host(value);
            }
            b"priority" | b"alt-svc" if field.value_string.is_some() => {
                let Some(value) = field.value else { return };
                let trouble = match name {
                    b"priority" => values::priority(value),
                    _ => values::alt_svc(value),
                };
                self.value_with_grammar(trouble, &field.range);
            }
            b"content-length" => {
                let Some(value) = field.value else { return };
                match number(value) {
                    Some(length) if self.content_length.is_none_or(|known| known == length) => {
                        self.content_length = Some(length);
                    }
                    _ => {
                        let text = format!(
                            "content-length is \"{}\", which is no number, or not the same as before",
                            quoted(value)
                        );
                        self.broken(&rules::CONTENT_LENGTH_INVALID, text, &field.range);
                    }
                }
            }
            _ => {}
        }
    }

    /// Source: RFC 9113 §8.2.1.
    fn check_name(&mut self, name: &[u8], range: &Range<usize>) {
        let worst = name.iter().map(|&byte| class_of_name_byte(byte)).max();
        match worst {
            Some(NameByte::Fine) => {}
            Some(NameByte::Uppercase) => {
                let text = format!("The field name \"{}\" has upper-case letters", quoted(name));
                self.broken(&rules::FIELD_NAME_UPPERCASE, text, range);
            }
            Some(NameByte::Forbidden) => {
                let text = format!(
                    "The field name \"{}\" holds a byte that no name may hold",
                    quoted(name)
                );
                self.broken(&rules::FIELD_NAME_INVALID, text, range);
            }
            None => {
                let text = "A field has an empty name".to_owned();
                self.broken(&rules::FIELD_NAME_INVALID, text, range);
            }
        }
    }

    /// Source: RFC 9113 §8.2.1.
    fn check_value(&mut self, name: &[u8], value: &[u8], range: &Range<usize>) {
        let forbidden = |byte: &u8| matches!(byte, 0 | b'\r' | b'\n');
        if value.iter().any(forbidden) {
            let text = format!(
                "The value of \"{}\" holds a zero byte or the end of a line",
                quoted(name)
            );
            if name.ends_with(b"-bin") {
                let rule = &rules::RAW_BINARY_METADATA;
                self.raw_binary.get_or_insert(Broken::at(rule, text, range));
            } else {
                self.broken(&rules::FIELD_VALUE_INVALID, text, range);
            }
        }
        let blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
        if blank(value.first()) || blank(value.last()) {
            let text = format!(
                "The value of \"{}\" begins or ends with a space or tab",
                quoted(name)
            );
            if !name.ends_with(b"-bin") {
                self.broken(&rules::FIELD_VALUE_WHITESPACE, text, range);
            }
        }
    }

    #[cold]
    fn broken(&mut self, rule: &'static Rule, text: String, range: &Range<usize>) {
        self.note(Broken::at(rule, text, range));
    }

    /// Remembers what breaks a rule, unless there is too much of it.
    pub(super) fn note(&mut self, broken: Broken) {
        if self.broken.len() < MAX_BROKEN {
            self.broken.push(broken);
        }
    }
}

/// What a byte of a field name is. The worst one counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NameByte {
    Fine,
    Uppercase,
    Forbidden,
}

#[inline]
fn class_of_name_byte(byte: u8) -> NameByte {
    match byte {
        b'A'..=b'Z' => NameByte::Uppercase,
        0..=b' ' | b':' | 0x7f..=0xff => NameByte::Forbidden,
        _ => NameByte::Fine,
    }
}

/// The beginning of a name or value, for a sentence.
pub(super) fn quoted(text: &[u8]) -> String {
    let cut = text.get(..MAX_QUOTED_BYTES);
    let shown = String::from_utf8_lossy(cut.unwrap_or(text));
    let clean = shown.replace(|c: char| c.is_control(), "\u{fffd}");
    if cut.is_some() && text.len() > MAX_QUOTED_BYTES {
        clean + "…"
    } else {
        clean
    }
}

fn status(value: &[u8]) -> u16 {
    let digits = value.len() == 3 && value.iter().all(u8::is_ascii_digit);
    match number(value) {
        Some(status @ 100..=999) if digits => u16::try_from(status).unwrap_or(0),
        _ => 0,
    }
}

fn number(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    value.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_length_is_decimal_digits_and_nothing_else() {
        assert_eq!(number(b"0"), Some(0));
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        for odd in [
            &b""[..],
            b"-1",
            b"1,1",
            b"0x5",
            b" 5",
            b"18446744073709551616",
        ] {
            assert_eq!(number(odd), None);
        }
    }

    #[test]
    fn a_status_has_three_digits_and_begins_with_one_or_more() {
        assert_eq!(status(b"200"), 200);
        assert_eq!(status(b"999"), 999);
        for odd in [&b"20"[..], b"2000", b"099", b"2xx", b""] {
            assert_eq!(status(odd), 0);
        }
    }
}
