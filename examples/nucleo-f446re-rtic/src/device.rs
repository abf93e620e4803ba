//! The device: signs in, and sends back on `user/update` what comes in on `user/get`.
//!
//! ```text
//!  bring up ──► sign in ──► subscribe ──► greet ──► wait for a message ◄──► send it back
//!     ▲            │            │           │               │                    │
//!     └── pause ◄──┴────────────┴───────────┴───────────────┴────────────────────┘ failure, lost link, restart
//! ```
//! A modem that does not answer while it is brought up has a key pressed instead.

use core::convert::Infallible;

use embedded_hal_nb::nb;
use heapless::Vec;
use nt35e::aliyun::SignIn;
use nt35e::at::{Cause, CommandError};
use nt35e::command::{ConnectionQuery, ConnectionState};
use nt35e::nonblocking::{Client, Outcome};
use nt35e::{Buffers, Duration, Event, Instant, Network, Publish, QoS};
use rtic_monotonics::Timebase;
use rtic_monotonics::fugit::ExtU64 as _;
use rtic_sync::signal::SignalReader;
use stm32f4xx_hal::gpio::{ErasedPin, Output};
use stm32f4xx_hal::serial;

use crate::Mono;
use crate::cloud::{GET, GREETING, LONGEST_ECHO, UPDATE};
use crate::line::Line;
use crate::recovery::{Key, Recovery};

/// A message that fails so often would fail for ever, and block all others.
const MOST_ATTEMPTS: u8 = 10;
/// After so long without an event, the modem is asked whether the session is still there: one that has lost its supply
/// does not say so.
const ASK_AFTER: Duration = Duration::from_secs(60);

type Error = nt35e::Error<serial::Error>;

/// The pins beside the UART.
pub struct Pins {
    /// On while the device is signed in; off for a moment while it sends a message back.
    pub led: ErasedPin<Output>,
    /// High pulls PWRKEY of the modem low, through a transistor.
    pub power_key: ErasedPin<Output>,
    /// High pulls RESET of the modem low, through a transistor.
    pub reset: ErasedPin<Output>,
}

/// A message that the broker does not have yet. It stays until it does, over any number of sessions.
struct Echo {
    payload: Vec<u8, LONGEST_ECHO>,
    attempts: u8,
}

/// The device.
pub struct Device {
    client: Client<'static, 'static, Line>,
    /// From the interrupt: bytes have arrived, or all were sent.
    news: SignalReader<'static, ()>,
    sign_in: SignIn<'static>,
    pins: Pins,
    recovery: Recovery,
    /// The modem has answered since it was brought up last.
    is_up: bool,
    signed_in_at: Option<Instant>,
    echo: Option<Echo>,
}

impl Device {
    pub fn new(
        line: Line,
        news: SignalReader<'static, ()>,
        buffers: Buffers<'static>,
        sign_in: SignIn<'static>,
        pins: Pins,
    ) -> Self {
        let (client, recovery) = (Client::new(line, buffers), Recovery::new());
        Self { client, news, sign_in, pins, recovery, is_up: false, signed_in_at: None, echo: None }
    }

    /// Never ends: every failure leads back to the beginning.
    pub async fn run(&mut self) -> ! {
        loop {
            self.pins.led.set_low();
            self.is_up = false;
            let Err(error) = self.serve().await;
            self.pins.led.set_low();
            let session = self.signed_in_at.take().map(|at| now() - at);
            if !self.is_up && is_silence(&error) {
                let key = self.recovery.silent();
                self.press(key).await;
                continue;
            }
            let pause = self.recovery.failed(&error, session);
            wait(pause).await;
            if self.recovery.needs_reset() {
                self.press(Key::Reset).await;
            }
        }
    }

    /// From a modem in any state to a session, and on with that until it ends.
    async fn serve(&mut self) -> Result<Infallible, Error> {
        self.client.begin_bring_up(&Network::default().answer_within(self.recovery.patience()));
        self.outcome().await?;
        self.is_up = true;
        self.recovery.answered();
        self.client.begin_connect_aliyun(self.sign_in);
        self.outcome().await?;
        self.client.begin_subscribe(GET, QoS::AtLeastOnce);
        self.outcome().await?;
        self.client.begin_publish_in_place(&Publish::new(UPDATE, GREETING).qos(QoS::AtLeastOnce));
        self.outcome().await?;
        self.signed_in_at = Some(now());
        self.pins.led.set_high();
        loop {
            self.send_back().await?;
            self.take_event().await?;
        }
    }

