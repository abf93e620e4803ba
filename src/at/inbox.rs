//! Where events wait until the caller takes them: a queue of records in the caller's memory, with losses counted.

use super::bytes::{after_mut, between, between_mut, copy, move_down};
use super::event::{Event, Restart};

/// Bytes that a record needs beside its data.
const RECORD: usize = 6;
/// Kept free for what must never be lost: one notice each of a loss, a power-down and a boot.
const RESERVE: usize = 3 * RECORD;

/// What a record holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum Kind {
    Line,
    Message,
    Lost,
    PoweredDown,
    Booted,
}

/// What was lost for lack of memory, or since it arrived broken.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Loss {
    /// Lines and messages of which nothing or only a part was kept.
    pub frames: u32,
    /// Bytes of them.
    pub bytes: u32,
}

/// The queue.
#[repr(C)]
pub(crate) struct Inbox<'b> {
    /// The kinds of notices that are in the queue, a bit each.
    noted: u8,
    /// What is parked from now on bears this number.
    pub(crate) era: u8,
    memory: &'b mut [u8],
    tail: usize,
    /// Where the oldest record begins that was not handed out. What is before it is free.
    next: usize,
    end: usize,
    /// Where the payload of the message that is arriving begins, where its next byte goes, and where it will end: the
    /// record behind the tail. All are 0 if there is none.
    begin: usize,
    arrived: usize,
    /// Up to here bytes of the stream go straight into the payload; 0 if they do not.
    open_end: usize,
    lost: Loss,
    pub(crate) frames_lost: u32,
}

impl<'b> Inbox<'b> {
    pub(crate) const fn new(memory: &'b mut [u8]) -> Self {
        let lost = Loss { frames: 0, bytes: 0 };
        Self {
            memory,
            next: 0,
            tail: 0,
            begin: 0,
            arrived: 0,
            end: 0,
            open_end: 0,
            lost,
            frames_lost: 0,
            noted: 0,
            era: 0,
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.next == self.tail
    }

    /// Parks a line; false if there is no room.
    pub(crate) fn park(&mut self, line: &[u8]) -> bool {
        let end = self.write(Kind::Line, line, 0, RESERVE);
        self.tail = end.unwrap_or(self.tail);
        end.is_some()
    }

    /// Begins a message whose payload of `length` bytes is still to come; false if there is no room.
    pub(crate) fn reserve(&mut self, header: &[u8], length: usize) -> bool {
        let end = self.write(Kind::Message, header, length, RESERVE);
        if let Some(end) = end {
            self.end = end;
            self.begin = end.wrapping_sub(length);
            self.arrived = self.begin;
        }
        end.is_some()
    }

    /// Where the next bytes of the arriving payload go; empty when it is complete.
    #[inline(always)]
    pub(crate) fn slot(&mut self) -> &mut [u8] {
        between_mut(self.memory, self.arrived, self.end)
    }

    /// So many bytes were written into the slot.
    pub(crate) fn filled(&mut self, count: usize) {
        self.arrived = self.arrived.wrapping_add(count).min(self.end);
    }

    /// From now on bytes of the stream go straight into the slot, until it is full.
    pub(crate) const fn open(&mut self) {
        self.open_end = self.end;
    }

    /// Bytes of the stream go elsewhere.
    pub(crate) const fn shut(&mut self) {
        self.open_end = 0;
    }

    #[inline(always)]
    pub(crate) const fn is_open(&self) -> bool {
        self.arrived < self.open_end
    }

    /// Takes the next byte of the stream, if it goes straight into the slot.
    #[inline(always)]
    pub(crate) fn push(&mut self, byte: u8) -> bool {
        let is_open = self.is_open();
        if is_open && let Some(slot) = self.memory.get_mut(self.arrived) {
            *slot = byte;
            self.arrived = self.arrived.wrapping_add(1);
        }
        is_open
    }

    /// What has arrived of the payload so far.
    #[inline(always)]
    pub(crate) fn arrived(&self) -> &[u8] {
        between(self.memory, self.begin, self.arrived)
    }

    /// The payload is complete: the message can be taken. With `last`, the payload was wrapped in quotes: its first
    /// byte is dropped and `last` added.
    pub(crate) fn commit(&mut self, last: Option<u8>) {
        if let Some(last) = last
            && let Some(rest) = self.end.wrapping_sub(self.begin).checked_sub(1)
        {
            move_down(self.memory, self.begin.wrapping_add(1), self.begin, rest);
            if let Some(slot) = self.memory.get_mut(self.begin.wrapping_add(rest)) {
                *slot = last;
            }
        }
        self.tail = self.end;
        self.abandon();
    }

    /// Gives the arriving message up.
    pub(crate) const fn abandon(&mut self) {
        self.begin = 0;
        self.arrived = 0;
        self.end = 0;
        self.open_end = 0;
    }

    /// Counts a loss, and notes it in the queue once until it is taken.
    pub(crate) fn lose(&mut self, bytes: usize) {
        warning!("lost: a line or message, {} bytes", bytes);
        self.frames_lost = self.frames_lost.wrapping_add(1);
        self.lost.frames = self.lost.frames.wrapping_add(1);
        self.lost.bytes = self.lost.bytes.wrapping_add(bytes as u32);
        self.note(Kind::Lost);
    }

    /// Puts a notice of this kind into the queue, unless one is there that was not taken.
    pub(crate) fn note(&mut self, kind: Kind) {
        let bit = 1 << kind as u8;
        if self.noted & bit == 0
            && let Some(end) = self.write(kind, &[], 0, 0)
        {
            self.noted |= bit;
            self.tail = end;
        }
    }

    /// Hands out the oldest record.
    pub(crate) fn take(&mut self) -> Option<Event<'_>> {
        let (&[[kind, era], line, payload], _) =
            between(self.memory, self.next, self.tail).as_chunks().0.split_first_chunk()?;
        let begin = self.next.wrapping_add(RECORD);
        let middle = begin.wrapping_add(usize::from(u16::from_le_bytes(line)));
        let end = middle.wrapping_add(usize::from(u16::from_le_bytes(payload)));
        self.next = end;
        self.noted &= !1_u8.wrapping_shl(u32::from(kind));
        let line = between(self.memory, begin, middle);
        Some(match kind {
            0 => Event::Line { line, era },
            1 => Event::Message { header: line, payload: between(self.memory, middle, end) },
            2 => Event::Lost(core::mem::take(&mut self.lost)),
            3 => Event::Restarted(Restart::PoweredDown),
            _ => Event::Restarted(Restart::Booted),
        })
    }

