//! libFuzzer's way into [`nt35e_fuzz::alink`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nt35e_fuzz::alink(data));
