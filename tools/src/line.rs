//! The lines to a modem, as the driver wants them: embedded-io 0.7 over TCP and over a serial port, and a clock.

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use embedded_io::{ErrorType, Read, ReadReady, Write};
use serialport::{ClearBuffer, SerialPort};

/// How long a line may refuse to take a byte.
const PATIENCE: Duration = Duration::from_secs(5);
const NAP: Duration = Duration::from_millis(1);

/// A modem behind a TCP port: the simulated one.
#[derive(Debug)]
pub struct TcpUart(TcpStream);

impl TcpUart {
    /// Connects to a modem.
    ///
    /// # Errors
    /// If nobody listens there.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Self(stream))
    }
}

impl ErrorType for TcpUart {
    type Error = LineError;
}

impl ReadReady for TcpUart {
    fn read_ready(&mut self) -> Result<bool, LineError> {
        match self.0.peek(&mut [0]) {
            Ok(0) => Err(LineError(ErrorKind::UnexpectedEof.into())),
            Ok(_) => Ok(true),
            Err(error) if is_passing(&error) => Ok(false),
            Err(error) => Err(LineError(error)),
        }
    }
}

impl Read for TcpUart {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, LineError> {
        patiently(|| self.0.read(buffer))
    }
}

impl Write for TcpUart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, LineError> {
        patiently(|| self.0.write(bytes))
    }

    fn flush(&mut self) -> Result<(), LineError> {
        Ok(())
    }
}

/// A modem on a serial port: a real one.
pub struct SerialUart(Box<dyn SerialPort>);

impl SerialUart {
    /// Opens a port.
    ///
    /// # Errors
    /// If it is not there, is another program's, or may not be used.
    pub fn open(path: &str, baud_rate: u32) -> Result<Self, PortError> {
        serialport::new(path, baud_rate).timeout(PATIENCE).open().map(Self).map_err(PortError)
    }

    /// Goes on at another baud rate; what has arrived at the old one is dropped.
    pub(crate) fn set_baud_rate(&mut self, baud_rate: u32) -> Result<(), LineError> {
        self.0.set_baud_rate(baud_rate).map_err(|error| LineError(error.into()))?;
        self.0.clear(ClearBuffer::Input).map_err(|error| LineError(error.into()))
    }
}

impl fmt::Debug for SerialUart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SerialUart").field(&self.0.name()).finish()
    }
}

/// Why a serial port could not be opened, and what to do about it.
#[derive(Debug)]
pub struct PortError(serialport::Error);

impl fmt::Display for PortError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)?;
        formatter.write_str(match self.0.kind() {
            serialport::ErrorKind::Io(ErrorKind::PermissionDenied) => " (on Linux: are you in the group dialout?)",
            _ if ["busy", "exclusive lock"].iter().any(|word| self.0.description.contains(word)) => {
                " (another program has it open: a terminal, or ModemManager?)"
            }
            _ => "",
        })
    }
}

impl core::error::Error for PortError {}

impl ErrorType for SerialUart {
    type Error = LineError;
}

impl ReadReady for SerialUart {
    fn read_ready(&mut self) -> Result<bool, LineError> {
        let waiting = self.0.bytes_to_read().map_err(|error| LineError(error.into()))?;
        Ok(waiting > 0)
    }
}

impl Read for SerialUart {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, LineError> {
        patiently(|| self.0.read(buffer))
    }
}

impl Write for SerialUart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, LineError> {
        patiently(|| self.0.write(bytes))
    }

    fn flush(&mut self) -> Result<(), LineError> {
        patiently(|| self.0.flush())
    }
}

/// The line broke.
pub struct LineError(io::Error);

impl fmt::Display for LineError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind() {
            ErrorKind::UnexpectedEof => formatter.write_str("the modem's end of the line is gone"),
            _ => self.0.fmt(formatter),
        }
    }
}

// The driver prints the error of a UART in this form.
impl fmt::Debug for LineError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl core::error::Error for LineError {}

impl From<io::Error> for LineError {
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

impl embedded_io::Error for LineError {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::ErrorKind::Other
    }
}

/// The time since it was made; sleeps while the driver has nothing to do.
#[derive(Debug)]
pub struct HostClock(Instant);

impl HostClock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self::since(Instant::now())
    }

    /// A clock that started then.
    pub(crate) const fn since(started: Instant) -> Self {
        Self(started)
    }
}

impl nt35e::Clock for HostClock {
    fn now(&mut self) -> nt35e::Instant {
        nt35e::Instant::from_millis(self.0.elapsed().as_millis() as u64)
    }

    fn idle(&mut self) {
        thread::sleep(NAP);
    }
}

/// Tries again for as long as the line is only busy.
fn patiently<T>(mut attempt: impl FnMut() -> io::Result<T>) -> Result<T, LineError> {
    let started = Instant::now();
    loop {
        match attempt() {
            Err(error) if is_passing(&error) && started.elapsed() < PATIENCE => thread::sleep(NAP),
            result => return result.map_err(LineError),
        }
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn what_keeps_a_port_shut_comes_with_a_remedy() {
        let shown = |kind, text: &str| PortError(serialport::Error::new(kind, text)).to_string();
        let denied = serialport::ErrorKind::Io(ErrorKind::PermissionDenied);
        assert!(shown(denied, "Permission denied").ends_with("are you in the group dialout?)"));
        let busy = shown(serialport::ErrorKind::NoDevice, "Device or resource busy");
        assert!(busy.ends_with("another program has it open: a terminal, or ModemManager?)"), "{busy}");
        assert_eq!(shown(serialport::ErrorKind::NoDevice, "No such file or directory"), "No such file or directory");
    }

    #[test]
    fn a_tcp_line_is_ready_once_a_byte_is_there_and_broken_at_its_end() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut uart = TcpUart::connect(listener.local_addr().unwrap()).unwrap();
        let (mut modem, _) = listener.accept().unwrap();
        assert!(!uart.read_ready().unwrap());
        modem.write_all(b"OK").unwrap();
        let mut buffer = [0; 8];
        // Reading waits for the first byte.
        assert_eq!(uart.read(&mut buffer).unwrap(), 2);
        assert!(!uart.read_ready().unwrap());
        drop(modem);
        let error = loop {
            match uart.read_ready() {
                Ok(false) => thread::sleep(NAP),
                other => break other.unwrap_err(),
            }
        };
        assert_eq!(format!("{error:?}"), "the modem's end of the line is gone");
    }
}
