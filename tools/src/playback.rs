//! A recorded modem: the line and the clock of a transcript, in which time passes only as the transcript tells.
//!
//! The order of a transcript is kept, and its times are the clock's: while the driver waits, the clock goes on by a
//! millisecond or to the next entry, whichever is nearer, and when the driver writes, it goes on to when that was written.
//! A machine under load is late, so that the driver here may be ready before its recorded self was. If it has waited, it
//! is held back until the modem has said what it said first; if it has not, it is not the driver that was recorded.
//!
//! `*` stands for a byte that was masked: whatever the host writes in its place will do, and the modem says `0` there.

use core::time::Duration;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use embedded_io::{ErrorType, Read, ReadReady, Write};
use nt35e_sim::transcript::{Entry, Transcript, escape};

use crate::line::LineError;
use crate::recording::{BROKEN_OFF, LINE_BREAKS, TYPED};

/// How far the clock moves at most while the driver waits.
const TICK: Duration = Duration::from_millis(1);
/// How long the driver may wait in vain: longer than any time limit of its own.
const LONGEST: Duration = Duration::from_secs(900);

/// The line and the clock, shared by the driver and whoever compares.
#[derive(Clone, Debug)]
pub(crate) struct Playback(Arc<Mutex<Reel>>);

#[derive(Debug)]
struct Reel {
    traffic: Vec<(usize, Traffic)>,
    /// What people were told.
    told: VecDeque<(usize, String)>,
    /// The first of the traffic that is not over.
    position: usize,
    /// How much of it was written, if it is the host's.
    written: usize,
    arrived: VecDeque<u8>,
    now: Duration,
    /// The driver has waited or read since it last ended a line: an echo may come before the line's end is written.
    has_waited: bool,
    deviation: Option<String>,
    over: bool,
}

#[derive(Clone, Debug)]
enum Traffic {
    Host { at: Duration, bytes: Vec<u8> },
    Modem { at: Duration, bytes: Vec<u8> },
    Typed(String),
    LineBreaks(String),
    BrokenOff,
}

impl Playback {
    /// The task that was recorded, and what happened then.
    pub(crate) fn new(text: &str) -> Result<(String, Self), String> {
        let transcript: Transcript = text.parse().map_err(|error| format!("no transcript: {error}"))?;
        let mut task = None;
        let (mut traffic, mut told) = (Vec::new(), VecDeque::new());
        for (line, entry) in numbered(text, transcript) {
            match entry {
                Entry::FromHost { at, bytes } => traffic.push((line, Traffic::Host { at, bytes })),
                Entry::FromModem { at, bytes } => traffic.push((line, Traffic::Modem { at, bytes })),
                Entry::Expect(text) => told.push_back((line, text)),
                Entry::Action(text) => match (text.strip_prefix(TYPED), text.strip_prefix(LINE_BREAKS)) {
                    (Some(line_typed), _) => traffic.push((line, Traffic::Typed(line_typed.to_owned()))),
                    (_, Some(reason)) => traffic.push((line, Traffic::LineBreaks(reason.to_owned()))),
                    _ if text == BROKEN_OFF => traffic.push((line, Traffic::BrokenOff)),
                    _ if task.is_none() => task = Some(text),
                    _ => return Err(format!("line {line}: this was done by something else than `nt35e record`")),
                },
                Entry::Comment(_) => {}
            }
        }
        let task = task.ok_or("it does not say what was done: only what `nt35e record` wrote can be replayed")?;
        let reel = Reel {
            traffic,
            told,
            position: 0,
            written: 0,
            arrived: VecDeque::new(),
            now: Duration::ZERO,
            has_waited: true,
            deviation: None,
            over: false,
        };
        Ok((task, Self(Arc::new(Mutex::new(reel)))))
    }

    /// Compares what people are told; gives what they were told then, if it is the same.
    pub(crate) fn tell(&self, text: &str) -> String {
        let mut reel = self.reel();
        if reel.over || reel.deviation.is_some() {
            return text.to_owned();
        }
        match reel.told.pop_front() {
            Some((_, recorded)) if is_same(recorded.as_bytes(), text.as_bytes()) => recorded,
            Some((line, recorded)) => {
                reel.deviate(line, &format!("expected: {recorded}\n  now:      {text}"));
                text.to_owned()
            }
            // Whoever broke it off was faster than what would have been told.
            None if reel.traffic.iter().any(|(_, traffic)| matches!(traffic, Traffic::BrokenOff)) => text.to_owned(),
            None => {
                let line = reel.traffic.last().map_or(0, |(line, _)| *line);
                reel.deviate(line, &format!("expected: nothing more\n  now:      {text}"));
                text.to_owned()
            }
        }
    }

