//! The steps of the job, as firmware would take them: each calls the driver, and shows what came of it.

use core::fmt::{self, Display};
use core::time::Duration;
use std::time::Instant;

use embedded_io::{Read, ReadReady, Write};
use nt35e::aliyun::SignIn;
use nt35e::blocking::Client;
use nt35e::{BringUp, BringUpFailure, Buffers, Error, Event, Network, Progress, Publish, QoS};
use nt35e_screen::{Escaped, Traffic};
use nt35e_tools::line::HostClock;

use crate::check::{self, Message};
use crate::tap::Tap;

/// How long the rest of a large message may take to go on.
const PIECE_LIMIT: nt35e::Duration = nt35e::Duration::from_secs(5);

/// The driver's buffers, as large as its documentation recommends.
pub(crate) struct Memory {
    rx: [u8; 256],
    tx: [u8; 256],
    inbox: [u8; 512],
}

impl Memory {
    pub(crate) const fn new() -> Self {
        Self { rx: [0; 256], tx: [0; 256], inbox: [0; 512] }
    }
}

/// The device: a driver with its modem.
pub(crate) struct Device<'b, U> {
    client: Client<'b, Tap<U>, HostClock>,
    traffic: Traffic,
    /// Messages that came before anybody waited for them.
    early: Vec<Received>,
}

/// A message that was received.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Received {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    /// In how many pieces it was read, if it was larger than the inbox.
    pub(crate) pieces: Option<usize>,
}

/// How a payload has to go to the modem.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// In the command line.
    Inline,
    /// After the modem's prompt.
    ByPrompt,
}

/// Why the demo failed, and in which step.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(text: impl Display) -> Self {
        Self(text.to_string())
    }

    fn in_step(traffic: &Traffic, what: impl Display) -> Self {
        Self(traffic.screen().in_step(what))
    }
}

impl Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'b, U: Read + ReadReady + Write> Device<'b, U> {
    /// A device on a line to a modem. Nothing is sent yet.
    pub(crate) fn new(uart: U, traffic: &Traffic, memory: &'b mut Memory) -> Self {
        let buffers = Buffers::new(&mut memory.rx, &mut memory.tx, &mut memory.inbox);
        let client = Client::new(Tap::new(uart, traffic), HostClock::start(), buffers);
        Self { client, traffic: traffic.clone(), early: Vec::new() }
    }

    /// Brings the modem up; `remedy` is what to do if it is silent.
    pub(crate) fn bring_up(&mut self, network: &Network, remedy: &str) -> Result<(), Failure> {
        let traffic = self.traffic.clone();
        let show = |progress: Progress<'_>| traffic.screen().result(&progress.to_string());
        let registration = self.client.bring_up_with(&BringUp::new(*network), show).map_err(|error| {
            let is_silent = matches!(error, Error::BringUp(BringUpFailure::NoAnswer { .. }));
            self.failure(format_args!("{error}{}", if is_silent { remedy } else { "" }))
        })?;
        self.show_events()?;
        self.result(format_args!("the modem answers, and is registered: {registration:?}"));
        Ok(())
    }

    pub(crate) fn sign_in(&mut self, sign_in: SignIn<'_>) -> Result<(), Failure> {
        let connection = self.client.connect_aliyun(sign_in).map_err(|error| self.failure(error))?;
        let refused: Vec<_> = connection.refused().collect();
        if !refused.is_empty() {
            self.event(format_args!("the modem refused the settings {}", refused.join(", ")));
        }
        self.result("signed in");
        Ok(())
    }

    /// Subscribes; `remedy` is what to do if the broker refuses.
    pub(crate) fn subscribe(&mut self, filter: &str, qos: QoS, remedy: &str) -> Result<(), Failure> {
        self.client.subscribe(filter, qos).map_err(|error| {
            let remedy = if matches!(error, Error::Subscribe(_)) { remedy } else { "" };
            self.failure(format_args!("{filter}: {error}{remedy}"))
        })?;
        self.result(format_args!("granted: {filter}"));
        Ok(())
    }

    /// Publishes, and checks that the payload went to the modem in the form that it has to.
    pub(crate) fn publish(&mut self, message: &Message, form: Form) -> Result<(), Failure> {
        let Message { topic, payload, qos } = message;
        let _ = self.traffic.take_sent();
        self.client.publish(&Publish::new(topic, payload).qos(*qos)).map_err(|error| self.failure(error))?;
        let by_prompt =
            check::went_by_prompt(&self.traffic.take_sent(), payload).map_err(|difference| self.failure(difference))?;
        let went = if by_prompt { Form::ByPrompt } else { Form::Inline };
        if went != form {
            return Err(self.failure(format_args!("the payload went {went}, and had to go {form}")));
        }
        let reached = match qos {
            QoS::AtMostOnce => "sent by the modem",
            QoS::AtLeastOnce | QoS::ExactlyOnce => "acknowledged by the broker",
        };
        self.result(format_args!("{} bytes at QoS {}, {form}: {reached}", payload.len(), *qos as u8));
        Ok(())
    }

