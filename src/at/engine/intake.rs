//! What [`Engine::poll`] does when something has happened: takes in what has arrived, lets the time act, says what is next.

use super::super::counters::Class;
use super::super::inbox::Kind;
use super::super::stream::Found;
use super::{Engine, Phase, Step};
use crate::time::Instant;

impl Engine<'_> {
    pub(super) fn look(&mut self, now: Instant) -> Step {
        self.roused = true;
        if self.phase == Phase::Idle {
            self.stream.forget_answer();
        }
        while self.phase != Phase::Done && self.take_in() {}
        self.watch_message(now);
        self.expire(now);
        if self.phase == Phase::Done {
            return Step::Finished;
        }
        // Before the LF that may be due: a full inbox leaves no room for what is to be received first.
        if self.phase == Phase::Idle && self.has_event() {
            return Step::Event;
        }
        self.stream.make_room();
        if self.has_output() {
            return Step::Transmit;
        }
        self.roused = false;
        self.wake = self.deadline.sooner(self.message.stall);
        Step::Receive
    }

    /// Takes in one thing; false if there is nothing, or if it has to wait until an event was taken.
    #[inline(always)]
    fn take_in(&mut self) -> bool {
        self.inbox.shut();
        if self.message.is_arriving() {
            return self.go_on();
        }
        match self.stream.scan() {
            Found::Nothing => false,
            Found::Line => self.take_line(),
            Found::Message => self.begin_message(),
            Found::Prompt if self.phase == Phase::Prompt => {
                self.stream.drop(2, Class::Answer);
                self.prompt();
                true
            }
            Found::Banner if !self.is_echoed_banner() => {
                let cut_off = self.stream.frame().len();
                if cut_off > 0 || self.stream.is_overlong() {
                    self.stream.drop(cut_off, Class::Lost);
                    self.lose(cut_off);
                }
                self.stream.consume_banner();
                self.restarted(Kind::Booted);
                true
            }
            Found::Prompt | Found::Banner => {
                let _ = self.stream.pass_over();
                true
            }
        }
    }

    /// Whether [`Engine::event`] has something.
    pub(super) fn has_event(&self) -> bool {
        !self.inbox.is_empty() || self.message.is_announced()
    }

    /// So many bytes, and what of their frame did not fit in RX before, are lost. They were classed already.
    pub(super) fn lose(&mut self, bytes: usize) {
        let overlong = self.stream.take_overlong();
        self.inbox.lose(bytes.wrapping_add(overlong));
    }
}
