//! The modem's one connection to the network: a thread connects and reads, the runner writes.

use core::time::Duration;
use std::net::TcpStream;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use super::link::{Encryption, Link};
use super::resolve::Resolve;
use super::runner::Message;
use crate::modem::{NetworkEvent, NetworkRequest, OpenFailure};

const CONNECT_LIMIT: Duration = Duration::from_secs(20);

/// Longer than any broker needs to take a packet; a stuck one must not stop the modem.
const WRITE_LIMIT: Duration = Duration::from_secs(5);

/// What the thread of a connection says.
#[derive(Debug)]
pub(super) enum News {
    /// Connected; this half is for writing and closing.
    Connected(Link),
    Event(NetworkEvent),
}

/// The connection, if there is one.
#[derive(Debug)]
pub(super) struct Broker {
    resolve: Resolve,
    encryption: Encryption,
    runner: Sender<Message>,
    /// Counts the connections, so that late news of an earlier one can be told from those of the present one.
    number: u64,
    link: Option<Link>,
    reader: Option<JoinHandle<()>>,
}

impl Broker {
    pub(super) fn new(resolve: Resolve, encryption: Encryption, runner: Sender<Message>) -> Self {
        Self { resolve, encryption, runner, number: 0, link: None, reader: None }
    }

    pub(super) fn perform(&mut self, request: NetworkRequest) {
        match request {
            NetworkRequest::Open { host, port, tls } => self.open(host, port, tls),
            NetworkRequest::Send(bytes) => {
                // A failure shows on the reading side too.
                if let Some(link) = &self.link {
                    let _ = link.send(&bytes);
                }
            }
            NetworkRequest::Close => self.close(),
        }
    }

    /// The event for the modem, unless the news are of an earlier connection.
    pub(super) fn hear(&mut self, number: u64, news: News) -> Option<NetworkEvent> {
        if number != self.number {
            return None;
        }
        match news {
            News::Connected(link) => {
                self.link = Some(link);
                Some(NetworkEvent::Opened)
            }
            News::Event(event) => Some(event),
        }
    }

    fn open(&mut self, host: String, port: u16, tls: bool) {
        self.close();
        let number = self.number;
        let (runner, resolve) = (self.runner.clone(), self.resolve.clone());
        let encryption = if tls { self.encryption.clone() } else { Encryption::InClear };
        self.reader = Some(std::thread::spawn(move || {
            let tell = |news| runner.send(Message::Network(number, news)).is_ok();
            match connect(&resolve, &encryption, &host, port) {
                Ok((reading, writing)) => {
                    if tell(News::Connected(writing)) {
                        reading.receive_all(|event| tell(News::Event(event)));
                    }
                }
                Err(failure) => {
                    tell(News::Event(NetworkEvent::OpenFailed(failure)));
                }
            }
        }));
    }

    fn close(&mut self) {
        self.number += 1;
        let reader = self.reader.take();
        if let Some(link) = self.link.take() {
            link.shut_down();
            // Only a thread that has connected ends at once; one that still connects ends by itself, unheard.
            if let Some(reader) = reader {
                let _ = reader.join();
            }
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.close();
    }
}

/// The halves for reading and for writing.
fn connect(resolve: &Resolve, encryption: &Encryption, host: &str, port: u16) -> Result<(Link, Link), OpenFailure> {
    if matches!(encryption, Encryption::Fails) {
        return Err(OpenFailure::Tls);
    }
    let address = resolve.address(host, port).map_err(|_| OpenFailure::Dns)?;
    let stream = TcpStream::connect_timeout(&address, CONNECT_LIMIT).map_err(|_| OpenFailure::Network)?;
    let prepare = || {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(WRITE_LIMIT))
    };
    prepare().map_err(|_| OpenFailure::Network)?;
    let link = Link::new(stream, encryption, host).map_err(|_| OpenFailure::Tls)?;
    let writing = link.try_clone().map_err(|_| OpenFailure::Network)?;
    Ok((link, writing))
}
