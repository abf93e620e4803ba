//! One client for every front-end, so that a test does not know which it runs: each call returns when it is done.

#![allow(dead_code, unused_imports, unused_macros, reason = "each test file uses a part of it")]

#[cfg(feature = "async")]
pub(crate) mod awaited;
#[cfg(feature = "nb")]
pub(crate) mod polled;

use core::fmt::Debug;

use embedded_hal_nb::serial;
use embedded_io::{Read, ReadReady, Write};
#[cfg(feature = "registration")]
use nt35e::RegisterError;
use nt35e::aliyun::SignIn;
#[cfg(feature = "registration")]
use nt35e::aliyun::registration::{CredentialStore, DynamicRegistration, Registered};
use nt35e::at::Command;
use nt35e::command::Registration;
#[cfg(feature = "power")]
use nt35e::power::{Maneuver, Power, Proof, Wire};
use nt35e::{
    BringUp, Buffers, Clock, Connection, Counters, Duration, Error, Event, Network, Progress, Publish, QoS, SignOn,
    blocking,
};

/// A way to drive the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrontEnd {
    Blocking,
    /// Polled, over a UART that it reads and writes byte by byte.
    #[cfg(feature = "nb")]
    NonBlocking,
    /// Polled, with received bytes pushed to it, over a UART that takes a byte at a time.
    #[cfg(feature = "nb")]
    Pushed,
    #[cfg(feature = "async")]
    Async,
}

impl FrontEnd {
    pub(crate) const ALL: &[Self] = &[
        Self::Blocking,
        #[cfg(feature = "nb")]
        Self::NonBlocking,
        #[cfg(feature = "nb")]
        Self::Pushed,
        #[cfg(feature = "async")]
        Self::Async,
    ];
}

