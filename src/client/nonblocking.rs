//! The non-blocking front-end, over embedded-hal-nb 1.0: for a super-loop and for RTIC.
//!
//! An operation is begun once, lives in the client, and goes on at each [`Client::poll`], until that returns its
//! [`Outcome`]:
//!
//! ```
//! use embedded_hal_nb::{nb, serial};
//! use nt35e::nonblocking::{Client, Outcome};
//! use nt35e::{Error, Event, Instant, Network, Publish, QoS, Triple};
//!
//! /// What the super-loop calls over and over.
//! fn turn<U: serial::Read + serial::Write>(client: &mut Client<'_, 'static, U>, now: Instant, reading: Option<&str>) {
//!     match client.poll(now) {
//!         Ok(Outcome::BroughtUp(_)) => match Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef") {
//!             Ok(triple) => client.begin_connect_aliyun(triple),
//!             Err(_invalid) => {}
//!         },
//!         Ok(Outcome::Connected(_)) => client.begin_subscribe("/a1JszCpjS61/NT35E_06011/user/get", QoS::AtLeastOnce),
//!         Ok(_) => {}
//!         Err(nb::Error::WouldBlock | nb::Error::Other(Error::Uart(_))) => {} // what was begun goes on
//!         Err(nb::Error::Other(_)) => client.begin_bring_up(&Network::default()),
//!     }
//!     while let Some(event) = client.event() {
//!         match event {
//!             Event::Message { topic, payload, .. } => drop((topic, payload)),
//!             Event::Restarted(_) | Event::Disconnected(_) => {} // bring up and connect again
//!             _ => {}
//!         }
//!     }
//!     if let Some(reading) = reading.filter(|_| client.is_connected() && !client.is_busy()) {
//!         let message = Publish::new("/a1JszCpjS61/NT35E_06011/user/update", reading.as_bytes());
//!         let _begun = client.begin_publish(&message.qos(QoS::AtLeastOnce), now);
//!     }
//! }
//! ```
//!
//! # Why begin and poll, and not one call that is repeated
//!
//! The usual form of `nb`, `publish(&message)` called until it no longer returns `WouldBlock`, cannot tell whether the
//! message of the second call is the one of the first. If it is not, one of the two is reported as published and was not.
//! Here a message is given once. And since an application polls in one place, whatever was begun anywhere goes on, and
//! `nb::block!(client.poll(now()))` waits where waiting is wanted.
//!
//! [`Client::begin_publish`] and [`Client::begin`] copy what they are given into the TX buffer, so that nothing stays
//! borrowed; only they can return `WouldBlock`, while the rest of what was given up before has to be sent. The others
//! borrow host, names and topics for `'p`, which is `'static` for constants.
//!
//! # Bytes from an interrupt
//!
//! Without a FIFO worth the name, bytes have to be taken in an interrupt. Either the interrupt fills a queue, and the
//! type that reads from it implements [`Read`]; or it hands the bytes to the client itself, by [`Client::push`], which
//! only copies them. Then the UART in the client is the sending half, in a [`SendOnly`]. In RTIC, with the client as a
//! shared resource, which is simple, but holds the interrupt off while the client is polled or given something, and a
//! byte at 115 200 baud lasts 87 µs. On a slow core, take the queue.
//!
//! ```
//! use embedded_hal_nb::{nb, serial};
//! use nt35e::Instant;
//! use nt35e::nonblocking::{Client, SendOnly};
//!
//! type Modem<Tx> = Client<'static, 'static, SendOnly<Tx>>;
//!
//! /// `#[task(binds = USART2, shared = [modem], local = [rx])]`: `modem.lock(|modem| on_byte(modem, rx))`
//! fn on_byte<Tx: serial::Write>(modem: &mut Modem<Tx>, rx: &mut impl serial::Read) {
//!     while let Ok(byte) = rx.read() {
//!         if modem.push(&[byte]) == 0 {
//!             break; // more than RX holds since the last poll: count it
//!         }
//!     }
//! }
//!
//! /// `async #[task(shared = [modem])]`, without an end: `modem.lock(on_poll)`, then wait for the interrupt's signal, as of
//! /// rtic-sync, or until what this returns.
//! fn on_poll<Tx: serial::Write>(modem: &mut Modem<Tx>, now: Instant) -> Option<Instant> {
//!     match modem.poll(now) {
//!         Ok(outcome) => drop(outcome),
//!         Err(nb::Error::WouldBlock) => {}
//!         Err(nb::Error::Other(error)) => drop(error),
//!     }
//!     modem.wake_at()
//! }
//! ```