    /// The first message that is wanted, if one comes in time or came before; whatever else happens meanwhile is shown.
    pub(crate) fn receive(
        &mut self,
        limit: Duration,
        wanted: impl Fn(&Received) -> bool,
    ) -> Result<Option<Received>, Failure> {
        if let Some(position) = self.early.iter().position(&wanted) {
            return Ok(Some(self.early.remove(position)));
        }
        let until = Instant::now() + limit;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.next_arrival(left)? {
                None => return Ok(None),
                Some(Arrival::Message(received)) if wanted(&received) => return Ok(Some(received)),
                Some(arrival) => self.show(arrival)?,
            }
        }
    }

    /// As [`Device::receive`], where the message has to come.
    pub(crate) fn expect(&mut self, limit: Duration, wanted: impl Fn(&Received) -> bool) -> Result<Received, Failure> {
        let received = self.receive(limit, wanted)?;
        received.ok_or_else(|| self.failure(format_args!("the message did not come within {} s", limit.as_secs())))
    }

    pub(crate) fn disconnect(&mut self) -> Result<(), Failure> {
        self.show_events()?;
        self.client.disconnect().map_err(|error| self.failure(error))?;
        self.show_events()?;
        let counters = self.client.counters().line;
        let (bytes, commands) = (counters.bytes, counters.commands);
        self.result(format_args!(
            "signed off after {commands} commands; {} bytes received: {} in answers, {} in events, {} echo, {} lost",
            bytes.received, bytes.answer, bytes.event, bytes.echo, bytes.lost
        ));
        Ok(())
    }

    /// A failure in the step that is being done.
    pub(crate) fn failure(&self, what: impl Display) -> Failure {
        Failure::in_step(&self.traffic, what)
    }

    pub(crate) fn result(&self, text: impl Display) {
        self.traffic.screen().result(&text.to_string());
    }

    fn event(&self, text: impl Display) {
        self.traffic.screen().event(&text.to_string());
    }

    /// Shows the events that wait already.
    fn show_events(&mut self) -> Result<(), Failure> {
        while let Some(arrival) = self.next_arrival(Duration::ZERO)? {
            self.show(arrival)?;
        }
        Ok(())
    }

    fn show(&mut self, arrival: Arrival) -> Result<(), Failure> {
        match arrival {
            Arrival::Message(received) => {
                let Received { topic, payload, .. } = &received;
                self.event(format_args!("a message of {} bytes on {topic}, set aside", payload.len()));
                self.early.push(received);
            }
            Arrival::Other(text) => self.event(text),
            Arrival::SessionEnded(text) => return Err(self.failure(text)),
        }
        Ok(())
    }

    fn next_arrival(&mut self, limit: Duration) -> Result<Option<Arrival>, Failure> {
        let was_connected = self.client.is_connected();
        let limit = nt35e::Duration::from_millis(u32::try_from(limit.as_millis()).unwrap_or(u32::MAX));
        let failed = |error| Failure::in_step(&self.traffic, error);
        let arrival = match self.client.next_event(limit).map_err(failed)? {
            None => return Ok(None),
            Some(Event::Message { topic, payload, .. }) => Arrival::Message(Received {
                topic: Escaped(topic.as_bytes()).to_string(),
                payload: payload.to_vec(),
                pieces: None,
            }),
            Some(Event::LargeMessage { topic, length, .. }) => {
                let topic = Escaped(topic.as_bytes()).to_string();
                return self.read_large(topic, length).map(Some);
            }
            Some(Event::Disconnected(report)) => Arrival::SessionEnded(format!("the session ended: {report:?}")),
            Some(Event::Restarted(kind)) if was_connected => {
                Arrival::SessionEnded(format!("the modem went away: {kind:?}"))
            }
            Some(Event::Restarted(kind)) => Arrival::Other(format!("the modem has restarted: {kind:?}")),
            Some(Event::Lost(loss)) => {
                Arrival::Other(format!("lost: {} lines or messages, {} bytes of them", loss.frames, loss.bytes))
            }
            Some(Event::Line(line)) => Arrival::Other(format!("the line {}", Escaped(line))),
            Some(other) => Arrival::Other(format!("{other:?}")),
        };
        Ok(Some(arrival))
    }

    /// Reads a message that is larger than the inbox with 256 bytes of memory at a time.
    fn read_large(&mut self, topic: String, length: usize) -> Result<Arrival, Failure> {
        let (mut payload, mut pieces, mut piece) = (Vec::new(), 0, [0; 256]);
        loop {
            let count = self.client.read_payload(&mut piece, PIECE_LIMIT).map_err(|error| self.failure(error))?;
            if count == 0 {
                break;
            }
            payload.extend_from_slice(&piece[..count]);
            pieces += 1;
        }
        if payload.len() != length {
            return Err(self.failure(format_args!("{} bytes of a message of {length}", payload.len())));
        }
        Ok(Arrival::Message(Received { topic, payload, pieces: Some(pieces) }))
    }
}

/// An event that can be kept.
enum Arrival {
    Message(Received),
    SessionEnded(String),
    Other(String),
}

impl Display for Form {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Inline => "inline",
            Self::ByPrompt => "by the prompt",
        })
    }
}
