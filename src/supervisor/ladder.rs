//! The ladder of recovery: what to try next, once it has failed often and long enough.
//!
//! ```text
//!              failures here, and time since the rung below
//!  supply      3 and 16 × patience ─┐
//!  PWRKEY      3 and 8 × patience   │ at the top it begins again with the radio,
//!  RESET       3 and 4 × patience   │ or with what a silent modem leaves
//!  radio       3 and patience     ◄─┘
//!  reopen      1
//!  resync      1
//! ```
//! A rung that the hardware lacks is passed over, and so is one that takes commands while the modem does not answer. A
//! silent modem is no matter of a slow network: then each rung needs one failure, and no time.

use crate::time::{Duration, Instant};

/// A step of recovery, from the gentlest to the hardest.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Rung {
    /// Gets back in step with the modem, and asks whether the session is still there. If it is, it goes on.
    Resync,
    /// Ends the session and closes the connection, to sign in anew.
    Reopen,
    /// Switches the modem's radio off and on, by `AT+CFUN`.
    Radio,
    /// Restarts the modem by its RESET pin.
    Reset,
    /// Restarts the modem by its PWRKEY pin.
    PowerKey,
    /// Switches the modem's supply off and on.
    Supply,
}

impl Rung {
    /// All of them, from the gentlest to the hardest.
    pub const ALL: [Self; 6] = [Self::Resync, Self::Reopen, Self::Radio, Self::Reset, Self::PowerKey, Self::Supply];

    /// Whether it takes hardware beside the UART, and leaves the modem restarted.
    pub const fn is_hardware(self) -> bool {
        matches!(self, Self::Reset | Self::PowerKey | Self::Supply)
    }

    /// How many failures, and how much time since the rung below, it takes where the modem answers.
    const fn demands(self, patience: Duration) -> (u8, u32) {
        let patience = patience.as_millis();
        match self {
            Self::Resync | Self::Reopen => (1, 0),
            Self::Radio => (3, patience),
            Self::Reset => (3, patience.saturating_mul(4)),
            Self::PowerKey => (3, patience.saturating_mul(8)),
            Self::Supply => (3, patience.saturating_mul(16)),
        }
    }
}

/// Which rungs there are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rungs(u8);

impl Rungs {
    /// Those that take nothing but the UART.
    pub const COMMANDS: Self = Self(0b111);

    /// These and that one.
    #[must_use]
    pub const fn with(self, rung: Rung) -> Self {
        Self(self.0 | 1 << rung as u8)
    }

    /// Whether it is one of these.
    pub const fn has(self, rung: Rung) -> bool {
        self.0 & 1 << rung as u8 != 0
    }

    /// Those that are of use against this.
    const fn against(self, evidence: Evidence) -> Self {
        match evidence {
            Evidence::Stuck => self,
            Evidence::Silence => Self(self.0 & !(1 << Rung::Reopen as u8 | 1 << Rung::Radio as u8)),
            // It would take any command for a part of the payload that it waits for.
            Evidence::Deaf => Self(self.0 & !Self::COMMANDS.0),
        }
    }

    /// The gentlest of these from `rung` on.
    fn from(self, rung: Rung) -> Option<Rung> {
        Rung::ALL.into_iter().find(|candidate| *candidate >= rung && self.has(*candidate))
    }
}

/// What a failure says of the modem.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Evidence {
    /// It answers, but what was wanted of it does not come about, be it its own fault or the network's.
    Stuck,
    /// It does not answer.
    Silence,
    /// It waits for the rest of a payload, and hears nothing else.
    Deaf,
}

/// How far up it had to go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ladder {
    /// The rung that was tried last.
    tried: Option<Rung>,
    /// Failures since, and since when: the first of them, or that rung.
    failures: u8,
    since: Option<Instant>,
}

impl Ladder {
    pub(super) const fn new() -> Self {
        Self { tried: None, failures: 0, since: None }
    }

    /// All is well: down to the bottom.
    pub(super) const fn descend(&mut self) {
        *self = Self::new();
    }

    /// What failed was getting in step itself, so that there is no need to try that next.
    pub(super) fn has_resynced(&mut self) {
        self.tried = self.tried.max(Some(Rung::Resync));
    }