#[cfg(feature = "power")]
mod power;
#[cfg(feature = "registration")]
mod register;
mod send_only;
mod transfer;

pub use super::plan::{Outcome, Show};
pub use send_only::SendOnly;

use super::counters::Counters;
use super::error::Error;
use super::plan::{self, Connect, Context, Next, Operation, Plan, Send, Sent, Subscription, Teardown};
use super::publish::Publish;
use crate::aliyun::SignIn;
use crate::at::{Buffers, Cause, Command, CommandError, Engine, Stage, Step, SubmitError};
use crate::mqtt::{Session, SignOn};
use crate::network::{BringUp, Network};
use crate::time::Instant;
use crate::urc::{DIALECT, Event};
use crate::value::QoS;
use embedded_hal_nb::nb;
use embedded_hal_nb::serial::{Read, Write};

/// An MQTT client on a modem behind a UART, which never waits.
///
/// `'b` is that of the buffers, `'p` that of what an operation borrows. Messages that arrive during an operation wait in
/// the inbox until [`Client::event`] takes them. Beginning an operation gives up the one before, as [`Client::give_up`].
pub struct Client<'b, 'p, U> {
    uart: U,
    pub(crate) engine: Engine<'b>,
    pub(crate) session: Session,
    operation: Option<Operation<'p>>,
    /// The command in flight is the operation's.
    is_driving: bool,
    /// The payload of a message that was given up, for as long as the engine is busy to send it.
    owed: &'p [u8],
    /// Bytes were written, and the UART was not told yet that these were all.
    is_unflushed: bool,
    /// All the memory that the engine had for received bytes is full, until it has looked at them.
    is_full: bool,
    /// A large message is being read, and given up at this time.
    reading_until: Option<Instant>,
    pub(crate) wake_at: Option<Instant>,
    has_event: bool,
}

impl<'b, 'p, U> Client<'b, 'p, U> {
    /// A client over `uart`. Nothing is sent yet.
    pub const fn new(uart: U, buffers: Buffers<'b>) -> Self {
        Self {
            uart,
            engine: Engine::new(buffers, &DIALECT),
            session: Session::new(),
            operation: None,
            is_driving: false,
            owed: &[],
            is_unflushed: false,
            is_full: false,
            reading_until: None,
            wake_at: None,
            has_event: false,
        }
    }

    /// Begins to bring the modem up: repeats `AT` until it answers, switches its echo off, and waits for the network.
    ///
    /// Ends as [`Outcome::BroughtUp`]; [`Error::Command`] if the modem does not answer in time,
    /// [`Error::NotRegistered`] if the network does not.
    pub fn begin_bring_up(&mut self, network: &Network) {
        self.start(Operation::BringUp(plan::BringUp::new(*network)));
    }

    /// Begins to bring the modem up as `settings` say; polls call `show` with all that there is to show on the way.
    ///
    /// Before it waits for the network it also asks who modem and SIM are, and waits for the SIM; behind that, until
    /// packets can be carried. What the modem refuses and can be done without is told, and is no error.
    ///
    /// Ends as [`Outcome::BroughtUp`]; [`Error::BringUp`] says what was waited for in vain, and what was seen of it last;
    /// [`Error::NotRegistered`] if it was the network; [`Error::Command`] if the modem stops to answer on the way.
    ///
    /// ```
    /// use core::sync::atomic::{AtomicI16, Ordering};
    /// use nt35e::nonblocking::Client;
    /// use nt35e::{BringUp, InvalidField, Progress};
    ///
    /// static STRENGTH: AtomicI16 = AtomicI16::new(-113);
    ///
    /// fn start<U>(client: &mut Client<'_, 'static, U>) -> Result<(), InvalidField> {
    ///     client.begin_bring_up_with(&BringUp::default().apn("cmnet")?, &|progress| match progress {
    ///         Progress::Signal(signal) => STRENGTH.store(signal.dbm().unwrap_or(-113), Ordering::Relaxed),
    ///         _ => {} // print it, light an LED, feed the watchdog
    ///     });
    ///     Ok(())
    /// }
    /// ```
    pub fn begin_bring_up_with(&mut self, settings: &BringUp<'p>, show: Show<'p>) {
        self.start(Operation::WholeBringUp(plan::Shown::new(*settings, show).begin()));
    }

    /// Begins to sign in at any MQTT broker.
    ///
    /// A session that was left open is closed first, and every setting is written again. Ends as
    /// [`Outcome::Connected`], which means that the broker accepted; [`Error::Open`] if it cannot be reached,
    /// [`Error::Connect`] if it does not accept, [`Error::Command`] if the modem refuses a setting that this sign-in
    /// needs, or does not answer.
    pub fn begin_connect(&mut self, broker: impl Into<SignOn<'p>>) {
        self.start(Operation::Connect(Connect::new(broker.into())));
    }

