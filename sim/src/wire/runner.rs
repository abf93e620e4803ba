//! The thread that owns the modem: it sleeps until a byte comes or the modem has something to do.

use core::fmt;
use core::time::Duration;
use std::io::Write;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Instant;

use super::broker::{Broker, News};
use super::link::Encryption;
use super::resolve::Resolve;
use crate::direction::Direction;
use crate::fault::{CloudFault, Fault, Place};
use crate::modem::{Modem, ModemSettings, NetworkEvent, NetworkRequest};
use crate::path::Path;

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

/// Lets a fault strike the broker, which is somebody else's.
pub type CloudStriker = Box<dyn FnMut(CloudFault) + Send>;

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
    Fault(Option<Place>, Fault),
    Stop,
}

/// The modem and what it is connected to.
pub(super) struct Runner {
    modem: Modem,
    broker: Broker,
    path: Path,
    host: Option<HostWriter>,
    observer: Option<Observer>,
    cloud: Option<CloudStriker>,
    start: Instant,
}

impl Runner {
    pub(super) fn new(
        settings: ModemSettings,
        resolve: Resolve,
        encryption: Encryption,
        observer: Option<Observer>,
        cloud: Option<CloudStriker>,
        to_self: Sender<Message>,
    ) -> Self {
        Self {
            modem: Modem::new(settings, Duration::ZERO),
            broker: Broker::new(resolve, encryption, to_self),
            path: Path::default(),
            host: None,
            observer,
            cloud,
            start: Instant::now(),
        }
    }

    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        loop {
            self.settle();
            let due = [self.modem.next_due(), self.path.next_due()].into_iter().flatten().min();
            let message = match due {
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
                    self.path.receive(event, now);
                }
            }
            Message::Control(control) => control(&mut self.modem, now),
            Message::Fault(Some(place), fault) => self.modem.strike_at(place, fault, now),
            Message::Fault(None, fault) => self.suffer(fault, now),
            Message::Stop => {}
        }
    }

    fn settle(&mut self) {
        let now = self.start.elapsed();
        loop {
            self.modem.tick(now);
            let faults = self.modem.tripped();
            let requests = self.modem.network_requests();
            if faults.is_empty() && requests.is_empty() && !self.deliver(now) {
                break;
            }
            for fault in faults {
                self.suffer(fault, now);
            }
            for request in requests {
                self.perform(request, now);
            }
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

    fn perform(&mut self, request: NetworkRequest, now: Duration) {
        match request {
            NetworkRequest::Open { .. } => {
                self.path.clear();
                match self.path.obstacle(now) {
                    Some(failure) => self.path.receive(NetworkEvent::OpenFailed(failure), now),
                    None => self.broker.perform(request),
                }
            }
            NetworkRequest::Send(bytes) => self.path.send(bytes, now),
            NetworkRequest::Close => {
                self.hand_over(now);
                self.path.clear();
                self.broker.perform(request);
            }
        }
    }

    /// Brings to the broker what has reached it.
    fn hand_over(&mut self, now: Duration) {
        while let Some(bytes) = self.path.take_sent(now) {
            self.broker.perform(NetworkRequest::Send(bytes));
        }
    }

    /// Brings to both sides what has reached them; false if there is nothing.
    fn deliver(&mut self, now: Duration) -> bool {
        self.hand_over(now);
        let mut told = false;
        while let Some(event) = self.path.take_received(now) {
            told = true;
            self.modem.network_event(event, now);
        }
        told
    }

    fn suffer(&mut self, fault: Fault, now: Duration) {
        match fault {
            Fault::Modem(fault) => self.modem.strike(fault, now),
            Fault::Network(fault) => {
                if self.path.strike(fault, now) {
                    self.perform(NetworkRequest::Close, now);
                    self.modem.network_event(NetworkEvent::ClosedByPeer, now);
                }
            }
            Fault::Cloud(fault) => {
                if let Some(strike) = &mut self.cloud {
                    strike(fault);
                }
            }
        }
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
            Self::Fault(..) => "Fault",
            Self::Stop => "Stop",
        })
    }
}
