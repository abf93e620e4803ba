//! Giving up at every poll of every operation: what is begun next works, and nothing is lost or made up.

#![cfg(feature = "nb")]

mod front_end;
mod rig;

use core::cell::Cell;
use std::rc::Rc;
use std::thread;

use embedded_hal_nb::nb;
use front_end::FrontEnd;
use front_end::polled::ByByte;
use nt35e::command::Raw;
use nt35e::nonblocking::{self, Outcome};
use nt35e::{Clock as _, Duration, Error, Event, Network, Publish, QoS};
use nt35e_sim::modem::ModemSettings;
use rig::{Bench, Memory, Uart, WorldClock};

type Client<'b> = nonblocking::Client<'b, 'static, ByByte<Uart>>;

/// Printable, so that it goes in the line.
const INLINE: &[u8] = b"inline, at QoS 1";
const AT_MOST_ONCE: &[u8] = b"inline, at QoS 0";
/// Not printable, so that it goes after a prompt, out of TX.
const PROMPTED: &[u8] = b"\r\nOK\r\n prompted";
/// More than TX holds, so that its owner has to send it.
const STREAMED: &[u8] = &[b'\n'; 300];
const DOWNLINK: &[u8] = b"\r\nOK\r\n from the cloud";
const AFTERWARDS: &[u8] = b"afterwards";

/// An operation, and what it publishes.
struct Case {
    name: &'static str,
    begin: fn(&mut Client<'_>, &mut WorldClock),
    publishes: Option<&'static [u8]>,
}

const CASES: &[Case] = &[
    Case { name: "bring up", begin: |client, _| client.begin_bring_up(&Network::default()), publishes: None },
    Case { name: "connect", begin: |client, _| client.begin_connect_aliyun(rig::triple()), publishes: None },
    Case {
        name: "subscribe",
        begin: |client, _| client.begin_subscribe(rig::PROPERTY_SET, QoS::AtLeastOnce),
        publishes: None,
    },
    Case { name: "unsubscribe", begin: |client, _| client.begin_unsubscribe(rig::PROPERTY_SET), publishes: None },
    Case { name: "publish", begin: |client, clock| publish(client, clock, INLINE, 1), publishes: Some(INLINE) },
    Case {
        name: "publish at QoS 0",
        begin: |client, clock| publish(client, clock, AT_MOST_ONCE, 0),
        publishes: Some(AT_MOST_ONCE),
    },
    Case {
        name: "publish by prompt",
        begin: |client, clock| publish(client, clock, PROMPTED, 1),
        publishes: Some(PROMPTED),
    },
    Case {
        name: "publish in place",
        begin: |client, _| {
            client.begin_publish_in_place(&Publish::new(rig::UPDATE, STREAMED).qos(QoS::AtLeastOnce));
        },
        publishes: Some(STREAMED),
    },
    Case { name: "disconnect", begin: |client, _| client.begin_disconnect(), publishes: None },
    Case { name: "command", begin: |client, clock| client.begin(&version(), clock.now()).unwrap(), publishes: None },
];

fn publish(client: &mut Client<'_>, clock: &mut WorldClock, payload: &[u8], qos: u8) {
    let qos = if qos == 0 { QoS::AtMostOnce } else { QoS::AtLeastOnce };
    client.begin_publish(&Publish::new(rig::UPDATE, payload).qos(qos), clock.now()).unwrap();
}

fn version() -> Raw<'static> {
    Raw::new("AT+CGMR", Duration::from_secs(5)).unwrap()
}

fn imei() -> Raw<'static> {
    Raw::new("AT+CGSN=1", Duration::from_secs(5)).unwrap()
}

struct Driver<'b> {
    client: Client<'b>,
    /// How many bytes the UART takes per poll.
    room: Rc<Cell<usize>>,
    clock: WorldClock,
}

impl<'b> Driver<'b> {
    fn new(bench: &Bench, memory: &'b mut Memory) -> Self {
        let uart = ByByte::new(bench.uart(usize::MAX), usize::MAX);
        Self { room: uart.room(), client: Client::new(uart, memory.buffers()), clock: bench.clock() }
    }

