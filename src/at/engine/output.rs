//! What is sent: the marker, the command line, its end, the payload.
//!
//! The CR LF that ends a line goes out by itself: the modem cannot answer before the CR, so that whatever was received until
//! then is no answer to the line.

use super::super::bytes::{after, between};
use super::{Engine, Phase};
use crate::time::Due;

/// Ends a line so that the modem refuses it, wherever it is cut off: the line of a command with a prompt ends with
/// the length of the payload, and with these digits that is out of every range (`protocol.md` §3.5).
const SPOILER: &[u8] = b"99999";

impl Engine<'_> {
    /// The bytes to send now. `payload` is that of the command in flight, or empty if its owner is gone.
    pub fn transmit<'a>(&'a self, payload: &'a [u8]) -> &'a [u8] {
        match self.phase {
            _ if self.line_feed_due => b"\n",
            Phase::Marker => self.unsent_marker(),
            Phase::Line => unsent(self.outgoing_line(), self.flight.sent),
            Phase::Payload if self.flight.holds_payload => after(self.held_payload(), self.flight.sent),
            Phase::Payload => after(payload, self.flight.sent),
            _ => &[],
        }
    }

    /// So many bytes of [`Engine::transmit`] were sent.
    pub fn transmitted(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        self.roused = true;
        self.deadline = Due::NEVER;
        if core::mem::take(&mut self.line_feed_due) {
            self.pay(count);
            return;
        }
        match self.phase {
            Phase::Marker => {
                self.pay(count);
                if core::mem::take(&mut self.escape_due) {
                    return;
                }
                self.marker_sent = self.marker_sent.saturating_add(count);
                if self.ends_line(self.marker_sent, self.dialect.marker.len()) {
                    trace!("> {}", crate::fmt::Text::new(self.dialect.marker));
                    self.marker_sent = 0;
                    self.on_their_way = self.on_their_way.saturating_add(1);
                    self.enter(Phase::Queried);
                }
            }
            Phase::Line => {
                self.flight.sent = self.flight.sent.saturating_add(count);
                if self.ends_line(self.flight.sent, self.outgoing_line().len()) {
                    trace!("> {}", self.discretion.sent(self.sent_line()));
                    self.counters.commands = self.counters.commands.wrapping_add(1);
                    self.flight.sent = 0;
                    self.proceed(if self.flight.spec.prompt { Phase::Prompt } else { Phase::Acceptance });
                }
            }
            Phase::Payload => {
                self.flight.sent = self.flight.sent.saturating_add(count);
                if self.flight.sent >= self.flight.payload {
                    self.payload_sent();
                }
            }
            _ => {}
        }
    }

    /// Whether, with so many bytes sent of a line of this length, its CR was.
    fn ends_line(&mut self, sent: usize, length: usize) -> bool {
        let behind = sent.wrapping_sub(length);
        self.line_feed_due = behind == 1;
        sent > length
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
            Phase::Marker => !self.unsent_marker().is_empty(),
            Phase::Line | Phase::Payload => true,
            _ => false,
        }
    }

    /// The payload, if it stands in TX.
    pub(super) fn held_payload(&self) -> &[u8] {
        let begin = self.line.length;
        between(self.line.buffer, begin, begin.saturating_add(self.flight.payload))
    }

    fn outgoing_line(&self) -> &[u8] {
        if self.flight.spoiled { SPOILER } else { self.sent_line() }
    }
}

/// What is left of `line`, and then its end: CR alone is the minimum of V.250; every source sends both (`protocol.md` §2).
pub(super) fn unsent(line: &[u8], sent: usize) -> &[u8] {
    match after(line, sent) {
        [] => b"\r\n",
        rest => rest,
    }
}
