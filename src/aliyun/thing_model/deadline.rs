//! How long the platform waits for the answer to a synchronous call.

use crate::time::{Duration, Instant};

/// When the platform stops waiting, by the caller's clock: 8 s after the call was received (`aliyun.md` §5).
///
/// The platform counts from when it sent the call, so that an answer has to leave the device earlier than this by the time that both are on
/// their way.
///
/// ```
/// use nt35e::aliyun::thing_model::Deadline;
/// use nt35e::{Duration, Instant};
///
/// let deadline = Deadline::after(Instant::from_millis(1_000));
/// assert_eq!(deadline.left(Instant::from_millis(3_000)), Some(Duration::from_secs(6)));
/// assert!(!deadline.is_over(Instant::from_millis(8_999)));
/// assert!(deadline.is_over(Instant::from_millis(9_000)));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Deadline(Instant);

impl Deadline {
    /// That of a call which was received then.
    pub fn after(received: Instant) -> Self {
        Self(received + Duration::from_secs(8))
    }

    /// Whether an answer would be too late.
    pub fn is_over(self, now: Instant) -> bool {
        now >= self.0
    }

    /// How much time is left, if any.
    pub fn left(self, now: Instant) -> Option<Duration> {
        if self.is_over(now) { None } else { Some(self.0 - now) }
    }
}
