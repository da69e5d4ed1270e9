//! Reads a value, and what it means for a field.

use super::{FilterError, Input, Parsed, Problem, wrong};
use crate::filter::expression::Test;
use crate::filter::field::{FieldInfo, Kind};
use std::net::IpAddr;
use std::ops::Range;
use winnow::combinator::{alt, delimited, opt, peek, preceded, repeat};
use winnow::prelude::*;
use winnow::stream::Location;
use winnow::token::{any, one_of, take_while};

/// What a flag is compared with.
pub(super) fn value_of_flag(
    test: &Test,
    info: &'static FieldInfo,
    range: Range<usize>,
) -> Parsed<bool> {
    match test {
        Test::Within(from, to) if from == to => Ok(*from != 0.0),
        Test::Outside(from, to) if from == to => Ok(*from == 0.0),
        _ => wrong(
            Problem::NotAValue {
                field: first_name(info),
                value: "this".to_owned(),
                values: &["0", "1"],
            },
            range,
        ),
    }
}

pub(super) fn first_name(info: &FieldInfo) -> &'static str {
    info.names.first().copied().unwrap_or_default()
}

/// A value, quoted or not, and where it is.
pub(super) fn value(
    input: &mut Input<'_>,
    ends: impl Fn(char) -> bool,
) -> Parsed<(String, Range<usize>)> {
    let at = input.current_token_start();
    if let Some(text) = quoted(input)? {
        return Ok((text, at..input.current_token_start()));
    }
    let text: &str = take_while(0.., |c| !ends(c)).parse_next(input)?;
    if text.is_empty() {
        return wrong(Problem::MissingValue, at..at);
    }
    Ok((text.to_owned(), at..at + text.len()))
}

/// Text between quotes, in which a backslash takes the next letter as it is.
pub(super) fn quoted(input: &mut Input<'_>) -> Parsed<Option<String>> {
    let at = input.current_token_start();
    if opt(peek("\"")).parse_next(input)?.is_none() {
        return Ok(None);
    }
    let letter = alt((preceded('\\', any), one_of(|c| c != '"' && c != '\\')));
    let letters = repeat(0.., letter).fold(String::new, |mut text, letter| {
        text.push(letter);
        text
    });
    match opt(delimited('"', letters, '"')).parse_next(input)? {
        Some(text) => Ok(Some(text)),
        None => wrong(Problem::OpenQuote, at..at + 1),
    }
}

/// `a..b`, or a single value.
pub(super) fn test_of_range(
    info: &'static FieldInfo,
    value: &str,
    range: Range<usize>,
    whole: bool,
) -> Parsed<Test> {
    match value.split_once("..") {
        Some((from, to)) if matches!(info.kind, Kind::Number | Kind::Named(_)) => {
            let from = if from.is_empty() {
                f64::NEG_INFINITY
            } else {
                number(info, from, &range)?
            };
            let to = if to.is_empty() {
                f64::INFINITY
            } else {
                number(info, to, &range)?
            };
            if from > to {
                let (from, to) = (from.to_string(), to.to_string());
                return wrong(Problem::EmptyRange { from, to }, range);
            }
            Ok(Test::Within(from, to))
        }
        _ => test_of(info, value, &range, whole),
    }
}

/// What a single value means for a field; `whole` when a part of a text is not enough.
pub(super) fn test_of(
    info: &'static FieldInfo,
    value: &str,
    range: &Range<usize>,
    whole: bool,
) -> Parsed<Test> {
    let field = first_name(info);
    match info.kind {
        Kind::Number => number(info, value, range).map(|number| Test::Within(number, number)),
        Kind::Flag => {
            let number = match value.to_ascii_lowercase().as_str() {
                "true" | "yes" => 1.0,
                "false" | "no" => 0.0,
                _ => number(info, value, range)?,
            };
            Ok(Test::Within(number, number))
        }
        Kind::Text if whole => Ok(Test::Is(value.to_owned())),
        Kind::Text => Ok(Test::Has(value.to_lowercase())),
        // A message's type, as in `users.User`; no frame's has a dot.
        Kind::Named(_) if field == "type" && value.contains('.') => {
            Ok(Test::Has(value.to_lowercase()))
        }
        Kind::Named(names) => match parse_number(value) {
            Some(number) => Ok(Test::Within(number, number)),
            None => word(field, names, value, range).map_err(|error| {
                error.map(|error: FilterError| FilterError {
                    problem: Problem::NotANumberOrName {
                        field,
                        value: value.to_owned(),
                        names,
                    },
                    ..error
                })
            }),
        },
        // Methods and protocols are open lists.
        Kind::Word(names) if matches!(field, "method" | "scheme") => {
            let _ = names;
            Ok(Test::Is(value.to_owned()))
        }
        Kind::Word(names) => word(field, names, value, range),
        Kind::Address => address(value).map_or_else(
            || {
                wrong(
                    Problem::NotAnAddress {
                        field,
                        value: value.to_owned(),
                    },
                    range.clone(),
                )
            },
            |(network, bits)| Ok(Test::Network(network, bits)),
        ),
    }
}

/// One of a few words. Whoever writes the beginning of one means it.
fn word(
    field: &'static str,
    values: &'static [&'static str],
    value: &str,
    range: &Range<usize>,
) -> Parsed<Test> {
    let lower = value.to_ascii_lowercase().replace('-', "_");
    let same = |name: &&str| name.to_ascii_lowercase().replace('-', "_");
    let exact = values.iter().find(|name| same(name) == lower);
    let begun = values.iter().find(|name| same(name).starts_with(&lower));
    match exact.or(begun) {
        Some(name) => Ok(Test::Is((*name).to_owned())),
        None => wrong(
            Problem::NotAValue {
                field,
                value: value.to_owned(),
                values,
            },
            range.clone(),
        ),
    }
}

fn parse_number(text: &str) -> Option<f64> {
    let digits = text.replace(['_', ' '], "");
    if let Some(hex) = digits.strip_prefix("0x") {
        return u32::from_str_radix(hex, 16).ok().map(f64::from);
    }
    digits
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
}

pub(super) fn number(info: &'static FieldInfo, value: &str, range: &Range<usize>) -> Parsed<f64> {
    match parse_number(value) {
        Some(number) => Ok(number),
        None => wrong(
            Problem::NotANumber {
                field: first_name(info),
                value: value.to_owned(),
            },
            range.clone(),
        ),
    }
}

fn address(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
    let all = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(all);
    (bits <= all).then_some((address, bits))
}
