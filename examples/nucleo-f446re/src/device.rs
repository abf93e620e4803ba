//! The device: signs in, and sends back on `user/update` what comes in on `user/get`.
//!
//! ```text
//!        no answer: press a key                               ┌─ message ─┐
//!           ┌───────────┐                                     ▼           │
//!  start ─► BringingUp ─┴► SigningIn ─► Subscribing ─► Greeting ─► Online ┘
//!               ▲               │            │             │         │
//!               └─── Pausing ◄──┴────────────┴─────────────┴─────────┘ failure, lost link, restart of the modem
//! ```

use embedded_hal_nb::nb;
use heapless::Vec;
use nt35e::aliyun::SignIn;
use nt35e::at::{Cause, CommandError};
use nt35e::command::{ConnectionQuery, ConnectionState};
use nt35e::nonblocking::{Client, Outcome};
use nt35e::{Buffers, Duration, Error, Event, Instant, Network, Publish, QoS};
use stm32f4xx_hal::gpio::{ErasedPin, Output};
use stm32f4xx_hal::serial;

use crate::cloud::{GET, GREETING, LONGEST_ECHO, UPDATE};
use crate::line::Line;
use crate::recovery::{Key, Recovery};

/// A message that fails so often would fail for ever, and block all others.
const MOST_ATTEMPTS: u8 = 10;

/// After so long without an event, the modem is asked whether the session is still there: one that has lost its supply
/// does not say so.
const ASK_AFTER: Duration = Duration::from_secs(60);

/// The pins beside the UART.
pub struct Pins {
    /// On while the device is signed in; off for a moment while it sends a message back.
    pub led: ErasedPin<Output>,
    /// High pulls PWRKEY of the modem low, through a transistor.
    pub power_key: ErasedPin<Output>,
    /// High pulls RESET of the modem low, through a transistor.
    pub reset: ErasedPin<Output>,
}

/// What the device is at.
enum State {
    /// A key of the modem is held.
    Pressing {
        key: Key,
        until: Instant,
    },
    BringingUp,
    SigningIn,
    Subscribing,
    Greeting,
    Online {
        since: Instant,
    },
    Pausing {
        until: Instant,
    },
}

/// A message that the broker does not have yet. It stays until it does, over any number of sessions.
struct Echo {
    payload: Vec<u8, LONGEST_ECHO>,
    attempts: u8,
}

/// The device.
pub struct Device<'b> {
    client: Client<'b, 'static, Line>,
    sign_in: SignIn<'static>,
    pins: Pins,
    state: State,
    recovery: Recovery,
    echo: Option<Echo>,
    /// When the last event was.
    heard_at: Instant,
}

impl<'b> Device<'b> {
    /// A device that begins to bring up its modem.
    pub fn new(line: Line, buffers: Buffers<'b>, sign_in: SignIn<'static>, pins: Pins) -> Self {
        let client = Client::new(line, buffers);
        let (state, recovery) = (State::BringingUp, Recovery::new());
        let mut device = Self { client, sign_in, pins, state, recovery, echo: None, heard_at: Instant::default() };
        device.bring_up();
        device
    }

    /// Goes on as far as it can without waiting.
    pub fn turn(&mut self, now: Instant) {
        match self.client.poll(now) {
            Ok(outcome) => self.succeeded(outcome, now),
            // An error of the UART costs bytes, which the driver counts; what was begun goes on.
            Err(nb::Error::WouldBlock | nb::Error::Other(Error::Uart(_))) => {}
            Err(nb::Error::Other(error)) => self.failed(&error, now),
        }
        self.take_message(now);
        match self.state {
            State::Pressing { key, until } if now >= until => self.release(key),
            State::Pausing { until } if now >= until => self.pause_is_over(now),
            State::Online { .. } if !self.client.is_busy() => self.serve(now),
            _ => {}
        }
    }

    /// Whether there is nothing to do until the next interrupt.
    pub fn is_idle(&self, now: Instant) -> bool {
        let may_take_event = self.client.has_event() && self.echo.is_none();
        !may_take_event && self.client.wake_at().is_none_or(|at| now < at)
    }

