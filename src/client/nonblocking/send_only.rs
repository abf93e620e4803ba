//! A UART whose received bytes come another way.

use embedded_hal_nb::nb;
use embedded_hal_nb::serial::{ErrorType, Read, Write};

/// The sending half of a UART, for a client that is given received bytes by [`Client::push`](super::Client::push):
/// reading from it never gives any.
#[derive(Clone, Copy, Debug)]
pub struct SendOnly<W>(
    /// What sends.
    pub W,
);

impl<W: ErrorType> ErrorType for SendOnly<W> {
    type Error = W::Error;
}

impl<W: ErrorType> Read<u8> for SendOnly<W> {
    fn read(&mut self) -> nb::Result<u8, W::Error> {
        Err(nb::Error::WouldBlock)
    }
}

impl<W: Write<u8>> Write<u8> for SendOnly<W> {
    fn write(&mut self, byte: u8) -> nb::Result<(), W::Error> {
        self.0.write(byte)
    }

    fn flush(&mut self) -> nb::Result<(), W::Error> {
        self.0.flush()
    }
}
