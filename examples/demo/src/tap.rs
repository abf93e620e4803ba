//! The tap: a UART that shows what goes over it.

use embedded_io::{ErrorType, Read, ReadReady, Write};
use nt35e_screen::Traffic;

/// A UART whose traffic is shown.
pub(crate) struct Tap<U> {
    uart: U,
    traffic: Traffic,
}

impl<U> Tap<U> {
    pub(crate) fn new(uart: U, traffic: &Traffic) -> Self {
        Self { uart, traffic: traffic.clone() }
    }
}

impl<U: ErrorType> ErrorType for Tap<U> {
    type Error = U::Error;
}

impl<U: ReadReady> ReadReady for Tap<U> {
    fn read_ready(&mut self) -> Result<bool, U::Error> {
        self.uart.read_ready()
    }
}

impl<U: Read> Read for Tap<U> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, U::Error> {
        let count = self.uart.read(buffer)?;
        self.traffic.received(&buffer[..count]);
        Ok(count)
    }
}

impl<U: Write> Write for Tap<U> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, U::Error> {
        let count = self.uart.write(bytes)?;
        self.traffic.sent(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), U::Error> {
        self.uart.flush()
    }
}
