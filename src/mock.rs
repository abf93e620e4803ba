//! Testing an application without a board: a UART that follows a script, and a clock that only moves when nobody has
//! anything to do.
//!
//! ```
//! use nt35e::mock::{Exchange, ScriptedUart, VirtualClock};
//! use nt35e::{Buffers, Duration, blocking, command::Raw};
//!
//! const SCRIPT: [Exchange<'static>; 2] = [
//!     // The driver first gets in step with a modem that it knows nothing of.
//!     Exchange::new(b"AT+CSQ\r\n", b"\r\n+CSQ: 20,0\r\n\r\nOK\r\n"),
//!     Exchange::new(b"AT+CPIN?\r\n", b"\r\n+CPIN: READY\r\n\r\nOK\r\n"),
//! ];
//! let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
//! let buffers = Buffers::new(&mut rx, &mut tx, &mut inbox);
//! let mut client = blocking::Client::new(ScriptedUart::new(&SCRIPT), VirtualClock::new(), buffers);
//!
//! let is_there = Raw::new("AT+CPIN?", Duration::from_secs(5))?;
//! assert_eq!(client.execute(&is_there)?.lines().next(), Some(&b"+CPIN: READY"[..]));
//!
//! let (uart, _) = client.release();
//! uart.finish()?;
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! For a modem that behaves, instead of one that follows a script, there is the simulator `nt35e-sim`.

use crate::time::{Clock, Duration, Instant};
use core::fmt;
use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write};

/// One turn of a script: what the driver has to send, and what the modem says then.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Exchange<'s> {
    expected: &'s [u8],
    answer: &'s [u8],
}

impl<'s> Exchange<'s> {
    /// The driver sends `expected`, byte for byte; then the modem says `answer`.
    pub const fn new(expected: &'s [u8], answer: &'s [u8]) -> Self {
        Self { expected, answer }
    }

    /// The modem says something unasked.
    pub const fn unasked(said: &'s [u8]) -> Self {
        Self { expected: &[], answer: said }
    }
}

/// A UART whose other end follows a script.
///
/// A write that the script does not expect fails with an error that says what was expected and what came.
#[derive(Clone, Debug)]
pub struct ScriptedUart<'s> {
    script: &'s [Exchange<'s>],
    /// The exchange that it is at.
    turn: usize,
    written: usize,
    read: usize,
}

impl<'s> ScriptedUart<'s> {
    /// A UART at the beginning of `script`.
    pub const fn new(script: &'s [Exchange<'s>]) -> Self {
        Self { script, turn: 0, written: 0, read: 0 }
    }

    /// Checks that the script was followed to its end.
    ///
    /// # Errors
    /// [`Departure`], with what was still expected of the driver.
    pub fn finish(mut self) -> Result<(), Departure<'s>> {
        if self.expected().is_empty() { Ok(()) } else { Err(self.departure(&[])) }
    }

    /// What the driver has to send now.
    fn expected(&mut self) -> &'s [u8] {
        // What nobody has read yet does not keep the host from sending, since a UART works both ways.
        let mut turns = self.script.iter().skip(self.turn);
        let Some(exchange) = turns.next() else { return &[] };
        match exchange.expected.get(self.written..) {
            Some(rest) if !rest.is_empty() => rest,
            _ => turns.map(|exchange| exchange.expected).find(|expected| !expected.is_empty()).unwrap_or_default(),
        }
    }

    /// What the modem has said and nobody has read.
    fn unread(&mut self) -> &'s [u8] {
        while let Some(exchange) = self.script.get(self.turn) {
            if self.written < exchange.expected.len() {
                return &[];
            }
            match exchange.answer.get(self.read..) {
                Some(rest) if !rest.is_empty() => return rest,
                _ => self.next_turn(),
            }
        }
        &[]
    }

    const fn next_turn(&mut self) {
        self.turn = self.turn.saturating_add(1);
        self.written = 0;
        self.read = 0;
    }

    fn departure(&mut self, came: &[u8]) -> Departure<'s> {
        let mut kept = [0; KEPT];
        for (slot, byte) in kept.iter_mut().zip(came) {
            *slot = *byte;
        }
        let expected = self.expected();
        Departure { turn: self.turn, expected, came: kept, length: came.len() }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<usize, Departure<'s>> {
        // A driver that sends before it has read everything goes on to the next turn; what it did not read is gone.
        if self.script.get(self.turn).is_some_and(|exchange| self.written >= exchange.expected.len()) {
            self.next_turn();
            while self.script.get(self.turn).is_some_and(|exchange| exchange.expected.is_empty()) {
                self.next_turn();
            }
        }
        let expected = self.expected();
        let count = expected.len().min(bytes.len());
        match (expected.get(..count), bytes.get(..count)) {
            (Some(expected), Some(came)) if count > 0 && expected == came => {
                self.written = self.written.saturating_add(count);
                Ok(count)
            }
            _ => Err(self.departure(bytes)),
        }
    }

    fn give(&mut self, buffer: &mut [u8]) -> usize {
        let unread = self.unread();
        let count = unread.len().min(buffer.len());
        for (slot, byte) in buffer.iter_mut().zip(unread) {
            *slot = *byte;
        }
        self.read = self.read.saturating_add(count);
        count
    }
}

