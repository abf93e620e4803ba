//! Back in step: `OK` bears no name, so after a time limit, a drop or a restart nobody knows whose answer comes next.
//!
//! A marker query with an answer of its own is sent; whatever comes before that answer is stale.
//!
//! ```text
//!  Needed ──► Sending ──► Waiting ──its answer──► Answered ──OK──► InStep
//!                ▲           │ limit                  │ OK, but more than one marker was sent
//!                └───────────┘                        ▼
//!                (a few times, then the command fails)   Settling ──quiet──► InStep
//! ```

use super::transmitter::{Sent, before_end};
use crate::time::{Duration, Instant};

/// The modem answers a query in about 7 ms (`protocol.md` §3.7); an older firmware took half a second.
const WAIT: Duration = Duration::from_secs(1);
const ATTEMPTS: u8 = 5;
/// With several markers on their way it takes this much silence to know that the last one was answered.
const QUIET: Duration = Duration::from_millis(300);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Phase {
    InStep,
    Needed,
    Sending { sent: usize },
    Waiting,
    Answered,
    Settling,
}

#[derive(Debug)]
pub(crate) struct Resync {
    pub(crate) phase: Phase,
    attempts: u8,
    /// Markers sent since the line was in step, and one for a stale command that asks the same.
    on_their_way: u8,
    /// [`Instant::NEVER`] until the phase is looked at first.
    deadline: Instant,
}

impl Resync {
    /// Nothing is known of a line that was just opened.
    pub(crate) const fn new() -> Self {
        Self { phase: Phase::Needed, attempts: 0, on_their_way: 0, deadline: Instant::NEVER }
    }

    /// The line may be out of step; with `same_query`, an answer like the marker's may still be on its way.
    pub(crate) fn need(&mut self, same_query: bool) {
        self.phase = Phase::Needed;
        self.on_their_way = self.on_their_way.saturating_add(u8::from(same_query));
    }

    pub(crate) fn is_needed(&self) -> bool {
        self.phase != Phase::InStep
    }

    /// Begins, and goes on with a marker that was sent in part.
    pub(crate) fn start(&mut self, now: Instant) {
        if !matches!(self.phase, Phase::Sending { .. }) {
            self.phase = Phase::Sending { sent: 0 };
        }
        self.attempts = 1;
        self.deadline = now + WAIT;
    }

    /// Whether nothing of the present marker was sent yet.
    pub(crate) fn is_starting(&self) -> bool {
        self.phase == Phase::Sending { sent: 0 }
    }

    pub(crate) fn unsent<'a>(&self, marker: &'a [u8]) -> &'a [u8] {
        match self.phase {
            Phase::Sending { sent } => before_end(marker, sent),
            _ => &[],
        }
    }

    /// How much of the present marker was sent.
    pub(crate) const fn sent(&self) -> usize {
        match self.phase {
            Phase::Sending { sent } => sent,
            _ => 0,
        }
    }

    /// Counts what was sent of the marker.
    pub(crate) fn transmitted(&mut self, count: usize, marker: &[u8]) -> Sent {
        let Phase::Sending { sent } = &mut self.phase else { return Sent::All };
        *sent = sent.saturating_add(count);
        let sent = Sent::of_line(*sent, marker.len());
        if sent != Sent::Part {
            self.phase = Phase::Waiting;
            self.on_their_way = self.on_their_way.saturating_add(1);
        }
        self.deadline = Instant::NEVER;
        sent
    }

    /// The line that begins with the marker's name came.
    pub(crate) fn answered(&mut self) {
        if self.phase == Phase::Waiting {
            self.phase = Phase::Answered;
        }
    }

    /// `OK` came; false if it belonged to something older.
    pub(crate) fn accepted(&mut self) -> bool {
        let is_own = self.phase == Phase::Answered;
        if is_own {
            self.phase = if self.on_their_way > 1 { Phase::Settling } else { Phase::InStep };
            self.deadline = Instant::NEVER;
        }
        is_own
    }

    /// Something arrived: it is not quiet.
    pub(crate) fn disturb(&mut self) {
        if self.phase == Phase::Settling {
            self.deadline = Instant::NEVER;
        }
    }

    /// What time does: false once all attempts have failed.
    pub(crate) fn expire(&mut self, now: Instant) -> bool {
        let limit = if self.phase == Phase::Settling { QUIET } else { WAIT };
        if self.deadline == Instant::NEVER {
            self.deadline = now + limit;
        }
        if now < self.deadline {
            return true;
        }
        match self.phase {
            Phase::Settling => {
                self.phase = Phase::InStep;
                true
            }
            _ if self.attempts < ATTEMPTS => {
                self.attempts = self.attempts.wrapping_add(1);
                self.phase = Phase::Sending { sent: 0 };
                self.deadline = now + WAIT;
                true
            }
            _ => {
                self.phase = Phase::Needed;
                false
            }
        }
    }

    /// In step: forgets what was on its way.
    pub(crate) const fn conclude(&mut self) {
        self.on_their_way = 0;
        self.deadline = Instant::NEVER;
    }

    pub(crate) const fn deadline(&self) -> Instant {
        self.deadline
    }
}