/// Makes of each named function a test per front-end: `blocking::name`, `nonblocking::name` and so on.
macro_rules! each_front_end {
    ($($name:ident),+ $(,)?) => {
        mod blocking {
            $(#[test] fn $name() { super::$name(crate::front_end::FrontEnd::Blocking); })+
        }

        #[cfg(feature = "nb")]
        mod nonblocking {
            $(#[test] fn $name() { super::$name(crate::front_end::FrontEnd::NonBlocking); })+
        }

        #[cfg(feature = "nb")]
        mod pushed {
            $(#[test] fn $name() { super::$name(crate::front_end::FrontEnd::Pushed); })+
        }

        #[cfg(feature = "async")]
        mod asynch {
            $(#[test] fn $name() { super::$name(crate::front_end::FrontEnd::Async); })+
        }
    };
}
pub(crate) use each_front_end;

/// What can be a UART for every front-end: one that gives and takes bytes at once, as many as there are.
pub(crate) trait Uart: Read<Error: serial::Error> + ReadReady + Write + Clone + Debug {}

impl<U: Read<Error: serial::Error> + ReadReady + Write + Clone + Debug> Uart for U {}

/// The driver, behind one of its front-ends, with the methods of the blocking one.
#[derive(Debug)]
pub(crate) enum Client<'b, 'p, U, C> {
    Blocking(blocking::Client<'b, U, C>, core::marker::PhantomData<&'p ()>),
    #[cfg(feature = "nb")]
    NonBlocking(polled::Polled<'b, 'p, polled::ByByte<U>, U, C>),
    #[cfg(feature = "nb")]
    Pushed(polled::Polled<'b, 'p, nt35e::nonblocking::SendOnly<polled::ByByte<U>>, U, C>),
    #[cfg(feature = "async")]
    Async(awaited::Awaited<'b, U, C>),
}

/// Calls the same method of whatever front-end it is.
macro_rules! of {
    ($client:expr, $method:ident($($argument:expr),*)) => {
        match $client {
            Client::Blocking(client, _) => client.$method($($argument),*),
            #[cfg(feature = "nb")]
            Client::NonBlocking(client) => client.$method($($argument),*),
            #[cfg(feature = "nb")]
            Client::Pushed(client) => client.$method($($argument),*),
            #[cfg(feature = "async")]
            Client::Async(client) => client.$method($($argument),*),
        }
    };
}

impl<'b, 'p, U: Uart, C: Clock + Clone> Client<'b, 'p, U, C> {
    /// A client over `uart`, which hands over at most `chunk` bytes at once where the front-end takes more than one.
    pub(crate) fn new(front_end: FrontEnd, uart: U, clock: C, buffers: Buffers<'b>, chunk: usize) -> Self {
        let _ = chunk;
        match front_end {
            FrontEnd::Blocking => {
                Self::Blocking(blocking::Client::new(uart, clock, buffers), core::marker::PhantomData)
            }
            #[cfg(feature = "nb")]
            FrontEnd::NonBlocking => Self::NonBlocking(polled::Polled::reading(uart, clock, buffers, chunk)),
            #[cfg(feature = "nb")]
            FrontEnd::Pushed => Self::Pushed(polled::Polled::pushed(uart, clock, buffers, chunk)),
            #[cfg(feature = "async")]
            FrontEnd::Async => Self::Async(awaited::Awaited::new(uart, clock, buffers)),
        }
    }

    pub(crate) fn bring_up(&mut self, network: &Network) -> Result<Registration, Error<U::Error>> {
        of!(self, bring_up(network))
    }

    pub(crate) fn bring_up_with(
        &mut self,
        settings: &BringUp<'p>,
        show: &'p (dyn Fn(Progress<'_>) + Sync),
    ) -> Result<Registration, Error<U::Error>> {
        of!(self, bring_up_with(settings, show))
    }

    pub(crate) fn connect(&mut self, broker: impl Into<SignOn<'p>>) -> Result<Connection, Error<U::Error>> {
        let sign_on = broker.into();
        of!(self, connect(sign_on))
    }

    pub(crate) fn connect_aliyun(&mut self, sign_in: impl Into<SignIn<'p>>) -> Result<Connection, Error<U::Error>> {
        self.connect(sign_in.into())
    }

    #[cfg(feature = "registration")]
    pub(crate) fn register_device<S: CredentialStore>(
        &mut self,
        registration: &DynamicRegistration<'p>,
        store: &mut S,
    ) -> Result<Registered, RegisterError<U::Error, S::Error>> {
        of!(self, register_device(registration, store))
    }

    pub(crate) fn subscribe(&mut self, filter: &'p str, qos: QoS) -> Result<(), Error<U::Error>> {
        of!(self, subscribe(filter, qos))
    }

    pub(crate) fn unsubscribe(&mut self, filter: &'p str) -> Result<(), Error<U::Error>> {
        of!(self, unsubscribe(filter))
    }

    pub(crate) fn publish(&mut self, message: &Publish<'_>) -> Result<(), Error<U::Error>> {
        of!(self, publish(message))
    }

    /// Publishes a message that need not fit in TX.
    pub(crate) fn publish_in_place(&mut self, message: &Publish<'p>) -> Result<(), Error<U::Error>> {
        match self {
            #[cfg(feature = "nb")]
            Self::NonBlocking(client) => client.publish_in_place(message),
            #[cfg(feature = "nb")]
            Self::Pushed(client) => client.publish_in_place(message),
            other => other.publish(message),
        }
    }

    pub(crate) fn disconnect(&mut self) -> Result<(), Error<U::Error>> {
        of!(self, disconnect())
    }

    pub(crate) fn next_event(&mut self, limit: Duration) -> Result<Option<Event<'_>>, Error<U::Error>> {
        of!(self, next_event(limit))
    }

    pub(crate) fn read_payload(&mut self, buffer: &mut [u8], limit: Duration) -> Result<usize, Error<U::Error>> {
        of!(self, read_payload(buffer, limit))
    }

    pub(crate) fn execute<D: Command>(&mut self, command: &D) -> Result<D::Response<'_>, Error<U::Error>> {
        of!(self, execute(command))
    }

    #[cfg(feature = "power")]
    pub(crate) fn operate(
        &mut self,
        power: &mut Power<impl Wire, impl Wire, impl Wire>,
        maneuver: Maneuver,
    ) -> Result<Proof, Error<U::Error>> {
        of!(self, operate(power, maneuver))
    }

    pub(crate) fn is_connected(&self) -> bool {
        of!(self, is_connected())
    }

    pub(crate) fn modem_restarted(&mut self) {
        of!(self, modem_restarted());
    }

    pub(crate) fn counters(&self) -> Counters {
        of!(self, counters())
    }
}