    const fn is_receiving(&self) -> bool {
        self.end > 0
    }

    /// Writes a record behind the tail, up to its payload, if there is room beside what is kept free; moves the records
    /// down if it must. Returns where the record will end.
    fn write(&mut self, kind: Kind, line: &[u8], payload: usize, keep: usize) -> Option<usize> {
        let needed = line.len().wrapping_add(payload).wrapping_add(RECORD);
        if self.is_receiving() || needed > usize::from(u16::MAX) {
            return None;
        }
        if self.memory.len().wrapping_sub(self.tail) < needed.wrapping_add(keep) {
            let live = self.tail.wrapping_sub(self.next);
            if self.memory.len().wrapping_sub(live) < needed.wrapping_add(keep) {
                return None;
            }
            move_down(self.memory, self.next, 0, live);
            self.next = 0;
            self.tail = live;
        }
        let head = [[kind as u8, self.era], (line.len() as u16).to_le_bytes(), (payload as u16).to_le_bytes()];
        let slot = after_mut(self.memory, self.tail);
        copy(slot, head.as_flattened());
        copy(after_mut(slot, RECORD), line);
        Some(self.tail.wrapping_add(needed))
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Inbox, Kind, Loss, Restart};

    #[test]
    fn records_come_out_in_order_also_when_they_wrap() {
        let mut memory = [0; 64];
        let mut inbox = Inbox::new(&mut memory);
        for round in 0..100u8 {
            inbox.era = round;
            assert!(inbox.park(&[round; 9]));
            assert!(inbox.park(b""));
            assert_eq!(inbox.take(), Some(Event::Line { line: &[round; 9], era: round }));
            assert_eq!(inbox.take(), Some(Event::Line { line: b"", era: round }));
            assert!(inbox.is_empty());
        }
    }

    #[test]
    fn a_message_is_there_only_when_its_payload_is_complete() {
        let mut memory = [0; 64];
        let mut inbox = Inbox::new(&mut memory);
        assert!(inbox.reserve(b"head", 5));
        inbox.slot()[..2].copy_from_slice(b"ab");
        inbox.filled(2);
        assert!(inbox.is_empty());
        inbox.slot().copy_from_slice(b"cde");
        inbox.filled(3);
        inbox.commit(None);
        assert_eq!(inbox.take(), Some(Event::Message { header: b"head", payload: b"abcde" }));
    }

    #[test]
    fn quotes_around_a_payload_are_dropped() {
        let mut memory = [0; 64];
        let mut inbox = Inbox::new(&mut memory);
        assert!(inbox.reserve(b"h", 3));
        inbox.slot().copy_from_slice(b"\"ab");
        inbox.filled(3);
        inbox.commit(Some(b'c'));
        assert_eq!(inbox.take(), Some(Event::Message { header: b"h", payload: b"abc" }));
    }

    #[test]
    fn a_full_inbox_refuses_and_still_notes_losses_and_restarts() {
        let mut memory = [0; 40];
        let mut inbox = Inbox::new(&mut memory);
        assert!(inbox.park(&[7; 16]));
        assert!(!inbox.park(b""));
        assert!(!inbox.reserve(b"", 1));
        inbox.lose(30);
        inbox.lose(12);
        inbox.note(Kind::PoweredDown);
        inbox.note(Kind::Booted);
        inbox.note(Kind::Booted);
        assert_eq!(inbox.take(), Some(Event::Line { line: &[7; 16], era: 0 }));
        assert_eq!(inbox.take(), Some(Event::Lost(Loss { frames: 2, bytes: 42 })));
        assert_eq!(inbox.take(), Some(Event::Restarted(Restart::PoweredDown)));
        assert_eq!(inbox.take(), Some(Event::Restarted(Restart::Booted)));
        assert_eq!(inbox.take(), None);
        inbox.lose(1);
        assert_eq!(inbox.take(), Some(Event::Lost(Loss { frames: 1, bytes: 1 })));
    }

    #[test]
    fn a_message_given_up_leaves_no_trace() {
        let mut memory = [0; 64];
        let mut inbox = Inbox::new(&mut memory);
        assert!(inbox.reserve(b"head", 5));
        inbox.filled(5);
        inbox.abandon();
        assert!(inbox.is_empty());
        assert!(inbox.park(b"next"));
        assert_eq!(inbox.take(), Some(Event::Line { line: b"next", era: 0 }));
    }
}
