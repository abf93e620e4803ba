//! A firmware that leaves it all to the crate's supervisor: it publishes into the outbox, takes what it is told, and has no
//! idea of sessions.

use core::time::Duration;

use nt35e::aliyun::SignIn;
use nt35e::supervisor::{Desired, Event, Outbox, Problem, PublishError, Setback, Setup as Means, Subscription};
use nt35e::{Buffers, Counters, Error, Publish, QoS, Triple};
use nt35e_sim::random::Random;
use nt35e_sim::world::World;

use crate::bench::{Bench, DEVICE_NAME, DEVICE_SECRET, GET, PRODUCT_KEY, UPDATE};
use crate::board::Board;
use crate::drive::Client;
use crate::firmware::{Failure, Firmware, NEXT_BYTE, QUIET, Told, check};
use crate::journal::Journal;
use crate::setup::{Equipment, Setup};
use crate::{limits, payload};

/// No step of what the supervisor does in a session is silent for longer: the result of a command. If nothing was sent for
/// so long, nothing is under way that would hold messages up.
const LONGEST_SILENT_STEP: Duration = Duration::from_secs(35);
/// The next message comes within one of these, in milliseconds: there have to be quiet times as well.
const PAUSES: [u64; 6] = [1_000, 5_000, 15_000, 15_000, 15_000, 90_000];

/// A firmware with a supervisor.
pub(crate) struct Supervised<'m> {
    client: Client<'m>,
    bench: Bench,
    random: Random,
    any_bytes: bool,
    longest: usize,
    has_pins: bool,
    publish_at: Duration,
    /// Messages that have left the outbox.
    ended: usize,
    /// Until when it was said to pause after a refusal, and for contention.
    refused_until: Option<Duration>,
    contended_until: Option<Duration>,
}

/// An event, as it is kept.
enum News {
    Modem(Told),
    Delivered { number: u32, may_be_repeated: bool },
    GivenUp(u32, Failure),
    SignedIn,
    SubscriptionRefused,
    Setback(Setback, Option<Failure>),
    Other,
}

pub(crate) const SUBSCRIPTIONS: &[Subscription<'static>] = &[match Subscription::new(GET, QoS::AtLeastOnce) {
    Ok(subscription) => subscription,
    Err(_) => panic!(),
}];

impl<'m> Supervised<'m> {
    pub(crate) fn new(
        bench: &Bench,
        setup: &Setup,
        equipment: &Equipment,
        seed: u64,
        buffers: Buffers<'m>,
        outbox: &'m mut [u8],
    ) -> Self {
        let triple = Triple::new(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET).expect("it is well formed");
        let sign_in = SignIn::new(triple).clean_session(setup.clean_session);
        let desired = Desired::new(sign_in).subscriptions(SUBSCRIPTIONS).expect("it is well formed");
        let board = Board::new(bench, equipment.lines);
        let means = Means::new(desired).outbox(Outbox::new(outbox)).recovery(board);
        Self {
            client: Client::new(setup.front_end, bench, buffers, means),
            bench: bench.clone(),
            random: Random::new(seed ^ 0xF2),
            any_bytes: setup.any_bytes,
            longest: setup.longest,
            has_pins: !equipment.lines.is_empty(),
            publish_at: Duration::ZERO,
            ended: 0,
            refused_until: None,
            contended_until: None,
        }
    }

    fn publish(&mut self, journal: &mut Journal) {
        let now = self.bench.now();
        let pause = self.random.pick(&PAUSES);
        self.publish_at = now + Duration::from_millis(self.random.below(pause));
        let number = journal.attempts.len();
        let payload = payload::numbered("up", number, self.longest, self.any_bytes, &mut self.random);
        let message = Publish::new(UPDATE, &payload).qos(QoS::AtLeastOnce);
        let free = self.client.outbox().free();
        match self.client.publish(&message) {
            Ok(ticket) => {
                assert_eq!(ticket.number() as usize, number, "tickets are given one after the other");
                journal.attempted(now, payload);
            }
            Err(PublishError::Full { needed, .. }) => assert!(needed > free, "{needed} bytes have room in {free}"),
            Err(error) => panic!("nothing is wrong with the message: {error:?}"),
        }
    }

    fn listen(&mut self, journal: &mut Journal) {
        let longest = Duration::from_millis(self.random.pick(&[0, 100, 1_000, 4_000, 4_000]));
        let (began, arrived) = (self.bench.now(), self.bench.arrived());
        let is_idle = self.client.is_online()
            && self.client.outbox().is_empty()
            && began - self.bench.written_at() > LONGEST_SILENT_STEP;
        let limit = nt35e::Duration::from_millis(longest.as_millis() as u32);
        let (told, took) = self.bench.watch("supervised next_event", limits::next_event(longest), || {
            self.client.next_event(limit, |event| (format!("{event:?}"), News::from(event)))
        });
        journal.called("supervised next_event", took);
        match told {
            Some((text, news)) => {
                journal.notes.push((self.bench.now(), text));
                self.take(journal, news);
            }
            None if longest >= QUIET && is_idle => journal.is_quiet(arrived),
            None => {}
        }
    }

