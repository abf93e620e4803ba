//! A loop that never drops a read or a write, for UARTs that would lose bytes by it.

use embedded_io_async::{Read, Write};

/// How many bytes are carried at once. Few, since they live in the future, and a UART hands over what it has anyway.
const CHUNK: usize = 32;

/// Why forwarding ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ForwardError<R, W> {
    /// Reading failed.
    Read(R),
    /// Writing failed.
    Write(W),
    /// There is nothing more to read, or nobody to write to: a read or a write of no bytes.
    Closed,
}

/// Carries bytes from one end to the other until one of them fails. It never drops a read or a write that it has begun.
///
/// Run it beside the client, joined or in a task of its own, between a UART that loses bytes when a read or write is
/// dropped and any pipe whose ends do not, such as embassy-sync's `Pipe`. Bytes that come faster than the pipe is emptied
/// stay in the UART: give the pipe room for what may arrive while the client is not polled.
///
/// Only what is already there is safe: a UART without any buffer still loses what comes between two reads.
///
/// ```
/// use embassy_futures::join::join;
/// use embassy_futures::select::{Either, select};
/// use embassy_sync::blocking_mutex::raw::NoopRawMutex;
/// use embassy_sync::pipe::Pipe;
/// use embedded_io_async::{Read, Write};
/// use nt35e::asynch::{Client, Halves, Timer, forward};
/// use nt35e::{Buffers, Network};
///
/// async fn run(rx: impl Read, tx: impl Write, timer: impl Timer) -> bool {
///     let (received, to_send) = (Pipe::<NoopRawMutex, 256>::new(), Pipe::<NoopRawMutex, 64>::new());
///     let (mut memory_rx, mut memory_tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
///     let buffers = Buffers::new(&mut memory_rx, &mut memory_tx, &mut inbox);
///     let mut client = Client::new(Halves { rx: &received, tx: &to_send }, timer, buffers);
///     let carry = join(forward(rx, &received), forward(&to_send, tx));
///     let work = client.bring_up(&Network::default());
///     matches!(select(work, carry).await, Either::First(Ok(_)))
/// }
/// ```
///
/// A write is flushed before the next read, since the client counts its time limits from the last byte.
pub async fn forward<R: Read, W: Write>(mut from: R, mut to: W) -> ForwardError<R::Error, W::Error> {
    let mut chunk = [0; CHUNK];
    loop {
        let count = match from.read(&mut chunk).await {
            Ok(0) => return ForwardError::Closed,
            Ok(count) => count,
            Err(error) => return ForwardError::Read(error),
        };
        let mut rest = chunk.get(..count).unwrap_or_default();
        while !rest.is_empty() {
            match to.write(rest).await {
                Ok(0) => return ForwardError::Closed,
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                Err(error) => return ForwardError::Write(error),
            }
        }
        if let Err(error) = to.flush().await {
            return ForwardError::Write(error);
        }
    }
}
