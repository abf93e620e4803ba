//! Where events wait until the caller takes them: a queue of records in the caller's memory, with losses counted.

use super::bytes::{after_mut, between, between_mut, copy, move_down};

/// Bytes that a record needs beside its data.
const RECORD: usize = 6;
/// Kept free for what must never be lost: one notice each of a loss, a power-down and a boot.
const RESERVE: usize = 3 * RECORD;

/// What a record holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
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

/// A record, borrowed from the inbox.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Record<'a> {
    pub(crate) kind: Kind,
    /// The value of the caller's counter when it was parked.
    pub(crate) era: u8,
    pub(crate) line: &'a [u8],
    pub(crate) payload: &'a [u8],
}

/// The queue.
pub(crate) struct Inbox<'b> {
    memory: &'b mut [u8],
    head: usize,
    tail: usize,
    /// Where the payload of the message that is arriving begins, where its next byte goes, and where it will end: the
    /// record behind the tail. All are 0 if there is none.
    begin: usize,
    next: usize,
    end: usize,
    /// Up to here bytes of the stream go straight into the payload; 0 if they do not.
    open_end: usize,
    lost: Loss,
    /// The kinds of notices that are in the queue, a bit each.
    noted: u8,
}

impl<'b> Inbox<'b> {
    pub(crate) const fn new(memory: &'b mut [u8]) -> Self {
        let lost = Loss { frames: 0, bytes: 0 };
        Self { memory, head: 0, tail: 0, begin: 0, next: 0, end: 0, open_end: 0, lost, noted: 0 }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.head == self.tail
    }

    /// Whether a record with this much data would ever fit.
    pub(crate) fn can_hold(&self, data: usize) -> bool {
        data.saturating_add(RECORD).saturating_add(RESERVE) <= self.memory.len()
    }

    /// Parks a line; false if there is no room.
    pub(crate) fn park(&mut self, line: &[u8], era: u8) -> bool {
        self.make_room(line.len(), RESERVE) && self.close(Kind::Line, era, line)
    }

    /// Begins a message whose payload of `length` bytes is still to come; false if there is no room.
    pub(crate) fn reserve(&mut self, header: &[u8], length: usize, era: u8) -> bool {
        if !self.make_room(header.len().saturating_add(length), RESERVE) {
            return false;
        }
        self.end = self.write(Kind::Message, era, header, length);
        self.begin = self.end.wrapping_sub(length);
        self.next = self.begin;
        true
    }

    /// Where the next bytes of the arriving payload go; empty when it is complete.
    #[inline(always)]
    pub(crate) fn slot(&mut self) -> &mut [u8] {
        between_mut(self.memory, self.next, self.end)
    }

    /// So many bytes were written into the slot: true if that completes the payload.
    #[inline(always)]
    pub(crate) fn filled(&mut self, count: usize) -> bool {
        self.next = self.next.wrapping_add(count).min(self.end);
        self.next == self.end
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
        self.next < self.open_end
    }

    /// Takes the next byte of the stream, if it goes straight into the slot.
    #[inline(always)]
    pub(crate) fn push(&mut self, byte: u8) -> bool {
        let is_open = self.is_open();
        if is_open && let Some(slot) = self.memory.get_mut(self.next) {
            *slot = byte;
            self.next = self.next.wrapping_add(1);
        }
        is_open
    }

    /// What has arrived of the payload so far.
    pub(crate) fn arrived(&self) -> &[u8] {
        between(self.memory, self.begin, self.next)
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
        self.next = 0;
        self.end = 0;
        self.open_end = 0;
    }

    /// Counts a loss, and notes it in the queue once until it is taken.
    pub(crate) fn lose(&mut self, bytes: usize, era: u8) {
        warning!("lost: a line or message, {} bytes", bytes);
        self.lost.frames = self.lost.frames.saturating_add(1);
        self.lost.bytes = self.lost.bytes.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        self.note(Kind::Lost, era);
    }

    /// Puts a notice of this kind into the queue, unless one is there that was not taken.
    pub(crate) fn note(&mut self, kind: Kind, era: u8) {
        let bit = 1 << kind as u8;
        if self.noted & bit == 0 && self.make_room(0, 0) {
            self.noted |= bit;
            self.close(kind, era, &[]);
        }
    }

    /// Whether the oldest record is the notice of a loss.
    pub(crate) fn has_loss_in_front(&self) -> bool {
        self.memory.get(self.head) == Some(&(Kind::Lost as u8))
    }

