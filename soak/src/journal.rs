//! What a firmware says has happened.

use core::time::Duration;
use std::collections::BTreeMap;

/// Kept by the firmware, to be held against what really happened.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    /// Messages that the driver was given to publish.
    pub(crate) attempts: Vec<Attempt>,
    /// Messages that the driver has handed out.
    pub(crate) heard: Vec<Heard>,
    /// Frames that the driver said were lost.
    pub(crate) lost: usize,
    /// What was open each time nothing happened for a while.
    pub(crate) quiets: Vec<Quiet>,
    /// The longest that each call took, and how often it was made.
    pub(crate) calls: BTreeMap<&'static str, (Duration, u64)>,
    pub(crate) errors: u64,
    pub(crate) sign_ins: u64,
    /// Everything that was told, with its time, for whoever looks at one life.
    pub(crate) notes: Vec<(Duration, String)>,
}

/// A message to the cloud.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) began: Duration,
    pub(crate) payload: Vec<u8>,
    /// Whether the driver said that the broker has it.
    pub(crate) is_confirmed: bool,
}

/// A message from the cloud.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) at: Duration,
    /// How many messages had arrived by then, this one among them.
    pub(crate) arrived: usize,
    pub(crate) payload: Vec<u8>,
}

/// A moment when the driver had handed out whatever had arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quiet {
    /// Messages that had arrived by then.
    pub(crate) arrived: usize,
    /// Frames that had been reported as lost.
    pub(crate) lost: usize,
}

impl Journal {
    pub(crate) fn called(&mut self, call: &'static str, took: Duration) {
        let (longest, count) = self.calls.entry(call).or_default();
        *longest = took.max(*longest);
        *count += 1;
    }

    /// The driver is given a message; the number that this returns is to be confirmed.
    pub(crate) fn attempted(&mut self, began: Duration, payload: Vec<u8>) -> usize {
        self.attempts.push(Attempt { began, payload, is_confirmed: false });
        self.attempts.len() - 1
    }

    pub(crate) fn confirmed(&mut self, attempt: usize) {
        self.attempts[attempt].is_confirmed = true;
    }

    /// Nothing has happened for some seconds, at whose beginning so many messages had arrived.
    pub(crate) fn is_quiet(&mut self, arrived: usize) {
        self.quiets.push(Quiet { arrived, lost: self.lost });
    }
}
