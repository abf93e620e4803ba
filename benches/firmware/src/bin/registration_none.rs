//! What the firmware that registers is made of, without registering, to be subtracted from its size.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use nt35e::Triple;
use nt35e::aliyun::SignIn;
use nt35e_bench_firmware::job;
use nt35e_bench_firmware::registration::{SIGN_IN, SIGN_OFF, measure, sign_in};

const SCRIPT: &[&[u8]] = &{
    let mut script = [job::IN_STEP; 16];
    let mut at = 0;
    while at < 13 {
        script[at + 1] = SIGN_IN[at];
        at += 1;
    }
    [script[14], script[15]] = SIGN_OFF;
    script
};

#[entry]
fn main() -> ! {
    measure(SCRIPT, |client| match Triple::new(job::PRODUCT_KEY, job::DEVICE_NAME, job::DEVICE_SECRET) {
        Ok(triple) => sign_in(client, SignIn::new(triple)),
        Err(_) => false,
    })
}
