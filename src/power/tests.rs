//! The machine by itself: whatever the modem shows, it comes to an end, and leaves nothing worked.

use super::{Failure, Line, Maneuver, Power, Proof, Seen, Sign, Timing, Turn, Wire};
use crate::time::{Duration, Instant};
use core::cell::Cell;
use embedded_hal::digital::ErrorKind;
use proptest::prelude::*;
use std::vec::Vec;

/// A pin that keeps what was done to it.
struct Pin<'c>(&'c Cell<bool>);

impl Wire for Pin<'_> {
    const IS_WIRED: bool = true;

    fn set(&mut self, is_high: bool) -> Result<(), ErrorKind> {
        self.0.set(is_high);
        Ok(())
    }
}

const MANEUVERS: [Maneuver; 5] =
    [Maneuver::Start, Maneuver::PowerDown, Maneuver::Reset, Maneuver::RestartByKey, Maneuver::CutSupply];

#[derive(Clone, Copy, Debug)]
enum Shown {
    Nothing,
    Boot,
    PowerDown,
    Both,
}

proptest! {
    /// However it answers, whatever it shows, and however early it is polled.
    #[test]
    fn every_maneuver_ends_in_time_with_both_keys_released(
        maneuver in prop::sample::select(&MANEUVERS[..]),
        shown in prop::collection::vec(
            prop::sample::select(&[Shown::Nothing, Shown::Nothing, Shown::Boot, Shown::PowerDown, Shown::Both][..]), 0..24),
        answers in prop::collection::vec(any::<bool>(), 0..12),
        early in any::<bool>(),
    ) {
        let [key, reset, supply] = [Cell::new(false), Cell::new(false), Cell::new(true)];
        let mut power = Power::new().power_key(Pin(&key)).reset(Pin(&reset)).supply(Pin(&supply));
        let (mut now, mut seen) = (Instant::from_millis(7), Seen { boots: u32::MAX, power_downs: 3 });
        let (mut shown, mut answers) = (shown.into_iter(), answers.into_iter());
        power.begin(maneuver, now).unwrap();
        let end = loop {
            match power.poll(seen, now) {
                Ok(Turn::Wait(until)) => {
                    prop_assert!(until > now);
                    now = if early { now + Duration::from_millis((until - now).as_millis().div_ceil(2)) } else { until };
                }
                Ok(Turn::Ask) => {
                    now = now + Duration::from_secs(1);
                    power.answered(answers.next().unwrap_or_default(), now);
                }
                Ok(Turn::Done(proof)) => break Ok(proof),
                Err(failure) => break Err(failure),
            }
            let (boots, power_downs) = match shown.next().unwrap_or(Shown::Nothing) {
                Shown::Nothing => (0, 0),
                Shown::Boot => (1, 0),
                Shown::PowerDown => (0, 1),
                Shown::Both => (1, 1),
            };
            seen = Seen { boots: seen.boots.wrapping_add(boots), power_downs: seen.power_downs.wrapping_add(power_downs) };
            prop_assert!(now < Instant::from_millis(120_000), "{:?} has no end", maneuver);
        };
        prop_assert!(!key.get() && !reset.get());
        prop_assert_eq!(supply.get(), end != Ok(Proof::SupplyOff));
        prop_assert_eq!(power.poll(seen, now), Err(Failure::NotBegun));
    }
}

/// When, in milliseconds, a pin has changed, and to what.
type Change = (u64, Line, bool);

/// Polls until it has ended, with a modem that shows nothing.
fn silent(maneuver: Maneuver) -> (Vec<Change>, Result<Proof, Failure>) {
    let pins = [Cell::new(false), Cell::new(false), Cell::new(true)];
    let [key, reset, supply] = &pins;
    let mut power = Power::new().power_key(Pin(key)).reset(Pin(reset)).supply(Pin(supply));
    let mut changes = Vec::new();
    let mut now = Instant::from_millis(0);
    power.begin(maneuver, now).unwrap();
    loop {
        let before = pins.clone().map(Cell::into_inner);
        let turn = power.poll(Seen::default(), now);
        for (index, line) in [Line::PowerKey, Line::Reset, Line::Supply].into_iter().enumerate() {
            if before[index] != pins[index].get() {
                changes.push((now.as_millis(), line, pins[index].get()));
            }
        }
        match turn {
            Ok(Turn::Wait(until)) => now = until,
            Ok(Turn::Ask) => {
                now = now + Duration::from_secs(3);
                power.answered(false, now);
            }
            Ok(Turn::Done(proof)) => return (changes, Ok(proof)),
            Err(failure) => return (changes, Err(failure)),
        }
    }
}

