//! Where the async front-end reads the time and waits for it.

use crate::time::{Duration, Instant};
use embedded_hal_async::delay::DelayNs;

/// A clock that can be waited for.
///
/// Two methods, so that any executor's timer is one in a few lines: [`EmbassyTimer`](crate::asynch::EmbassyTimer) is made
/// for Embassy, `rtic-monotonics` has `now` and `delay_until`, and [`DelayTimer`] makes do with a delay.
///
/// ```
/// use nt35e::asynch::Timer;
/// use nt35e::Instant;
///
/// struct HostTimer(std::time::Instant);
///
/// impl Timer for HostTimer {
///     fn now(&mut self) -> Instant {
///         Instant::from_millis(self.0.elapsed().as_millis() as u64)
///     }
///
///     async fn until(&mut self, at: Instant) {
///         let span = at - self.now();
///         // an executor's own sleep, such as `sleep(Duration::from_millis(span.as_millis().into())).await`
///         let _ = span;
///     }
/// }
/// ```
pub trait Timer {
    /// The time now. It must not go backwards.
    fn now(&mut self) -> Instant;

    /// Waits until `at` has come, or not at all if it has already. It may be dropped at any point.
    #[allow(async_fn_in_trait, reason = "no executor is chosen here, and none of those for bare metal needs `Send`")]
    async fn until(&mut self, at: Instant);
}

/// A timer over any [`DelayNs`], for where there is nothing that tells the time.
///
/// It counts what it has waited, a step at a time, and nothing else: not the time between two calls of the client, and
/// of a wait that ended early because bytes came, not the step that was begun. So its time runs late, and the limits
/// of the stages last longer than they say: by up to one step each time bytes arrive. It never runs early.
///
/// A short step counts better, and wakes the MCU more often. Bytes that keep coming closer together than one step keep
/// its time from passing. Wherever a clock can be read, implement [`Timer`] over that instead.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DelayTimer<D> {
    delay: D,
    step: Duration,
    now: Instant,
}

impl<D: DelayNs> DelayTimer<D> {
    /// A timer that counts in steps of 10 ms.
    pub const fn new(delay: D) -> Self {
        Self::with_step(delay, Duration::from_millis(10))
    }

    /// A timer that counts in steps of this length, at least 1 ms.
    pub const fn with_step(delay: D, step: Duration) -> Self {
        let step = if step.as_millis() == 0 { Duration::from_millis(1) } else { step };
        Self { delay, step, now: Instant::from_millis(0) }
    }

    /// Gives the delay back.
    pub fn release(self) -> D {
        self.delay
    }
}

impl<D: DelayNs> Timer for DelayTimer<D> {
    fn now(&mut self) -> Instant {
        self.now
    }

    async fn until(&mut self, at: Instant) {
        while self.now < at {
            let span = self.step.min(at - self.now);
            self.delay.delay_ms(span.as_millis()).await;
            self.now = self.now + span;
        }
    }
}

/// The time of embassy-time.
#[cfg(feature = "embassy-time")]
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EmbassyTimer;

#[cfg(feature = "embassy-time")]
impl Timer for EmbassyTimer {
    fn now(&mut self) -> Instant {
        Instant::from_millis(embassy_time::Instant::now().as_millis())
    }

    async fn until(&mut self, at: Instant) {
        // Milliseconds become ticks by rounding down. One more tick, and `now` has come to `at` when this returns.
        let at = embassy_time::Instant::try_from_millis(at.as_millis()).unwrap_or(embassy_time::Instant::MAX);
        let tick = embassy_time::Duration::from_ticks(1);
        embassy_time::Timer::at(at.checked_add(tick).unwrap_or(at)).await;
    }
}
