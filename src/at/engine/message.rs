//! The way of a counted payload: into the inbox, to the caller in pieces, or past both.
//!
//! ```text
//!  header ──fits in the inbox──► Kept ─────────────────────────► line end ──► an event
//!     ├────idle, but too large──► Announced ──► Read by the caller ──► line end
//!     └────no room in a command──► Skipped ──► line end ──► counted as lost
//!  anything but a line end after it, or silence in the middle ──► given up, and counted as lost
//! ```

use super::super::bytes::{after, before, copy};
use super::super::counters::Class;
use super::super::event::{Event, Piece};
use super::super::inbox::Kind;
use super::{Engine, Phase};
use crate::time::{Due, Duration, Instant};

/// How often to look whether a payload goes on: one of which nothing came between two looks does not. The slowest UART in
/// use, 9 600 baud, needs 1 ms a byte.
const TICK: Duration = Duration::from_secs(1);

/// What becomes of the message that is arriving.
#[derive(Clone, Copy, Debug, Eq, PartialEq, PartialOrd)]
enum Way {
    /// None is.
    None,
    /// Its header stands in RX, until the caller was told of it.
    Announced,
    Read,
    Skipped,
    Kept,
}

/// A message with a counted payload, as it arrives.
#[derive(Debug)]

pub(super) struct Message {
    /// Bytes of it that are neither in RX nor in the inbox any more.
    gone_by: usize,
    way: Way,
    /// Whether the quote before it was left out for the caller.
    unwrapped: bool,
    /// How many bytes of the boot banner have just gone by, where nothing is kept to look at again.
    banner_matched: usize,
    /// How many bytes there were when that was done last.
    ticked_at: usize,
    /// Its first byte, unless it is kept.
    first: Option<u8>,
    /// The large message that the caller was reading did not end as it should.
    broken: bool,
    /// When to look whether it has stopped.
    pub(super) stall: Due,
    /// Whether this firmware wraps payloads in quotes: known once one was seen.
    wraps: bool,
}

impl Message {
    pub(super) const fn none() -> Self {
        Self {
            way: Way::None,
            gone_by: 0,
            first: None,
            unwrapped: false,
            wraps: false,
            broken: false,
            banner_matched: 0,
            stall: Due::NEVER,
            ticked_at: 0,
        }
    }

    pub(super) fn is_arriving(&self) -> bool {
        self.way != Way::None
    }

    pub(super) fn is_announced(&self) -> bool {
        self.way == Way::Announced
    }
}

