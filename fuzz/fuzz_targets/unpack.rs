//! gzip and zstd captures, as pipes of any bytes.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireloom::hostile::unpack(bytes));
