//! Rules about single frames: their header, length, stream and padding, and the order of a header block.

super::rules! {
    FIRST_FRAME_NOT_SETTINGS = "first-frame-not-settings", Error, Some("RFC 9113 §3.4"),
        "Each side begins with SETTINGS, so that the other knows from the first frame on that it speaks to HTTP/2 and by which limits; anything else there is a PROTOCOL_ERROR.";
    RESERVED_BIT_SET = "reserved-bit-set", Error, Some("RFC 9113 §4.1"),
        "The bit before the stream number is kept free for the future. Senders leave it 0 and receivers ignore it, so it can be given a meaning one day.";
    PAYLOAD_RESERVED_BIT_SET = "payload-reserved-bit-set", Note, Some("RFC 9113 §6.9"),
        "A 31-bit number in a payload has a free bit before it, which receivers ignore. Nothing breaks, but a sender that sets it may count with 32 bits.";
    UNDEFINED_FLAG = "undefined-flag", Error, Some("RFC 9113 §4.1"),
        "Flags without a meaning for a frame's type stay 0, so that a later document can define them. Receivers ignore them.";
    FRAME_TOO_LARGE = "frame-too-large", Error, Some("RFC 9113 §4.2"),
        "A receiver says with SETTINGS_MAX_FRAME_SIZE how long a payload may be, 16,384 bytes to begin with. It has to keep a frame in memory, and a long frame holds up all other streams.";
    FRAME_LENGTH_WRONG = "frame-length-wrong", Error, Some("RFC 9113 §4.2"),
        "Some types have a payload of one fixed length, or one that must hold certain fields. With another length nobody can say what the bytes mean: it is a FRAME_SIZE_ERROR.";
    FRAME_NEEDS_A_STREAM = "frame-needs-a-stream", Error, Some("RFC 9113 §5.1.1"),
        "Stream 0 stands for the connection as a whole. A frame that only makes sense for a request or a response cannot be sent on it.";
    FRAME_NEEDS_STREAM_ZERO = "frame-needs-stream-zero", Error, Some("RFC 9113 §5.1.1"),
        "SETTINGS, PING, GOAWAY and PRIORITY_UPDATE are about the whole connection and belong on stream 0; on any other stream they are a PROTOCOL_ERROR.";
    PADDING_TOO_LONG = "padding-too-long", Error, Some("RFC 9113 §6.1"),
        "The pad length counts bytes at the end of the payload, so it must be smaller than the payload. Receivers that forgot this check read beyond the frame.";
    PADDING_NOT_ZERO = "padding-not-zero", Error, Some("RFC 9113 §6.1"),
        "Padding hides how long a message is and carries nothing: its bytes are 0. Other bytes there can smuggle data past whoever inspects a connection.";
    HEADER_BLOCK_INTERRUPTED = "header-block-interrupted", Error, Some("RFC 9113 §4.3"),
        "From HEADERS or PUSH_PROMISE without END_HEADERS on, only CONTINUATION on the same stream may follow. All blocks of a connection share one HPACK table, so they are read one after the other.";
    CONTINUATION_WITHOUT_HEADERS = "continuation-without-headers", Error, Some("RFC 9113 §6.10"),
        "CONTINUATION goes on with a header block. After END_HEADERS, or without HEADERS or PUSH_PROMISE before it, there is none to go on with.";
    HEADER_BLOCK_TOO_LONG = "header-block-too-long", Warning, None,
        "So many bytes of header block can only be an attack or a misreading: servers give up at some ten kilobytes. It was left unread, and the HPACK table is unknown from here on.";
}
