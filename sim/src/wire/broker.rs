//! The modem's one connection to the network: a thread connects and reads, the runner writes.

use core::time::Duration;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

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
    Connected(TcpStream),
    Event(NetworkEvent),
}

/// The connection, if there is one.
#[derive(Debug)]
pub(super) struct Broker {
    resolve: Resolve,
    tls_in_clear: bool,
    runner: Sender<Message>,
    /// Counts the connections, so that late news of an earlier one can be told from those of the present one.
    number: u64,
    stream: Option<TcpStream>,
    reader: Option<JoinHandle<()>>,
}

impl Broker {
    pub(super) fn new(resolve: Resolve, tls_in_clear: bool, runner: Sender<Message>) -> Self {
        Self { resolve, tls_in_clear, runner, number: 0, stream: None, reader: None }
    }

    pub(super) fn perform(&mut self, request: NetworkRequest) {
        match request {
            NetworkRequest::Open { host, port, tls } => self.open(host, port, tls),
            NetworkRequest::Send(bytes) => {
                // A failure shows on the reading side too.
                if let Some(mut stream) = self.stream.as_ref() {
                    let _ = stream.write_all(&bytes);
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
            News::Connected(stream) => {
                self.stream = Some(stream);
                Some(NetworkEvent::Opened)
            }
            News::Event(event) => Some(event),
        }
    }

    fn open(&mut self, host: String, port: u16, tls: bool) {
        self.close();
        let number = self.number;
        let (runner, resolve, refused) = (self.runner.clone(), self.resolve.clone(), tls && !self.tls_in_clear);
        self.reader = Some(std::thread::spawn(move || {
            let tell = |news| runner.send(Message::Network(number, news)).is_ok();
            if refused {
                tell(News::Event(NetworkEvent::OpenFailed(OpenFailure::Tls)));
                return;
            }
            match connect(&resolve, &host, port) {
                Ok((mut reading, writing)) => {
                    if tell(News::Connected(writing)) {
                        read_all(&mut reading, |event| tell(News::Event(event)));
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
        if let Some(stream) = self.stream.take() {
            let _ = stream.shutdown(Shutdown::Both);
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

fn connect(resolve: &Resolve, host: &str, port: u16) -> Result<(TcpStream, TcpStream), OpenFailure> {
    let address = resolve.address(host, port).map_err(|_| OpenFailure::Dns)?;
    let stream = TcpStream::connect_timeout(&address, CONNECT_LIMIT).map_err(|_| OpenFailure::Network)?;
    let prepare = || {
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(WRITE_LIMIT))?;
        stream.try_clone()
    };
    let writing = prepare().map_err(|_| OpenFailure::Network)?;
    Ok((stream, writing))
}

/// Passes on what the broker sends, until the connection ends or nobody listens.
fn read_all(stream: &mut TcpStream, mut tell: impl FnMut(NetworkEvent) -> bool) {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => {
                if !tell(NetworkEvent::Received(buffer[..count].to_vec())) {
                    return;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => {
                tell(NetworkEvent::ClosedByPeer);
                return;
            }
        }
    }
}
