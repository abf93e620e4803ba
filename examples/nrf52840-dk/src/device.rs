//! The device: signs in, and sends back on `user/update` what comes in on `user/get`. Knows no chip, only a UART, a timer
//! and three pins.
//!
//! ```text
//!  bring up ──► sign in ──► subscribe ──► greet ──► wait for a message ◄──► send it back
//!     ▲            │            │           │               │                    │
//!     └── pause ◄──┴────────────┴───────────┴───────────────┴────────────────────┘ failure, lost link, restart
//! ```
//! A modem that does not answer while it is brought up has a key pressed instead.

use core::convert::Infallible;

use embedded_hal::digital::{OutputPin, PinState};
use embedded_io_async::{Read, Write};
use heapless::Vec;
use nt35e::aliyun::SignIn;
use nt35e::asynch::{Client, Timer};
use nt35e::at::{Cause, CommandError};
use nt35e::command::{ConnectionQuery, ConnectionState};
use nt35e::{Buffers, Duration, Error, Event, Instant, Network, Publish, QoS};

use super::cloud::{GET, GREETING, LONGEST_ECHO, UPDATE};
use super::recovery::{Key, Recovery};

/// A message that fails so often would fail for ever, and block all others.
const MOST_ATTEMPTS: u8 = 10;
/// After so long without an event, the modem is asked whether the session is still there: one that has lost its supply
/// does not say so.
const ASK_AFTER: Duration = Duration::from_secs(60);

/// The pins beside the UART.
pub struct Pins<L, P, R> {
    /// Lit while the device is signed in; dark for a moment while it sends a message back.
    pub led: L,
    /// The level at which the LED is lit.
    pub lit: PinState,
    /// High pulls PWRKEY of the modem low, through a transistor.
    pub power_key: P,
    /// High pulls RESET of the modem low, through a transistor.
    pub reset: R,
}

/// A message that the broker does not have yet. It stays until it does, over any number of sessions.
struct Echo {
    payload: Vec<u8, LONGEST_ECHO>,
    attempts: u8,
}

/// The device.
pub struct Device<'b, U, T, L, P, R> {
    client: Client<'b, U, T>,
    timer: T,
    sign_in: SignIn<'static>,
    pins: Pins<L, P, R>,
    recovery: Recovery,
    /// The modem has answered since it was brought up last.
    is_up: bool,
    signed_in_at: Option<Instant>,
    echo: Option<Echo>,
}

impl<'b, U, T, L, P, R> Device<'b, U, T, L, P, R>
where
    U: Read + Write,
    U::Error: defmt::Format,
    T: Timer + Clone,
    L: OutputPin,
    P: OutputPin,
    R: OutputPin,
{
    pub fn new(uart: U, timer: T, buffers: Buffers<'b>, sign_in: SignIn<'static>, pins: Pins<L, P, R>) -> Self {
        let client = Client::new(uart, timer.clone(), buffers);
        let recovery = Recovery::new();
        Self { client, timer, sign_in, pins, recovery, is_up: false, signed_in_at: None, echo: None }
    }

    /// Never ends: every failure leads back to the beginning.
    pub async fn run(&mut self) -> ! {
        loop {
            self.light(false);
            self.is_up = false;
            let Err(error) = self.serve().await;
            defmt::warn!("{}", error);
            self.light(false);
            let session = self.signed_in_at.take().map(|at| self.timer.now() - at);
            if !self.is_up && is_silence(&error) {
                let key = self.recovery.silent();
                self.press(key).await;
                continue;
            }
            let pause = self.recovery.failed(&error, session);
            defmt::info!("next attempt in {} s", pause.as_millis() / 1_000);
            self.wait(pause).await;
            if self.recovery.needs_reset() {
                self.press(Key::Reset).await;
            }
        }
    }

    /// From a modem in any state to a session, and on with that until it ends.
    async fn serve(&mut self) -> Result<Infallible, Error<U::Error>> {
        let network = Network::default().answer_within(self.recovery.patience());
        let registration = self.client.bring_up(&network).await?;
        defmt::info!("the modem is up, and the network has taken it in: {}", registration);
        self.is_up = true;
        self.recovery.answered();
        let connection = self.client.connect_aliyun(self.sign_in).await?;
        if !connection.length_framed() {
            defmt::warn!("this modem does not tell how long a message is: one with a line end in it will be cut there");
        }
        self.client.subscribe(GET, QoS::AtLeastOnce).await?;
        self.client.publish(&Publish::new(UPDATE, GREETING).qos(QoS::AtLeastOnce)).await?;
        defmt::info!("signed in, listening to {=str}", GET);
        self.signed_in_at = Some(self.timer.now());
        self.light(true);
        loop {
            self.send_back().await?;
            self.take_event().await?;
        }
    }

    async fn send_back(&mut self) -> Result<(), Error<U::Error>> {
        let Some(echo) = &mut self.echo else { return Ok(()) };
        if echo.attempts < MOST_ATTEMPTS {
            echo.attempts += 1;
            let _ = self.pins.led.set_state(!self.pins.lit);
            // At QoS 1, `Ok` means that the broker has it.
            self.client.publish(&Publish::new(UPDATE, &echo.payload).qos(QoS::AtLeastOnce)).await?;
            let _ = self.pins.led.set_state(self.pins.lit);
            defmt::info!("sent {} bytes back", echo.payload.len());
        } else {
            defmt::error!("a message of {} bytes was given up", echo.payload.len());
        }
        self.echo = None;
        Ok(())
    }

    /// Takes the oldest message out of the inbox, where the others wait, or waits for one.
    async fn take_event(&mut self) -> Result<(), Error<U::Error>> {
        match self.client.next_event(ASK_AFTER).await? {
            Some(Event::Message { topic, payload, .. }) if topic == GET => match Vec::from_slice(payload) {
                Ok(payload) => self.echo = Some(Echo { payload, attempts: 0 }),
                Err(_) => defmt::warn!("a message of {} bytes is too long to be sent back", payload.len()),
            },
            Some(event) => defmt::warn!("{}", event),
            None => return self.ask().await,
        }
        if self.client.is_connected() { Ok(()) } else { Err(Error::NotConnected) }
    }

    /// Whether the session is still there.
    async fn ask(&mut self) -> Result<(), Error<U::Error>> {
        match self.client.execute(&ConnectionQuery::default()).await? {
            Some(ConnectionState::Connected) => Ok(()),
            _ => Err(Error::NotConnected),
        }
    }

    async fn press(&mut self, key: Key) {
        match key {
            Key::Power => {
                defmt::info!("pressing PWRKEY");
                let _ = self.pins.power_key.set_high();
                self.wait(key.held_for()).await;
                let _ = self.pins.power_key.set_low();
            }
            Key::Reset => {
                defmt::info!("resetting the modem");
                let _ = self.pins.reset.set_high();
                self.wait(key.held_for()).await;
                let _ = self.pins.reset.set_low();
            }
        }
        self.client.modem_restarted();
    }

    async fn wait(&mut self, span: Duration) {
        let until = self.timer.now() + span;
        self.timer.until(until).await;
    }

    fn light(&mut self, is_lit: bool) {
        // No pin of a chip fails.
        let _ = self.pins.led.set_state(if is_lit { self.pins.lit } else { !self.pins.lit });
    }
}

/// Whether the modem has not answered, as opposed to having refused something or restarted.
const fn is_silence<E>(error: &Error<E>) -> bool {
    matches!(error, Error::Command(CommandError { cause: Cause::Timeout, .. }))
}
