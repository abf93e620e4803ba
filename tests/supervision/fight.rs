//! Two devices with one identity: each sign-in of the one ends the session of the other.

use nt35e::supervisor::{Policy, Problem, Rungs};

use crate::place::{DAY, HOUR, MINUTE, Place, SECOND, check_sign_ins};
use crate::weeks::BOUND_AFTER_CONTENTION;

/// Lets both live until `end`, in the order of their times.
fn fight(places: &mut [Place; 2], end: u64) {
    while places.iter().any(|place| place.now < end) {
        let turn = usize::from(places[1].now < places[0].now);
        // Half a second more or less is nothing to them.
        let until = places[1 - turn].now + SECOND / 2;
        let was_connected = places[turn].view.is_connected;
        places[turn].step(until);
        if !was_connected && places[turn].view.is_connected {
            places[1 - turn].kick();
        }
    }
}

#[test]
fn two_supervised_devices_do_not_fight() {
    for seeds in [(0, 0), (1, 2), (3, 4)] {
        let place = |seed| Place::new(Policy::default().seed(seed), Rungs::COMMANDS);
        let mut places = [place(seeds.0), place(seeds.1)];
        // One of them is switched on later.
        places[1].now = 10 * MINUTE;
        fight(&mut places, 7 * DAY);
        for place in &places {
            let sign_ins = place.sign_ins();
            check_sign_ins(&sign_ins);
            let on_day = |day| sign_ins.iter().filter(|at| (day * DAY..(day + 1) * DAY).contains(*at)).count();
            assert!(on_day(0) < 80 && on_day(3) < 60, "{} and {}", on_day(0), on_day(3));
            assert!(place.problems().iter().any(|(_, problem)| *problem == Problem::Contended));
            assert!(place.rungs().is_empty(), "the modem has nothing to do with it");
        }
        // The second one is switched off.
        let [mut place, _] = places;
        place.run_until_online(BOUND_AFTER_CONTENTION);
        place.run_until(8 * DAY);
        assert!(place.is_online());
    }
}

#[test]
fn a_device_that_comes_back_at_once_each_time_is_left_in_peace() {
    let mut place = Place::usual();
    while place.now < DAY {
        place.step(DAY);
        if place.is_online() {
            // Such as a vendor's own client.
            let now = place.now;
            place.run_until(now + SECOND);
            place.kick();
        }
    }
    let sign_ins = place.sign_ins();
    check_sign_ins(&sign_ins);
    assert!(sign_ins.len() < 50, "{}", sign_ins.len());
    let contended = place.problems().iter().position(|(_, problem)| *problem == Problem::Contended);
    assert_eq!(contended, Some(2), "the third short session in a row is no accident");
}

#[test]
fn a_broker_that_ends_sessions_now_and_then_is_no_fight() {
    let mut place = Place::usual();
    while place.now < 2 * DAY {
        place.run_until_online(5 * MINUTE);
        // As some networks do with a connection that is idle.
        let now = place.now;
        place.run_until(now + 5 * MINUTE);
        place.kick();
    }
    assert!(place.problems().iter().all(|(_, problem)| *problem == Problem::Lost));
    assert!(place.sign_ins().len() as u64 > 2 * DAY / (6 * MINUTE));
    place.run_until(2 * DAY + HOUR);
    assert!(place.is_online());
}