    /// Begins to sign a device in at Alibaba Cloud IoT; a [`Triple`](crate::Triple) is enough where the defaults of
    /// [`SignIn`] fit. Ends as [`Client::begin_connect`] does.
    pub fn begin_connect_aliyun(&mut self, sign_in: impl Into<SignIn<'p>>) {
        self.begin_connect(sign_in.into());
    }

    /// Begins to subscribe.
    ///
    /// Ends as [`Outcome::Subscribed`], which means that the broker granted it; [`Error::Invalid`] if the filter breaks
    /// a rule, [`Error::NotConnected`], [`Error::Subscribe`], [`Error::Command`].
    pub fn begin_subscribe(&mut self, filter: &'p str, qos: QoS) {
        self.start(Operation::Subscribe(Subscription::new(filter, Some(qos))));
    }

    /// Begins to end a subscription. Ends as [`Outcome::Unsubscribed`], or as [`Client::begin_subscribe`] does.
    pub fn begin_unsubscribe(&mut self, filter: &'p str) {
        self.start(Operation::Unsubscribe(Subscription::new(filter, None)));
    }

    /// Begins to publish a message that stays where it is until that has ended, and may be of any length that the modem
    /// allows. Ends as [`Client::begin_publish`] does.
    pub fn begin_publish_in_place(&mut self, message: &Publish<'p>) {
        self.start(Operation::Send(Send::new(*message)));
    }

    /// Begins to sign off and to close the connection. It is closed afterwards whatever the modem answers.
    ///
    /// Ends as [`Outcome::Disconnected`]; [`Error::Command`] if the modem does not answer at all.
    pub fn begin_disconnect(&mut self) {
        self.start(Operation::Disconnect(Teardown::new()));
    }

    /// Gives up what was begun. What was sent of it in part is sent to its end by the next polls, as the modem waits for
    /// it; nothing more comes of it. A message may have been published or not.
    pub fn give_up(&mut self) {
        if let Some(Operation::Send(send)) = &self.operation {
            self.owed = send.message_payload();
            self.engine.abandon_keeping_payload();
        } else {
            self.engine.abandon();
        }
        self.operation = None;
        self.is_driving = false;
        self.reading_until = None;
    }

    /// Whether something was begun and has not ended.
    pub const fn is_busy(&self) -> bool {
        self.operation.is_some()
    }

    /// The oldest event; none while an operation lasts. What arrives is seen by [`Client::poll`].
    pub fn event(&mut self) -> Option<Event<'_>> {
        if self.is_busy() || self.engine.is_busy() || self.is_reading() {
            return None;
        }
        self.reading_until = None;
        self.has_event = false;
        self.engine.event().map(|event| self.session.observe(event))
    }

    /// When to poll again even if no byte arrives and the UART takes none; never if none. As of the last poll.
    pub const fn wake_at(&self) -> Option<Instant> {
        self.wake_at
    }

    /// Whether the last poll has left an event for [`Client::event`].
    pub const fn has_event(&self) -> bool {
        self.has_event
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

    /// Gives the UART back.
    pub fn release(self) -> U {
        self.uart
    }

    fn start(&mut self, operation: Operation<'p>) {
        self.give_up();
        self.operation = Some(operation);
    }

    /// Whether the operation is to say what comes next: the line is free.
    const fn is_due(&self) -> bool {
        self.is_busy() && !self.is_driving && !self.engine.is_busy()
    }

    /// Whether polls have to do nothing for now, since a large message is being read.
    pub(crate) fn waits_for_reader(&mut self, now: Instant) -> bool {
        if self.is_reading() && self.reading_until.is_some_and(|until| now < until) {
            self.wake_at = self.reading_until;
            return true;
        }
        self.reading_until = None;
        false
    }

    /// Whether a large message is being read, and the poll has to leave the rest of it to the reader.
    fn is_reading(&self) -> bool {
        self.reading_until.is_some() && self.engine.payload_remaining() > 0
    }
}

