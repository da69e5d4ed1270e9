//! What a gRPC status means, which HTTP status is most like it, and what to do about it. The texts are data:
//! `assets/grpc_status.json`.

use crate::wire::grpc::GrpcStatus;
use crate::wire::grpc::status::{Explanation, explanation};

/// Name and number: `DEADLINE_EXCEEDED (4)`.
pub fn title(status: GrpcStatus) -> String {
    match status.name() {
        Some(name) => format!("{name} ({})", status.0),
        None => format!("{} (a number without a meaning in gRPC)", status.0),
    }
}

/// The HTTP status that is most like it: `504 Gateway Timeout`.
pub fn http_words(explained: &Explanation) -> String {
    format!("{} {}", explained.http, explained.http_name)
}

/// Whether the same call may succeed when it is made again.
pub fn retry_words(explained: &Explanation) -> &'static str {
    match (explained.code, explained.retry) {
        (0, _) => "not needed",
        (_, true) => "it may succeed later, or elsewhere",
        (_, false) => "the same call would fail again",
    }
}

/// All of it for hovering, a line each; empty for a status without a name.
pub fn hover_text(status: GrpcStatus) -> String {
    explanation(status).map_or_else(String::new, |explained| {
        format!(
            "{}: {}\nMost like HTTP {}.\nWhat to do: {}",
            title(status),
            explained.meaning,
            http_words(explained),
            explained.what_to_do
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_status_is_explained_with_what_to_do() {
        for status in GrpcStatus::named() {
            let text = hover_text(status);
            assert_eq!(text.lines().count(), 3, "{text}");
            assert!(text.starts_with(&title(status)));
        }
        assert!(hover_text(GrpcStatus(4)).contains("HTTP 504 Gateway Timeout"));
        assert_eq!(hover_text(GrpcStatus(99)), "");
    }
}
