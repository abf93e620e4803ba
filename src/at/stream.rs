//! What has arrived and is not an answer, an event or a loss yet: the RX buffer, and what became of every byte of it.
//!
//! ```text
//! RX:  │ lines of the present answer │ (free) │ the present frame, looked at … or not yet │ free: here the next read goes │
//!      0                        answer_end   head                  head + scanned        tail                           end
//! ```

mod frame;

pub(crate) use frame::Found;
use frame::State;

use super::bytes::{after_mut, between, move_down};
use super::counters::Class;
use super::dialect::Dialect;
use super::engine::Push;

/// Whether messages come with the length of their payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum MessageForm {
    /// Nothing is known: with a length if digits stand where it would.
    Either,
    /// All do. What looks like one and has no length was damaged on its way.
    Counted,
    /// None does: the payload is the rest of the line, also where it begins with digits.
    Bare,
}

/// RX and the framer's place in it.
#[repr(C)]
pub(crate) struct Stream<'b> {
    /// The length of the payload.
    pub(crate) payload: usize,
    pub(crate) form: MessageForm,
    state: State,
    /// All that arrived was looked at, and a byte above this one, unless it begins a banner, means nothing to the frame.
    edge: u8,
    /// Bytes of the present line that were dropped since they did not fit.
    overlong: usize,
    answer_end: usize,
    rx: &'b mut [u8],
    head: usize,
    tail: usize,
    /// Bytes of the present frame that were looked at.
    scanned: usize,
    last_class: Class,
    length_begin: usize,
    /// In a message: where its header begins, and where the length of its payload does.
    header_begin: usize,
    classes: [u32; 4],
    dialect: &'static Dialect,
    /// Bytes of the banner's tail that were read.
    banner_tail: u8,
}

impl<'b> Stream<'b> {
    pub(crate) const fn new(dialect: &'static Dialect, rx: &'b mut [u8]) -> Self {
        Self {
            dialect,
            rx,
            answer_end: 0,
            head: 0,
            tail: 0,
            scanned: 0,
            header_begin: 0,
            length_begin: 0,
            payload: 0,
            overlong: 0,
            classes: [0; 4],
            state: State::Start,
            form: MessageForm::Either,
            banner_tail: 0,
            edge: u8::MAX,
            last_class: Class::Event,
        }
    }

    /// Takes the next byte.
    #[inline(always)]
    pub(crate) fn push(&mut self, byte: u8) -> Push {
        let Some(slot) = self.rx.get_mut(self.tail) else { return Push::Full };
        *slot = byte;
        self.tail = self.tail.wrapping_add(1);
        if byte <= self.edge || byte == b'^' || self.tail == self.rx.len() {
            self.edge = u8::MAX;
            return Push::Due;
        }
        self.scanned = self.scanned.wrapping_add(1);
        Push::Taken
    }

    /// Memory for the next bytes.
    pub(crate) fn slot(&mut self) -> &mut [u8] {
        after_mut(self.rx, self.tail)
    }

    /// So many bytes were written into the slot.
    #[inline(never)]
    pub(crate) fn filled(&mut self, count: usize) {
        self.edge = u8::MAX;
        self.tail = self.tail.wrapping_add(count).min(self.rx.len());
    }

    /// What has arrived and was not used up.
    pub(crate) fn unread(&self) -> &[u8] {
        between(self.rx, self.head, self.tail)
    }

    /// What of it was not looked at.
    #[inline(always)]
    fn ahead(&self) -> &[u8] {
        between(self.rx, self.head.wrapping_add(self.scanned), self.tail)
    }

    /// The present frame, as far as it was looked at: a line, once [`Found::Line`] was found.
    pub(crate) fn frame(&self) -> &[u8] {
        between(self.rx, self.head, self.head.wrapping_add(self.scanned))
    }

    /// The header of the message that was found.
    #[inline(always)]
    pub(crate) fn header(&self) -> &[u8] {
        between(self.frame(), self.header_begin, self.length_begin.wrapping_sub(1))
    }

    /// Whether a part of the present frame was dropped, since it did not fit in RX.
    pub(crate) const fn is_overlong(&self) -> bool {
        self.overlong > 0
    }

    /// Whether the line that was found lacks a part, or is what is left of a message whose header lost bytes on its way:
    /// while messages come with a length, none is without (`protocol.md` §8, point 6).
    pub(crate) fn is_damaged(&self) -> bool {
        let is_of_message = matches!(self.state, State::Length | State::Tail | State::Topic);
        self.is_overlong() || is_of_message && self.form == MessageForm::Counted
    }

    /// The message that was found goes on behind its header, whose length this gives; 0 if that was done before.
    pub(crate) fn use_header(&mut self) -> usize {
        let length = if self.scanned > 0 { self.scanned.wrapping_add(1) } else { 0 };
        self.scanned = 0;
        self.state = State::Start;
        self.pass(length);
        length
    }

    /// The first `count` bytes are used up, and counted by somebody else.
    #[inline(never)]
    pub(crate) fn pass(&mut self, count: usize) {
        self.head = self.head.wrapping_add(count).min(self.tail);
    }

    /// The byte that ends what was found, and all before it, are used up.
    pub(crate) fn consume(&mut self, class: Class) -> usize {
        let length = self.scanned.wrapping_add(1);
        self.drop(length, class);
        length
    }

    /// The first `count` bytes are used up.
    pub(crate) fn drop(&mut self, count: usize, class: Class) {
        self.pass(count);
        self.scanned = 0;
        self.state = State::Start;
        self.count(count, class);
    }

    /// So many bytes are in this class, wherever they have been.
    pub(crate) fn count(&mut self, count: usize, class: Class) {
        self.last_class = class;
        if let Some(counter) = self.classes.get_mut(class as usize) {
            *counter = counter.wrapping_add(count as u32);
        }
    }

    /// Keeps the end of the line that was found, from `begin` on, as a line of the answer. False if the answer would take
    /// more than half of RX.
    pub(crate) fn keep(&mut self, begin: usize) -> bool {
        let length = self.scanned.wrapping_sub(begin);
        let end = self.answer_end.wrapping_add(length);
        if end >= self.rx.len() / 2 {
            self.consume(Class::Lost);
            return false;
        }
        move_down(self.rx, self.head.wrapping_add(begin), self.answer_end, length);
        if let Some(separator) = self.rx.get_mut(end) {
            *separator = b'\n';
        }
        self.answer_end = end.wrapping_add(1);
        self.consume(Class::Answer);
        true
    }

    #[inline(always)]
    pub(crate) fn answer(&self) -> &[u8] {
        between(self.rx, 0, self.answer_end)
    }

    /// Frees the memory of the last answer.
    pub(crate) const fn forget_answer(&mut self) {
        self.answer_end = 0;
    }

    /// Sees to it that there is memory for the next bytes; a frame that takes all of it is dropped in part.
    pub(crate) fn make_room(&mut self) {
        if self.head != self.tail && self.tail != self.rx.len() {
            return;
        }
        let mut unread = self.tail.wrapping_sub(self.head);
        if unread > 0 && self.answer_end.wrapping_add(unread) == self.rx.len() {
            self.drop_part();
            unread = self.tail.wrapping_sub(self.head);
        }
        move_down(self.rx, self.head, self.answer_end, unread);
        self.head = self.answer_end;
        self.tail = self.head.wrapping_add(unread);
    }

    pub(crate) const fn classes(&self) -> [u32; 4] {
        self.classes
    }

    /// Bytes that have arrived and are in no class yet.
    pub(crate) const fn unclassified(&self) -> usize {
        self.tail.wrapping_sub(self.head)
    }
}