    /// One poll, and time to wait for the next; none if what was begun has not ended.
    fn poll(&mut self) -> Option<Result<Outcome, Error<core::convert::Infallible>>> {
        match self.client.poll(self.clock.now()) {
            Ok(outcome) => Some(Ok(outcome)),
            Err(nb::Error::Other(error)) => Some(Err(error)),
            Err(nb::Error::WouldBlock) => {
                if self.client.wake_at().is_none_or(|wake_at| wake_at > self.clock.now()) {
                    self.clock.idle();
                }
                None
            }
        }
    }

    fn ended(&mut self) -> Result<Outcome, Error<core::convert::Infallible>> {
        loop {
            if let Some(result) = self.poll() {
                return result;
            }
        }
    }

    /// Runs a command to its end, letting the rest of what was given up go out first.
    fn execute(&mut self, command: &Raw<'_>) -> Result<Vec<String>, Error<core::convert::Infallible>> {
        while let Err(error) = self.client.begin(command, self.clock.now()) {
            match error {
                nb::Error::WouldBlock => assert_eq!(self.poll(), None),
                nb::Error::Other(error) => return Err(error),
            }
        }
        assert_eq!(self.ended()?, Outcome::Answered);
        let answer = self.client.finish(command)?;
        Ok(answer.lines().map(|line| String::from_utf8(line.to_vec()).unwrap()).collect())
    }

    /// How many times the message from the cloud came, and how many events were lost.
    fn take_events(&mut self) -> (u32, u32) {
        let (mut messages, mut lost) = (0, 0);
        let mut until = self.clock.now() + Duration::from_secs(3);
        while self.clock.now() < until {
            assert_eq!(self.poll(), None);
            while let Some(event) = self.client.event() {
                match event {
                    Event::Message { payload, .. } => {
                        assert_eq!(payload, DOWNLINK);
                        messages += 1;
                        // If it came a second time, that would be soon.
                        until = self.clock.now() + Duration::from_millis(300);
                    }
                    Event::Lost(loss) => lost += loss.frames,
                    _ => {}
                }
            }
        }
        (messages, lost)
    }
}

#[test]
fn promise_8_giving_up_at_any_poll_leaves_a_client_whose_next_call_works() {
    let points: u32 = thread::scope(|scope| {
        let cases: Vec<_> = CASES.iter().map(|case| scope.spawn(|| points_of(case))).collect();
        cases.into_iter().map(|points| points.join().unwrap()).sum()
    });
    println!("{points} points");
    assert!(points > 500, "only {points} points");
}

fn points_of(case: &Case) -> u32 {
    let mut polls = 0;
    while !given_up_after(case, polls) {
        polls += 1;
    }
    println!("{}: given up at {polls} polls", case.name);
    polls
}

