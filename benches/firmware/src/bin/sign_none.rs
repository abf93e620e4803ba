//! What the firmwares that sign are made of, without signing, to be subtracted from their sizes.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use nt35e_bench_firmware::job;
use nt35e_bench_firmware::sign::measure;

#[entry]
fn main() -> ! {
    measure(|triple, client_id| {
        client_id.as_str() == "NT35E"
            && triple.product_key() == job::PRODUCT_KEY
            && triple.device_name() == job::DEVICE_NAME
            && triple.expose_device_secret() == job::DEVICE_SECRET
    })
}
