//! The bodies of the fuzz targets, as plain functions that libFuzzer and ordinary tests both call.

mod alink;
mod answers;
mod modem;
mod script;
mod stream;
pub mod transcripts;

use nt35e::at::{Engine, Push};

/// A body: it takes any bytes, and panics when a promise is broken.
pub type Body = fn(&[u8]);

/// Every target by name: the name of its binary in `fuzz_targets/`, of its folder in `seeds/` and of its dictionary.
pub const TARGETS: &[(&str, Body)] =
    &[("alink", alink), ("engine", engine), ("fields", fields), ("frame", frame), ("modem", modem)];

/// Feeds arbitrary bytes, commands, abandonment and time to the driver's engine.
///
/// It must not panic, must account for every byte, must do the same whatever the chunks are, and must have a command
/// answered once the modem is well again.
pub fn engine(data: &[u8]) {
    let whole = script::run(data, usize::MAX);
    for chunk in [PUSHED, 1, 7] {
        let chunked = script::run(data, chunk);
        assert_eq!(chunked, whole, "in chunks of {chunk}");
    }
}

/// Feeds arbitrary bytes to an engine without a command, and reads every event; of large messages also the payload.
///
/// It must not panic, must account for every byte, and must report the same whatever the chunks are.
pub fn frame(data: &[u8]) {
    let whole = stream::run(data, usize::MAX);
    for chunk in [PUSHED, 1, 3, 7, 64] {
        let chunked = stream::run(data, chunk);
        assert_eq!(chunked, whole, "in chunks of {chunk}");
    }
}

/// A chunk of no size: the bytes are pushed, until the engine asks to be polled.
const PUSHED: usize = 0;

/// Hands over the next bytes, and tells how many.
fn hand_over(engine: &mut Engine<'_>, bytes: &[u8], chunk: usize) -> usize {
    if chunk != PUSHED {
        let room = engine.receive();
        let count = room.len().min(chunk).min(bytes.len());
        room[..count].copy_from_slice(&bytes[..count]);
        engine.received(count);
        return count;
    }
    for (count, &byte) in bytes.iter().enumerate() {
        match engine.push(byte) {
            Push::Taken => {}
            Push::Due => return count + 1,
            Push::Full => return count,
        }
    }
    bytes.len()
}

/// Reads arbitrary payloads as messages of the thing model.
///
/// It must not panic, what serde_json refuses must give no property, and id, code and properties must be those that serde_json reads.
pub fn alink(data: &[u8]) {
    alink::run(data);
}

/// Reads arbitrary lines by every reader of `Fields`, and has every command decode them as its answer.
///
/// It must not panic, what is read must be what stands there, and no command may succeed or be refused by lines that do
/// not say so.
pub fn fields(data: &[u8]) {
    answers::run(data);
}

/// Runs the blocking front-end against the simulated modem while messages, restarts, cut links, silence and stray bytes
/// come between.
///
/// Every call must end within its time, `Ok` must be true at the broker, no message may be made up, and once the modem
/// is left alone the driver must bring it up and sign in again.
pub fn modem(data: &[u8]) {
    modem::run(data);
}
