//! The names of values that fields have: what is offered while somebody writes.

pub(super) const TYPES: &[&str] = &[
    "DATA",
    "HEADERS",
    "PRIORITY",
    "RST_STREAM",
    "SETTINGS",
    "PUSH_PROMISE",
    "PING",
    "GOAWAY",
    "WINDOW_UPDATE",
    "CONTINUATION",
    "ALTSVC",
    "ORIGIN",
    "PRIORITY_UPDATE",
    "UNKNOWN",
];

pub(super) const FLAGS: &[&str] = &[
    "END_STREAM",
    "END_HEADERS",
    "ACK",
    "PADDED",
    "PRIORITY",
    "SYN",
    "FIN",
    "RST",
    "PSH",
    "URG",
    "ECE",
    "CWR",
];

pub(super) const ERRORS: &[&str] = &[
    "NO_ERROR",
    "PROTOCOL_ERROR",
    "INTERNAL_ERROR",
    "FLOW_CONTROL_ERROR",
    "SETTINGS_TIMEOUT",
    "STREAM_CLOSED",
    "FRAME_SIZE_ERROR",
    "REFUSED_STREAM",
    "CANCEL",
    "COMPRESSION_ERROR",
    "CONNECT_ERROR",
    "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY",
    "HTTP_1_1_REQUIRED",
];

pub(super) const MARKS: &[&str] = &[
    "retransmission",
    "fast-retransmission",
    "spurious-retransmission",
    "out-of-order",
    "overlap",
    "duplicate-ack",
    "keep-alive",
    "window-probe",
    "zero-window",
    "duplicate-capture",
];

pub(super) const STATES: &[&str] = &["idle", "reserved", "open", "half-closed", "closed"];
