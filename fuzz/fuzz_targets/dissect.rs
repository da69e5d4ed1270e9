//! A whole capture, up to its trace.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireloom::hostile::dissect(bytes));
