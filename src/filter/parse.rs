//! Reads an expression.
//!
//! ```text
//! any     = all *( ("or" / "||") all )
//! all     = not *( [ "and" / "&&" ] not )
//! not     = *( "not" / "!" ) one
//! one     = "(" any ")" / field operator value / field ":" tests / field / word
//! tests   = test *( "," test )
//! test    = value / value ".." value / ("<" / "<=" / ">" / ">=") value
//! ```

use super::expression::{Expression, Test};
use super::field::{FieldInfo, Kind, field_named, nearest};
use std::net::IpAddr;
use std::ops::Range;
use winnow::combinator::{alt, delimited, opt, peek, preceded, repeat};
use winnow::error::{ErrMode, ParserError};
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location};
use winnow::token::{any, one_of, rest, take_while};

/// How deep parentheses and `not` may be nested. Nobody writes more than a few; the reader would run out of stack at
/// some thousands.
const MAX_DEPTH: usize = 64;

/// Why an expression is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The filter is not understood at column {}: {problem}", range.start + 1)]
pub struct FilterError {
    /// What is wrong.
    pub problem: Problem,
    /// Where, in bytes of the text.
    pub range: Range<usize>,
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No field has this name.
    #[error("there is no field {name}{} To search for this as text, put it in quotes.", suggestion.map_or_else(|| ".".to_owned(), |name| format!("; did you mean {name}?")))]
    UnknownField {
        /// What was written.
        name: String,
        /// What may have been meant.
        suggestion: Option<&'static str>,
    },
    /// The field's values are numbers, and this is none.
    #[error("{field} is a number, and {value} is none.")]
    NotANumber {
        /// The field.
        field: &'static str,
        /// What was written.
        value: String,
    },
    /// The field's values are a few words, and this is none of them.
    #[error("{field} has no value {value}; it can be {}.", values.join(", "))]
    NotAValue {
        /// The field.
        field: &'static str,
        /// What was written.
        value: String,
        /// What can be written.
        values: &'static [&'static str],
    },
    /// The field's values are numbers, some with names, and this is neither.
    #[error("{field} has no value {value}; it can be a number, or {}.", names.join(", "))]
    NotANumberOrName {
        /// The field.
        field: &'static str,
        /// What was written.
        value: String,
        /// Numbers that have a name.
        names: &'static [&'static str],
    },
    /// The field's values are addresses, and this is none.
    #[error("{field} is an IP address or a network such as 10.0.0.0/8, and {value} is none.")]
    NotAnAddress {
        /// The field.
        field: &'static str,
        /// What was written.
        value: String,
    },
    /// Not a regular expression.
    #[error("{0} is not a regular expression.")]
    NotAPattern(String),
    /// An operator that makes no sense for the field.
    #[error("{field} cannot be compared with {operator}.")]
    WrongOperator {
        /// The field.
        field: &'static str,
        /// What was written.
        operator: String,
    },
    /// A value has to follow.
    #[error("a value is missing.")]
    MissingValue,
    /// Something that can be true has to follow.
    #[error("a word or a field is missing.")]
    MissingOperand,
    /// A parenthesis that is never closed.
    #[error("the parenthesis is not closed.")]
    OpenParenthesis,
    /// A quote that is never closed.
    #[error("the quote is not closed.")]
    OpenQuote,
    /// A range whose ends are the wrong way round.
    #[error("nothing lies between {from} and {to}: the smaller number comes first.")]
    EmptyRange {
        /// The first number.
        from: String,
        /// The second.
        to: String,
    },
    /// One sign of an operator that has two.
    #[error("`{0}` is no operator; `{word}` or `{0}{0}` is.", word = if *.0 == '|' { "or" } else { "and" })]
    HalfAnOperator(char),
    /// More than the expression's end.
    #[error("this does not belong here.")]
    Unexpected,
    /// Too many parentheses or `not` inside one another.
    #[error("it is nested too deeply.")]
    TooDeep,
}

type Input<'i> = LocatingSlice<&'i str>;
type Parsed<T> = Result<T, ErrMode<FilterError>>;

