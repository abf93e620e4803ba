//! Signing alone, for a device that is not known when the firmware is built.

use core::hint::black_box;

use nt35e::Triple;
use nt35e::aliyun::DeviceClientId;
#[cfg(feature = "sign")]
use nt35e::aliyun::sign::{SecureMode, SignMethod, Signing};

use crate::{PaintedStack, finish, job, report, start, ticks};

/// Signs, reports, and ends the emulation. `sign` is whether what comes out is right.
#[inline(always)]
pub fn measure(sign: impl FnOnce(Triple<'static>, DeviceClientId<'static>) -> bool) -> ! {
    const TRIPLE: Triple<'static> = match Triple::new(job::PRODUCT_KEY, job::DEVICE_NAME, job::DEVICE_SECRET) {
        Ok(triple) => triple,
        Err(_) => panic!(),
    };
    const CLIENT_ID: DeviceClientId<'static> = match DeviceClientId::new("NT35E") {
        Ok(client_id) => client_id,
        Err(_) => panic!(),
    };
    let Some(peripherals) = cortex_m::Peripherals::take() else { finish(false) };
    start(peripherals);
    let stack = PaintedStack::new();
    let begin = ticks();
    let is_right = sign(black_box(TRIPLE), black_box(CLIENT_ID));
    report("sign", ticks() - begin);
    report("stack", stack.used() as u64);
    finish(is_right)
}

/// Signs by one method; whether all that comes out is as expected.
#[cfg(feature = "sign")]
#[inline(always)]
pub fn is_right(
    method: SignMethod,
    triple: Triple<'static>,
    client_id: DeviceClientId<'static>,
    expected: [&str; 2],
) -> bool {
    let credentials = Signing::new(method).credentials(triple, client_id, SecureMode::Tls);
    let [client_id, password] = expected;
    credentials.client_id() == client_id
        && credentials.user_name() == USER_NAME
        && credentials.expose_password() == password
}

#[cfg(feature = "sign")]
const USER_NAME: &str = "NT35E_06011&a1JszCpjS61";
