//! The supervised client, over whichever front-end: each call returns when it has something to tell or its time is over.

use std::collections::VecDeque;

use embedded_hal_nb::nb;
use embedded_hal_nb::serial::{Read, Write};
use embedded_io::{Read as _, ReadReady as _};
use nt35e::nonblocking::SendOnly;
use nt35e::supervisor::{self, Event, Outbox, PublishError, Setup, Ticket};
use nt35e::{Buffers, Clock as _, Counters, Duration, Instant, Publish, asynch, blocking, nonblocking};

use crate::bench::{Bench, STEP};
use crate::board::Board;
use crate::firmware::Failure;
use crate::front_end::FrontEnd;
use crate::front_end::awaited::{Waiting, block_on};
use crate::front_end::polled::ByByte;

type Polled<'m, U> = supervisor::nonblocking::Client<'m, 'm, 'm, U, Board>;

/// The four ways to drive it.
pub(crate) enum Client<'m> {
    Blocking(supervisor::blocking::Client<'m, 'm, 'm, Bench, Bench, Board>),
    NonBlocking(Polled<'m, ByByte<Bench>>, Bench),
    Pushed(Polled<'m, SendOnly<ByByte<Bench>>>, Bench, VecDeque<u8>),
    Async(supervisor::asynch::Client<'m, 'm, 'm, Waiting<Bench>, Waiting<Bench>, Board>, Bench),
}

macro_rules! of {
    ($client:expr, $method:ident($($argument:expr),*)) => {
        match $client {
            Client::Blocking(client) => client.$method($($argument),*),
            Client::NonBlocking(client, _) => client.$method($($argument),*),
            Client::Pushed(client, ..) => client.$method($($argument),*),
            Client::Async(client, _) => client.$method($($argument),*),
        }
    };
}

impl<'m> Client<'m> {
    pub(crate) fn new(front_end: FrontEnd, bench: &Bench, buffers: Buffers<'m>, setup: Setup<'m, 'm, Board>) -> Self {
        let uart = bench.clone();
        match front_end {
            FrontEnd::Blocking => {
                let client = blocking::Client::new(uart, bench.clone(), buffers);
                Self::Blocking(supervisor::blocking::Client::new(client, setup))
            }
            FrontEnd::NonBlocking => {
                let client = nonblocking::Client::new(ByByte::new(uart, usize::MAX), buffers);
                Self::NonBlocking(supervisor::nonblocking::Client::new(client, setup), bench.clone())
            }
            FrontEnd::Pushed => {
                let client = nonblocking::Client::new(SendOnly(ByByte::new(uart, usize::MAX)), buffers);
                let client = supervisor::nonblocking::Client::new(client, setup);
                Self::Pushed(client, bench.clone(), VecDeque::new())
            }
            FrontEnd::Async => {
                let client = asynch::Client::new(Waiting(uart), Waiting(bench.clone()), buffers);
                Self::Async(supervisor::asynch::Client::new(client, setup), bench.clone())
            }
        }
    }

    /// What `take` makes of the next event, if there is one in time.
    pub(crate) fn next_event<T>(&mut self, limit: Duration, take: impl FnOnce(Event<'_>) -> T) -> Option<T> {
        match self {
            Self::Blocking(client) => client.next_event(limit).expect("the UART does not fail").map(take),
            Self::Async(client, bench) => {
                block_on(client.next_event(limit), bench).expect("the UART does not fail").map(take)
            }
            Self::NonBlocking(client, bench) => poll(client, bench, limit, |_| false, take),
            Self::Pushed(client, bench, unpushed) => {
                let mut uart = bench.clone();
                poll(client, bench, limit, |client| push(client, &mut uart, unpushed), take)
            }
        }
    }

    /// Reads the payload of a large message, of which no byte may take longer than `limit`.
    pub(crate) fn read_payload(&mut self, buffer: &mut [u8], limit: Duration) -> Result<usize, Failure> {
        let mut read = 0;
        while read < buffer.len() {
            let rest = &mut buffer[read..];
            let count = match self {
                Self::Blocking(client) => return client.read_payload(rest, limit),
                Self::Async(client, bench) => block_on(client.read_payload(rest, limit), bench)?,
                Self::NonBlocking(client, bench) => read_on(client, rest, bench, |_| false)?,
                Self::Pushed(client, bench, unpushed) => {
                    let mut uart = bench.clone();
                    read_on(client, rest, bench, |client| push(client, &mut uart, unpushed))?
                }
            };
            if count == 0 {
                break;
            }
            read += count;
        }
        Ok(read)
    }

    pub(crate) fn publish(&mut self, message: &Publish<'_>) -> Result<Ticket, PublishError> {
        of!(self, publish(message))
    }

    pub(crate) fn outbox(&self) -> &Outbox<'m> {
        of!(self, outbox())
    }

    pub(crate) fn is_online(&self) -> bool {
        of!(self, is_online())
    }

    pub(crate) fn modem_restarted(&mut self) {
        of!(self, modem_restarted());
    }

    pub(crate) fn counters(&self) -> Counters {
        of!(self, counters())
    }
}

/// Polls until there is something to tell. In between, time passes until something happens or the client wants to be
/// polled: what it says of that is put to the test.
fn poll<U: Read<Error = core::convert::Infallible> + Write, T>(
    client: &mut Polled<'_, U>,
    bench: &mut Bench,
    limit: Duration,
    mut push: impl FnMut(&mut Polled<'_, U>) -> bool,
    take: impl FnOnce(Event<'_>) -> T,
) -> Option<T> {
    let until = bench.now() + limit;
    loop {
        let has_more = push(client);
        let now = bench.now();
        match client.poll(now) {
            Ok(event) => return Some(take(event)),
            Err(nb::Error::Other(error)) => panic!("the UART does not fail: {error:?}"),
            Err(nb::Error::WouldBlock) if now >= until => return None,
            Err(nb::Error::WouldBlock) if has_more => {}
            Err(nb::Error::WouldBlock) => rest(bench, client.wake_at(), now, until),
        }
    }
}

fn read_on<U: Read<Error = core::convert::Infallible> + Write>(
    client: &mut Polled<'_, U>,
    buffer: &mut [u8],
    bench: &mut Bench,
    mut push: impl FnMut(&mut Polled<'_, U>) -> bool,
) -> Result<usize, Failure> {
    loop {
        push(client);
        let now = bench.now();
        match client.read_payload(buffer, now) {
            Ok(count) => return Ok(count),
            Err(nb::Error::Other(error)) => return Err(error),
            Err(nb::Error::WouldBlock) => rest(bench, None, now, now + Duration::from_millis(STEP.as_millis() as u32)),
        }
    }
}

/// Pushes what has arrived, as far as there is room for it until the next poll; tells whether there is more.
fn push<U>(client: &mut Polled<'_, U>, uart: &mut Bench, unpushed: &mut VecDeque<u8>) -> bool {
    loop {
        if unpushed.is_empty() && uart.read_ready().unwrap_or_default() {
            let mut bytes = [0; 256];
            let count = uart.read(&mut bytes).unwrap_or_default();
            unpushed.extend(&bytes[..count]);
        }
        let count = client.push(unpushed.make_contiguous());
        unpushed.drain(..count);
        if count == 0 {
            return !unpushed.is_empty();
        }
    }
}

/// Lets the time pass, unless there is something to do.
fn rest(bench: &Bench, wake_at: Option<Instant>, now: Instant, until: Instant) {
    let until = wake_at.unwrap_or(until).min(until);
    if until > now && bench.with(|world| world.available() == 0) {
        bench.pass(core::time::Duration::from_millis(u64::from((until - now).as_millis())));
    }
}
