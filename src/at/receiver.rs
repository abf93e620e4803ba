//! The receiving side: the RX buffer, the framer over it, and the way of payloads into the inbox.
//!
//! ```text
//! RX:  │ lines of the present answer │ (free) │ received, not framed yet │ free: the next read goes here │
//!      0                        answer_end   head                      tail                           end
//! ```
//!
//! A payload with a known length does not pass through RX: once its header is framed, reads go straight into the inbox.

mod payload;

use self::payload::{Body, Phase};
use super::bytes::{after, after_mut, before, between, move_down};
use super::counters::{Bytes, Class};
use super::dialect::Dialect;
use super::frame::{Found, Framer};
use super::inbox::{Inbox, Kind};
use crate::time::Instant;

/// A time that has come.
const NOW: Instant = Instant::from_millis(0);
/// Bytes of a prompt.
const PROMPT: usize = 2;

/// What arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Intake {
    Nothing,
    /// A line that has to be judged; it stays where it is until it is consumed, kept or parked.
    Line(Line),
    Prompt,
    Restarted(Kind),
}

/// The line that RX holds next, by its length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line(usize);

pub(crate) struct Receiver<'b> {
    dialect: &'static Dialect,
    rx: &'b mut [u8],
    answer_end: usize,
    head: usize,
    tail: usize,
    framer: Framer,
    held: Option<Found>,
    body: Body,
    /// When [`Receiver::next`] has to be called if nothing happens before; at once if something has.
    pub(crate) wake: Instant,
    /// The large message that the caller was reading did not end as it should.
    broken: bool,
    /// When to look whether the payload that is arriving has stopped.
    stall: Instant,
    /// How many bytes there were when that was done last.
    ticked_at: usize,
    pub(crate) inbox: Inbox<'b>,
    pub(crate) era: u8,
    bytes: Bytes,
    last_class: Class,
    /// Whether this firmware wraps payloads in quotes: known once one was seen.
    wraps: bool,
}

impl<'b> Receiver<'b> {
    pub(crate) const fn new(dialect: &'static Dialect, rx: &'b mut [u8], inbox: &'b mut [u8]) -> Self {
        Self {
            dialect,
            rx,
            answer_end: 0,
            head: 0,
            tail: 0,
            framer: Framer::new(dialect),
            held: None,
            body: Body::NONE,
            wake: NOW,
            broken: false,
            stall: Instant::NEVER,
            ticked_at: 0,
            inbox: Inbox::new(inbox),
            era: 0,
            bytes: Bytes::new(),
            last_class: Class::Event,
            wraps: false,
        }
    }

    /// Takes the next byte of the stream; false if there is no memory for it, since events wait to be taken.
    #[inline(always)]
    pub(crate) fn push(&mut self, byte: u8) -> bool {
        if self.inbox.push(byte) {
            return true;
        }
        let Some(slot) = self.rx.get_mut(self.tail) else { return self.push_into_full(byte) };
        *slot = byte;
        self.tail = self.tail.wrapping_add(1);
        if !self.framer.skim(byte) {
            self.look();
        }
        true
    }

    /// Memory for the next bytes of the stream. It is never empty, unless events wait to be taken.
    #[inline(always)]
    pub(crate) fn receive(&mut self) -> &mut [u8] {
        if self.inbox.is_open() {
            return self.inbox.slot();
        }
        if self.tail == self.rx.len() {
            self.make_room();
        }
        after_mut(self.rx, self.tail)
    }

    /// So many bytes were written into what [`Receiver::receive`] gave.
    #[inline(always)]
    pub(crate) fn received(&mut self, count: usize) {
        if self.inbox.is_open() {
            self.inbox.filled(count);
        } else {
            self.tail = self.tail.wrapping_add(count).min(self.rx.len());
            self.look();
        }
    }

    /// Whether [`Receiver::next`] has anything to look at.
    pub(crate) fn is_pending(&self) -> bool {
        self.head != self.tail || self.body.phase != Phase::None
    }

    /// The next thing in the stream. `prompt` and `echo` are what the framer may expect. While `busy`, nobody can take an
    /// event, so that what does not fit is lost.
    pub(crate) fn next(&mut self, prompt: bool, echo: &[u8], busy: bool) -> Intake {
        self.inbox.shut();
        loop {
            if self.body.phase != Phase::None {
                match self.advance_body(busy) {
                    Some(Intake::Nothing) => continue,
                    Some(intake) => return intake,
                    None => {
                        if self.head == self.tail && self.body.is_for_inbox() {
                            self.inbox.open();
                        }
                        break;
                    }
                }
            }
            if self.held.is_some() && !busy && !self.inbox.is_empty() {
                break;
            }
            let found = match self.held.take() {
                None if self.head == self.tail || (!self.framer.may_end && self.advance()) => None,
                None => self.framer.find(between(self.rx, self.head, self.tail), prompt, echo),
                held => held,
            };
            match found {
                None => break,
                Some(Found::Nothing) => {}
                Some(Found::Line { length }) => match self.framer.take_overlong() {
                    0 => return Intake::Line(Line(length)),
                    dropped => self.lose(length.wrapping_add(1), dropped),
                },
                Some(Found::Prompt) => {
                    self.drop_bytes(PROMPT, Class::Answer);
                    return Intake::Prompt;
                }
                Some(Found::Banner { at }) => {
                    let dropped = self.framer.take_overlong();
                    if at > 0 || dropped > 0 {
                        self.lose(at, dropped);
                    }
                    self.drop_bytes(self.dialect.banner.len(), Class::Event);
                    return Intake::Restarted(Kind::Booted);
                }
                Some(Found::Message(place)) => {
                    if self.begin_message(place, busy) {
                        break;
                    }
                }
            }
        }
        if self.head == self.tail {
            // So that RX seldom fills up.
            self.head = self.answer_end;
            self.tail = self.answer_end;
        }
        Intake::Nothing
    }

