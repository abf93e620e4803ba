//! The way of a counted payload: into the inbox, to the caller in pieces, or past both.
//!
//! ```text
//!  header ──fits in the inbox──► Payload to Inbox ──────────────► End ──line end──► an event
//!     ├────idle, but too large──► Announced ──► Payload to Caller ──► End
//!     └────no room in a command──► Payload to Nowhere ──► End ──► counted as lost
//!  anything but a line end after it, or silence in the middle ──► given up, and counted as lost
//! ```

use super::{Intake, Receiver};
use crate::at::bytes::{after, before, between, copy};
use crate::at::counters::Class;
use crate::at::event::Piece;
use crate::at::frame::{Found, Place};
use crate::at::inbox::Kind;
use crate::time::{Duration, Instant};

/// How often to look whether a payload goes on: one of which nothing came between two looks does not. The slowest UART in
/// use, 9 600 baud, needs 1 ms a byte.
const TICK: Duration = Duration::from_secs(1);

/// Where a counted payload goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sink {
    Nowhere,
    Inbox,
    Caller,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Phase {
    /// No message is arriving.
    None,
    /// Its header stands in RX, until the caller was told of it.
    Announced,
    Payload,
    /// Complete; what follows tells whether it was wrapped in quotes.
    End,
}

/// A message with a counted payload, as it arrives.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) phase: Phase,
    sink: Sink,
    /// Bytes of the payload that are still to come, unless it goes to the inbox, which counts them itself.
    remaining: usize,
    /// Bytes that it took from the wire, except those of a payload in the inbox.
    bytes: usize,
    /// Bytes of its header that were dropped before, and counted.
    dropped: usize,
    /// While it is announced: where it stands.
    place: Place,
    first: Option<u8>,
    /// Whether the quote before it was left out for the caller.
    unwrapped: bool,
    /// How many bytes of the boot banner have just gone by, where nothing is kept to look at again.
    banner_matched: usize,
}

