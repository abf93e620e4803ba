//! The blocking front-end, over embedded-io 0.7: each call returns when it is done.

#[cfg(feature = "power")]
mod power;
#[cfg(feature = "registration")]
mod register;

use super::connection::Connection;
use super::counters::Counters;
use super::error::Error;
use super::plan::{self, Connect, Context, Next, Plan, Send, Subscription, Teardown, WholeBringUp};
use super::progress::Progress;
use super::publish::Publish;
use crate::aliyun::SignIn;
use crate::at::{Buffers, Command, Engine, Piece, Step, SubmitError};
use crate::command::Registration;
use crate::mqtt::{Session, SignOn};
use crate::network::{BringUp, Network};
use crate::time::{Clock, Duration};
use crate::urc::{DIALECT, Event};
use crate::value::QoS;
use embedded_io::{Read, ReadReady, Write};

/// An MQTT client on a modem behind a UART.
///
/// The UART must keep what arrives while nobody reads: at 115 200 baud a byte comes every 87 µs. `clock` is any
/// [`Clock`], such as a closure that reads a timer.
///
/// Messages that arrive during a call wait in the inbox until [`Client::next_event`] takes them.
#[derive(Debug)]
pub struct Client<'b, U, C> {
    uart: U,
    pub(crate) clock: C,
    pub(crate) engine: Engine<'b>,
    pub(crate) session: Session,
}

impl<'b, U: Read + ReadReady + Write, C: Clock> Client<'b, U, C> {
    /// A client over `uart`. Nothing is sent yet.
    pub const fn new(uart: U, clock: C, buffers: Buffers<'b>) -> Self {
        Self { uart, clock, engine: Engine::new(buffers, &DIALECT), session: Session::new() }
    }

    /// Brings the modem up: repeats `AT` until it answers, switches its echo off, and waits for the network.
    ///
    /// # Errors
    /// [`Error::Command`] if the modem does not answer in time, [`Error::NotRegistered`] if the network does not.
    pub fn bring_up(&mut self, network: &Network) -> Result<Registration, Error<U::Error>> {
        self.run(plan::BringUp::new(*network))
    }

    /// Brings the modem up as `settings` say, and calls `show` with all that there is to show on the way.
    ///
    /// Before it waits for the network it also asks who modem and SIM are, and waits for the SIM; behind that, until
    /// packets can be carried. What the modem refuses and can be done without is told, and is no error.
    ///
    /// ```
    /// use embedded_io::{Read, ReadReady, Write};
    /// use nt35e::blocking::Client;
    /// use nt35e::{BringUp, Clock, Error, Progress};
    ///
    /// fn start<U: Read + ReadReady + Write, C: Clock>(client: &mut Client<'_, U, C>) -> Result<i16, Error<U::Error>> {
    ///     let mut strength = -113;
    ///     client.bring_up_with(&BringUp::default().apn("cmnet")?, |progress| match progress {
    ///         Progress::Signal(signal) => strength = signal.dbm().unwrap_or(strength),
    ///         _ => {} // print it, light an LED, feed the watchdog
    ///     })?;
    ///     Ok(strength)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error::BringUp`] says what was waited for in vain, and what was seen of it last; [`Error::NotRegistered`] if it
    /// was the network; [`Error::Command`] if the modem stops to answer on the way.
    pub fn bring_up_with(
        &mut self,
        settings: &BringUp<'_>,
        show: impl FnMut(Progress<'_>),
    ) -> Result<Registration, Error<U::Error>> {
        self.run(WholeBringUp::new(*settings, show))
    }

    /// Signs in at any MQTT broker.
    ///
    /// A session that was left open is closed first, and every setting is written again. `Ok` means that the broker
    /// accepted; what the modem did not agree to is in the [`Connection`].
    ///
    /// # Errors
    /// [`Error::Open`] if the broker cannot be reached, [`Error::Connect`] if it does not accept, [`Error::Command`] if
    /// the modem refuses a setting that this sign-in needs, or does not answer.
    pub fn connect<'a>(&mut self, broker: impl Into<SignOn<'a>>) -> Result<Connection, Error<U::Error>> {
        self.run(Connect::new(broker.into()))
    }

