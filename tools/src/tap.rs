//! The tap: a line whose traffic is written down, together with what must not be read in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use embedded_io::{ErrorType, Read, ReadReady, Write};
use nt35e_sim::transcript::{Entry, Recorder};

use crate::port::Line;

/// What went over the line, and what is known of its ends; shared by whoever does the task and whoever breaks it off.
#[derive(Clone, Debug)]
pub(crate) struct Log(Arc<Mutex<Known>>);

/// What a [`Log`] holds.
#[derive(Debug)]
pub(crate) struct Known {
    started: Instant,
    recorder: Recorder,
    /// What must not be read in a transcript.
    pub(crate) secrets: Vec<Vec<u8>>,
    pub(crate) module: Option<String>,
    pub(crate) firmware: Option<String>,
}

impl Log {
    /// Nothing has been said yet.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Known {
            started: Instant::now(),
            recorder: Recorder::new(),
            secrets: Vec::new(),
            module: None,
            firmware: None,
        })))
    }

    /// What is known so far.
    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
}

impl Known {
    /// What went over the line, unmasked.
    pub(crate) fn entries(&self) -> &[Entry] {
        self.recorder.entries()
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
}

impl ErrorType for Tap {
    type Error = <Line as ErrorType>::Error;
}

impl ReadReady for Tap {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        self.line.read_ready()
    }
}

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Self::Error> {
        let count = self.line.read(buffer)?;
        let mut known = self.log.known();
        let at = known.started.elapsed();
        known.recorder.modem_sent(at, &buffer[..count]);
        Ok(count)
    }
}

impl Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let count = self.line.write(bytes)?;
        let mut known = self.log.known();
        let at = known.started.elapsed();
        known.recorder.host_sent(at, &bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.line.flush()
    }
}
