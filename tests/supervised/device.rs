//! A supervised device on the bench, over one of the front-ends, with a record of all that it tells.

use core::cell::{Cell, RefCell};
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::collections::VecDeque;
use std::rc::Rc;

use embedded_hal_nb::nb;
use embedded_io::{Read as _, ReadReady as _};
use nt35e::aliyun::SignIn;
use nt35e::nonblocking::SendOnly;
use nt35e::supervisor::{
    self, Desired, Event, Outbox, Policy, Problem, Progress, PublishError, Recovery, Rung, Rungs, Setup, Subscription,
    Ticket,
};
use nt35e::{Clock as _, Duration, Instant, Publish, QoS, asynch, blocking, nonblocking};
use nt35e_sim::aliyun::{CloudSettings, EventKind};

use crate::front_end::FrontEnd;
use crate::front_end::awaited::{Waiting, block_on};
use crate::front_end::polled::ByByte;
use crate::rig::{self, Bench, Memory, Uart, WorldClock};

pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;

/// What a device has told, to be kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    Message(Vec<u8>),
    Modem(String),
    BroughtUp,
    SignedIn,
    Online,
    SubscriptionRefused(usize),
    /// What was the problem, and until when it rests.
    Setback(Problem, u64),
    Recovering(Rung),
    Unverified(Rung),
    Answered,
    /// Which one, and whether it may be repeated.
    Delivered(u32, bool),
    GivenUp(u32),
}

/// Restarts the simulated modem, by whatever pin the board has.
#[derive(Clone)]
pub(crate) struct Pins {
    bench: Bench,
    rungs: Rungs,
    /// Whether they reach the modem.
    pub(crate) are_wired: Rc<Cell<bool>>,
    /// Which rungs were taken, and how many restarts were seen by their end.
    pub(crate) pressed: Rc<RefCell<Vec<(Rung, u32)>>>,
}

impl Recovery for Pins {
    fn rungs(&self) -> Rungs {
        self.rungs
    }

    fn take_step(&mut self, rung: Rung, progress: Progress) -> Option<Duration> {
        match progress.steps {
            0 => Some(Duration::from_millis(400)),
            1 => {
                if self.are_wired.get() {
                    self.bench.with(nt35e_sim::world::World::restart_modem);
                }
                Some(Duration::from_secs(2))
            }
            _ => {
                self.pressed.borrow_mut().push((rung, progress.boots + progress.power_downs));
                None
            }
        }
    }
}

type Polled<'m, U> = supervisor::nonblocking::Client<'m, 'static, 'm, U, Pins>;

