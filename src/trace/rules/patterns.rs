//! Patterns that hurt: each frame is allowed, together they are an attack or a waste.

super::rules! {
    RAPID_RESET = "rapid-reset", Warning, Some("CVE-2023-44487"),
        "Requests sent and cancelled at once cost the client two frames and the server all the work of beginning. They never count against MAX_CONCURRENT_STREAMS, so one connection can start millions.";
    MADE_YOU_RESET = "made-you-reset", Warning, Some("CVE-2025-8671"),
        "The server resets stream after stream because of the client's mistakes. It looks like the server's doing, but provoked on purpose it is rapid reset again: work begun and thrown away.";
    CONTINUATION_FLOOD = "continuation-flood", Warning, Some("CVE-2024-27316"),
        "A header block is only read when END_HEADERS comes. With CONTINUATION after CONTINUATION a client makes the server collect bytes without end, before there is even a request to refuse or log.";
    PING_FLOOD = "ping-flood", Warning, Some("CVE-2019-9512"),
        "Every PING has to be answered at once. A client that sends many and does not read the answers makes the server's queue grow.";
    SETTINGS_FLOOD = "settings-flood", Warning, Some("CVE-2019-9515"),
        "Every SETTINGS frame has to be applied and acknowledged. Many of them cost the other side work and, if the answers are not read, memory.";
    EMPTY_DATA_FLOOD = "empty-data-flood", Warning, Some("CVE-2019-9518"),
        "DATA without content that does not end the stream brings nothing, yet each frame has to be handled. Flow control does not hold it back, since it uses no window.";
    WINDOW_UPDATE_FLOOD = "window-update-flood", Warning, None,
        "More WINDOW_UPDATE frames than DATA could have caused. Each may wake up a sender and rearrange its queue.";
    WINDOW_UPDATE_TINY = "window-update-tiny", Warning, Some("CVE-2019-9511"),
        "The window is opened a few bytes at a time, so the other side has to cut its content into tiny frames: nine bytes of frame header for a handful of content, and a wake-up for each.";
    PRIORITY_FLOOD = "priority-flood", Warning, Some("CVE-2019-9513"),
        "Priorities are rearranged again and again without a request between. A server that keeps the tree of RFC 7540 walks it each time.";
    HEADER_BOMB = "header-bomb", Warning, Some("CVE-2016-6581"),
        "A few bytes that name the same large table entry again and again decode to a huge header list. The compressed size says nothing about the memory that it takes.";
}
