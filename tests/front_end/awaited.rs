//! The async front-end, under an executor that lets time pass while the future waits.

use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use embedded_io::ErrorType;
use embedded_io_async::{Read, Write};
#[cfg(feature = "registration")]
use nt35e::RegisterError;
#[cfg(feature = "registration")]
use nt35e::aliyun::registration::{CredentialStore, DynamicRegistration, Registered};
use nt35e::asynch::{Client, Timer};
use nt35e::at::Command;
use nt35e::command::Registration;
#[cfg(feature = "power")]
use nt35e::power::{Maneuver, Power, Proof, Wire};
use nt35e::{
    BringUp, Buffers, Clock, Connection, Counters, Duration, Error, Event, Instant, Network, Progress, Publish, QoS,
    SignOn,
};

use super::Uart;

/// A client with the clock that passes while it waits.
#[derive(Debug)]
pub(crate) struct Awaited<'b, U, C> {
    client: Client<'b, Waiting<U>, Waiting<C>>,
    clock: C,
}

/// A UART that is waited for until it has bytes, or a clock until it is late enough.
#[derive(Debug)]
pub(crate) struct Waiting<W>(pub(crate) W);

impl<'b, U: Uart, C: Clock + Clone> Awaited<'b, U, C> {
    pub(crate) fn new(uart: U, clock: C, buffers: Buffers<'b>) -> Self {
        Self { client: Client::new(Waiting(uart), Waiting(clock.clone()), buffers), clock }
    }

    pub(crate) fn bring_up(&mut self, network: &Network) -> Result<Registration, Error<U::Error>> {
        block_on(self.client.bring_up(network), &mut self.clock)
    }

    pub(crate) fn bring_up_with(
        &mut self,
        settings: &BringUp<'_>,
        show: impl FnMut(Progress<'_>),
    ) -> Result<Registration, Error<U::Error>> {
        block_on(self.client.bring_up_with(settings, show), &mut self.clock)
    }

    pub(crate) fn connect(&mut self, sign_on: SignOn<'_>) -> Result<Connection, Error<U::Error>> {
        block_on(self.client.connect(sign_on), &mut self.clock)
    }

    #[cfg(feature = "registration")]
    pub(crate) fn register_device<S: CredentialStore>(
        &mut self,
        registration: &DynamicRegistration<'_>,
        store: &mut S,
    ) -> Result<Registered, RegisterError<U::Error, S::Error>> {
        block_on(self.client.register_device(registration, store), &mut self.clock)
    }

    pub(crate) fn subscribe(&mut self, filter: &str, qos: QoS) -> Result<(), Error<U::Error>> {
        block_on(self.client.subscribe(filter, qos), &mut self.clock)
    }

    pub(crate) fn unsubscribe(&mut self, filter: &str) -> Result<(), Error<U::Error>> {
        block_on(self.client.unsubscribe(filter), &mut self.clock)
    }

    pub(crate) fn publish(&mut self, message: &Publish<'_>) -> Result<(), Error<U::Error>> {
        block_on(self.client.publish(message), &mut self.clock)
    }

    pub(crate) fn disconnect(&mut self) -> Result<(), Error<U::Error>> {
        block_on(self.client.disconnect(), &mut self.clock)
    }

    pub(crate) fn next_event(&mut self, limit: Duration) -> Result<Option<Event<'_>>, Error<U::Error>> {
        block_on(self.client.next_event(limit), &mut self.clock)
    }

    pub(crate) fn read_payload(&mut self, buffer: &mut [u8], limit: Duration) -> Result<usize, Error<U::Error>> {
        let mut read = 0;
        while read < buffer.len() {
            match block_on(self.client.read_payload(&mut buffer[read..], limit), &mut self.clock)? {
                0 => break,
                count => read += count,
            }
        }
        Ok(read)
    }

    pub(crate) fn execute<D: Command>(&mut self, command: &D) -> Result<D::Response<'_>, Error<U::Error>> {
        block_on(self.client.execute(command), &mut self.clock)
    }

    #[cfg(feature = "power")]
    pub(crate) fn operate(
        &mut self,
        power: &mut Power<impl Wire, impl Wire, impl Wire>,
        maneuver: Maneuver,
    ) -> Result<Proof, Error<U::Error>> {
        block_on(self.client.operate(power, maneuver), &mut self.clock)
    }

    /// Drops the call once this is true; false if the call has ended before.
    #[cfg(feature = "power")]
    pub(crate) fn operate_until(
        &mut self,
        power: &mut Power<impl Wire, impl Wire, impl Wire>,
        maneuver: Maneuver,
        until: impl Fn() -> bool,
    ) -> bool {
        let future = self.client.operate(power, maneuver);
        assert!(size_of_val(&future) < 512, "{} bytes", size_of_val(&future));
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        while future.as_mut().poll(&mut context).is_pending() {
            if until() {
                return true;
            }
            self.clock.idle();
        }
        false
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
}

pub(crate) fn block_on<F: Future>(future: F, clock: &mut impl Clock) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => clock.idle(),
        }
    }
}

impl<U: ErrorType> ErrorType for Waiting<U> {
    type Error = U::Error;
}

impl<U: Uart> Read for Waiting<U> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, U::Error> {
        poll_fn(|_| match self.0.read_ready() {
            Ok(true) => Poll::Ready(self.0.read(buffer)),
            Ok(false) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        })
        .await
    }
}

impl<U: Uart> Write for Waiting<U> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, U::Error> {
        self.0.write(bytes)
    }

    async fn flush(&mut self) -> Result<(), U::Error> {
        self.0.flush()
    }
}

impl<C: Clock> Timer for Waiting<C> {
    fn now(&mut self) -> Instant {
        self.0.now()
    }

    async fn until(&mut self, at: Instant) {
        poll_fn(|_| if self.0.now() >= at { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}
