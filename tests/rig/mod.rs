//! The driver on a simulated modem in memory, under a time that only moves when the driver waits.

#![allow(dead_code, reason = "each test file uses a part of it")]

use core::cell::{Cell, RefCell};
use core::convert::Infallible;
use std::rc::Rc;

use embedded_io::{ErrorType, Read, ReadReady, Write};
use nt35e::{Buffers, Clock, Duration, Event, Instant, Triple};
use nt35e_sim::aliyun::CloudSettings;
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::world::World;

use crate::front_end::{self, FrontEnd};

pub(crate) const PRODUCT_KEY: &str = "a1JszCpjS61";
pub(crate) const DEVICE_NAME: &str = "NT35E_06011";
pub(crate) const DEVICE_SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const GET: &str = "/a1JszCpjS61/NT35E_06011/user/get";
pub(crate) const UPDATE: &str = "/a1JszCpjS61/NT35E_06011/user/update";
pub(crate) const PROPERTY_SET: &str = "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set";

pub(crate) fn triple() -> Triple<'static> {
    Triple::new(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET).unwrap()
}

pub(crate) fn cloud() -> CloudSettings {
    CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET)
}

/// A world that a UART, a clock and a test share.
#[derive(Clone)]
pub(crate) struct Bench {
    front_end: FrontEnd,
    world: Rc<RefCell<World>>,
    restart: Rc<Cell<Option<core::time::Duration>>>,
    must_end_by: Rc<Cell<Option<core::time::Duration>>>,
}

/// One end of the serial line; a read gives at most `chunk` bytes.
#[derive(Clone)]
pub(crate) struct Uart {
    world: Rc<RefCell<World>>,
    chunk: usize,
}

/// The time of the world, which moves on while the driver has nothing to do.
#[derive(Clone)]
pub(crate) struct WorldClock(Bench);

pub(crate) type Client<'b> = front_end::Client<'b, 'static, Uart, WorldClock>;

impl Bench {
    pub(crate) fn new(front_end: FrontEnd, modem: ModemSettings, cloud: CloudSettings) -> Self {
        Self::around(front_end, World::new(modem, cloud))
    }

    /// A modem that reaches nobody.
    pub(crate) fn without_broker(front_end: FrontEnd) -> Self {
        Self::around(front_end, World::without_broker(ModemSettings::instant()))
    }

    fn around(front_end: FrontEnd, world: World) -> Self {
        Self { front_end, world: Rc::new(RefCell::new(world)), restart: Rc::default(), must_end_by: Rc::default() }
    }

    /// Restarts the modem once this time has passed, in the middle of what the driver does.
    pub(crate) fn restart_after(&self, time: core::time::Duration) {
        let at = self.with(|world| world.now()) + time;
        self.restart.set(Some(at));
    }

    /// Makes a call that has to return before this time has passed.
    pub(crate) fn within<R>(&self, time: core::time::Duration, call: impl FnOnce() -> R) -> R {
        self.must_end_by.set(Some(self.with(|world| world.now()) + time));
        let result = call();
        self.must_end_by.set(None);
        result
    }

    /// A modem without quirks that has been running for a while, and the cloud with one device.
    pub(crate) fn plain(front_end: FrontEnd) -> Self {
        Self::new(front_end, ModemSettings::instant(), cloud())
    }

