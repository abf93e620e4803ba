//! The engine alone, against a modem that says what the test writes down, handed over in any way.

#![allow(dead_code, reason = "each test file uses a part of it")]

use nt35e::at::{Command, CommandError, Engine, Event, Push, Step};
use nt35e::{Buffers, DIALECT, Duration, Instant};

/// What the engine did, as text that can be compared.
pub(crate) type Seen = Vec<String>;

pub(crate) struct Script<'b> {
    pub(crate) engine: Engine<'b>,
    pub(crate) now: Instant,
    pub(crate) transfer: Transfer,
    /// Everything that the engine has sent.
    pub(crate) sent: Vec<u8>,
    pub(crate) events: Seen,
    finished: bool,
    /// Received bytes that the engine had no room for, since it had ended a command.
    waiting: Vec<u8>,
    /// How many bytes the engine was given.
    pub(crate) fed: u32,
    payload: Vec<u8>,
    /// Whether the test reads the payloads of large messages.
    pub(crate) reads_large: bool,
    /// Whether nothing is sent unless the test says so.
    pub(crate) pause_sending: bool,
}

pub(crate) struct Memory(Vec<u8>, Vec<u8>, Vec<u8>);

impl Memory {
    pub(crate) fn typical() -> Self {
        Self::new(256, 256, 512)
    }

    pub(crate) fn new(rx: usize, tx: usize, inbox: usize) -> Self {
        Self(vec![0; rx], vec![0; tx], vec![0; inbox])
    }
}

/// How bytes come to the engine and from it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Transfer {
    /// So many at once, in both directions.
    Chunks(usize),
    /// Received bytes are pushed, and the engine is polled when it asks for it.
    Pushed,
    /// Received bytes are pushed, and the engine is polled when no more of them fit.
    PushedAhead,
}

impl Transfer {
    fn most(self) -> usize {
        match self {
            Self::Chunks(bytes) => bytes,
            Self::Pushed | Self::PushedAhead => usize::MAX,
        }
    }

    /// Hands over the next bytes, and tells how many.
    fn hand_over(self, bytes: &[u8], engine: &mut Engine<'_>) -> usize {
        if let Self::Chunks(most) = self {
            let room = engine.receive();
            let count = room.len().min(most).min(bytes.len());
            room[..count].copy_from_slice(&bytes[..count]);
            engine.received(count);
            return count;
        }
        for (count, &byte) in bytes.iter().enumerate() {
            match (engine.push(byte), self) {
                (Push::Full, _) => return count,
                (Push::Due, Self::Pushed) => return count + 1,
                _ => {}
            }
        }
        bytes.len()
    }
}

impl<'b> Script<'b> {
    /// An engine that is in step already.
    pub(crate) fn in_step(memory: &'b mut Memory, transfer: Transfer) -> Self {
        let mut script = Self::new(memory, transfer);
        script.submit(&nt35e::command::Attention);
        script.feed(b"\r\n+CSQ: 29,0\r\n\r\nOK\r\n");
        script.feed(b"\r\nOK\r\n");
        script.finish(&nt35e::command::Attention).unwrap();
        script.sent.clear();
        script.events.clear();
        script
    }

    pub(crate) fn new(memory: &'b mut Memory, transfer: Transfer) -> Self {
        let Memory(rx, tx, inbox) = memory;
        Self {
            engine: Engine::new(Buffers::new(rx, tx, inbox), &DIALECT),
            now: Instant::from_millis(0),
            transfer,
            sent: Vec::new(),
            events: Vec::new(),
            finished: false,
            waiting: Vec::new(),
            fed: 0,
            payload: Vec::new(),
            reads_large: false,
            pause_sending: false,
        }
    }

    pub(crate) fn submit<C: Command>(&mut self, command: &C) {
        self.payload = command.payload().to_vec();
        self.finished = false;
        self.engine.submit(command).unwrap();
        self.pump();
    }

