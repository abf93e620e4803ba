//! The non-blocking front-end, polled until what was asked of it has ended.

use core::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;

use embedded_hal_nb::{nb, serial};
use embedded_io::{ErrorType, Read, ReadReady, Write};
#[cfg(feature = "registration")]
use nt35e::RegisterError;
#[cfg(feature = "registration")]
use nt35e::aliyun::registration::{CredentialStore, DynamicRegistration, Pending, Registered};
use nt35e::at::Command;
use nt35e::command::Registration;
use nt35e::nonblocking::{Client, Outcome, SendOnly, Show};
#[cfg(feature = "power")]
use nt35e::power::{Maneuver, Power, Proof, Wire};
use nt35e::{BringUp, Buffers, Clock, Connection, Counters, Duration, Error, Event, Network, Publish, QoS, SignOn};

use super::Uart;

/// A client with the clock that `poll` is given the time of.
#[derive(Debug)]
pub(crate) struct Polled<'b, 'p, S, U, C> {
    client: Client<'b, 'p, S>,
    clock: C,
    pushes: Option<Pushes<U>>,
}

/// Where bytes come from that are pushed.
#[derive(Debug)]
struct Pushes<U> {
    uart: U,
    chunk: usize,
    unpushed: VecDeque<u8>,
}

/// A UART that moves a byte at a time, and has to be waited for after every so many that are sent.
#[derive(Debug)]
pub(crate) struct ByByte<U> {
    uart: U,
    room: Rc<Cell<usize>>,
    sent: usize,
}

impl<U> ByByte<U> {
    pub(crate) fn new(uart: U, room: usize) -> Self {
        Self { uart, room: Rc::new(Cell::new(room)), sent: 0 }
    }

    /// How many bytes can be sent until it has to be waited for: this can be changed while it is in use.
    pub(crate) fn room(&self) -> Rc<Cell<usize>> {
        Rc::clone(&self.room)
    }
}

impl<'b, U: Uart, C: Clock> Polled<'b, '_, ByByte<U>, U, C> {
    /// A client that reads from the UART, of which the sending half has room for `chunk` bytes.
    pub(crate) fn reading(uart: U, clock: C, buffers: Buffers<'b>, chunk: usize) -> Self {
        let uart = ByByte::new(uart, chunk);
        Self { client: Client::new(uart, buffers), clock, pushes: None }
    }
}

impl<'b, U: Uart, C: Clock> Polled<'b, '_, SendOnly<ByByte<U>>, U, C> {
    /// A client that received bytes are pushed to in chunks, before each byte that it sends.
    pub(crate) fn pushed(uart: U, clock: C, buffers: Buffers<'b>, chunk: usize) -> Self {
        let pushes = Some(Pushes { uart: uart.clone(), chunk, unpushed: VecDeque::new() });
        let uart = SendOnly(ByByte::new(uart, 1));
        Self { client: Client::new(uart, buffers), clock, pushes }
    }
}