    /// Lets what was begun go on until it ends.
    async fn outcome(&mut self) -> Result<Outcome, Error> {
        loop {
            match self.client.poll(now()) {
                Ok(outcome) => return Ok(outcome),
                Err(nb::Error::WouldBlock) => self.sleep(None).await,
                Err(nb::Error::Other(error)) => return Err(error),
            }
        }
    }

    async fn send_back(&mut self) -> Result<(), Error> {
        let Some(echo) = self.echo.as_mut().filter(|echo| echo.attempts < MOST_ATTEMPTS) else {
            self.echo = None;
            return Ok(());
        };
        echo.attempts += 1;
        let message = Publish::new(UPDATE, &echo.payload).qos(QoS::AtLeastOnce);
        match self.client.begin_publish(&message, now()) {
            Ok(()) => {}
            // What was given up before is still being sent. It comes round again.
            Err(nb::Error::WouldBlock) => return Ok(()),
            Err(nb::Error::Other(error)) => return Err(error),
        }
        self.pins.led.set_low();
        // At QoS 1 this means that the broker has it.
        self.outcome().await?;
        self.pins.led.set_high();
        self.echo = None;
        Ok(())
    }

    /// Takes the oldest message out of the inbox, where the others wait, or waits for one.
    async fn take_event(&mut self) -> Result<(), Error> {
        let until = now() + ASK_AFTER;
        loop {
            if let Err(nb::Error::Other(error)) = self.client.poll(now()) {
                return Err(error);
            }
            if self.client.has_event() {
                break;
            }
            if now() >= until {
                return self.ask().await;
            }
            self.sleep(Some(until)).await;
        }
        // Of a lost link and a restart the client takes note itself.
        if let Some(Event::Message { topic, payload, .. }) = self.client.event()
            && topic == GET
            && let Ok(payload) = Vec::from_slice(payload)
        {
            self.echo = Some(Echo { payload, attempts: 0 });
        }
        if self.client.is_connected() { Ok(()) } else { Err(Error::NotConnected) }
    }

    /// Whether the session is still there.
    async fn ask(&mut self) -> Result<(), Error> {
        let query = ConnectionQuery::default();
        match self.client.begin(&query, now()) {
            Ok(()) => {}
            Err(nb::Error::WouldBlock) => return Ok(()),
            Err(nb::Error::Other(error)) => return Err(error),
        }
        self.outcome().await?;
        match self.client.finish(&query)? {
            Some(ConnectionState::Connected) => Ok(()),
            _ => Err(Error::NotConnected),
        }
    }

    /// Until the interrupt has news, or the client or the caller has something to do.
    async fn sleep(&mut self, until: Option<Instant>) {
        let wake_at = [self.client.wake_at(), until].into_iter().flatten().min();
        // A full queue is emptied by the interrupt, and asking again at once would not help.
        let soonest = now() + Duration::from_millis(1);
        match wake_at {
            Some(at) => {
                let at = <Mono as Timebase>::Instant::from_ticks(at.max(soonest).as_millis());
                let _ = Mono::timeout_at(at, self.news.wait()).await;
            }
            None => self.news.wait().await,
        }
    }

    async fn press(&mut self, key: Key) {
        self.client.give_up();
        self.pin(key).set_high();
        wait(key.held_for()).await;
        self.pin(key).set_low();
        self.client.modem_restarted();
    }

    const fn pin(&mut self, key: Key) -> &mut ErasedPin<Output> {
        match key {
            Key::Power => &mut self.pins.power_key,
            Key::Reset => &mut self.pins.reset,
        }
    }
}

/// The monotonic counts milliseconds, with 64 bits.
fn now() -> Instant {
    Instant::from_millis(Mono::now().as_ticks())
}

async fn wait(span: Duration) {
    Mono::delay(u64::from(span.as_millis()).millis()).await;
}

/// Whether the modem has not answered, as opposed to having refused something or restarted.
const fn is_silence(error: &Error) -> bool {
    matches!(error, Error::Command(CommandError { cause: Cause::Timeout, .. }))
}
