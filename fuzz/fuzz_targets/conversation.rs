//! HTTP/2 frames, other bytes and holes, in both directions of one connection.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireloom::hostile::conversation(bytes));