#[test]
fn each_line_is_worked_for_as_long_as_the_timing_says() {
    let nothing = |last| Err(Failure::NotSeen { awaited: Sign::Boot, last });
    let silence = Some(Sign::Silence);
    let (key, supply) = (Line::PowerKey, Line::Supply);
    assert_eq!(silent(Maneuver::Reset), ([(50, Line::Reset, true), (450, Line::Reset, false)].into(), nothing(None)));
    assert_eq!(silent(Maneuver::Start), ([(6_050, key, true), (9_150, key, false)].into(), nothing(silence)));
    assert_eq!(silent(Maneuver::PowerDown), ([(3_050, supply, false)].into(), Ok(Proof::SupplyOff)));
    let presses = [(50, key, true), (3_650, key, false), (13_650, key, true), (16_750, key, false)];
    assert_eq!(silent(Maneuver::RestartByKey), (presses.into(), nothing(None)));
    let cut = [(50, supply, false), (6_050, supply, true), (12_050, key, true), (15_150, key, false)];
    assert_eq!(silent(Maneuver::CutSupply), (cut.into(), nothing(silence)));
}

#[test]
fn a_maneuver_that_is_begun_anew_ends_the_one_before() {
    let [key, reset] = [Cell::new(false), Cell::new(false)];
    let mut power = Power::new().power_key(Pin(&key)).reset(Pin(&reset));
    let at = |milliseconds| Instant::from_millis(milliseconds);
    power.begin(Maneuver::RestartByKey, at(0)).unwrap();
    assert_eq!(power.poll(Seen::default(), at(50)), Ok(Turn::Wait(at(50) + Timing::default().stop_hold)));
    assert!(key.get());
    power.begin(Maneuver::Reset, at(60)).unwrap();
    assert!(!key.get());
    assert_eq!(power.poll(Seen::default(), at(110)), Ok(Turn::Wait(at(510))));
    assert!(reset.get());
    assert_eq!(power.begin(Maneuver::CutSupply, at(120)), Err(Failure::NotWired(Line::Supply)));
    assert!(!reset.get());
}

#[test]
fn a_banner_before_reset_is_released_proves_nothing() {
    let reset = Cell::new(false);
    let mut power = Power::new().reset(Pin(&reset));
    let at = |milliseconds| Instant::from_millis(milliseconds);
    let booted = |boots| Seen { boots, power_downs: 0 };
    power.begin(Maneuver::Reset, at(0)).unwrap();
    assert_eq!(power.poll(booted(0), at(50)), Ok(Turn::Wait(at(450))));
    assert_eq!(power.poll(booted(1), at(449)), Ok(Turn::Wait(at(450))));
    assert!(reset.get());
    assert_eq!(power.poll(booted(1), at(450)), Ok(Turn::Wait(at(450) + Timing::default().boot_within)));
    assert!(!reset.get());
    assert_eq!(power.poll(booted(2), at(600)), Ok(Turn::Done(Proof::Booted)));
}

#[test]
fn a_wait_that_was_cut_short_is_waited_to_its_end() {
    let reset = Cell::new(false);
    let mut power = Power::new().reset(Pin(&reset));
    let mut step = |steps, boots, now| {
        let wait = power.step(Maneuver::Reset, steps, Seen { boots, power_downs: 0 }, Instant::from_millis(now));
        (wait.map(Duration::as_millis), reset.get())
    };
    assert_eq!(step(0, 7, 1_000), (Some(50), false));
    assert_eq!(step(1, 7, 1_050), (Some(400), true));
    assert_eq!(step(2, 8, 1_150), (Some(300), true), "something was seen");
    assert_eq!(step(3, 8, 1_450), (Some(15_000), false));
    assert_eq!(step(4, 9, 2_000), (None, false));
    assert_eq!(step(0, 9, 2_000), (Some(50), false), "and once more");
}

#[test]
fn a_key_is_held_no_longer_for_what_is_seen_meanwhile() {
    let key = Cell::new(false);
    let mut power = Power::new().power_key(Pin(&key));
    let mut step = |steps, power_downs, now| {
        let wait = power.step(Maneuver::RestartByKey, steps, Seen { boots: 0, power_downs }, Instant::from_millis(now));
        (wait.map(Duration::as_millis), key.get())
    };
    assert_eq!(step(0, 0, 0), (Some(50), false));
    assert_eq!(step(1, 0, 50), (Some(3_600), true));
    assert_eq!(step(2, 1, 3_550), (Some(100), true), "it says NORMAL POWER DOWN");
    assert!(!step(3, 1, 3_650).1, "else it would be switched on again, and then off");
}
