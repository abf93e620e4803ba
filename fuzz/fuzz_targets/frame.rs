//! libFuzzer's way into [`nt35e_fuzz::frame`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nt35e_fuzz::frame(data));
