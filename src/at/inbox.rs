//! Where events wait until the caller takes them: a queue of records in the caller's memory, with losses counted.

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

/// A message whose payload is still arriving.
#[derive(Clone, Copy, Debug)]
struct Arriving {
    era: u8,
    line: usize,
    payload: usize,
    filled: usize,
}

/// The queue.
pub(crate) struct Inbox<'b> {
    memory: &'b mut [u8],
    head: usize,
    tail: usize,
    arriving: Option<Arriving>,
    lost: Loss,
    loss_noted: bool,
    restarts_noted: u8,
}

impl<'b> Inbox<'b> {
    pub(crate) const fn new(memory: &'b mut [u8]) -> Self {
        let lost = Loss { frames: 0, bytes: 0 };
        Self { memory, head: 0, tail: 0, arriving: None, lost, loss_noted: false, restarts_noted: 0 }
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
        self.make_room(line.len(), RESERVE) && self.write(Kind::Line, era, line)
    }

    /// Begins a message whose payload of `length` bytes is still to come; false if there is no room.
    pub(crate) fn reserve(&mut self, header: &[u8], length: usize, era: u8) -> bool {
        if !self.make_room(header.len().saturating_add(length), RESERVE) {
            return false;
        }
        let start = self.tail.wrapping_add(RECORD);
        let end = start.wrapping_add(header.len());
        if let Some(slot) = self.memory.get_mut(start..end) {
            slot.copy_from_slice(header);
        }
        self.arriving = Some(Arriving { era, line: header.len(), payload: length, filled: 0 });
        true
    }

    /// Where the next bytes of the arriving payload go; empty when it is complete.
    pub(crate) fn slot(&mut self) -> &mut [u8] {
        let Some(arriving) = self.arriving else { return &mut [] };
        let start = self.payload_start(arriving).wrapping_add(arriving.filled);
        let end = self.payload_start(arriving).wrapping_add(arriving.payload);
        self.memory.get_mut(start..end).unwrap_or_default()
    }

    /// So many bytes were written into the slot.
    pub(crate) fn filled(&mut self, count: usize) {
        if let Some(arriving) = &mut self.arriving {
            arriving.filled = arriving.filled.wrapping_add(count).min(arriving.payload);
        }
    }

    /// What has arrived of the payload so far.
    pub(crate) fn arrived(&self) -> &[u8] {
        let Some(arriving) = self.arriving else { return &[] };
        let start = self.payload_start(arriving);
        self.memory.get(start..start.wrapping_add(arriving.filled)).unwrap_or_default()
    }

    /// The payload is complete: the message can be taken. With `last`, the payload was wrapped in quotes: its first
    /// byte is dropped and `last` added.
    pub(crate) fn commit(&mut self, last: Option<u8>) {
        let Some(arriving) = self.arriving.take() else { return };
        if let Some(last) = last {
            let start = self.payload_start(arriving);
            let end = start.wrapping_add(arriving.payload);
            if let Some(payload) = self.memory.get_mut(start..end) {
                payload.copy_within(1.., 0);
                if let Some(slot) = payload.last_mut() {
                    *slot = last;
                }
            }
        }
        self.close(Kind::Message, arriving.era, arriving.line, arriving.payload);
    }

    /// Gives the arriving message up.
    pub(crate) fn abandon(&mut self) {
        self.arriving = None;
    }

    /// Counts a loss, and notes it in the queue once until it is taken.
    pub(crate) fn lose(&mut self, frames: u32, bytes: usize, era: u8) {
        warning!("lost: {} lines or messages, {} bytes", frames, bytes);
        self.lost.frames = self.lost.frames.saturating_add(frames);
        self.lost.bytes = self.lost.bytes.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        if !self.loss_noted && self.make_room(0, 0) {
            self.loss_noted = self.write(Kind::Lost, era, &[]);
        }
    }

    /// Notes a restart, once for each kind until it is taken.
    pub(crate) fn note_restart(&mut self, kind: Kind, era: u8) {
        let bit = restart_bit(kind);
        if self.restarts_noted & bit == 0 && self.make_room(0, 0) && self.write(kind, era, &[]) {
            self.restarts_noted |= bit;
        }
    }