impl Engine<'_> {
    /// Begins a message; false if it has to wait until the inbox has room.
    pub(super) fn begin_message(&mut self) -> bool {
        let (header, length) = (self.stream.header(), self.stream.payload);
        trace!("< message {},{} and so many bytes of payload", crate::fmt::Text::new(header), length);
        let is_whole = !self.stream.is_overlong();
        let way = if is_whole && self.inbox.reserve(header, length) {
            Way::Kept
        } else if !is_whole || self.phase != Phase::Idle {
            Way::Skipped
        } else if !self.inbox.is_empty() {
            return false;
        } else {
            Way::Announced
        };
        let message = &mut self.message;
        message.way = way;
        message.first = None;
        message.unwrapped = false;
        message.broken = false;
        message.banner_matched = 0;
        message.stall.clear();
        true
    }

    /// Moves the arriving message on; false if it waits for bytes, or for the caller.
    pub(super) fn go_on(&mut self) -> bool {
        if self.message.is_announced() && self.phase == Phase::Idle {
            return false;
        }
        if self.message.way < Way::Skipped {
            // Whoever polls instead of reading does not want the rest of a large message.
            self.message.way = Way::Skipped;
        }
        self.use_header();
        let is_kept = self.message.way == Way::Kept;
        let missing = if is_kept { self.inbox.slot().len() } else { self.stream.payload };
        let unread = before(self.stream.unread(), missing);
        let count = unread.len();
        if is_kept {
            copy(self.inbox.slot(), unread);
            self.inbox.filled(count);
            self.stream.pass(count);
        } else {
            self.pass(count);
        }
        if count < missing {
            if is_kept {
                self.inbox.open();
            }
            return false;
        }
        self.end_message()
    }

    /// The message that is larger than the inbox; from now on its payload can be read.
    pub(super) fn announced(&mut self) -> Option<Event<'_>> {
        if !self.message.is_announced() {
            return None;
        }
        self.message.way = Way::Read;
        Some(Event::LargeMessage { header: self.stream.header(), length: self.stream.payload })
    }

    /// What is left of the message that was announced.
    pub(super) fn large_remaining(&self) -> usize {
        if self.message.way == Way::Read { self.stream.payload } else { 0 }
    }

    /// Moves what has arrived of a large message to `out`.
    pub(super) fn read_large(&mut self, out: &mut [u8]) -> Piece {
        if self.message.way == Way::Read {
            self.use_header();
            if self.stream.payload > 0 {
                return self.copy_large(out);
            }
            self.end_message();
            if self.message.way == Way::Read {
                self.stream.make_room();
                return Piece::Wait;
            }
        }
        if core::mem::take(&mut self.message.broken) { Piece::Broken } else { Piece::End }
    }

    fn copy_large(&mut self, out: &mut [u8]) -> Piece {
        if self.message.first.is_none() && self.message.wraps && self.stream.unread().first() == Some(&b'"') {
            self.message.first = Some(b'"');
            self.message.unwrapped = true;
            self.pass_quotes(1);
        }
        let unread = before(self.stream.unread(), self.stream.payload.min(out.len()));
        copy(out, unread);
        match unread.len() {
            0 => {
                self.stream.make_room();
                Piece::Wait
            }
            count => {
                self.pass(count);
                Piece::Bytes(count)
            }
        }
    }

    /// So many bytes of the payload go by, and are kept nowhere.
    fn pass(&mut self, count: usize) {
        let bytes = before(self.stream.unread(), count);
        let message = &mut self.message;
        message.first = message.first.or(bytes.first().copied());
        message.banner_matched = match_banner(self.dialect.banner, message.banner_matched, bytes);
        self.stream.payload = self.stream.payload.saturating_sub(count);
        self.pass_quotes(count);
    }

    /// So many bytes go by that are no part of the payload.
    fn pass_quotes(&mut self, count: usize) {
        self.message.gone_by = self.message.gone_by.wrapping_add(count);
        self.stream.pass(count);
    }

    /// A payload is complete when a line end follows it. If it began with a quote, it may have been wrapped, and then
    /// two of its bytes are still to come (`protocol.md` §8, point 7). False if it cannot be told yet.
    fn end_message(&mut self) -> bool {
        let is_kept = self.message.way == Way::Kept;
        let first = if is_kept { self.inbox.arrived().first().copied() } else { self.message.first };
        let unread = self.stream.unread();
        let Some(&next) = unread.first() else { return false };
        let unwrapped = self.message.unwrapped;
        // Where the closing quote stands, if there is one.
        let closing = usize::from(!unwrapped);
        let mut behind = 0;
        if unwrapped || first.unwrap_or(next) == b'"' {
            match after(unread, closing) {
                [b'"', b'\r', ..] => behind = closing.wrapping_add(1),
                [] | [b'"'] => return false,
                _ => {}
            }
        }
        self.pass_quotes(behind);
        let is_wrapped = behind > 0;
        self.message.wraps |= is_wrapped;
        // The caller may have a quote in place of the last byte. The next message will be right.
        let is_read_wrong = self.message.way == Way::Read && is_wrapped && !unwrapped;
        if is_read_wrong || !is_wrapped && (unwrapped || next != b'\r') {
            self.give_up();
            return true;
        }
        let bytes = self.message_bytes();
        let mut class = Class::Event;
        if is_kept {
            self.inbox.commit(first.filter(|_| is_wrapped).map(|_| next));
        } else if self.message.way == Way::Skipped {
            class = Class::Lost;
            self.lose(bytes);
        }
        self.forget_message(class, bytes);
        true
    }

    /// The message does not end as its header said. What arrived of it is lost, and looked through for the banner of a
    /// restart that interrupted it.
    pub(super) fn give_up(&mut self) {
        let banner = self.dialect.banner;
        let matched = match_banner(banner, self.message.banner_matched, self.inbox.arrived());
        let bytes = self.message_bytes();
        self.inbox.abandon();
        self.message.broken = self.message.way == Way::Read;
        self.lose(bytes);
        self.forget_message(Class::Lost, bytes);
        if matched == banner.len() {
            self.restarted(Kind::Booted);
        }
    }

    /// Watches over a payload that has stopped in the middle.
    pub(super) fn watch_message(&mut self, now: Instant) {
        if self.message.way < Way::Skipped {
            self.message.stall.clear();
            return;
        }
        // The first look is no reason to give up, so that it does not matter how what came until then was chunked.
        let mut bytes = usize::MAX;
        if self.message.stall.is_set() {
            if !self.message.stall.has_come(now) {
                return;
            }
            bytes = self.unclassified();
            if self.message.ticked_at == bytes {
                return self.give_up();
            }
        }
        self.message.stall = Due::after(now, TICK);
        self.message.ticked_at = bytes;
    }

    /// Bytes of the arriving message, but for those that are in RX.
    pub(super) fn message_bytes(&self) -> usize {
        self.message.gone_by.wrapping_add(self.inbox.arrived().len())
    }

    /// The message is done with: its bytes are in one class.
    fn forget_message(&mut self, class: Class, bytes: usize) {
        self.stream.count(bytes, class);
        self.message.way = Way::None;
        self.message.gone_by = 0;
        self.message.stall.clear();
    }

    /// The header has been used: its bytes and those of the payload are one frame.
    pub(super) fn use_header(&mut self) {
        let header = self.stream.use_header();
        self.message.gone_by = self.message.gone_by.wrapping_add(header);
    }
}

/// How many bytes of `banner` the stream has just shown, after `bytes`; it stays complete once it is.
///
/// The banner's first byte does not come again in it, so that a mismatch can only start over.
fn match_banner(banner: &[u8], mut matched: usize, bytes: &[u8]) -> usize {
    let Some(first) = banner.first() else { return usize::MAX };
    for byte in bytes {
        if matched == banner.len() {
            break;
        }
        matched = if banner.get(matched) == Some(byte) { matched.wrapping_add(1) } else { usize::from(byte == first) };
    }
    matched
}