impl<'i> ParserError<Input<'i>> for FilterError {
    type Inner = Self;

    fn from_input(input: &Input<'i>) -> Self {
        let at = input.current_token_start();
        Self {
            problem: Problem::Unexpected,
            range: at..at,
        }
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

fn wrong<T>(problem: Problem, range: Range<usize>) -> Parsed<T> {
    Err(ErrMode::Cut(FilterError { problem, range }))
}

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Expression, FilterError> {
    if text.trim().is_empty() {
        return Ok(Expression::All(Vec::new()));
    }
    let mut input = LocatingSlice::new(text);
    let read = either(&mut input, 0).and_then(|expression| {
        space(&mut input)?;
        let at = input.current_token_start();
        let left: &str = rest.parse_next(&mut input)?;
        if left.is_empty() {
            Ok(expression)
        } else {
            wrong(Problem::Unexpected, at..text.len())
        }
    });
    read.map_err(|error| match error {
        ErrMode::Backtrack(error) | ErrMode::Cut(error) => error,
        ErrMode::Incomplete(_) => FilterError {
            problem: Problem::MissingOperand,
            range: text.len()..text.len(),
        },
    })
}

fn space<'i>(input: &mut Input<'i>) -> Parsed<&'i str> {
    take_while(0.., char::is_whitespace).parse_next(input)
}

/// A word of the language: not the beginning of a longer one.
fn keyword<'i>(word: &'static str) -> impl FnMut(&mut Input<'i>) -> Parsed<()> {
    move |input| {
        let end = alt((
            winnow::combinator::eof.void(),
            one_of(|c: char| c.is_whitespace() || "()!\"".contains(c)).void(),
        ));
        (winnow::ascii::Caseless(word), peek(end))
            .void()
            .parse_next(input)
    }
}

fn either(input: &mut Input<'_>, depth: usize) -> Parsed<Expression> {
    let mut parts = vec![all(input, depth)?];
    while opt(preceded(space, alt((keyword("or"), "||".void()))))
        .parse_next(input)?
        .is_some()
    {
        parts.push(all(input, depth)?);
    }
    Ok(one_or(parts, Expression::Any))
}

fn all(input: &mut Input<'_>, depth: usize) -> Parsed<Expression> {
    let mut parts = vec![not(input, depth)?];
    loop {
        let and = opt(preceded(space, alt((keyword("and"), "&&".void())))).parse_next(input)?;
        space(input)?;
        let ended = alt((
            winnow::combinator::eof.void(),
            ")".void(),
            "||".void(),
            keyword("or"),
        ));
        if and.is_none() && opt(peek(ended)).parse_next(input)?.is_some() {
            return Ok(one_or(parts, Expression::All));
        }
        parts.push(not(input, depth)?);
    }
}

fn one_or(
    mut parts: Vec<Expression>,
    join: impl FnOnce(Vec<Expression>) -> Expression,
) -> Expression {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}

fn not(input: &mut Input<'_>, depth: usize) -> Parsed<Expression> {
    space(input)?;
    let at = input.current_token_start();
    if depth > MAX_DEPTH {
        return wrong(Problem::TooDeep, at..at + 1);
    }
    let negation = alt((keyword("not"), ("!", winnow::combinator::not("=")).void()));
    if opt(negation).parse_next(input)?.is_some() {
        return Ok(Expression::Not(Box::new(not(input, depth + 1)?)));
    }
    if opt("(").parse_next(input)?.is_some() {
        let inner = either(input, depth + 1)?;
        space(input)?;
        if opt(")").parse_next(input)?.is_none() {
            return wrong(Problem::OpenParenthesis, at..at + 1);
        }
        return Ok(inner);
    }
    operand(input)
}

/// Letters that end a plain word or value.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || "()\"".contains(c)
}

