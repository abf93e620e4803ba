//! A fuzz input as a schedule: what the application asks of the driver, and what happens to the modem meanwhile.
//!
//! The first byte says what the modem is like; then each byte is an order, some with a byte of their own behind it. An
//! order of the world can be put off, so that it falls into the middle of a later call.

mod bench;

use nt35e::command::Attention;
use nt35e::{Buffers, Duration, Event, Network, Publish, QoS, blocking};
use nt35e_sim::aliyun::QoS as CloudQoS;
use nt35e_sim::modem::{ModemSettings, OpenFailure};
use nt35e_sim::world;

use bench::{Bench, GET, Incident, UPDATE, WorldClock, WorldUart};

/// No call may take longer than this, in virtual time: bringing up waits 210 s by default, and every other one less.
const LONGEST_CALL: core::time::Duration = core::time::Duration::from_secs(600);
/// Enough to get anywhere, and few enough for a thousand inputs a minute.
const MOST_ORDERS: usize = 40;

/// More than a schedule can bring about: each answer that comes late, after a long silence, is an event.
const MOST_EVENTS: usize = 5_000;

type Client<'b> = blocking::Client<'b, WorldUart, WorldClock>;

/// Follows the schedule, and checks what must hold for every one.
pub(crate) fn run(data: &[u8]) {
    let Some((&mode, schedule)) = data.split_first() else { return };
    let bench = Bench::new(settings(mode));
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 192], [0; 256]);
    let buffers = Buffers::new(&mut rx, &mut tx, &mut inbox);
    let chunk = if mode & 0x40 == 0 { usize::MAX } else { 3 };
    let mut host = Host {
        client: blocking::Client::new(bench.uart(chunk), bench.clock(), buffers),
        bench,
        confirmed: Vec::new(),
        number: 0,
    };
    let mut orders = schedule.iter().copied();
    for _ in 0..MOST_ORDERS {
        let Some(order) = orders.next() else { break };
        let argument = if order & 0x80 == 0 { 0 } else { orders.next().unwrap_or_default() };
        host.obey(order & 0x7f, argument);
    }
    host.recover();
    host.check_published();
}

fn settings(mode: u8) -> ModemSettings {
    let mut settings = if mode & 1 == 0 { ModemSettings::default() } else { ModemSettings::instant() };
    settings.already_running = mode & 2 == 0;
    settings.baud_rate = (mode & 4 != 0).then_some(115_200);
    let quirks = match mode >> 3 & 7 {
        1 => &[("result_order", "before_ok")][..],
        2 => &[("prompt_ok", "before_prompt")],
        3 => &[("payload_quotes", "yes")],
        4 => &[("session_burst", "yes"), ("stale_stats", "yes")],
        5 => &[("boot_lines", "yes"), ("power_on_noise", "yes"), ("first_line_lost", "yes")],
        6 => &[("error_style", "text"), ("stats_after_teardown", "yes")],
        7 => &[("teardown_results", "absent"), ("prefix_space", "never")],
        _ => &[],
    };
    for (name, value) in quirks {
        settings.quirks.set(name, value).expect("a quirk of the simulator");
    }
    settings
}

/// The application, and what it was told.
struct Host<'b> {
    client: Client<'b>,
    bench: Bench,
    /// The payloads of which the driver said that the broker has them.
    confirmed: Vec<Vec<u8>>,
    number: u32,
}