impl Receiver<'_> {
    /// Begins a message; true if it has to wait until the inbox has room.
    pub(super) fn begin_message(&mut self, place: Place, busy: bool) -> bool {
        let Place { begin, end, length, .. } = place;
        let header = place.header(after(self.rx, self.head));
        let dropped = self.framer.take_overlong();
        let overlong = dropped > 0;
        let kept = !overlong && self.inbox.reserve(header, length, self.era);
        if !kept
            && !overlong
            && !busy
            && !self.inbox.is_empty()
            && self.inbox.can_hold(end.wrapping_sub(begin).saturating_add(length))
        {
            self.held = Some(Found::Message(place));
            return true;
        }
        trace!("< message {},{} and so many bytes of payload", crate::fmt::Text::new(header), length);
        let (sink, phase) = match (kept, overlong || busy) {
            (true, _) => (Sink::Inbox, Phase::Payload),
            (false, true) => (Sink::Nowhere, Phase::Payload),
            (false, false) => (Sink::Caller, Phase::Announced),
        };
        let body = &mut self.body;
        body.phase = phase;
        body.sink = sink;
        body.remaining = length;
        body.dropped = dropped;
        body.place = place;
        body.first = None;
        body.unwrapped = false;
        body.banner_matched = 0;
        if phase == Phase::Payload {
            self.take_header();
        }
        self.broken = false;
        self.stall = Instant::NEVER;
        false
    }

    /// Watches over a payload that has stopped in the middle.
    pub(crate) fn expire(&mut self, now: Instant) -> Option<Intake> {
        if !matches!(self.body.phase, Phase::Payload | Phase::End) || self.body.sink == Sink::Caller {
            self.stall = Instant::NEVER;
        } else if self.stall == Instant::NEVER {
            self.stall = now + TICK;
            // The first look is no reason to give up, so that it does not matter how what came until then was chunked.
            self.ticked_at = usize::MAX;
        } else if now >= self.stall {
            if self.ticked_at == self.unclassified() {
                return Some(self.give_up());
            }
            self.stall = now + TICK;
            self.ticked_at = self.unclassified();
        }
        None
    }

    /// The header and length of a message that is larger than the inbox; from now on its payload can be read.
    pub(crate) fn large(&mut self) -> Option<(&[u8], usize)> {
        if self.body.phase != Phase::Announced {
            return None;
        }
        let (head, place) = (self.head, self.body.place);
        self.take_header();
        Some((place.header(after(self.rx, head)), place.length))
    }

    /// What is left of the message that [`Receiver::large`] announced.
    pub(crate) fn large_remaining(&self) -> usize {
        if self.is_read_by_caller() { self.body.remaining } else { 0 }
    }

    /// Moves what has arrived of a large message to `out`; with it a restart that was found in its place.
    pub(crate) fn read_large(&mut self, out: &mut [u8]) -> (Piece, Option<Kind>) {
        let mut restart = None;
        if self.body.phase != Phase::None && self.body.sink == Sink::Caller {
            if self.body.phase == Phase::Payload {
                return (self.copy_large(out), None);
            }
            if let Some(Intake::Restarted(kind)) = self.advance_body(false) {
                restart = Some(kind);
            }
            if self.body.phase != Phase::None {
                return (Piece::Wait, restart);
            }
        }
        (if core::mem::take(&mut self.broken) { Piece::Broken } else { Piece::End }, restart)
    }

    fn is_read_by_caller(&self) -> bool {
        self.body.phase == Phase::Payload && self.body.sink == Sink::Caller
    }

    fn copy_large(&mut self, out: &mut [u8]) -> Piece {
        let body = &mut self.body;
        let mut unread = between(self.rx, self.head, self.tail);
        if body.first.is_none() && self.wraps && unread.first() == Some(&b'"') {
            unread = after(unread, 1);
            body.first = Some(b'"');
            body.unwrapped = true;
            body.bytes = body.bytes.wrapping_add(1);
            self.head = self.head.wrapping_add(1);
        }
        let count = unread.len().min(out.len()).min(body.remaining);
        let copied = before(unread, count);
        copy(out, copied);
        body.pass(self.dialect.banner, copied);
        self.head = self.head.wrapping_add(count);
        if count > 0 { Piece::Bytes(count) } else { Piece::Wait }
    }

    /// Moves the arriving message on: none if it waits for bytes, [`Intake::Nothing`] once it is done.
    pub(super) fn advance_body(&mut self, busy: bool) -> Option<Intake> {
        match self.body.phase {
            Phase::None => Some(Intake::Nothing),
            Phase::Announced => {
                if !busy {
                    return None;
                }
                self.take_header();
                self.body.sink = Sink::Nowhere;
                Some(Intake::Nothing)
            }
            Phase::Payload => {
                let unread = between(self.rx, self.head, self.tail);
                let count;
                if self.body.sink == Sink::Inbox {
                    // What went straight into it may have completed it.
                    let slot = self.inbox.slot();
                    count = unread.len().min(slot.len());
                    copy(slot, unread);
                    if self.inbox.filled(count) {
                        self.body.phase = Phase::End;
                    }
                } else {
                    // Whoever polls instead of reading does not want the rest of a large message.
                    self.body.sink = Sink::Nowhere;
                    count = unread.len().min(self.body.remaining);
                    self.body.pass(self.dialect.banner, before(unread, count));
                }
                self.head = self.head.wrapping_add(count);
                (self.body.phase == Phase::End).then_some(Intake::Nothing)
            }
            Phase::End => self.end_body(),
        }
    }

    /// A payload is complete when a line end follows it. If it began with a quote, it may have been wrapped, and then
    /// two of its bytes are still to come (`protocol.md` §8, point 7).
    fn end_body(&mut self) -> Option<Intake> {
        let sink = self.body.sink;
        let unwrapped = self.body.unwrapped;
        let first = if sink == Sink::Inbox { self.inbox.arrived().first().copied() } else { self.body.first };
        let unread = between(self.rx, self.head, self.tail);
        let length_zero = first.is_none();
        let wrapped = match *unread {
            [] => return None,
            _ if unwrapped => match *unread {
                [b'"', b'\r', ..] => Some(1),
                [b'"'] => return None,
                _ => return Some(self.give_up()),
            },
            [b'"', ..] if length_zero => match *unread {
                [_, b'"', b'\r', ..] => Some(2),
                [_] | [_, b'"'] => return None,
                _ => return Some(self.give_up()),
            },
            _ if first == Some(b'"') => match *unread {
                [b'\r', b'\n', ..] => None,
                [_, b'"', b'\r', ..] => Some(2),
                [_] | [_, b'"'] => return None,
                _ => return Some(self.give_up()),
            },
            [b'\r', ..] => None,
            _ => return Some(self.give_up()),
        };
        let last = unread.first().copied().filter(|_| wrapped.is_some() && !length_zero);
        let behind = wrapped.unwrap_or(0);
        self.wraps |= wrapped.is_some();
        self.head = self.head.wrapping_add(behind);
        self.body.bytes = self.body.bytes.wrapping_add(behind);
        if sink == Sink::Caller && !unwrapped && wrapped.is_some() {
            // The caller has the quote in place of the last byte. The next one will be right.
            return Some(self.give_up());
        }
        let bytes = self.body_bytes();
        match sink {
            Sink::Inbox => self.inbox.commit(last),
            Sink::Caller => {}
            Sink::Nowhere => self.inbox.lose(1, bytes.wrapping_add(self.body.dropped), self.era),
        }
        self.forget_body(if sink == Sink::Nowhere { Class::Lost } else { Class::Event }, bytes);
        Some(Intake::Nothing)
    }

    /// The message does not end as its header said. What arrived of it is lost, and looked through for the banner of a
    /// restart that interrupted it.
    fn give_up(&mut self) -> Intake {
        let banner = self.dialect.banner;
        let matched = match_banner(banner, self.body.banner_matched, self.inbox.arrived());
        let bytes = self.body_bytes();
        self.inbox.abandon();
        self.broken = self.body.sink == Sink::Caller;
        self.inbox.lose(1, bytes.wrapping_add(self.body.dropped), self.era);
        self.forget_body(Class::Lost, bytes);
        if matched == banner.len() { Intake::Restarted(Kind::Booted) } else { Intake::Nothing }
    }

    /// Bytes that the arriving message took from the wire.
    pub(super) fn body_bytes(&self) -> usize {
        self.body.bytes.wrapping_add(self.inbox.arrived().len())
    }

    fn forget_body(&mut self, class: Class, bytes: usize) {
        self.bytes.count(class, bytes);
        self.last_class = class;
        self.body.phase = Phase::None;
        self.body.bytes = 0;
        self.stall = Instant::NEVER;
    }

    /// The header has been used: its bytes and those of the payload are one frame.
    fn take_header(&mut self) {
        let next = self.body.place.next;
        self.head = self.head.wrapping_add(next);
        self.body.bytes = next;
        self.body.phase = if self.body.remaining == 0 { Phase::End } else { Phase::Payload };
    }
}

