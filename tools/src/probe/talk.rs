//! Raw talk with the modem: lines out, every byte back with the time when it came.
//!
//! What is to be found out is often what the driver's engine hides from its user, as where an empty line stands.

use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::thread;
use std::time::Instant;

use embedded_io::{Read as _, ReadReady as _, Write as _};

use crate::line::LineError;
use crate::tap::Tap;

/// How long any command may take to be answered (`protocol.md` §3.7).
const ANSWER: Duration = Duration::from_secs(5);
const NAP: Duration = Duration::from_millis(1);

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Breaks off what is under way; the modem is still tidied up.
pub(crate) fn interrupt() {
    INTERRUPTED.store(true, Ordering::SeqCst);
}

/// Whether it is to be broken off.
pub(crate) fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

/// Why nothing more can be found out.
#[derive(Debug)]
pub(crate) enum Broken {
    /// Ctrl-C.
    Interrupted,
    /// The line broke.
    Line(LineError),
}

impl From<LineError> for Broken {
    fn from(error: LineError) -> Self {
        Self::Line(error)
    }
}

/// How a command was answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    Ok,
    /// `ERROR`.
    Error,
    /// `+CME ERROR`, whatever follows.
    Code,
    Silent,
}

/// The talk, and what was heard since the last command.
#[derive(Debug)]
pub(crate) struct Talk {
    tap: Tap,
    heard: Vec<u8>,
    arrived: Vec<Instant>,
    tidies: bool,
}

impl Talk {
    pub(crate) const fn new(tap: Tap) -> Self {
        Self { tap, heard: Vec::new(), arrived: Vec::new(), tidies: false }
    }

    /// From now on nothing breaks it off.
    pub(crate) const fn tidy(&mut self) {
        self.tidies = true;
    }

    /// Forgets what was heard.
    pub(crate) fn forget(&mut self) -> Result<(), Broken> {
        self.listen(Duration::ZERO, |_| false)?;
        self.heard.clear();
        self.arrived.clear();
        Ok(())
    }

    pub(crate) fn send(&mut self, mut bytes: &[u8]) -> Result<(), Broken> {
        while !bytes.is_empty() {
            let count = self.tap.write(bytes)?;
            bytes = &bytes[count..];
        }
        Ok(self.tap.flush()?)
    }

    /// Listens until what was heard is enough; false if it is not within the limit.
    pub(crate) fn listen(&mut self, limit: Duration, enough: impl Fn(&Heard<'_>) -> bool) -> Result<bool, Broken> {
        let since = Instant::now();
        loop {
            if is_interrupted() && !self.tidies {
                return Err(Broken::Interrupted);
            }
            while self.tap.read_ready()? {
                let mut buffer = [0; 512];
                let count = self.tap.read(&mut buffer)?;
                self.heard.extend_from_slice(&buffer[..count]);
                self.arrived.resize(self.heard.len(), Instant::now());
            }
            if enough(&self.heard()) {
                return Ok(true);
            }
            if since.elapsed() >= limit {
                return Ok(false);
            }
            thread::sleep(NAP);
        }
    }

    /// Listens for that long, whatever comes.
    pub(crate) fn wait(&mut self, time: Duration) -> Result<(), Broken> {
        self.listen(time, |_| false).map(|_| ())
    }

    /// Listens until nothing has come for a while.
    pub(crate) fn wait_for_quiet(&mut self, quiet: Duration) -> Result<(), Broken> {
        loop {
            let before = self.heard.len();
            if !self.listen(quiet, |heard| heard.bytes.len() > before)? {
                return Ok(());
            }
        }
    }

    /// Sends a command and waits for its final answer; what was heard before is forgotten.
    pub(crate) fn command(&mut self, line: &str) -> Result<Answer, Broken> {
        self.command_within(line, ANSWER)
    }

    pub(crate) fn command_within(&mut self, line: &str, limit: Duration) -> Result<Answer, Broken> {
        self.forget()?;
        self.send(format!("{line}\r\n").as_bytes())?;
        self.listen(limit, |heard| heard.answer() != Answer::Silent)?;
        Ok(self.heard().answer())
    }

    /// Whether it is accepted.
    pub(crate) fn accepts(&mut self, line: &str) -> Result<bool, Broken> {
        Ok(self.command(line)? == Answer::Ok)
    }

    /// What follows `+NAME:` in the first such line, once it is there; its answer may stand before or behind it.
    pub(crate) fn told(&mut self, name: &str, limit: Duration) -> Result<Option<String>, Broken> {
        self.listen(limit, |heard| heard.told(name).is_some())?;
        Ok(self.heard().told(name))
    }

    pub(crate) fn heard(&self) -> Heard<'_> {
        Heard { bytes: &self.heard, arrived: &self.arrived }
    }
}

/// What was heard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard<'a> {
    pub(crate) bytes: &'a [u8],
    arrived: &'a [Instant],
}

impl Heard<'_> {
    /// The lines that have ended, without those that are empty, each byte as a character.
    pub(crate) fn lines(&self) -> Vec<String> {
        let end = self.bytes.iter().rposition(|&byte| byte == b'\n').unwrap_or_default();
        let lines = self.bytes[..end].split(|byte| b"\r\n".contains(byte)).filter(|line| !line.is_empty());
        lines.map(|line| line.iter().map(|&byte| char::from(byte)).collect()).collect()
    }

    /// The first final answer.
    pub(crate) fn answer(&self) -> Answer {
        let answers = self.lines().into_iter().map(|line| match line.as_str() {
            "OK" => Answer::Ok,
            "ERROR" => Answer::Error,
            line if line.starts_with("+CME ERROR") => Answer::Code,
            _ => Answer::Silent,
        });
        answers.into_iter().find(|answer| *answer != Answer::Silent).unwrap_or(Answer::Silent)
    }

    /// What follows `+NAME:`.
    pub(crate) fn told(&self, name: &str) -> Option<String> {
        let prefix = format!("+{name}:");
        self.lines().iter().find_map(|line| line.strip_prefix(&prefix).map(|rest| rest.trim().to_owned()))
    }

    pub(crate) fn holds(&self, part: &[u8]) -> bool {
        self.place(part).is_some()
    }

    /// Where a part begins.
    pub(crate) fn place(&self, part: &[u8]) -> Option<usize> {
        self.bytes.windows(part.len()).position(|window| window == part)
    }

    /// How long after `since` a byte came.
    pub(crate) fn after(&self, since: Instant, place: usize) -> Duration {
        self.arrived.get(place).map_or(Duration::ZERO, |at| at.saturating_duration_since(since))
    }
}
