//! Bodies of gRPC-Web that were compressed as a whole, in pieces, cut and damaged.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireloom::hostile::coded(bytes));
