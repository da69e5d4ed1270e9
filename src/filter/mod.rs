//! Filter expressions: which frames, streams, packets, … somebody wants to see.
//!
//! ```text
//! stream:3,5 type:DATA            both must hold
//! path:/img or status:404         either
//! not direction:client            everything else
//! length:>1000 time:20..40        comparisons and ranges
//! "style.css"                     a plain word, anywhere a person would read it
//! http2.header.value contains "css" && tcp.port == 443
//! ```
//!
//! The last line is Wireshark's own language, for the fields that most people know by heart. A field is asked of
//! whatever a row is about: a packet has the frames in it, a stream has its frames, and a comparison holds when it
//! holds for any of them. Where a field does not apply, a comparison is false, so `not` of it is true.

mod columns;
mod complete;
mod evaluate;
mod expression;
mod field;
mod nearest;
mod parse;
mod run;

pub use columns::{Cell, field_name};
pub use complete::{Completion, completions, is_begun};
pub use evaluate::{Evaluation, Subject};
pub use field::{FIELDS, FieldInfo, Kind};
pub use nearest::nearest_of;
pub use parse::{FilterError, Problem};
pub use run::Run;

use expression::Expression;

/// A filter expression that was understood.
#[derive(Clone, Debug)]
pub struct Filter {
    expression: Expression,
    text: String,
}

/// What reads the same asks the same.
impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Filter {
    /// Reads an expression. Nothing but white space is the filter that everything passes.
    ///
    /// # Errors
    ///
    /// [`FilterError`], with the place in `text`.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Ok(Self {
            expression: parse::parse(text)?,
            text: text.trim().to_owned(),
        })
    }

    /// The expression as it was written, without the white space around it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it searches for plain words, so that it matters how a row reads.
    pub fn has_words(&self) -> bool {
        self.expression.has_words()
    }

    /// Whether it asks for what rows say in their columns; `own` are those that mean something else there than in the
    /// rest of the capture.
    pub fn has_columns(&self, own: &[&str]) -> bool {
        self.expression.has_columns(own)
    }

    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        matches!(&self.expression, Expression::All(parts) if parts.is_empty())
    }
}

impl std::str::FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests;
