//! A fuzz input as a script: most bytes are what the modem sends, and the highest ones what the host and the time do.

use crate::hand_over;
use nt35e::at::{Cause, Command, Engine, Event, MessageForm, Step};
use nt35e::command::{
    Attention, Connect, Identity, InlinePayload, PublishHead, PublishInline, PublishPrompted, RegistrationQuery,
};
use nt35e::{Buffers, ClientId, ConnectionId, DIALECT, Delivery, Duration, Instant, MessageId, Topic};

/// What could be seen of a run.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Seen {
    sent: Vec<u8>,
    answers: Vec<String>,
    events: Vec<String>,
    lost_frames: u64,
    lost_bytes: u64,
    counters: String,
}

struct Run<'b> {
    engine: Engine<'b>,
    now: Instant,
    chunk: usize,
    waiting: Vec<u8>,
    /// How many bytes the engine was given.
    fed: u32,
    payload: &'static [u8],
    finished: bool,
    seen: Seen,
}

const PAYLOAD: &[u8] =
    b"\r\nOK\r\n\0payload that is longer than what is left of the buffer for it, so that it has to be \
    handed over while it is sent, and is cut off when its owner goes away";

/// Runs the script, and checks what must hold for every script.
pub(crate) fn run(data: &[u8], chunk: usize) -> Seen {
    let (mut rx, mut tx, mut inbox) = ([0; 128], [0; 96], [0; 160]);
    let mut run = Run {
        engine: Engine::new(Buffers::new(&mut rx, &mut tx, &mut inbox), &DIALECT),
        now: Instant::from_millis(0),
        chunk,
        waiting: Vec::new(),
        fed: 0,
        payload: &[],
        finished: false,
        seen: Seen::default(),
    };
    for piece in data.chunk_by(|left, right| *left < 0xf0 && *right < 0xf0) {
        match piece {
            [control @ 0xf0..=0xff] => run.control(*control),
            bytes => run.feed(bytes),
        }
    }
    run.recover();
    let counters = run.engine.counters();
    let bytes = counters.bytes;
    let sum = bytes.answer.wrapping_add(bytes.event).wrapping_add(bytes.echo).wrapping_add(bytes.lost);
    let open = u32::try_from(run.engine.unclassified()).expect("the buffers are small");
    assert_eq!(sum.wrapping_add(open), run.fed, "every byte is in one class: {counters:?}");
    assert_eq!(bytes.received, run.fed);
    run.seen.counters = format!("{counters:?}");
    run.seen
}

