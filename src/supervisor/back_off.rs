//! How long to pause after a failure: exponential, with jitter, and counted apart for each kind of trouble.
//!
//! Most pauses have full jitter: from nothing to the ceiling, each as likely. That spreads many devices best, and brings
//! each back sooner on average. Pauses after a refusal are at least half as long as their ceiling, so that there is a
//! bound to how often a refused device knocks in a day.

use super::dice::Dice;
use super::policy::Policy;
use crate::time::Duration;

/// What a pause is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Trouble {
    /// Between host, modem and network: the broker hears nothing of it.
    Local,
    /// On the way to the broker.
    Link,
    /// The broker does not want this device.
    Refused,
    /// Another device seems to have the same identity.
    Contended,
    /// The broker does not grant a subscription.
    Subscription,
}

const KINDS: usize = 5;

/// How many failures of each kind came one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct BackOff {
    counts: [u8; KINDS],
}

impl BackOff {
    pub(super) const fn new() -> Self {
        Self { counts: [0; KINDS] }
    }

    /// The pause after one more failure.
    pub(super) fn pause(&mut self, trouble: Trouble, policy: &Policy, dice: &mut Dice) -> Duration {
        let ceiling = self.ceiling(trouble, policy).as_millis();
        if let Some(count) = self.counts.get_mut(trouble as usize) {
            *count = count.saturating_add(1);
        }
        let least = match trouble {
            Trouble::Local | Trouble::Link => 0,
            Trouble::Refused | Trouble::Contended | Trouble::Subscription => ceiling / 2,
        };
        let more = dice.up_to(Duration::from_millis(ceiling.wrapping_sub(least)));
        Duration::from_millis(least.saturating_add(more.as_millis()))
    }

    /// How long the next pause may be at most.
    pub(super) fn ceiling(&self, trouble: Trouble, policy: &Policy) -> Duration {
        let count = self.counts.get(trouble as usize).copied().unwrap_or(0);
        let (first, longest) = match trouble {
            Trouble::Local => (Duration::from_secs(2), policy.longest_pause),
            Trouble::Link => (policy.first_pause, policy.longest_pause),
            Trouble::Refused | Trouble::Subscription => (Duration::from_secs(60), Duration::from_secs(2 * 3_600)),
            Trouble::Contended => (Duration::from_secs(60), Duration::from_secs(3_600)),
        };
        // 2¹⁶ ms are more than a minute, so that whatever the first pause was, it has grown enough by then.
        let factor = 1_u32.wrapping_shl(u32::from(count.min(31)));
        Duration::from_millis(first.as_millis().saturating_mul(factor)).min(longest)
    }

    /// A session has gone well for so long: what led up to it is over. Contention is only over once a session was much
    /// longer than the other device can be expected to pause.
    pub(super) fn settle(&mut self, calm: Duration, policy: &Policy) {
        if calm < policy.good_session {
            return;
        }
        let is_contended = self.is_contended(calm, policy);
        for (kind, count) in self.counts.iter_mut().enumerate() {
            if kind != Trouble::Contended as usize || !is_contended {
                *count = 0;
            }
        }
    }

    /// Whether a session of this length may have been ended by another device of the same identity, which pauses about as
    /// long as this one.
    pub(super) fn is_contended(&self, length: Duration, policy: &Policy) -> bool {
        if length < policy.good_session {
            return true;
        }
        let count = self.counts.get(Trouble::Contended as usize).copied().unwrap_or(0);
        let ceiling = self.ceiling(Trouble::Contended, policy).as_millis();
        count > 0 && length.as_millis() < ceiling.saturating_mul(4)
    }
}

#[cfg(test)]
mod tests {
    use super::{BackOff, Trouble};
    use crate::supervisor::dice::Dice;
    use crate::supervisor::policy::Policy;
    use crate::time::Duration;

    const POLICY: fn() -> Policy = Policy::default;

    fn ceilings(trouble: Trouble, failures: usize) -> std::vec::Vec<u32> {
        let (mut back_off, mut dice) = (BackOff::new(), Dice::new(1));
        let mut ceilings = std::vec::Vec::new();
        for _ in 0..failures {
            let ceiling = back_off.ceiling(trouble, &POLICY());
            let pause = back_off.pause(trouble, &POLICY(), &mut dice);
            assert!(pause <= ceiling, "{pause:?} of {ceiling:?}");
            ceilings.push(ceiling.as_millis() / 1_000);
        }
        ceilings
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        assert_eq!(ceilings(Trouble::Link, 7), [15, 30, 60, 120, 240, 300, 300]);
        assert_eq!(ceilings(Trouble::Local, 9), [2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert_eq!(ceilings(Trouble::Refused, 9), [60, 120, 240, 480, 960, 1_920, 3_840, 7_200, 7_200]);
        assert_eq!(ceilings(Trouble::Contended, 8), [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
    }

    #[test]
    fn no_number_of_failures_overflows() {
        let ceilings = ceilings(Trouble::Link, 1_000);
        assert!(ceilings.iter().skip(6).all(|&ceiling| ceiling == 300));
        let policy = POLICY().first_pause(Duration::from_millis(1)).longest_pause(Duration::from_millis(u32::MAX));
        let (mut back_off, mut dice) = (BackOff::new(), Dice::new(1));
        let mut last = Duration::from_millis(0);
        for _ in 0..1_000 {
            let ceiling = back_off.ceiling(Trouble::Link, &policy);
            assert!(ceiling >= last);
            last = ceiling;
            back_off.pause(Trouble::Link, &policy, &mut dice);
        }
        assert!(last >= Duration::from_millis(u32::MAX / 2));
    }

    #[test]
    fn jitter_is_full_and_after_a_refusal_by_half() {
        let shortest = |trouble| {
            let pause = |seed| BackOff::new().pause(trouble, &POLICY(), &mut Dice::new(seed));
            (0..1_000).map(pause).min().unwrap().as_millis()
        };
        assert!(shortest(Trouble::Link) < 150);
        assert!((30_000..30_300).contains(&shortest(Trouble::Refused)));
        assert!((30_000..30_300).contains(&shortest(Trouble::Contended)));
    }

    #[test]
    fn only_a_session_that_lasted_begins_anew() {
        let (mut back_off, mut dice) = (BackOff::new(), Dice::new(1));
        for _ in 0..3 {
            back_off.pause(Trouble::Link, &POLICY(), &mut dice);
            back_off.pause(Trouble::Contended, &POLICY(), &mut dice);
        }
        let seconds = |back_off: &BackOff, trouble| back_off.ceiling(trouble, &POLICY()).as_millis() / 1_000;
        back_off.settle(Duration::from_secs(119), &POLICY());
        assert_eq!(seconds(&back_off, Trouble::Link), 120);
        back_off.settle(Duration::from_secs(120), &POLICY());
        assert_eq!((seconds(&back_off, Trouble::Link), seconds(&back_off, Trouble::Contended)), (15, 480));
        // The other device may pause for 8 minutes as well: only four times as long is without doubt.
        back_off.settle(Duration::from_secs(1_919), &POLICY());
        assert_eq!(seconds(&back_off, Trouble::Contended), 480);
        back_off.settle(Duration::from_secs(1_920), &POLICY());
        assert_eq!(seconds(&back_off, Trouble::Contended), 60);
    }
}
