//! Rules about messages of HTTP/1.1, above all about where each of them ends.

super::rules! {
    NO_START_LINE = "http1-no-start-line", Error, Some("RFC 9112 §2.1"),
        "A message begins with a request line or a status line. Where something else comes, the two sides do not agree where the message before it ended, or it is no HTTP at all.";
    HEAD_TOO_LONG = "http1-head-too-long", Warning, Some("RFC 9110 §5.4"),
        "A head may be as long as its receiver can bear: servers allow 8 to 64 KiB and answer 431 to more. This one is not read to its end.";
    BARE_LINE_FEED = "http1-bare-line-feed", Note, Some("RFC 9112 §2.2"),
        "Lines of a head end in CR LF. Many programs also take LF alone; those that do not see another head.";
    FOLDED_FIELD = "http1-folded-field", Error, Some("RFC 9112 §5.2"),
        "Long ago a field could go on in the next line behind white space. Programs that do not know it any more see two lines, so nobody may send it.";
    SPACE_BEFORE_COLON = "http1-space-before-colon", Error, Some("RFC 9112 §5.1"),
        "White space between a field's name and its colon is part of the name for one program and nothing for another. Requests have been smuggled with it, so a server has to refuse it.";
    NO_FIELD = "http1-no-field", Error, Some("RFC 9112 §5"),
        "Each line of a head behind the first is a name, a colon and a value. What is not is ignored by some receivers and refused by others.";
    CONTROL_CHARACTER = "http1-control-character", Error, Some("RFC 9110 §5.5"),
        "CR, NUL and other control characters have no place in a field. Some programs end the line at them, others cut the value off.";
    SPACE_IN_TARGET = "http1-space-in-target", Error, Some("RFC 9112 §3.2"),
        "A request's target has no white space: a line with more than two spaces has more than one reading. A space in a URL is written as %20.";
    HOST_MISSING = "http1-host-missing", Error, Some("RFC 9112 §3.2"),
        "A request of HTTP/1.1 names the host it is for, exactly once: one address serves many hosts. A server answers 400 otherwise.";
    LENGTH_AND_ENCODING = "http1-length-and-encoding", Error, Some("RFC 9112 §6.2"),
        "Content-Length and Transfer-Encoding both say where a body ends, and they may say different places. A proxy that believes one and a server that believes the other can be made to see different requests, which is request smuggling. Transfer-Encoding wins.";
    DIFFERENT_LENGTHS = "http1-different-lengths", Error, Some("RFC 9112 §6.3"),
        "There is one body, so there is one length. Of two programs on the way one may believe the first and the other the last. Here the first is taken.";
    LENGTH_UNREADABLE = "http1-length-unreadable", Error, Some("RFC 9110 §8.6"),
        "Content-Length is a number of bytes in decimal digits, without a sign. What one program skips over and another reads as zero is a way to smuggle requests.";
    CHUNKED_NOT_LAST = "http1-chunked-not-last", Error, Some("RFC 9112 §6.3"),
        "Only chunks tell where a body with a transfer coding ends, so chunked is the last coding. Without it a response lasts until the connection is closed, and a request has no end that anybody can know.";
    ENCODING_IN_OLD_VERSION = "http1-encoding-in-old-version", Error, Some("RFC 9112 §6.1"),
        "HTTP/1.0 does not know Transfer-Encoding. A program of that age on the way would take the chunks for content, so the connection cannot be used any more.";
    BODY_WHERE_NONE = "http1-body-where-none", Error, Some("RFC 9112 §6.1"),
        "Responses with status 1xx and 204 have no body, so they must not say how long it is. A client that believes the field waits for content that never comes.";
    BAD_CHUNK = "http1-bad-chunk", Error, Some("RFC 9112 §7.1"),
        "Chunked content is pieces, each behind a line with its size in hexadecimal digits and followed by CR LF. Where that is damaged nobody knows where the message ends.";
    MESSAGE_CUT = "http1-message-cut", Warning, Some("RFC 9112 §8"),
        "The connection was closed before the message had come to its end. What came of it must not be taken for all of it.";
    RESPONSE_WITHOUT_REQUEST = "http1-response-without-request", Note, Some("RFC 9112 §9.2"),
        "Responses come in the order of requests, and nothing else tells what they answer. A response when no request waits for one is sent by servers that have become tired of waiting (408), or its request is not in the capture.";
    TUNNEL = "http1-tunnel", Note, Some("RFC 9110 §7.8"),
        "From here on the connection carries another protocol: the server switched to it (101) or opened a tunnel (CONNECT). Its bytes are not read as HTTP/1.1.";
    RESUMED = "http1-resumed", Note, None,
        "After a hole in a head or in the framing of chunks, and when a capture begins in the middle of a message, nothing says where the next message begins. A segment that begins with a whole request line or status line is taken as proof.";
}
