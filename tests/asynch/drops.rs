//! Every call, dropped at every point: what comes next works, and nothing is lost uncounted or published as something else.

use core::cell::Cell;
use core::future::Future;
use core::pin::Pin;
use std::rc::Rc;

use nt35e::at::Cause;
use nt35e::command::Raw;
use nt35e::{BringUp, Duration, Error, Event, Network, Publish, QoS};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::world::World;

use crate::bench::{Client, Pace, Uart, poll_times, run};
use crate::front_end::FrontEnd;
use crate::rig::{Bench, GET, Memory, PROPERTY_SET, UPDATE, cloud, triple};

const INLINE: &[u8] = b"inline";
/// Not printable, so that it goes after a prompt, out of TX.
const PROMPTED: &[u8] = b"\r\nOK\r\n";
/// More than TX holds, so that it is sent from where it is.
const STREAMED: &[u8] = &[b'\n'; 300];

type Pending<'c> = Pin<Box<dyn Future<Output = bool> + 'c>>;

/// A call: whether it ended well, if it ends.
struct Call {
    name: &'static str,
    make: for<'c> fn(&'c mut Client<'_>) -> Pending<'c>,
    publishes: Option<&'static [u8]>,
    /// Whether there is a session before it.
    connected: bool,
    /// Whether messages can come while it runs.
    receives: bool,
}

const fn call(name: &'static str, make: for<'c> fn(&'c mut Client<'_>) -> Pending<'c>) -> Call {
    Call { name, make, publishes: None, connected: true, receives: true }
}

const fn publishing(
    name: &'static str,
    payload: &'static [u8],
    make: for<'c> fn(&'c mut Client<'_>) -> Pending<'c>,
) -> Call {
    Call { publishes: Some(payload), ..call(name, make) }
}

fn publish<'c>(client: &'c mut Client<'_>, payload: &'static [u8], qos: QoS) -> Pending<'c> {
    Box::pin(async move { client.publish(&Publish::new(UPDATE, payload).qos(qos)).await.is_ok() })
}

const STREAMING: Call =
    publishing("publish out of the caller's memory", STREAMED, |client| publish(client, STREAMED, QoS::AtLeastOnce));

const CALLS: &[Call] = &[
    Call {
        connected: false,
        receives: false,
        ..call("bring_up", |client| Box::pin(async { client.bring_up(&Network::default()).await.is_ok() }))
    },
    Call {
        connected: false,
        receives: false,
        ..call("bring_up_with", |client| {
            Box::pin(async { client.bring_up_with(&BringUp::default(), |_| {}).await.is_ok() })
        })
    },
    Call {
        connected: false,
        receives: false,
        ..call("connect_aliyun", |client| Box::pin(async { client.connect_aliyun(triple()).await.is_ok() }))
    },
    Call {
        receives: false,
        ..call("connect_aliyun in a session", |client| {
            Box::pin(async { client.connect_aliyun(triple()).await.is_ok() })
        })
    },
    call("subscribe", |client| Box::pin(async { client.subscribe(PROPERTY_SET, QoS::AtLeastOnce).await.is_ok() })),
    call("unsubscribe", |client| Box::pin(async { client.unsubscribe(PROPERTY_SET).await.is_ok() })),
    publishing("publish at QoS 0", INLINE, |client| publish(client, INLINE, QoS::AtMostOnce)),
    publishing("publish", INLINE, |client| publish(client, INLINE, QoS::AtLeastOnce)),
    publishing("publish by prompt", PROMPTED, |client| publish(client, PROMPTED, QoS::AtLeastOnce)),
    publishing("publish by prompt at QoS 0", PROMPTED, |client| publish(client, PROMPTED, QoS::AtMostOnce)),
    STREAMING,
    Call { receives: false, ..call("disconnect", |client| Box::pin(async { client.disconnect().await.is_ok() })) },
    call("execute", |client| Box::pin(async { client.execute(&raw("AT+CGMR")).await.is_ok() })),
];

fn raw(line: &str) -> Raw<'_> {
    Raw::new(line, Duration::from_secs(5)).unwrap()
}

/// What was sent to the device, and what has come of it.
#[derive(Default)]
struct Log {
    sent: u32,
    received: Vec<u32>,
    lost: u32,
    restarted: bool,
}