    /// Signs a device in at Alibaba Cloud IoT; a [`Triple`](crate::Triple) is enough where the defaults of [`SignIn`]
    /// fit. The modem computes user name and password, unless the host is to.
    ///
    /// # Errors
    /// As for [`Client::connect`].
    pub fn connect_aliyun<'a>(&mut self, sign_in: impl Into<SignIn<'a>>) -> Result<Connection, Error<U::Error>> {
        self.connect(sign_in.into())
    }

    /// Subscribes. `Ok` means that the broker granted it.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the filter breaks a rule, [`Error::NotConnected`], [`Error::Subscribe`], [`Error::Command`].
    pub fn subscribe(&mut self, filter: &str, qos: QoS) -> Result<(), Error<U::Error>> {
        self.run(Subscription::new(filter, Some(qos)))
    }

    /// Ends a subscription.
    ///
    /// # Errors
    /// As for [`Client::subscribe`].
    pub fn unsubscribe(&mut self, filter: &str) -> Result<(), Error<U::Error>> {
        self.run(Subscription::new(filter, None))
    }

    /// Publishes. `Ok` means at QoS 1 and 2 that the broker has acknowledged, at QoS 0 that the modem has sent it.
    ///
    /// # Errors
    /// [`Error::Invalid`] if topic or payload break a rule, [`Error::NotConnected`], [`Error::Unconfirmed`] if the
    /// acknowledgement was wrong, [`Error::NotSent`], [`Error::Command`].
    pub fn publish(&mut self, message: &Publish<'_>) -> Result<(), Error<U::Error>> {
        self.run(Send::new(*message))
    }

    /// Signs off and closes the connection. It is closed afterwards whatever the modem answers.
    ///
    /// # Errors
    /// [`Error::Command`] if the modem does not answer at all.
    pub fn disconnect(&mut self) -> Result<(), Error<U::Error>> {
        self.run(Teardown::new())
    }

    /// The next event, or none if there is none within `limit`.
    ///
    /// # Errors
    /// [`Error::Uart`].
    pub fn next_event(&mut self, limit: Duration) -> Result<Option<Event<'_>>, Error<U::Error>> {
        let until = self.clock.now() + limit;
        loop {
            match self.step(&[])? {
                Step::Event => break,
                Step::Receive if self.clock.now() >= until => return Ok(None),
                _ => {}
            }
        }
        Ok(self.engine.event().map(|event| self.session.observe(event)))
    }

    /// Reads on in the payload of an [`Event::LargeMessage`], until `buffer` is full or the payload has ended. Returns
    /// how many bytes that were; 0 once the payload has ended as its length said.
    ///
    /// # Errors
    /// [`Error::PayloadBroken`] if it did not end so, [`Error::PayloadTimeout`] if nothing arrives for `limit`,
    /// [`Error::Uart`]. What was read before is not to be trusted then.
    pub fn read_payload(&mut self, buffer: &mut [u8], limit: Duration) -> Result<usize, Error<U::Error>> {
        let mut read: usize = 0;
        let mut until = self.clock.now() + limit;
        while read < buffer.len() {
            match self.engine.read_payload(buffer.get_mut(read..).unwrap_or_default()) {
                Piece::Bytes(count) => {
                    read = read.saturating_add(count);
                    until = self.clock.now() + limit;
                }
                Piece::End => break,
                Piece::Broken => return Err(Error::PayloadBroken),
                Piece::Wait => {
                    if !self.take_in()? {
                        if self.clock.now() >= until {
                            return Err(Error::PayloadTimeout);
                        }
                        self.clock.idle();
                    }
                }
            }
        }
        Ok(read)
    }

    /// Executes one command, such as a [`Raw`](crate::command::Raw) one.
    ///
    /// # Errors
    /// [`Error::Command`] if the modem refuses or does not answer, [`Error::Invalid`] or [`Error::TxTooSmall`] if it
    /// cannot be sent.
    pub fn execute<D: Command>(&mut self, command: &D) -> Result<D::Response<'_>, Error<U::Error>> {
        self.settle()?;
        match self.engine.submit(command) {
            Ok(()) => {}
            Err(SubmitError::Encode(error)) => return Err(error.into()),
            Err(SubmitError::Busy) => return Err(Error::NotConnected),
        }
        self.drive(command.payload())?;
        self.engine.finish(command).map_err(Error::Command)
    }

    /// Whether there is a session, as far as the driver knows: a lost link shows as an event.
    pub fn is_connected(&self) -> bool {
        self.session.is_connected(&self.engine)
    }

    /// Takes note that the application has restarted the modem, by its reset pin or its supply, in case the banner is not
    /// heard. There is no session then, as after any [`Event::Restarted`].
    pub fn modem_restarted(&mut self) {
        self.engine.modem_restarted();
    }

    /// What has happened since the start, on the line and above it.
    pub fn counters(&self) -> Counters {
        Counters::new(&self.engine, &self.session)
    }

    /// Gives the UART and the clock back.
    pub fn release(self) -> (U, C) {
        (self.uart, self.clock)
    }

    fn run<P: Plan>(&mut self, mut plan: P) -> Result<P::Output, Error<U::Error>> {
        self.settle()?;
        loop {
            let now = self.clock.now();
            let mut context = Context { engine: &mut self.engine, session: &mut self.session, now };
            match plan.advance(&mut context).map_err(super::error::Failure::of_uart)? {
                Next::Drive => self.drive(plan.payload())?,
                Next::Done(output) => return Ok(output),
            }
        }
    }

    /// Lets an abandoned command end, so that the modem is not left in the middle of a line.
    fn settle(&mut self) -> Result<(), Error<U::Error>> {
        self.engine.abandon();
        while self.engine.is_busy() {
            let _ = self.step(&[])?;
        }
        Ok(())
    }

    fn drive(&mut self, payload: &[u8]) -> Result<(), Error<U::Error>> {
        while self.step(payload)? != Step::Finished {}
        Ok(())
    }

    /// Moves bytes one way or the other, once.
    pub(crate) fn step(&mut self, payload: &[u8]) -> Result<Step, Error<U::Error>> {
        let now = self.clock.now();
        let step = self.engine.poll(now);
        self.session.time(step, &self.engine, now);
        match step {
            Step::Transmit => {
                // What has arrived by now is no answer to what has not been sent yet.
                if !self.take_in()? {
                    let sent = self.uart.write(self.engine.transmit(payload)).map_err(Error::Uart)?;
                    self.uart.flush().map_err(Error::Uart)?;
                    self.engine.transmitted(sent);
                }
            }
            Step::Receive => {
                if !self.take_in()? {
                    self.clock.idle();
                }
            }
            Step::Event | Step::Finished => {}
        }
        Ok(step)
    }

    /// Reads what has arrived; false if that was nothing.
    pub(crate) fn take_in(&mut self) -> Result<bool, Error<U::Error>> {
        if !self.uart.read_ready().map_err(Error::Uart)? {
            return Ok(false);
        }
        let received = self.uart.read(self.engine.receive()).map_err(Error::Uart)?;
        self.engine.received(received);
        Ok(received > 0)
    }
}