enum Client<'m> {
    Blocking(supervisor::blocking::Client<'m, 'static, 'm, Uart, WorldClock, Pins>),
    NonBlocking(Polled<'m, ByByte<Uart>>),
    Pushed(Polled<'m, SendOnly<ByByte<Uart>>>, Uart, VecDeque<u8>),
    Async(supervisor::asynch::Client<'m, 'static, 'm, Waiting<Uart>, Waiting<WorldClock>, Pins>),
}

macro_rules! of {
    ($client:expr, $method:ident($($argument:expr),*)) => {
        match $client {
            Client::Blocking(client) => client.$method($($argument),*),
            Client::NonBlocking(client) => client.$method($($argument),*),
            Client::Pushed(client, ..) => client.$method($($argument),*),
            Client::Async(client) => client.$method($($argument),*),
        }
    };
}

pub(crate) struct Device<'m> {
    client: Client<'m>,
    pub(crate) bench: Bench,
    pub(crate) pins: Pins,
    clock: WorldClock,
    /// How long a call may take: what is under way goes on at the next one.
    pub(crate) patience: Duration,
    /// After how many polls the future of the async client is dropped, if ever.
    pub(crate) drops_after: Option<u32>,
    pub(crate) told: Vec<(u64, Told)>,
}

/// The memory that a device has.
pub(crate) struct Ram {
    buffers: Memory,
    outbox: Vec<u8>,
}

impl Ram {
    pub(crate) fn new() -> Self {
        Self { buffers: Memory::typical(), outbox: vec![0; 1_024] }
    }
}

/// The cloud with one device, and its limit of five sign-ins a minute, beyond which it closes the connection.
pub(crate) fn strict_cloud() -> CloudSettings {
    let mut cloud = rig::cloud();
    cloud.limits.connects_per_minute = Some(5);
    cloud
}

pub(crate) fn desired() -> Desired<'static> {
    const SUBSCRIPTIONS: &[Subscription<'static>] = &[
        match Subscription::new(rig::GET, QoS::AtLeastOnce) {
            Ok(subscription) => subscription,
            Err(_) => panic!(),
        },
        match Subscription::new(rig::PROPERTY_SET, QoS::AtLeastOnce) {
            Ok(subscription) => subscription,
            Err(_) => panic!(),
        },
    ];
    Desired::new(SignIn::new(rig::triple())).subscriptions(SUBSCRIPTIONS).unwrap()
}

impl<'m> Device<'m> {
    /// A device whose board has a RESET pin.
    pub(crate) fn new(front_end: FrontEnd, bench: &Bench, ram: &'m mut Ram) -> Self {
        Self::with(front_end, bench, ram, Policy::default(), Rungs::COMMANDS.with(Rung::Reset))
    }

    pub(crate) fn with(front_end: FrontEnd, bench: &Bench, ram: &'m mut Ram, policy: Policy, rungs: Rungs) -> Self {
        Self::wanting(desired(), front_end, bench, ram, policy, rungs)
    }

    pub(crate) fn wanting(
        desired: Desired<'static>,
        front_end: FrontEnd,
        bench: &Bench,
        ram: &'m mut Ram,
        policy: Policy,
        rungs: Rungs,
    ) -> Self {
        let Ram { buffers, outbox } = ram;
        let are_wired = Rc::new(Cell::new(true));
        let pins = Pins { bench: bench.clone(), rungs, are_wired, pressed: Rc::default() };
        let setup = Setup::new(desired).outbox(Outbox::new(outbox)).policy(policy).recovery(pins.clone());
        let (uart, clock, buffers) = (bench.uart(usize::MAX), bench.clock(), buffers.buffers());
        let client = match front_end {
            FrontEnd::Blocking => {
                let client = blocking::Client::new(uart, clock.clone(), buffers);
                Client::Blocking(supervisor::blocking::Client::new(client, setup))
            }
            FrontEnd::NonBlocking => {
                let client = nonblocking::Client::new(ByByte::new(uart, usize::MAX), buffers);
                Client::NonBlocking(supervisor::nonblocking::Client::new(client, setup))
            }
            FrontEnd::Pushed => {
                let client = nonblocking::Client::new(SendOnly(ByByte::new(uart.clone(), usize::MAX)), buffers);
                Client::Pushed(supervisor::nonblocking::Client::new(client, setup), uart, VecDeque::new())
            }
            FrontEnd::Async => {
                let client = asynch::Client::new(Waiting(uart), Waiting(clock.clone()), buffers);
                Client::Async(supervisor::asynch::Client::new(client, setup))
            }
        };
        let patience = Duration::from_secs(1);
        Self { client, bench: bench.clone(), pins, clock, patience, drops_after: None, told: Vec::new() }
    }

    pub(crate) fn now(&mut self) -> u64 {
        self.clock.now().as_millis()
    }

    /// Calls once, and records what it tells.
    pub(crate) fn turn(&mut self) {
        let limit = self.patience;
        let told = match &mut self.client {
            Client::Blocking(client) => client.next_event(limit).unwrap().map(Told::from),
            Client::Async(client) => match self.drops_after {
                None => block_on(client.next_event(limit), &mut self.clock).unwrap().map(Told::from),
                Some(polls) => poll_some(client.next_event(limit), polls, &mut self.clock).map(Told::from),
            },
            Client::NonBlocking(client) => poll(client, &self.bench, &mut self.clock, limit),
            Client::Pushed(client, uart, unpushed) => {
                while uart.read_ready().unwrap() {
                    let mut bytes = [0; 64];
                    let count = uart.read(&mut bytes).unwrap();
                    unpushed.extend(&bytes[..count]);
                }
                let pushed = client.push(unpushed.make_contiguous());
                unpushed.drain(..pushed);
                let limit = if unpushed.is_empty() { limit } else { Duration::from_millis(0) };
                poll(client, &self.bench, &mut self.clock, limit)
            }
        };
        let now = self.now();
        self.told.extend(told.map(|told| (now, told)));
    }

    pub(crate) fn run_for(&mut self, time: u64) {
        let end = self.now() + time;
        while self.now() < end {
            self.turn();
        }
    }

    /// Goes on until it has told this, and takes that and all before out of the record; gives how long it took.
    pub(crate) fn await_told(&mut self, limit: u64, is_awaited: impl Fn(&Told) -> bool) -> u64 {
        let begin = self.now();
        loop {
            if let Some(index) = self.told.iter().position(|(_, told)| is_awaited(told)) {
                let (at, _) = self.told.drain(..=index).next_back().unwrap();
                return at.saturating_sub(begin);
            }
            assert!(self.now() - begin < limit, "not told within {} s: {:?}", limit / SECOND, self.told);
            self.turn();
        }
    }

    pub(crate) fn await_online(&mut self, limit: u64) -> u64 {
        let took = self.await_told(limit, |told| *told == Told::Online);
        assert!(of!(&self.client, is_online()));
        took
    }

    pub(crate) fn is_online(&self) -> bool {
        of!(&self.client, is_online())
    }

    pub(crate) fn waiting(&self) -> usize {
        of!(&self.client, outbox()).len()
    }

    pub(crate) fn publish(&mut self, payload: &[u8]) -> Result<Ticket, PublishError> {
        let message = Publish::new(rig::UPDATE, payload).qos(QoS::AtLeastOnce);
        of!(&mut self.client, publish(&message))
    }

    pub(crate) fn publish_to(&mut self, topic: &str, qos: QoS) -> Result<Ticket, PublishError> {
        of!(&mut self.client, publish(&Publish::new(topic, b"").qos(qos)))
    }

    pub(crate) fn want_session(&mut self, is_wanted: bool) {
        of!(&mut self.client, want_session(is_wanted));
    }

    /// The problems that it has told of.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let problem = |(_, told): &(u64, Told)| match told {
            Told::Setback(problem, _) => Some(*problem),
            _ => None,
        };
        self.told.iter().filter_map(problem).collect()
    }

    /// When the cloud has answered a sign-in, one way or the other.
    pub(crate) fn sign_ins(&self) -> Vec<u64> {
        self.bench.with(|world| {
            let events = world.cloud().unwrap().events();
            let answered = events.iter().filter(|event| {
                matches!(event.kind, EventKind::ConnectAccepted { .. } | EventKind::ConnectRefused { .. })
            });
            answered.map(|event| event.at.as_millis() as u64).collect()
        })
    }
}

