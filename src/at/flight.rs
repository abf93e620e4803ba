//! The one command in flight: its stages, and whose line is whose.
//!
//! ```text
//!  Idle ──submit──► Resync ──in step──► Line ──last byte sent──► Acceptance ──OK──► Result ──its URC──► Done
//!                                        │                        ▲      │            │
//!                                        └──► Prompt ──► Payload ─┘      └────────────┴─ no URC awaited, or it
//!                                                                                        came before OK ──► Done
//!  any stage ── refusal, time limit, restart ──► Done (failed)
//!  abandoned in Line, Prompt or Payload ──► the rest is sent, so that the modem is not left in the middle ──► Idle
//!  no prompt in time, with the payload in TX ──► failed, and the prompt is awaited once more ──► Idle
//! ```

use super::bytes::{after, before, find, is, strip};
use super::code::Refusal;
use super::command::{Key, Spec};
use super::dialect::Dialect;
use super::error::{Cause, Stage};
use super::fields::Fields;
use crate::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Progress {
    Idle,
    /// Nothing is sent; only time passes.
    Pause,
    Running(Stage),
    /// It has its outcome.
    Done,
}

/// What a line is to the command in flight.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Ok,
    Refused(Refusal),
    Echo,
    Marker,
    Result,
    Information,
    PoweredDown,
    Booted,
    Event,
}

#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) progress: Progress,
    pub(crate) outcome: Result<(), (Stage, Cause)>,
    pub(crate) spec: &'static Spec,
    pub(crate) key: Key,
    pub(crate) limit: Duration,
    /// [`Instant::NEVER`] until the stage is looked at first.
    pub(crate) deadline: Instant,
    pub(crate) accepted: bool,
    /// `OK` came before the payload was sent; another may follow.
    pub(crate) accepted_early: bool,
    pub(crate) result_seen: bool,
    pub(crate) truncated: bool,
    pub(crate) abandoned: bool,
    /// It was abandoned, but its payload is still there to be sent.
    pub(crate) keeps_payload: bool,
    /// The prompt is awaited for the second time.
    pub(crate) is_late: bool,
    /// How much of the command line has come back as echo.
    pub(crate) echoed: usize,
}

const NOTHING: Spec = Spec::named("");

impl Flight {
    pub(crate) const fn none() -> Self {
        Self::new(&NOTHING, Key::NONE, Duration::from_millis(0))
    }

    pub(crate) const fn new(spec: &'static Spec, key: Key, limit: Duration) -> Self {
        Self {
            progress: Progress::Idle,
            outcome: Ok(()),
            spec,
            key,
            limit,
            deadline: Instant::NEVER,
            accepted: false,
            accepted_early: false,
            result_seen: false,
            truncated: false,
            abandoned: false,
            keeps_payload: false,
            is_late: false,
            echoed: 0,
        }
    }

    pub(crate) fn enter(&mut self, stage: Stage) {
        if let Stage::Resync | Stage::Send = stage {
            self.echoed = 0;
        }
        debug!("AT{}: {:?}", self.spec.name, stage);
        self.progress = Progress::Running(stage);
        self.deadline = Instant::NEVER;
    }

    pub(crate) const fn is_idle(&self) -> bool {
        matches!(self.progress, Progress::Idle)
    }

    pub(crate) const fn stage(&self) -> Option<Stage> {
        match self.progress {
            Progress::Running(stage) => Some(stage),
            _ => None,
        }
    }

    /// Whether the command, having been accepted and its payload sent, still waits for its result.
    pub(crate) const fn awaits_result(&self) -> bool {
        self.spec.result.is_some() && !self.result_seen
    }

    /// Sets the time limit of the present stage at its first call, and tells whether it has passed.
    pub(crate) fn has_expired(&mut self, now: Instant) -> bool {
        if self.deadline == Instant::NEVER {
            let limit = match (self.stage(), &self.spec.result) {
                (Some(Stage::Result), Some(result)) => result.within,
                _ => self.limit,
            };
            self.deadline = now + limit;
        }
        now >= self.deadline
    }

    /// What may still come back as echo: of the marker, or of the command line `sent`.
    pub(crate) fn expected_echo<'a>(&self, sent: &'a [u8], dialect: &Dialect) -> &'a [u8] {
        let [marker, _] = dialect.marker;
        let expected = match self.stage() {
            Some(Stage::Resync) => marker,
            Some(_) => sent,
            None => &[],
        };
        after(expected, self.echoed)
    }

    /// Decides what `line` is. `sent` is the command line in flight, without its end.
    pub(crate) fn judge(&self, line: &[u8], sent: &[u8], dialect: &Dialect) -> Verdict {
        if let [b'O', b'K'] = line {
            return Verdict::Ok;
        }
        if let Some(refusal) = Refusal::parse(line) {
            return Verdict::Refused(refusal);
        }
        if is(line, dialect.powered_down) {
            return Verdict::PoweredDown;
        }
        if let Some(stage) = self.stage() {
            if !line.is_empty() && strip(self.expected_echo(sent, dialect), line).is_some() {
                return Verdict::Echo;
            }
            let [_, marker_name] = dialect.marker;
            match stage {
                Stage::Resync if Fields::after(line, marker_name).is_some() => return Verdict::Marker,
                Stage::Resync | Stage::Send => {}
                _ => {
                    if let Some(verdict) = self.judge_answer(line, sent) {
                        return verdict;
                    }
                }
            }
        }
        if line.first() != Some(&b'+') && find(line, dialect.booted).is_some() {
            return Verdict::Booted;
        }
        Verdict::Event
    }

    /// What `line` is, now that the whole command was sent: its result, its information, or none of its business.
    fn judge_answer(&self, line: &[u8], sent: &[u8]) -> Option<Verdict> {
        match &self.spec.result {
            Some(result) => {
                let mut names = result.names.iter();
                let fields = names.find_map(|name| Fields::after(line, name.as_bytes()))?;
                (!self.result_seen && self.key.fits(fields)).then_some(Verdict::Result)
            }
            None => {
                let is_text = self.spec.free_text && !matches!(line.first(), Some(b'+' | b'^'));
                (is_text || Fields::after(line, name(sent)).is_some()).then_some(Verdict::Information)
            }
        }
    }
}

/// The name in a command line: what stands between `AT` and `=` or `?`.
pub(crate) fn name(sent: &[u8]) -> &[u8] {
    let name = after(sent, 2);
    let end = name.iter().position(|byte| matches!(byte, b'=' | b'?'));
    before(name, end.unwrap_or(name.len()))
}
