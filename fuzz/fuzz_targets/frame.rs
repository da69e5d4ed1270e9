//! One HTTP/2 frame.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireloom::hostile::frame(bytes));