impl Body {
    pub(super) const NONE: Self = Self {
        phase: Phase::None,
        sink: Sink::Nowhere,
        remaining: 0,
        bytes: 0,
        dropped: 0,
        place: Place { begin: 0, end: 0, next: 0, length: 0 },
        first: None,
        unwrapped: false,
        banner_matched: 0,
    };

    pub(super) fn is_for_inbox(&self) -> bool {
        self.phase == Phase::Payload && self.sink == Sink::Inbox
    }

    /// These bytes of the payload have gone by and are kept nowhere.
    fn pass(&mut self, banner: &[u8], bytes: &[u8]) {
        self.first = self.first.or(bytes.first().copied());
        self.banner_matched = match_banner(banner, self.banner_matched, bytes);
        self.remaining = self.remaining.saturating_sub(bytes.len());
        self.bytes = self.bytes.wrapping_add(bytes.len());
        if self.remaining == 0 {
            self.phase = Phase::End;
        }
    }
}

/// How many bytes of `banner` the stream has just shown, after `bytes`; it stays complete once it is.
///
/// The banner's first byte does not come again in it, so that a mismatch can only start over.
fn match_banner(banner: &[u8], mut matched: usize, bytes: &[u8]) -> usize {
    let Some(first) = banner.first() else { return matched };
    for byte in bytes {
        if matched == 0 && byte != first {
            continue;
        }
        if matched == banner.len() {
            break;
        }
        matched = if banner.get(matched) == Some(byte) { matched.wrapping_add(1) } else { usize::from(byte == first) };
    }
    matched
}
