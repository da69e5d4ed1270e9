//! The header blocks of one direction.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireloom::hostile::hpack(bytes));
