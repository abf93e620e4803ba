//! What keeps the driver connected: a firmware with the plain client, as an engineer would write it.
//!
//! ```text
//!          bring_up, connect_aliyun, subscribe
//!  Down ─────────────────────────────────────────▶ Online ── publish, next_event …
//!   ▲ ▲                │ failed                      │ Disconnected, Restarted, publishing failed twice
//!   │ └── Resting ◀────┴─────────────────────────────┘
//!   └ every third failure in a row, and where the driver asks for it: RESET
//! ```

use core::time::Duration;

use nt35e::aliyun::SignIn;
use nt35e::at::Cause;
use nt35e::{Buffers, Counters, Error, Event, Network, Publish, QoS, Triple};
use nt35e_sim::random::Random;
use nt35e_sim::world::World;

use crate::bench::{Bench, DEVICE_NAME, DEVICE_SECRET, GET, PRODUCT_KEY, UPDATE};
use crate::front_end::Client;
use crate::journal::Journal;
use crate::setup::Setup;
use crate::{journal, limits, payload};

/// What is put to the test: the driver, with what keeps it connected.
pub(crate) trait Firmware {
    /// Lives on for a moment, and writes down what happened.
    fn live(&mut self, journal: &mut Journal);

    /// The driver's counters.
    fn counters(&self) -> Counters;
}

/// The driver has handed out everything if nothing happens for so long.
const QUIET: Duration = Duration::from_secs(3);
/// As long as this after a call that has failed, the driver may be busy to end what was begun, and then hands out nothing:
/// it awaits a late prompt for five seconds twice.
const BUSY: Duration = Duration::from_secs(12);
/// The cloud takes five sign-ins a minute.
const BETWEEN_SIGN_INS: Duration = Duration::from_secs(13);
const LONGEST_REST: Duration = Duration::from_secs(60);
/// For a byte of a large message.
const NEXT_BYTE: Duration = Duration::from_secs(2);

type Failure = Error<core::convert::Infallible>;

#[derive(Clone, Copy, Debug)]
enum State {
    Down,
    Resting { until: Duration },
    Online,
}

/// A firmware without a supervisor.
pub(crate) struct Plain<'b> {
    client: Client<'b, 'static, Bench, Bench>,
    bench: Bench,
    random: Random,
    state: State,
    clean_session: bool,
    any_bytes: bool,
    longest: usize,
    publish_at: Duration,
    /// Until then the driver may be busy with what has failed.
    busy_until: Duration,
    last_sign_in: Option<Duration>,
    /// Attempts to sign in that have failed since the last that worked.
    failures: u32,
    /// Messages in a row that could not be published.
    unpublished: u32,
}

/// What an event leaves to do.
enum Told {
    Message(Vec<u8>),
    Large(usize),
    Lost(usize),
    SessionEnded,
    Other,
}

impl<'b> Plain<'b> {
    pub(crate) fn new(bench: &Bench, setup: &Setup, seed: u64, buffers: Buffers<'b>) -> Self {
        Self {
            client: Client::new(setup.front_end, bench.clone(), bench.clone(), buffers, setup.chunk),
            bench: bench.clone(),
            random: Random::new(seed ^ 0xF1),
            state: State::Down,
            clean_session: setup.clean_session,
            any_bytes: setup.any_bytes,
            longest: setup.longest,
            publish_at: Duration::ZERO,
            busy_until: Duration::ZERO,
            last_sign_in: None,
            failures: 0,
            unpublished: 0,
        }
    }

