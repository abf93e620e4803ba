//! What the decisions are made from, and what they come to.

use super::ladder::Rung;
use super::problem::Problem;
use crate::time::Instant;

/// What is the case.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct View {
    /// Whether there is a session, as far as the driver knows.
    pub is_connected: bool,
    /// Whether it was the broker that ended the last one.
    pub was_closed_by_broker: bool,
    /// How often the modem was seen to restart or to switch itself off; any number that changes then.
    pub restarts: u32,
    /// Whether a message waits to be sent.
    pub has_message: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Action {
    /// Recovery: this rung of the ladder. Of [`Rung::Resync`] success means that the session is still there.
    Recover(Rung),
    /// Bring the modem up.
    BringUp,
    /// Sign in.
    Connect,
    /// Sign off.
    Disconnect,
    /// Make the subscription of this number.
    Subscribe(usize),
    /// Send the oldest message that waits.
    Send,
    /// Ask whether the session is still there. Success means that it is.
    Ask,
    /// Nothing, until something happens or that time has come.
    Rest {
        /// When to ask again; none if there is nothing to wait for.
        until: Option<Instant>,
    },
}

/// Something has failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Setback {
    /// What was being done; none for a session that ended by itself.
    pub during: Option<Action>,
    /// What stands in the way.
    pub problem: Problem,
    /// When it is tried again at the earliest.
    pub until: Instant,
}
