//! Rules about gRPC calls: their headers, messages, trailers and deadlines.

super::rules! {
    TIMEOUT_MALFORMED = "grpc-timeout-malformed", Error, Some("gRPC over HTTP/2, Requests"),
        "grpc-timeout is at most eight digits and one of the units H, M, S, m, u and n. A server that cannot read it does not know how long the caller waits.";
    TE_MISSING = "grpc-te-missing", Warning, Some("gRPC over HTTP/2, Requests"),
        "A request says te: trailers, so that a server notices proxies on the way that would drop trailers, and with them the status of the call.";
    BINARY_METADATA = "grpc-binary-metadata", Error, Some("gRPC over HTTP/2, Requests"),
        "A name that ends in -bin promises bytes in base64, since a header field cannot hold them as they are. What is not base64 cannot be handed to the program.";
    STATUS_MISSING = "grpc-status-missing", Error, Some("gRPC over HTTP/2, Responses"),
        "Each call ends with trailers that say how it went. Without grpc-status the caller cannot tell a whole answer from one that broke off, and reports UNKNOWN.";
    STATUS_MALFORMED = "grpc-status-malformed", Error, Some("gRPC over HTTP/2, Responses"),
        "grpc-status is a number in decimal digits. Libraries that meet anything else report UNKNOWN.";
    HTTP_STATUS = "grpc-http-status", Error, Some("gRPC over HTTP/2, Responses"),
        "A gRPC server answers with HTTP status 200 even when the call fails. Another status comes from something in between, such as a proxy that found no server.";
    CONTENT_TYPE = "grpc-content-type", Error, Some("gRPC over HTTP/2, Responses"),
        "The answer to a gRPC request has a content type that begins with application/grpc. Anything else was not written by a gRPC server.";
    MESSAGE_CUT_SHORT = "grpc-message-cut-short", Error, Some("gRPC over HTTP/2, Requests: Length-Prefixed-Message"),
        "Before each message stands its length. A stream that ends before so many bytes have come leaves a message that nobody can read.";
    UNKNOWN_FLAGS = "grpc-unknown-flags", Error, Some("gRPC over HTTP/2, Requests: Length-Prefixed-Message"),
        "The first byte of a message says whether it is compressed: 0 or 1. Other bits have no meaning; often they show that this is no gRPC message at all.";
    COMPRESSED_WITHOUT_ENCODING = "grpc-compressed-without-encoding", Error, Some("gRPC Compression"),
        "A message may only be marked as compressed when grpc-encoding says how. Receivers answer INTERNAL, since they cannot unpack it.";
    UNKNOWN_ENCODING = "grpc-unknown-encoding", Note, Some("gRPC Compression"),
        "The two agreed on a compression of their own. It is no fault, but what the messages say cannot be shown.";
    CONTENT_CODING = "grpc-content-coding", Warning, Some("RFC 9110 §8.4"),
        "Something that knows only HTTP compressed the content of this call as a whole, with all its messages. It is unpacked before messages are told apart; here that stopped, so what comes behind is unknown.";
    TOO_MANY_PINGS = "grpc-too-many-pings", Warning, Some("gRPC Keepalive"),
        "A client asks with PING whether the server is still there. Servers allow that only so often, and end the connection of one that asks more, with all its calls.";
    DEADLINE_UNHEEDED = "grpc-deadline-unheeded", Note, Some("gRPC Deadlines"),
        "When the time of a call is over, client and server both give it up. Here neither did, so work went on for an answer that the caller may no longer want.";
    OTHER_DEADLINE = "grpc-deadline-of-another", Note, Some("gRPC Deadlines"),
        "DEADLINE_EXCEEDED says that some deadline is over, which need not be the call's own: a server may set itself a limit, or hand on what a call told that it made in turn. To allow more time for this call does not help then.";
    DEADLINE_NOT_INHERITED = "grpc-deadline-not-inherited", Warning, Some("gRPC Deadlines: Deadline Propagation"),
        "A server that makes a call while it serves another one hands on the time that is left. Without, the call goes on for nobody when the first caller has given up.";
    DEADLINE_LONGER = "grpc-deadline-longer-than-parent", Warning, Some("gRPC Deadlines: Deadline Propagation"),
        "A call that is made while serving another one cannot usefully take longer than the caller of that one waits: what comes later is thrown away.";
}