    /// Lets the modem send `bytes`.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        self.take_in();
    }

    /// Sends this many bytes and no more.
    pub(crate) fn send(&mut self, payload: &[u8], bytes: usize) {
        for _ in 0..bytes {
            assert_eq!(self.engine.poll(self.now), Step::Transmit);
            self.sent.push(self.engine.transmit(payload)[0]);
            self.engine.transmitted(1);
        }
    }

    /// Lets time pass, and polls whenever the engine has asked for it.
    pub(crate) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while self.engine.poll(self.now) == Step::Receive
            && let Some(until) = self.engine.wake_at(self.now)
            && until <= end
        {
            self.now = until;
            self.pump();
        }
        self.now = end;
        self.pump();
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// The answer to the command, rendered.
    pub(crate) fn answer<C: Command>(&mut self, command: &C) -> String
    where
        for<'r> C::Response<'r>: core::fmt::Debug,
    {
        assert!(self.finished, "the command has not ended");
        let answer = match self.engine.finish(command) {
            Ok(response) => format!("{response:?}"),
            Err(error) => format!("{error}"),
        };
        self.finished = false;
        self.take_in();
        answer
    }

    pub(crate) fn finish<C: Command>(&mut self, command: &C) -> Result<(), CommandError> {
        assert!(self.finished, "the command has not ended");
        self.finished = false;
        let result = self.engine.finish(command).map(|_| ());
        self.take_in();
        result
    }

    /// Ends what is in flight, and submits `command`: what came of both, rendered.
    pub(crate) fn try_run<C: Command>(&mut self, command: &C) -> String {
        let ended = match core::mem::take(&mut self.finished) {
            false => "nothing".to_string(),
            true => match self.engine.finish(&nt35e::command::Attention) {
                Ok(()) => "ended".to_string(),
                Err(error) => format!("{:?} {:?}", error.stage, error.cause),
            },
        };
        self.payload.clear();
        self.take_in();
        match self.engine.submit(command) {
            Ok(()) => self.payload = command.payload().to_vec(),
            Err(error) => return format!("{ended}, {error:?}"),
        }
        self.pump();
        ended
    }

    /// Takes the answer of what has ended, so that everything received is looked at.
    pub(crate) fn close(&mut self) {
        if self.finished {
            let _ = self.finish(&nt35e::command::Attention);
        }
    }

    pub(crate) fn abandon(&mut self) {
        self.engine.abandon();
        self.finished = false;
        self.payload.clear();
        self.take_in();
    }

    /// What was sent since this was asked last.
    pub(crate) fn take_sent(&mut self) -> String {
        String::from_utf8_lossy(&core::mem::take(&mut self.sent)).into_owned()
    }

    /// The events since this was asked last.
    pub(crate) fn take_events(&mut self) -> Seen {
        core::mem::take(&mut self.events)
    }

    fn take_in(&mut self) {
        self.pump();
        while !self.waiting.is_empty() && !self.finished {
            let mut count = self.transfer.hand_over(&self.waiting, &mut self.engine);
            if count == 0 {
                self.pump();
                count = self.transfer.hand_over(&self.waiting, &mut self.engine);
            }
            assert!(count > 0, "the engine must have room");
            self.fed += u32::try_from(count).unwrap();
            self.waiting.drain(..count);
            self.pump();
        }
        self.pump();
    }

    fn pump(&mut self) {
        // Whoever polls on does not want to read the rest of a large message.
        while !(self.finished || self.reads_large && self.engine.payload_remaining() > 0) {
            match self.engine.poll(self.now) {
                // As a front-end does, what has arrived is handed over before anything is sent.
                Step::Transmit if !self.waiting.is_empty() || self.pause_sending => break,
                Step::Transmit => {
                    let bytes = self.engine.transmit(&self.payload);
                    assert!(!bytes.is_empty(), "there must be something to send");
                    let count = bytes.len().min(self.transfer.most());
                    self.sent.extend_from_slice(&bytes[..count]);
                    self.engine.transmitted(count);
                }
                Step::Event => {
                    let event = self.engine.event().map(render);
                    self.events.extend(event);
                }
                Step::Finished => self.finished = true,
                Step::Receive => break,
            }
        }
    }
}

/// Bytes as text, with only what does not print escaped.
pub(crate) fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string().replace("\\\"", "\"")
}

fn render(event: Event<'_>) -> String {
    match event {
        Event::Line { line, .. } => format!("line {}", text(line)),
        Event::Message { header, payload } => {
            format!("message {} {}", text(header), text(payload))
        }
        Event::LargeMessage { header, length } => format!("large {} {length}", text(header)),
        Event::Lost(loss) => format!("lost {} frames, {} bytes", loss.frames, loss.bytes),
        Event::Restarted(restart) => format!("{restart:?}"),
        other => format!("{other:?}"),
    }
}

/// The ways that every script is run in.
#[cfg(not(miri))]
pub(crate) const TRANSFERS: [Transfer; 7] = [
    Transfer::Chunks(1),
    Transfer::Chunks(2),
    Transfer::Chunks(7),
    Transfer::Chunks(64),
    Transfer::Chunks(usize::MAX),
    Transfer::Pushed,
    Transfer::PushedAhead,
];

/// Under Miri, which is some hundred times slower, two.
#[cfg(miri)]
pub(crate) const TRANSFERS: [Transfer; 2] = [Transfer::Chunks(usize::MAX), Transfer::Pushed];

/// Runs something in all of them, with an engine that is in step.
pub(crate) fn each_transfer(run: impl Fn(&mut Script<'_>)) {
    for transfer in TRANSFERS {
        let mut memory = Memory::typical();
        run(&mut Script::in_step(&mut memory, transfer));
    }
}
