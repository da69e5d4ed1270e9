//! The life of a stream as a state machine: a state, an event, the next state.

/// The state of a stream as both endpoints together see it.
///
/// ```text
///                  PUSH_PROMISE            HEADERS
///      reserved <--------------- idle ----------------> open
///          |                                              |
///          | HEADERS of the promiser                      | END_STREAM of one side
///          v                                              v
///     half-closed (the other side)                   half-closed (that side)
///          |                                              |
///          |    END_STREAM of the other, RST_STREAM,      |
///          +--> GOAWAY below it, end of the connection <--+
///                               |
///                               v
///                            closed
/// ```
///
/// An endpoint's own view has "local" and "remote" and follows half a round trip later; what was
/// seen on the wire is the same for both. `S` says who a side is.
///
/// Source: RFC 9113 §5.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StreamState<S> {
    /// Named by nothing, or by frames that open nothing, such as `PRIORITY`.
    #[default]
    Idle,
    /// Promised by `PUSH_PROMISE`, nothing sent on it yet.
    Reserved,
    /// Both sides may send.
    Open,
    /// This side has sent END_STREAM, the other may still send.
    HalfClosed(S),
    /// Neither side sends any more.
    Closed,
}

/// What happens to a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEvent<S> {
    /// `PUSH_PROMISE` on another stream names it.
    Promised,
    /// `HEADERS`, complete with its `CONTINUATION`s; `receiver` is the side that did not send it.
    Headers {
        /// Who receives it.
        receiver: S,
    },
    /// `DATA` on a stream whose opening was not seen: it must have been open.
    DataUnannounced,
    /// END_STREAM of this side.
    EndStream(S),
    /// `RST_STREAM`, a `GOAWAY` that leaves it out, or the end of the connection.
    CutOff,
}

impl<S: Copy + PartialEq> StreamState<S> {
    /// The state after an event. An event that is out of place leaves the state as it is.
    #[must_use]
    pub fn after(self, event: StreamEvent<S>) -> Self {
        match (self, event) {
            (Self::Idle, StreamEvent::Promised) => Self::Reserved,
            (Self::Idle, StreamEvent::Headers { .. } | StreamEvent::DataUnannounced) => Self::Open,
            (Self::Reserved, StreamEvent::Headers { receiver }) => Self::HalfClosed(receiver),
            (Self::Idle | Self::Open, StreamEvent::EndStream(side)) => Self::HalfClosed(side),
            (Self::HalfClosed(ended), StreamEvent::EndStream(side)) if ended != side => {
                Self::Closed
            }
            (_, StreamEvent::CutOff) => Self::Closed,
            (state, _) => state,
        }
    }

    /// The word of RFC 9113 §5.1, without "local" or "remote": those depend on who is asked.
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Reserved => "reserved",
            Self::Open => "open",
            Self::HalfClosed(_) => "half-closed",
            Self::Closed => "closed",
        }
    }

    /// Whether it is neither idle nor closed.
    pub fn is_active(self) -> bool {
        !matches!(self, Self::Idle | Self::Closed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum End {
        Client,
        Server,
    }

    fn life(events: &[StreamEvent<End>]) -> Vec<&'static str> {
        let mut state = StreamState::default();
        let mut names = vec![state.name()];
        for &event in events {
            state = state.after(event);
            names.push(state.name());
        }
        names
    }

    #[test]
    fn a_request_and_its_response_close_a_stream_by_halves() {
        let request = StreamEvent::Headers {
            receiver: End::Server,
        };
        let response = StreamEvent::Headers {
            receiver: End::Client,
        };
        let end = StreamEvent::EndStream;
        assert_eq!(
            life(&[request, end(End::Client), response, end(End::Server)]),
            ["idle", "open", "half-closed", "half-closed", "closed"]
        );
        // The same side's END_STREAM twice is out of place.
        assert_eq!(
            life(&[request, end(End::Client), end(End::Client)]),
            ["idle", "open", "half-closed", "half-closed"]
        );
    }

    #[test]
    fn a_promise_is_reserved_until_its_response_begins() {
        let response = StreamEvent::Headers {
            receiver: End::Client,
        };
        let end = StreamEvent::EndStream(End::Server);
        assert_eq!(
            life(&[StreamEvent::Promised, response, end]),
            ["idle", "reserved", "half-closed", "closed"]
        );
        assert_eq!(
            life(&[StreamEvent::Promised, StreamEvent::CutOff, response]),
            ["idle", "reserved", "closed", "closed"]
        );
    }
}
