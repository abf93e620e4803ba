//! The harness alone, to be subtracted from the sizes of the others: it does with the wire what they do, without a driver.
#![no_std]
#![no_main]

use core::hint::black_box;
use cortex_m_rt::entry;
use nt35e_bench_firmware::job;
use nt35e_bench_firmware::measure::{Driver, measure};
use nt35e_bench_firmware::wire::{Wire, copy};

const SCRIPT: &[&[u8]] =
    &[job::IN_STEP, job::OK, job::OK, job::OK, job::OPENED, job::CONNECTED, job::SUBSCRIBED, job::PUBLISHED];

#[entry]
fn main() -> ! {
    measure(|| Nothing { wire: Wire::new(SCRIPT), slot: [0; 64], received: 0 })
}

struct Nothing {
    wire: Wire,
    slot: [u8; 64],
    received: usize,
}

impl Nothing {
    /// Whether all of a message has come.
    fn count(&mut self, bytes: usize) -> bool {
        self.received += bytes;
        self.received == job::COUNTED_MESSAGE.len()
    }
}

impl Driver for Nothing {
    const OBJECTS: usize = 0;
    const MESSAGE: &'static [u8] = job::COUNTED_MESSAGE;

    #[inline(never)]
    fn session(&mut self) -> bool {
        while !self.wire.has_ended() {
            self.wire.write(black_box(b"\n"));
            while self.wire.read(&mut self.slot) > 0 {}
        }
        black_box([job::PRODUCT_KEY, job::DEVICE_NAME, job::DEVICE_SECRET, job::HOST, job::TOPIC]);
        black_box(job::PAYLOAD);
        true
    }

    #[inline(always)]
    fn push(&mut self, byte: u8) -> bool {
        black_box(byte);
        self.count(1)
    }

    #[inline(always)]
    fn feed(&mut self, chunk: &[u8]) -> bool {
        copy(&mut self.slot, chunk);
        self.count(chunk.len())
    }

    #[inline(always)]
    fn take(&mut self) -> usize {
        self.received = 0;
        job::MESSAGE_TOPIC.len() + 136
    }
}
