//! The serial line to the simulated modem: a TCP connection as a UART, and the clock of this machine.

use core::cell::RefCell;
use core::net::SocketAddr;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::rc::Rc;
use std::time::Instant;

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write};
use nt35e::Clock;

/// Sleeps this long while there is nothing to do.
const IDLE: core::time::Duration = core::time::Duration::from_millis(1);

/// A UART with a receive buffer that never overflows.
pub(crate) struct Uart {
    stream: TcpStream,
    arrived: Vec<u8>,
    dam: Dam,
}

/// Holds back what arrives from the line with one text on, until another text has arrived too: a burst, whatever the
/// timing was.
#[derive(Clone, Default)]
pub(crate) struct Dam(Rc<RefCell<Option<(&'static str, String)>>>);

impl Dam {
    /// What comes after `first` is to come together with `last`.
    pub(crate) fn hold(&self, first: &'static str, last: &str) {
        *self.0.borrow_mut() = Some((first, last.to_owned()));
    }

    fn is_holding(&self, arrived: &[u8]) -> bool {
        let contains = |text: &str| arrived.windows(text.len()).any(|window| window == text.as_bytes());
        let mut dam = self.0.borrow_mut();
        let Some((first, last)) = dam.as_ref() else { return false };
        if contains(last) {
            *dam = None;
            return false;
        }
        contains(first)
    }
}

impl Uart {
    /// Plugs in.
    pub(crate) fn connect(address: SocketAddr, dam: Dam) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self { stream, arrived: Vec::new(), dam }
    }

    fn take_in(&mut self) -> Result<(), ErrorKind> {
        let mut buffer = [0; 4096];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::ConnectionAborted),
                Ok(count) => self.arrived.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(ErrorKind::Other),
            }
        }
    }
}

impl ErrorType for Uart {
    type Error = ErrorKind;
}

impl ReadReady for Uart {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        self.take_in()?;
        Ok(!self.arrived.is_empty() && !self.dam.is_holding(&self.arrived))
    }
}

impl Read for Uart {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
        assert!(!buffer.is_empty(), "the driver must not read into nothing");
        while !self.read_ready()? {
            std::thread::sleep(IDLE);
        }
        let count = buffer.len().min(self.arrived.len());
        buffer[..count].copy_from_slice(&self.arrived[..count]);
        self.arrived.drain(..count);
        Ok(count)
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        loop {
            match self.stream.write(bytes) {
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(IDLE),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(ErrorKind::Other),
            }
        }
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// The time since the start of a test.
pub(crate) struct WallClock(Instant);

impl WallClock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for WallClock {
    fn now(&mut self) -> nt35e::Instant {
        nt35e::Instant::from_millis(self.0.elapsed().as_millis() as u64)
    }

    fn idle(&mut self) {
        std::thread::sleep(IDLE);
    }
}
