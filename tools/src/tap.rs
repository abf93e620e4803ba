//! The tap: a line whose traffic is written down, together with what must not be read in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use embedded_io::{ErrorType, Read, ReadReady, Write};
use nt35e::Clock;
use nt35e_sim::transcript::{Entry, Recorder};

use crate::line::{HostClock, LineError};
use crate::playback::Playback;
use crate::port::{Line, Place};
use crate::recording::LINE_BREAKS;

/// What went over the line, and what is known of its ends; shared by whoever does the task and whoever breaks it off.
#[derive(Clone, Debug)]
pub(crate) struct Log(Arc<Mutex<Known>>);

/// What a [`Log`] holds.
#[derive(Debug)]
pub(crate) struct Known {
    started: Instant,
    entries: Vec<Entry>,
    /// What was said since the last of the entries.
    recorder: Recorder,
    /// What must not be read in a transcript.
    pub(crate) secrets: Vec<Vec<u8>>,
    pub(crate) module: Option<String>,
    pub(crate) firmware: Option<String>,
    /// What is replayed, if this is a replay.
    playback: Option<Playback>,
}

impl Log {
    /// Nothing has been said yet.
    pub(crate) fn new() -> Self {
        Self::of(None)
    }

    /// For a task that is done again on what was recorded.
    pub(crate) fn replaying(playback: Playback) -> Self {
        Self::of(Some(playback))
    }

    fn of(playback: Option<Playback>) -> Self {
        Self(Arc::new(Mutex::new(Known {
            started: Instant::now(),
            entries: Vec::new(),
            recorder: Recorder::new(),
            secrets: Vec::new(),
            module: None,
            firmware: None,
            playback,
        })))
    }

    /// What is known so far.
    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is replayed, if this is a replay.
    pub(crate) fn playback(&self) -> Option<Playback> {
        self.known().playback.clone()
    }

    /// Opens the line to a modem, or to the one that was recorded.
    pub(crate) fn open(&self, place: &Place) -> Result<Tap, String> {
        let line = match self.playback() {
            Some(playback) => Line::Recorded(playback),
            None => place.open()?,
        };
        Ok(Tap::new(line, self))
    }

    /// The time: as it passes since the log was begun, or as it passed.
    pub(crate) fn clock(&self) -> LineClock {
        let known = self.known();
        match &known.playback {
            Some(playback) => LineClock::Recorded(playback.clone()),
            None => LineClock::Host(HostClock::since(known.started)),
        }
    }

    /// Notes something that must not be read in a transcript.
    pub(crate) fn conceal(&self, secret: &[u8]) {
        self.known().secrets.push(secret.to_vec());
    }

    /// Notes the module's model.
    pub(crate) fn name_module(&self, module: &str) {
        self.known().module = Some(module.to_owned());
    }

    /// Notes the module's firmware.
    pub(crate) fn name_firmware(&self, firmware: &str) {
        self.known().firmware = Some(firmware.to_owned());
    }

    /// Notes what is done.
    pub(crate) fn act(&self, text: &str) {
        self.known().add(Entry::Action(text.to_owned()));
    }

    /// Tells people something, and notes it.
    pub(crate) fn say(&self, text: &str) {
        println!("{}", self.note(text));
    }

    /// Notes a line that people are told; a replay compares it. Gives the line as it is to be shown.
    pub(crate) fn note(&self, text: &str) -> String {
        if let Some(playback) = self.playback() {
            return playback.tell(text);
        }
        self.known().add(Entry::Expect(text.to_owned()));
        text.to_owned()
    }
}

impl Known {
    /// What went over the line and what people were told, unmasked.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        [&self.entries, self.recorder.entries()].concat()
    }

    fn add(&mut self, entry: Entry) {
        self.entries.extend(self.recorder.take_all());
        self.entries.push(entry);
    }
}

/// The time on a line.
#[derive(Debug)]
pub(crate) enum LineClock {
    /// As it passes, since the log was begun.
    Host(HostClock),
    /// As it passed.
    Recorded(Playback),
}

impl Clock for LineClock {
    fn now(&mut self) -> nt35e::Instant {
        match self {
            Self::Host(clock) => clock.now(),
            Self::Recorded(playback) => nt35e::Instant::from_millis(playback.now().as_millis() as u64),
        }
    }

    fn idle(&mut self) {
        match self {
            Self::Host(clock) => clock.idle(),
            Self::Recorded(playback) => playback.idle(),
        }
    }
}

/// A line whose traffic is written down.
#[derive(Debug)]
pub(crate) struct Tap {
    line: Line,
    log: Log,
}

impl Tap {
    /// Listens on a line.
    pub(crate) fn new(line: Line, log: &Log) -> Self {
        Self { line, log: log.clone() }
    }

    /// The line itself.
    pub(crate) const fn line(&mut self) -> &mut Line {
        &mut self.line
    }

    /// The time on it.
    pub(crate) fn clock(&self) -> LineClock {
        self.log.clock()
    }

    /// Notes that the line broke, if it did.
    fn noted<T>(&self, result: Result<T, LineError>) -> Result<T, LineError> {
        if let Err(error) = &result {
            self.log.act(&format!("{LINE_BREAKS}{error}"));
        }
        result
    }
}

impl ErrorType for Tap {
    type Error = <Line as ErrorType>::Error;
}

impl ReadReady for Tap {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        let ready = self.line.read_ready();
        self.noted(ready)
    }
}

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        let read = self.line.read(buffer);
        let count = self.noted(read)?;
        let mut known = self.log.known();
        let at = known.started.elapsed();
        known.recorder.modem_sent(at, &buffer[..count]);
        Ok(count)
    }
}

impl Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let written = self.line.write(bytes);
        let count = self.noted(written)?;
        let mut known = self.log.known();
        let at = known.started.elapsed();
        known.recorder.host_sent(at, &bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        let flushed = self.line.flush();
        self.noted(flushed)
    }
}