    /// The next line that was typed, once it is time for it; `Err` after the last.
    pub(crate) fn typed(&self) -> Result<Option<String>, ()> {
        let mut reel = self.reel();
        reel.settle();
        match reel.traffic.get(reel.position) {
            Some((_, Traffic::Typed(line))) if reel.arrived.is_empty() => {
                let line = line.clone();
                reel.position += 1;
                Ok(Some(line))
            }
            None | Some((_, Traffic::BrokenOff | Traffic::LineBreaks(_))) => Err(()),
            Some(_) if reel.deviation.is_some() => Err(()),
            Some(_) => Ok(None),
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.reel().now
    }

    pub(crate) fn idle(&self) {
        self.reel().tick();
    }

    /// Whether all has happened as it was recorded, and nothing else; true if the recording was broken off.
    pub(crate) fn end(&self) -> Result<bool, String> {
        let mut reel = self.reel();
        reel.settle();
        if let Some(deviation) = &reel.deviation {
            return Err(deviation.clone());
        }
        let rest = reel.traffic.get(reel.position);
        if reel.over || matches!(rest, Some((_, Traffic::BrokenOff))) {
            return Ok(true);
        }
        if let Some((line, traffic)) = rest {
            return Err(format!("line {line}: this never happened: {}", traffic.shown(reel.written)));
        }
        if let Some((line, text)) = reel.told.front() {
            return Err(format!("line {line}: this was never said: {text}"));
        }
        if !reel.arrived.is_empty() {
            return Err(format!("the driver never read {}", escape(reel.arrived.make_contiguous())));
        }
        Ok(false)
    }

    fn reel(&self) -> MutexGuard<'_, Reel> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Traffic {
    fn shown(&self, written: usize) -> String {
        match self {
            Self::Host { bytes, .. } => escape(&bytes[written..]),
            Self::Modem { bytes, .. } => escape(bytes),
            Self::Typed(line) => line.clone(),
            Self::LineBreaks(reason) => reason.clone(),
            Self::BrokenOff => BROKEN_OFF.to_owned(),
        }
    }
}

impl Reel {
    /// Lets the modem say what it is time for.
    fn settle(&mut self) {
        while let Some((_, Traffic::Modem { at, bytes })) = self.traffic.get(self.position)
            && *at <= self.now
        {
            self.arrived.extend(bytes.iter().map(|&byte| if byte == b'*' { b'0' } else { byte }));
            self.position += 1;
        }
    }

    fn tick(&mut self) {
        self.has_waited = true;
        let tick = self.now + TICK;
        let (line, at) = match self.traffic.get(self.position) {
            Some((line, Traffic::Host { at, .. } | Traffic::Modem { at, .. })) => (*line, *at),
            _ => {
                self.now = tick;
                return;
            }
        };
        self.now = if at > self.now { at.min(tick) } else { tick };
        if self.now > at + LONGEST {
            self.deviate(line, "the driver waits for something else for ever");
        }
    }

