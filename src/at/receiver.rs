//! The receiving side: the RX buffer, the framer over it, and the way of payloads into the inbox.
//!
//! ```text
//! RX:  │ lines of the present answer │ (free) │ received, not framed yet │ free: the next read goes here │
//!      0                        answer_end   head                      tail                           end
//! ```
//!
//! A payload with a known length does not pass through RX: once its header is framed, reads go straight into the inbox.

mod payload;

use self::payload::Body;
use super::counters::{Bytes, Class};
use super::dialect::Dialect;
use super::frame::{Awaited, Found, Framer};
use super::inbox::{Inbox, Kind};
use crate::time::Instant;

/// What arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Intake {
    Nothing,
    /// A line that has to be judged; it stays where it is until it is consumed, kept or parked.
    Line(Line),
    Prompt,
    Restarted(Kind),
}

/// The place of a line in RX, relative to the first byte that is not framed yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    start: usize,
    end: usize,
    next: usize,
}

pub(crate) struct Receiver<'b> {
    dialect: &'static Dialect,
    rx: &'b mut [u8],
    answer_end: usize,
    head: usize,
    tail: usize,
    framer: Framer,
    held: Option<Found>,
    body: Option<Body>,
    /// The large message that the caller was reading did not end as it should.
    broken: bool,
    stall: Option<Instant>,
    pub(crate) inbox: Inbox<'b>,
    pub(crate) era: u8,
    pub(crate) bytes: Bytes,
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
            body: None,
            broken: false,
            stall: None,
            inbox: Inbox::new(inbox),
            era: 0,
            bytes: Bytes::new(),
            last_class: Class::Event,
            wraps: false,
        }
    }

    /// Memory for the next bytes of the stream. It is never empty, unless events wait to be taken.
    pub(crate) fn receive(&mut self) -> &mut [u8] {
        if self.reads_into_inbox() {
            return self.inbox.slot();
        }
        if self.head == self.tail {
            self.head = self.answer_end;
            self.tail = self.answer_end;
        } else if self.tail == self.rx.len() {
            self.rx.copy_within(self.head..self.tail, self.answer_end);
            self.tail = self.tail.wrapping_sub(self.head).wrapping_add(self.answer_end);
            self.head = self.answer_end;
            if self.tail == self.rx.len() && self.held.is_none() && self.body.is_none() {
                let dropped = self.tail.wrapping_sub(self.head);
                self.framer.drop_line(dropped);
                self.drop_bytes(dropped, Class::Lost);
                self.tail = self.answer_end;
                self.head = self.answer_end;
            }
        }
        self.rx.get_mut(self.tail..).unwrap_or_default()
    }

    /// So many bytes were written into what [`Receiver::receive`] gave.
    pub(crate) fn received(&mut self, count: usize) {
        self.bytes.received = self.bytes.received.wrapping_add(count as u32);
        if self.reads_into_inbox() {
            self.inbox.filled(count);
            self.body_progress(count);
        } else {
            self.tail = self.tail.wrapping_add(count).min(self.rx.len());
        }
        if count > 0 {
            self.stall = None;
        }
    }

    /// The next thing in the stream. While `busy`, nobody can take an event, so that what does not fit is lost.
    pub(crate) fn next(&mut self, awaited: Awaited<'_>, busy: bool) -> Intake {
        loop {
            if self.body.is_some() {
                match self.advance_body(busy) {
                    Some(Intake::Nothing) => continue,
                    Some(intake) => return intake,
                    None => return Intake::Nothing,
                }
            }
            if self.held.is_some() && !busy && !self.inbox.is_empty() {
                return Intake::Nothing;
            }
            let unread = self.rx.get(self.head..self.tail).unwrap_or_default();
            let found = self.held.take().or_else(|| self.framer.find(unread, awaited));
            match found {
                None => {
                    let skipped = self.framer.skipped();
                    self.drop_bytes(skipped, self.last_class);
                    return Intake::Nothing;
                }
                Some(Found::Line { start, end, next }) => {
                    let line = Line { start, end, next };
                    match self.framer.take_overlong() {
                        0 => return Intake::Line(line),
                        dropped => self.lose(line, dropped),
                    }
                }
                Some(Found::Prompt { start, next }) => {
                    self.consume(Line { start, end: next, next }, Class::Answer);
                    return Intake::Prompt;
                }
                Some(Found::Banner { start, banner, next }) => {
                    let dropped = self.framer.take_overlong();
                    if banner > start || dropped > 0 {
                        self.lose(Line { start, end: banner, next: banner }, dropped);
                        self.drop_bytes(next.saturating_sub(banner), Class::Event);
                    } else {
                        self.consume(Line { start, end: next, next }, Class::Event);
                    }
                    return Intake::Restarted(Kind::Booted);
                }
                Some(found @ Found::Message { .. }) => {
                    if self.begin_message(found, busy) {
                        return Intake::Nothing;
                    }
                }
            }
        }
    }

    /// When [`Receiver::expire`] has to be called.
    pub(crate) const fn deadline(&self) -> Option<Instant> {
        self.stall
    }

    /// Whether [`Receiver::large`] or the inbox has something.
    pub(crate) fn has_event(&self) -> bool {
        !self.inbox.is_empty() || self.large_waits()
    }

    pub(crate) fn text(&self, line: Line) -> &[u8] {
        self.rx.get(self.head..).and_then(|rx| rx.get(line.start..line.end)).unwrap_or_default()
    }

    /// The line is part of the answer: keeps it. False if the answer is longer than half of RX, and the line is lost.
    pub(crate) fn keep(&mut self, line: Line) -> bool {
        let length = line.end.saturating_sub(line.start);
        let end = self.answer_end.wrapping_add(length);
        if end >= self.rx.len() / 2 {
            self.consume(line, Class::Lost);
            return false;
        }
        let start = self.head.wrapping_add(line.start);
        self.rx.copy_within(start..start.wrapping_add(length), self.answer_end);
        if let Some(separator) = self.rx.get_mut(end) {
            *separator = b'\n';
        }
        self.consume(line, Class::Answer);
        self.answer_end = end.wrapping_add(1);
        true
    }

    /// The line is an event: parks it, or leaves it where it is until there is room.
    pub(crate) fn park(&mut self, line: Line, busy: bool) {
        let text = self.rx.get(self.head..).and_then(|rx| rx.get(line.start..line.end)).unwrap_or_default();
        if self.inbox.park(text, self.era) {
            self.consume(line, Class::Event);
        } else if !busy && !self.inbox.is_empty() && self.inbox.can_hold(text.len()) {
            self.held = Some(Found::Line { start: line.start, end: line.end, next: line.next });
        } else {
            self.lose(line, 0);
        }
    }

    /// The line has served its purpose.
    pub(crate) fn consume(&mut self, line: Line, class: Class) {
        self.skip_blanks(line.start);
        self.drop_bytes(line.next.wrapping_sub(line.start), class);
    }

    pub(crate) fn answer(&self) -> &[u8] {
        self.rx.get(..self.answer_end).unwrap_or_default()
    }

    /// Frees the memory of the last answer.
    pub(crate) const fn forget_answer(&mut self) {
        self.answer_end = 0;
    }

    /// Whether messages are expected to come with the length of their payload.
    pub(crate) const fn set_counted(&mut self, counted: bool) {
        self.framer.counted = counted;
    }

    /// Bytes that have arrived and are in none of the four classes yet.
    pub(crate) fn unclassified(&self) -> usize {
        let body = self.body.map_or(0, |body| body.bytes);
        self.tail.wrapping_sub(self.head).wrapping_add(body)
    }

    /// The line is lost, and with it bytes of it that were dropped and counted before.
    fn lose(&mut self, line: Line, dropped: usize) {
        self.consume(line, Class::Lost);
        self.inbox.lose(1, line.next.wrapping_sub(line.start).wrapping_add(dropped), self.era);
    }

    /// Line ends between two frames go with the first of them, however they were chunked.
    fn skip_blanks(&mut self, count: usize) {
        self.drop_bytes(count, self.last_class);
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
