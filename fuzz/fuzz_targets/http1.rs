//! Two sides that speak something like HTTP/1.1.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireloom::hostile::http1(bytes));
