//! Why an expression is not understood, and where.

use super::Input;
use std::ops::Range;
use winnow::error::ParserError;
use winnow::stream::Location;

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
