//! Rules of gRPC, which travels inside HTTP/2.

super::rules! {
    TIMEOUT_MALFORMED = "grpc-timeout-malformed", Error, Some("gRPC over HTTP/2, Requests"),
        "grpc-timeout is up to eight digits and a unit. A server that cannot read it does not know when the client stops waiting.";
    TE_MISSING = "grpc-te-missing", Warning, Some("gRPC over HTTP/2, Requests"),
        "A gRPC call ends with a status in trailers. With \"te: trailers\" the client says that trailers reach it; a proxy on the way may drop them otherwise.";
    STATUS_MALFORMED = "grpc-status-malformed", Error, Some("gRPC over HTTP/2, Responses"),
        "grpc-status is a number in decimal digits. Anything else leaves open whether the call succeeded.";
    HTTP_STATUS = "grpc-http-status", Error, Some("gRPC over HTTP/2, Responses"),
        "A gRPC answer has the HTTP status 200 whatever becomes of the call. Another one comes from something that does not speak gRPC, often a proxy.";
    STATUS_MISSING = "grpc-status-missing", Error, Some("gRPC over HTTP/2, Responses"),
        "Every call ends with grpc-status. Without it the client cannot know whether it has the whole answer.";
    CONTENT_TYPE = "grpc-content-type", Error, Some("gRPC over HTTP/2, Responses"),
        "Content types of gRPC begin with application/grpc. With another one the content is no gRPC, most often an error page.";
    BINARY_METADATA = "grpc-binary-metadata", Error, Some("gRPC over HTTP/2, Requests"),
        "Metadata whose name ends in -bin is written in base64, so that any bytes can travel in a header field. This value is not base64.";
    MESSAGE_CUT_SHORT = "grpc-message-cut-short", Error, Some("gRPC over HTTP/2, Requests: Length-Prefixed-Message"),
        "Each message begins with its length. The stream ended before that many bytes had come.";
    UNKNOWN_FLAGS = "grpc-unknown-flags", Error, Some("gRPC over HTTP/2, Requests: Length-Prefixed-Message"),
        "The first byte of a message's prefix says whether it is compressed, 0 or 1. No other value has a meaning.";
    COMPRESSED_WITHOUT_ENCODING = "grpc-compressed-without-encoding", Error, Some("gRPC over HTTP/2, Requests: Length-Prefixed-Message"),
        "A message says that it is compressed, but no grpc-encoding says how, so the receiver cannot read it.";
    UNKNOWN_ENCODING = "grpc-unknown-encoding", Note, Some("gRPC over HTTP/2, Requests: Length-Prefixed-Message"),
        "The messages are compressed in a way that is not known here, so they are shown as they were sent.";
    TOO_MANY_PINGS = "grpc-too-many-pings", Warning, Some("gRPC Keepalive"),
        "gRPC servers close a connection whose client sends PING more often than they allow, with GOAWAY and the text too_many_pings.";
    DEADLINE_NOT_INHERITED = "grpc-deadline-not-inherited", Warning, Some("gRPC Deadlines: Deadline Propagation"),
        "A server that calls another server while it works should hand its caller's deadline on. Without one, the second call may go on when nobody waits for it any more.";
    DEADLINE_LONGER_THAN_PARENT = "grpc-deadline-longer-than-parent", Warning, Some("gRPC Deadlines: Deadline Propagation"),
        "A call made while serving another has no use for more time than that one's caller waits: what comes later is thrown away.";
}
