//! What is worth knowing about the capture itself, and about the transport below.

super::rules! {
    CAPTURE_HOLE = "capture-hole", Warning, None,
        "The receiver had these bytes, as its acknowledgments show, but the capture has not: the recording program was too slow, or started too late. Frames in the hole cannot be shown.";
    RESYNCHRONISED = "resynchronised", Note, None,
        "After a hole nothing says where the next frame begins. Several frame headers in a row, each where the one before puts it, are taken as proof.";
    BEGINS_IN_THE_MIDDLE = "begins-in-the-middle", Note, None,
        "Nobody recorded the beginning of this connection. Its settings, the entries of its HPACK tables and its windows are unknown until something new says them again.";
    CUT_FRAME_HEADER = "cut-frame-header", Note, None,
        "The stream ends within the nine bytes of a frame header: the connection broke off, or its sender closed it in the middle of a frame.";
    MORE_OF_THE_SAME = "more-of-the-same", Note, None,
        "One rule was broken so often on one connection that listing every place would bury all other findings; the rest was only counted.";
    MORE_FINDINGS = "more-findings", Note, None,
        "So much is wrong in this capture that only the beginning is listed: a file made to break a rule in every frame should not take more memory than its packets.";
    RETRANSMISSION_DIFFERS = "retransmission-differs", Warning, Some("RFC 9293 §3.10.7.4"),
        "The same place of a TCP stream came twice with different bytes. The receiver may have taken either; whoever watches may be shown something else than what arrived.";
    DATA_AFTER_RESET = "data-after-reset", Note, Some("RFC 9293 §3.5.3"),
        "RST ends a TCP connection at once. What was still on its way afterwards reaches nobody.";
    RESET_OUTSIDE_WINDOW = "reset-outside-window", Note, Some("RFC 9293 §3.5.3"),
        "A reset only counts when its sequence number lies within the window, so that strangers who guess cannot end a connection. This one does not.";
    SEGMENT_OUTSIDE_STREAM = "segment-outside-stream", Note, Some("RFC 9293 §3.4"),
        "The segment's sequence number lies where the stream cannot be: behind its end, or further ahead than any window reaches.";
    UNSUPPORTED_LINK_TYPE = "unsupported-link-type", Warning, None,
        "The packets of this interface are wrapped in a way that cannot be read here, so nothing inside them is shown.";
    TOO_MANY_OPEN_CONNECTIONS = "too-many-open-connections", Warning, None,
        "So many connections at a time are a scan, a flood or a very busy place. What is remembered of each has to be forgotten at some time, or memory would run out; the longest quiet go first.";
    TOO_MANY_CONNECTIONS = "too-many-connections", Warning, None,
        "There is a limit to how many connections are told apart in one capture. Cut the file by time or address, and open the parts.";
    TOO_MUCH_HELD_BACK = "too-much-held-back", Warning, None,
        "What came before the bytes in front of it has to wait for them. When more waits in all connections together than a computer should be asked to hold, the missing bytes of those that hold most are taken for lost.";
    FRAGMENTS_MISSING = "fragments-missing", Warning, Some("RFC 791 §3.2"),
        "An IP packet was cut into fragments on its way, and not all of them are in the capture: what it carried cannot be read.";
    FRAGMENTS_OVERLAP = "fragments-overlap", Warning, Some("RFC 5722 §4"),
        "Fragments of an IP packet overlap. Receivers differ in which bytes they take, which attackers have used to slip past whoever watches.";
    CAPTURE_CUT = "capture-cut", Warning, None,
        "The file ends within a record: the recording program was stopped, or the copy is not complete.";
    CAPTURE_DAMAGED = "capture-damaged", Warning, None,
        "A record of the file cannot be right, so bytes were skipped until the next one that can.";
    CAPTURE_BLOCK_DAMAGED = "capture-block-damaged", Warning, None,
        "A block of the pcapng file contradicts itself and was left out; the blocks after it are read.";
    CAPTURE_INTERFACE_UNKNOWN = "capture-interface-unknown", Warning, None,
        "A packet names an interface that the file never described, so nobody can say how its bytes are wrapped.";
    CAPTURE_VERSION_UNKNOWN = "capture-version-unknown", Warning, None,
        "The file says it is of a version that is not known here; it was read as the known one.";
    CAPTURE_READ_FAILED = "capture-read-failed", Warning, None,
        "The operating system could not read the file any further; everything before that place is shown.";
    CAPTURE_SPOOL_FAILED = "capture-spool-failed", Warning, None,
        "What came through the pipe could not be kept on disk, so packets after this place are missing.";
}
