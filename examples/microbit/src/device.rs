//! The device: signs in, and sends back on `user/update` what comes in on `user/get`.
//!
//! ```text
//!        no answer: press a key                 ┌─── message ───┐
//!           ┌─────────┐                         ▼               │
//!  start ─► bring up ─┴► sign in, subscribe, greet ─► serve ────┘
//!               ▲                  │                    │
//!               └─── pause ◄───────┴────────────────────┘ failure, lost link, restart of the modem
//! ```

use core::convert::Infallible;

use heapless::Vec;
use nrf51_pac::GPIO;
use nt35e::aliyun::SignIn;
use nt35e::at::{Cause, CommandError};
use nt35e::blocking::Client;
use nt35e::command::{ConnectionQuery, ConnectionState};
use nt35e::{Buffers, Duration, Error, Event, Network, Publish, QoS};

use crate::clock::{self, Clock};
use crate::cloud::{GET, GREETING, LONGEST_ECHO, UPDATE};
use crate::line::Line;
use crate::pins::{self, LED_COLUMN, LED_ROW, POWER_KEY, RESET};
use crate::recovery::{Key, Recovery};

type Failure = Error<Infallible>;

/// A message that fails so often would fail for ever, and block all others.
const MOST_ATTEMPTS: u8 = 10;

/// After so long without an event, the modem is asked whether the session is still there: one that has lost its supply
/// does not say so.
const ASK_AFTER: Duration = Duration::from_secs(60);

/// A message that the broker does not have yet. It stays until it does, over any number of sessions.
///
/// It is filled where it stands: there is no room on this chip's stack for a copy of it on its way.
struct Echo {
    is_due: bool,
    payload: Vec<u8, LONGEST_ECHO>,
    attempts: u8,
}

/// The device.
pub struct Device<'b> {
    client: Client<'b, Line, Clock>,
    sign_in: SignIn<'static>,
    gpio: GPIO,
    recovery: Recovery,
    echo: Echo,
}

impl<'b> Device<'b> {
    pub fn new(line: Line, clock: Clock, buffers: Buffers<'b>, sign_in: SignIn<'static>, gpio: GPIO) -> Self {
        pins::drive(&gpio, POWER_KEY, false);
        pins::drive(&gpio, RESET, false);
        pins::drive(&gpio, LED_COLUMN, false);
        let echo = Echo { is_due: false, payload: Vec::new(), attempts: 0 };
        Self { client: Client::new(line, clock, buffers), sign_in, gpio, recovery: Recovery::new(), echo }
    }

    pub fn run(&mut self) -> ! {
        loop {
            self.light(false);
            match self.client.bring_up(&Network::default().answer_within(self.recovery.patience())) {
                Ok(_) => self.recovery.answered(),
                Err(Error::Command(CommandError { cause: Cause::Timeout, .. })) => {
                    let key = self.recovery.silent();
                    self.press(key);
                    continue;
                }
                Err(error) => {
                    self.pause(&error, None);
                    continue;
                }
            }
            if let Err(error) = self.sign_in() {
                self.pause(&error, None);
                continue;
            }
            let since = clock::now();
            let Err(error) = self.serve();
            self.pause(&error, Some(clock::now() - since));
        }
    }

    fn sign_in(&mut self) -> Result<(), Failure> {
        self.client.connect_aliyun(self.sign_in)?;
        self.client.subscribe(GET, QoS::AtLeastOnce)?;
        self.client.publish(&Publish::new(UPDATE, GREETING).qos(QoS::AtLeastOnce))
    }

    /// Sends back what comes in, until something fails.
    fn serve(&mut self) -> Result<Infallible, Failure> {
        loop {
            if !self.client.is_connected() {
                return Err(Error::NotConnected);
            }
            if self.echo.is_due && self.echo.attempts < MOST_ATTEMPTS {
                self.echo.attempts += 1;
                pins::drive(&self.gpio, LED_ROW, false);
                // At QoS 1, `Ok` means that the broker has it.
                self.client.publish(&Publish::new(UPDATE, &self.echo.payload).qos(QoS::AtLeastOnce))?;
            }
            self.echo.is_due = false;
            self.light(true);
            self.receive()?;
        }
    }

    /// Takes the oldest message out of the inbox, where the others wait, or waits for one.
    fn receive(&mut self) -> Result<(), Failure> {
        match self.client.next_event(ASK_AFTER)? {
            Some(Event::Message { topic, payload, .. }) if topic == GET => {
                self.echo.payload.clear();
                self.echo.is_due = self.echo.payload.extend_from_slice(payload).is_ok();
                self.echo.attempts = 0;
            }
            // Of a lost link and a restart the client takes note itself.
            Some(_) => {}
            None => match self.client.execute(&ConnectionQuery::default())? {
                Some(ConnectionState::Connected) => {}
                _ => return Err(Error::NotConnected),
            },
        }
        Ok(())
    }

    fn pause(&mut self, error: &Failure, session: Option<Duration>) {
        self.light(false);
        // Nothing more comes then while nobody listens.
        let _ = self.client.disconnect();
        clock::wait(self.recovery.failed(error, session));
        if self.recovery.needs_reset() {
            self.press(Key::Reset);
        }
    }

    fn press(&mut self, key: Key) {
        let pin = match key {
            Key::Power => POWER_KEY,
            Key::Reset => RESET,
        };
        pins::drive(&self.gpio, pin, true);
        clock::wait(key.held_for());
        pins::drive(&self.gpio, pin, false);
        self.client.modem_restarted();
    }

    /// On while the device is signed in; off for a moment while it sends a message back.
    fn light(&self, on: bool) {
        pins::drive(&self.gpio, LED_ROW, on);
    }
}
