//! The MQTT client inside the modem: versions 3.1 and 3.1.1, all qualities of service, keep-alive, resending.
//!
//! It knows bytes, packets and time, and nothing of AT. The packets come from the crate `mqttbytes`.
//!
//! ```text
//! Connecting ──CONNACK 0──▶ Connected ──disconnect()──▶ Over
//!     │                        │
//!     └── CONNACK > 0, time ───┴── no PINGRESP, bad packet ──▶ Over
//! ```

mod codec;
mod connected;
mod in_flight;

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::BytesMut;
pub(crate) use codec::{Login, ProtocolVersion, Will};
use in_flight::InFlight;
pub(crate) use mqttbytes::QoS;
use mqttbytes::v4::Packet;

/// What a session needs to know to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionSettings {
    pub(crate) version: ProtocolVersion,
    pub(crate) login: Login,
    pub(crate) clean: bool,
    /// Seconds; zero for never.
    pub(crate) keep_alive: u16,
    pub(crate) will: Option<Will>,
    /// How long an acknowledgement may take before the packet is sent again.
    pub(crate) packet_limit: Duration,
    /// How often a packet is sent at most.
    pub(crate) tries: u32,
}

/// What happened in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SessionEvent {
    /// CONNACK 0.
    Accepted,
    /// CONNACK with another code; the session is over.
    Refused(u8),
    /// Nothing came in answer to CONNECT; the session is over.
    NoAnswer,
    /// The message with this packet id has been acknowledged to the end.
    Published(u16),
    /// What each filter was granted, 128 for none.
    Subscribed(u16, Vec<u8>),
    Unsubscribed(u16),
    /// The packet with this id has been sent once more.
    SentAgain(u16),
    /// The packet with this id will not be sent again.
    GivenUp(u16),
    /// A message has come; its packet id is 0 at QoS 0.
    Message {
        packet_id: u16,
        topic: String,
        payload: Vec<u8>,
    },
    /// The broker has been silent for too long; the session is over.
    KeepAliveLost,
    /// The broker has sent what no broker may send; the session is over.
    ProtocolError,
}

/// A session from CONNECT to its end.
#[derive(Debug)]
pub(crate) struct Session {
    settings: SessionSettings,
    state: State,
    input: BytesMut,
    output: BytesMut,
    events: VecDeque<SessionEvent>,
    in_flight: BTreeMap<u16, InFlight>,
    /// Messages at QoS 2 that were handed on and are not released yet.
    unreleased: BTreeSet<u16>,
    last_sent: Duration,
    ping_sent: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// CONNECT is sent; its answer may take until then.
    Connecting {
        until: Duration,
    },
    Connected,
    Over,
}

impl Session {
    /// Sends CONNECT.
    pub(crate) fn connect(settings: SessionSettings, now: Duration) -> Self {
        let mut output = BytesMut::new();
        codec::write_connect(&settings, &mut output);
        Self {
            state: State::Connecting { until: now + settings.packet_limit * settings.tries },
            settings,
            input: BytesMut::new(),
            output,
            events: VecDeque::new(),
            in_flight: BTreeMap::new(),
            unreleased: BTreeSet::new(),
            last_sent: now,
            ping_sent: None,
        }
    }

    /// The bytes for the broker; given once.
    pub(crate) fn transmit(&mut self) -> Vec<u8> {
        self.output.split().to_vec()
    }

    /// The next thing that happened; given once.
    pub(crate) fn next_event(&mut self) -> Option<SessionEvent> {
        self.events.pop_front()
    }

    /// Takes bytes from the broker.
    pub(crate) fn receive(&mut self, bytes: &[u8], now: Duration) {
        self.input.extend_from_slice(bytes);
        while self.state != State::Over {
            match codec::next_packet(&mut self.input) {
                Ok(Some(packet)) => self.take(packet, now),
                Ok(None) => return,
                Err(_) => self.end(SessionEvent::ProtocolError),
            }
        }
    }