    /// Something has failed: the rung to try now, if it is time for one.
    pub(super) fn climb(&mut self, evidence: Evidence, rungs: Rungs, patience: Duration, now: Instant) -> Option<Rung> {
        self.failures = self.failures.saturating_add(1);
        let since = *self.since.get_or_insert(now);
        let useful = rungs.against(evidence);
        let above = match self.tried {
            None => Some(Rung::Resync),
            Some(tried) => Rung::ALL.into_iter().find(|rung| *rung > tried),
        };
        let next = above.and_then(|rung| useful.from(rung));
        let next = next.or_else(|| useful.from(Rung::Radio)).or_else(|| useful.from(Rung::Resync))?;
        let (failures, dwell) = if evidence == Evidence::Stuck { next.demands(patience) } else { (1, 0) };
        if self.failures < failures || now - since < Duration::from_millis(dwell) {
            return None;
        }
        *self = Self { tried: Some(next), failures: 0, since: Some(now) };
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::{Evidence, Ladder, Rung, Rungs};
    use crate::time::{Duration, Instant};

    const PATIENCE: Duration = Duration::from_secs(900);
    const EVERY: Rungs = Rungs::COMMANDS.with(Rung::Reset).with(Rung::PowerKey).with(Rung::Supply);

    /// Fails once a minute, and gives the rungs that were tried, with the minute.
    fn climbed(evidence: Evidence, rungs: Rungs, minutes: u64) -> std::vec::Vec<(u64, Rung)> {
        let mut ladder = Ladder::new();
        let mut tried = std::vec::Vec::new();
        for minute in 0..minutes {
            let now = Instant::from_millis(minute * 60_000);
            tried.extend(ladder.climb(evidence, rungs, PATIENCE, now).map(|rung| (minute, rung)));
        }
        tried
    }

    #[test]
    fn each_rung_takes_failures_and_time() {
        let expected = [
            (0, Rung::Resync),
            (1, Rung::Reopen),
            (16, Rung::Radio),
            (76, Rung::Reset),
            (196, Rung::PowerKey),
            (436, Rung::Supply),
            (451, Rung::Radio),
            (511, Rung::Reset),
        ];
        assert_eq!(climbed(Evidence::Stuck, EVERY, 512), expected);
    }

    #[test]
    fn time_alone_takes_nobody_up() {
        let mut ladder = Ladder::new();
        let at = |hours: u64| Instant::from_millis(hours * 3_600_000);
        assert_eq!(ladder.climb(Evidence::Stuck, EVERY, PATIENCE, at(0)), Some(Rung::Resync));
        assert_eq!(ladder.climb(Evidence::Stuck, EVERY, PATIENCE, at(1_000)), Some(Rung::Reopen));
        assert_eq!(ladder.climb(Evidence::Stuck, EVERY, PATIENCE, at(2_000)), None);
        assert_eq!(ladder.climb(Evidence::Stuck, EVERY, PATIENCE, at(3_000)), None);
        assert_eq!(ladder.climb(Evidence::Stuck, EVERY, PATIENCE, at(4_000)), Some(Rung::Radio));
    }

    #[test]
    fn what_the_hardware_lacks_is_passed_over() {
        let rungs = Rungs::COMMANDS.with(Rung::Supply);
        let expected =
            [(0, Rung::Resync), (1, Rung::Reopen), (16, Rung::Radio), (256, Rung::Supply), (271, Rung::Radio)];
        assert_eq!(climbed(Evidence::Stuck, rungs, 272), expected);
        let expected = [(0, Rung::Resync), (1, Rung::Reopen), (16, Rung::Radio), (31, Rung::Radio)];
        assert_eq!(climbed(Evidence::Stuck, Rungs::COMMANDS, 32), expected);
    }

    #[test]
    fn a_silent_modem_is_given_no_commands_and_no_time() {
        let [resync, reset, key, supply] = [Rung::Resync, Rung::Reset, Rung::PowerKey, Rung::Supply];
        let tried = |rungs| climbed(Evidence::Silence, rungs, 6).into_iter().map(|(_, rung)| rung);
        assert!(tried(EVERY).eq([resync, reset, key, supply, reset, key]));
        assert!(tried(Rungs::COMMANDS).eq([resync; 6]));
    }

    #[test]
    fn a_modem_that_hears_no_command_is_restarted_or_left_alone() {
        let tried = |rungs| climbed(Evidence::Deaf, rungs, 3).into_iter().map(|(_, rung)| rung);
        assert!(tried(EVERY).eq([Rung::Reset, Rung::PowerKey, Rung::Supply]));
        assert_eq!(tried(Rungs::COMMANDS).count(), 0);
    }

    #[test]
    fn success_comes_down_to_the_bottom() {
        let mut ladder = Ladder::new();
        let now = Instant::from_millis(0);
        ladder.has_resynced();
        assert_eq!(ladder.climb(Evidence::Silence, EVERY, PATIENCE, now), Some(Rung::Reset));
        ladder.descend();
        assert_eq!(ladder.climb(Evidence::Silence, EVERY, PATIENCE, now), Some(Rung::Resync));
        ladder.has_resynced();
        assert_eq!(ladder.climb(Evidence::Silence, EVERY, PATIENCE, now), Some(Rung::Reset));
        ladder.has_resynced();
        assert_eq!(ladder.climb(Evidence::Silence, EVERY, PATIENCE, now), Some(Rung::PowerKey));
    }
}
