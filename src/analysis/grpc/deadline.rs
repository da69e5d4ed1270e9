//! Whether a call that reports that its time is over had used its time up.
//!
//! A status of `DEADLINE_EXCEEDED` tells of some deadline, which need not be the call's own: a server may have limits
//! itself, or hands on what a call told that it made in turn.

use crate::wire::grpc::{GrpcStatus, Timeout};

/// A deadline that was over, and not at the time of the call's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherDeadline {
    /// The call has none of its own.
    Without,
    /// So many nanoseconds of the call's own time were left.
    Early(i64),
    /// The call's own time had been over for so many nanoseconds.
    Late(i64),
}

/// How far from the call's own deadline its end may be before that is said, beside one part in twenty of the timeout.
/// Our choice: a status may be on its way, and libraries round the time up.
const TOLERANCE_NS: i64 = 20_000_000;

/// Judges a status that came. `timeout` is `None` when the caller gave none.
pub(super) fn other_deadline(
    status: GrpcStatus,
    timeout: Option<Timeout>,
    started_ns: i64,
    ended_ns: i64,
) -> Option<OtherDeadline> {
    if status != GrpcStatus::DEADLINE_EXCEEDED {
        return None;
    }
    let Some(timeout) = timeout else {
        return Some(OtherDeadline::Without);
    };
    let took_ns = ended_ns.saturating_sub(started_ns);
    let left_ns = timeout.ns().saturating_sub(took_ns);
    let tolerance_ns = TOLERANCE_NS.saturating_add(timeout.ns() / 20);
    if left_ns > tolerance_ns {
        Some(OtherDeadline::Early(left_ns))
    } else if left_ns < -tolerance_ns {
        Some(OtherDeadline::Late(left_ns.saturating_neg()))
    } else {
        None
    }
}

impl OtherDeadline {
    /// The word of `OUTPUT.md`.
    pub fn name(self) -> &'static str {
        match self {
            OtherDeadline::Without => "without",
            OtherDeadline::Early(_) => "early",
            OtherDeadline::Late(_) => "late",
        }
    }

    /// How far from the call's own deadline.
    pub fn by_ns(self) -> Option<i64> {
        match self {
            OtherDeadline::Without => None,
            OtherDeadline::Early(by_ns) | OtherDeadline::Late(by_ns) => Some(by_ns),
        }
    }

    /// What it tells, and where to look: one sentence.
    pub fn sentence(self) -> String {
        let ms = |ns: i64| ns / 1_000_000;
        match self {
            OtherDeadline::Without => {
                "The call has no deadline of its own, so DEADLINE_EXCEEDED tells of another one: a limit \
                 of the server's, or that of a call which the server makes in turn."
                    .to_owned()
            }
            OtherDeadline::Early(by_ns) => format!(
                "DEADLINE_EXCEEDED came {} ms before the call's own deadline, so it tells of another one: a \
                 limit of the server's, or that of a call which the server makes in turn.",
                ms(by_ns)
            ),
            OtherDeadline::Late(by_ns) => format!(
                "DEADLINE_EXCEEDED came {} ms after the call's own deadline: until then neither side had \
                 given the call up.",
                ms(by_ns)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: GrpcStatus, timeout: Option<&str>, took_ms: i64) -> Option<OtherDeadline> {
        let timeout = timeout.map(|text| Timeout::parse(text.as_bytes()).unwrap());
        other_deadline(status, timeout, 7, took_ms * 1_000_000 + 7)
    }

    #[test]
    fn a_status_that_comes_when_the_time_is_over_is_the_calls_own() {
        let over = GrpcStatus::DEADLINE_EXCEEDED;
        assert_eq!(judged(over, Some("400m"), 400), None);
        assert_eq!(judged(over, Some("400m"), 365), None);
        assert_eq!(judged(over, Some("400m"), 435), None);
        assert_eq!(judged(GrpcStatus::OK, Some("400m"), 5), None);
        assert_eq!(judged(GrpcStatus::UNAVAILABLE, None, 5), None);
    }

    #[test]
    fn another_deadline_is_told_by_how_far_it_is_off() {
        let over = GrpcStatus::DEADLINE_EXCEEDED;
        let early = judged(over, Some("3S"), 250).unwrap();
        assert_eq!(early, OtherDeadline::Early(2_750_000_000));
        assert!(early.sentence().contains("2750 ms before"));
        let late = judged(over, Some("100m"), 300).unwrap();
        assert_eq!((late.name(), late.by_ns()), ("late", Some(200_000_000)));
        assert_eq!(judged(over, None, 300), Some(OtherDeadline::Without));
        // The longest timeout there is.
        assert!(judged(over, Some("99999999H"), 0).is_some());
    }
}