    fn take(&mut self, journal: &mut Journal, news: News) {
        match news {
            News::Modem(Told::Message(payload)) => journal.hears(&self.bench, payload),
            News::Modem(Told::Large(length)) => self.read_large(journal, length),
            News::Modem(Told::Lost(frames)) => journal.lost += frames,
            News::Delivered { number, may_be_repeated } => {
                let attempt = self.end(journal, number);
                journal.confirmed(attempt);
                journal.attempts[attempt].may_be_repeated = may_be_repeated;
            }
            News::GivenUp(number, error) => {
                check(&error);
                self.end(journal, number);
                journal.errors += 1;
            }
            News::SignedIn => journal.sign_ins += 1,
            // The next pause may be as long as the longest.
            News::SubscriptionRefused => self.refused_until = Some(self.bench.now() + limits::LONGEST_REFUSED_PAUSE),
            News::Setback(setback, error) => self.set_back(journal, setback, error),
            News::Modem(Told::SessionEnded | Told::Other) | News::Other => {}
        }
    }

    /// A message leaves the outbox, and it has to be the oldest.
    fn end(&mut self, journal: &mut Journal, number: u32) -> usize {
        let attempt = number as usize;
        assert_eq!(attempt, self.ended, "messages leave the outbox in order");
        self.ended += 1;
        journal.attempts[attempt].is_ended = true;
        attempt
    }

    fn set_back(&mut self, journal: &mut Journal, setback: Setback, error: Option<Failure>) {
        journal.errors += 1;
        error.iter().for_each(check);
        let until = Some(Duration::from_millis(setback.until.as_millis()));
        match setback.problem {
            Problem::Invalid => panic!("no fault makes this: {setback:?}"),
            Problem::Refused => self.refused_until = until,
            Problem::Contended => self.contended_until = until,
            // It waits for the rest of a payload for ever. Without any pin, somebody has to come by.
            Problem::Deaf if !self.has_pins => {
                self.bench.with(World::restart_modem);
                self.client.modem_restarted();
            }
            _ => {}
        }
    }

    /// Reads a message that is larger than the inbox, or leaves it: then the driver counts it as lost.
    fn read_large(&mut self, journal: &mut Journal, length: usize) {
        if self.random.one_in(4) {
            return;
        }
        // One byte more: the message is whole only where its end was seen.
        let mut payload = vec![0; length + 1];
        let byte_limit = nt35e::Duration::from_millis(NEXT_BYTE.as_millis() as u32);
        let limit = limits::read_payload(length, NEXT_BYTE);
        let (read, took) =
            self.bench.watch("supervised read_payload", limit, || self.client.read_payload(&mut payload, byte_limit));
        journal.called("supervised read_payload", took);
        match read {
            Ok(count) => {
                assert_eq!(count, length, "a large message ends where its length said");
                payload.truncate(length);
                journal.hears(&self.bench, payload);
            }
            Err(Error::PayloadBroken | Error::PayloadTimeout) => {
                journal.lost += 1;
                journal.errors += 1;
            }
            Err(error) => panic!("reading a large message: {error:?}"),
        }
    }
}

impl Firmware for Supervised<'_> {
    fn live(&mut self, journal: &mut Journal) {
        if self.bench.now() >= self.publish_at {
            self.publish(journal);
        }
        self.listen(journal);
        let waiting = journal.attempts.len() - self.ended;
        assert_eq!(self.client.outbox().len(), waiting, "nothing leaves the outbox without a word");
    }

    fn back_within(&self, since: Duration) -> Duration {
        let is_under_way = |until: Option<Duration>| until.is_some_and(|until| until >= since);
        if is_under_way(self.refused_until) {
            limits::ONLINE_AFTER_REFUSALS
        } else if is_under_way(self.contended_until) {
            limits::ONLINE_AFTER_CONTENTION
        } else {
            limits::ONLINE_AGAIN
        }
    }

    fn publish_no_more(&mut self) {
        self.publish_at = Duration::MAX;
    }

    fn counters(&self) -> Counters {
        self.client.counters()
    }
}

impl From<Event<'_>> for News {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Modem(event) => Self::Modem(event.into()),
            Event::Delivered { ticket, may_be_repeated } => {
                Self::Delivered { number: ticket.number(), may_be_repeated }
            }
            Event::GivenUp { ticket, error } => Self::GivenUp(ticket.number(), error),
            Event::SignedIn(_) => Self::SignedIn,
            Event::SubscriptionRefused { .. } => Self::SubscriptionRefused,
            Event::Setback { setback, error } => Self::Setback(setback, error),
            _ => Self::Other,
        }
    }
}
