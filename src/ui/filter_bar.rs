//! The filter bar: an expression that decides which frames and streams are listed, and leads from match to match.

use crate::filter::{Filter, FilterError};

mod field;
mod steps;

pub use field::{LABEL, filter_ui};
pub use steps::{Found, count_text, step};

/// What the filter bar alone understands.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Filter by this expression from now on; nothing but white space shows everything. What is not understood leaves
    /// the filter before it in force.
    Set(String),
    /// This is being typed and its last word is only begun: the filter before it stays in force.
    Type(String),
    /// Begin to type.
    Focus,
    /// Select the next frame that passes.
    Next,
    /// Select the previous frame that passes.
    Previous,
}

/// What is being typed.
#[derive(Clone, Debug, Default)]
pub struct Input {
    text: String,
    error: Option<FilterError>,
    wants_focus: bool,
    /// What the last step from match to match had to say.
    said: Option<&'static str>,
}

impl Input {
    /// Takes an expression. Answers the filter from now on: what was in force before when the expression is not
    /// understood, `None` when it lets everything pass.
    pub fn set(&mut self, text: &str, before: Option<Filter>) -> Option<Filter> {
        self.begin(text);
        match Filter::parse(text) {
            Ok(filter) => Some(filter).filter(|filter| !filter.is_empty()),
            Err(error) => {
                self.error = Some(error);
                before
            }
        }
    }

    /// Takes what is being typed, which decides nothing yet.
    pub fn begin(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.error = None;
        self.said = None;
    }

    /// The next picture gives the field the keyboard.
    pub fn focus(&mut self) {
        self.wants_focus = true;
    }

    /// Takes in what a step from match to match had to say.
    pub fn say(&mut self, said: Option<&'static str>) {
        self.said = said;
    }

    /// The expression as it stands in the field.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is wrong with it.
    pub fn error(&self) -> Option<&FilterError> {
        self.error.as_ref()
    }
}

#[cfg(test)]
mod tests;
