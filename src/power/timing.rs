//! How long everything takes.

use crate::time::Duration;

/// How long lines are worked, and how long the modem may take.
///
/// The exact thresholds are in hardware manuals that are not public: the defaults are what working products do
/// (`protocol.md` §5.1), and two of them are guesses, which say so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timing {
    /// How long PWRKEY is held to switch the modem on: 3.1 s, as a product does; a board of the vendor holds it for at
    /// least 3 s.
    pub start_hold: Duration,
    /// How long PWRKEY is held to switch it off: 3.6 s, as the same product does.
    pub stop_hold: Duration,
    /// How long RESET is pulled: 0.4 s, as the same product does.
    pub reset_hold: Duration,
    /// How long the supply is off: 6 s. A product has found its capacitors to need 5 s; another cuts it for 2 s.
    pub discharge: Duration,
    /// How long the modem is left alone once its supply is on or it has switched itself off, before PWRKEY is held: 3 s.
    /// After a cut a product waits as long; after a power-down nobody says.
    pub settle: Duration,
    /// How long it may take from there to its banner, which comes about 0.1 s after a reset: 15 s, as long as a product
    /// waits for its first answer.
    pub boot_within: Duration,
    /// How long it may take after PWRKEY until it says `NORMAL POWER DOWN`: 10 s, which is a guess.
    pub power_down_within: Duration,
    /// How long it is asked until it counts as silent: 2.5 s, as a product does, with the last question to its end, which
    /// takes 5 s more at the longest.
    pub answer_within: Duration,
}

impl Timing {
    pub(super) const DEFAULT: Self = Self {
        start_hold: Duration::from_millis(3_100),
        stop_hold: Duration::from_millis(3_600),
        reset_hold: Duration::from_millis(400),
        discharge: Duration::from_secs(6),
        settle: Duration::from_secs(3),
        boot_within: Duration::from_secs(15),
        power_down_within: Duration::from_secs(10),
        answer_within: Duration::from_millis(2_500),
    };
}

impl Default for Timing {
    fn default() -> Self {
        Self::DEFAULT
    }
}
