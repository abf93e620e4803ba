//! Client id, user name and password of a device, signed by HMAC-SHA256.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use nt35e::aliyun::sign::SignMethod;
use nt35e_bench_firmware::sign::{is_right, measure};

const EXPECTED: [&str; 2] =
    ["NT35E|securemode=2,signmethod=hmacsha256|", "D3932157F7ADCF2036046D08926A6FC28333D47028B2638D44E7DD00690839E2"];

#[entry]
fn main() -> ! {
    measure(|triple, client_id| is_right(SignMethod::HMAC_SHA256, triple, client_id, EXPECTED))
}
