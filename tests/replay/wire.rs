//! The serial line to a modem that says what the script says, and the clock beside it.

use core::cell::RefCell;
use core::fmt;
use core::time::Duration;
use std::collections::VecDeque;
use std::rc::Rc;

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write};
use nt35e::{Clock, Instant};
use nt35e_sim::transcript::escape;

use super::script::{Said, Side};
use super::{Failure, Place};

/// How far the clock moves at most while the driver waits. Every time limit of the driver is a multiple of it.
const TICK: Duration = Duration::from_millis(10);
/// No script takes longer; a driver that does waits for ever.
const LONGEST: Duration = Duration::from_secs(3600);

/// The line and the time, shared by the UART, the clock and the runner.
#[derive(Clone)]
pub(crate) struct Wire(Rc<RefCell<State>>);

/// The driver did something that is not in the script.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deviated;

struct State {
    said: Vec<Said>,
    /// The first that is not over.
    position: usize,
    /// How much of it was written, if it is the host's.
    written: usize,
    arrived: VecDeque<u8>,
    read: usize,
    begun: usize,
    now: Duration,
    chunk: usize,
    failure: Option<Failure>,
}

impl Wire {
    pub(crate) fn new(said: Vec<Said>, chunk: usize) -> Self {
        Self(Rc::new(RefCell::new(State {
            said,
            position: 0,
            written: 0,
            arrived: VecDeque::new(),
            read: 0,
            begun: 0,
            now: Duration::ZERO,
            chunk,
            failure: None,
        })))
    }

    /// The next act begins.
    pub(crate) fn begin(&self) {
        self.0.borrow_mut().begun += 1;
    }

    /// Whether the modem has more to say before the next act.
    pub(crate) fn has_more(&self) -> bool {
        let mut state = self.0.borrow_mut();
        state.settle();
        !state.arrived.is_empty() || state.next().is_some_and(|said| said.by == Side::Modem)
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        self.0.borrow().failure.clone()
    }

    pub(crate) fn bytes_read(&self) -> usize {
        self.0.borrow().read
    }

    /// Whether all that the script holds has happened.
    pub(crate) fn check_end(&self) -> Result<(), Failure> {
        let mut state = self.0.borrow_mut();
        state.settle();
        if let Some(said) = state.said.get(state.position) {
            let text = format!("this never happened: {}", escape(&said.bytes[state.written..]));
            return Err(Failure::new(&said.place, text));
        }
        if !state.arrived.is_empty() {
            let unread: Vec<u8> = state.arrived.iter().copied().collect();
            return Err(Failure::new(&state.place(), format!("the driver never read {}", escape(&unread))));
        }
        Ok(())
    }
}

impl State {
    /// What is to be said next, if its act has begun.
    fn next(&self) -> Option<&Said> {
        self.said.get(self.position).filter(|said| said.act <= self.begun)
    }

    /// Lets the modem say what it is time for.
    fn settle(&mut self) {
        while let Some(said) = self.next().filter(|said| said.by == Side::Modem && said.at <= self.now) {
            let bytes = said.bytes.clone();
            self.arrived.extend(bytes);
            self.position += 1;
        }
    }

    fn tick(&mut self) {
        let due = self.next().filter(|said| said.by == Side::Modem && said.at > self.now).map(|said| said.at);
        let tick = self.now + TICK;
        self.now = due.map_or(tick, |due| due.min(tick));
        if self.now > LONGEST {
            let _ = self.fail(&self.place(), "the driver waits for ever".into());
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, Deviated> {
        self.settle();
        let Some(said) = self.next() else {
            let text = format!("nothing more is to be sent, but the driver wrote {}", escape(bytes));
            return self.fail(&self.place(), text);
        };
        if said.by == Side::Modem {
            let text = format!("before the modem said this, the driver wrote {}", escape(bytes));
            return self.fail(&said.place.clone(), text);
        }
        let rest = &said.bytes[self.written..];
        let length = rest.len().min(bytes.len()).min(self.chunk);
        if rest[..length] != bytes[..length] {
            let actual = [&said.bytes[..self.written], bytes].concat();
            let text = format!("expected: {}\n  written:  {}", escape(&said.bytes), escape(&actual));
            return self.fail(&said.place.clone(), text);
        }
        let is_complete = length == rest.len();
        self.written = if is_complete { 0 } else { self.written + length };
        self.position += usize::from(is_complete);
        Ok(length)
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Deviated> {
        self.settle();
        if buffer.is_empty() {
            return self.fail(&self.place(), "the driver reads into nothing".into());
        }
        let length = self.arrived.len().min(buffer.len()).min(self.chunk);
        for (slot, byte) in buffer.iter_mut().zip(self.arrived.drain(..length)) {
            *slot = byte;
        }
        self.read += length;
        Ok(length)
    }

    /// The last thing that was said.
    fn place(&self) -> Place {
        let said = self.said.get(self.position.saturating_sub(1)).or(self.said.last());
        said.map_or(Place { file: String::new(), line: 0 }, |said| said.place.clone())
    }

    fn fail(&mut self, place: &Place, text: String) -> Result<usize, Deviated> {
        self.failure.get_or_insert(Failure::new(place, text));
        Err(Deviated)
    }
}

impl ErrorType for Wire {
    type Error = Deviated;
}

impl ReadReady for Wire {
    fn read_ready(&mut self) -> Result<bool, Deviated> {
        let mut state = self.0.borrow_mut();
        state.settle();
        if state.failure.is_some() { Err(Deviated) } else { Ok(!state.arrived.is_empty()) }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Deviated> {
        self.0.borrow_mut().read(buffer)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Deviated> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> Result<(), Deviated> {
        Ok(())
    }
}

impl Clock for Wire {
    fn now(&mut self) -> Instant {
        Instant::from_millis(self.0.borrow().now.as_millis() as u64)
    }

    fn idle(&mut self) {
        self.0.borrow_mut().tick();
    }
}

impl embedded_hal_nb::serial::Error for Deviated {
    fn kind(&self) -> embedded_hal_nb::serial::ErrorKind {
        embedded_hal_nb::serial::ErrorKind::Other
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Wire")
    }
}

impl embedded_io::Error for Deviated {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl core::error::Error for Deviated {}

impl fmt::Display for Deviated {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not in the script")
    }
}