    /// Looks at what has arrived; what may end a frame is left for [`Receiver::next`].
    fn look(&mut self) {
        if !self.advance() {
            self.rouse();
        }
    }

    /// Goes on to a byte with which a frame may end: true if there is none.
    #[inline(never)]
    fn advance(&mut self) -> bool {
        // What is held begins with a frame that was cut already.
        if self.body.phase != Phase::None || self.held.is_some() {
            return false;
        }
        let mut frame = between(self.rx, self.head, self.tail);
        if self.framer.is_between() {
            // Line ends between two frames go with the first of them, however they were chunked.
            let skipped = self.framer.skip(frame);
            frame = after(frame, skipped);
            self.head = self.head.wrapping_add(skipped);
            self.bytes.count(self.last_class, skipped);
        }
        self.framer.advance(frame)
    }

    /// Something has happened: [`Receiver::next`] has to be called.
    pub(crate) const fn rouse(&mut self) {
        self.wake = NOW;
    }

    /// When [`Receiver::expire`] has to be called.
    pub(crate) const fn deadline(&self) -> Instant {
        self.stall
    }

    /// Whether [`Receiver::large`] or the inbox has something.
    pub(crate) fn has_event(&self) -> bool {
        !self.inbox.is_empty() || self.body.phase == Phase::Announced
    }

    pub(crate) fn text(&self, Line(length): Line) -> &[u8] {
        between(self.rx, self.head, self.head.wrapping_add(length))
    }

    /// The line is part of the answer: keeps it. False if the answer is longer than half of RX, and the line is lost.
    pub(crate) fn keep(&mut self, line: Line) -> bool {
        let Line(length) = line;
        let end = self.answer_end.wrapping_add(length);
        if end >= self.rx.len() / 2 {
            self.consume(line, Class::Lost);
            return false;
        }
        move_down(self.rx, self.head, self.answer_end, length);
        if let Some(separator) = self.rx.get_mut(end) {
            *separator = b'\n';
        }
        self.consume(line, Class::Answer);
        self.answer_end = end.wrapping_add(1);
        true
    }

    /// The line is an event: parks it, or leaves it where it is until there is room.
    pub(crate) fn park(&mut self, line: Line, busy: bool) {
        let Line(length) = line;
        let text = between(self.rx, self.head, self.head.wrapping_add(length));
        if self.inbox.park(text, self.era) {
            self.consume(line, Class::Event);
        } else if !busy && !self.inbox.is_empty() && self.inbox.can_hold(length) {
            self.held = Some(Found::Line { length });
        } else {
            self.lose(length.wrapping_add(1), 0);
        }
    }

    /// The line has served its purpose.
    pub(crate) fn consume(&mut self, Line(length): Line, class: Class) {
        self.drop_bytes(length.wrapping_add(1), class);
    }

    pub(crate) fn answer(&self) -> &[u8] {
        before(self.rx, self.answer_end)
    }

    /// Frees the memory of the last answer.
    pub(crate) const fn forget_answer(&mut self) {
        self.answer_end = 0;
    }

    /// Whether messages are expected to come with the length of their payload.
    pub(crate) const fn set_counted(&mut self, counted: bool) {
        self.framer.counted = counted;
    }

    /// What became of every byte.
    pub(crate) fn bytes(&self) -> Bytes {
        let mut bytes = self.bytes;
        bytes.received = bytes.classified().wrapping_add(self.unclassified() as u32);
        bytes
    }

    /// Bytes that have arrived and are in none of the four classes yet.
    pub(crate) fn unclassified(&self) -> usize {
        self.tail.wrapping_sub(self.head).wrapping_add(self.body_bytes())
    }

    /// Takes a byte for which there is no room behind those that are in RX.
    #[inline(never)]
    fn push_into_full(&mut self, byte: u8) -> bool {
        self.make_room();
        let slot = self.rx.get_mut(self.tail);
        let has_room = slot.is_some();
        if let Some(slot) = slot {
            *slot = byte;
            self.tail = self.tail.wrapping_add(1);
            self.look();
        }
        has_room
    }

    /// RX is full to its end.
    #[inline(never)]
    fn make_room(&mut self) {
        let mut unread = self.tail.wrapping_sub(self.head);
        let is_full = self.answer_end.wrapping_add(unread) == self.rx.len();
        if is_full && self.held.is_none() && self.body.phase == Phase::None {
            let dropped = self.framer.drop_line(unread);
            self.drop_bytes(dropped, Class::Lost);
            unread = unread.wrapping_sub(dropped);
        }
        move_down(self.rx, self.head, self.answer_end, unread);
        self.head = self.answer_end;
        self.tail = self.head.wrapping_add(unread);
    }

    /// The next `count` bytes, the rest of a line, are lost, and with them bytes that were dropped and counted before.
    fn lose(&mut self, count: usize, dropped: usize) {
        self.drop_bytes(count, Class::Lost);
        self.inbox.lose(1, count.wrapping_add(dropped), self.era);
    }

    fn drop_bytes(&mut self, count: usize, class: Class) {
        self.head = self.head.wrapping_add(count).min(self.tail);
        self.bytes.count(class, count);
        self.last_class = class;
    }
}

impl core::fmt::Debug for Receiver<'_> {
    /// Prints no content: the modem may have echoed a secret.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("Receiver")
            .field("framer", &self.framer)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}
