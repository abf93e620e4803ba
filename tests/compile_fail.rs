//! What must not compile does not, and for the reason meant: the compiler's messages are kept beside each case.
//!
//! Compilers word their messages differently, so the texts are held against the oldest toolchain alone, where they never
//! change: `cargo xtask test` runs this there, in its step `compile-fail`, by the variable that is asked for here.

#![cfg(feature = "embedded-io")]

#[test]
fn what_must_not_compile_does_not() {
    if std::env::var_os("NT35E_COMPILE_FAIL").is_none() {
        println!("skipped: only `cargo xtask test --only compile-fail` knows the compiler that the texts are from");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