    /// The oldest record.
    pub(crate) fn front(&self) -> Option<Record<'_>> {
        let (&[kind, era, line_low, line_high, payload_low, payload_high], data) =
            self.memory.get(self.head..self.tail)?.split_first_chunk()?;
        let line_length = usize::from(u16::from_le_bytes([line_low, line_high]));
        let payload_length = usize::from(u16::from_le_bytes([payload_low, payload_high]));
        let (line, data) = data.split_at_checked(line_length)?;
        let payload = data.get(..payload_length)?;
        let kind = match kind {
            0 => Kind::Line,
            1 => Kind::Message,
            2 => Kind::Lost,
            3 => Kind::PoweredDown,
            _ => Kind::Booted,
        };
        Some(Record { kind, era, line, payload })
    }

    /// Drops the oldest record.
    pub(crate) fn release(&mut self) {
        let Some(record) = self.front() else { return };
        let size = RECORD.wrapping_add(record.line.len()).wrapping_add(record.payload.len());
        match record.kind {
            Kind::Lost => self.loss_noted = false,
            kind => self.restarts_noted &= !restart_bit(kind),
        }
        self.head = self.head.wrapping_add(size);
        if self.is_empty() && self.arriving.is_none() {
            self.head = 0;
            self.tail = 0;
        }
    }

    /// What was lost since this was asked last.
    pub(crate) fn take_loss(&mut self) -> Loss {
        core::mem::take(&mut self.lost)
    }

    /// Makes room for a record behind the tail, beside what is kept free; moves the records down if it must.
    fn make_room(&mut self, data: usize, keep: usize) -> bool {
        let needed = data.saturating_add(RECORD).saturating_add(keep);
        if self.arriving.is_some() || data > usize::from(u16::MAX) {
            return false;
        }
        if self.memory.len().wrapping_sub(self.tail) >= needed {
            return true;
        }
        let live = self.tail.wrapping_sub(self.head);
        if self.memory.len().wrapping_sub(live) < needed {
            return false;
        }
        self.memory.copy_within(self.head..self.tail, 0);
        self.head = 0;
        self.tail = live;
        true
    }

    fn write(&mut self, kind: Kind, era: u8, line: &[u8]) -> bool {
        let start = self.tail.wrapping_add(RECORD);
        let Some(slot) = self.memory.get_mut(start..start.wrapping_add(line.len())) else {
            return false;
        };
        slot.copy_from_slice(line);
        self.close(kind, era, line.len(), 0);
        true
    }

    /// Writes the head of a record whose data is in place, and lets the queue end behind it.
    fn close(&mut self, kind: Kind, era: u8, line: usize, payload: usize) {
        let [line_low, line_high] = (line as u16).to_le_bytes();
        let [payload_low, payload_high] = (payload as u16).to_le_bytes();
        let end = self.tail.wrapping_add(RECORD);
        if let Some(slot) = self.memory.get_mut(self.tail..end) {
            slot.copy_from_slice(&[kind as u8, era, line_low, line_high, payload_low, payload_high]);
        }
        self.tail = end.wrapping_add(line).wrapping_add(payload);
    }

    fn payload_start(&self, arriving: Arriving) -> usize {
        self.tail.wrapping_add(RECORD).wrapping_add(arriving.line)
    }
}

const fn restart_bit(kind: Kind) -> u8 {
    match kind {
        Kind::PoweredDown => 1,
        Kind::Booted => 2,
        _ => 0,
    }
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
        inbox.filled(2);
        assert!(inbox.is_empty());
        inbox.slot().copy_from_slice(b"cde");
        inbox.filled(3);
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
        inbox.filled(3);
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
        inbox.lose(1, 30, 0);
        inbox.lose(1, 12, 0);
        inbox.note_restart(Kind::PoweredDown, 0);
        inbox.note_restart(Kind::Booted, 0);
        inbox.note_restart(Kind::Booted, 0);
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
        inbox.filled(5);
        inbox.abandon();
        assert!(inbox.is_empty());
        assert!(inbox.park(b"next", 0));
        assert_eq!(inbox.front().unwrap().line, b"next");
    }
}