    /// When [`tick`](Self::tick) next has something to do.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        match self.state {
            State::Connecting { until } => Some(until),
            State::Connected => self.connected_due(),
            State::Over => None,
        }
    }

    /// Does what is due.
    pub(crate) fn tick(&mut self, now: Duration) {
        match self.state {
            State::Connecting { until } if until <= now => self.end(SessionEvent::NoAnswer),
            State::Connected => self.tick_connected(now),
            State::Connecting { .. } | State::Over => {}
        }
    }

    /// Sends DISCONNECT.
    pub(crate) fn disconnect(&mut self) {
        codec::write_disconnect(&mut self.output);
        self.state = State::Over;
    }

    fn take(&mut self, packet: Packet, now: Duration) {
        match (self.state, packet) {
            (State::Connecting { .. }, Packet::ConnAck(answer)) => match answer.code as u8 {
                0 => {
                    self.state = State::Connected;
                    self.events.push_back(SessionEvent::Accepted);
                }
                code => self.end(SessionEvent::Refused(code)),
            },
            (State::Connected, packet) => self.take_connected(packet, now),
            _ => self.end(SessionEvent::ProtocolError),
        }
    }

    fn end(&mut self, event: SessionEvent) {
        self.state = State::Over;
        self.events.push_back(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn settings() -> SessionSettings {
        SessionSettings {
            version: ProtocolVersion::V311,
            login: Login { client_id: "modem".to_owned(), ..Login::default() },
            clean: true,
            keep_alive: 60,
            will: None,
            packet_limit: Duration::from_secs(10),
            tries: 3,
        }
    }

    pub(super) fn events(session: &mut Session) -> Vec<SessionEvent> {
        core::iter::from_fn(|| session.next_event()).collect()
    }

    /// A session that is signed in.
    pub(super) fn connected(now: Duration) -> Session {
        let mut session = Session::connect(settings(), now);
        session.transmit();
        session.receive(b"\x20\x02\0\0", now);
        assert_eq!(events(&mut session), [SessionEvent::Accepted]);
        session
    }

    #[test]
    fn connect_goes_out_first() {
        let mut session = Session::connect(settings(), Duration::ZERO);
        assert_eq!(session.transmit(), b"\x10\x11\0\x04MQTT\x04\x02\0\x3c\0\x05modem");
        assert_eq!(session.transmit(), b"");
    }

    #[test]
    fn a_refusal_ends_the_session() {
        let mut session = Session::connect(settings(), Duration::ZERO);
        session.receive(b"\x20\x02\0\x04", Duration::ZERO);
        assert_eq!(events(&mut session), [SessionEvent::Refused(4)]);
        assert_eq!(session.next_due(), None);
    }

    #[test]
    fn an_answer_that_never_comes_is_given_up() {
        let mut session = Session::connect(settings(), Duration::from_secs(5));
        assert_eq!(session.next_due(), Some(Duration::from_secs(35)));
        session.tick(Duration::from_secs(34));
        assert_eq!(events(&mut session), []);
        session.tick(Duration::from_secs(35));
        assert_eq!(events(&mut session), [SessionEvent::NoAnswer]);
    }

    #[test]
    fn bytes_may_come_one_at_a_time() {
        let mut session = Session::connect(settings(), Duration::ZERO);
        for byte in b"\x20\x02\0\0\x30\x04\0\x01tx" {
            session.receive(&[*byte], Duration::ZERO);
        }
        let message = SessionEvent::Message { packet_id: 0, topic: "t".to_owned(), payload: b"x".to_vec() };
        assert_eq!(events(&mut session), [SessionEvent::Accepted, message]);
    }

    #[test]
    fn anything_else_than_an_answer_to_connect_is_an_error() {
        for bytes in [&b"\xd0\0"[..], b"\x30\x04\0\x01tx", b"\xff\xff\xff\xff\xff", b"\x20\x02\0\x09"] {
            let mut session = Session::connect(settings(), Duration::ZERO);
            session.receive(bytes, Duration::ZERO);
            assert_eq!(events(&mut session), [SessionEvent::ProtocolError], "{bytes:?}");
        }
    }
}
