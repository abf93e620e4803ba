//! The way of a counted payload: into the inbox, to the caller in pieces, or past both.
//!
//! ```text
//!  header ──fits in the inbox──► Payload to Inbox ──────────────► End ──line end──► an event
//!     ├────idle, but too large──► Announced ──► Payload to Caller ──► End
//!     └────no room in a command──► Payload to Nowhere ──► End ──► counted as lost
//!  anything but a line end after it, or silence in the middle ──► given up, and counted as lost
//! ```

use super::{Intake, Receiver};
use crate::at::counters::Class;
use crate::at::event::Piece;
use crate::at::frame::Found;
use crate::at::inbox::Kind;
use crate::time::{Duration, Instant};

/// A payload that stops in the middle for so long does not go on. The slowest UART in use, 9 600 baud, needs 1 ms a byte.
const STALL: Duration = Duration::from_secs(2);

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
        end: usize,
        next: usize,
    },
    Payload,
    /// Complete; what follows tells whether it was wrapped in quotes.
    End,
}

/// A message with a counted payload, as it arrives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    phase: Phase,
    sink: Sink,
    remaining: usize,
    /// Bytes that it took from the wire.
    pub(super) bytes: usize,
    /// Bytes of its header that were dropped before, and counted.
    dropped: usize,
    first: Option<u8>,
    /// Whether the quote before it was left out for the caller.
    unwrapped: bool,
    /// How many bytes of the boot banner have just gone by, where nothing is kept to look at again.
    banner_matched: usize,
}

