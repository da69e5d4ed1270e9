//! How sure a conclusion is that a passive reader draws.

/// Whether a conclusion follows from what was captured, or is the best reading of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// Another explanation would fit as well, but is rarer.
    Likely,
    /// Nothing else fits what was captured.
    Certain,
}

impl Certainty {
    /// `certain` or `likely`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
        }
    }
}
