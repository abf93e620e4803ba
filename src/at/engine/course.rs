//! The course of a command: its phases, and what the time does to them.
//!
//! ```text
//!  Idle ──submit──► Line ──its CR sent──► Acceptance ──OK──► Result ──its URC──► Done
//!                    │                     ▲      │            │
//!                    └──► Prompt ──► Payload      └────────────┴─ no URC awaited, or it came before OK ──► Done
//!  any phase ── refusal, time limit, restart ──► Done (failed)
//!  abandoned in Line, Prompt or Payload ──► the rest is sent, so that the modem is not left in the middle ──► Idle
//!  no prompt in time, with the payload in TX ──► failed, and the prompt is awaited once more ──► Idle
//! ```
//!
//! `OK` bears no name, so after a time limit, a drop or a restart nobody knows whose answer comes next. Then a marker goes
//! first, a query with an answer of its own, and whatever comes before that answer is stale. It is sent as any line is:
//!
//! ```text
//!  Line ──its CR sent──► Acceptance ──its answer, and OK──► in step: the command's own Line
//!    ▲                       │ limit        │ more than one marker was sent
//!    └───────────────────────┘              ▼
//!    (a few times, then the command fails)  Pause ──quiet──► in step
//! ```

use super::super::bytes::{after, before, copy, is};
use super::super::command::Spec;
use super::super::error::{Cause, Stage};
use super::Engine;
use crate::time::{Due, Duration, Instant};

/// The modem answers a query in about 7 ms (`protocol.md` §3.7); an older firmware took half a second.
const WAIT: Duration = Duration::from_secs(1);
const ATTEMPTS: u8 = 5;
/// With several markers on their way it takes this much silence to know that the last one was answered.
const QUIET: Duration = Duration::from_millis(300);

/// Where the command in flight is. Up to `Line` nothing of it was sent to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq, PartialOrd)]
pub(super) enum Phase {
    Idle,
    /// It has its outcome.
    Done,
    /// Nothing is sent; only time passes.
    Pause,
    Line,
    Payload,
    Prompt,
    Acceptance,
    Result,
}

/// The command in flight.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they do not depend on each other")]
#[repr(C)]
pub(super) struct Flight {
    pub(super) accepted: bool,
    pub(super) truncated: bool,
    /// `OK` came before the payload was sent; another may follow.
    pub(super) accepted_early: bool,
    /// In place of the rest of the line, what spoils it is sent.
    pub(super) spoiled: bool,
    pub(super) abandoned: bool,
    /// It was abandoned, but its payload is still there to be sent.
    pub(super) keeps_payload: bool,
    /// The prompt is awaited for the second time.
    pub(super) is_late: bool,
    /// Whether the payload stands in TX, behind the line.
    pub(super) holds_payload: bool,
    /// Bytes sent of the part that is being sent.
    pub(super) sent: usize,
    /// How much of the command line has come back as echo.
    pub(super) echoed: usize,
    pub(super) result_seen: bool,
    pub(super) spec: &'static Spec,
    /// Bytes of the payload.
    pub(super) payload: usize,
}

impl Flight {
    pub(super) const fn new(spec: &'static Spec) -> Self {
        Self {
            spec,
            payload: 0,
            sent: 0,
            echoed: 0,
            holds_payload: false,
            spoiled: false,
            accepted: false,
            accepted_early: false,
            result_seen: false,
            truncated: false,
            abandoned: false,
            keeps_payload: false,
            is_late: false,
        }
    }
}