fn operand(input: &mut Input<'_>) -> Parsed<Expression> {
    let at = input.current_token_start();
    if let Some(text) = quoted(input)? {
        return Ok(Expression::Word(text.to_lowercase()));
    }
    let name: &str = take_while(0.., |c: char| {
        c.is_ascii_alphanumeric() || "._-".contains(c)
    })
    .parse_next(input)?;
    let range = at..at + name.len();
    let begins_field = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if begins_field {
        // `http://…` and times such as `a::b` are words.
        if opt((":", winnow::combinator::not(alt(("//", ":")))))
            .parse_next(input)?
            .is_some()
        {
            let info = known(name, &range)?;
            return tests(input, info);
        }
        let field = field_named(name);
        let before = input.checkpoint();
        space(input)?;
        if let Some((operator, at)) = operator(input)? {
            let info = known(name, &range)?;
            return comparison(input, info, operator, at);
        }
        winnow::stream::Stream::reset(input, &before);
        let ended = alt((winnow::combinator::eof.void(), one_of(ends_word).void()));
        if opt(peek(ended)).parse_next(input)?.is_some() {
            match field {
                Some(info) if name.contains('.') || info.kind == Kind::Flag => {
                    return Ok(Expression::Exists(info.field));
                }
                None if is_wiresharks(name) => {
                    known(name, &range)?;
                }
                _ => {}
            }
        }
    }
    let more: &str = take_while(0.., |c| !ends_word(c)).parse_next(input)?;
    if name.is_empty() && more.is_empty() {
        return wrong(Problem::MissingOperand, at..at);
    }
    if let (true, "|" | "&") = (name.is_empty(), more) {
        let sign = if more == "|" { '|' } else { '&' };
        return wrong(Problem::HalfAnOperator(sign), at..at + 1);
    }
    Ok(Expression::Word(format!("{name}{more}").to_lowercase()))
}

/// Whether a word can only be meant as one of Wireshark's fields.
fn is_wiresharks(name: &str) -> bool {
    ["http2.", "tcp.", "ip.", "ipv6.", "frame.", "grpc."]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

fn known(name: &str, range: &Range<usize>) -> Parsed<&'static FieldInfo> {
    match field_named(name) {
        Some(info) => Ok(info),
        None => wrong(
            Problem::UnknownField {
                name: name.to_owned(),
                suggestion: nearest(name),
            },
            range.clone(),
        ),
    }
}

/// An operator between a field and a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Below,
    AtMost,
    Above,
    AtLeast,
    Contains,
    Matches,
    In,
}

fn operator(input: &mut Input<'_>) -> Parsed<Option<(Operator, Range<usize>)>> {
    let symbols = alt((
        alt(("===", "==")).value(Operator::Equal),
        "!=".value(Operator::Unequal),
        "<=".value(Operator::AtMost),
        ">=".value(Operator::AtLeast),
        "<".value(Operator::Below),
        ">".value(Operator::Above),
        "=".value(Operator::Equal),
        "~".value(Operator::Matches),
    ));
    let words = alt((
        keyword("eq").value(Operator::Equal),
        keyword("ne").value(Operator::Unequal),
        keyword("lt").value(Operator::Below),
        keyword("le").value(Operator::AtMost),
        keyword("gt").value(Operator::Above),
        keyword("ge").value(Operator::AtLeast),
        keyword("contains").value(Operator::Contains),
        keyword("matches").value(Operator::Matches),
        keyword("in").value(Operator::In),
    ));
    opt(alt((symbols, words)).with_span()).parse_next(input)
}

