//! What is sent: the marker, the command line, its end, the payload.
//!
//! The CR LF that ends a line goes out by itself: the modem cannot answer before the CR, so that whatever was received until
//! then is no answer to the line.

use super::super::bytes::{after, between};
use super::{Engine, Phase};

/// Ends a line so that the modem refuses it, wherever it is cut off: the line of a command with a prompt ends with
/// the length of the payload, and with these digits that is out of every range (`protocol.md` §3.5).
const SPOILER: &[u8] = b"99999";

impl Engine<'_> {
    /// The bytes to send now. `payload` is that of the command in flight, or empty if its owner is gone.
    pub fn transmit<'a>(&'a self, payload: &'a [u8]) -> &'a [u8] {
        match self.phase {
            _ if self.line_feed_due => b"\n",
            Phase::Line => self.unsent_line(),
            Phase::Payload => {
                let payload = if self.flight.holds_payload { self.held_payload() } else { payload };
                after(payload, self.flight.sent)
            }
            _ => &[],
        }
    }

    /// So many bytes of [`Engine::transmit`] were sent.
    pub fn transmitted(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        self.roused = true;
        self.deadline.clear();
        // To a modem that waits for a payload, whatever is sent is a part of it.
        self.owed = self.owed.saturating_sub(count);
        if core::mem::take(&mut self.line_feed_due) || core::mem::take(&mut self.escape_due) {
            return;
        }
        self.flight.sent = self.flight.sent.wrapping_add(count);
        match self.phase {
            Phase::Line => {
                let length = self.outgoing_line().len();
                if self.flight.sent > length {
                    self.line_feed_due = self.flight.sent == length.wrapping_add(1);
                    self.flight.sent = 0;
                    self.line_sent();
                }
            }
            Phase::Payload if self.flight.sent >= self.flight.payload => self.payload_sent(),
            _ => {}
        }
    }

    fn line_sent(&mut self) {
        trace!(
            "> {}",
            if self.syncing {
                crate::fmt::Text::new(self.command_line())
            } else {
                self.discretion.sent(self.command_line())
            }
        );
        let mut next = Phase::Acceptance;
        if self.syncing {
            self.on_their_way = self.on_their_way.wrapping_add(1);
        } else {
            self.counters.commands = self.counters.commands.wrapping_add(1);
            if self.flight.spec.prompt {
                next = Phase::Prompt;
            }
        }
        self.proceed(next);
    }

    /// The modem asks for the payload.
    pub(super) fn prompt(&mut self) {
        self.proceed(Phase::Payload);
        if self.phase == Phase::Payload && self.flight.payload == 0 {
            self.payload_sent();
        }
    }

    fn payload_sent(&mut self) {
        trace!("> {} bytes of payload", self.flight.payload);
        self.owed = 0;
        if self.flight.abandoned {
            self.lay_down();
        } else if self.flight.accepted {
            self.await_result();
        } else {
            self.proceed(Phase::Acceptance);
        }
    }

    pub(super) fn has_output(&self) -> bool {
        match self.phase {
            _ if self.line_feed_due => true,
            Phase::Line => !self.unsent_line().is_empty(),
            phase => phase == Phase::Payload,
        }
    }

    /// The payload, if it stands in TX.
    #[inline(always)]
    pub(super) fn held_payload(&self) -> &[u8] {
        let begin = self.line.length;
        between(self.line.buffer, begin, begin.saturating_add(self.flight.payload))
    }

    /// What is left of the line, and then its end: CR alone is the minimum of V.250; every source sends both
    /// (`protocol.md` §2). Of the marker, nothing that would complete a payload that is owed.
    #[inline(always)]
    fn unsent_line(&self) -> &[u8] {
        if self.escape_due {
            return b"\x1b";
        }
        let line = self.outgoing_line();
        let unsent = after(line, self.flight.sent);
        if self.owed > 0 && unsent.len().wrapping_add(2) >= self.owed {
            return &[];
        }
        if unsent.is_empty() { b"\r\n" } else { unsent }
    }

    fn outgoing_line(&self) -> &[u8] {
        if self.flight.spoiled { SPOILER } else { self.command_line() }
    }
}
