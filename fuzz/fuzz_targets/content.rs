//! Bodies of any bytes, with each content coding and with several.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireloom::hostile::content(bytes));
