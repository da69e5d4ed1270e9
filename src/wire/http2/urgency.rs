//! The `Priority` field of RFC 9218, in a request's headers and in `PRIORITY_UPDATE`.

use crate::wire::structured_fields::{DictionaryError, Member, dictionary};

/// How urgent a response is, and whether its parts are useful as they come. Source: RFC 9218 §4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Urgency {
    /// 0 is most urgent, 7 least. Source: RFC 9218 §4.1.
    pub urgency: u8,
    /// Whether it may be sent in turns with others of the same urgency. Source: RFC 9218 §4.2.
    pub incremental: bool,
}

impl Default for Urgency {
    fn default() -> Self {
        Self {
            urgency: 3,
            incremental: false,
        }
    }
}

impl Urgency {
    /// Reads a field value, a dictionary such as `u=1, i`. A member that is unknown, of another type or out of range
    /// counts as absent; of the same one twice, the last counts; a value that is no dictionary says nothing at all.
    pub fn parse(field_value: &[u8]) -> Self {
        Self::read(field_value).map_or_else(|_| Self::default(), |(urgency, _)| urgency)
    }

    /// Reads a field value, and says which of its two members is there but means nothing.
    ///
    /// # Errors
    ///
    /// [`DictionaryError`] when the value is no dictionary of RFC 8941, so that receivers ignore all of it.
    ///
    /// Source: RFC 9218 §4 (what is ignored), §5 (the grammar).
    pub fn read(field_value: &[u8]) -> Result<(Self, Option<&'static str>), DictionaryError> {
        let mut read = Self::default();
        let mut ignored = None;
        for (key, member) in dictionary(field_value)? {
            match (key, member) {
                (b"u", Member::Integer(urgency @ 0..=7)) => {
                    read.urgency = u8::try_from(urgency).unwrap_or(read.urgency);
                }
                (b"i", Member::Boolean(incremental)) => read.incremental = incremental,
                (b"u", _) => ignored = Some("u"),
                (b"i", _) => ignored = Some("i"),
                _ => {}
            }
        }
        Ok((read, ignored))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_and_others_left_alone() {
        let read = |text: &str| {
            let urgency = Urgency::parse(text.as_bytes());
            (urgency.urgency, urgency.incremental)
        };
        assert_eq!(read(""), (3, false));
        assert_eq!(read("u=1, i"), (1, true));
        assert_eq!(read("i=?1;x=2,u=7"), (7, true));
        assert_eq!(read("u=5, u=0, i, i=?0"), (0, false));
        assert_eq!(read("u=8, a=b, i=1"), (3, false));
        assert_eq!(
            read("u=2, u=8"),
            (3, false),
            "the last is out of range, and the only one"
        );
        assert_eq!(
            read("u=1, I"),
            (3, false),
            "one mistake, and nothing counts"
        );
    }

    #[test]
    fn what_receivers_ignore_is_named() {
        let ignored = |text: &str| Urgency::read(text.as_bytes()).unwrap().1;
        assert_eq!(ignored("u=7, i, other=5"), None);
        assert_eq!(ignored("u=8"), Some("u"));
        assert_eq!(ignored("u=2.0"), Some("u"));
        assert_eq!(ignored("i=1, u=0"), Some("i"));
        assert!(Urgency::read(b"u=1; i=").is_err());
    }
}
