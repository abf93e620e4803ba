//! The measurement, the same for every driver: the session, then the messages, one byte at a time and in chunks.
//!
//! A driver is what is behind the trait. `empty` has none, so that the rest of its image is what the others have too.

use core::hint::black_box;

use crate::{PaintedStack, finish, job, report, start, ticks};

/// What is measured.
pub trait Driver {
    /// Bytes of its objects that are not in statics.
    const OBJECTS: usize;
    /// What its modem sends when a message has come.
    const MESSAGE: &'static [u8];

    /// Gets ready for the first command, if there is something to do.
    fn prepare(&mut self) -> bool {
        true
    }

    /// Configures, opens, connects, subscribes, publishes; whether all of it succeeded.
    fn session(&mut self) -> bool;

    /// Takes one received byte; true if a message is complete.
    fn push(&mut self, byte: u8) -> bool;

    /// The same for a chunk.
    fn feed(&mut self, chunk: &[u8]) -> bool;

    /// Takes the message. How many bytes of topic and payload there are.
    fn take(&mut self) -> usize;
}

/// Measures, reports, and ends the emulation.
#[inline(always)]
pub fn measure<D: Driver>(new: impl FnOnce() -> D) -> ! {
    let Some(peripherals) = cortex_m::Peripherals::take() else { finish(false) };
    start(peripherals);
    let mut driver = new();
    let driver = &mut driver;
    report("objects", D::OBJECTS as u64);
    let stack = PaintedStack::new();

    let begin = ticks();
    let mut is_done = driver.prepare();
    report("prepare", ticks() - begin);
    let begin = ticks();
    is_done &= driver.session();
    report("session", ticks() - begin);

    // Else the compiler would know that no byte of it begins a banner.
    let message = black_box(D::MESSAGE);
    let begin = ticks();
    let mut read = 0;
    for _ in 0..job::MESSAGES {
        for &byte in message {
            if driver.push(byte) {
                read += driver.take();
            }
        }
    }
    report("singly", ticks() - begin);

    let begin = ticks();
    for _ in 0..job::MESSAGES {
        for chunk in message.chunks(64) {
            if driver.feed(chunk) {
                read += driver.take();
            }
        }
    }
    report("chunked", ticks() - begin);
    report("bytes", (job::MESSAGES * D::MESSAGE.len()) as u64);
    report("stack", stack.used() as u64);
    is_done &= read == 2 * job::MESSAGES * (job::MESSAGE_TOPIC.len() + 136);
    finish(is_done)
}
