//! How the engine moves a command from stage to stage: what each line, each prompt and the time do to it.

use super::super::code::Refusal;
use super::super::command::{Key, Spec};
use super::super::counters::Class;
use super::super::encode::{EncodeError, Line as Written};
use super::super::error::{Cause, Stage, SubmitError};
use super::super::flight::{Flight, Progress, Verdict};
use super::super::inbox::Kind;
use super::super::receiver::{Intake, Line};
use super::super::resync::Phase;
use super::Engine;
use crate::time::{Duration, Instant};
use crate::value::{InvalidField, Rule};

impl Engine<'_> {
    /// Makes way for another command.
    pub(super) fn vacate(&mut self) -> Result<(), SubmitError> {
        self.abandon();
        self.release();
        if self.flight.abandoned { Err(SubmitError::Busy) } else { Ok(()) }
    }

    pub(super) fn start(
        &mut self,
        line: &Written,
        spec: &'static Spec,
        key: Key,
        limit: Duration,
        payload: &[u8],
        now: Instant,
    ) -> Result<(), SubmitError> {
        self.flight = Flight::new(spec, key, limit);
        self.discretion.begin(line.discretion);
        if let Some(field) = line.invalid {
            let invalid = InvalidField::new(field, Rule::NotQuotable);
            return Err(SubmitError::Encode(EncodeError::Invalid(invalid)));
        }
        self.transmitter.complete(line.length, payload).map_err(SubmitError::Encode)?;
        self.receiver.forget_answer();
        if self.resync.is_needed() {
            self.counters.resyncs = self.counters.resyncs.wrapping_add(1);
            self.resync.start(now);
            self.try_escape();
            self.flight.enter(Stage::Resync);
        } else {
            self.flight.enter(Stage::Send);
            let _ = self.flight.has_expired(now);
        }
        Ok(())
    }

    pub(super) fn conclude(&mut self) -> Result<(), (Stage, Cause)> {
        match self.flight.progress {
            Progress::Done => {}
            Progress::Running(stage) => return Err((stage, Cause::Unfinished)),
            Progress::Idle | Progress::Pause => return Err((Stage::Send, Cause::Unfinished)),
        }
        if self.flight.truncated && self.flight.outcome.is_ok() {
            self.flight.outcome = Err((Stage::Acceptance, Cause::AnswerTooLong));
        }
        self.leave();
        self.flight.outcome
    }

    pub(super) fn line(&mut self, line: Line) {
        let text = self.receiver.text(line);
        trace!("< {}", self.discretion.received(text));
        let verdict = self.flight.judge(text, self.transmitter.line(), self.dialect);
        let echoed = text.len();
        self.resync.disturb();
        match verdict {
            Verdict::Ok => self.accepted(line),
            Verdict::Refused(refusal) => self.refused(line, refusal),
            Verdict::Echo => {
                self.flight.echoed = self.flight.echoed.wrapping_add(echoed);
                self.receiver.consume(line, Class::Echo);
            }
            Verdict::Marker => {
                self.resync.answered();
                self.owed = 0;
                self.receiver.consume(line, Class::Answer);
            }
            Verdict::Result => {
                // A result must not be lost for lack of memory, so it takes the place of all that is kept.
                self.receiver.forget_answer();
                self.flight.truncated |= !self.receiver.keep(line);
                self.flight.result_seen = true;
                if self.flight.spec.result.is_some_and(|result| result.begins_era) {
                    self.receiver.era = self.receiver.era.wrapping_add(1);
                }
                if let Some(Stage::Result) = self.flight.stage() {
                    self.end(Ok(()));
                }
            }
            Verdict::Information => self.flight.truncated |= !self.receiver.keep(line),
            Verdict::PoweredDown => {
                self.receiver.consume(line, Class::Event);
                self.restarted(Kind::PoweredDown);
            }
            Verdict::Booted if self.gone != Some(Kind::Booted) && !self.text_due => {
                self.receiver.consume(line, Class::Event);
                self.restarted(Kind::Booted);
            }
            Verdict::Booted | Verdict::Event => {
                self.receiver.park(line, !self.flight.is_idle());
            }
        }
    }

    fn accepted(&mut self, line: Line) {
        let mut class = Class::Answer;
        match self.flight.progress {
            Progress::Running(Stage::Resync) => {
                if self.resync.accepted() {
                    self.gone = None;
                    self.when_in_step();
                } else {
                    self.counters.stale = self.counters.stale.wrapping_add(1);
                    class = Class::Lost;
                }
            }
            Progress::Running(Stage::Send) => {
                self.counters.early = self.counters.early.wrapping_add(1);
                class = Class::Lost;
            }
            Progress::Running(Stage::Prompt | Stage::Payload) if !self.flight.accepted => {
                self.flight.accepted = true;
                self.flight.accepted_early = true;
            }
            Progress::Running(Stage::Acceptance) => {
                self.gone = None;
                self.discretion.accepted();
                self.flight.accepted = true;
                if self.flight.awaits_result() {
                    self.proceed(Stage::Result);
                } else {
                    self.end(Ok(()));
                }
            }
            Progress::Running(Stage::Result) if self.flight.accepted_early => self.flight.accepted_early = false,
            _ => {
                self.counters.stray = self.counters.stray.wrapping_add(1);
                class = Class::Lost;
            }
        }
        self.receiver.consume(line, class);
    }

    fn refused(&mut self, line: Line, refusal: Refusal) {
        // A modem that waits for a payload has nothing to refuse.
        self.owed = 0;
        let (counter, class) = match self.flight.progress {
            Progress::Running(Stage::Resync) => (Some(&mut self.counters.stale), Class::Lost),
            Progress::Running(Stage::Send) => (Some(&mut self.counters.early), Class::Lost),
            Progress::Running(Stage::Result) | Progress::Idle | Progress::Pause | Progress::Done => {
                (Some(&mut self.counters.stray), Class::Lost)
            }
            Progress::Running(_) => (None, Class::Answer),
        };
        if let Some(counter) = counter {
            *counter = counter.wrapping_add(1);
        } else {
            if let Some(stage @ (Stage::Prompt | Stage::Payload)) = self.flight.stage()
                && (self.flight.accepted || stage == Stage::Payload)
            {
                self.need_resync();
            }
            self.end_with(Cause::Refused(refusal));
        }
        self.receiver.consume(line, class);
    }

    pub(super) fn prompt(&mut self) {
        if self.flight.abandoned && !self.finishes_alone(Stage::Payload) {
            self.lay_down(Stage::Prompt);
        } else if self.transmitter.has_payload() {
            self.proceed(Stage::Payload);
        } else {
            self.payload_sent();
        }
    }

    pub(super) fn payload_sent(&mut self) {
        trace!("> {} bytes of payload", self.transmitter.payload_length());
        self.owed = 0;
        if self.flight.abandoned {
            self.become_idle();
            self.need_resync();
        } else if !self.flight.accepted {
            self.proceed(Stage::Acceptance);
        } else if self.flight.awaits_result() {
            self.proceed(Stage::Result);
        } else {
            self.end(Ok(()));
        }
    }

    pub(super) fn restarted(&mut self, kind: Kind) {
        self.receiver.rouse();
        let counter = if kind == Kind::Booted { &mut self.counters.boots } else { &mut self.counters.power_downs };
        *counter = counter.wrapping_add(1);
        warning!("the modem has gone away: {:?}", kind);
        // A power-down and the boot after it are two facts. What repeats them tells nothing new.
        if self.gone.is_none() || (self.gone, kind) == (Some(Kind::PoweredDown), Kind::Booted) {
            self.gone = Some(kind);
            self.receiver.inbox.note(kind, self.receiver.era);
        }
        self.resync.need(false);
        self.owed = 0;
        self.escape_due = false;
        match self.flight.progress {
            Progress::Running(_) if self.flight.abandoned => self.become_idle(),
            Progress::Running(_) => self.end_with(Cause::Restarted),
            _ => {}
        }
    }

    /// What time does.
    pub(super) fn expire(&mut self, now: Instant) {
        if let Some(Intake::Restarted(kind)) = self.receiver.expire(now) {
            self.restarted(kind);
        }
        let progress = self.flight.progress;
        match progress {
            Progress::Running(Stage::Resync) => {
                if !self.resync.expire(now) {
                    self.counters.timeouts = self.counters.timeouts.wrapping_add(1);
                    self.end_with(if self.owed > 0 { Cause::PayloadOwed } else { Cause::Timeout });
                }
                if self.resync.is_starting() {
                    self.flight.echoed = 0;
                }
                self.when_in_step();
            }
            Progress::Pause if now >= self.flight.deadline => self.end(Ok(())),
            Progress::Running(stage) if self.flight.has_expired(now) => {
                self.expired(stage);
                if let Progress::Running(_) = self.flight.progress {
                    // What comes instead begins to wait now.
                    let _ = self.flight.has_expired(now);
                }
            }
            _ => {}
        }
    }

    fn expired(&mut self, stage: Stage) {
        if self.flight.abandoned {
            self.abandoned_too_long(stage);
            return;
        }
        let optional = self.flight.spec.result.is_some_and(|result| result.optional);
        match stage {
            Stage::Result if optional => self.end(Ok(())),
            // The result is what counts; only its `OK` was lost.
            Stage::Acceptance if self.flight.result_seen => {
                self.need_resync();
                self.end(Ok(()));
            }
            _ => {
                self.counters.timeouts = self.counters.timeouts.wrapping_add(1);
                self.owe(stage);
                self.need_resync();
                self.end_with(Cause::Timeout);
            }
        }
    }

    fn when_in_step(&mut self) {
        if let (Some(Stage::Resync), Phase::InStep) = (self.flight.stage(), self.resync.phase) {
            self.resync.conclude();
            self.text_due = false;
            self.flight.enter(Stage::Send);
        }
    }

    pub(super) fn proceed(&mut self, stage: Stage) {
        if self.flight.abandoned && !self.finishes_alone(stage) {
            self.lay_down(stage);
        } else {
            self.flight.enter(stage);
        }
    }

    fn end_with(&mut self, cause: Cause) {
        match self.flight.stage() {
            _ if self.flight.abandoned => self.become_idle(),
            Some(stage) => self.end(Err((stage, cause))),
            None => {}
        }
    }

    fn end(&mut self, outcome: Result<(), (Stage, Cause)>) {
        if self.flight.accepted_early {
            self.need_resync();
        }
        debug!("AT{}: {:?}", self.flight.spec.name, outcome);
        self.flight.progress = Progress::Done;
        self.flight.outcome = outcome;
        self.flight.deadline = Instant::NEVER;
    }

    pub(super) fn has_output(&self) -> bool {
        match self.flight.stage() {
            _ if self.line_feed_due => true,
            Some(Stage::Resync) => !self.unsent_marker().is_empty(),
            Some(Stage::Send | Stage::Payload) => true,
            _ => false,
        }
    }

    pub(super) fn resync_deadline(&self) -> Instant {
        if let Some(Stage::Resync) = self.flight.stage() { self.resync.deadline() } else { Instant::NEVER }
    }

    pub(super) const fn marker(&self) -> &'static [u8] {
        let [marker, _] = self.dialect.marker;
        marker
    }

    /// Frees the memory of the event that was handed out.
    pub(super) fn release(&mut self) {
        if core::mem::take(&mut self.taken) {
            self.receiver.inbox.release();
        }
    }
}
