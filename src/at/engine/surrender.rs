//! How a command is given up: what was begun is ended so that nothing else can be taken for a part of it.
//!
//! The hard case is a payload after a prompt, since a modem that waits for one takes whatever comes for it.
//!
//! ```text
//!                     payload stands in TX                         payload is with its owner
//!  line sent in part  sent to its end, then as below               spoiled, so that the modem refuses it
//!  no prompt yet      waits for it, a second time if it is late;   waits for it: owed
//!                     then sent without, if that can do no harm
//!  payload in part    sent to its end                              the rest is owed
//! ```
//!
//! While bytes are owed, the engine sends fewer than those, so that the payload never becomes complete: an ESC, which
//! may cancel it, and markers. The answer to one, a refusal or a restart proves that nothing is owed. When no more can
//! be sent, it is silent, and commands fail with [`Cause::PayloadOwed`].

use super::super::bytes::is;
use super::super::error::{Cause, Stage};
use super::super::flight::{Progress, name};
use super::Engine;
use crate::time::Instant;

impl Engine<'_> {
    /// Gives up on the command in flight. The next one gets in step first, if it must.
    ///
    /// What the modem would otherwise wait for is sent first; until then the engine [is busy](Engine::is_busy). Without
    /// its owner, a payload that does not stand in TX cannot be completed. Nothing else is sent in its place, so that the
    /// modem may wait for it until it is restarted, and commands fail with [`Cause::PayloadOwed`].
    pub fn abandon(&mut self) {
        self.receiver.rouse();
        match self.flight.progress {
            Progress::Idle => {}
            Progress::Done => self.leave(),
            Progress::Pause | Progress::Running(Stage::Resync) => self.become_idle(),
            Progress::Running(Stage::Send) if self.transmitter.is_unsent() => self.become_idle(),
            Progress::Running(stage) => {
                self.flight.abandoned = true;
                if stage == Stage::Send && self.flight.spec.prompt && !self.finishes_alone(Stage::Payload) {
                    self.transmitter.spoil_line();
                }
                if !self.finishes_alone(stage) {
                    self.lay_down(stage);
                }
            }
        }
    }

    /// Takes note that the modem was restarted by its pins or its supply, in case its banner is not heard.
    pub fn modem_restarted(&mut self) {
        self.restarted(super::super::inbox::Kind::Booted);
    }

    /// The outcome has been taken. A prompt that did not come in time may still come, and the payload is there.
    pub(super) fn leave(&mut self) {
        let missed = matches!(self.flight.outcome, Err((Stage::Prompt, Cause::Timeout)));
        if missed && self.finishes_alone(Stage::Payload) && !self.flight.is_late {
            self.flight.enter(Stage::Prompt);
            self.flight.abandoned = true;
            self.flight.is_late = true;
        } else {
            self.become_idle();
        }
    }

    /// An abandoned command has run into a time limit.
    pub(super) fn abandoned_too_long(&mut self, stage: Stage) {
        if stage == Stage::Prompt && self.finishes_alone(Stage::Payload) {
            if !self.flight.is_late {
                self.flight.is_late = true;
                self.flight.deadline = Instant::NEVER;
                return;
            }
            // A modem that waits for it gets it. To one that does not, it is the beginning of a line that is none.
            if self.transmitter.payload_is_no_command() {
                self.flight.enter(Stage::Payload);
                return;
            }
        }
        self.lay_down(stage);
    }

    /// Ends a command of which this stage is left undone.
    pub(super) fn lay_down(&mut self, stage: Stage) {
        self.owe(stage);
        self.become_idle();
        self.need_resync();
    }

    /// Counts what the modem may wait for.
    pub(super) fn owe(&mut self, stage: Stage) {
        if matches!(stage, Stage::Prompt | Stage::Payload) && !self.transmitter.is_spoiled() {
            self.owed = self.transmitter.payload_left();
        }
    }

    /// Whether an abandoned command in this stage has more to send, and can do so without its owner.
    pub(super) fn finishes_alone(&self, stage: Stage) -> bool {
        match stage {
            Stage::Send => true,
            Stage::Prompt => !self.transmitter.is_spoiled(),
            Stage::Payload => self.transmitter.holds_payload() || self.flight.keeps_payload,
            _ => false,
        }
    }

    pub(super) fn become_idle(&mut self) {
        self.flight.progress = Progress::Idle;
        self.flight.abandoned = false;
        self.flight.keeps_payload = false;
        self.flight.deadline = Instant::NEVER;
    }

    pub(super) fn need_resync(&mut self) {
        let [_, marker_name] = self.dialect.marker;
        self.text_due |= self.flight.spec.free_text;
        self.resync.need(is(name(self.transmitter.line()), marker_name));
    }

    /// What is to be sent to get in step: nothing that would complete a payload that is owed.
    pub(super) fn unsent_marker(&self) -> &[u8] {
        if self.escape_due {
            return b"\x1b";
        }
        let unsent = self.resync.unsent(self.marker());
        let rest = self.marker().len().saturating_sub(self.resync.sent());
        if self.owed > 0 && rest >= self.owed { &[] } else { unsent }
    }

    /// Tries by an ESC, once for each command, if a modem that takes it for payload is left waiting for more.
    pub(super) fn try_escape(&mut self) {
        self.escape_due = self.owed > self.marker().len().saturating_add(1);
    }

    /// Something was sent in place of a payload.
    pub(super) const fn pay(&mut self, count: usize) {
        self.owed = self.owed.saturating_sub(count);
    }
}
