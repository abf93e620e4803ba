//! The receiving side: the RX buffer, the framer over it, and the way of payloads into the inbox.
//!
//! ```text
//! RX:  │ lines of the present answer │ (free) │ received, not framed yet │ free: the next read goes here │
//!      0                        answer_end   head                      tail                           end
//! ```
//!
//! A payload with a known length does not pass through RX: once its header is framed, reads go straight into the inbox.

use super::counters::{Bytes, Class};
use super::dialect::Dialect;
use super::frame::{Found, Framer};
use super::inbox::{Inbox, Kind};
use crate::time::{Duration, Instant};

/// A payload that stops in the middle for so long does not go on. The slowest UART in use, 9 600 baud, needs 1 ms a byte.
const STALL: Duration = Duration::from_secs(2);

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

/// Where a counted payload goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sink {
    Inbox,
    Caller,
    Nowhere,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// Its header stands in RX, until the caller was told of it.
    Announced {
        start: usize,
        end: usize,
        next: usize,
    },
    Payload,
    /// Complete; what follows tells whether it was wrapped in quotes.
    End,
}

/// A message with a counted payload, as it arrives.
#[derive(Clone, Copy, Debug)]
struct Body {
    phase: Phase,
    sink: Sink,
    remaining: usize,
    /// Bytes that it took from the wire.
    bytes: usize,
    first: Option<u8>,
    /// How many bytes of the boot banner have just gone by, where nothing is kept to look at again.
    banner_matched: usize,
}