fn comparison(
    input: &mut Input<'_>,
    info: &'static FieldInfo,
    operator: Operator,
    at: Range<usize>,
) -> Parsed<Expression> {
    space(input)?;
    if operator == Operator::In {
        if opt("{").parse_next(input)?.is_none() {
            return wrong(Problem::MissingValue, at);
        }
        let mut found = Vec::new();
        loop {
            space(input)?;
            opt(",").parse_next(input)?;
            space(input)?;
            if opt("}").parse_next(input)?.is_some() {
                return Ok(Expression::Field(info.field, found));
            }
            let (value, range) = value(input, |c| ends_word(c) || ",}".contains(c))?;
            found.push(test_of_range(info, &value, range, true)?);
        }
    }
    let (value, range) = value(input, ends_word)?;
    let test = match operator {
        Operator::Equal => test_of(info, &value, &range, true)?,
        Operator::Unequal => match test_of(info, &value, &range, true)? {
            Test::Within(from, to) => Test::Outside(from, to),
            Test::Network(network, bits) => Test::OutsideNetwork(network, bits),
            _ => Test::IsNot(value),
        },
        Operator::Below => {
            Test::Within(f64::NEG_INFINITY, number(info, &value, &range)?.next_down())
        }
        Operator::AtMost => Test::Within(f64::NEG_INFINITY, number(info, &value, &range)?),
        Operator::Above => Test::Within(number(info, &value, &range)?.next_up(), f64::INFINITY),
        Operator::AtLeast => Test::Within(number(info, &value, &range)?, f64::INFINITY),
        Operator::Contains | Operator::Matches => {
            if matches!(info.kind, Kind::Number | Kind::Address | Kind::Flag) {
                let operator = if operator == Operator::Contains {
                    "contains"
                } else {
                    "matches"
                };
                let field = first_name(info);
                return wrong(
                    Problem::WrongOperator {
                        field,
                        operator: operator.to_owned(),
                    },
                    at,
                );
            }
            if operator == Operator::Contains {
                Test::Contains(value)
            } else {
                match regex::RegexBuilder::new(&value)
                    .case_insensitive(true)
                    .build()
                {
                    Ok(regex) => Test::Matches(Box::new(regex)),
                    Err(_) => return wrong(Problem::NotAPattern(value), range),
                }
            }
        }
        Operator::In => return wrong(Problem::MissingValue, range),
    };
    if info.kind == Kind::Flag {
        return flag(info, &value_of_flag(&test, info, range)?);
    }
    Ok(Expression::Field(info.field, vec![test]))
}

/// What a flag is compared with.
fn value_of_flag(test: &Test, info: &'static FieldInfo, range: Range<usize>) -> Parsed<bool> {
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

#[expect(clippy::unnecessary_wraps, reason = "it ends a parser")]
fn flag(info: &'static FieldInfo, wanted: &bool) -> Parsed<Expression> {
    let exists = Expression::Exists(info.field);
    Ok(if *wanted {
        exists
    } else {
        Expression::Not(Box::new(exists))
    })
}

fn first_name(info: &FieldInfo) -> &'static str {
    info.names.first().copied().unwrap_or_default()
}

/// What follows a colon: tests between commas.
fn tests(input: &mut Input<'_>, info: &'static FieldInfo) -> Parsed<Expression> {
    let mut found = Vec::new();
    loop {
        let sign = opt(alt((
            "<=".value(Operator::AtMost),
            ">=".value(Operator::AtLeast),
            "<".value(Operator::Below),
            ">".value(Operator::Above),
        )))
        .parse_next(input)?;
        let (value, range) = value(input, |c| ends_word(c) || c == ',')?;
        found.push(match sign {
            None => test_of_range(info, &value, range, false)?,
            Some(Operator::AtMost) => {
                Test::Within(f64::NEG_INFINITY, number(info, &value, &range)?)
            }
            Some(Operator::Below) => {
                Test::Within(f64::NEG_INFINITY, number(info, &value, &range)?.next_down())
            }
            Some(Operator::AtLeast) => Test::Within(number(info, &value, &range)?, f64::INFINITY),
            Some(_) => Test::Within(number(info, &value, &range)?.next_up(), f64::INFINITY),
        });
        if opt(",").parse_next(input)?.is_none() {
            break;
        }
    }
    if let (Kind::Flag, [test]) = (info.kind, found.as_slice()) {
        let at = input.current_token_start();
        return flag(info, &value_of_flag(test, info, at..at)?);
    }
    Ok(Expression::Field(info.field, found))
}

/// A value, quoted or not, and where it is.
fn value(input: &mut Input<'_>, ends: impl Fn(char) -> bool) -> Parsed<(String, Range<usize>)> {
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
fn quoted(input: &mut Input<'_>) -> Parsed<Option<String>> {
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
fn test_of_range(
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
fn test_of(
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

fn number(info: &'static FieldInfo, value: &str, range: &Range<usize>) -> Parsed<f64> {
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
