//! Points in time and spans of time in milliseconds, given by the caller: the driver owns no clock.

use core::ops::{Add, Sub};

/// A span of time in whole milliseconds, up to 49 days.
///
/// ```
/// use nt35e::Duration;
/// assert_eq!(Duration::from_secs(2), Duration::from_millis(2_000));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Duration(u32);

impl Duration {
    /// A span of `milliseconds`.
    pub const fn from_millis(milliseconds: u32) -> Self {
        Self(milliseconds)
    }

    /// A span of `seconds`; what does not fit (over 4 294 967 s) becomes the longest span there is.
    pub const fn from_secs(seconds: u32) -> Self {
        Self(seconds.saturating_mul(1_000))
    }

    /// The span in milliseconds.
    pub const fn as_millis(self) -> u32 {
        self.0
    }
}

/// A point in time, in milliseconds since any start that the caller chose, such as the reset of the MCU.
///
/// It counts with 64 bits, so that it does not wrap in a device that runs for years. A hardware counter of 32 bits has
/// to be extended by the caller.
///
/// ```
/// use nt35e::{Duration, Instant};
/// let start = Instant::from_millis(10);
/// assert_eq!(start + Duration::from_secs(1) - start, Duration::from_millis(1_000));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Instant(u64);

impl Instant {
    /// The point `milliseconds` after the start.
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self(milliseconds)
    }

    /// Milliseconds since the start.
    pub const fn as_millis(self) -> u64 {
        self.0
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    #[inline(never)]
    fn add(self, span: Duration) -> Self {
        Self(self.0.wrapping_add(span.0 as u64))
    }
}

impl Sub for Instant {
    type Output = Duration;

    /// The time from `earlier` to `self`: zero where `earlier` is the later one.
    fn sub(self, earlier: Self) -> Duration {
        let milliseconds = self.0.saturating_sub(earlier.0);
        Duration(if milliseconds > u32::MAX as u64 { u32::MAX } else { milliseconds as u32 })
    }
}

/// When something is due, if ever: the lowest 32 bits of that time, which tell what is sooner as long as less than 24 days
/// lie between. An MCU computes with 64 bits in twice the code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    at: u32,
    is_set: bool,
}

impl Due {
    pub(crate) const NEVER: Self = Self { at: 0, is_set: false };

    pub(crate) const fn after(now: Instant, span: Duration) -> Self {
        Self { at: (now.0 as u32).wrapping_add(span.0), is_set: true }
    }

    /// It is not due any more.
    pub(crate) const fn clear(&mut self) {
        self.is_set = false;
    }

    pub(crate) const fn is_set(self) -> bool {
        self.is_set
    }

    #[inline(always)]
    pub(crate) const fn has_come(self, now: Instant) -> bool {
        self.is_set && !is_sooner(now.0 as u32, self.at)
    }

    /// How long ago that was; nothing if it is not due.
    pub(crate) const fn passed(self, now: Instant) -> Duration {
        Duration(if self.is_set { (now.0 as u32).wrapping_sub(self.at) } else { 0 })
    }

    pub(crate) const fn sooner(self, other: Self) -> Self {
        if self.is_set && !(other.is_set && is_sooner(other.at, self.at)) { self } else { other }
    }

    /// That time, or `now` if it has come.
    pub(crate) fn instant(self, now: Instant) -> Option<Instant> {
        let left = if self.has_come(now) { 0 } else { self.at.wrapping_sub(now.0 as u32) };
        self.is_set.then(|| now + Duration(left))
    }
}

const fn is_sooner(one: u32, other: u32) -> bool {
    (one.wrapping_sub(other) as i32) < 0
}

/// Where a front-end reads the time.
///
/// Any closure that returns an [`Instant`] is one. A type of its own can do more: [`Clock::idle`] is called while there
/// is nothing to do, and may sleep until an interrupt.
///
/// ```
/// use nt35e::{Clock, Instant};
/// let started = std::time::Instant::now();
/// let mut clock = move || Instant::from_millis(started.elapsed().as_millis() as u64);
/// assert!(clock.now() < Instant::from_millis(60_000));
/// ```
pub trait Clock {
    /// The time now. It must not go backwards.
    fn now(&mut self) -> Instant;

    /// Called when nothing has arrived and nothing waits to be sent. It must return soon after a byte arrives, and no
    /// later than about a millisecond from now if it cannot know. It does nothing by default.
    fn idle(&mut self) {}
}

impl<F: FnMut() -> Instant> Clock for F {
    fn now(&mut self) -> Instant {
        self()
    }
}

#[cfg(test)]
mod tests {
    use super::{Due, Duration, Instant};

    #[test]
    fn what_is_due_comes_at_its_time_also_where_32_bits_wrap() {
        let span = Duration::from_secs(5);
        for start in [0, u64::from(u32::MAX) - 2_000, u64::from(u32::MAX) * 7] {
            let start = Instant::from_millis(start);
            let due = Due::after(start, span);
            assert!(!due.has_come(start) && !due.has_come(start + Duration::from_millis(4_999)));
            assert!(due.has_come(start + span) && due.has_come(start + Duration::from_secs(86_400)));
            assert_eq!(due.instant(start), Some(start + span));
            let later = Due::after(start, Duration::from_secs(6));
            assert_eq!(due.sooner(later).instant(start), Some(start + span));
            assert_eq!(later.sooner(due).instant(start), Some(start + span));
            assert_eq!(later.sooner(Due::NEVER).instant(start), later.instant(start));
            assert_eq!(due.instant(start + Duration::from_secs(9)), Some(start + Duration::from_secs(9)));
        }
        assert!(!Due::NEVER.has_come(Instant::from_millis(u64::MAX)));
        assert_eq!(Due::NEVER.sooner(Due::NEVER).instant(Instant::from_millis(1)), None);
    }

    #[test]
    fn the_time_between_two_points_never_wraps() {
        let early = Instant::from_millis(5);
        let late = Instant::from_millis(u64::from(u32::MAX) * 10);
        assert_eq!(late - early, Duration::from_millis(u32::MAX));
        assert_eq!(early - late, Duration::from_millis(0));
    }

    #[test]
    fn seconds_that_do_not_fit_become_the_longest_span() {
        assert_eq!(Duration::from_secs(u32::MAX).as_millis(), u32::MAX);
    }
}
