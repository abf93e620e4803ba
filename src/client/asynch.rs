//! The async front-end, over embedded-io-async 0.7: each call is a future that may be dropped at any point.
//!
//! It needs no executor of a certain kind, no mutex and no task of its own. Waiting is a race between a read and the
//! [`Timer`], so a read is dropped whenever a time limit passes, and when the caller drops a call.
//!
//! # What the UART must do
//!
//! * A **read** that is dropped must not lose bytes, and what arrives while nobody reads must be kept. UARTs with a
//!   buffer that an interrupt or a circular DMA fills do both; those that read by DMA into the caller's memory do not.
//! * A **write** that is dropped must not have sent anything. Again those with a buffer do so, and those that send by
//!   DMA out of the caller's memory do not.
//!
//! `docs/dropping.md` lists them by HAL. For the others there are [`forward`], which never drops a read or a write, and
//! [`Halves`], which makes one UART of two halves.
//!
//! # Dropping
//!
//! What a dropped call has begun is given up, as described at [`Engine::abandon`]: the next call first lets what was sent
//! in part end, and then gets back in step with the modem. Messages that came meanwhile wait in the inbox.

mod forward;
mod halves;
#[cfg(feature = "power")]
mod power;
mod race;
#[cfg(feature = "registration")]
mod register;
mod turn;

pub use self::forward::{ForwardError, forward};
pub use self::halves::{HalfError, Halves};
#[cfg(feature = "embassy-time")]
pub use super::timer::EmbassyTimer;
pub use super::timer::{DelayTimer, Timer};

pub(crate) use self::turn::Turn;
use super::connection::Connection;
use super::counters::Counters;
use super::error::Error;
use super::plan::{self, Connect, Send, Subscription, Teardown, WholeBringUp};
use super::progress::Progress;
use super::publish::Publish;
use crate::aliyun::SignIn;
use crate::at::{Buffers, Command, Engine, Piece, SubmitError};
use crate::command::Registration;
use crate::mqtt::{Session, SignOn};
use crate::network::{BringUp, Network};
use crate::time::Duration;
use crate::urc::{DIALECT, Event};
use crate::value::QoS;
use core::future::Future;
use embedded_io_async::{Read, Write};

/// An MQTT client on a modem behind a UART.
///
/// Messages that arrive during a call wait in the inbox until [`Client::next_event`] takes them.
///
/// ```
/// use embedded_io_async::{Read, Write};
/// use nt35e::asynch::{Client, Timer};
/// use nt35e::{Buffers, Duration, Error, Event, Network, Publish, QoS, Triple};
///
/// async fn run<U: Read + Write>(uart: U, timer: impl Timer, device_secret: &str) -> Result<(), Error<U::Error>> {
///     let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
///     let mut client = Client::new(uart, timer, Buffers::new(&mut rx, &mut tx, &mut inbox));
///     client.bring_up(&Network::default()).await?;
///     client.connect_aliyun(Triple::new("a1JszCpjS61", "NT35E_06011", device_secret)?).await?;
///     client.subscribe("/a1JszCpjS61/NT35E_06011/user/get", QoS::AtLeastOnce).await?;
///     let message = Publish::new("/a1JszCpjS61/NT35E_06011/user/update", b"{\"t\":21}");
///     client.publish(&message.qos(QoS::AtLeastOnce)).await?;
///     while let Some(event) = client.next_event(Duration::from_secs(60)).await? {
///         match event {
///             Event::Message { topic, payload, .. } => drop((topic, payload)),
///             Event::Restarted(_) | Event::Disconnected(_) => break, // bring up and connect again
///             _ => {}
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Client<'b, U, T> {
    uart: U,
    pub(crate) timer: T,
    pub(crate) engine: Engine<'b>,
    pub(crate) session: Session,
    /// Bytes were written and not flushed yet, perhaps since the flush was dropped.
    flush_due: bool,
}