    fn succeeded(&mut self, outcome: Outcome, now: Instant) {
        match (&self.state, outcome) {
            (State::BringingUp, Outcome::BroughtUp(_)) => {
                self.recovery.answered();
                self.state = State::SigningIn;
                self.client.begin_connect_aliyun(self.sign_in);
            }
            (State::SigningIn, Outcome::Connected(_)) => {
                self.state = State::Subscribing;
                self.client.begin_subscribe(GET, QoS::AtLeastOnce);
            }
            (State::Subscribing, Outcome::Subscribed) => {
                self.state = State::Greeting;
                self.client.begin_publish_in_place(&Publish::new(UPDATE, GREETING).qos(QoS::AtLeastOnce));
            }
            (State::Greeting, Outcome::Published) => {
                self.state = State::Online { since: now };
                self.heard_at = now;
                self.pins.led.set_high();
            }
            // At QoS 1 this means that the broker has it.
            (State::Online { .. }, Outcome::Published) => {
                self.echo = None;
                self.pins.led.set_high();
            }
            (State::Online { .. }, Outcome::Answered) => match self.client.finish(&ConnectionQuery::default()) {
                Ok(Some(ConnectionState::Connected)) => {}
                Ok(_) => self.failed(&Error::NotConnected, now),
                Err(error) => self.failed(&error, now),
            },
            _ => {}
        }
    }

    fn failed(&mut self, error: &Error<serial::Error>, now: Instant) {
        let session = match self.state {
            // The session is being closed for good, whatever the modem says to it.
            State::Pausing { .. } => return,
            State::BringingUp if is_silence(error) => {
                let key = self.recovery.silent();
                return self.press(key, now);
            }
            State::Online { since } => Some(now - since),
            _ => None,
        };
        self.pins.led.set_low();
        self.state = State::Pausing { until: now + self.recovery.failed(error, session) };
        self.client.begin_disconnect();
    }

    fn pause_is_over(&mut self, now: Instant) {
        if self.recovery.needs_reset() { self.press(Key::Reset, now) } else { self.bring_up() }
    }

    fn bring_up(&mut self) {
        self.state = State::BringingUp;
        self.client.begin_bring_up(&Network::default().answer_within(self.recovery.patience()));
    }

    fn press(&mut self, key: Key, now: Instant) {
        self.client.give_up();
        self.pin(key).set_high();
        self.state = State::Pressing { key, until: now + key.held_for() };
    }

    fn release(&mut self, key: Key) {
        self.pin(key).set_low();
        self.client.modem_restarted();
        self.bring_up();
    }

    const fn pin(&mut self, key: Key) -> &mut ErasedPin<Output> {
        match key {
            Key::Power => &mut self.pins.power_key,
            Key::Reset => &mut self.pins.reset,
        }
    }

    /// Takes the oldest message out of the inbox, where the others wait, once the one before has been sent back.
    fn take_message(&mut self, now: Instant) {
        while self.echo.is_none()
            && let Some(event) = self.client.event()
        {
            self.heard_at = now;
            // Of a lost link and a restart the client takes note itself.
            if let Event::Message { topic, payload, .. } = event
                && topic == GET
                && let Ok(payload) = Vec::from_slice(payload)
            {
                self.echo = Some(Echo { payload, attempts: 0 });
            }
        }
    }

    /// The line is free: sends a message back, or asks after the session.
    fn serve(&mut self, now: Instant) {
        if !self.client.is_connected() {
            return self.failed(&Error::NotConnected, now);
        }
        let begun = match self.echo.as_mut().filter(|echo| echo.attempts < MOST_ATTEMPTS) {
            Some(echo) => {
                let begun = self.client.begin_publish(&Publish::new(UPDATE, &echo.payload).qos(QoS::AtLeastOnce), now);
                if begun.is_ok() {
                    echo.attempts += 1;
                    self.pins.led.set_low();
                }
                begun
            }
            None => {
                self.echo = None;
                if now - self.heard_at < ASK_AFTER {
                    return;
                }
                self.heard_at = now;
                self.client.begin(&ConnectionQuery::default(), now)
            }
        };
        // What was given up before may still be being sent: then it comes round again.
        if let Err(nb::Error::Other(error)) = begun {
            self.failed(&error, now);
        }
    }
}

/// Whether the modem has not answered, as opposed to having refused something or restarted.
const fn is_silence<E>(error: &Error<E>) -> bool {
    matches!(error, Error::Command(CommandError { cause: Cause::Timeout, .. }))
}
