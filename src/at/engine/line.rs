//! Whose a line is, and what it does: an answer moves the command in flight, anything else is an event.

use super::super::bytes::{after, find, is, strip};
use super::super::code::Refusal;
use super::super::counters::Class;
use super::super::error::Cause;
use super::super::fields::Fields;
use super::super::inbox::Kind;
use super::course::name;
use super::{Engine, Phase};

impl Engine<'_> {
    /// Takes the line that was found; false if it has to wait until an event was taken.
    #[inline(never)]
    pub(super) fn take_line(&mut self) -> bool {
        if self.stream.is_damaged() {
            let length = self.stream.consume(Class::Lost);
            self.lose(length);
            return true;
        }
        if self.syncing && self.phase == Phase::Pause {
            // It is not quiet.
            self.deadline.clear();
        }
        let line = self.stream.frame();
        if let [b'O', b'K'] = line {
            self.accepted();
        } else if let Some(refusal) = Refusal::parse(line) {
            self.refused(refusal);
        } else if is(line, self.dialect.powered_down) {
            self.consume(Class::Event);
            self.restarted(Kind::PoweredDown);
        } else if strip(self.expected_echo(), line).is_some() {
            self.flight.echoed = self.flight.echoed.wrapping_add(line.len());
            self.consume(Class::Echo);
        } else if let Some(begin) = self.place_of_answer(line) {
            self.answered(begin);
        } else if self.gone != Some(Kind::Booted) && !self.text_due && self.names_maker(line) {
            self.consume(Class::Event);
            self.restarted(Kind::Booted);
        } else {
            return self.park();
        }
        true
    }

    /// Whether the line is one that the modem prints when it has booted.
    fn names_maker(&self, line: &[u8]) -> bool {
        line.first() != Some(&b'+') && find(line, self.dialect.booted).is_some()
    }

    /// Where in `line` the answer to what is in flight begins, now that all of it was sent; none if it holds none.
    #[inline(always)]
    fn place_of_answer(&self, line: &[u8]) -> Option<usize> {
        let spec = self.flight.spec;
        if self.phase <= Phase::Line && !self.syncing {
            return None;
        }
        let fields = Fields::after(line, name(self.command_line()));
        if self.syncing {
            return fields.map(|_| 0);
        }
        if spec.free_text && !matches!(line.first(), Some(b'+' | b'^')) {
            return Some(0);
        }
        if !spec.has_result() {
            return fields.map(|_| 0);
        }
        let fields = fields.or_else(|| Fields::after(line, spec.alias.as_bytes()))?;
        let mut behind = self.line.behind_key(fields).filter(|_| !self.flight.result_seen)?;
        Some(line.len().wrapping_sub(behind.rest().len()))
    }

    /// What may still come back as echo.
    pub(super) fn expected_echo(&self) -> &[u8] {
        if self.phase <= Phase::Pause { &[] } else { after(self.command_line(), self.flight.echoed) }
    }

    /// Whether the banner that was found is only the echo of one that was sent, in a payload for example.
    pub(super) fn is_echoed_banner(&self) -> bool {
        let end = self.stream.frame().len().wrapping_add(self.dialect.banner.len());
        self.stream.unread().get(..end).is_some_and(|frame| strip(self.expected_echo(), frame).is_some())
    }

    fn accepted(&mut self) {
        match self.phase {
            Phase::Acceptance if self.syncing && self.answered => {
                self.gone = None;
                if self.on_their_way > 1 {
                    self.enter(Phase::Pause);
                } else {
                    self.in_step();
                }
            }
            _ if self.syncing => return self.set_aside(),
            Phase::Prompt | Phase::Payload if !self.flight.accepted => {
                self.flight.accepted = true;
                self.flight.accepted_early = true;
            }
            Phase::Acceptance => {
                self.gone = None;
                self.discretion.accepted();
                self.flight.accepted = true;
                self.await_result();
            }
            Phase::Result if self.flight.accepted_early => self.flight.accepted_early = false,
            _ => return self.set_aside(),
        }
        self.consume(Class::Answer);
    }

    fn refused(&mut self, refusal: Refusal) {
        // A modem that waits for a payload has nothing to refuse.
        self.owed = 0;
        match self.phase {
            _ if self.syncing => return self.set_aside(),
            Phase::Prompt if !self.flight.accepted => {}
            Phase::Prompt | Phase::Payload => self.need_resync(),
            Phase::Acceptance => {}
            _ => return self.set_aside(),
        }
        self.end_with(Cause::Refused(refusal));
        self.consume(Class::Answer);
    }

    /// An `OK` or a refusal that belongs to nothing that was asked.
    fn set_aside(&mut self) {
        let counters = &mut self.counters;
        let counter = match self.phase {
            _ if self.syncing => &mut counters.stale,
            Phase::Line => &mut counters.early,
            _ => &mut counters.stray,
        };
        *counter = counter.wrapping_add(1);
        self.consume(Class::Lost);
    }

    fn answered(&mut self, begin: usize) {
        if self.syncing {
            self.answered |= self.phase == Phase::Acceptance;
            self.owed = 0;
            return self.consume(Class::Answer);
        }
        trace!("< {}", self.discretion.received(self.stream.frame()));
        self.flight.truncated |= !self.stream.keep(begin);
        if self.flight.spec.has_result() {
            self.flight.result_seen = true;
            self.inbox.era = self.inbox.era.wrapping_add(u8::from(self.flight.spec.begins_era));
            if self.phase == Phase::Result {
                self.end(None);
            }
        }
    }

    fn park(&mut self) -> bool {
        let line = self.stream.frame();
        if self.inbox.park(line) {
            self.consume(Class::Event);
        } else if self.phase == Phase::Idle && !self.inbox.is_empty() {
            return false;
        } else {
            let length = self.stream.consume(Class::Lost);
            self.lose(length);
        }
        true
    }

    fn consume(&mut self, class: Class) {
        trace!("< {}", self.discretion.received(self.stream.frame()));
        self.stream.consume(class);
    }

    /// The modem has gone away.
    pub(super) fn restarted(&mut self, kind: Kind) {
        self.roused = true;
        let counter = if kind == Kind::Booted { &mut self.counters.boots } else { &mut self.counters.power_downs };
        *counter = counter.wrapping_add(1);
        warning!("the modem has gone away: {:?}", kind);
        // A power-down and the boot after it are two facts. What repeats them tells nothing new.
        if self.gone < Some(kind) {
            self.gone = Some(kind);
            self.inbox.note(kind);
        }
        self.astray = true;
        self.owed = 0;
        self.escape_due = false;
        self.end_with(Cause::Restarted);
    }
}
