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

mod error;
mod value;

pub use error::{FilterError, Problem};
use value::{first_name, number, quoted, test_of, test_of_range, value, value_of_flag};

use super::expression::{Expression, Test};
use super::field::{FieldInfo, Kind, field_named};
use super::nearest::nearest;
use std::ops::Range;
use winnow::combinator::{alt, opt, peek, preceded};
use winnow::error::ErrMode;
use winnow::prelude::*;
use winnow::stream::{LocatingSlice, Location};
use winnow::token::{one_of, rest, take_while};

/// How deep parentheses and `not` may be nested. Nobody writes more than a few; the reader would run out of stack at
/// some thousands.
const MAX_DEPTH: usize = 64;

type Input<'i> = LocatingSlice<&'i str>;
type Parsed<T> = Result<T, ErrMode<FilterError>>;

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

#[expect(clippy::unnecessary_wraps, reason = "it ends a parser")]
fn flag(info: &'static FieldInfo, wanted: &bool) -> Parsed<Expression> {
    let exists = Expression::Exists(info.field);
    Ok(if *wanted {
        exists
    } else {
        Expression::Not(Box::new(exists))
    })
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