impl Log {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Message { payload, .. } => {
                let text = core::str::from_utf8(payload).unwrap();
                self.received.push(text.strip_prefix("number ").expect("only numbers are sent").parse().unwrap());
            }
            Event::Lost(loss) => self.lost += loss.frames,
            Event::Restarted(_) => self.restarted = true,
            _ => {}
        }
    }
}

/// A modem that takes its time, and a client.
struct Scene<'b> {
    bench: Bench,
    client: Client<'b>,
    pace: Rc<Cell<Pace>>,
    log: Log,
}

impl<'b> Scene<'b> {
    fn new(memory: &'b mut Memory, quirks: &[(&str, &str)]) -> Self {
        let mut settings = ModemSettings { already_running: true, ..ModemSettings::default() };
        for (name, value) in quirks {
            settings.quirks.set(name, value).unwrap();
        }
        let bench = Bench::new(FrontEnd::Blocking, settings, cloud());
        let uart = Uart::new(&bench);
        let pace = Rc::clone(&uart.pace);
        Self { bench, client: uart.client(memory), pace, log: Log::default() }
    }

    fn sign_in(&mut self) {
        let Self { bench, client, .. } = self;
        run(bench, client.bring_up(&Network::default())).unwrap();
        run(bench, client.connect_aliyun(triple())).unwrap();
        run(bench, client.subscribe(GET, QoS::AtLeastOnce)).unwrap();
    }

    fn send_numbered(&mut self) {
        self.log.sent += 1;
        self.bench.send(GET, format!("number {}", self.log.sent).as_bytes());
    }

    fn take_events(&mut self, limit: u32) {
        let Self { bench, client, log, .. } = self;
        while let Some(event) = run(bench, client.next_event(Duration::from_millis(limit))).unwrap() {
            log.take(event);
        }
    }

    /// Polls the call at most so often, at a UART that is as slow as can be; none if it was dropped.
    fn poll(&mut self, call: &Call, polls: usize) -> Option<bool> {
        if call.receives {
            self.send_numbered();
        }
        self.pace.set(Pace { chunk: 1, hesitates: true });
        let ended = poll_times(&self.bench, (call.make)(&mut self.client), polls);
        self.pace.set(Pace { chunk: usize::MAX, hesitates: false });
        if call.receives {
            self.send_numbered();
        }
        ended
    }

