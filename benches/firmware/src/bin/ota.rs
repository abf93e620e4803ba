//! An update from messages into a flash in memory: what `aliyun::ota` adds.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use nt35e::aliyun::ota::{Ota, RECORD_BYTES, Received, Settings, Step};
use nt35e::{Instant, ReceivedTopic};
use nt35e_bench_firmware::ota::{BLOCK, BLOCK_TOPIC, PUSH, measure};

#[entry]
fn main() -> ! {
    measure(|triple, chip| {
        let Ok(mut ota) = Ota::new(triple, "1.0.0", None, Settings::default()) else { return false };
        if ota.resume(black_box(&[0; RECORD_BYTES]), chip) {
            return false;
        }
        ota.connected();
        let [topic, push] = PUSH;
        let mut arriving = [(topic, push.as_bytes()), (BLOCK_TOPIC, BLOCK)].into_iter();
        for second in 0..20 {
            let now = Instant::from_millis(second * 1_000);
            let _ = black_box(ota.record());
            match ota.poll(chip, now) {
                Step::Publish(message) => {
                    let _ = black_box((message.topic(), message.payload()));
                    ota.published(now);
                    let Some((topic, payload)) = arriving.next() else { continue };
                    let topic = ReceivedTopic::new(black_box(topic.as_bytes()));
                    match ota.receive(topic, black_box(payload), chip) {
                        Received::Offered { .. } => drop(ota.begin(chip)),
                        Received::Written => {}
                        _ => return false,
                    }
                }
                Step::Ready => return true,
                _ => {}
            }
        }
        false
    })
}