impl Run<'_> {
    fn control(&mut self, control: u8) {
        let delivery = Delivery::AtLeastOnce(MessageId::FIRST);
        let topic = Topic::new("t").expect("a topic");
        let head = PublishHead { connection: ConnectionId::FIRST, delivery, retain: false, topic };
        match control {
            0xf0 => self.submit(&Attention),
            0xf1 => self.submit(&Identity),
            0xf2 => self.submit(&RegistrationQuery),
            0xf3 => {
                let payload = InlinePayload::new(b"abcd").expect("a safe payload");
                self.submit(&PublishInline { head, payload });
            }
            0xf4 => self.submit(&PublishPrompted::new(head, &PAYLOAD[..20]).expect("a short payload")),
            0xf5 => self.submit(&PublishPrompted::new(head, PAYLOAD).expect("a payload")),
            0xf6 => {
                let client_id = ClientId::new("c").expect("a client id");
                self.submit(&Connect { connection: ConnectionId::FIRST, client_id, login: None });
            }
            0xf7 => self.abandon(),
            0xf8 => self.wait(300),
            0xf9 => self.wait(2_000),
            0xfa => self.wait(31_000),
            0xfb => self.engine.expect_messages(MessageForm::Bare),
            0xfc => self.engine.expect_messages(MessageForm::Counted),
            _ => {}
        }
    }

    fn submit<C: Command>(&mut self, command: &C) {
        self.end();
        self.payload = &[];
        self.take_in();
        match self.engine.submit(command) {
            Ok(()) => self.payload = if command.payload().len() > 20 { PAYLOAD } else { &[] },
            Err(error) => self.seen.answers.push(format!("{error:?}")),
        }
        self.pump();
    }

    fn abandon(&mut self) {
        self.engine.abandon();
        self.finished = false;
        self.payload = &[];
        self.take_in();
    }

    fn wait(&mut self, milliseconds: u32) {
        self.now = self.now + Duration::from_millis(milliseconds);
        self.pump();
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        self.take_in();
    }

    /// Takes the answer of a command that has ended.
    fn end(&mut self) {
        if std::mem::take(&mut self.finished) {
            let answer = self.engine.finish(&Attention);
            self.seen.answers.push(format!("{answer:?}"));
        }
    }

    /// A modem that is well again answers the next command.
    fn recover(&mut self) {
        self.end();
        self.abandon();
        self.wait(31_000);
        self.wait(31_000);
        self.feed(b"\r\n");
        self.end();
        self.ask_a_modem_that_is_well();
        if !self.finished {
            // It may wait for a payload that nobody has any more, for which it would take whatever is sent.
            (0..5).for_each(|_| self.wait(1_000));
            let owed =
                self.finished && self.engine.finish(&Attention).is_err_and(|error| error.cause == Cause::PayloadOwed);
            assert!(owed, "no answer although the modem is well");
            self.finished = false;
            self.engine.modem_restarted();
            self.ask_a_modem_that_is_well();
        }
        assert!(self.finished, "no answer although the modem is well");
        assert!(self.engine.finish(&Attention).is_ok());
        self.finished = false;
        self.take_in();
    }

    fn ask_a_modem_that_is_well(&mut self) {
        self.submit(&Attention);
        for _ in 0..10 {
            if self.finished {
                break;
            }
            self.feed(b"\r\n+CSQ: 1,2\r\n\r\nOK\r\n");
            self.wait(300);
            self.feed(b"\r\nOK\r\n");
        }
    }

    fn take_in(&mut self) {
        self.pump();
        while !self.waiting.is_empty() && !self.finished {
            let mut count = hand_over(&mut self.engine, &self.waiting, self.chunk);
            if count == 0 {
                self.pump();
                count = hand_over(&mut self.engine, &self.waiting, self.chunk);
            }
            assert!(count > 0, "the engine must have room");
            self.fed += u32::try_from(count).expect("the buffers are small");
            self.waiting.drain(..count);
            self.pump();
        }
        self.pump();
    }

    fn pump(&mut self) {
        while !self.finished {
            match self.engine.poll(self.now) {
                // As a front-end does, what has arrived is handed over before anything is sent.
                Step::Transmit if !self.waiting.is_empty() => break,
                Step::Transmit => {
                    let bytes = self.engine.transmit(self.payload);
                    assert!(!bytes.is_empty(), "there must be something to send");
                    let count = bytes.len().min(self.chunk.max(1));
                    self.seen.sent.extend_from_slice(&bytes[..count]);
                    self.engine.transmitted(count);
                }
                Step::Event => self.event(),
                Step::Finished => self.finished = true,
                Step::Receive => break,
            }
        }
    }

    fn event(&mut self) {
        match self.engine.event() {
            // A loss is reported with those before it that were not taken yet, so that only the sum is the same.
            Some(Event::Lost(loss)) => {
                self.seen.lost_frames += u64::from(loss.frames);
                self.seen.lost_bytes += u64::from(loss.bytes);
            }
            Some(event) => {
                let event = format!("{event:?}");
                // So is a restart: whether it is news depends on whether the one before was taken. Counters have the number.
                if !event.starts_with("Restarted") || !self.seen.events.contains(&event) {
                    self.seen.events.push(event);
                }
            }
            None => {}
        }
    }
}
