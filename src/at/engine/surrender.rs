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

use super::super::error::{Cause, Stage};
use super::super::inbox::Kind;
use super::{Engine, Phase};

impl Engine<'_> {
    /// Gives up on the command in flight. The next one gets in step first, if it must.
    ///
    /// What the modem would otherwise wait for is sent first; until then the engine [is busy](Engine::is_busy). Without
    /// its owner, a payload that does not stand in TX cannot be completed. Nothing else is sent in its place, so that the
    /// modem may wait for it until it is restarted, and commands fail with [`Cause::PayloadOwed`].
    pub fn abandon(&mut self) {
        self.roused = true;
        match self.phase {
            Phase::Done => self.leave(),
            Phase::Line if self.flight.sent > 0 || self.flight.spoiled => {
                self.flight.abandoned = true;
                let has_line = !self.syncing && !self.flight.spoiled;
                if has_line && self.flight.spec.prompt && !self.has_payload_at_hand() {
                    self.flight.spoiled = true;
                    self.flight.sent = 0;
                }
            }
            phase if phase <= Phase::Line => self.become_idle(),
            _ => {
                self.flight.abandoned = true;
                if !self.finishes_alone() {
                    self.lay_down();
                }
            }
        }
    }

    /// Takes note that the modem was restarted by its pins or its supply, in case its banner is not heard.
    pub fn modem_restarted(&mut self) {
        if self.message.is_arriving() {
            // Else there would be no room for the notice behind the message.
            self.use_header();
            self.give_up();
        }
        self.restarted(Kind::Booted);
    }

    /// The outcome has been taken. A prompt that did not come in time may still come, and the payload is there.
    pub(super) fn leave(&mut self) {
        let missed = self.ended_in == Stage::Prompt && self.failure == Some(Cause::Timeout);
        if missed && self.has_payload_at_hand() && !self.flight.is_late {
            self.enter(Phase::Prompt);
            self.flight.abandoned = true;
            self.flight.is_late = true;
        } else {
            self.become_idle();
        }
    }

    /// An abandoned command has run into a time limit.
    pub(super) fn abandoned_too_long(&mut self) {
        if self.phase == Phase::Prompt && self.has_payload_at_hand() {
            if !self.flight.is_late {
                self.flight.is_late = true;
                self.deadline.clear();
                return;
            }
            // A modem that waits for it gets it. To one that does not, it is the beginning of a line that is none.
            if self.payload_is_no_command() {
                self.enter(Phase::Payload);
                return;
            }
        }
        self.lay_down();
    }

    /// Ends a command of which the present phase is left undone.
    pub(super) fn lay_down(&mut self) {
        self.owe();
        self.become_idle();
        self.need_resync();
    }

    /// Counts what the modem may wait for.
    pub(super) fn owe(&mut self) {
        if matches!(self.phase, Phase::Prompt | Phase::Payload) && !self.flight.spoiled {
            self.owed = self.flight.payload.saturating_sub(self.flight.sent);
        }
    }

    /// Whether an abandoned command has more to send in this phase, and can do so without its owner.
    pub(super) fn finishes_alone(&self) -> bool {
        match self.phase {
            Phase::Line => true,
            Phase::Prompt => !self.flight.spoiled,
            Phase::Payload => self.has_payload_at_hand(),
            _ => false,
        }
    }

    const fn has_payload_at_hand(&self) -> bool {
        self.flight.holds_payload || self.flight.keeps_payload
    }

    /// Whether the payload, if it stands in TX, can be sent to a modem that waits for a command: as a part of a line it
    /// neither ends one nor holds what every command begins with.
    fn payload_is_no_command(&self) -> bool {
        let is_harmless = |byte: &u8| !matches!(byte, b'\r' | b'\n' | b'A' | b'a');
        self.flight.holds_payload && self.held_payload().iter().all(is_harmless)
    }

    pub(super) fn become_idle(&mut self) {
        self.phase = Phase::Idle;
        self.syncing = false;
        self.flight.abandoned = false;
        self.flight.keeps_payload = false;
        self.deadline.clear();
    }

    /// Tries by an ESC, once for each command, if a modem that takes it for payload is left waiting for more.
    pub(super) fn try_escape(&mut self) {
        self.escape_due = self.owed > self.dialect.marker.len().wrapping_add(3);
    }
}
