//! The bodies of the fuzz targets, as plain functions that libFuzzer and ordinary tests both call.

mod script;

/// A body: it takes any bytes, and panics when a promise is broken.
pub type Body = fn(&[u8]);

/// Every target by name: the name of its binary in `fuzz_targets/` and of its folder in `seeds/`.
pub const TARGETS: &[(&str, Body)] = &[("engine", engine)];

/// Feeds arbitrary bytes, commands, abandonment and time to the driver's engine.
///
/// It must not panic, must account for every byte, must do the same whatever the chunks are, and must have a command
/// answered once the modem is well again.
pub fn engine(data: &[u8]) {
    let whole = script::run(data, usize::MAX);
    for chunk in [1, 7] {
        let chunked = script::run(data, chunk);
        assert_eq!(chunked, whole, "in chunks of {chunk}");
    }
}
