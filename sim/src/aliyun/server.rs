//! The TCP shell: threads that carry bytes and real time between sockets and the core.

use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::{Channel, Cloud, CloudSettings};
#[cfg(feature = "tls")]
use crate::tls::Identity;

/// How long a thread sleeps at most before it looks for new output, a due time or the end.
const PERIOD: Duration = Duration::from_millis(5);

/// A double that listens on a TCP port. Its threads end when it is dropped.
#[derive(Debug)]
pub struct CloudServer {
    shared: Arc<Shared>,
    address: SocketAddr,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    cloud: Mutex<Cloud>,
    changed: Condvar,
    started: Instant,
    ended: AtomicBool,
    channel: Channel,
    #[cfg(feature = "tls")]
    identity: Option<Identity>,
}

impl CloudServer {
    /// Listens on a free port of the loopback interface.
    pub fn start(settings: CloudSettings) -> io::Result<Self> {
        Self::start_on("127.0.0.1:0", Channel::Plain, settings)
    }

    /// Listens on an address. With [`Channel::Tls`] the connections count as encrypted, although they are not.
    pub fn start_on(address: impl ToSocketAddrs, channel: Channel, settings: CloudSettings) -> io::Result<Self> {
        Self::listen(
            address,
            channel,
            settings,
            #[cfg(feature = "tls")]
            None,
        )
    }

    /// Listens on an address with TLS, as whoever it is.
    #[cfg(feature = "tls")]
    pub fn start_tls(address: impl ToSocketAddrs, identity: Identity, settings: CloudSettings) -> io::Result<Self> {
        Self::listen(address, Channel::Tls, settings, Some(identity))
    }

    fn listen(
        address: impl ToSocketAddrs,
        channel: Channel,
        settings: CloudSettings,
        #[cfg(feature = "tls")] identity: Option<Identity>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            cloud: Mutex::new(Cloud::new(settings)),
            changed: Condvar::new(),
            started: Instant::now(),
            ended: AtomicBool::new(false),
            channel,
            #[cfg(feature = "tls")]
            identity,
        });
        let acceptor = thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.accept(&listener)
        });
        Ok(Self { shared, address, acceptor: Some(acceptor) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The time since the start, which the core takes for `now`.
    pub fn now(&self) -> Duration {
        self.shared.started.elapsed()
    }

    /// The core, locked: the server stands still while the guard lives. What is put on its way through it goes out
    /// within milliseconds after that.
    pub fn cloud(&self) -> MutexGuard<'_, Cloud> {
        self.shared.lock()
    }

    /// Waits until the condition holds, and tells whether it came to that within the time.
    pub fn wait_for(&self, time: Duration, mut condition: impl FnMut(&Cloud) -> bool) -> bool {
        let cloud = self.cloud();
        let waited = self.shared.changed.wait_timeout_while(cloud, time, |cloud| !condition(cloud));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Drop for CloudServer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        if let Some(acceptor) = self.acceptor.take() {
            // A panic in it has been printed; there is nothing to add while dropping.
            let _ = acceptor.join();
        }
    }
}

impl Shared {
    /// Brings the core to the present, so that whatever is done through the guard happens now.
    fn lock(&self) -> MutexGuard<'_, Cloud> {
        let mut cloud = self.cloud.lock().unwrap_or_else(PoisonError::into_inner);
        cloud.tick(self.started.elapsed());
        cloud
    }

    fn ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        let mut carriers: Vec<JoinHandle<()>> = Vec::new();
        while !self.ended() {
            carriers.retain(|carrier| !carrier.is_finished());
            match listener.accept() {
                Ok((stream, _)) => carriers.push(thread::spawn({
                    let shared = Arc::clone(self);
                    move || shared.carry(stream)
                })),
                // Nobody is there, or whoever was has gone again.
                Err(_) => thread::sleep(PERIOD),
            }
        }
        for carrier in carriers {
            let _ = carrier.join();
        }
    }

    /// Carries bytes both ways until one side ends the connection.
    fn carry(&self, stream: TcpStream) {
        let connection = self.lock().accept(self.channel, self.started.elapsed());
        // A fault of the socket here or later counts as the peer's going away. It sees the end even while somebody holds the core.
        let _ = self.serve(stream, connection);
        self.lock().closed(connection, self.started.elapsed());
        self.changed.notify_all();
    }

    fn serve(&self, mut stream: TcpStream, connection: super::ConnectionId) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PERIOD))?;
        stream.set_write_timeout(Some(PERIOD))?;
        #[cfg(feature = "tls")]
        if let Some(identity) = &self.identity {
            let mut stream = identity.serve(stream)?;
            let result = self.exchange(&mut stream, connection);
            stream.conn.send_close_notify();
            let _ = stream.flush();
            return result;
        }
        self.exchange(&mut stream, connection)
    }

    fn exchange(&self, stream: &mut (impl Read + Write), connection: super::ConnectionId) -> io::Result<()> {
        let mut buffer = [0; 4096];
        let mut unsent = Vec::new();
        while !self.ended() {
            let open = {
                let mut cloud = self.lock();
                unsent.extend(cloud.transmit(connection));
                cloud.is_open(connection)
            };
            if !unsent.is_empty() {
                let written = unless_late(stream.write(&unsent))?.unwrap_or(0);
                unsent.drain(..written);
            } else if !open {
                return Ok(());
            }
            match unless_late(stream.read(&mut buffer))? {
                Some(0) => return Ok(()),
                Some(length) => {
                    self.lock().receive(connection, &buffer[..length], self.started.elapsed());
                    self.changed.notify_all();
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// Makes a time limit that has passed an answer.
fn unless_late(result: io::Result<usize>) -> io::Result<Option<usize>> {
    match result {
        Ok(length) => Ok(Some(length)),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
