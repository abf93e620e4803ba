//! PWRKEY, RESET and the supply of the modem, through embedded-hal 1.0 pins: switched on, off, or reset, and proven to be.
//!
//! ```
//! # #[cfg(feature = "embedded-io")]
//! # mod example {
//! use embedded_hal::digital::OutputPin;
//! use embedded_io::{Read, ReadReady, Write};
//! use nt35e::power::{Maneuver, Power};
//! use nt35e::{Clock, Error, Network, blocking};
//!
//! fn start<U: Read + ReadReady + Write>(
//!     client: &mut blocking::Client<'_, U, impl Clock>,
//!     power_key: impl OutputPin, // high pulls PWRKEY low, through a transistor
//!     reset: impl OutputPin,     // the same for RESET
//! ) -> Result<(), Error<U::Error>> {
//!     let mut power = Power::new().power_key(power_key).reset(reset);
//!     client.operate(&mut power, Maneuver::Start)?;
//!     if client.bring_up(&Network::default()).is_err() {
//!         client.operate(&mut power, Maneuver::Reset)?;
//!         client.bring_up(&Network::default())?;
//!     }
//!     Ok(())
//! }
//! # }
//! ```
//!
//! # How a maneuver goes
//!
//! Each begins with a moment in which the client reads what has arrived before, so that an old banner proves nothing. Then:
//!
//! ```text
//!  Start         supply on, if there is a switch ──► asks ──answers──► AlreadyRunning
//!                                                      └──silent──► press ◄─── rest ◄────┐
//!                                                                    ├──banner──► Booted │
//!                                                                    ├──notice: it had been on, and deaf
//!                                                                    └──limit──► asks ──answers──► Answers
//!                                                                                  └──silent──► failed
//!  PowerDown     asks ──answers──► press ◄── rest ◄──banner: it had been off
//!                  │                ├──notice──► PoweredDown
//!                  │                └──limit──► cuts the supply, or without a switch asks ──answers──► failed
//!                  └──silent──► cuts the supply ──► SupplyOff                          └──silent──► Silent
//!                                       └──without a switch──► Silent
//!  Reset         pull ──► release ──banner──► Booted
//!                           └──limit──► failed; after a notice, asks first ──answers──► Answers
//!  RestartByKey  press, for as long as it takes to switch it off
//!                  ├──banner: it had been off──► Booted
//!                  ├──notice──► rest ──► press, for as long as it takes to switch it on ──► as for Start
//!                  └──limit──► press again; no banner, no notice──► failed
//!  CutSupply     supply off ──discharged──► supply on ──banner──► Booted
//!                                             └──no banner──► asks ──answers──► failed: it has kept its power
//!                                                               └──silent──► press ──► as for Start
//! ```
//!
//! Asking means `AT`, repeated. The banner is the one that the modem prints when it boots, the notice its
//! `NORMAL POWER DOWN`. Pins are only set, and never read.
//!
//! What is not wired is not missed: [`Power::begin`] refuses what needs it with [`Failure::NotWired`]. A maneuver that fails
//! or is given up leaves both keys released and the supply on.
//!
//! # Without a front-end of this crate
//!
//! [`Power::begin`] and [`Power::poll`] take the time and what was heard of the modem as arguments, and say what to wait
//! for. That is all that the front-ends do.

mod course;
mod outcome;
mod pins;
mod state;
#[cfg(test)]
mod tests;
mod timing;

pub use outcome::{Failure, Line, Maneuver, Proof, Seen, Sign, Turn};
pub use pins::{Inverted, NoPin, Wire};
pub use timing::Timing;

#[cfg(feature = "nb")]
pub(crate) use state::InFlight;

use crate::time::{Duration, Instant};
use course::Act;
use state::State;

/// The pins by which the modem is switched on, off and reset, and how long that takes.
///
/// A pin that is high works its line: it pulls PWRKEY or RESET low through a transistor, or switches the supply on. One
/// that does so when it is low goes into an [`Inverted`]. Each is left as it is until the first maneuver that works it.
///
/// ```
/// use embedded_hal::digital::OutputPin;
/// use nt35e::Duration;
/// use nt35e::power::{Inverted, Power, Timing, Wire};
///
/// fn pins(power_key: impl OutputPin, supply: impl OutputPin) -> Power<impl Wire, impl Wire, impl Wire> {
///     let timing = Timing { discharge: Duration::from_secs(8), ..Timing::default() };
///     Power::new().power_key(power_key).supply(Inverted(supply)).timing(timing) // and no RESET
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Power<K = NoPin, R = NoPin, S = NoPin> {
    power_key: K,
    reset: R,
    supply: S,
    state: State,
}

impl Power {
    /// No pin at all.
    pub const fn new() -> Self {
        Self { power_key: NoPin, reset: NoPin, supply: NoPin, state: State::new() }
    }
}

