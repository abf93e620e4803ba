//! What has happened since the start, on the line and above it.

use crate::at::{self, Engine};
use crate::mqtt::Session;
use crate::time::Duration;

/// What has happened since the start, as with a network interface: to be read, compared and reported at any time. The
/// counts wrap around.
///
/// ```
/// use nt35e::Counters;
///
/// /// Whether it looks as if bytes were lost between modem and UART: between two readings, a day apart.
/// fn looks_lossy(before: &Counters, now: &Counters) -> bool {
///     let lost = now.line.bytes.lost.wrapping_sub(before.line.bytes.lost);
///     let restarts = now.line.restarts().wrapping_sub(before.line.restarts());
///     lost > 100 && restarts == 0
/// }
/// # assert!(!looks_lossy(&Counters::default(), &Counters::default()));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Counters {
    /// On the AT line.
    pub line: at::Counters,
    /// Sign-ins that a broker has accepted.
    pub sign_ins: u32,
    /// Results that came as events, since no command in flight was theirs: mostly those of commands that were given up.
    pub foreign: u32,
    /// The longest that a command took, from the time it was begun until its answer was taken.
    pub longest_wait: Duration,
}

impl Counters {
    pub(super) fn new(engine: &Engine<'_>, session: &Session) -> Self {
        let (sign_ins, foreign, longest_wait) = session.tally();
        Self { line: engine.counters(), sign_ins, foreign, longest_wait }
    }
}
