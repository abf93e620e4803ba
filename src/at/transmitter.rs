//! The sending side: the TX buffer with one command line and, if it fits behind it, the payload.

use super::bytes::{after, before, between, copy};
use super::encode::{EncodeError, Encoder};

/// What ends a command line. CR alone is the minimum of V.250; every source sends both (`protocol.md` §2).
pub(crate) const LINE_END: &[u8] = b"\r\n";
/// What ends a line so that the modem refuses it, wherever it is cut off: the line of a command with a prompt ends with
/// the length of the payload, and with these digits that is out of every range (`protocol.md` §3.5).
const SPOILER: &[u8] = b"99999\r\n";

pub(crate) struct Transmitter<'b> {
    tx: &'b mut [u8],
    /// Bytes of the command line, with its end.
    line: usize,
    payload: usize,
    /// Whether the payload stands in TX, behind the line.
    holds_payload: bool,
    /// Bytes sent of the part that is being sent.
    sent: usize,
    /// In place of the rest of the line, [`SPOILER`] is sent.
    spoiled: bool,
}

impl<'b> Transmitter<'b> {
    pub(crate) const fn new(tx: &'b mut [u8]) -> Self {
        Self { tx, line: 0, payload: 0, holds_payload: false, sent: 0, spoiled: false }
    }

    /// Writes a command line; the old one is gone, whether this succeeds or not.
    pub(crate) fn write_line(&mut self, name: &str) -> Encoder<'_> {
        self.line = 0;
        self.sent = 0;
        self.spoiled = false;
        let mut line = Encoder::new(self.tx);
        line.raw(b"AT").raw(name.as_bytes());
        line
    }

    /// Ends the line, and takes the payload along if there is room.
    pub(crate) fn complete(&mut self, length: usize, payload: &[u8]) -> Result<(), EncodeError> {
        let end = length.saturating_add(LINE_END.len());
        let available = self.tx.len();
        let Some(slot) = self.tx.get_mut(length..end) else {
            return Err(EncodeError::TooLong { needed: end, available });
        };
        copy(slot, LINE_END);
        self.line = end;
        self.payload = payload.len();
        let slot = self.tx.get_mut(end..end.saturating_add(payload.len()));
        self.holds_payload = slot.is_some();
        copy(slot.unwrap_or_default(), payload);
        Ok(())
    }

    /// The command line without its end.
    pub(crate) fn line(&self) -> &[u8] {
        before(self.tx, self.line.saturating_sub(LINE_END.len()))
    }

    /// What is left to send of the line.
    pub(crate) fn unsent_line(&self) -> &[u8] {
        let line = if self.spoiled { SPOILER } else { before(self.tx, self.line) };
        before_end(line, self.sent)
    }

    /// Gives up on a line that was sent in part.
    pub(crate) const fn spoil_line(&mut self) {
        if !self.spoiled {
            self.spoiled = true;
            self.sent = 0;
        }
    }

    pub(crate) const fn is_spoiled(&self) -> bool {
        self.spoiled
    }

    /// What is left to send of the payload, which is `given` if it does not stand in TX.
    pub(crate) fn unsent_payload<'a>(&'a self, given: &'a [u8]) -> &'a [u8] {
        let payload = if self.holds_payload {
            between(self.tx, self.line, self.line.saturating_add(self.payload))
        } else {
            given
        };
        after(payload, self.sent)
    }

    /// Counts what was sent of the line.
    pub(crate) fn sent_line(&mut self, count: usize) -> Sent {
        self.sent = self.sent.saturating_add(count);
        let length = if self.spoiled { SPOILER.len() } else { self.line };
        let sent = Sent::of_line(self.sent, length);
        if sent != Sent::Part {
            self.sent = 0;
        }
        sent
    }

    /// Counts what was sent of the payload; true when that was the last of it.
    pub(crate) fn sent_payload(&mut self, count: usize) -> bool {
        self.sent = self.sent.saturating_add(count);
        self.sent >= self.payload
    }

    /// Whether the payload can be sent without the caller.
    pub(crate) const fn holds_payload(&self) -> bool {
        self.holds_payload
    }

    /// How much of the payload was not sent, when its turn had come or not.
    pub(crate) const fn payload_left(&self) -> usize {
        self.payload.saturating_sub(self.sent)
    }

    /// Whether the payload, if it stands in TX, can be sent to a modem that waits for a command: as a part of a line it
    /// neither ends one nor holds what begins a command.
    pub(crate) fn payload_is_no_command(&self) -> bool {
        let payload = between(self.tx, self.line, self.line.saturating_add(self.payload));
        let begins_command = |pair: &[u8]| matches!(pair, [b'A' | b'a', b'T' | b't' | b'/']);
        let is_in_line = |byte: &u8| !matches!(byte, b'\r' | b'\n');
        self.holds_payload && payload.iter().all(is_in_line) && !payload.windows(2).any(begins_command)
    }

    /// By how many bytes TX is too short for line and payload together.
    pub(crate) const fn shortage(&self) -> usize {
        self.line.saturating_add(self.payload).saturating_sub(self.tx.len())
    }

    pub(crate) const fn payload_length(&self) -> usize {
        self.payload
    }

    pub(crate) const fn has_payload(&self) -> bool {
        self.payload > 0
    }

    pub(crate) const fn capacity(&self) -> usize {
        self.tx.len()
    }

    /// Whether nothing of the part in hand was sent yet.
    pub(crate) const fn is_unsent(&self) -> bool {
        self.sent == 0 && !self.spoiled
    }
}

/// How much of a line was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sent {
    Part,
    /// The CR, at which the modem may answer, but not the LF behind it.
    AllButLineFeed,
    All,
}

impl Sent {
    pub(crate) const fn of_line(sent: usize, length: usize) -> Self {
        match length.saturating_sub(sent) {
            0 => Self::All,
            1 => Self::AllButLineFeed,
            _ => Self::Part,
        }
    }
}

impl core::fmt::Debug for Transmitter<'_> {
    /// Prints no content, which may be a secret.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { line, payload, sent, .. } = self;
        formatter.debug_struct("Transmitter").field("line", line).field("payload", payload).field("sent", sent).finish()
    }
}

/// What is left of `line`, but its end only once all before it was sent.
///
/// The modem cannot answer before the end of the line, so whatever the driver reads until then is no answer to it.
pub(crate) fn before_end(line: &[u8], sent: usize) -> &[u8] {
    let end = line.len().saturating_sub(LINE_END.len());
    let until = if sent < end { end } else { line.len() };
    between(line, sent, until)
}