impl Default for Power {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Wire, S: Wire> Power<NoPin, R, S> {
    /// And the pin that works PWRKEY.
    pub fn power_key<K: Wire>(self, power_key: K) -> Power<K, R, S> {
        let Self { reset, supply, state, .. } = self;
        Power { power_key, reset, supply, state }
    }
}

impl<K: Wire, S: Wire> Power<K, NoPin, S> {
    /// And the pin that works RESET.
    pub fn reset<R: Wire>(self, reset: R) -> Power<K, R, S> {
        let Self { power_key, supply, state, .. } = self;
        Power { power_key, reset, supply, state }
    }
}

impl<K: Wire, R: Wire> Power<K, R, NoPin> {
    /// And the pin that switches the supply.
    pub fn supply<S: Wire>(self, supply: S) -> Power<K, R, S> {
        let Self { power_key, reset, state, .. } = self;
        Power { power_key, reset, supply, state }
    }
}

impl<K: Wire, R: Wire, S: Wire> Power<K, R, S> {
    /// How long everything takes, other than by default.
    pub fn timing(mut self, timing: Timing) -> Self {
        self.state.timing = timing;
        self
    }

    /// Whether there is a pin at this line.
    pub const fn has(&self, line: Line) -> bool {
        match line {
            Line::PowerKey => K::IS_WIRED,
            Line::Reset => R::IS_WIRED,
            Line::Supply => S::IS_WIRED,
        }
    }

    /// Begins a maneuver, which then goes on at each [`Power::poll`]. One that is under way is given up.
    ///
    /// # Errors
    /// [`Failure::NotWired`] if it takes a pin that there is not. Nothing was begun.
    pub fn begin(&mut self, maneuver: Maneuver, now: Instant) -> Result<(), Failure> {
        self.give_up();
        for line in maneuver.lines() {
            if self.has(*line) {
                self.state.begin(maneuver, K::IS_WIRED, S::IS_WIRED, now);
                return Ok(());
            }
        }
        Err(Failure::NotWired(maneuver.lines().first().copied().unwrap_or(Line::PowerKey)))
    }

    /// Sets the pins as it is time to, and says what comes next: `seen` is what was heard of the modem since the start, as
    /// in [`at::Counters`](crate::at::Counters). Calling it early or too often is harmless.
    ///
    /// # Errors
    /// How the maneuver has failed: its end, with both keys released and the supply on. [`Failure::NotBegun`] if there is
    /// none.
    pub fn poll(&mut self, seen: Seen, now: Instant) -> Result<Turn, Failure> {
        loop {
            match self.state.advance(seen, now) {
                Act::Set(line, is_high) => {
                    if let Err(failure) = self.set(line, is_high) {
                        self.give_up();
                        return Err(failure);
                    }
                }
                Act::Wait(until) => return Ok(Turn::Wait(until)),
                Act::Ask => return Ok(Turn::Ask),
                Act::Done(proof) => return Ok(Turn::Done(proof)),
                Act::Failed(failure) => {
                    self.give_up();
                    return Err(failure);
                }
            }
        }
    }

    /// After [`Turn::Ask`]: whether the modem has answered `AT` at all, be it by a refusal.
    pub fn answered(&mut self, answers: bool, now: Instant) {
        self.state.answered(answers, now);
    }

    /// Gives up the maneuver that is under way, if there is one: releases both keys, and switches the supply on.
    pub fn give_up(&mut self) {
        if self.state.end() {
            // Where a pin fails, nothing more can be done about it here.
            let _ = self.set(Line::PowerKey, false);
            let _ = self.set(Line::Reset, false);
            if self.state.is_supplied == Some(false) {
                let _ = self.set(Line::Supply, true);
            }
        }
    }

    /// For those who wait by themselves: takes the next step of `maneuver`, and says how long to wait until the one after
    /// it; none once it has ended, well or not. `steps` is how many were taken, and a wait may end early once more of the
    /// modem was seen.
    ///
    /// The modem is not asked: it counts as silent.
    pub fn step(&mut self, maneuver: Maneuver, steps: u8, seen: Seen, now: Instant) -> Option<Duration> {
        if steps == 0 {
            self.begin(maneuver, now).ok()?;
        }
        loop {
            match self.poll(seen, now).ok()? {
                Turn::Wait(until) => return Some(until - now),
                Turn::Ask => self.state.silent(),
                Turn::Done(_) => return None,
            }
        }
    }

    /// Gives the pins back: PWRKEY, RESET and supply.
    pub fn release(mut self) -> (K, R, S) {
        self.give_up();
        let Self { power_key, reset, supply, .. } = self;
        (power_key, reset, supply)
    }

    fn set(&mut self, line: Line, is_high: bool) -> Result<(), Failure> {
        debug!("{:?} {}", line, if is_high { "high" } else { "low" });
        let outcome = match line {
            Line::PowerKey => self.power_key.set(is_high),
            Line::Reset => self.reset.set(is_high),
            Line::Supply => self.supply.set(is_high),
        };
        outcome.map_err(|kind| Failure::Pin(line, kind))
    }
}

/// A maneuver that is given up when this is dropped, unless it has ended.
#[cfg(any(feature = "async", feature = "embedded-io"))]
pub(crate) struct Underway<'p, K: Wire, R: Wire, S: Wire>(pub(crate) &'p mut Power<K, R, S>);

#[cfg(any(feature = "async", feature = "embedded-io"))]
impl<K: Wire, R: Wire, S: Wire> Drop for Underway<'_, K, R, S> {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

#[cfg(feature = "nb")]
impl<K, R, S> Power<K, R, S> {
    /// What a client that is polled has begun for the maneuver.
    pub(crate) const fn in_flight(&mut self) -> &mut Option<InFlight> {
        &mut self.state.in_flight
    }
}