impl<'b, U: Read + Write, T: Timer> Client<'b, U, T> {
    /// A client over `uart`. Nothing is sent yet.
    pub const fn new(uart: U, timer: T, buffers: Buffers<'b>) -> Self {
        Self { uart, timer, engine: Engine::new(buffers, &DIALECT), session: Session::new(), flush_due: false }
    }

    /// Brings the modem up: repeats `AT` until it answers, switches its echo off, and waits for the network.
    ///
    /// # Errors
    /// [`Error::Command`] if the modem does not answer in time, [`Error::NotRegistered`] if the network does not.
    pub fn bring_up<'c>(
        &'c mut self,
        network: &Network,
    ) -> impl Future<Output = Result<Registration, Error<U::Error>>> + use<'b, 'c, U, T> {
        self.run(plan::BringUp::new(*network))
    }

    /// Brings the modem up as `settings` say, and calls `show` with all that there is to show on the way.
    ///
    /// Before it waits for the network it also asks who modem and SIM are, and waits for the SIM; behind that, until
    /// packets can be carried. What the modem refuses and can be done without is told, and is no error.
    ///
    /// ```
    /// use embedded_io_async::{Read, Write};
    /// use nt35e::asynch::{Client, Timer};
    /// use nt35e::{BringUp, Error, Progress};
    ///
    /// async fn start<U: Read + Write, T: Timer>(client: &mut Client<'_, U, T>) -> Result<i16, Error<U::Error>> {
    ///     let mut strength = -113;
    ///     let settings = BringUp::default().apn("cmnet")?;
    ///     let show = |progress: Progress<'_>| match progress {
    ///         Progress::Signal(signal) => strength = signal.dbm().unwrap_or(strength),
    ///         _ => {} // print it, light an LED, feed the watchdog
    ///     };
    ///     client.bring_up_with(&settings, show).await?;
    ///     Ok(strength)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error::BringUp`] says what was waited for in vain, and what was seen of it last; [`Error::NotRegistered`] if it
    /// was the network; [`Error::Command`] if the modem stops to answer on the way.
    pub fn bring_up_with<'c, 'a, S: FnMut(Progress<'_>)>(
        &'c mut self,
        settings: &BringUp<'a>,
        show: S,
    ) -> impl Future<Output = Result<Registration, Error<U::Error>>> + use<'a, 'b, 'c, U, T, S> {
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
    pub fn connect<'a>(
        &mut self,
        broker: impl Into<SignOn<'a>>,
    ) -> impl Future<Output = Result<Connection, Error<U::Error>>> {
        self.run(Connect::new(broker.into()))
    }

    /// Signs a device in at Alibaba Cloud IoT; a [`Triple`](crate::Triple) is enough where the defaults of [`SignIn`]
    /// fit. The modem computes user name and password, unless the host is to.
    ///
    /// # Errors
    /// As for [`Client::connect`].
    pub fn connect_aliyun<'a>(
        &mut self,
        sign_in: impl Into<SignIn<'a>>,
    ) -> impl Future<Output = Result<Connection, Error<U::Error>>> {
        self.connect(sign_in.into())
    }

    /// Subscribes. `Ok` means that the broker granted it.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the filter breaks a rule, [`Error::NotConnected`], [`Error::Subscribe`], [`Error::Command`].
    pub fn subscribe(&mut self, filter: &str, qos: QoS) -> impl Future<Output = Result<(), Error<U::Error>>> {
        self.run(Subscription::new(filter, Some(qos)))
    }

    /// Ends a subscription.
    ///
    /// # Errors
    /// As for [`Client::subscribe`].
    pub fn unsubscribe(&mut self, filter: &str) -> impl Future<Output = Result<(), Error<U::Error>>> {
        self.run(Subscription::new(filter, None))
    }

    /// Publishes. `Ok` means at QoS 1 and 2 that the broker has acknowledged, at QoS 0 that the modem has sent it.
    ///
    /// A call that is dropped leaves it open whether the message goes out, unless it was dropped before a byte was sent.
    /// A payload that does not fit in TX behind the command line is sent out of `message`: dropped in the middle of it,
    /// the modem waits for the rest, and may have to be restarted; see [`Cause::PayloadOwed`](crate::at::Cause::PayloadOwed).
    ///
    /// # Errors
    /// [`Error::Invalid`] if topic or payload break a rule, [`Error::NotConnected`], [`Error::Unconfirmed`] if the
    /// acknowledgement was wrong, [`Error::NotSent`], [`Error::Command`].
    pub fn publish(&mut self, message: &Publish<'_>) -> impl Future<Output = Result<(), Error<U::Error>>> {
        self.run(Send::new(*message))
    }

    /// Signs off and closes the connection. It is closed afterwards whatever the modem answers.
    ///
    /// # Errors
    /// [`Error::Command`] if the modem does not answer at all.
    pub fn disconnect(&mut self) -> impl Future<Output = Result<(), Error<U::Error>>> {
        self.run(Teardown::new())
    }

    /// The next event, or none if there is none within `limit`.
    ///
    /// An event is handed out or stays: dropping this loses none.
    ///
    /// # Errors
    /// [`Error::Uart`], [`Error::Closed`].
    pub async fn next_event(&mut self, limit: Duration) -> Result<Option<Event<'_>>, Error<U::Error>> {
        self.engine.abandon();
        let until = self.timer.now() + limit;
        loop {
            match self.turn(&[], Some(until)).await? {
                Turn::Event => break,
                Turn::TimeUp if self.timer.now() >= until => return Ok(None),
                _ => {}
            }
        }
        Ok(self.engine.event().map(|event| self.session.observe(event)))
    }

    /// Reads on in the payload of an [`Event::LargeMessage`]: what has come of it, or else what comes next. Returns how
    /// many bytes that were; 0 once the payload has ended as its length said.
    ///
    /// It does not wait until `buffer` is full, so that dropping it loses nothing: bytes are taken only to be returned.
    ///
    /// # Errors
    /// [`Error::PayloadBroken`] if it did not end so, [`Error::PayloadTimeout`] if nothing arrives for `limit`,
    /// [`Error::Uart`]. What was read before is not to be trusted then.
    pub async fn read_payload(&mut self, buffer: &mut [u8], limit: Duration) -> Result<usize, Error<U::Error>> {
        let mut until = self.timer.now() + limit;
        loop {
            match self.engine.read_payload(buffer) {
                Piece::Bytes(count) => return Ok(count),
                Piece::End => return Ok(0),
                Piece::Broken => return Err(Error::PayloadBroken),
                Piece::Wait if buffer.is_empty() => return Ok(0),
                Piece::Wait => {
                    if self.take_in(until).await? {
                        until = self.timer.now() + limit;
                    } else if self.timer.now() >= until {
                        return Err(Error::PayloadTimeout);
                    }
                }
            }
        }
    }

    /// Executes one command, such as a [`Raw`](crate::command::Raw) one.
    ///
    /// # Errors
    /// [`Error::Command`] if the modem refuses or does not answer, [`Error::Invalid`] or [`Error::TxTooSmall`] if it
    /// cannot be sent.
    pub async fn execute<D: Command>(&mut self, command: &D) -> Result<D::Response<'_>, Error<U::Error>> {
        self.settle().await?;
        match self.engine.submit(command) {
            Ok(()) => {}
            Err(SubmitError::Encode(error)) => return Err(error.into()),
            Err(SubmitError::Busy) => return Err(Error::NotConnected),
        }
        while self.turn(command.payload(), None).await? != Turn::Finished {}
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

    /// Gives the UART and the timer back.
    pub fn release(self) -> (U, T) {
        (self.uart, self.timer)
    }
}
