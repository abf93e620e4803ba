//! Client id, user name and password of a device, signed by HMAC-SHA1.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use nt35e::aliyun::sign::SignMethod;
use nt35e_bench_firmware::sign::{is_right, measure};

const EXPECTED: [&str; 2] = ["NT35E|securemode=2,signmethod=hmacsha1|", "182DD9EA34CF9259512E7D3365BDFE76BF45C5B5"];

#[entry]
fn main() -> ! {
    measure(|triple, client_id| is_right(SignMethod::HMAC_SHA1, triple, client_id, EXPECTED))
}
