//! One modem for two tasks: one publishes, the other receives, and a third owns the client.
//!
//! Any call of the client may be dropped, so its owner waits for whichever comes first: an event, or a message to publish.
//! No mutex is held while it waits. The messages lie in the slots of two channels, which are written and read in place:
//! a payload is copied once on its way out, by whoever writes it into the slot, and once on its way in, out of the inbox.
//!
//! `cargo run --example share --features embassy-time` runs it on the simulated modem. On a chip, `modem`, `measure` and
//! `obey` are three `#[embassy_executor::task]`s, with the channels in a `StaticCell` and another kind of mutex in them.

use core::cell::RefCell;
use core::convert::Infallible;
use core::future::poll_fn;
use core::task::Poll;
use std::rc::Rc;
use std::time::Instant;

use embassy_futures::join::join3;
use embassy_futures::select::{Either, select};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::zerocopy_channel::{Channel, Receiver, Sender};
use embedded_io_async::{ErrorType, Read, Write};
use nt35e::asynch::{Client, EmbassyTimer, Timer};
use nt35e::{Buffers, Duration, Error, Event, Network, Publish, QoS, Triple};
use nt35e_sim::aliyun::{self, CloudSettings};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::world::World;

const KEY: &str = "a1JszCpjS61";
const NAME: &str = "NT35E_06011";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const UPDATE: &str = "/a1JszCpjS61/NT35E_06011/user/update";
const GET: &str = "/a1JszCpjS61/NT35E_06011/user/get";

/// How many readings there are to publish, and commands to obey.
const ROUNDS: usize = 5;

/// A message with its memory.
struct Slot {
    bytes: [u8; 64],
    length: usize,
}

impl Slot {
    const EMPTY: Self = Self { bytes: [0; 64], length: 0 };

    /// False if it does not fit.
    fn fill(&mut self, payload: &[u8]) -> bool {
        let place = self.bytes.get_mut(..payload.len());
        self.length = place.as_ref().map_or(0, |place| place.len());
        place.map(|place| place.copy_from_slice(payload)).is_some()
    }

    fn payload(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

type In<'c> = Sender<'c, NoopRawMutex, Slot>;
type Out<'c> = Receiver<'c, NoopRawMutex, Slot>;

/// The owner of the client.
async fn modem<U: Read + Write, T: Timer>(
    client: &mut Client<'_, U, T>,
    mut to_publish: Out<'_>,
    mut received: In<'_>,
) -> Result<(), Error<U::Error>> {
    client.bring_up(&Network::default()).await?;
    client.connect_aliyun(Triple::new(KEY, NAME, SECRET)?).await?;
    client.subscribe(GET, QoS::AtLeastOnce).await?;
    let (mut published, mut obeyed) = (0, 0);
    while published < ROUNDS || obeyed < ROUNDS {
        if !client.is_connected() {
            return Err(Error::NotConnected);
        }
        match select(to_publish.receive(), client.next_event(Duration::from_secs(60))).await {
            Either::First(message) => {
                client.publish(&Publish::new(UPDATE, message.payload()).qos(QoS::AtLeastOnce)).await?;
                to_publish.receive_done();
                published += 1;
            }
            Either::Second(event) => {
                let Some(Event::Message { payload, .. }) = event? else { continue };
                // With no free slot, this waits, and further messages wait in the inbox.
                let slot = received.send().await;
                assert!(slot.fill(payload), "no command is so long");
                received.send_done();
                obeyed += 1;
            }
        }
    }
    Ok(())
}

/// Publishes readings, and knows no modem.
async fn measure(mut to_publish: In<'_>) {
    for reading in 0..ROUNDS {
        let slot = to_publish.send().await;
        assert!(slot.fill(format!("{{\"reading\":{reading}}}").as_bytes()));
        to_publish.send_done();
        embassy_time::Timer::after_millis(5).await;
    }
}

/// Obeys commands, and knows no modem.
async fn obey(mut received: Out<'_>) -> Vec<String> {
    let mut obeyed = Vec::new();
    while obeyed.len() < ROUNDS {
        let command = String::from_utf8_lossy(received.receive().await.payload()).into_owned();
        println!("obeyed    {command}");
        received.receive_done();
        obeyed.push(command);
    }
    obeyed
}

/// Runs the three tasks: what was published, and what was obeyed.
fn run() -> (Vec<String>, Vec<String>) {
    let uart = Simulated::new();
    let world = Rc::clone(&uart.world);
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let mut client = Client::new(uart, EmbassyTimer, Buffers::new(&mut rx, &mut tx, &mut inbox));
    let (mut out_slots, mut in_slots) = ([Slot::EMPTY; 2], [Slot::EMPTY; 2]);
    let mut outgoing = Channel::<NoopRawMutex, _>::new(&mut out_slots);
    let mut incoming = Channel::<NoopRawMutex, _>::new(&mut in_slots);
    let (to_publish, publications) = outgoing.split();
    let (received, commands) = incoming.split();
    let tasks = join3(modem(&mut client, publications, received), measure(to_publish), obey(commands));
    let (result, (), obeyed) = embassy_futures::block_on(tasks);
    result.unwrap();
    let mut world = world.borrow_mut();
    let records = world.cloud().unwrap().publishes_from(KEY, NAME);
    let published = records.iter().map(|record| String::from_utf8_lossy(&record.payload).into_owned()).collect();
    (published, obeyed)
}

fn main() {
    let (published, _obeyed) = run();
    for message in published {
        println!("published {message}");
    }
}

/// A UART with the simulated modem at its other end. The cloud sends a command after each message that it gets.
struct Simulated {
    world: Rc<RefCell<World>>,
    since: Instant,
    commands: usize,
}

impl Simulated {
    fn new() -> Self {
        let world = World::new(ModemSettings::instant(), CloudSettings::with_device(KEY, NAME, SECRET));
        Self { world: Rc::new(RefCell::new(world)), since: Instant::now(), commands: 0 }
    }

    /// Lets the time pass that has passed.
    fn catch_up(&mut self) {
        let mut world = self.world.borrow_mut();
        let passed = self.since.elapsed().saturating_sub(world.now());
        world.advance(passed);
        let Some(cloud) = world.cloud() else { return };
        if cloud.publishes_from(KEY, NAME).len() > self.commands {
            self.commands += 1;
            let command = format!("command {}", self.commands);
            cloud.publish_to(GET, command.as_bytes(), aliyun::QoS::AtLeastOnce);
            world.settle();
        }
    }
}

impl ErrorType for Simulated {
    type Error = Infallible;
}

impl Read for Simulated {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        poll_fn(|context| {
            self.catch_up();
            match self.world.borrow_mut().read(buffer) {
                0 => {
                    // Nothing here wakes a task when a byte comes, so it asks again. An interrupt would.
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                count => Poll::Ready(Ok(count)),
            }
        })
        .await
    }
}

impl Write for Simulated {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.world.borrow_mut().write(bytes);
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[test]
fn both_tasks_get_what_is_theirs() {
    let (published, obeyed) = run();
    assert_eq!(published, (0..ROUNDS).map(|reading| format!("{{\"reading\":{reading}}}")).collect::<Vec<_>>());
    assert_eq!(obeyed, (1..=ROUNDS).map(|number| format!("command {number}")).collect::<Vec<_>>());
}