    /// Makes a call of the driver, which has to return in time.
    fn call<T>(
        &mut self,
        journal: &mut Journal,
        (call, limit): (&'static str, Duration),
        run: impl FnOnce(&mut Client<'b, 'static, Bench, Bench>) -> T,
    ) -> T {
        let (result, took) = self.bench.watch(call, limit, || run(&mut self.client));
        if call != "next_event" {
            journal.notes.push((self.bench.now(), format!("{call} has returned after {took:?}")));
        }
        journal.called(call, took);
        result
    }

    fn go_online(&mut self, journal: &mut Journal) {
        match self.try_to_go_online(journal) {
            Ok(()) => {
                (self.failures, self.unpublished) = (0, 0);
                self.state = State::Online;
            }
            Err(error) => {
                self.failures += 1;
                self.failed(journal, error, self.failures.is_multiple_of(3));
            }
        }
    }

    fn try_to_go_online(&mut self, journal: &mut Journal) -> Result<(), Failure> {
        let triple = Triple::new(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET).expect("it is well formed");
        let sign_in = SignIn::new(triple).clean_session(self.clean_session);
        let bring_up = ("bring_up", limits::BRING_UP);
        self.call(journal, bring_up, |client| client.bring_up(&Network::default()))?;
        self.last_sign_in = Some(self.bench.now());
        journal.sign_ins += 1;
        self.call(journal, ("connect", limits::CONNECT), |client| client.connect_aliyun(sign_in))?;
        self.call(journal, ("subscribe", limits::SUBSCRIBE), |client| client.subscribe(GET, QoS::AtLeastOnce))
    }

    fn publish(&mut self, journal: &mut Journal) {
        let now = self.bench.now();
        self.publish_at = now + Duration::from_millis(self.random.below(15_000));
        let number = journal.attempts.len();
        let payload = payload::numbered("up", number, self.longest, self.any_bytes, &mut self.random);
        let attempt = journal.attempted(now, payload.clone());
        let message = Publish::new(UPDATE, &payload).qos(QoS::AtLeastOnce);
        match self.call(journal, ("publish", limits::PUBLISH), |client| client.publish(&message)) {
            Ok(()) => {
                journal.confirmed(attempt);
                self.unpublished = 0;
            }
            Err(error) => {
                self.unpublished += 1;
                let is_hopeless = self.unpublished > 1 || error == Error::NotConnected || needs_reset(&error);
                if is_hopeless {
                    self.failed(journal, error, false);
                } else {
                    self.note(journal, &error);
                }
            }
        }
    }

    fn note(&mut self, journal: &mut Journal, error: &Failure) {
        check(error);
        journal.errors += 1;
        self.busy_until = self.bench.now() + BUSY;
    }

    /// Rests, after a reset where that is due.
    fn failed(&mut self, journal: &mut Journal, error: Failure, reset_is_due: bool) {
        self.note(journal, &error);
        if reset_is_due || needs_reset(&error) {
            self.bench.with(World::restart_modem);
            self.client.modem_restarted();
        }
        self.rest();
    }

    /// The longer, the more often it has failed; and no shorter than the cloud wants.
    fn rest(&mut self) {
        let now = self.bench.now();
        let pause = (Duration::from_secs(2) * self.failures).min(LONGEST_REST);
        let earliest = self.last_sign_in.map_or(now, |at| at + BETWEEN_SIGN_INS);
        self.state = State::Resting { until: earliest.max(now + pause) };
    }

    /// Takes an event, or waits for one.
    fn listen(&mut self, journal: &mut Journal, longest: Duration) {
        let (began, arrived) = (self.bench.now(), self.bench.arrived());
        let limit = nt35e::Duration::from_millis(longest.as_millis() as u32);
        let mut told = None;
        let heard = self.call(journal, ("next_event", limits::next_event(longest)), |client| {
            let event = client.next_event(limit).expect("the UART does not fail")?;
            told = Some(format!("{event:?}"));
            Some(Told::from(event))
        });
        journal.notes.extend(told.map(|told| (self.bench.now(), told)));
        match heard {
            None if longest >= QUIET && began >= self.busy_until => journal.is_quiet(arrived),
            None | Some(Told::Other) => {}
            Some(Told::Message(payload)) => self.heard(journal, payload),
            Some(Told::Large(length)) => self.read_large(journal, length),
            Some(Told::Lost(frames)) => journal.lost += frames,
            Some(Told::SessionEnded) => {
                if matches!(self.state, State::Online) {
                    self.rest();
                }
            }
        }
    }

    fn heard(&self, journal: &mut Journal, payload: Vec<u8>) {
        journal.heard.push(journal::Heard { at: self.bench.now(), arrived: self.bench.arrived(), payload });
    }

    /// Reads a message that is larger than the inbox, or leaves it: then the driver counts it as lost.
    fn read_large(&mut self, journal: &mut Journal, length: usize) {
        if self.random.one_in(4) {
            return;
        }
        // One byte more: the message is whole only where its end was seen.
        let mut payload = vec![0; length + 1];
        let limit = limits::read_payload(length, NEXT_BYTE);
        let byte_limit = nt35e::Duration::from_millis(NEXT_BYTE.as_millis() as u32);
        match self.call(journal, ("read_payload", limit), |client| client.read_payload(&mut payload, byte_limit)) {
            Ok(count) => {
                assert_eq!(count, length, "a large message ends where its length said");
                payload.truncate(length);
                self.heard(journal, payload);
            }
            Err(Error::PayloadBroken | Error::PayloadTimeout) => {
                journal.lost += 1;
                journal.errors += 1;
            }
            Err(error) => panic!("reading a large message: {error:?}"),
        }
    }
}

impl Firmware for Plain<'_> {
    fn live(&mut self, journal: &mut Journal) {
        let now = self.bench.now();
        match self.state {
            State::Down => self.go_online(journal),
            State::Resting { until } if now >= until => self.state = State::Down,
            State::Resting { until } => {
                let a_millisecond = Duration::from_millis(1);
                self.listen(journal, (until - now).clamp(a_millisecond, QUIET));
            }
            State::Online if !self.client.is_connected() => self.rest(),
            State::Online if now >= self.publish_at => self.publish(journal),
            State::Online => {
                let longest = Duration::from_millis(self.random.pick(&[0, 100, 1_000, 4_000]));
                self.listen(journal, longest);
            }
        }
    }

    fn counters(&self) -> Counters {
        self.client.counters()
    }
}

impl From<Event<'_>> for Told {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Message { topic, payload, .. } if topic.as_str() == Some(GET) => Self::Message(payload.to_vec()),
            Event::LargeMessage { length, .. } => Self::Large(length),
            Event::Lost(loss) => Self::Lost(loss.frames as usize),
            Event::Disconnected(_) | Event::Restarted(_) => Self::SessionEnded,
            _ => Self::Other,
        }
    }
}

/// The modem may wait for a payload for ever.
const fn needs_reset(error: &Failure) -> bool {
    matches!(error, Error::Command(command) if matches!(command.cause, Cause::PayloadOwed))
}

/// Not every error can come of a fault.
fn check(error: &Failure) {
    let is_ours = matches!(error, Error::Uart(_) | Error::Closed | Error::Invalid(_) | Error::TxTooSmall { .. });
    assert!(!is_ours, "no fault makes this error: {error:?}");
}
