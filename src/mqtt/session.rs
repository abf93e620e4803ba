//! The session: whether there is one, and which events belong to it.
//!
//! ```text
//!  Closed ──LMQTTOPEN: 0──► Open ──LMQTTCONN: 0,0──► Connected
//!    ▲                        │                          │
//!    └────────────────────────┴──────────────────────────┘
//!      STATS ≠ 0 of this era, own disconnect or close, refusal, restart
//! ```

use crate::at::{self, Engine, Step};
use crate::time::{Due, Duration, Instant};
use crate::urc::{ConnectionStatus, Event};
use crate::value::{MessageId, PinFingerprint};

/// Whose rules the topics of this session keep.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Platform {
    /// MQTT's alone.
    #[default]
    Plain,
    /// Alibaba Cloud IoT's.
    Aliyun,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Closed,
    Open,
    Connected {
        /// The era of the sign-in: a status from before does not concern it (`protocol.md` §4.1, point 8).
        era: u8,
        /// How many restarts had been noticed by then.
        restarts: u32,
    },
}

/// What the driver knows of its MQTT session.
#[derive(Debug)]
pub(crate) struct Session {
    state: State,
    platform: Platform,
    next_message_id: MessageId,
    /// A sign-in ran into its time limit, so that its result may still come.
    pub(crate) in_doubt: bool,
    /// A message at QoS 0 had no result in time. It has no number by which the late one could be told from the next.
    pub(crate) unnumbered_result_due: bool,
    /// The PIN that the SIM has refused, or may have refused. It stands here since it outlives the plan that sent it.
    pub(crate) refused_pin: Option<PinFingerprint>,
    /// What is in flight if giving it up leaves something in doubt, and how many commands were sent before it.
    in_flight: Option<(Unnamed, u32)>,
    /// When the command in flight was begun.
    asked: Due,
    longest_wait: Duration,
    sign_ins: u32,
    foreign: u32,
}

/// A command that leaves something in doubt if its answer is not awaited: its result does not say which one it is of, or
/// it must not be repeated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unnamed {
    SignIn,
    /// A message at QoS 0.
    Message,
    /// A PIN.
    Pin(PinFingerprint),
}

impl Session {
    /// No session.
    pub(crate) const fn new() -> Self {
        let next_message_id = MessageId::FIRST;
        Self {
            state: State::Closed,
            platform: Platform::Plain,
            next_message_id,
            in_doubt: false,
            unnumbered_result_due: false,
            refused_pin: None,
            in_flight: None,
            asked: Due::NEVER,
            longest_wait: Duration::from_millis(0),
            sign_ins: 0,
            foreign: 0,
        }
    }

    /// Whether there is a session, as far as the driver knows.
    pub(crate) fn is_connected(&self, engine: &Engine<'_>) -> bool {
        matches!(self.state, State::Connected { restarts, .. } if restarts == engine.restarts())
    }

    /// Whose rules apply.
    pub(crate) const fn platform(&self) -> Platform {
        self.platform
    }

    /// The connection to the broker is open.
    pub(crate) const fn opened(&mut self) {
        self.state = State::Open;
    }

    /// The broker has accepted the sign-in.
    pub(crate) const fn connected(&mut self, platform: Platform, engine: &Engine<'_>) {
        self.state = State::Connected { era: engine.era(), restarts: engine.restarts() };
        self.platform = platform;
        self.in_doubt = false;
        self.unnumbered_result_due = false;
        self.sign_ins = self.sign_ins.wrapping_add(1);
    }

    /// There is no session any more.
    pub(crate) const fn closed(&mut self) {
        self.state = State::Closed;
    }

    /// A command begins that leaves something in doubt if its answer is not awaited.
    #[inline(always)]
    pub(crate) fn begin(&mut self, command: Unnamed, engine: &Engine<'_>) {
        self.in_flight = Some((command, engine.counters().commands));
    }

    /// It has ended, and who began it knows how.
    pub(crate) const fn end(&mut self) {
        self.in_flight = None;
    }

    /// Another command begins. If the one before was given up after it was sent, nobody knows what came of it.
    pub(crate) fn give_up(&mut self, engine: &Engine<'_>) {
        if let Some((command, sent_before)) = self.in_flight.take()
            && engine.counters().commands != sent_before
        {
            match command {
                Unnamed::SignIn => self.in_doubt = true,
                Unnamed::Message => self.unnumbered_result_due = true,
                Unnamed::Pin(pin) => self.refused_pin = Some(pin),
            }
        }
    }

