//! pcap and pcapng, as files of any bytes.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| wireloom::hostile::capture(bytes));