    /// A command of its own, which must get its own answer. False if a payload is owed, and the modem was restarted.
    fn execute(&mut self) -> bool {
        let Self { bench, client, .. } = self;
        match run(bench, client.execute(&raw("AT+CGSN=1"))) {
            Ok(answer) => {
                assert_eq!(answer.lines().collect::<Vec<_>>(), [b"+CGSN: 860000000000017"]);
                true
            }
            Err(Error::Command(error)) if error.cause == Cause::PayloadOwed => {
                bench.with(World::restart_modem);
                self.take_events(3_000);
                assert!(self.log.restarted);
                false
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn publish_afterwards(&mut self) {
        let Self { bench, client, .. } = self;
        let message = Publish::new(UPDATE, b"afterwards").qos(QoS::AtLeastOnce);
        run(bench, client.publish(&message)).unwrap();
    }
}

/// Drops the call after so many polls, and goes on. False once it ends before that.
fn drop_after(call: &Call, polls: usize, quirks: &[(&str, &str)]) -> bool {
    let mut memory = Memory::typical();
    let mut scene = Scene::new(&mut memory, quirks);
    if call.connected {
        scene.sign_in();
    }
    let ended = scene.poll(call, polls);
    if polls % 2 == 1 {
        scene.take_events(10);
    }
    let kept = scene.execute();
    assert!(
        kept || call.publishes == Some(STREAMED),
        "{}: the modem waits for a payload after {polls} polls",
        call.name
    );
    if kept && call.receives {
        scene.send_numbered();
    } else {
        scene.sign_in();
    }
    scene.publish_afterwards();
    scene.take_events(1_000);

    let Scene { bench, log, .. } = &scene;
    let context = format!("{} dropped after {polls} polls, {quirks:?}", call.name);
    if kept {
        assert_eq!(log.received.len() as u32 + log.lost, log.sent, "{context}: {:?}, {} lost", log.received, log.lost);
        assert!(log.received.is_sorted(), "{context}: {:?}", log.received);
    }
    let mut published = bench.published();
    let afterwards = published.pop_if(|last| last == b"afterwards");
    assert!(afterwards.is_some(), "{context}: reported as published, but {published:?}");
    assert!(published.len() <= 1, "{context}: {published:?}");
    assert!(published.iter().all(|payload| Some(payload.as_slice()) == call.publishes), "{context}: {published:?}");
    assert!(ended != Some(true) || published.len() == usize::from(call.publishes.is_some()), "{context}: not there");
    assert!(ended != Some(false), "{context}: the call failed");
    ended.is_none()
}

/// Drops each call at every point, or at one of every `step`, and says how many there were.
fn drop_everywhere<'c>(calls: impl IntoIterator<Item = &'c Call>, quirks: &[(&str, &str)], step: usize) -> usize {
    std::thread::scope(|scope| {
        let drop_one = |call: &'c Call| {
            scope.spawn(move || {
                let points = (0..).take_while(|&point| drop_after(call, point * step, quirks)).count();
                println!("{:35} {points:4} points {quirks:?}", call.name);
                assert!(points > 5, "{}", call.name);
                points
            })
        };
        let threads: Vec<_> = calls.into_iter().map(drop_one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

#[test]
fn promise_8_any_call_may_be_dropped_at_any_point() {
    let points = drop_everywhere(CALLS, &[], 1);
    println!("{points} points in all");
    assert!(points > 500);
}

#[test]
fn promise_8_wherever_ok_comes_and_whatever_an_escape_does() {
    let prompted = |call: &&Call| matches!(call.publishes, Some(PROMPTED | STREAMED));
    for quirk in [("prompt_ok", "before_prompt"), ("prompt_ok", "both"), ("escape", "cancels")] {
        drop_everywhere(CALLS.iter().filter(prompted), &[quirk], 7);
    }
}

#[test]
fn promise_8_next_event_may_be_dropped_over_and_over() {
    for polls in 2..60 {
        let mut memory = Memory::typical();
        let mut scene = Scene::new(&mut memory, &[]);
        scene.sign_in();
        (0..4).for_each(|_| scene.send_numbered());
        scene.pace.set(Pace { chunk: 1, hesitates: true });
        let Scene { bench, client, log, .. } = &mut scene;
        for _ in 0..1_000 {
            let event = poll_times(bench, client.next_event(Duration::from_secs(1)), polls);
            event.into_iter().filter_map(Result::unwrap).for_each(|event| log.take(event));
        }
        assert_eq!(log.received, [1, 2, 3, 4], "dropped after every {polls} polls");
    }
}

#[test]
fn promise_8_read_payload_may_be_dropped_over_and_over_and_for_good() {
    let large: Vec<u8> = (0..700_u32).map(|index| index as u8).collect();
    let mut points = 0;
    for goes_on in [false, true] {
        for polls in 0.. {
            let mut memory = Memory::typical();
            let mut scene = Scene::new(&mut memory, &[]);
            scene.sign_in();
            scene.bench.send(GET, &large);
            let Scene { bench, client, pace, .. } = &mut scene;
            let event = run(bench, client.next_event(Duration::from_secs(1))).unwrap();
            assert!(matches!(event, Some(Event::LargeMessage { length: 700, .. })), "{event:?}");
            pace.set(Pace { chunk: 5, hesitates: true });
            let mut read = Vec::new();
            let ended = poll_times(bench, read_on(client, &mut read), polls).is_some();
            while goes_on && !ended && poll_times(bench, read_on(client, &mut read), polls.max(2)).is_none() {}
            if goes_on || ended {
                assert_eq!(read, large, "dropped after {polls} polls");
            } else {
                assert!(large.starts_with(&read), "dropped after {polls} polls");
            }
            assert!(scene.execute());
            scene.send_numbered();
            scene.take_events(500);
            let left_unread = !goes_on && read.len() < large.len();
            assert_eq!((scene.log.received.as_slice(), scene.log.lost), (&[1][..], left_unread.into()));
            if ended {
                points += polls;
                break;
            }
        }
    }
    println!("read_payload {points} points");
    assert!(points > 100);
}

async fn read_on(client: &mut Client<'_>, read: &mut Vec<u8>) {
    let mut buffer = [0; 64];
    loop {
        match client.read_payload(&mut buffer, Duration::from_secs(1)).await.unwrap() {
            0 => break,
            count => read.extend_from_slice(&buffer[..count]),
        }
    }
}