/// Gives the operation up after so many polls; true if it has ended before.
fn given_up_after(case: &Case, polls: u32) -> bool {
    let context = format!("{} given up after {polls} polls", case.name);
    let mut settings = ModemSettings::instant();
    settings.delays.publish = core::time::Duration::from_millis(50);
    let bench = Bench::new(FrontEnd::NonBlocking, settings, rig::cloud());
    let mut memory = Memory::typical();
    let mut driver = Driver::new(&bench, &mut memory);
    driver.client.begin_connect_aliyun(rig::triple());
    driver.ended().unwrap();
    driver.client.begin_subscribe(rig::GET, QoS::AtLeastOnce);
    driver.ended().unwrap();
    bench.with(|world| world.cloud().unwrap().clear_events());
    bench.send(rig::GET, DOWNLINK);

    // With one byte per poll there is a poll between any two.
    driver.room.set(1);
    (case.begin)(&mut driver.client, &mut driver.clock);
    let result = (0..polls).find_map(|_| driver.poll());
    driver.room.set(usize::MAX);
    driver.client.give_up();
    assert!(!driver.client.is_busy());
    if let (Some(Ok(Outcome::Published)), Some(payload)) = (&result, case.publishes) {
        assert_eq!(bench.published(), [payload], "{context}");
    }

    let lines = driver.execute(&imei()).unwrap_or_else(|error| panic!("{context}: {error}"));
    let [line] = &lines[..] else { panic!("{context}: {lines:?}") };
    assert!(line.bytes().filter(u8::is_ascii_digit).count() == 15, "{context}: {line}");
    let (messages, lost) = driver.take_events();
    assert_eq!(messages + lost, 1, "{context}: {messages} messages, {lost} lost");

    if !driver.client.is_connected() {
        driver.client.begin_connect_aliyun(rig::triple());
        let connected = driver.ended();
        assert!(matches!(connected, Ok(Outcome::Connected(_))), "{context}: {connected:?}");
    }
    // At QoS 0 too, a late result is nobody else's success.
    publish(&mut driver.client, &mut driver.clock, b"unnumbered", 0);
    let unnumbered = driver.ended();
    assert!(matches!(unnumbered, Ok(Outcome::Published) | Err(Error::Unconfirmed { .. })), "{context}: {unnumbered:?}");
    let is_in_doubt = unnumbered.is_err();
    assert!(!is_in_doubt || case.publishes == Some(AT_MOST_ONCE), "{context}: in doubt without a cause");
    publish(&mut driver.client, &mut driver.clock, AFTERWARDS, 1);
    assert_eq!(driver.ended(), Ok(Outcome::Published), "{context}");

    let mut published = bench.published();
    assert_eq!(published.pop().unwrap(), AFTERWARDS, "{context}");
    let before = published.iter().position(|payload| payload == b"unnumbered");
    assert!(before.is_some() || is_in_doubt, "{context}");
    published.retain(|payload| payload != b"unnumbered");
    let whole = case.publishes.map(|payload| vec![payload.to_vec()]).unwrap_or_default();
    assert!(published.is_empty() || published == whole, "{context}: {published:?}");
    result.is_some()
}

/// A driver that has begun `begin`, and given it up when all of it was sent and its result is due.
fn given_up_before_its_result<'b>(
    bench: &Bench,
    memory: &'b mut Memory,
    begin: impl Fn(&mut Client<'_>, &mut WorldClock),
    line: &str,
) -> Driver<'b> {
    let mut driver = Driver::new(bench, memory);
    driver.client.begin_connect_aliyun(rig::triple());
    driver.ended().unwrap();
    bench.with(|world| world.modem().delays().publish = core::time::Duration::from_secs(4));
    bench.with(|world| world.modem().delays().connect = core::time::Duration::from_secs(4));
    let before = bench.sent().len();
    begin(&mut driver.client, &mut driver.clock);
    while !String::from_utf8_lossy(&bench.sent()[before..]).contains(line) {
        assert_eq!(driver.poll(), None);
    }
    for _ in 0..20 {
        assert_eq!(driver.poll(), None);
    }
    driver.client.give_up();
    driver
}

#[test]
fn promise_1_the_late_result_of_a_message_without_a_number_is_nobody_elses() {
    let bench = Bench::plain(FrontEnd::NonBlocking);
    let mut memory = Memory::typical();
    let begin = |client: &mut Client<'_>, clock: &mut WorldClock| publish(client, clock, AT_MOST_ONCE, 0);
    let mut driver = given_up_before_its_result(&bench, &mut memory, begin, "QoS 0");
    publish(&mut driver.client, &mut driver.clock, b"another", 0);
    assert_eq!(driver.ended(), Err(Error::Unconfirmed { message_id: None }));
    driver.client.begin_connect_aliyun(rig::triple());
    driver.ended().unwrap();
    publish(&mut driver.client, &mut driver.clock, b"a third", 0);
    assert_eq!(driver.ended(), Ok(Outcome::Published), "the doubt is over");
}

#[test]
fn promise_1_a_sign_in_after_one_that_was_given_up_is_verified() {
    let bench = Bench::plain(FrontEnd::NonBlocking);
    let mut memory = Memory::typical();
    let begin = |client: &mut Client<'_>, _: &mut WorldClock| client.begin_connect_aliyun(rig::triple());
    let mut driver = given_up_before_its_result(&bench, &mut memory, begin, "LMQTTCONN=");
    bench.with(|world| world.modem().delays().connect = core::time::Duration::ZERO);
    driver.client.begin_connect_aliyun(rig::triple());
    driver.ended().unwrap();
    assert!(bench.sent().trim_ascii_end().ends_with(b"AT+LMQTTCONN?"));
}
