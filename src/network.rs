//! What bringing the modem up waits for, and for how long.

use crate::time::Duration;

/// How to bring the modem up: until it answers, and the network has taken it in.
///
/// The limits are those of working products (`protocol.md` §5): a module answers within 15 s of power-on, and a slow
/// network takes a minute or two.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Network {
    pub(crate) answer_within: Duration,
    pub(crate) registered_within: Duration,
}

impl Network {
    /// How long the modem may take until it answers; 30 s by default.
    #[must_use]
    pub const fn answer_within(mut self, limit: Duration) -> Self {
        self.answer_within = limit;
        self
    }

    /// How long the network may take, from then on, to take the modem in; 180 s by default.
    #[must_use]
    pub const fn registered_within(mut self, limit: Duration) -> Self {
        self.registered_within = limit;
        self
    }
}

impl Default for Network {
    fn default() -> Self {
        Self { answer_within: Duration::from_secs(30), registered_within: Duration::from_secs(180) }
    }
}
