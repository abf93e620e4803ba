//! Two halves of a UART as one.

use embedded_io_async::{Error, ErrorKind, ErrorType, Read, Write};

/// A UART that reads from one half and writes to another, such as a `RingBufferedUartRx` and the writer of a pipe.
#[derive(Debug)]
pub struct Halves<R, W> {
    /// The half that is read from.
    pub rx: R,
    /// The half that is written to.
    pub tx: W,
}

/// Which half failed, and how.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HalfError<R, W> {
    /// Reading failed.
    Rx(R),
    /// Writing failed.
    Tx(W),
}

impl<R: ErrorType, W: ErrorType> ErrorType for Halves<R, W> {
    type Error = HalfError<R::Error, W::Error>;
}

impl<R: Read, W: ErrorType> Read for Halves<R, W> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        self.rx.read(buffer).await.map_err(HalfError::Rx)
    }
}

impl<R: ErrorType, W: Write> Write for Halves<R, W> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.tx.write(bytes).await.map_err(HalfError::Tx)
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        self.tx.flush().await.map_err(HalfError::Tx)
    }
}

impl<R: Error, W: Error> Error for HalfError<R, W> {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Rx(error) => error.kind(),
            Self::Tx(error) => error.kind(),
        }
    }
}

impl<R: core::fmt::Display, W: core::fmt::Display> core::fmt::Display for HalfError<R, W> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Rx(error) => write!(formatter, "reading failed: {error}"),
            Self::Tx(error) => write!(formatter, "writing failed: {error}"),
        }
    }
}

impl<R: core::error::Error, W: core::error::Error> core::error::Error for HalfError<R, W> {}
