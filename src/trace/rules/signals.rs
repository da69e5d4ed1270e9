//! Rules about settings, PING, server push, priorities, and the frames of extensions.

super::rules! {
    SETTING_OUT_OF_RANGE = "setting-out-of-range", Error, Some("RFC 9113 §6.5.2"),
        "Some settings have a range: ENABLE_PUSH is 0 or 1, INITIAL_WINDOW_SIZE at most 2,147,483,647, MAX_FRAME_SIZE between 16,384 and 16,777,215. The receiver has to end the connection.";
    SETTINGS_ACK_WITH_PAYLOAD = "settings-ack-with-payload", Error, Some("RFC 9113 §6.5"),
        "An acknowledgment is an empty SETTINGS frame. New settings in it would leave open what was acknowledged.";
    SETTINGS_ACK_UNASKED = "settings-ack-unasked", Warning, Some("RFC 9113 §6.5.3"),
        "Each SETTINGS frame is acknowledged once. One ACK too many makes the other side believe that later settings are in force before they are.";
    SETTINGS_MANY_ENTRIES = "settings-many-entries", Warning, Some("RFC 9113 §6.5"),
        "There are about ten settings. A frame with dozens of entries makes the receiver work for nothing (CVE-2020-11080); nghttp2 gives up after 32.";
    ENABLE_PUSH_FROM_SERVER = "enable-push-from-server", Error, Some("RFC 9113 §6.5.2"),
        "Only servers push, so only clients can allow it. A server leaves ENABLE_PUSH out or sends 0.";
    CONNECT_PROTOCOL_WITHDRAWN = "connect-protocol-withdrawn", Error, Some("RFC 8441 §3"),
        "Once a server has announced SETTINGS_ENABLE_CONNECT_PROTOCOL 1 it cannot take that back: clients may be using it already.";
    NO_RFC7540_PRIORITIES_CHANGED = "no-rfc7540-priorities-changed", Error, Some("RFC 9218 §2.1"),
        "SETTINGS_NO_RFC7540_PRIORITIES is fixed by a side's first SETTINGS frame, so that nobody has to switch schemes in the middle.";
    SETTINGS_NOT_ACKNOWLEDGED = "settings-not-acknowledged", Error, Some("RFC 9113 §6.5.3"),
        "Whoever receives SETTINGS applies and acknowledges them at once. This side went on sending for ten seconds without, so the other still does not know by which limits it goes.";
    PING_NOT_ANSWERED = "ping-not-answered", Error, Some("RFC 9113 §6.7"),
        "A PING is answered before anything else, since it measures the round trip or asks whether the other is still there. This side went on sending for ten seconds without an answer.";
    PING_ACK_UNASKED = "ping-ack-unasked", Warning, Some("RFC 9113 §6.7"),
        "An answer to PING repeats the eight bytes of the question. This one matches no question that is open, so round-trip times measured with it are wrong.";
    PUSH_FROM_CLIENT = "push-from-client", Error, Some("RFC 9113 §8.4"),
        "PUSH_PROMISE announces a response that nobody has asked for. Only servers answer, so only they can send it.";
    PUSH_DISABLED = "push-disabled", Error, Some("RFC 9113 §6.6"),
        "The client announced SETTINGS_ENABLE_PUSH 0 and this server acknowledged it. It may not push any more.";
    PUSH_ON_WRONG_STREAM = "push-on-wrong-stream", Error, Some("RFC 9113 §6.6"),
        "A promise belongs to a request: it is sent on a stream that the client opened and that the server has not ended yet.";
    PUSH_STREAM_ID = "push-stream-id", Error, Some("RFC 9113 §6.6"),
        "The promised stream is a new one of the server: even, and higher than all that it promised before.";
    PUSH_METHOD = "push-method", Error, Some("RFC 9113 §8.4.1"),
        "A server may only promise what is safe and can be kept, GET or HEAD: the client never agreed to anything that changes something.";
    PUSH_WITH_CONTENT = "push-with-content", Error, Some("RFC 9113 §8.4.1"),
        "A promised request has no content: PUSH_PROMISE is its only frame, so there is nowhere to put any.";
    PUSHED_STREAM_USED = "pushed-stream-used-by-client", Error, Some("RFC 9113 §5.1"),
        "On a stream that the server promised, the client only listens: it may send RST_STREAM, WINDOW_UPDATE and PRIORITY.";
    SELF_DEPENDENCY = "priority-self-dependency", Error, Some("RFC 7540 §5.3.1, superseded by RFC 9113"),
        "In the priority tree of RFC 7540 a stream hung below another. Below itself it would be cut off from the tree. RFC 9113 gave the tree up, but receivers of that time reset the stream.";
    PRIORITY_SIGNAL_UNWANTED = "priority-signal-unwanted", Note, Some("RFC 9218 §2.1.1"),
        "The server said that it disregards the weights and dependencies of RFC 7540. This client has read that and sends them all the same.";
    PRIORITY_UPDATE_FROM_SERVER = "priority-update-from-server", Error, Some("RFC 9218 §7.1"),
        "PRIORITY_UPDATE tells a server in which order the client would like its responses. A server has nothing to ask for.";
    PRIORITY_UPDATE_STREAM_ZERO = "priority-update-stream-zero", Error, Some("RFC 9218 §7.1"),
        "PRIORITY_UPDATE is sent on stream 0 and names in its payload the stream that it is about. Stream 0 has no response that could be sooner or later.";
    PRIORITY_UPDATE_IDLE_PUSH = "priority-update-idle-push", Error, Some("RFC 9218 §7.1"),
        "A client may set the priority of a request that it has not sent yet, but not of a push that nobody has promised yet.";
    PRIORITY_UPDATE_TOO_MANY = "priority-update-too-many", Error, Some("RFC 9218 §7.1"),
        "A client may prioritize a request before it sends it, but the server has to remember that. Such streams and the open ones together stay within SETTINGS_MAX_CONCURRENT_STREAMS.";
    PRIORITY_UPDATE_UNREADABLE = "priority-update-unreadable", Warning, Some("RFC 9218 §7"),
        "What PRIORITY_UPDATE says is a dictionary of structured fields (RFC 8941), as in \"u=1, i\". A server that cannot read it may end the connection.";
    ALT_SVC_UNREADABLE = "alt-svc-unreadable", Note, Some("RFC 7838 §3"),
        "An alternative service is a protocol and a place, as in h3=\":443\"; ma=3600, or the word clear. What cannot be read is ignored, and clients stay where they are.";
    ORIGIN_ENTRY_IGNORED = "origin-entry-ignored", Note, Some("RFC 8336 §2.1"),
        "ORIGIN lists origins as browsers write them: a scheme, a host and perhaps a port. Clients skip an entry that is none.";
    ALTSVC_IGNORED = "altsvc-ignored", Note, Some("RFC 7838 §4"),
        "ALTSVC names another place for an origin. Receivers ignore it from a client, on stream 0 without an origin, and on another stream with one.";
    ORIGIN_IGNORED = "origin-ignored", Note, Some("RFC 8336 §2.1"),
        "ORIGIN lists what a server may answer for on this connection. Receivers ignore it from a client, on any stream but 0, and with flags set.";
}
