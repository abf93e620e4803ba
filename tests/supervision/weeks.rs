//! One thing goes wrong, for minutes or for days.

use nt35e::Duration;
use nt35e::supervisor::{Policy, Problem, Rung, Rungs};

use crate::place::{DAY, EVERY_RUNG, Fault, HOUR, MINUTE, Mishap, Place, SECOND, WEEK, check_sign_ins};

/// What the documentation promises for the time after the last fault.
pub(crate) const BOUND: u64 = 15 * MINUTE;
pub(crate) const BOUND_AFTER_REFUSALS: u64 = 2 * HOUR + BOUND;
pub(crate) const BOUND_AFTER_CONTENTION: u64 = HOUR + BOUND;

#[test]
fn a_quiet_year_is_one_session() {
    let mut place = Place::usual();
    place.run_until(52 * WEEK);
    assert_eq!(place.sign_ins().len(), 1);
    assert!(place.is_online() && place.rungs().is_empty() && place.problems().is_empty());
}

#[test]
fn a_lost_link_is_made_again_within_seconds() {
    let mut place = Place::usual();
    place.mishap(DAY, Mishap::Closed);
    place.run_until(DAY);
    assert!(place.run_until_online(BOUND) < 25 * SECOND);
    assert_eq!(place.problems(), [(DAY, Problem::Lost)]);
}

#[test]
fn a_modem_that_restarts_by_itself_is_brought_up_and_signed_in_again() {
    let mut place = Place::usual();
    for day in 1..7 {
        place.mishap(day * DAY, Mishap::Restart);
        place.run_until(day * DAY + SECOND);
        assert!(place.run_until_online(BOUND) < 20 * SECOND);
    }
    assert_eq!(place.sign_ins().len(), 7);
    assert!(place.problems().iter().all(|(_, problem)| *problem == Problem::Restarted));
    assert!(place.rungs().is_empty());
}

#[test]
fn a_session_that_was_lost_unnoticed_is_found_out_within_the_span_that_was_set() {
    for seconds in [10, 60, 600] {
        let policy = Policy::default().ask_after(Duration::from_secs(seconds));
        let mut place = Place::new(policy, Rungs::COMMANDS);
        place.mishap(DAY + 17, Mishap::LostUnnoticed);
        place.run_until(DAY);
        while place.problems().is_empty() {
            place.step(2 * DAY);
        }
        let found_after = place.problems()[0].0 - DAY - 17;
        assert!(found_after <= u64::from(seconds) * SECOND + SECOND, "{found_after} ms after {seconds} s");
        place.run_until_online(BOUND);
    }
}

#[test]
fn a_week_without_network_is_no_reason_to_restart_the_modem_all_the_time() {
    let mut place = Place::usual();
    place.fault(DAY, DAY + WEEK, Fault::NoNetwork);
    place.mishap(DAY + 1, Mishap::LostUnnoticed);
    place.run_until(DAY + WEEK);
    let rungs = place.rungs();
    let on_day = |day| rungs.iter().filter(|(at, _)| (day * DAY..(day + 1) * DAY).contains(at)).count();
    assert!((1..8).all(|day| (9..=14).contains(&on_day(day))), "{rungs:?}");
    let first = |wanted| place.rungs().iter().find(|(_, rung)| *rung == wanted).unwrap().0 - DAY;
    assert!(first(Rung::Radio) > 15 * MINUTE && first(Rung::Reset) > 75 * MINUTE);
    place.run_until_online(BOUND);
}

#[test]
fn a_day_without_broker_is_no_reason_to_hammer_at_it() {
    for is_slow in [false, true] {
        let mut place = Place::new(Policy::default(), Rungs::COMMANDS);
        place.fault(DAY, 2 * DAY, Fault::Unreachable { is_slow });
        place.mishap(DAY, Mishap::Closed);
        place.run_until(2 * DAY);
        let sign_ins = place.sign_ins().len();
        // Pauses of 150 s on average.
        assert!((280..=620).contains(&sign_ins), "{sign_ins}");
        check_sign_ins(&place.sign_ins());
        place.run_until_online(BOUND);
    }
}

#[test]
fn a_refused_device_signs_in_at_most_32_times_a_day() {
    let mut place = Place::usual();
    place.fault(0, 30 * DAY, Fault::Refused);
    place.run_until(30 * DAY);
    let sign_ins = place.sign_ins();
    for day in 0..30 {
        let count = sign_ins.iter().filter(|at| (day * DAY..(day + 1) * DAY).contains(*at)).count();
        assert!((10..=32).contains(&count), "{count} sign-ins on day {day}");
    }
    assert!(place.rungs().is_empty(), "it is no fault of the modem");
    assert!(place.problems().iter().all(|(_, problem)| *problem == Problem::Refused));
    assert!(place.run_until_online(BOUND_AFTER_REFUSALS) > 0);
    // And from then on, a lost link is made again as fast as ever.
    place.run_until(31 * DAY);
    place.mishap(31 * DAY + 1, Mishap::Closed);
    place.run_until(31 * DAY + 1);
    assert!(place.run_until_online(BOUND) < 25 * SECOND);
}

#[test]
fn a_device_that_is_disabled_in_a_session_comes_back_once_it_is_enabled() {
    let mut place = Place::usual();
    place.fault(DAY, 3 * DAY, Fault::Refused);
    place.mishap(DAY, Mishap::Closed);
    place.run_until(3 * DAY);
    assert_eq!(place.problems()[0].1, Problem::Lost);
    assert!(place.problems().len() < 70);
    place.run_until_online(BOUND_AFTER_REFUSALS);
}

