//! The same job with the driver taken out: what the harness costs.
#![no_std]
#![no_main]

use core::hint::black_box;
use cortex_m_rt::entry;
use nt35e_bench_firmware::wire::{Wire, copy};
use nt35e_bench_firmware::{PaintedStack, finish, job, report, start, ticks};

const SCRIPT: &[&[u8]] =
    &[job::IN_STEP, job::OK, job::OK, job::OK, job::OPENED, job::CONNECTED, job::SUBSCRIBED, job::PUBLISHED];

#[entry]
fn main() -> ! {
    let Some(peripherals) = cortex_m::Peripherals::take() else { finish(false) };
    start(peripherals);
    let mut slot = [0; 64];
    let stack = PaintedStack::new();

    report("objects", 0);
    let begin = ticks();
    let mut wire = Wire::new(SCRIPT);
    while !wire.has_ended() {
        wire.write(black_box(b"\n"));
        while wire.read(&mut slot) > 0 {}
    }
    black_box([job::PRODUCT_KEY, job::DEVICE_NAME, job::DEVICE_SECRET, job::HOST, job::TOPIC]);
    black_box(job::PAYLOAD);
    report("session", ticks() - begin);
    report("stack", stack.used() as u64);

    let begin = ticks();
    for _ in 0..job::MESSAGES {
        for byte in job::COUNTED_MESSAGE {
            black_box(*byte);
        }
    }
    report("singly", ticks() - begin);

    let begin = ticks();
    for _ in 0..job::MESSAGES {
        for chunk in job::COUNTED_MESSAGE.chunks(64) {
            feed(&mut slot, chunk);
        }
    }
    report("chunked", ticks() - begin);
    report("bytes", (job::MESSAGES * job::COUNTED_MESSAGE.len()) as u64);
    report("stack", stack.used() as u64);
    finish(wire.has_ended())
}

fn feed(slot: &mut [u8], bytes: &[u8]) {
    copy(slot, bytes);
    black_box(slot);
}
