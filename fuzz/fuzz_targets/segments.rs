//! TCP segments anywhere in the sequence space.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireloom::hostile::segments(bytes));