impl Host<'_> {
    fn obey(&mut self, order: u8, argument: u8) {
        match order % 24 {
            0 => self.attempt(|client| client.bring_up(&Network::default()).is_ok()),
            1 => self.attempt(|client| client.connect_aliyun(bench::triple()).is_ok()),
            2 => self.attempt(|client| client.subscribe(GET, QoS::AtLeastOnce).is_ok()),
            3 => self.attempt(|client| client.unsubscribe(GET).is_ok()),
            4 => self.publish(QoS::AtLeastOnce, argument),
            5 => self.publish(QoS::AtMostOnce, argument),
            6 => self.attempt(|client| client.disconnect().is_ok()),
            7 => self.attempt(|client| client.execute(&Attention).is_ok()),
            8..=10 => self.listen(Duration::from_millis(u32::from(argument) * 50), argument & 1 == 0),
            11 => self.bench.now(Incident::Restart),
            12 => self.bench.later(argument, Incident::Restart),
            13 => self.bench.now(Incident::CutLink),
            14 => self.bench.later(argument, Incident::CutLink),
            15 => self.bench.now(Incident::Mute(argument)),
            16 => self.bench.later(argument, Incident::Mute(argument)),
            17 => self.bench.now(Incident::Downlink(argument)),
            18 | 19 => self.bench.later(argument, Incident::Downlink(argument)),
            20 => self.bench.now(Incident::Stray(argument)),
            21 => self.bench.later(argument, Incident::Stray(argument)),
            22 => self.bench.with(|world| world.power_down_modem()),
            _ => self.bench.with(|world| {
                let network = match argument % 4 {
                    0 => world::Network::Silent,
                    1 => world::Network::Fails(OpenFailure::Network),
                    _ => world::Network::Broker,
                };
                world.set_network(network);
            }),
        }
    }

    fn attempt(&mut self, call: impl FnOnce(&mut Client<'_>) -> bool) {
        let _ = self.call(call);
    }

    /// Makes a call, which must not take longer than any may.
    fn call(&mut self, call: impl FnOnce(&mut Client<'_>) -> bool) -> bool {
        let before = self.bench.time();
        let succeeded = call(&mut self.client);
        let took = self.bench.time() - before;
        assert!(took < LONGEST_CALL, "a call took {took:?}");
        succeeded
    }

    fn publish(&mut self, qos: QoS, argument: u8) {
        self.number += 1;
        let mut payload = format!("{{\"number\":{}}}", self.number).into_bytes();
        if argument & 1 == 1 {
            // Behind a prompt, and with every third argument longer than the TX buffer.
            let length = if argument.is_multiple_of(3) { 400 } else { usize::from(argument) };
            payload.extend(b"\r\nOK\r\n\0> \x1a".iter().cycle().take(length));
        }
        let succeeded = self.call(|client| client.publish(&Publish::new(UPDATE, &payload).qos(qos)).is_ok());
        if succeeded && qos == QoS::AtLeastOnce {
            self.confirmed.push(payload);
            self.check_published();
        }
    }

    fn check_published(&self) {
        let arrived = self.bench.published();
        for payload in &self.confirmed {
            assert!(arrived.contains(payload), "reported as published: \"{}\"", payload.escape_ascii());
        }
    }

    /// Takes events until none comes.
    fn listen(&mut self, limit: Duration, reads_large: bool) {
        let mut last = String::new();
        for _ in 0..MOST_EVENTS {
            let mut large = false;
            let before = self.bench.time();
            let event = self.client.next_event(limit).expect("the UART does not fail");
            last = format!("{event:?}");
            match event {
                None => return,
                Some(Event::Message { topic, payload, .. }) => {
                    self.bench.check_downlink(topic.as_bytes(), payload);
                }
                Some(Event::LargeMessage { .. }) => large = true,
                Some(_) => {}
            }
            assert!(self.bench.time() - before < LONGEST_CALL);
            if large && reads_large {
                self.read_large();
            }
        }
        panic!("events without end, such as {last}");
    }

    fn read_large(&mut self) {
        let mut read = Vec::new();
        let mut piece = [0; 100];
        while let Ok(count) = self.client.read_payload(&mut piece, Duration::from_secs(5)) {
            if count == 0 {
                self.bench.check_downlink(GET.as_bytes(), &read);
                return;
            }
            read.extend_from_slice(&piece[..count]);
        }
    }

    /// Leaves the modem alone, and expects everything to work again.
    fn recover(&mut self) {
        self.bench.calm();
        self.listen(Duration::from_secs(1), false);
        // A modem that was left waiting for the rest of a payload takes what it is sent for that, until it has enough.
        let up = (0..3).any(|_| self.call(|client| client.bring_up(&Network::default()).is_ok()));
        assert!(up, "the modem cannot be brought up");
        let connected = (0..2).any(|_| self.call(|client| client.connect_aliyun(bench::triple()).is_ok()));
        assert!(connected, "cannot sign in");
        self.listen(Duration::from_secs(1), false);
        let before = self.confirmed.len();
        self.publish(QoS::AtLeastOnce, 1);
        assert_eq!(self.confirmed.len(), before + 1, "cannot publish");
    }
}

/// Sends a message to the device, as from the console.
fn downlink(world: &mut world::World, payload: &[u8]) {
    if let Some(cloud) = world.cloud() {
        cloud.publish_to(GET, payload, CloudQoS::AtLeastOnce);
    }
    world.settle();
}