    /// An error once nothing more can come: the line broke then, or here because of what the driver does.
    fn state(&mut self) -> Result<(), LineError> {
        self.settle();
        if let Some(deviation) = &self.deviation {
            return Err(LineError::other(&format!("not as recorded, {deviation}")));
        }
        match self.traffic.get(self.position) {
            Some((_, Traffic::LineBreaks(reason))) if self.arrived.is_empty() => {
                let reason = reason.clone();
                self.position += 1;
                Err(LineError::other(&reason))
            }
            Some((_, Traffic::BrokenOff)) if self.arrived.is_empty() => {
                self.over = true;
                Err(LineError::other("the recording was broken off here"))
            }
            _ => Ok(()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, LineError> {
        self.state()?;
        let Some((line, next)) = self.traffic.get(self.position).cloned() else {
            let line = self.traffic.last().map_or(0, |(line, _)| *line);
            return self.refuse(line, &format!("behind it the driver wrote {}", escape(bytes)));
        };
        match next {
            Traffic::Host { at, bytes: recorded } => {
                let rest = &recorded[self.written..];
                let length = rest.len().min(bytes.len());
                if !is_same(&rest[..length], &bytes[..length]) {
                    let now = [&recorded[..self.written], bytes].concat();
                    return self
                        .refuse(line, &format!("expected: {}\n  now:      {}", escape(&recorded), escape(&now)));
                }
                self.now = self.now.max(at);
                self.has_waited = bytes[..length].last() != Some(&b'\n');
                let is_complete = length == rest.len();
                self.written = if is_complete { 0 } else { self.written + length };
                self.position += usize::from(is_complete);
                Ok(length)
            }
            Traffic::Modem { at, .. } if self.has_waited => {
                self.now = at;
                self.settle();
                Ok(0)
            }
            other => {
                let text = format!("expected: {}\n  now:      the driver writes {}", other.shown(0), escape(bytes));
                self.refuse(line, &text)
            }
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, LineError> {
        self.state()?;
        let length = self.arrived.len().min(buffer.len());
        for (slot, byte) in buffer.iter_mut().zip(self.arrived.drain(..length)) {
            *slot = byte;
        }
        self.has_waited |= length > 0;
        Ok(length)
    }

    fn refuse(&mut self, line: usize, text: &str) -> Result<usize, LineError> {
        self.deviate(line, text);
        Err(LineError::other(text))
    }

    fn deviate(&mut self, line: usize, text: &str) {
        self.deviation.get_or_insert_with(|| format!("line {line}:\n  {text}"));
    }
}

impl ErrorType for Playback {
    type Error = LineError;
}

impl ReadReady for Playback {
    fn read_ready(&mut self) -> Result<bool, LineError> {
        let mut reel = self.reel();
        reel.state()?;
        Ok(!reel.arrived.is_empty())
    }
}

impl Read for Playback {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, LineError> {
        self.reel().read(buffer)
    }
}

impl Write for Playback {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, LineError> {
        self.reel().write(bytes)
    }

    fn flush(&mut self) -> Result<(), LineError> {
        Ok(())
    }
}

impl LineError {
    fn other(text: &str) -> Self {
        io::Error::other(text.to_owned()).into()
    }
}

/// Whether something is as it was recorded, but for what was masked.
fn is_same(recorded: &[u8], now: &[u8]) -> bool {
    recorded.len() == now.len() && recorded.iter().zip(now).all(|(then, now)| then == now || *then == b'*')
}

/// Each entry with its line: the headers come first, and every line below that is not empty is an entry.
fn numbered(text: &str, transcript: Transcript) -> impl Iterator<Item = (usize, Entry)> {
    let below = text.lines().enumerate().skip(transcript.headers.len());
    below.filter(|(_, line)| !line.is_empty()).map(|(line, _)| line + 1).zip(transcript.entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playback(text: &str) -> Playback {
        Playback::new(&format!("# provenance: simulated\n\n! check\n{text}")).unwrap().1
    }

    #[test]
    fn time_passes_as_it_did_then() {
        let mut line = playback("> 5ms AT\\r\n< 12.5ms OK\\r\n= well\n");
        assert_eq!(line.write(b"A").unwrap(), 1);
        assert_eq!(line.now(), Duration::from_millis(5));
        assert_eq!(line.write(b"T\r").unwrap(), 2);
        let mut ticks = 0;
        while !line.read_ready().unwrap() {
            line.idle();
            ticks += 1;
        }
        assert_eq!((line.now(), ticks), (Duration::from_micros(12_500), 8));
        let mut buffer = [0; 8];
        assert_eq!(line.read(&mut buffer).unwrap(), 3);
        assert_eq!(line.end().unwrap_err(), "line 6: this was never said: well");
        assert_eq!(line.tell("well"), "well");
        assert_eq!(line.end(), Ok(false));
    }

    #[test]
    fn a_driver_that_does_not_wait_is_not_the_one_that_was_recorded() {
        let text = "> 0ms AT\\r\\n\n< 7ms OK\\r\n> 7ms ATE0\\r\n";
        let mut hasty = playback(text);
        assert_eq!(hasty.write(b"AT\r\n").unwrap(), 4);
        assert!(hasty.write(b"ATE0\r").is_err());
        assert!(hasty.end().unwrap_err().starts_with("line 5:\n  expected: OK\\r"));
        let mut patient = playback(text);
        assert_eq!(patient.write(b"AT\r\n").unwrap(), 4);
        patient.idle();
        assert_eq!(patient.write(b"ATE0\r").unwrap(), 0, "the modem was first");
        assert!(patient.read_ready().unwrap());
    }

    #[test]
    fn what_was_masked_may_be_anything_of_the_same_length() {
        let mut line = playback("> 0ms \"***\"\n< 0ms ***\n= it is ***\n");
        assert_eq!(line.write(b"\"abc\"").unwrap(), 5);
        let mut buffer = [0; 8];
        assert_eq!(line.read(&mut buffer).unwrap(), 3);
        assert_eq!(&buffer[..3], b"000");
        assert_eq!(line.tell("it is 000"), "it is ***");
        let mut longer = playback("> 0ms \"***\"\n");
        assert!(longer.write(b"\"abcd\"").is_err());
    }
}