/// How many bytes of an unexpected write an error keeps.
const KEPT: usize = 64;

/// The driver did not do what the script says.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Departure<'s> {
    turn: usize,
    expected: &'s [u8],
    came: [u8; KEPT],
    length: usize,
}

impl Departure<'_> {
    fn came(&self) -> &[u8] {
        self.came.get(..self.length.min(KEPT)).unwrap_or_default()
    }
}

impl fmt::Display for Departure<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "exchange {}: expected \"{}\"", self.turn, self.expected.escape_ascii())?;
        match self.length {
            0 => write!(formatter, ", nothing came"),
            1..=KEPT => write!(formatter, ", \"{}\" came", self.came().escape_ascii()),
            length => write!(formatter, ", \"{}\" and more came, {length} bytes", self.came().escape_ascii()),
        }
    }
}

impl fmt::Debug for Departure<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Departure({self})")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Departure<'_> {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        let came = self.came();
        defmt::write!(
            formatter,
            "exchange {=usize}: expected {=[u8]:a}, {=[u8]:a} came",
            self.turn,
            self.expected,
            came
        );
    }
}

impl core::error::Error for Departure<'_> {}

impl embedded_io::Error for Departure<'_> {
    fn kind(&self) -> ErrorKind {
        ErrorKind::InvalidData
    }
}

impl<'s> ErrorType for ScriptedUart<'s> {
    type Error = Departure<'s>;
}

impl ReadReady for ScriptedUart<'_> {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        Ok(!self.unread().is_empty())
    }
}

impl Read for ScriptedUart<'_> {
    /// Gives what the modem has said; fails where it is silent, since a script cannot wait.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        match self.give(buffer) {
            0 if !buffer.is_empty() => Err(self.departure(&[])),
            count => Ok(count),
        }
    }
}

impl Write for ScriptedUart<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        if bytes.is_empty() { Ok(0) } else { self.take(bytes) }
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[cfg(feature = "async")]
impl embedded_io_async::Read for ScriptedUart<'_> {
    /// Gives what the modem has said; waits without end where it is silent.
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        match self.give(buffer) {
            0 if !buffer.is_empty() => core::future::pending().await,
            count => Ok(count),
        }
    }
}

#[cfg(feature = "async")]
impl embedded_io_async::Write for ScriptedUart<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        Write::write(self, bytes)
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// A clock that moves on by a millisecond whenever the driver has nothing to do, so that no test waits.
#[derive(Clone, Copy, Debug, Default)]
pub struct VirtualClock {
    now: Instant,
}

impl VirtualClock {
    /// A clock that begins at zero.
    pub const fn new() -> Self {
        Self { now: Instant::from_millis(0) }
    }
}

impl Clock for VirtualClock {
    fn now(&mut self) -> Instant {
        self.now
    }

    fn idle(&mut self) {
        self.now = self.now + Duration::from_millis(1);
    }
}

#[cfg(test)]
mod tests {
    use super::{Exchange, ScriptedUart};
    use embedded_io::{Read, ReadReady, Write};
    use std::string::ToString;

    const SCRIPT: [Exchange<'_>; 3] =
        [Exchange::new(b"AT\r\n", b"OK\r\n"), Exchange::unasked(b"RDY\r\n"), Exchange::new(b"ATE0\r\n", b"OK\r\n")];

    #[test]
    fn answers_come_once_all_was_sent_in_any_pieces() {
        let mut uart = ScriptedUart::new(&SCRIPT);
        assert_eq!(uart.read_ready(), Ok(false));
        uart.write_all(b"AT").unwrap();
        assert_eq!(uart.read_ready(), Ok(false));
        uart.write_all(b"\r\n").unwrap();
        let mut said = [0; 9];
        uart.read_exact(&mut said).unwrap();
        assert_eq!(&said, b"OK\r\nRDY\r\n");
        assert_eq!(uart.read_ready(), Ok(false));
        uart.write_all(b"ATE0\r\n").unwrap();
        uart.finish().unwrap();
    }

    #[test]
    fn a_departure_says_what_was_expected_and_what_came() {
        let mut uart = ScriptedUart::new(&SCRIPT);
        let error = uart.write(b"ATI\r\n").unwrap_err();
        assert_eq!(error.to_string(), r#"exchange 0: expected "AT\r\n", "ATI\r\n" came"#);
        let error = uart.finish().unwrap_err();
        assert_eq!(error.to_string(), r#"exchange 0: expected "AT\r\n", nothing came"#);
    }

    #[test]
    fn after_the_end_nothing_is_expected() {
        let mut uart = ScriptedUart::new(&[]);
        let error = uart.write(&[b'x'; 70]).unwrap_err();
        assert!(error.to_string().ends_with("and more came, 70 bytes"), "{error}");
        assert!(uart.read(&mut [0; 4]).is_err());
        uart.finish().unwrap();
    }
}
