//! The async front-end on the simulated modem, polled by hand, under a time that moves only between two polls.

use core::cell::{Cell, RefCell};
use core::convert::Infallible;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::rc::Rc;

use embedded_io_async::{ErrorType, Read, Write};
use nt35e::asynch::{self, Timer};
use nt35e::{Buffers, Duration, Event, Instant};

use crate::front_end::FrontEnd;
use crate::rig::{Bench, Memory, Seen};

/// How a UART goes about it.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) chunk: usize,
    /// Whether each read, write and flush is pending once before it is done.
    pub(crate) hesitates: bool,
}

/// A UART that takes or gives at most `chunk` bytes at a poll, and keeps what a dropped read has not taken.
#[derive(Clone)]
pub(crate) struct Uart {
    bench: Bench,
    pub(crate) pace: Rc<Cell<Pace>>,
    /// Bytes that were written, for writers that hold them until they are flushed.
    held: Option<Rc<RefCell<Vec<u8>>>>,
}

/// The time of the world.
#[derive(Clone)]
pub(crate) struct WorldTimer(Bench);

pub(crate) type Client<'b> = asynch::Client<'b, Uart, WorldTimer>;

/// A modem without quirks, and the cloud. The client is made here, so that it does not matter which the bench would make.
pub(crate) fn plain() -> Bench {
    Bench::plain(FrontEnd::Blocking)
}

impl Uart {
    pub(crate) fn new(bench: &Bench) -> Self {
        Self::of(bench, usize::MAX, false)
    }

    pub(crate) fn of(bench: &Bench, chunk: usize, hesitates: bool) -> Self {
        Self { bench: bench.clone(), pace: Rc::new(Cell::new(Pace { chunk, hesitates })), held: None }
    }

    /// One that sends nothing before it is flushed.
    pub(crate) fn holding(bench: &Bench) -> Self {
        Self { held: Some(Rc::default()), ..Self::new(bench) }
    }

    pub(crate) fn client(self, memory: &mut Memory) -> Client<'_> {
        let timer = WorldTimer::new(&self.bench);
        let buffers = Buffers::new(&mut memory.rx, &mut memory.tx, &mut memory.inbox);
        asynch::Client::new(self, timer, buffers)
    }

    async fn hesitate(&self) {
        let mut pending = self.pace.get().hesitates;
        poll_fn(|_| match core::mem::take(&mut pending) {
            true => {
                HESITATED.set(true);
                Poll::Pending
            }
            false => Poll::Ready(()),
        })
        .await;
    }
}

impl ErrorType for Uart {
    type Error = Infallible;
}

impl Read for Uart {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        assert!(!buffer.is_empty(), "the driver must not read into nothing");
        let length = buffer.len().min(self.pace.get().chunk);
        if self.bench.with(|world| world.available()) > 0 {
            self.hesitate().await;
        }
        poll_fn(|_| match self.bench.with(|world| world.read(&mut buffer[..length])) {
            0 => Poll::Pending,
            count => Poll::Ready(Ok(count)),
        })
        .await
    }
}

impl Write for Uart {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        assert!(!bytes.is_empty(), "the driver must not write nothing");
        self.hesitate().await;
        let bytes = &bytes[..bytes.len().min(self.pace.get().chunk)];
        match &self.held {
            Some(held) => held.borrow_mut().extend_from_slice(bytes),
            None => self.bench.with(|world| world.write(bytes)),
        }
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        self.hesitate().await;
        if let Some(held) = &self.held {
            let bytes = core::mem::take(&mut *held.borrow_mut());
            self.bench.with(|world| world.write(&bytes));
        }
        Ok(())
    }
}

std::thread_local! {
    /// What the timer was last asked for.
    static WAKE_AT: Cell<Option<Instant>> = const { Cell::new(None) };
    /// Whether a UART is about to go on.
    static HESITATED: Cell<bool> = const { Cell::new(false) };
}

/// Lets time pass: a moment while the UART only hesitates, else until something happens or the timer wakes.
pub(crate) fn pass_time(bench: &Bench) {
    bench.with(|world| {
        let now = Instant::from_millis(world.now().as_millis() as u64);
        let wake_at = WAKE_AT.take().filter(|_| !HESITATED.take());
        let span = wake_at.map_or(Duration::from_millis(1), |at| at - now);
        assert!(span < Duration::from_secs(600), "nothing waits so long");
        world.advance_to_next_due(core::time::Duration::from_millis(span.as_millis().into()));
    });
}

impl WorldTimer {
    pub(crate) fn new(bench: &Bench) -> Self {
        Self(bench.clone())
    }
}

impl Timer for WorldTimer {
    fn now(&mut self) -> Instant {
        Instant::from_millis(self.0.with(|world| world.now()).as_millis() as u64)
    }

    async fn until(&mut self, at: Instant) {
        poll_fn(|_| {
            if self.now() >= at {
                return Poll::Ready(());
            }
            WAKE_AT.set(Some(at));
            Poll::Pending
        })
        .await;
    }
}

/// Polls `future` up to `polls` times, with time passing between them, and drops it if it has not ended by then.
pub(crate) fn poll_times<F: Future>(bench: &Bench, future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    for _ in 0..polls {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => return Some(output),
            Poll::Pending => pass_time(bench),
        }
    }
    None
}

/// Polls `future` until it ends.
pub(crate) fn run<F: Future>(bench: &Bench, future: F) -> F::Output {
    poll_times(bench, future, 1_000_000).expect("the future must end")
}

/// Takes events until none comes for a second.
pub(crate) fn events(bench: &Bench, client: &mut Client<'_>) -> Vec<Seen> {
    let mut seen = Vec::new();
    while let Some(event) = run(bench, client.next_event(Duration::from_secs(1))).unwrap() {
        seen.push(Event::into(event));
    }
    seen
}
