//! The 61 entries every HPACK decoder knows before the first byte. Source: RFC 7541 Appendix A.

use super::table::STATIC_ENTRIES;

/// The static table; the entry with index 1 comes first. Source: RFC 7541 Appendix A.
pub const STATIC_TABLE: [(&str, &str); STATIC_ENTRIES as usize] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

/// The name and value of a static entry; `None` unless the index is 1 to 61.
#[inline]
#[must_use]
pub fn entry(index: u32) -> Option<(&'static str, &'static str)> {
    let position = usize::try_from(index.checked_sub(1)?).ok()?;
    STATIC_TABLE.get(position).copied()
}

/// Where the static table holds a field, or at least its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaticMatch {
    /// 1 to 61: the entry with this name and value, else the first with this name.
    pub index: u8,
    /// True when the value matches too.
    pub whole: bool,
}

/// Looks for a field the way an encoder does: the whole field if it is there, else its name.
///
/// Names are compared octet by octet; RFC 9113 §8.2 wants them in lower case already.
#[must_use]
pub fn find(name: &[u8], value: &[u8]) -> Option<StaticMatch> {
    let mut first_with_name = None;
    for (index, (entry_name, entry_value)) in (1..).zip(STATIC_TABLE) {
        // Slices of different lengths differ without reading them, so most rows cost one comparison.
        if entry_name.as_bytes() == name {
            if entry_value.as_bytes() == value {
                return Some(StaticMatch { index, whole: true });
            }
            first_with_name.get_or_insert(StaticMatch {
                index,
                whole: false,
            });
        } else if first_with_name.is_some() {
            // Entries that share a name stand together.
            break;
        }
    }
    first_with_name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_those_of_appendix_a() {
        assert_eq!(entry(0), None);
        assert_eq!(entry(1), Some((":authority", "")));
        assert_eq!(entry(8), Some((":status", "200")));
        assert_eq!(entry(16), Some(("accept-encoding", "gzip, deflate")));
        assert_eq!(entry(33), Some(("date", "")));
        assert_eq!(entry(61), Some(("www-authenticate", "")));
        assert_eq!(entry(62), None);
        assert_eq!(entry(u32::MAX), None);
    }

    #[test]
    fn the_whole_field_is_preferred_to_the_first_with_its_name() {
        let whole = |index| Some(StaticMatch { index, whole: true });
        let name_only = |index| {
            Some(StaticMatch {
                index,
                whole: false,
            })
        };
        assert_eq!(find(b":method", b"POST"), whole(3));
        assert_eq!(find(b":method", b"PUT"), name_only(2));
        assert_eq!(find(b":status", b"500"), whole(14));
        assert_eq!(find(b":status", b"302"), name_only(8));
        assert_eq!(find(b"cookie", b""), whole(32));
        assert_eq!(find(b"x-custom", b""), None);
    }

    #[test]
    fn every_entry_finds_itself_and_equal_names_stand_together() {
        for (index, (name, value)) in (1..).zip(STATIC_TABLE) {
            let found = find(name.as_bytes(), value.as_bytes());
            assert_eq!(found, Some(StaticMatch { index, whole: true }));
        }
    }
}
