//! The formats, pure: functions of bytes that do no I/O, hold no clock, and know no packet and no window.
//!
//! Everything above builds on this room, and it uses nothing of the crate. Offsets count from the start
//! of the slice a codec was given; the rooms above turn them into places in a packet and a file.

pub mod http2;
pub mod reader;
