//! What an expression says, once it is read.

use super::columns::own_name;
use super::field::Field;
use std::net::IpAddr;

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// All of them hold; true when there is none.
    All(Vec<Expression>),
    /// One of them holds.
    Any(Vec<Expression>),
    /// It does not hold.
    Not(Box<Expression>),
    /// The field is there at all.
    Exists(Field),
    /// A value of the field passes one of the tests.
    Field(Field, Vec<Test>),
    /// The word stands somewhere; in lower case.
    Word(String),
}

impl Expression {
    /// Whether a word is searched for.
    pub(super) fn has_words(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::has_words),
            Self::Not(part) => part.has_words(),
            Self::Word(_) => true,
            Self::Exists(_) | Self::Field(..) => false,
        }
    }
}

impl Expression {
    /// Whether a field is asked for that is a column of a row: always, or since the row's own list says so.
    pub(super) fn has_columns(&self, own: &[&str]) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.has_columns(own)),
            Self::Not(part) => part.has_columns(own),
            Self::Exists(field) | Self::Field(field, _) => {
                matches!(field, Field::Column(_))
                    || own_name(*field).is_some_and(|name| own.contains(&name))
            }
            Self::Word(_) => false,
        }
    }
}

/// What one value of a field has to be.
#[derive(Clone, Debug)]
pub(super) enum Test {
    /// A number in this range, both ends included.
    Within(f64, f64),
    /// A number outside of this range, whose ends do not pass.
    Outside(f64, f64),
    /// This text, in any case of letters.
    Is(String),
    /// Any other text.
    IsNot(String),
    /// A text with this in it, in any case of letters; in lower case here.
    Has(String),
    /// A text with exactly this in it.
    Contains(String),
    /// A text that this regular expression finds something in.
    Matches(Box<regex::Regex>),
    /// An address in this network.
    Network(IpAddr, u8),
    /// An address outside of this network.
    OutsideNetwork(IpAddr, u8),
}

/// A value of a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'v> {
    /// A number.
    Number(f64),
    /// A text.
    Text(&'v str),
    /// A number that has a name: a frame type, an error code.
    Named(f64, &'v str),
    /// An address.
    Address(IpAddr),
}

impl Test {
    /// Whether a value passes.
    pub(super) fn holds(&self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::Within(from, to), Value::Number(number) | Value::Named(number, _)) => {
                (*from..=*to).contains(&number)
            }
            (Self::Outside(from, to), Value::Number(number) | Value::Named(number, _)) => {
                !(*from..=*to).contains(&number)
            }
            (Self::Is(text), Value::Text(value) | Value::Named(_, value)) => {
                value.eq_ignore_ascii_case(text)
            }
            (Self::IsNot(text), Value::Text(value) | Value::Named(_, value)) => {
                !value.eq_ignore_ascii_case(text)
            }
            (Self::Has(text), Value::Text(value) | Value::Named(_, value)) => {
                has_ignoring_case(value, text)
            }
            (Self::Contains(text), Value::Text(value) | Value::Named(_, value)) => {
                value.contains(text.as_str())
            }
            (Self::Matches(regex), Value::Text(value) | Value::Named(_, value)) => {
                regex.is_match(value)
            }
            (Self::Network(network, bits), Value::Address(address)) => {
                in_network(address, *network, *bits)
            }
            (Self::OutsideNetwork(network, bits), Value::Address(address)) => {
                !in_network(address, *network, *bits)
            }
            _ => false,
        }
    }
}

/// Whether `text` has `part` in it, whatever the case of the letters. `part` is in lower case.
pub(super) fn has_ignoring_case(text: &str, part: &str) -> bool {
    if text.is_ascii() && part.is_ascii() {
        let part = part.as_bytes();
        return part.is_empty()
            || text
                .as_bytes()
                .windows(part.len())
                .any(|window| window.eq_ignore_ascii_case(part));
    }
    text.to_lowercase().contains(part)
}

fn in_network(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let differing = u32::from(address) ^ u32::from(network);
            differing.leading_zeros() >= u32::from(bits)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let differing = u128::from(address) ^ u128::from(network);
            differing.leading_zeros() >= u32::from(bits)
        }
        _ => false,
    }
}