impl Engine<'_> {
    /// Makes way for another command, and begins its line.
    pub(super) fn begin(&mut self, spec: &'static Spec) -> bool {
        self.abandon();
        if self.flight.abandoned {
            return false;
        }
        self.flight = Flight::new(spec);
        self.line.begin(spec.name, spec.acceptance);
        true
    }

    /// The line is written: false if it cannot be sent.
    pub(super) fn start(&mut self, payload: &[u8]) -> bool {
        self.discretion.begin(self.line.discretion);
        if !self.line.is_valid() {
            return false;
        }
        self.flight.payload = payload.len();
        let begin = self.line.length;
        let slot = self.line.buffer.get_mut(begin..begin.saturating_add(payload.len()));
        self.flight.holds_payload = slot.is_some();
        copy(slot.unwrap_or_default(), payload);
        self.stream.forget_answer();
        if self.astray {
            self.counters.resyncs = self.counters.resyncs.wrapping_add(1);
            self.attempts = 1;
            self.syncing = true;
            self.try_escape();
        }
        self.enter(Phase::Line);
        true
    }

    /// The outcome is taken: true if there is an answer to be read.
    pub(super) fn conclude(&mut self) -> bool {
        if self.phase == Phase::Done {
            self.leave();
        } else {
            self.ended_in = self.stage();
            self.failure = Some(Cause::Unfinished);
        }
        self.failure.is_none()
    }

    /// What time does to the command in flight.
    pub(super) fn expire(&mut self, now: Instant) {
        while self.phase > Phase::Done {
            if !self.deadline.is_set() {
                self.deadline = Due::after(now, self.limit());
            }
            if !self.deadline.has_come(now) {
                break;
            }
            self.expired();
        }
    }

    /// How long the present phase may last.
    fn limit(&self) -> Duration {
        match self.phase {
            Phase::Pause if self.syncing => QUIET,
            _ if self.syncing => WAIT,
            Phase::Result => self.flight.spec.result,
            _ => self.line.limit,
        }
    }

    fn expired(&mut self) {
        match self.phase {
            Phase::Pause if self.syncing => self.in_step(),
            Phase::Pause => self.end(None),
            _ if self.syncing && self.attempts < ATTEMPTS => {
                self.attempts = self.attempts.wrapping_add(1);
                self.enter(Phase::Line);
            }
            _ if self.flight.abandoned => self.abandoned_too_long(),
            Phase::Result if self.flight.spec.optional => self.end(None),
            // The result is what counts; only its `OK` was lost.
            Phase::Acceptance if self.flight.result_seen => {
                self.need_resync();
                self.end(None);
            }
            _ => {
                self.counters.timeouts = self.counters.timeouts.wrapping_add(1);
                let is_owed = self.owed > 0;
                self.owe();
                self.need_resync();
                self.end_with(if is_owed { Cause::PayloadOwed } else { Cause::Timeout });
            }
        }
    }

    /// Goes on to a phase, unless the command was abandoned and that one is more than has to be done.
    pub(super) fn proceed(&mut self, phase: Phase) {
        self.enter(phase);
        if self.flight.abandoned && !self.finishes_alone() {
            self.lay_down();
        }
    }

    #[inline(never)]
    pub(super) fn enter(&mut self, phase: Phase) {
        if phase == Phase::Line {
            self.flight.echoed = 0;
            self.answered = false;
        }
        self.phase = phase;
        debug!("AT{}: {:?}", self.flight.spec.name, self.stage());
        self.deadline.clear();
    }

    /// The command has been accepted and its payload sent: goes on to its result, if one is still awaited.
    pub(super) fn await_result(&mut self) {
        if self.flight.spec.has_result() && !self.flight.result_seen {
            self.proceed(Phase::Result);
        } else {
            self.end(None);
        }
    }

    #[inline(always)]
    pub(super) fn in_step(&mut self) {
        self.syncing = false;
        self.astray = false;
        self.text_due = false;
        self.on_their_way = 0;
        self.enter(Phase::Line);
    }

    pub(super) fn need_resync(&mut self) {
        self.astray = true;
        if !self.syncing {
            self.text_due |= self.flight.spec.free_text;
            // An answer like the marker's may still be on its way.
            if is(name(self.command_line()), name(self.dialect.marker)) {
                self.on_their_way = self.on_their_way.wrapping_add(1);
            }
        }
    }

    pub(super) fn end_with(&mut self, cause: Cause) {
        if self.flight.abandoned {
            self.become_idle();
        } else if self.phase > Phase::Pause {
            self.end(Some(cause));
        }
    }

    pub(super) fn end(&mut self, failure: Option<Cause>) {
        debug!("AT{}: {:?}", self.flight.spec.name, failure.map_or(Ok(()), |cause| Err((self.stage(), cause))));
        if self.flight.accepted_early {
            self.need_resync();
        }
        self.failure = failure.or(self.flight.truncated.then_some(Cause::AnswerTooLong));
        self.ended_in = self.stage();
        self.syncing = false;
        self.phase = Phase::Done;
        self.deadline.clear();
    }

    /// The line in flight, without its end.
    pub(super) fn command_line(&self) -> &[u8] {
        if self.syncing { self.dialect.marker } else { before(self.line.buffer, self.line.length) }
    }

    #[inline(always)]
    fn stage(&self) -> Stage {
        match self.phase {
            _ if self.syncing => Stage::Resync,
            Phase::Prompt => Stage::Prompt,
            Phase::Payload => Stage::Payload,
            Phase::Acceptance => Stage::Acceptance,
            Phase::Result => Stage::Result,
            Phase::Idle | Phase::Done | Phase::Pause | Phase::Line => Stage::Send,
        }
    }
}

/// The name in a command line: what stands between `AT` and `=` or `?`.
pub(super) fn name(line: &[u8]) -> &[u8] {
    let name = after(line, 2);
    let end = name.iter().position(|byte| matches!(byte, b'=' | b'?'));
    before(name, end.unwrap_or(name.len()))
}
