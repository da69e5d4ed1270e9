//! Status codes: their names, and what an HTTP/2 end without one amounts to.

use crate::wire::http2::ErrorCode;
use std::fmt;

/// How a call ended. Every number is a value; only 0 to 16 have a name.
///
/// Source: `statuscodes.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GrpcStatus(pub u32);

#[expect(missing_docs, reason = "each is the name of statuscodes.md")]
impl GrpcStatus {
    /// The names, by number.
    pub const NAMES: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];

    pub const OK: Self = Self(0);
    pub const CANCELLED: Self = Self(1);
    pub const UNKNOWN: Self = Self(2);
    pub const DEADLINE_EXCEEDED: Self = Self(4);
    pub const PERMISSION_DENIED: Self = Self(7);
    pub const RESOURCE_EXHAUSTED: Self = Self(8);
    pub const UNIMPLEMENTED: Self = Self(12);
    pub const INTERNAL: Self = Self(13);
    pub const UNAVAILABLE: Self = Self(14);
    pub const UNAUTHENTICATED: Self = Self(16);
}

impl GrpcStatus {
    /// All that have a name, in order.
    pub fn named() -> impl Iterator<Item = Self> {
        (0..).map(Self).take(Self::NAMES.len())
    }

    /// Its name; `None` beyond 16.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMES.get(usize::try_from(self.0).ok()?).copied()
    }

    /// Reads the value of `grpc-status`; `None` when it is no number.
    pub fn parse(value: &[u8]) -> Option<Self> {
        if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let text = std::str::from_utf8(value).ok()?;
        Some(Self(text.parse().unwrap_or(u32::MAX)))
    }

    /// What a caller is told when the response is not gRPC's. Source: `http-grpc-status-mapping.md`.
    pub fn from_http_status(status: u16) -> Self {
        match status {
            400 => Self::INTERNAL,
            401 => Self::UNAUTHENTICATED,
            403 => Self::PERMISSION_DENIED,
            404 => Self::UNIMPLEMENTED,
            429 | 502..=504 => Self::UNAVAILABLE,
            _ => Self::UNKNOWN,
        }
    }

    /// What a caller is told when the stream was reset. Source: `PROTOCOL-HTTP2.md`, Errors.
    pub fn from_reset(error: ErrorCode) -> Self {
        match error {
            ErrorCode::REFUSED_STREAM => Self::UNAVAILABLE,
            ErrorCode::CANCEL => Self::CANCELLED,
            ErrorCode::ENHANCE_YOUR_CALM => Self::RESOURCE_EXHAUSTED,
            ErrorCode::INADEQUATE_SECURITY => Self::PERMISSION_DENIED,
            _ => Self::INTERNAL,
        }
    }
}

impl fmt::Display for GrpcStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "status {}", self.0),
        }
    }
}

/// What a person should know about a status, from `assets/grpc_status.json`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Explanation {
    /// The number.
    pub code: u32,
    /// The name.
    pub name: String,
    /// What it means, a sentence.
    pub meaning: String,
    /// The HTTP status that is most like it.
    pub http: u16,
    /// That status in words.
    pub http_name: String,
    /// What the caller can do.
    pub what_to_do: String,
    /// Whether the same call may succeed when it is made again, later or elsewhere.
    pub retry: bool,
}

/// The explanations of all named statuses, in order.
pub fn explanations() -> &'static [Explanation] {
    use std::sync::LazyLock;
    static EXPLANATIONS: LazyLock<Vec<Explanation>> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../../assets/grpc_status.json")).unwrap_or_default()
    });
    &EXPLANATIONS
}

/// The explanation of one status; `None` beyond 16.
pub fn explanation(status: GrpcStatus) -> Option<&'static Explanation> {
    explanations().iter().find(|entry| entry.code == status.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seventeen_statuses_have_a_name_and_an_explanation() {
        assert_eq!(GrpcStatus(0).name(), Some("OK"));
        assert_eq!(GrpcStatus(16).name(), Some("UNAUTHENTICATED"));
        assert_eq!(GrpcStatus(17).name(), None);
        assert_eq!(GrpcStatus(17).to_string(), "status 17");
        assert_eq!(explanations().len(), 17);
        for status in GrpcStatus::named() {
            let entry = explanation(status).unwrap();
            assert_eq!(Some(entry.name.as_str()), status.name());
            for text in [&entry.meaning, &entry.what_to_do] {
                assert!(text.ends_with('.'), "{text}");
            }
            assert!((200..600).contains(&entry.http));
        }
    }

    #[test]
    fn a_status_is_digits() {
        assert_eq!(GrpcStatus::parse(b"5"), Some(GrpcStatus(5)));
        assert_eq!(GrpcStatus::parse(b"007"), Some(GrpcStatus(7)));
        assert_eq!(
            GrpcStatus::parse(b"99999999999"),
            Some(GrpcStatus(u32::MAX))
        );
        for value in [&b""[..], b"-1", b"OK", b"1 ", b"\xff"] {
            assert_eq!(GrpcStatus::parse(value), None);
        }
    }

    #[test]
    fn what_is_not_grpc_is_told_as_a_status() {
        assert_eq!(
            GrpcStatus::from_http_status(404).name(),
            Some("UNIMPLEMENTED")
        );
        assert_eq!(
            GrpcStatus::from_http_status(503).name(),
            Some("UNAVAILABLE")
        );
        assert_eq!(GrpcStatus::from_http_status(418).name(), Some("UNKNOWN"));
        assert_eq!(
            GrpcStatus::from_reset(ErrorCode::CANCEL),
            GrpcStatus::CANCELLED
        );
        assert_eq!(
            GrpcStatus::from_reset(ErrorCode::NO_ERROR),
            GrpcStatus::INTERNAL
        );
    }
}