#[derive(Debug)]
pub(crate) struct Receiver<'b> {
    dialect: &'static Dialect,
    rx: &'b mut [u8],
    answer_end: usize,
    head: usize,
    tail: usize,
    framer: Framer,
    held: Option<Found>,
    body: Option<Body>,
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
            stall: None,
            inbox: Inbox::new(inbox),
            era: 0,
            bytes: Bytes::new(),
            last_class: Class::Lost,
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
                self.framer.drop_scanned();
                let dropped = self.tail.wrapping_sub(self.head);
                self.drop_bytes(dropped, Class::Lost);
                self.inbox.lose(0, dropped, self.era);
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
    pub(crate) fn next(&mut self, prompt_awaited: bool, busy: bool) -> Intake {
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
            let found = self.held.take().or_else(|| self.framer.find(unread, prompt_awaited));
            match found {
                None => {
                    let skipped = self.framer.skipped();
                    self.drop_bytes(skipped, self.last_class);
                    return Intake::Nothing;
                }
                Some(Found::Line { next, .. }) if self.framer.take_overlong() => {
                    self.drop_bytes(next, Class::Lost);
                    self.inbox.lose(1, next, self.era);
                }
                Some(Found::Line { start, end, next }) => return Intake::Line(Line { start, end, next }),
                Some(Found::Prompt { next }) => {
                    self.drop_bytes(next, Class::Answer);
                    return Intake::Prompt;
                }
                Some(Found::Banner { start, next }) => {
                    self.framer.take_overlong();
                    if start > 0 {
                        self.drop_bytes(start, Class::Lost);
                        self.inbox.lose(1, start, self.era);
                    }
                    self.drop_bytes(next.saturating_sub(start), Class::Event);
                    return Intake::Restarted(Kind::Booted);
                }
                Some(found @ Found::Message { start, end, next, length }) => {
                    let header = self.rx.get(self.head..).and_then(|rx| rx.get(start..end)).unwrap_or_default();
                    let overlong = self.framer.take_overlong();
                    let kept = !overlong && self.inbox.reserve(header, length, self.era);
                    let fits = self.inbox.can_hold(header.len().saturating_add(length));
                    if !kept && !overlong && !busy && !self.inbox.is_empty() && fits {
                        self.held = Some(found);
                        return Intake::Nothing;
                    }
                    let (sink, phase) = match (kept, overlong || busy) {
                        (true, _) => (Sink::Inbox, Phase::Payload),
                        (false, true) => (Sink::Nowhere, Phase::Payload),
                        (false, false) => (Sink::Caller, Phase::Announced { start, end, next }),
                    };
                    let mut body = Body { phase, sink, remaining: length, bytes: 0, first: None, banner_matched: 0 };
                    if phase == Phase::Payload {
                        self.head = self.head.wrapping_add(next);
                        body.bytes = next;
                        if length == 0 {
                            body.phase = Phase::End;
                        }
                    }
                    self.body = Some(body);
                    self.stall = None;
                }
            }
        }
    }

    /// Watches over a payload that has stopped in the middle.
    pub(crate) fn expire(&mut self, now: Instant) -> Option<Intake> {
        let body = self.body.filter(|body| !matches!(body.phase, Phase::Announced { .. }))?;
        if body.sink == Sink::Caller {
            return None;
        }
        let stall = *self.stall.get_or_insert(now + STALL);
        (now >= stall).then(|| self.give_up(body))
    }

    /// When [`Receiver::expire`] has to be called.
    pub(crate) const fn deadline(&self) -> Option<Instant> {
        self.stall
    }

    /// Whether [`Receiver::large`] or the inbox has something.
    pub(crate) fn has_event(&self) -> bool {
        !self.inbox.is_empty() || self.large_waits()
    }

    pub(crate) fn large_waits(&self) -> bool {
        matches!(self.body, Some(Body { phase: Phase::Announced { .. }, .. }))
    }

    /// The header and length of a message that is larger than the inbox; from now on its payload can be read.
    pub(crate) fn large(&mut self) -> Option<(&[u8], usize)> {
        let body = self.body.as_mut()?;
        let Phase::Announced { start, end, next } = body.phase else {
            return None;
        };
        let from = self.head;
        let length = body.remaining;
        self.head = self.head.wrapping_add(next);
        body.bytes = next;
        body.phase = Phase::Payload;
        let header = self.rx.get(from..).and_then(|rx| rx.get(start..end)).unwrap_or_default();
        Some((header, length))
    }

    /// What is left of the message that [`Receiver::large`] announced.
    pub(crate) fn large_remaining(&self) -> usize {
        match self.body {
            Some(Body { phase: Phase::Payload, sink: Sink::Caller, remaining, .. }) => remaining,
            _ => 0,
        }
    }

    /// Moves what has arrived of a large message to `out`.
    pub(crate) fn read_large(&mut self, out: &mut [u8]) -> usize {
        let Some(mut body) = self.body.filter(|body| body.sink == Sink::Caller && body.phase == Phase::Payload) else {
            return 0;
        };
        let mut unread = self.rx.get(self.head..self.tail).unwrap_or_default();
        if body.first.is_none() && self.wraps && unread.first() == Some(&b'"') {
            unread = unread.get(1..).unwrap_or_default();
            body.first = Some(b'"');
            body.bytes = body.bytes.wrapping_add(1);
            self.head = self.head.wrapping_add(1);
        }
        let count = unread.len().min(out.len()).min(body.remaining);
        if let (Some(out), Some(payload)) = (out.get_mut(..count), unread.get(..count)) {
            out.copy_from_slice(payload);
        }
        body.first = body.first.or(unread.first().copied());
        body.remaining = body.remaining.wrapping_sub(count);
        body.bytes = body.bytes.wrapping_add(count);
        if body.remaining == 0 {
            body.phase = Phase::End;
        }
        self.head = self.head.wrapping_add(count);
        self.body = Some(body);
        count
    }

    pub(crate) fn text(&self, line: Line) -> &[u8] {
        self.rx.get(self.head..).and_then(|rx| rx.get(line.start..line.end)).unwrap_or_default()
    }

    /// The line is part of the answer: keeps it. False if the answer is longer than half of RX, and the line is lost.
    pub(crate) fn keep(&mut self, line: Line) -> bool {
        let length = line.end.saturating_sub(line.start);
        let end = self.answer_end.wrapping_add(length);
        if end >= self.rx.len() / 2 {
            self.drop_bytes(line.next, Class::Lost);
            return false;
        }
        let start = self.head.wrapping_add(line.start);
        self.rx.copy_within(start..start.wrapping_add(length), self.answer_end);
        if let Some(separator) = self.rx.get_mut(end) {
            *separator = b'\n';
        }
        self.drop_bytes(line.next, Class::Answer);
        self.answer_end = end.wrapping_add(1);
        true
    }

    /// The line is an event: parks it, or leaves it where it is until there is room.
    pub(crate) fn park(&mut self, line: Line, busy: bool) {
        let text = self.rx.get(self.head..).and_then(|rx| rx.get(line.start..line.end)).unwrap_or_default();
        if self.inbox.park(text, self.era) {
            self.drop_bytes(line.next, Class::Event);
        } else if !busy && !self.inbox.is_empty() && self.inbox.can_hold(text.len()) {
            self.held = Some(Found::Line { start: line.start, end: line.end, next: line.next });
        } else {
            self.drop_bytes(line.next, Class::Lost);
            self.inbox.lose(1, line.next, self.era);
        }
    }

    /// The line has served its purpose.
    pub(crate) fn consume(&mut self, line: Line, class: Class) {
        self.drop_bytes(line.next, class);
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

    fn reads_into_inbox(&self) -> bool {
        self.head == self.tail && matches!(self.body, Some(Body { phase: Phase::Payload, sink: Sink::Inbox, .. }))
    }

    fn drop_bytes(&mut self, count: usize, class: Class) {
        self.head = self.head.wrapping_add(count).min(self.tail);
        self.bytes.count(class, count);
        self.last_class = class;
    }

    fn body_progress(&mut self, count: usize) {
        if let Some(body) = &mut self.body {
            body.remaining = body.remaining.saturating_sub(count);
            body.bytes = body.bytes.wrapping_add(count);
            if body.remaining == 0 {
                body.phase = Phase::End;
            }
        }
    }

    /// Moves the arriving message on: none if it waits for bytes, [`Intake::Nothing`] once it is done.
    fn advance_body(&mut self, busy: bool) -> Option<Intake> {
        let mut body = self.body?;
        match body.phase {
            Phase::Announced { next, .. } => {
                if !busy {
                    return None;
                }
                self.head = self.head.wrapping_add(next);
                body.bytes = next;
                body.phase = Phase::Payload;
                body.sink = Sink::Nowhere;
                self.body = Some(body);
                Some(Intake::Nothing)
            }
            Phase::Payload => {
                let unread = self.rx.get(self.head..self.tail).unwrap_or_default();
                let count = unread.len().min(body.remaining);
                let payload = unread.get(..count).unwrap_or_default();
                if body.sink == Sink::Inbox {
                    if let Some(slot) = self.inbox.slot().get_mut(..count) {
                        slot.copy_from_slice(payload);
                    }
                    self.inbox.filled(count);
                } else {
                    // Whoever polls instead of reading does not want the rest of a large message.
                    body.sink = Sink::Nowhere;
                    body.first = body.first.or(payload.first().copied());
                    body.banner_matched = match_banner(self.dialect.banner, body.banner_matched, payload);
                    self.body = Some(body);
                }
                self.head = self.head.wrapping_add(count);
                self.body_progress(count);
                if count > 0 {
                    self.stall = None;
                }
                (count == body.remaining).then_some(Intake::Nothing)
            }
            Phase::End => self.end_body(body),
        }
    }

    /// A payload is complete when a line end follows it. If it began with a quote, it may have been wrapped, and then
    /// two of its bytes are still to come (`protocol.md` §8, point 7).
    fn end_body(&mut self, body: Body) -> Option<Intake> {
        let first = if body.sink == Sink::Inbox { self.inbox.arrived().first().copied() } else { body.first };
        let unread = self.rx.get(self.head..self.tail).unwrap_or_default();
        let length_zero = first.is_none();
        let wrapped = match *unread {
            [] => return None,
            [b'"', ..] if length_zero => match *unread {
                [_, b'"', b'\r' | b'\n', ..] => Some(2),
                [_] | [_, b'"'] => return None,
                _ => return Some(self.give_up(body)),
            },
            _ if first == Some(b'"') => match *unread {
                [b'\r', b'\n', ..] => None,
                [_, b'"', b'\r' | b'\n', ..] => Some(2),
                [_] | [_, b'"'] => return None,
                // A large message that was known to be wrapped has lost its first quote already.
                [b'"', b'\r' | b'\n', ..] if body.sink == Sink::Caller && self.wraps => Some(1),
                _ => return Some(self.give_up(body)),
            },
            [b'\r' | b'\n', ..] => None,
            _ => return Some(self.give_up(body)),
        };
        let last = unread.first().copied().filter(|_| wrapped.is_some() && !length_zero);
        let behind = wrapped.unwrap_or(0);
        self.wraps |= wrapped.is_some();
        self.body = None;
        self.stall = None;
        self.head = self.head.wrapping_add(behind);
        let bytes = body.bytes.wrapping_add(behind);
        match body.sink {
            Sink::Inbox => self.inbox.commit(last),
            Sink::Caller => {}
            Sink::Nowhere => self.inbox.lose(1, bytes, self.era),
        }
        self.last_class = if body.sink == Sink::Nowhere { Class::Lost } else { Class::Event };
        self.bytes.count(self.last_class, bytes);
        Some(Intake::Nothing)
    }

    /// The message does not end as its header said. What arrived of it is lost, and looked through for the banner of a
    /// restart that interrupted it.
    fn give_up(&mut self, body: Body) -> Intake {
        let banner = self.dialect.banner;
        let matched = match_banner(banner, body.banner_matched, self.inbox.arrived());
        self.inbox.abandon();
        self.body = None;
        self.stall = None;
        self.bytes.count(Class::Lost, body.bytes);
        self.last_class = Class::Lost;
        self.inbox.lose(1, body.bytes, self.era);
        if matched == banner.len() { Intake::Restarted(Kind::Booted) } else { Intake::Nothing }
    }
}

/// How many bytes of `banner` the stream has just shown, after `bytes`; it stays complete once it is.
///
/// The banner's first byte does not come again in it, so that a mismatch can only start over.
fn match_banner(banner: &[u8], mut matched: usize, bytes: &[u8]) -> usize {
    for byte in bytes {
        if matched == banner.len() {
            break;
        }
        if banner.get(matched) == Some(byte) {
            matched = matched.wrapping_add(1);
        } else {
            matched = usize::from(banner.first() == Some(byte));
        }
    }
    matched
}
