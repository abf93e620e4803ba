//! A UART of the older embedded-io, as one of the newer.

use embedded_io::{Error, ErrorKind, ErrorType, Read, ReadReady, Write};

/// A UART that implements the traits of embedded-io 0.6, for [`blocking::Client`](crate::blocking::Client), which asks
/// for those of 0.7.
///
/// ```
/// use nt35e::{Buffers, FromEmbeddedIo06, Instant, blocking};
///
/// fn client<'b, U>(
///     uart: U,
///     buffers: Buffers<'b>,
/// ) -> blocking::Client<'b, FromEmbeddedIo06<U>, impl FnMut() -> Instant>
/// where
///     U: embedded_io_06::Read + embedded_io_06::ReadReady + embedded_io_06::Write,
/// {
///     blocking::Client::new(FromEmbeddedIo06(uart), || Instant::from_millis(0), buffers)
/// }
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FromEmbeddedIo06<U>(
    /// The UART.
    pub U,
);

/// An error of a UART that implements the traits of embedded-io 0.6.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Error06<E>(
    /// What the UART said.
    pub E,
);

impl<U: embedded_io_06::ErrorType> ErrorType for FromEmbeddedIo06<U> {
    type Error = Error06<U::Error>;
}

impl<U: embedded_io_06::Read> Read for FromEmbeddedIo06<U> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        self.0.read(buffer).map_err(Error06)
    }
}

impl<U: embedded_io_06::ReadReady> ReadReady for FromEmbeddedIo06<U> {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        self.0.read_ready().map_err(Error06)
    }
}

impl<U: embedded_io_06::Write> Write for FromEmbeddedIo06<U> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.0.write(bytes).map_err(Error06)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.0.flush().map_err(Error06)
    }
}

impl<E: embedded_io_06::Error> Error for Error06<E> {
    fn kind(&self) -> ErrorKind {
        use embedded_io_06::ErrorKind as Older;
        match self.0.kind() {
            Older::NotFound => ErrorKind::NotFound,
            Older::PermissionDenied => ErrorKind::PermissionDenied,
            Older::ConnectionRefused => ErrorKind::ConnectionRefused,
            Older::ConnectionReset => ErrorKind::ConnectionReset,
            Older::ConnectionAborted => ErrorKind::ConnectionAborted,
            Older::NotConnected => ErrorKind::NotConnected,
            Older::AddrInUse => ErrorKind::AddrInUse,
            Older::AddrNotAvailable => ErrorKind::AddrNotAvailable,
            Older::BrokenPipe => ErrorKind::BrokenPipe,
            Older::AlreadyExists => ErrorKind::AlreadyExists,
            Older::InvalidInput => ErrorKind::InvalidInput,
            Older::InvalidData => ErrorKind::InvalidData,
            Older::TimedOut => ErrorKind::TimedOut,
            Older::Interrupted => ErrorKind::Interrupted,
            Older::Unsupported => ErrorKind::Unsupported,
            Older::OutOfMemory => ErrorKind::OutOfMemory,
            Older::WriteZero => ErrorKind::WriteZero,
            _ => ErrorKind::Other,
        }
    }
}

impl<E: core::fmt::Debug> core::error::Error for Error06<E> {}

impl<E: core::fmt::Debug> core::fmt::Display for Error06<E> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(formatter)
    }
}
