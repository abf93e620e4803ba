//! What the firmware that updates is made of, without updating, to be subtracted from its size.
#![no_std]
#![no_main]

use core::hint::black_box;

use cortex_m_rt::entry;
use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use nt35e_bench_firmware::job;
use nt35e_bench_firmware::ota::{BLOCK, BLOCK_TOPIC, PUSH, measure};

#[entry]
fn main() -> ! {
    measure(|triple, chip| {
        let mut unit = [0; 64];
        let is_done = chip.erase(0, 128).is_ok() && chip.write(0, black_box(&unit)).is_ok();
        let _ = black_box((PUSH, BLOCK_TOPIC, BLOCK));
        is_done
            && chip.read(0, &mut unit).is_ok()
            && black_box(unit) == [0; 64]
            && triple.product_key() == job::PRODUCT_KEY
            && triple.device_name() == job::DEVICE_NAME
    })
}