#[test]
fn a_hung_modem_is_cured_by_the_first_rung_that_there_is() {
    for rung in [Rung::Reset, Rung::PowerKey, Rung::Supply] {
        let mut place = Place::new(Policy::default(), Rungs::COMMANDS.with(rung));
        place.fault(DAY, 2 * DAY, Fault::Hung);
        place.run_until(DAY);
        let took = {
            place.run_until(DAY + MINUTE);
            place.run_until_online(BOUND) + MINUTE
        };
        assert!(took < 3 * MINUTE, "{took}");
        let rungs: Vec<Rung> = place.rungs().iter().map(|(_, rung)| *rung).collect();
        assert_eq!(rungs, [Rung::Resync, rung]);
    }
}

#[test]
fn a_modem_that_is_silent_at_the_start_is_restarted_after_one_attempt() {
    let mut place = Place::usual();
    place.fault(0, DAY, Fault::Hung);
    place.run_until(40 * SECOND);
    assert_eq!(place.rungs().first().map(|(_, rung)| *rung), Some(Rung::Reset));
    place.run_until_online(BOUND);
}

#[test]
fn without_pins_a_hung_modem_is_waited_for() {
    let mut place = Place::new(Policy::default(), Rungs::COMMANDS);
    place.fault(DAY, 2 * DAY, Fault::Hung);
    place.run_until(2 * DAY);
    assert!(place.rungs().iter().all(|(_, rung)| *rung == Rung::Resync));
    assert!(place.problems().len() < 900, "{}", place.problems().len());
    place.run_until_online(BOUND);
}

#[test]
fn a_modem_that_refuses_to_sign_in_is_restarted_in_the_end() {
    let mut place = Place::usual();
    place.fault(DAY, WEEK, Fault::Confused);
    place.mishap(DAY, Mishap::Closed);
    place.run_until(DAY + SECOND);
    let took = place.run_until_online(3 * HOUR);
    assert!(took > HOUR, "with patience: {took}");
    let rungs: Vec<Rung> = place.rungs().iter().map(|(_, rung)| *rung).collect();
    assert_eq!(rungs, [Rung::Radio, Rung::Reset]);
}

#[test]
fn a_session_in_which_nothing_arrives_is_made_anew() {
    let mut place = Place::usual();
    place.fault(DAY, DAY + HOUR, Fault::Swallowing);
    place.mishap(DAY, Mishap::Message);
    place.run_until(DAY + 10 * MINUTE);
    let rungs: Vec<Rung> = place.rungs().iter().take(2).map(|(_, rung)| *rung).collect();
    assert_eq!(rungs, [Rung::Resync, Rung::Reopen]);
    place.run_until(DAY + HOUR);
    while place.waiting > 0 {
        assert!(place.now < DAY + HOUR + BOUND);
        place.step(2 * DAY);
    }
    check_sign_ins(&place.sign_ins());
}

#[test]
fn a_busy_broker_is_given_time_and_the_modem_is_left_alone() {
    let mut place = Place::usual();
    place.fault(0, DAY, Fault::Busy);
    place.run_until(DAY);
    assert!(place.rungs().is_empty());
    assert!((280..=700).contains(&place.sign_ins().len()), "{}", place.sign_ins().len());
    check_sign_ins(&place.sign_ins());
    place.run_until_online(BOUND);
}

#[test]
fn a_refused_subscription_is_tried_again_and_holds_nothing_up() {
    let mut place = Place::usual();
    place.fault(0, WEEK, Fault::SubscriptionRefused);
    place.mishap(DAY, Mishap::Message);
    place.run_until(DAY + MINUTE);
    assert!(place.is_online() && place.waiting == 0);
    assert_eq!(place.supervisor.refused_subscriptions(), 0b11);
    place.run_until(WEEK);
    assert_eq!(place.sign_ins().len(), 1, "the session is as good as any");
    place.run_until(WEEK + 2 * HOUR + MINUTE);
    assert_eq!(place.supervisor.refused_subscriptions(), 0);
}

#[test]
fn a_modem_that_restarts_every_half_minute_does_not_make_the_device_sign_in_all_the_time() {
    let mut place = Place::new(Policy::default(), EVERY_RUNG);
    for time in 0..(6 * 120) {
        place.mishap(time * 30 * SECOND, Mishap::Restart);
    }
    place.run_until(6 * HOUR);
    assert!(place.sign_ins().len() < 200, "{}", place.sign_ins().len());
    check_sign_ins(&place.sign_ins());
    place.run_until_online(BOUND);
}

#[test]
fn a_clock_that_has_run_for_centuries_changes_nothing() {
    let mut place = Place::usual();
    place.now = u64::from(u32::MAX) * 3_000;
    let start = place.now;
    place.fault(start + HOUR, start + 2 * HOUR, Fault::Unreachable { is_slow: false });
    place.mishap(start + HOUR, Mishap::Closed);
    place.run_until(start + 2 * HOUR);
    place.run_until_online(BOUND);
    // Longer than a span can be.
    place.mishap(start + 52 * WEEK, Mishap::Closed);
    place.run_until(start + 52 * WEEK);
    assert!(place.run_until_online(BOUND) < 25 * SECOND);
}
