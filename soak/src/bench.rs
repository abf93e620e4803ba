//! The world that the driver and the program share: a UART, a fake clock that watches over limits, and a cloud that sends
//! messages all the time.

use core::cell::{Cell, RefCell};
use core::convert::Infallible;
use core::time::Duration;
use std::rc::Rc;

use embedded_io::{ErrorType, Read, ReadReady, Write};
use nt35e::{Clock, Instant};
use nt35e_sim::aliyun::{CloudSettings, QoS};
use nt35e_sim::modem::Fate;
use nt35e_sim::random::Random;
use nt35e_sim::world::World;

use crate::payload;
use crate::setup::Setup;

pub(crate) const PRODUCT_KEY: &str = "a1JszCpjS61";
pub(crate) const DEVICE_NAME: &str = "NT35E_06011";
pub(crate) const DEVICE_SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const GET: &str = "/a1JszCpjS61/NT35E_06011/user/get";
pub(crate) const UPDATE: &str = "/a1JszCpjS61/NT35E_06011/user/update";

/// How far the clock goes at once while nothing happens.
pub(crate) const STEP: Duration = Duration::from_millis(50);

/// How often the time may be asked for without any having passed. A byte at a time, a long message takes some thousands.
const SPINS: u32 = 1_000_000;

/// Clones are handles of the same world.
#[derive(Clone)]
pub(crate) struct Bench(Rc<Shared>);

struct Shared {
    world: RefCell<World>,
    downlink: RefCell<Downlink>,
    watch: Cell<Option<Watch>>,
    spins: Cell<u32>,
    /// Bytes that the driver has read.
    read: Cell<u32>,
    chunk: usize,
}

/// The call that is being watched.
#[derive(Clone, Copy)]
struct Watch {
    call: &'static str,
    limit: Duration,
    began: Duration,
}

/// What the cloud sends by itself.
struct Downlink {
    random: Random,
    any_bytes: bool,
    sent: usize,
    next_at: Option<Duration>,
}

impl Bench {
    pub(crate) fn new(setup: &Setup, seed: u64) -> Self {
        let cloud = CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET);
        let random = Random::new(seed ^ 0xD0);
        let downlink = Downlink { random, any_bytes: setup.any_bytes, sent: 0, next_at: Some(Duration::ZERO) };
        Self(Rc::new(Shared {
            world: RefCell::new(World::new(setup.modem.clone(), cloud)),
            downlink: RefCell::new(downlink),
            watch: Cell::new(None),
            spins: Cell::new(0),
            read: Cell::new(0),
            chunk: setup.chunk,
        }))
    }

    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        act(&mut self.0.world.borrow_mut())
    }

    pub(crate) fn now(&self) -> Duration {
        self.with(|world| world.now())
    }

    /// How many bytes the driver has read.
    pub(crate) fn bytes_read(&self) -> u32 {
        self.0.read.get()
    }

    /// How many messages have reached the host as a whole, read or not.
    pub(crate) fn arrived(&self) -> usize {
        self.with(|world| {
            let deliveries = world.modem().deliveries().iter();
            deliveries.filter(|delivery| delivery.fate() == Fate::Arrived).count()
        })
    }

    /// Runs a call, which has to return in time, and tells how long it took.
    pub(crate) fn watch<R>(&self, call: &'static str, limit: Duration, run: impl FnOnce() -> R) -> (R, Duration) {
        let began = self.now();
        self.0.watch.set(Some(Watch { call, limit, began }));
        let result = run();
        self.0.watch.set(None);
        (result, self.now() - began)
    }

    /// The cloud sends a message now and returns its payload, if the device is there to get it.
    pub(crate) fn send(&self) -> Option<Vec<u8>> {
        let Downlink { random, any_bytes, sent, .. } = &mut *self.0.downlink.borrow_mut();
        *sent += 1;
        let payload = payload::numbered("down", *sent, 300, *any_bytes, random);
        let mut world = self.0.world.borrow_mut();
        let receivers = world.cloud().map_or(0, |cloud| cloud.publish_to(GET, &payload, QoS::AtLeastOnce));
        world.settle();
        (receivers > 0).then_some(payload)
    }

    /// The cloud sends nothing by itself any more.
    pub(crate) fn end_downlink(&self) {
        self.0.downlink.borrow_mut().next_at = None;
    }

    /// Lets the time go on to what happens next.
    fn pass(&self) {
        let now = self.now();
        let next_at = self.0.downlink.borrow().next_at;
        let step = next_at.map_or(STEP, |at| STEP.min(at.saturating_sub(now)));
        self.with(|world| world.advance_to_next_due(step));
        let before = now;
        let now = self.now();
        if now > before {
            self.0.spins.set(0);
        } else if self.0.spins.get() > SPINS / 2 {
            let due = self.with(|world| (world.modem().next_due(), world.cloud().map(|cloud| cloud.next_due())));
            panic!("the simulated time stands still at {now:?}, with {due:?} due");
        }
        if next_at.is_some_and(|at| at <= now) {
            self.send();
            let Downlink { random, next_at, .. } = &mut *self.0.downlink.borrow_mut();
            *next_at = Some(now + Duration::from_millis(1 + random.below(20_000)));
        }
        if let Some(Watch { call, limit, began }) = self.0.watch.get() {
            assert!(now - began <= limit, "{call} has not returned after {limit:?}");
        }
    }
}

impl ErrorType for Bench {
    type Error = Infallible;
}

impl ReadReady for Bench {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(self.with(|world| world.available() > 0))
    }
}

impl Read for Bench {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        assert!(!buffer.is_empty(), "the driver must not read into nothing");
        let length = buffer.len().min(self.0.chunk);
        let count = self.with(|world| world.read(&mut buffer[..length]));
        self.0.read.set(self.0.read.get().wrapping_add(count as u32));
        Ok(count)
    }
}

impl Write for Bench {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let length = bytes.len().min(self.0.chunk);
        self.with(|world| world.write(&bytes[..length]));
        Ok(length)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Clock for Bench {
    fn now(&mut self) -> Instant {
        self.0.spins.set(self.0.spins.get() + 1);
        let call = self.0.watch.get().map_or("the firmware", |watch| watch.call);
        assert!(self.0.spins.get() < SPINS, "{call} spins: the time was read {SPINS} times, and it has not passed");
        Instant::from_millis(Self::now(self).as_millis() as u64)
    }

    fn idle(&mut self) {
        self.pass();
    }
}

impl core::fmt::Debug for Bench {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Bench")
    }
}
