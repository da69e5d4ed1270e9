//! The files of one schema: descriptor sets, reflection, `.proto` texts and editions.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireloom::hostile::schemas(bytes));
