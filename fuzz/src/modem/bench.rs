//! The world that a schedule takes place in: a UART, a clock that moves while the driver waits, and what is to happen.

use core::cell::RefCell;
use core::convert::Infallible;
use core::time::Duration;
use std::rc::Rc;

use embedded_io::{ErrorType, Read, ReadReady, Write};
use nt35e::{Clock, Instant, Triple};
use nt35e_sim::aliyun::CloudSettings;
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::world::{Network, World};

const PRODUCT_KEY: &str = "a1JszCpjS61";
const DEVICE_NAME: &str = "NT35E_06011";
const DEVICE_SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(super) const GET: &str = "/a1JszCpjS61/NT35E_06011/user/get";
pub(super) const UPDATE: &str = "/a1JszCpjS61/NT35E_06011/user/update";

/// What a line may bring that no modem meant to say then. No result and no message is among it: nobody could tell a
/// forged one from a true one.
const STRAY: [&[u8]; 12] = [
    b"\r\nOK\r\n",
    b"\r\nERROR\r\n",
    b"\r\n+CME ERROR: 3\r\n",
    b"\r\n> ",
    b"\r\n",
    b"\r\n+CSQ: 20,0\r\n",
    b"\r\n+CEREG: 1\r\n",
    b"\r\n+LMQTTURC: STATS,0,1\r\n",
    b"^boot.rom'v'!\\n",
    b"\0\xff\xfe\x80",
    b"\r\nRDY\r\n",
    b"\r\nAT+CSQ\r\n",
];

/// More calls of the UART and the clock than this, while no time passes, are a loop without end.
const MOST_CALLS: u32 = 1_000_000;

pub(super) fn triple() -> Triple<'static> {
    Triple::new(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET).expect("a triple")
}

/// Something that happens to the modem.
#[derive(Clone, Copy, Debug)]
pub(super) enum Incident {
    Restart,
    CutLink,
    /// Silence, in quarters of a second.
    Mute(u8),
    /// A message from the cloud, of a kind.
    Downlink(u8),
    Stray(u8),
}

/// What all hold in common.
#[derive(Clone)]
pub(super) struct Bench(Rc<RefCell<State>>);

struct State {
    world: World,
    pending: Vec<(Duration, Incident)>,
    downlinks: Vec<Vec<u8>>,
    /// Calls since the time last moved.
    calls: u32,
}

pub(super) struct WorldUart {
    bench: Bench,
    chunk: usize,
}

pub(super) struct WorldClock(Bench);

impl Bench {
    pub(super) fn new(settings: ModemSettings) -> Self {
        let cloud = CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET);
        let world = World::new(settings, cloud);
        Self(Rc::new(RefCell::new(State { world, pending: Vec::new(), downlinks: Vec::new(), calls: 0 })))
    }

    pub(super) fn uart(&self, chunk: usize) -> WorldUart {
        WorldUart { bench: self.clone(), chunk }
    }

    pub(super) fn clock(&self) -> WorldClock {
        WorldClock(self.clone())
    }

    pub(super) fn with(&self, act: impl FnOnce(&mut World)) {
        act(&mut self.0.borrow_mut().world);
    }

    pub(super) fn time(&self) -> Duration {
        self.0.borrow().world.now()
    }

    pub(super) fn now(&self, incident: Incident) {
        self.0.borrow_mut().happen(incident);
    }

    /// Lets it happen in the middle of a later call: after 0 to 12 s, and more finely the sooner.
    pub(super) fn later(&self, delay: u8, incident: Incident) {
        let mut state = self.0.borrow_mut();
        let delay = Duration::from_millis(u64::from(delay).pow(2) / 5);
        let at = state.world.now() + delay;
        state.pending.push((at, incident));
    }

    /// Nothing more happens, and the world is as it should be.
    pub(super) fn calm(&self) {
        let mut state = self.0.borrow_mut();
        state.pending.clear();
        state.world.set_network(Network::Broker);
        // Longer than any silence, and than the firmware waits for the rest of a payload.
        state.world.advance(Duration::from_secs(120));
        // Whoever was switched off is switched on again.
        state.world.restart_modem();
        state.calls = 0;
    }

    /// The payloads of all messages that reached the broker.
    pub(super) fn published(&self) -> Vec<Vec<u8>> {
        let mut state = self.0.borrow_mut();
        let cloud = state.world.cloud().expect("there is a cloud");
        cloud.publishes_from(PRODUCT_KEY, DEVICE_NAME).iter().map(|record| record.payload.clone()).collect()
    }

    /// What was received must have been sent.
    pub(super) fn check_downlink(&self, topic: &[u8], payload: &[u8]) {
        let state = self.0.borrow();
        let topic = topic.escape_ascii();
        let known = state.downlinks.iter().any(|sent| sent == payload);
        assert!(known && topic.to_string() == GET, "never sent: \"{}\" to {topic}", payload.escape_ascii());
    }
}

impl State {
    fn happen(&mut self, incident: Incident) {
        match incident {
            Incident::Restart => self.world.restart_modem(),
            Incident::CutLink => self.world.cut_link(),
            Incident::Mute(quarters) => self.world.mute(Duration::from_millis(u64::from(quarters) * 250)),
            Incident::Downlink(kind) => {
                let mut payload = format!("{}:", self.downlinks.len()).into_bytes();
                let filling: &[u8] = match kind % 4 {
                    0 => b"x",
                    1 => b"\r\nOK\r\n",
                    2 => b"+LMQTTURC: \"\r\n",
                    _ => b"\r\n+LMQTTPUB: 0,1,0\r\n",
                };
                let length = if kind & 0x40 == 0 { usize::from(kind) } else { usize::from(kind) * 4 };
                payload.extend(filling.iter().cycle().take(length));
                super::downlink(&mut self.world, &payload);
                self.downlinks.push(payload);
            }
            Incident::Stray(which) => self.world.inject(STRAY[usize::from(which) % STRAY.len()]),
        }
    }

    fn happen_as_due(&mut self) {
        let now = self.world.now();
        while let Some(index) = self.pending.iter().position(|(at, _)| *at <= now) {
            let (_, incident) = self.pending.remove(index);
            self.happen(incident);
        }
    }

    fn count_call(&mut self) {
        self.calls += 1;
        assert!(self.calls < MOST_CALLS, "the driver runs in circles while no time passes");
    }
}

impl ErrorType for WorldUart {
    type Error = Infallible;
}

impl ReadReady for WorldUart {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        let mut state = self.bench.0.borrow_mut();
        state.count_call();
        state.world.settle();
        Ok(state.world.available() > 0)
    }
}

impl Read for WorldUart {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        assert!(!buffer.is_empty(), "the driver must not read into nothing");
        let length = buffer.len().min(self.chunk);
        Ok(self.bench.0.borrow_mut().world.read(&mut buffer[..length]))
    }
}

impl Write for WorldUart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let length = bytes.len().min(self.chunk);
        self.bench.0.borrow_mut().world.write(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl Clock for WorldClock {
    fn now(&mut self) -> Instant {
        let mut state = self.0.0.borrow_mut();
        state.count_call();
        Instant::from_millis(u64::try_from(state.world.now().as_millis()).expect("a short time"))
    }

    fn idle(&mut self) {
        let mut state = self.0.0.borrow_mut();
        let before = state.world.now();
        // What is due is met exactly; this is only how finely time limits are.
        state.world.advance_to_next_due(Duration::from_millis(100));
        state.happen_as_due();
        if state.world.now() > before {
            state.calls = 0;
        }
    }
}
