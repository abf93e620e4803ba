//! The timers that come with the crate.

use core::cell::Cell;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use embedded_hal_async::delay::DelayNs;
use embedded_hal_mock::eh1::delay::{CheckedDelay, Transaction};
use nt35e::asynch::{DelayTimer, Timer};
use nt35e::{Duration, Instant};

/// A delay that ends at the poll after its first, and counts what it was asked for.
struct Delay<'t>(&'t Cell<u64>);

impl DelayNs for Delay<'_> {
    async fn delay_ns(&mut self, nanoseconds: u32) {
        self.0.set(self.0.get() + u64::from(nanoseconds));
        let mut pending = true;
        core::future::poll_fn(|_| if core::mem::take(&mut pending) { Poll::Pending } else { Poll::Ready(()) }).await;
    }
}

fn polls(future: impl Future<Output = ()>) -> usize {
    let mut future = pin!(future);
    (0..).find(|_| future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()).unwrap()
}

#[test]
fn a_delay_timer_counts_what_it_has_waited() {
    let waited = Cell::new(0);
    let mut timer = DelayTimer::new(Delay(&waited));
    assert_eq!(polls(timer.until(Instant::from_millis(25))), 3);
    assert_eq!(timer.now(), Instant::from_millis(25));
    assert_eq!(waited.get(), 25_000_000);
    assert_eq!(polls(timer.until(Instant::from_millis(7))), 0);
}

#[test]
fn a_delay_timer_asks_for_whole_steps_and_for_what_is_left() {
    let mut delay = CheckedDelay::new([10, 10, 5].map(Transaction::async_delay_ms).iter());
    let mut timer = DelayTimer::new(delay.clone());
    assert_eq!(polls(timer.until(Instant::from_millis(25))), 0);
    delay.done();
}

#[test]
fn a_dropped_wait_costs_a_delay_timer_the_step_that_it_was_in() {
    let waited = Cell::new(0);
    let mut timer = DelayTimer::with_step(Delay(&waited), Duration::from_millis(0));
    {
        let mut wait = pin!(timer.until(Instant::from_millis(100)));
        for _ in 0..8 {
            assert!(wait.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
    }
    assert_eq!((timer.now(), waited.get()), (Instant::from_millis(7), 8_000_000));
}

#[cfg(feature = "embassy-time")]
#[test]
fn the_embassy_timer_is_not_early() {
    let mut timer = nt35e::asynch::EmbassyTimer;
    let at = timer.now() + Duration::from_millis(20);
    embassy_futures::block_on(timer.until(at));
    assert!(timer.now() >= at);
    let late = timer.now() - at;
    assert!(late < Duration::from_secs(5), "{late:?}");
}