    /// The oldest record.
    pub(crate) fn front(&self) -> Option<Record<'_>> {
        let head = self.oldest()?;
        let &[kind, era, ..] = head;
        let kind = match kind {
            0 => Kind::Line,
            1 => Kind::Message,
            2 => Kind::Lost,
            3 => Kind::PoweredDown,
            _ => Kind::Booted,
        };
        let begin = self.head.wrapping_add(RECORD);
        let middle = begin.wrapping_add(line_length(head));
        let line = between(self.memory, begin, middle);
        let payload = between(self.memory, middle, self.head.wrapping_add(size(head)));
        Some(Record { kind, era, line, payload })
    }

    /// Drops the oldest record.
    pub(crate) fn release(&mut self) {
        let Some(head) = self.oldest() else { return };
        let (&[kind, ..], size) = (head, size(head));
        self.noted &= !1_u8.wrapping_shl(u32::from(kind));
        self.head = self.head.wrapping_add(size);
        if self.is_empty() && !self.is_receiving() {
            self.head = 0;
            self.tail = 0;
        }
    }

    /// The head of the oldest record.
    fn oldest(&self) -> Option<&[u8; RECORD]> {
        between(self.memory, self.head, self.tail).first_chunk()
    }

    /// What was lost since this was asked last.
    pub(crate) fn take_loss(&mut self) -> Loss {
        core::mem::take(&mut self.lost)
    }

    /// Makes room for a record behind the tail, beside what is kept free; moves the records down if it must.
    fn make_room(&mut self, data: usize, keep: usize) -> bool {
        let needed = data.saturating_add(RECORD).saturating_add(keep);
        if self.is_receiving() || data > usize::from(u16::MAX) {
            return false;
        }
        if self.memory.len().wrapping_sub(self.tail) >= needed {
            return true;
        }
        let live = self.tail.wrapping_sub(self.head);
        if self.memory.len().wrapping_sub(live) < needed {
            return false;
        }
        move_down(self.memory, self.head, 0, live);
        self.head = 0;
        self.tail = live;
        true
    }

    const fn is_receiving(&self) -> bool {
        self.end > 0
    }

    /// Adds a record that is complete.
    fn close(&mut self, kind: Kind, era: u8, line: &[u8]) -> bool {
        self.tail = self.write(kind, era, line, 0);
        true
    }

    /// Writes a record behind the tail, where there is room, up to its payload; returns where it ends.
    fn write(&mut self, kind: Kind, era: u8, line: &[u8], payload: usize) -> usize {
        let [line_low, line_high] = (line.len() as u16).to_le_bytes();
        let [payload_low, payload_high] = (payload as u16).to_le_bytes();
        let begin = self.tail.wrapping_add(RECORD);
        if let Some(head) = self.memory.get_mut(self.tail..).and_then(<[u8]>::first_chunk_mut) {
            *head = [kind as u8, era, line_low, line_high, payload_low, payload_high];
        }
        copy(after_mut(self.memory, begin), line);
        begin.wrapping_add(line.len()).wrapping_add(payload)
    }
}

const fn line_length(&[_, _, low, high, ..]: &[u8; RECORD]) -> usize {
    u16::from_le_bytes([low, high]) as usize
}

/// How long a record is.
const fn size(head: &[u8; RECORD]) -> usize {
    let &[.., low, high] = head;
    RECORD.wrapping_add(line_length(head)).wrapping_add(u16::from_le_bytes([low, high]) as usize)
}

#[cfg(test)]
mod tests {
    use super::{Inbox, Kind, Loss};

    #[test]
    fn records_come_out_in_order_also_when_they_wrap() {
        let mut memory = [0; 64];
        let mut inbox = Inbox::new(&mut memory);
        for round in 0..100u8 {
            assert!(inbox.park(&[round; 9], round));
            assert!(inbox.park(b"", 0));
            let first = inbox.front().unwrap();
            assert_eq!((first.kind, first.era, first.line), (Kind::Line, round, &[round; 9][..]));
            inbox.release();
            assert_eq!(inbox.front().unwrap().line, b"");
            inbox.release();
            assert!(inbox.is_empty());
        }
    }

    #[test]
    fn a_message_is_there_only_when_its_payload_is_complete() {
        let mut memory = [0; 64];
        let mut inbox = Inbox::new(&mut memory);
        assert!(inbox.reserve(b"head", 5, 0));
        inbox.slot()[..2].copy_from_slice(b"ab");
        assert!(!inbox.filled(2));
        assert!(inbox.is_empty());
        inbox.slot().copy_from_slice(b"cde");
        assert!(inbox.filled(3));
        inbox.commit(None);
        let record = inbox.front().unwrap();
        assert_eq!((record.kind, record.line, record.payload), (Kind::Message, &b"head"[..], &b"abcde"[..]));
    }

    #[test]
    fn quotes_around_a_payload_are_dropped() {
        let mut memory = [0; 64];
        let mut inbox = Inbox::new(&mut memory);
        assert!(inbox.reserve(b"h", 3, 0));
        inbox.slot().copy_from_slice(b"\"ab");
        assert!(inbox.filled(3));
        inbox.commit(Some(b'c'));
        assert_eq!(inbox.front().unwrap().payload, b"abc");
    }

    #[test]
    fn a_full_inbox_refuses_and_still_notes_losses_and_restarts() {
        let mut memory = [0; 40];
        let mut inbox = Inbox::new(&mut memory);
        assert!(inbox.park(&[7; 16], 0));
        assert!(!inbox.park(b"", 0));
        assert!(!inbox.reserve(b"", 1, 0));
        inbox.lose(30, 0);
        inbox.lose(12, 0);
        inbox.note(Kind::PoweredDown, 0);
        inbox.note(Kind::Booted, 0);
        inbox.note(Kind::Booted, 0);
        let mut kinds = std::vec::Vec::new();
        while let Some(record) = inbox.front() {
            kinds.push(record.kind);
            inbox.release();
        }
        assert_eq!(kinds, [Kind::Line, Kind::Lost, Kind::PoweredDown, Kind::Booted]);
        assert_eq!(inbox.take_loss(), Loss { frames: 2, bytes: 42 });
        assert_eq!(inbox.take_loss(), Loss::default());
    }

    #[test]
    fn a_message_given_up_leaves_no_trace() {
        let mut memory = [0; 64];
        let mut inbox = Inbox::new(&mut memory);
        assert!(inbox.reserve(b"head", 5, 0));
        assert!(inbox.filled(5));
        inbox.abandon();
        assert!(inbox.is_empty());
        assert!(inbox.park(b"next", 0));
        assert_eq!(inbox.front().unwrap().line, b"next");
    }
}
