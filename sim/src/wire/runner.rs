//! The thread that owns the modem: it sleeps until a byte comes or the modem has something to do.

use core::fmt;
use core::time::Duration;
use std::io::Write;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Instant;

use super::broker::{Broker, News};
use super::resolve::Resolve;
use crate::modem::{Modem, ModemSettings, NetworkEvent, NetworkRequest};

/// Which way bytes went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the host to the modem.
    FromHost,
    /// From the modem to the host.
    FromModem,
}

/// Bytes that went over the serial line.
#[derive(Clone, Copy, Debug)]
pub struct Traffic<'bytes> {
    /// Which way.
    pub direction: Direction,
    /// When, since the start of the server.
    pub at: Duration,
    /// What.
    pub bytes: &'bytes [u8],
}

/// Is told of everything that goes over the serial line, on the thread that serves it.
pub type Observer = Box<dyn FnMut(Traffic<'_>) + Send>;

/// Something done to the modem on its thread.
pub(super) type Control = Box<dyn FnOnce(&mut Modem, Duration) + Send>;

/// Where the bytes for the host go. False if the host is gone.
pub(super) type HostWriter = Box<dyn Write + Send>;

/// What the other threads tell the runner.
pub(super) enum Message {
    HostCame(HostWriter),
    HostWrote(Vec<u8>),
    HostLeft,
    Network(u64, News),
    Control(Control),
    CutLink,
    Stop,
}

/// The modem and what it is connected to.
pub(super) struct Runner {
    modem: Modem,
    broker: Broker,
    host: Option<HostWriter>,
    observer: Option<Observer>,
    start: Instant,
}

impl Runner {
    pub(super) fn new(
        settings: ModemSettings,
        resolve: Resolve,
        tls_in_clear: bool,
        observer: Option<Observer>,
        to_self: Sender<Message>,
    ) -> Self {
        Self {
            modem: Modem::new(settings, Duration::ZERO),
            broker: Broker::new(resolve, tls_in_clear, to_self),
            host: None,
            observer,
            start: Instant::now(),
        }
    }

    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        loop {
            self.settle();
            let message = match self.modem.next_due() {
                None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => messages.recv_timeout(due.saturating_sub(self.start.elapsed())),
            };
            match message {
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn take(&mut self, message: Message) {
        let now = self.start.elapsed();
        match message {
            Message::HostCame(writer) => self.host = Some(writer),
            Message::HostWrote(bytes) => {
                self.observe(Direction::FromHost, now, &bytes);
                self.modem.write(&bytes, now);
            }
            Message::HostLeft => self.host = None,
            Message::Network(number, news) => {
                if let Some(event) = self.broker.hear(number, news) {
                    self.modem.network_event(event, now);
                }
            }
            Message::Control(control) => control(&mut self.modem, now),
            Message::CutLink => {
                self.broker.perform(NetworkRequest::Close);
                self.modem.network_event(NetworkEvent::ClosedByPeer, now);
            }
            Message::Stop => {}
        }
    }

    fn settle(&mut self) {
        let now = self.start.elapsed();
        self.modem.tick(now);
        for request in self.modem.network_requests() {
            self.broker.perform(request);
        }
        let bytes = self.modem.read(now);
        if bytes.is_empty() {
            return;
        }
        // Without a host on the line, the bytes are lost, as on a real one.
        let Some(host) = &mut self.host else { return };
        if host.write_all(&bytes).is_err() {
            self.host = None;
        }
        self.observe(Direction::FromModem, now, &bytes);
    }

    fn observe(&mut self, direction: Direction, at: Duration, bytes: &[u8]) {
        if let Some(observer) = &mut self.observer {
            observer(Traffic { direction, at, bytes });
        }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HostCame(_) => "HostCame",
            Self::HostWrote(_) => "HostWrote",
            Self::HostLeft => "HostLeft",
            Self::Network(..) => "Network",
            Self::Control(_) => "Control",
            Self::CutLink => "CutLink",
            Self::Stop => "Stop",
        })
    }
}