    pub(crate) fn client<'b>(&self, memory: &'b mut Memory) -> Client<'b> {
        self.client_in_chunks(memory, usize::MAX)
    }

    pub(crate) fn client_in_chunks<'b>(&self, memory: &'b mut Memory, chunk: usize) -> Client<'b> {
        Client::new(self.front_end, self.uart(chunk), self.clock(), memory.buffers(), chunk)
    }

    pub(crate) fn uart(&self, chunk: usize) -> Uart {
        Uart { world: Rc::clone(&self.world), chunk }
    }

    pub(crate) fn clock(&self) -> WorldClock {
        WorldClock(self.clone())
    }

    /// Does something to the world while the driver is not looking.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        let mut world = self.world.borrow_mut();
        let result = act(&mut world);
        world.settle();
        result
    }

    /// The payloads of all messages that reached the broker, in their order.
    pub(crate) fn published(&self) -> Vec<Vec<u8>> {
        self.with(|world| {
            let records = world.cloud().unwrap().publishes_from(PRODUCT_KEY, DEVICE_NAME);
            records.iter().map(|record| record.payload.clone()).collect()
        })
    }

    /// Sends a message to the device, as from the console.
    pub(crate) fn send(&self, topic: &str, payload: &[u8]) {
        self.with(|world| {
            let receivers = world.cloud().unwrap().publish_to(topic, payload, nt35e_sim::aliyun::QoS::AtLeastOnce);
            assert_eq!(receivers, 1, "the device is subscribed to {topic}");
        });
    }

    /// What the driver has sent to the modem so far.
    pub(crate) fn sent(&self) -> Vec<u8> {
        use nt35e_sim::transcript::Entry;
        self.with(|world| {
            let mut sent = Vec::new();
            for entry in world.log() {
                if let Entry::FromHost { bytes, .. } = entry {
                    sent.extend_from_slice(bytes);
                }
            }
            sent
        })
    }
}

/// The three buffers.
pub(crate) struct Memory {
    pub(crate) rx: Vec<u8>,
    pub(crate) tx: Vec<u8>,
    pub(crate) inbox: Vec<u8>,
}

impl Memory {
    /// As large as the documentation recommends.
    pub(crate) fn typical() -> Self {
        Self::new(256, 256, 512)
    }

    pub(crate) fn buffers(&mut self) -> Buffers<'_> {
        Buffers::new(&mut self.rx, &mut self.tx, &mut self.inbox)
    }

    pub(crate) fn new(rx: usize, tx: usize, inbox: usize) -> Self {
        Self { rx: vec![0; rx], tx: vec![0; tx], inbox: vec![0; inbox] }
    }
}

impl ErrorType for Uart {
    type Error = Infallible;
}

impl ReadReady for Uart {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        let mut world = self.world.borrow_mut();
        world.settle();
        Ok(world.available() > 0)
    }
}

impl Read for Uart {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        assert!(!buffer.is_empty(), "the driver must not read into nothing");
        let length = buffer.len().min(self.chunk);
        Ok(self.world.borrow_mut().read(&mut buffer[..length]))
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let length = bytes.len().min(self.chunk);
        self.world.borrow_mut().write(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Clock for WorldClock {
    fn now(&mut self) -> Instant {
        Instant::from_millis(self.0.world.borrow().now().as_millis() as u64)
    }

    fn idle(&mut self) {
        let Bench { world, restart, must_end_by, .. } = &self.0;
        let mut world = world.borrow_mut();
        world.advance_to_next_due(core::time::Duration::from_millis(10));
        assert!(must_end_by.get().is_none_or(|end| world.now() <= end), "the call does not return in time");
        if restart.get().is_some_and(|at| world.now() >= at) {
            restart.set(None);
            world.restart_modem();
        }
    }
}

/// An event that can be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Message(String, Vec<u8>),
    Large(String, usize),
    Other(String),
}

impl From<Event<'_>> for Seen {
    fn from(event: Event<'_>) -> Self {
        match event {
            Event::Message { topic, payload, .. } => Self::Message(topic.as_str().unwrap().into(), payload.to_vec()),
            Event::LargeMessage { topic, length, .. } => Self::Large(topic.as_str().unwrap().into(), length),
            other => Self::Other(format!("{other:?}")),
        }
    }
}

/// Takes events until none comes for a second.
pub(crate) fn events(client: &mut Client<'_>) -> Vec<Seen> {
    let mut seen = Vec::new();
    while let Some(event) = client.next_event(Duration::from_secs(1)).unwrap() {
        seen.push(event.into());
    }
    seen
}

impl core::fmt::Debug for Uart {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Uart")
    }
}

impl core::fmt::Debug for WorldClock {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("WorldClock")
    }
}