impl<'p, S, U, C> Polled<'_, 'p, S, U, C>
where
    S: serial::Read<Error = U::Error> + serial::Write,
    U: Uart,
    C: Clock,
{
    pub(crate) fn bring_up(&mut self, network: &Network) -> Result<Registration, Error<U::Error>> {
        self.client.begin_bring_up(network);
        match self.ended()? {
            Outcome::BroughtUp(registration) => Ok(registration),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn bring_up_with(
        &mut self,
        settings: &BringUp<'p>,
        show: Show<'p>,
    ) -> Result<Registration, Error<U::Error>> {
        self.client.begin_bring_up_with(settings, show);
        match self.ended()? {
            Outcome::BroughtUp(registration) => Ok(registration),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn connect(&mut self, sign_on: SignOn<'p>) -> Result<Connection, Error<U::Error>> {
        self.client.begin_connect(sign_on);
        match self.ended()? {
            Outcome::Connected(connection) => Ok(connection),
            other => panic!("{other:?}"),
        }
    }

    /// The steps that the documentation of `aliyun::registration` names.
    #[cfg(feature = "registration")]
    pub(crate) fn register_device<E: CredentialStore>(
        &mut self,
        registration: &DynamicRegistration<'p>,
        store: &mut E,
    ) -> Result<Registered, RegisterError<U::Error, E::Error>> {
        self.disconnect()?;
        while self.next_event(Duration::from_millis(0))?.is_some() {}
        self.client.begin_registration(registration);
        let registered = self.ended().map_err(RegisterError::from).and_then(|outcome| {
            assert!(matches!(outcome, Outcome::Connected(_)), "{outcome:?}");
            let pending = registration.pending(self.clock.now());
            let registered = self.credentials(&pending)?;
            store.save(&registered).map_err(RegisterError::NotSaved)?;
            Ok(registered)
        });
        self.disconnect()?;
        registered
    }

    #[cfg(feature = "registration")]
    fn credentials<E>(&mut self, pending: &Pending<'_>) -> Result<Registered, RegisterError<U::Error, E>> {
        loop {
            self.push()?;
            if let Err(nb::Error::Other(error)) = self.client.poll(self.clock.now()) {
                return Err(error.into());
            }
            if let Some(registered) = pending.observe(self.client.event(), self.clock.now())? {
                return Ok(registered);
            }
            if !self.client.has_event() {
                self.rest();
            }
        }
    }

    pub(crate) fn subscribe(&mut self, filter: &'p str, qos: QoS) -> Result<(), Error<U::Error>> {
        self.client.begin_subscribe(filter, qos);
        self.ends_as(Outcome::Subscribed)
    }

    pub(crate) fn unsubscribe(&mut self, filter: &'p str) -> Result<(), Error<U::Error>> {
        self.client.begin_unsubscribe(filter);
        self.ends_as(Outcome::Unsubscribed)
    }

    pub(crate) fn publish(&mut self, message: &Publish<'_>) -> Result<(), Error<U::Error>> {
        self.begin(|client, now| client.begin_publish(message, now))?;
        self.ends_as(Outcome::Published)
    }

    pub(crate) fn publish_in_place(&mut self, message: &Publish<'p>) -> Result<(), Error<U::Error>> {
        self.client.begin_publish_in_place(message);
        self.ends_as(Outcome::Published)
    }

    pub(crate) fn disconnect(&mut self) -> Result<(), Error<U::Error>> {
        self.client.begin_disconnect();
        self.ends_as(Outcome::Disconnected)
    }

    pub(crate) fn execute<D: Command>(&mut self, command: &D) -> Result<D::Response<'_>, Error<U::Error>> {
        self.begin(|client, now| client.begin(command, now))?;
        self.ends_as(Outcome::Answered)?;
        self.client.finish(command)
    }

    pub(crate) fn next_event(&mut self, limit: Duration) -> Result<Option<Event<'_>>, Error<U::Error>> {
        let until = self.clock.now() + limit;
        loop {
            self.push()?;
            match self.client.poll(self.clock.now()) {
                Ok(outcome) => panic!("nothing was begun, and it ended as {outcome:?}"),
                Err(nb::Error::Other(error)) => return Err(error),
                Err(nb::Error::WouldBlock) if self.client.has_event() => break,
                Err(nb::Error::WouldBlock) if self.clock.now() >= until => return Ok(None),
                Err(nb::Error::WouldBlock) => self.rest(),
            }
        }
        Ok(self.client.event())
    }

    pub(crate) fn read_payload(&mut self, buffer: &mut [u8], _limit: Duration) -> Result<usize, Error<U::Error>> {
        let mut read = 0;
        while read < buffer.len() {
            self.push()?;
            match self.client.read_payload(&mut buffer[read..], self.clock.now()) {
                Ok(0) => break,
                Ok(count) => read += count,
                Err(nb::Error::Other(error)) => return Err(error),
                Err(nb::Error::WouldBlock) => self.rest(),
            }
        }
        Ok(read)
    }

    #[cfg(feature = "power")]
    pub(crate) fn operate(
        &mut self,
        power: &mut Power<impl Wire, impl Wire, impl Wire>,
        maneuver: Maneuver,
    ) -> Result<Proof, Error<U::Error>> {
        power.begin(maneuver, self.clock.now())?;
        loop {
            let _errors_of_the_uart_are_ignored = self.push();
            match self.client.operate(power, self.clock.now()) {
                Ok(proof) => return Ok(proof),
                Err(nb::Error::Other(Error::Uart(_))) => self.clock.idle(),
                Err(nb::Error::Other(error)) => return Err(error),
                Err(nb::Error::WouldBlock) => self.rest(),
            }
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.client.is_connected()
    }

    pub(crate) fn modem_restarted(&mut self) {
        self.client.modem_restarted();
    }

    pub(crate) fn counters(&self) -> Counters {
        self.client.counters()
    }

    fn begin(
        &mut self,
        begin: impl Fn(&mut Client<'_, 'p, S>, nt35e::Instant) -> nb::Result<(), Error<U::Error>>,
    ) -> Result<(), Error<U::Error>> {
        loop {
            self.push()?;
            match begin(&mut self.client, self.clock.now()) {
                Ok(()) => return Ok(()),
                Err(nb::Error::Other(error)) => return Err(error),
                Err(nb::Error::WouldBlock) => self.rest(),
            }
        }
    }

    fn ended(&mut self) -> Result<Outcome, Error<U::Error>> {
        loop {
            self.push()?;
            match self.client.poll(self.clock.now()) {
                Ok(outcome) => return Ok(outcome),
                Err(nb::Error::Other(error)) => return Err(error),
                Err(nb::Error::WouldBlock) => self.rest(),
            }
        }
    }

    fn ends_as(&mut self, expected: Outcome) -> Result<(), Error<U::Error>> {
        let outcome = self.ended()?;
        assert_eq!(outcome, expected);
        Ok(())
    }

    /// Pushes what has arrived, as far as there is room for it until the next poll.
    fn push(&mut self) -> Result<(), Error<U::Error>> {
        let Some(Pushes { uart, chunk, unpushed }) = &mut self.pushes else { return Ok(()) };
        loop {
            if unpushed.is_empty() && uart.read_ready().map_err(Error::Uart)? {
                let mut bytes = vec![0; (*chunk).min(4096)];
                let count = uart.read(&mut bytes).map_err(Error::Uart)?;
                unpushed.extend(&bytes[..count]);
            }
            let count = self.client.push(unpushed.make_contiguous());
            unpushed.drain(..count);
            if count == 0 {
                return Ok(());
            }
        }
    }

    /// Lets the time pass, unless there is something to do.
    fn rest(&mut self) {
        let has_more = self.pushes.as_ref().is_some_and(|pushes| !pushes.unpushed.is_empty());
        if !has_more && self.client.wake_at().is_none_or(|wake_at| wake_at > self.clock.now()) {
            self.clock.idle();
        }
    }
}

impl<U: ErrorType<Error: serial::Error>> serial::ErrorType for ByByte<U> {
    type Error = U::Error;
}

impl<U: Uart> serial::Read for ByByte<U> {
    fn read(&mut self) -> nb::Result<u8, U::Error> {
        let mut byte = [0];
        if self.uart.read_ready()? && self.uart.read(&mut byte)? == 1 {
            Ok(byte[0])
        } else {
            Err(nb::Error::WouldBlock)
        }
    }
}

impl<U: Uart> serial::Write for ByByte<U> {
    fn write(&mut self, byte: u8) -> nb::Result<(), U::Error> {
        // A modem that answers at a byte has done so before the next one goes out.
        if self.sent >= self.room.get() || self.uart.read_ready()? {
            self.sent = 0;
            return Err(nb::Error::WouldBlock);
        }
        assert_eq!(self.uart.write(&[byte])?, 1);
        self.sent += 1;
        Ok(())
    }

    fn flush(&mut self) -> nb::Result<(), U::Error> {
        Ok(())
    }
}
