//! One protobuf message, and one descriptor set.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireloom::hostile::protobuf(bytes));
