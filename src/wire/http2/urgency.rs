//! The `Priority` field of RFC 9218, in a request's headers and in `PRIORITY_UPDATE`.

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
    /// Reads a field value, a dictionary of RFC 8941 such as `u=1, i`. A member that is unknown, of
    /// another type or out of range counts as absent; of the same one twice, the last counts.
    pub fn parse(field_value: &[u8]) -> Self {
        let mut read = Self::default();
        for member in field_value.split(|&byte| byte == b',') {
            let item = member
                .split(|&byte| byte == b';')
                .next()
                .unwrap_or_default();
            match item.trim_ascii() {
                [b'u', b'=', digit @ b'0'..=b'7'] => read.urgency = digit - b'0',
                b"i" | b"i=?1" => read.incremental = true,
                b"i=?0" => read.incremental = false,
                _ => {}
            }
        }
        read
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
        assert_eq!(read("u=8, u=-1, u=\"2\", I, a=b"), (3, false));
    }
}