impl<'p, U: Read<u8> + Write<u8>> Client<'_, 'p, U> {
    /// Goes on with what was begun, until it has ended or nothing can be moved without waiting. Without anything begun it
    /// takes in what arrives, and always returns `WouldBlock`.
    ///
    /// `now` must not go backwards.
    ///
    /// # Errors
    /// How what was begun has failed. Only after [`Error::Uart`] it goes on, with the next poll.
    pub fn poll(&mut self, now: Instant) -> nb::Result<Outcome, Error<U::Error>> {
        if self.waits_for_reader(now) {
            return Err(nb::Error::WouldBlock);
        }
        loop {
            if !self.is_due() && self.transfer(None, now)? != Step::Finished && !self.is_due() {
                return Err(nb::Error::WouldBlock);
            }
            let Some(operation) = &mut self.operation else { return Err(nb::Error::WouldBlock) };
            let mut context = Context { engine: &mut self.engine, session: &mut self.session, now };
            let next = operation.advance(&mut context);
            self.is_driving = matches!(next, Ok(Next::Drive));
            match next {
                Ok(Next::Drive) => {}
                Ok(Next::Done(Outcome::Answered)) => return Ok(Outcome::Answered),
                Ok(Next::Done(outcome)) => {
                    self.operation = None;
                    return Ok(outcome);
                }
                Err(failure) => {
                    self.operation = None;
                    return Err(nb::Error::Other(failure.of_uart()));
                }
            }
        }
    }

    /// Begins to publish a message that fits in the TX buffer, which then holds it: with `Ok`, it is the caller's again.
    ///
    /// Ends as [`Outcome::Published`], which means at QoS 1 and 2 that the broker has acknowledged, at QoS 0 that the
    /// modem has sent it; [`Error::Unconfirmed`] if the acknowledgement was wrong, [`Error::NotSent`],
    /// [`Error::Command`].
    ///
    /// # Errors
    /// `WouldBlock` while the rest of what was given up is being sent; nothing was begun. [`Error::Invalid`] if topic or
    /// payload break a rule, [`Error::NotConnected`], [`Error::TxTooSmall`]; nothing was sent.
    pub fn begin_publish(&mut self, message: &Publish<'_>, now: Instant) -> nb::Result<(), Error<U::Error>> {
        self.settle(now)?;
        let mut context = Context { engine: &mut self.engine, session: &mut self.session, now };
        let sent = Sent::submit(message, &mut context).map_err(|failure| nb::Error::Other(failure.of_uart()))?;
        self.drive(Operation::Sent(sent))
    }

    /// Begins any command, such as a [`Raw`](crate::command::Raw) one, that fits in the TX buffer with its payload.
    ///
    /// Ends as [`Outcome::Answered`], whatever the answer is; [`Client::finish`] has it.
    ///
    /// # Errors
    /// `WouldBlock` while the rest of what was given up is being sent; nothing was begun. [`Error::Invalid`] or
    /// [`Error::TxTooSmall`] if it cannot be sent.
    pub fn begin<D: Command>(&mut self, command: &D, now: Instant) -> nb::Result<(), Error<U::Error>> {
        self.settle(now)?;
        match self.engine.submit(command) {
            Ok(()) => self.drive(Operation::Command),
            Err(SubmitError::Encode(error)) => Err(nb::Error::Other(error.into())),
            Err(SubmitError::Busy) => Err(nb::Error::WouldBlock),
        }
    }

    /// The answer to a command that was begun by [`Client::begin`], once [`Client::poll`] has returned
    /// [`Outcome::Answered`]. `command` is the one that was begun.
    ///
    /// # Errors
    /// [`Error::Command`] if the modem refused it or did not answer, or if it has not ended.
    pub fn finish<D: Command>(&mut self, command: &D) -> Result<D::Response<'_>, Error<U::Error>> {
        if !matches!(self.operation, Some(Operation::Command)) || self.is_driving {
            let unfinished = CommandError { name: D::SPEC.name, stage: Stage::Send, cause: Cause::Unfinished };
            return Err(Error::Command(unfinished));
        }
        self.operation = None;
        self.engine.finish(command).map_err(Error::Command)
    }

    /// Lets the command that was submitted be that of `operation`, if TX holds all of it.
    fn drive(&mut self, operation: Operation<'p>) -> nb::Result<(), Error<U::Error>> {
        let available = self.engine.longest_line();
        match self.engine.payload_shortage() {
            0 => {
                self.operation = Some(operation);
                self.is_driving = true;
                Ok(())
            }
            shortage => {
                self.engine.abandon();
                Err(nb::Error::Other(Error::TxTooSmall { needed: available.saturating_add(shortage), available }))
            }
        }
    }
}

impl<U> core::fmt::Debug for Client<'_, '_, U> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { engine, session, .. } = self;
        formatter.debug_struct("Client").field("engine", engine).field("session", session).finish_non_exhaustive()
    }
}
