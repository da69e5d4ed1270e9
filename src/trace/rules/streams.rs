//! Rules about a stream's life, its windows, and the messages on it.

super::rules! {
    STREAM_ID_PARITY = "stream-id-parity", Error, Some("RFC 9113 §5.1.1"),
        "Clients open streams with odd numbers, servers with even ones. So both can open streams at any time without asking and never choose the same number.";
    STREAM_ID_NOT_INCREASING = "stream-id-not-increasing", Error, Some("RFC 9113 §5.1.1"),
        "Each new stream has a higher number than all that its side opened before, and numbers are never used again: a late frame can never hit a stream that it was not meant for.";
    FRAME_ON_IDLE_STREAM = "frame-on-idle-stream", Error, Some("RFC 9113 §5.1"),
        "Nobody has opened this stream yet. HEADERS or PUSH_PROMISE opens one; before that, only PRIORITY may name it.";
    FRAME_ON_RESERVED_STREAM = "frame-on-reserved-stream", Error, Some("RFC 9113 §5.1"),
        "A promised stream is only reserved until its response begins. The server may send HEADERS, RST_STREAM or PRIORITY there, and nothing else.";
    FRAME_AFTER_END_STREAM = "frame-after-end-stream", Error, Some("RFC 9113 §5.1"),
        "END_STREAM was this side's promise to send no more on the stream. Its half is closed: only WINDOW_UPDATE, PRIORITY and RST_STREAM may follow.";
    FRAME_AFTER_OWN_RESET = "frame-after-own-reset", Error, Some("RFC 9113 §5.1"),
        "Who sends RST_STREAM gives the stream up at once. The other side may not know yet, but the sender does, and sends nothing more there.";
    FRAME_AFTER_PEER_RESET = "frame-after-peer-reset", Error, Some("RFC 9113 §5.1"),
        "The stream was reset by the other side, and this sender has shown since (by an ACK, or by an answer to something later) that it had read so. Before that, frames may cross on the wire and are no fault.";
    UPDATE_ON_CLOSED_STREAM = "update-on-closed-stream", Note, Some("RFC 9113 §5.1"),
        "WINDOW_UPDATE or another RST_STREAM on a stream that its sender knows to be closed. It has no effect, and receivers put up with it for a while.";
    TOO_MANY_STREAMS = "too-many-streams", Error, Some("RFC 9113 §5.1.2"),
        "SETTINGS_MAX_CONCURRENT_STREAMS of the receiver, which the sender acknowledged, says how many of its streams may be open at once. The receiver refuses the rest.";
    STREAM_AFTER_GOAWAY = "stream-after-goaway", Error, Some("RFC 9113 §6.8"),
        "GOAWAY announces the end of the connection. Who has read it opens no further stream there, since it would be ignored: the request belongs on a new connection.";
    GOAWAY_LAST_STREAM_RISES = "goaway-last-stream-rises", Error, Some("RFC 9113 §6.8"),
        "A second GOAWAY may name a lower last stream, never a higher one: the client may already have repeated the requests above it elsewhere, and they would be done twice.";
    ANSWER_AFTER_GOAWAY = "answer-after-goaway", Warning, Some("RFC 9113 §6.8"),
        "GOAWAY names the last request that its sender deals with. The client may send those above it again elsewhere; when this server answers them after all, they are done twice.";
    GOES_ON_AFTER_ERROR = "goes-on-after-error", Error, Some("RFC 9113 §5.4.1"),
        "GOAWAY with an error code says that the connection is in a state that nobody can rely on. Its sender then closes the TCP connection; what it still sends may be misread.";
    DATA_BEFORE_HEADERS = "data-before-headers", Error, Some("RFC 9113 §8.1"),
        "A response begins with HEADERS. Content without them cannot be understood: neither its status nor its type is known.";
    INTERIM_WITH_END_STREAM = "interim-with-end-stream", Error, Some("RFC 9113 §8.1"),
        "A response with a 1xx status only says that the real one is still to come, so it cannot end the stream.";
    TRAILERS_WITHOUT_END_STREAM = "trailers-without-end-stream", Error, Some("RFC 9113 §8.1"),
        "A second header block after a request or a final response is its trailers, and trailers are the end of a message: they carry END_STREAM.";
    CONTENT_LENGTH_MISMATCH = "content-length-mismatch", Error, Some("RFC 9113 §8.1.1"),
        "content-length says how many bytes of content the DATA frames bring. When the sum differs, a proxy that goes by one number and a server that goes by the other disagree where a message ends: that is request smuggling.";
    CONTENT_NOT_ALLOWED = "content-not-allowed", Error, Some("RFC 9110 §6.4.1"),
        "The response to HEAD, and those with status 204, 205 and 304, have no content. In HTTP/1.1 whoever reads on would take such bytes for the next response.";
    FRAME_ON_TUNNEL = "frame-on-tunnel", Error, Some("RFC 9113 §8.5"),
        "After CONNECT the stream is a tunnel: its DATA is another protocol's bytes, and only frames that manage the stream may come beside it.";
    WINDOW_EXCEEDED = "window-exceeded", Error, Some("RFC 9113 §6.9.1"),
        "A receiver grants bytes with WINDOW_UPDATE, for each stream and for the connection. This sender sent DATA beyond all that had been granted, which the receiver need not have room for.";
    WINDOW_OVERFLOW = "window-overflow", Error, Some("RFC 9113 §6.9.1"),
        "A window never exceeds 2,147,483,647 bytes (31 bits). Above that, an endpoint that counts with 32-bit numbers gets a negative window.";
    WINDOW_UPDATE_ZERO = "window-update-zero", Error, Some("RFC 9113 §6.9"),
        "A WINDOW_UPDATE that grants 0 bytes says nothing. It is forbidden because it would cost the receiver work for nothing, again and again.";
}
