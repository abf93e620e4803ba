//! The core: what a double holds, and how bytes and time come in and bytes go out.

use core::fmt;
use core::time::Duration;

use super::{Channel, CloudEvent, CloudSettings};

/// One connection, from its accepting to its end; never used again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ConnectionId(u32);

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "connection {}", self.0)
    }
}

/// The double itself. It has no thread, no socket and no clock: bytes and the time since its start are arguments.
#[derive(Debug)]
pub struct Cloud {
    pub(super) now: Duration,
    pub(super) log: Vec<CloudEvent>,
}

impl Cloud {
    /// A double that nobody is connected to.
    pub fn new(_settings: CloudSettings) -> Self {
        Self {
            now: Duration::ZERO,
            log: Vec::new(),
        }
    }

    /// Takes a connection.
    pub fn accept(&mut self, _channel: Channel, _now: Duration) -> ConnectionId {
        ConnectionId(0)
    }

    /// Takes bytes from a client. Nothing happens if the connection has ended.
    pub fn receive(&mut self, _connection: ConnectionId, _bytes: &[u8], _now: Duration) {}

    /// Gives the bytes to send to a client now; they are given once.
    pub fn transmit(&mut self, _connection: ConnectionId) -> Vec<u8> {
        Vec::new()
    }

    /// Whether the connection lives: false once the double closed it and its last bytes were taken by
    /// [`Cloud::transmit`], or the client's side was [`Cloud::closed`].
    pub fn is_open(&self, _connection: ConnectionId) -> bool {
        false
    }

    /// Tells that the client's side of the connection went away. To be called once for every connection, also after
    /// [`Cloud::is_open`] became false.
    pub fn closed(&mut self, _connection: ConnectionId, _now: Duration) {}

    /// Does what is due: keep-alive, missing CONNECTs, retries. Calling it too often is harmless.
    pub fn tick(&mut self, _now: Duration) {}

    /// When [`Cloud::tick`] next has something to do. May change after any other call.
    pub fn next_due(&self) -> Option<Duration> {
        None
    }
}