impl Receiver<'_> {
    /// Begins a message; true if it has to wait until the inbox has room.
    pub(super) fn begin_message(&mut self, found: Found, busy: bool) -> bool {
        let Found::Message { start, end, next, length } = found else { return false };
        let header = self.rx.get(self.head..).and_then(|rx| rx.get(start..end)).unwrap_or_default();
        let dropped = self.framer.take_overlong();
        let overlong = dropped > 0;
        let kept = !overlong && self.inbox.reserve(header, length, self.era);
        let fits = self.inbox.can_hold(header.len().saturating_add(length));
        if !kept && !overlong && !busy && !self.inbox.is_empty() && fits {
            self.held = Some(found);
            return true;
        }
        trace!("< {},{} and so many bytes of payload", crate::fmt::Text::new(header), length);
        self.skip_blanks(start);
        let (end, next) = (end.wrapping_sub(start), next.wrapping_sub(start));
        let (sink, phase) = match (kept, overlong || busy) {
            (true, _) => (Sink::Inbox, Phase::Payload),
            (false, true) => (Sink::Nowhere, Phase::Payload),
            (false, false) => (Sink::Caller, Phase::Announced { end, next }),
        };
        let mut body = Body {
            phase,
            sink,
            remaining: length,
            bytes: 0,
            dropped,
            first: None,
            unwrapped: false,
            banner_matched: 0,
        };
        if phase == Phase::Payload {
            self.head = self.head.wrapping_add(next);
            body.take_header(next);
        }
        self.body = Some(body);
        self.broken = false;
        self.stall = None;
        false
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

    pub(crate) fn large_waits(&self) -> bool {
        matches!(self.body, Some(Body { phase: Phase::Announced { .. }, .. }))
    }

    /// The header and length of a message that is larger than the inbox; from now on its payload can be read.
    pub(crate) fn large(&mut self) -> Option<(&[u8], usize)> {
        let body = self.body.as_mut()?;
        let Phase::Announced { end, next } = body.phase else { return None };
        let from = self.head;
        let length = body.remaining;
        body.take_header(next);
        self.head = self.head.wrapping_add(next);
        let header = self.rx.get(from..from.wrapping_add(end)).unwrap_or_default();
        Some((header, length))
    }

    /// What is left of the message that [`Receiver::large`] announced.
    pub(crate) fn large_remaining(&self) -> usize {
        match self.body {
            Some(Body { phase: Phase::Payload, sink: Sink::Caller, remaining, .. }) => remaining,
            _ => 0,
        }
    }

    /// Moves what has arrived of a large message to `out`; with it a restart that was found in its place.
    pub(crate) fn read_large(&mut self, out: &mut [u8]) -> (Piece, Option<Kind>) {
        let mut restart = None;
        if let Some(body) = self.body.filter(|body| body.sink == Sink::Caller) {
            if body.phase == Phase::Payload {
                return (self.copy_large(body, out), None);
            }
            if let Some(Intake::Restarted(kind)) = self.advance_body(false) {
                restart = Some(kind);
            }
            if self.body.is_some() {
                return (Piece::Wait, restart);
            }
        }
        (if core::mem::take(&mut self.broken) { Piece::Broken } else { Piece::End }, restart)
    }

    fn copy_large(&mut self, mut body: Body, out: &mut [u8]) -> Piece {
        let mut unread = self.rx.get(self.head..self.tail).unwrap_or_default();
        if body.first.is_none() && self.wraps && unread.first() == Some(&b'"') {
            unread = unread.get(1..).unwrap_or_default();
            body.first = Some(b'"');
            body.unwrapped = true;
            body.bytes = body.bytes.wrapping_add(1);
            self.head = self.head.wrapping_add(1);
        }
        let count = unread.len().min(out.len()).min(body.remaining);
        if let (Some(out), Some(payload)) = (out.get_mut(..count), unread.get(..count)) {
            out.copy_from_slice(payload);
        }
        body.first = body.first.or(unread.first().copied());
        let copied = unread.get(..count).unwrap_or_default();
        body.banner_matched = match_banner(self.dialect.banner, body.banner_matched, copied);
        self.head = self.head.wrapping_add(count);
        self.body = Some(body);
        self.body_progress(count);
        if count > 0 { Piece::Bytes(count) } else { Piece::Wait }
    }

    pub(super) fn reads_into_inbox(&self) -> bool {
        self.head == self.tail && matches!(self.body, Some(Body { phase: Phase::Payload, sink: Sink::Inbox, .. }))
    }

    pub(super) fn body_progress(&mut self, count: usize) {
        if let Some(body) = &mut self.body {
            body.remaining = body.remaining.saturating_sub(count);
            body.bytes = body.bytes.wrapping_add(count);
            if body.remaining == 0 {
                body.phase = Phase::End;
            }
        }
    }

    /// Moves the arriving message on: none if it waits for bytes, [`Intake::Nothing`] once it is done.
    pub(super) fn advance_body(&mut self, busy: bool) -> Option<Intake> {
        let mut body = self.body?;
        match body.phase {
            Phase::Announced { next, .. } => {
                if !busy {
                    return None;
                }
                body.take_header(next);
                body.sink = Sink::Nowhere;
                self.head = self.head.wrapping_add(next);
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
            _ if body.unwrapped => match *unread {
                [b'"', b'\r', ..] => Some(1),
                [b'"'] => return None,
                _ => return Some(self.give_up(body)),
            },
            [b'"', ..] if length_zero => match *unread {
                [_, b'"', b'\r', ..] => Some(2),
                [_] | [_, b'"'] => return None,
                _ => return Some(self.give_up(body)),
            },
            _ if first == Some(b'"') => match *unread {
                [b'\r', b'\n', ..] => None,
                [_, b'"', b'\r', ..] => Some(2),
                [_] | [_, b'"'] => return None,
                _ => return Some(self.give_up(body)),
            },
            [b'\r', ..] => None,
            _ => return Some(self.give_up(body)),
        };
        let last = unread.first().copied().filter(|_| wrapped.is_some() && !length_zero);
        let behind = wrapped.unwrap_or(0);
        self.wraps |= wrapped.is_some();
        self.head = self.head.wrapping_add(behind);
        let bytes = body.bytes.wrapping_add(behind);
        if body.sink == Sink::Caller && !body.unwrapped && wrapped.is_some() {
            // The caller has the quote in place of the last byte. The next one will be right.
            return Some(self.give_up(Body { bytes, ..body }));
        }
        self.body = None;
        self.stall = None;
        match body.sink {
            Sink::Inbox => self.inbox.commit(last),
            Sink::Caller => {}
            Sink::Nowhere => self.inbox.lose(1, bytes.wrapping_add(body.dropped), self.era),
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
        self.broken = body.sink == Sink::Caller;
        self.body = None;
        self.stall = None;
        self.bytes.count(Class::Lost, body.bytes);
        self.last_class = Class::Lost;
        self.inbox.lose(1, body.bytes.wrapping_add(body.dropped), self.era);
        if matched == banner.len() { Intake::Restarted(Kind::Booted) } else { Intake::Nothing }
    }
}

impl Body {
    /// The header has been used: its `length` bytes and those of the payload are one frame.
    const fn take_header(&mut self, length: usize) {
        self.bytes = length;
        self.phase = if self.remaining == 0 { Phase::End } else { Phase::Payload };
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