impl Drop for Device<'_> {
    /// Whatever a test is about: no minute has more than five sign-ins.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for window in self.sign_ins().windows(6) {
            assert!(window[5] - window[0] > MINUTE, "six sign-ins within a minute: {window:?}");
        }
    }
}

/// Polls a future so many times at most, and drops it.
fn poll_some<T, E: core::fmt::Debug>(
    future: impl Future<Output = Result<Option<T>, E>>,
    polls: u32,
    clock: &mut WorldClock,
) -> Option<T> {
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(told) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return told.unwrap();
        }
        clock.idle();
    }
    None
}

/// Polls once, and lets time pass until the client wants to be polled again: what it says of that is put to the test.
fn poll<U>(client: &mut Polled<'_, U>, bench: &Bench, clock: &mut WorldClock, limit: Duration) -> Option<Told>
where
    U: embedded_hal_nb::serial::Read + embedded_hal_nb::serial::Write,
{
    let now = clock.now();
    match client.poll(now) {
        Ok(event) => Some(event.into()),
        Err(nb::Error::Other(error)) => panic!("{error:?}"),
        Err(nb::Error::WouldBlock) => {
            let until = client.wake_at().unwrap_or(now + limit).min(now + limit);
            let span = core::time::Duration::from_millis(u64::from((until - now).as_millis()));
            bench.with(|world| {
                if world.available() == 0 {
                    world.advance_to_next_due(span);
                }
            });
            None
        }
    }
}

impl From<Event<'_>> for Told {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Modem(nt35e::Event::Message { payload, .. }) => Self::Message(payload.to_vec()),
            Event::Modem(other) => Self::Modem(format!("{other:?}")),
            Event::BroughtUp(_) => Self::BroughtUp,
            Event::SignedIn(_) => Self::SignedIn,
            Event::SubscriptionRefused { index, .. } => Self::SubscriptionRefused(index),
            Event::Online => Self::Online,
            Event::Setback { setback, .. } => Self::Setback(setback.problem, Instant::as_millis(setback.until)),
            Event::Recovering(rung) => Self::Recovering(rung),
            Event::Unverified(rung) => Self::Unverified(rung),
            Event::Answered => Self::Answered,
            Event::Delivered { ticket, may_be_repeated } => Self::Delivered(ticket.number(), may_be_repeated),
            Event::GivenUp { ticket, .. } => Self::GivenUp(ticket.number()),
            other => panic!("{other:?}"),
        }
    }
}
