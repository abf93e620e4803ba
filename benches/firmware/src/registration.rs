//! A device that signs in over TLS, signed by the host, and what it costs if it registers before.

use core::convert::Infallible;
use core::hint::black_box;

use nt35e::aliyun::SignIn;
use nt35e::aliyun::registration::{CredentialStore, Registered};
use nt35e::aliyun::sign::{SignMethod, Signing};
use nt35e::blocking;
use nt35e::command::{Tls, TlsContext};
use nt35e::{Buffers, Clock, Duration};

use crate::drive::now;
use crate::wire::{Uart, Wire};
use crate::{PaintedStack, finish, job, report, start, ticks};

/// The answers of a modem to a sign-in: the end of an earlier session, and the settings.
pub const SIGN_IN: [&[u8]; 13] = [
    b"\r\nERROR\r\n",
    b"\r\nERROR\r\n",
    job::OK,
    job::OK,
    job::OK,
    job::OK,
    job::OK,
    job::OK,
    job::OK,
    job::OK,
    job::OK,
    job::OPENED,
    job::CONNECTED,
];

/// The answers of a modem to the end of a session.
pub const SIGN_OFF: [&[u8]; 2] = [b"\r\nOK\r\n\r\n+LMQTTDISC: 0,0\r\n", b"\r\nOK\r\n\r\n+LMQTTCLOSE: 0,0\r\n"];

/// The client of the firmware.
pub type Client<C> = blocking::Client<'static, Uart, C>;

/// Signs in, reports, and ends the emulation. `sign_in` is whether it went as it should.
#[inline(always)]
pub fn measure(
    script: &'static [&'static [u8]],
    sign_in: impl FnOnce(&mut Client<fn() -> nt35e::Instant>) -> bool,
) -> ! {
    static mut RX: [u8; 256] = [0; 256];
    static mut TX: [u8; 256] = [0; 256];
    static mut INBOX: [u8; 512] = [0; 512];
    let Some(peripherals) = cortex_m::Peripherals::take() else { finish(false) };
    start(peripherals);
    // SAFETY: this function never returns, and `Peripherals::take` lets it pass once.
    let buffers = unsafe { Buffers::new(&mut *&raw mut RX, &mut *&raw mut TX, &mut *&raw mut INBOX) };
    let clock: fn() -> nt35e::Instant = now;
    let mut client = blocking::Client::new(Uart(Wire::new(script)), clock, buffers);
    let stack = PaintedStack::new();
    let begin = ticks();
    let is_done = sign_in(&mut client);
    report("session", ticks() - begin);
    report("stack", stack.used() as u64);
    let (Uart(wire), _) = client.release();
    finish(is_done && wire.has_ended())
}

/// The method by which it signs.
pub const METHOD: SignMethod = SignMethod::HMAC_SHA256;

/// The prepared context.
pub fn tls() -> Option<Tls> {
    TlsContext::new(1).ok().map(Tls::On)
}

/// Signs in as a device of which all is known, takes the events that wait, and signs off.
#[inline(never)]
pub fn sign_in(client: &mut Client<impl Clock>, sign_in: SignIn<'_>) -> bool {
    let Some(tls) = tls() else { return false };
    let is_signed_in = client.connect_aliyun(sign_in.tls(tls).signed_by_host(Signing::new(METHOD))).is_ok();
    while let Ok(Some(event)) = client.next_event(Duration::from_millis(0)) {
        let _ = black_box(event);
    }
    is_signed_in && client.disconnect().is_ok()
}

/// Keeps what is saved.
#[derive(Debug)]
pub struct Ram(pub Option<Registered>);

impl CredentialStore for Ram {
    type Error = Infallible;

    fn load(&mut self) -> Result<Option<Registered>, Infallible> {
        Ok(self.0)
    }

    fn save(&mut self, registered: &Registered) -> Result<(), Infallible> {
        self.0 = Some(*registered);
        Ok(())
    }
}
