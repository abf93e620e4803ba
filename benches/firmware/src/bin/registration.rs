//! A device that registers by the secret of its product, keeps what it gets in RAM, and signs in by it.
#![no_std]
#![no_main]

use core::hint::black_box;
use cortex_m_rt::entry;
use nt35e::aliyun::registration::{CredentialStore, DynamicRegistration, Registrant};
use nt35e_bench_firmware::job;
use nt35e_bench_firmware::registration::{Client, METHOD, Ram, SIGN_IN, SIGN_OFF, measure, sign_in, tls};

/// Signs off, registers, signs off, signs in.
const SCRIPT: &[&[u8]] = &{
    let mut script = [job::IN_STEP; 33];
    script[1] = SIGN_IN[0];
    script[2] = SIGN_IN[1];
    let mut at = 0;
    while at < 13 {
        script[at + 3] = SIGN_IN[at];
        script[at + 18] = SIGN_IN[at];
        at += 1;
    }
    script[15] = CREDENTIALS;
    [script[16], script[17]] = SIGN_OFF;
    [script[31], script[32]] = SIGN_OFF;
    script
};

/// In the same burst as the end of the sign-in.
const CREDENTIALS: &[u8] = b"\r\nOK\r\n\r\n+LMQTTCONN: 0,0,0\r\n\r\n+LMQTTURC: RECV,0,0,\"/ext/register\",105,{\"productKey\":\"a1JszCpjS61\",\"deviceName\":\"NT35E_06011\",\"deviceSecret\":\"0123456789abcdef0123456789abcdef\"}\r\n";

#[entry]
fn main() -> ! {
    measure(SCRIPT, register_and_sign_in)
}

fn register_and_sign_in(client: &mut Client<impl nt35e::Clock>) -> bool {
    // The store is empty, which the compiler does not know.
    let mut store = black_box(Ram(None));
    let Ok(registrant) = Registrant::new(job::PRODUCT_KEY, job::DEVICE_NAME, "h1nQFYPZS0mW0000") else { return false };
    let registered = match store.load() {
        Ok(Some(registered)) => registered,
        _ => {
            let Some(tls) = tls() else { return false };
            let Ok(registration) = DynamicRegistration::new(registrant, "123", METHOD, tls) else { return false };
            match client.register_device(&registration, &mut store) {
                Ok(registered) => registered,
                Err(_) => return false,
            }
        }
    };
    let is_right = registered.expose_device_secret() == Some(job::DEVICE_SECRET);
    is_right && registered.sign_in(registrant).is_ok_and(|device| sign_in(client, device))
}