    /// Notes how long the modem takes: to be told of each step.
    #[inline(never)]
    pub(crate) fn time(&mut self, step: Step, engine: &Engine<'_>, now: Instant) {
        if step == Step::Finished {
            self.longest_wait = self.longest_wait.max(self.asked.passed(now));
        }
        if step == Step::Finished || !engine.is_asking() {
            self.asked.clear();
        } else if !self.asked.is_set() {
            self.asked = Due::after(now, Duration::from_millis(0));
        }
    }

    /// An id that was not used lately.
    pub(crate) const fn take_message_id(&mut self) -> MessageId {
        let message_id = self.next_message_id;
        self.next_message_id = message_id.next();
        message_id
    }

    /// What was counted: sign-ins, results that nobody waited for, and the longest wait.
    pub(crate) const fn tally(&self) -> (u32, u32, Duration) {
        (self.sign_ins, self.foreign, self.longest_wait)
    }

    /// Reads an event, and draws the conclusions for the session.
    pub(crate) fn observe<'a>(&mut self, event: at::Event<'a>) -> Event<'a> {
        let arrived = match event {
            at::Event::Line { era, .. } => Some(era),
            _ => None,
        };
        match (Event::from_engine(event), self.state) {
            (Event::Status(report), State::Connected { era, .. })
                if report.status != ConnectionStatus::Ok && arrived.is_some_and(|arrived| !is_before(arrived, era)) =>
            {
                self.state = State::Closed;
                Event::Disconnected(report)
            }
            (event, _) => {
                self.foreign = self.foreign.wrapping_add(u32::from(is_result(event)));
                event
            }
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether it is the result of a command, which nobody waited for.
fn is_result(event: Event<'_>) -> bool {
    matches!(event, Event::Line([b'+', b'L', b'M', b'Q', b'T', b'T', ..]))
}

/// Whether `era` came before `other`, as long as they are less than half a turn of the counter apart.
const fn is_before(era: u8, other: u8) -> bool {
    (era.wrapping_sub(other) as i8) < 0
}

#[cfg(test)]
mod tests {
    use super::{Platform, Session, State, Unnamed};
    use crate::at::{Buffers, Engine, Event as Frame, Step};
    use crate::command::Attention;
    use crate::time::Instant;
    use crate::urc::{DIALECT, Event};
    use crate::value::SimPin;

    fn session(era: u8) -> Session {
        Session { state: State::Connected { era, restarts: 0 }, platform: Platform::Plain, ..Session::new() }
    }

    #[test]
    fn a_status_of_this_era_ends_the_session() {
        let mut session = session(255);
        let event = session.observe(Frame::Line { line: b"+LMQTTURC: STATS,0,1", era: 0 });
        assert!(matches!(event, Event::Disconnected(_)));
        assert_eq!(session.state, State::Closed);
    }

    #[test]
    fn a_status_of_the_link_before_ends_nothing() {
        let mut session = session(1);
        let event = session.observe(Frame::Line { line: b"+LMQTTURC: STATS,0,1", era: 0 });
        assert!(matches!(event, Event::Status(_)));
        assert_ne!(session.state, State::Closed);
    }

    #[test]
    fn a_status_of_0_and_other_lines_end_nothing() {
        let mut session = session(1);
        for line in [&b"+LMQTTURC: STATS,0,0"[..], b"+CEREG: 1", b"+LMQTTPUB: 0,1,2"] {
            session.observe(Frame::Line { line, era: 1 });
            assert_ne!(session.state, State::Closed);
        }
    }

    #[test]
    fn a_pin_that_was_given_up_counts_as_refused_once_it_was_sent() {
        let pin = SimPin::new("4711").unwrap().fingerprint();
        for (is_sent, refused) in [(false, None), (true, Some(pin))] {
            let (mut rx, mut tx, mut inbox) = ([0; 64], [0; 64], [0; 64]);
            let mut engine = Engine::new(Buffers::new(&mut rx, &mut tx, &mut inbox), &DIALECT);
            let mut session = Session::new();
            engine.submit(&Attention).unwrap();
            session.begin(Unnamed::Pin(pin), &engine);
            // The marker goes first, and it alone is no PIN.
            while is_sent && engine.counters().commands == 0 {
                match engine.poll(Instant::from_millis(0)) {
                    Step::Transmit => engine.transmitted(engine.transmit(&[]).len()),
                    _ => {
                        let answer = b"\r\n+CSQ: 29,0\r\n\r\nOK\r\n";
                        engine.receive()[..answer.len()].copy_from_slice(answer);
                        engine.received(answer.len());
                    }
                }
            }
            session.give_up(&engine);
            assert_eq!(session.refused_pin, refused);
        }
    }

    #[test]
    fn message_ids_are_taken_one_after_the_other() {
        let mut session = Session::new();
        assert_eq!(session.take_message_id().get(), 1);
        assert_eq!(session.take_message_id().get(), 2);
    }
}
