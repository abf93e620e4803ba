//! What a firmware does with an engine: the loop between it and the wire, and the ways of feeding it.

use core::hint::black_box;

use nt35e::at::{Command, Engine, Step};
use nt35e::{Event, Instant};

use crate::wire::{Wire, copy};

/// Time stands still: nothing here waits. The compiler does not know.
#[inline(always)]
pub fn now() -> Instant {
    Instant::from_millis(black_box(0))
}

/// Executes a command. None if it failed: why is of no interest here.
pub fn execute<'e, C: Command>(engine: &'e mut Engine<'_>, wire: &mut Wire, command: &C) -> Option<C::Response<'e>> {
    engine.submit(command).ok()?;
    drive(engine, wire, command.payload());
    engine.finish(command).ok()
}

/// Moves bytes until the command in flight has ended.
///
/// `payload` is that of the command.
#[inline(never)]
pub fn drive(engine: &mut Engine<'_>, wire: &mut Wire, payload: &[u8]) {
    loop {
        match engine.poll(now()) {
            Step::Transmit => {
                let sent = wire.write(engine.transmit(payload));
                engine.transmitted(sent);
            }
            Step::Receive => {
                let received = wire.read(engine.receive());
                if received == 0 {
                    return;
                }
                engine.received(received);
            }
            Step::Event | Step::Finished => return,
        }
    }
}

/// Hands bytes over as DMA does, and takes the message that they complete. Returns the bytes of its topic and payload.
pub fn feed(engine: &mut Engine<'_>, mut bytes: &[u8]) -> usize {
    let mut read = 0;
    while !bytes.is_empty() {
        let slot = engine.receive();
        let count = bytes.len().min(slot.len());
        copy(slot, bytes);
        engine.received(count);
        bytes = bytes.get(count..).unwrap_or_default();
        if engine.poll(now()) == Step::Event {
            read += take(engine);
        }
    }
    read
}

/// Takes the message that waits. Returns the bytes of its topic and payload.
#[inline(never)]
pub fn take(engine: &mut Engine<'_>) -> usize {
    match engine.event().map(Event::from_engine) {
        Some(Event::Message { topic, payload, .. }) => topic.as_bytes().len() + payload.len(),
        _ => 0,
    }
}
