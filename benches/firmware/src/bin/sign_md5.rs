//! Client id, user name and password of a device, signed by HMAC-MD5.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use nt35e::aliyun::sign::SignMethod;
use nt35e_bench_firmware::sign::{is_right, measure};

const EXPECTED: [&str; 2] = ["NT35E|securemode=2,signmethod=hmacmd5|", "2EA8A89A27FDA1AA3705D3166F00EE17"];

#[entry]
fn main() -> ! {
    measure(|triple, client_id| is_right(SignMethod::HMAC_MD5, triple, client_id, EXPECTED))
}
