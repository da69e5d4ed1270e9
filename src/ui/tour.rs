//! The built-in tour: small captures of real programs that ship inside the binary, each with what
//! there is to see in it.

/// One capture of the tour.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    /// The file's name in `captures/`.
    pub file: &'static str,
    /// What it is about, in a few words.
    pub title: &'static str,
    /// What to look for, in a sentence.
    pub look_for: &'static str,
    /// The capture.
    pub bytes: &'static [u8],
    /// The notes that come with it: see [`crate::notes::sidecar`].
    pub notes: &'static str,
}

macro_rules! stop {
    ($file:literal, $title:literal, $look_for:literal) => {
        stop!($file, $title, $look_for, r#"{"version":1,"notes":[]}"#)
    };
    ($file:literal, $title:literal, $look_for:literal, $notes:expr) => {
        Stop {
            file: $file,
            title: $title,
            look_for: $look_for,
            bytes: include_bytes!(concat!("../../captures/", $file)),
            notes: $notes,
        }
    };
}

/// The captures in the order in which they are best seen.
pub const STOPS: &[Stop] = &[
    stop!(
        "downloads.pcapng",
        "Parallel downloads",
        "Six files asked for at once share one connection: watch their DATA frames take turns.",
        include_str!("../../captures/downloads.pcapng.notes.json")
    ),
    stop!(
        "priorities.pcapng",
        "A page with priorities",
        "A client hangs its requests into a tree; the server answers what matters first."
    ),
    stop!(
        "push.pcap",
        "Server push",
        "The server promises four files with PUSH_PROMISE before anybody asks for them."
    ),
    stop!(
        "grpc-user-service.pcapng",
        "A gRPC service",
        "The four kinds of call: one or many messages in either direction, each on its own stream."
    ),
    stop!(
        "grpc-chain.pcapng",
        "A chain of gRPC services",
        "A asks B, and B asks C for it: who made which call, and how much of the deadline was left."
    ),
    stop!(
        "grpc-errors.pcapng",
        "gRPC calls that fail",
        "Every status code, details of an error, deadlines that pass, a call that is cancelled."
    ),
    stop!(
        "lossy.pcapng",
        "A wire that loses packets",
        "One lost segment holds up every stream behind it: head-of-line blocking in TCP."
    ),
    stop!(
        "lossy-sender.pcapng",
        "Losses as the sender sees them",
        "Nothing is missing here; acknowledgments tell what the receiver waits for, on every stream."
    ),
    stop!(
        "mid-connection.pcapng",
        "Joined in the middle",
        "The beginning was missed, so some header fields are known only by their place in a table."
    ),
    stop!(
        "upgrade.pcapng",
        "Upgraded from HTTP/1.1",
        "The first request is HTTP/1.1 and asks for an upgrade to h2c; the answer is already HTTP/2."
    ),
    stop!(
        "large-headers.pcapng",
        "Seldom seen, but allowed",
        "CONTINUATION, padding, trailers, table size updates, an unknown frame type, a GOAWAY with a text."
    ),
    stop!(
        "tls.pcapng",
        "Encrypted",
        "What TLS shows without its keys: versions, names and the protocol that was agreed on."
    ),
];
