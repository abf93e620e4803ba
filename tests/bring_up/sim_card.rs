//! The SIM: ready, slow, absent, locked.

use core::convert::Infallible;
use core::time::Duration;

use nt35e::at::{Cause, CmeError, CommandError, Refusal};
use nt35e::command::{Registration, SimStatus};
use nt35e::{BringUpFailure, Error};
use nt35e_sim::world::World;

use crate::attempt::{PIN, SECOND, attempt, attempt_during, limits, on_modem, with_quirk, with_radio};
use crate::front_end::{self, FrontEnd};
use crate::rig::{self, Bench, Memory};

front_end::each_front_end!(
    every_state_of_the_sim_is_told,
    a_slow_sim_is_waited_for,
    a_pin_is_entered_again_after_the_radio_was_off,
    a_pin_is_never_tried_twice,
    a_pin_whose_answer_was_lost_is_not_tried_again,
);

fn every_state_of_the_sim_is_told(front_end: FrontEnd) {
    let absent = on_modem(front_end, with_radio(|radio| radio.sim = false), &limits());
    absent.fails_after(30 * SECOND, Error::BringUp(BringUpFailure::Sim(SimStatus::Absent)));
    assert!(absent.shown.iter().filter(|shown| *shown == "Sim(Absent)").count() >= 25, "{:?}", absent.shown);

    let locked = with_radio(|radio| radio.pin = Some(PIN.into()));
    let no_pin = on_modem(front_end, locked.clone(), &limits());
    no_pin.fails_after(Duration::ZERO, Error::BringUp(BringUpFailure::Sim(SimStatus::PinNeeded)));
    let right = on_modem(front_end, locked.clone(), &limits().sim_pin(PIN).unwrap());
    assert_eq!(right.result, Ok(Registration::Home));
    let wrong = on_modem(front_end, locked, &limits().sim_pin("0815").unwrap());
    wrong.fails_after(Duration::ZERO, refused_pin());

    let blocked = with_radio(|radio| (radio.pin, radio.wrong_pins) = (Some(PIN.into()), 3));
    let puk = on_modem(front_end, blocked, &limits().sim_pin(PIN).unwrap());
    puk.fails_after(Duration::ZERO, Error::BringUp(BringUpFailure::Sim(SimStatus::PukNeeded)));
    assert!(!puk.sent.iter().any(|line| line.starts_with("AT+CPIN=")), "{:?}", puk.sent);
}

fn a_slow_sim_is_waited_for(front_end: FrontEnd) {
    for (value, status) in [
        ("busy", SimStatus::Busy),
        ("absent", SimStatus::Absent),
        ("failed", SimStatus::Failed),
        ("not_ready", SimStatus::Other),
    ] {
        let mut modem = with_quirk("sim_while_read", value);
        modem.radio.pin = Some(PIN.into());
        modem.delays.sim = 20 * SECOND;
        let settings = limits().sim_pin(PIN).unwrap();
        let attempt = on_modem(front_end, modem.clone(), &settings);
        assert_eq!(attempt.result, Ok(Registration::Home), "{value}: {:?}", attempt.shown);
        assert!(attempt.shows(&format!("Sim({status:?})")), "{value}: {:?}", attempt.shown);
        assert!(attempt.took >= 20 * SECOND && attempt.took < 22 * SECOND, "{value}: {:?}", attempt.took);

        modem.delays.sim = 40 * SECOND;
        let attempt = on_modem(front_end, modem, &settings);
        attempt.fails_after(30 * SECOND, Error::BringUp(BringUpFailure::Sim(status)));
    }
}

fn a_pin_is_entered_again_after_the_radio_was_off(front_end: FrontEnd) {
    for value in ["kept", "asked"] {
        let mut modem = with_quirk("pin_after_radio", value);
        modem.radio.pin = Some(PIN.into());
        let bench = Bench::new(front_end, modem, rig::cloud());
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        for apn in ["cmnet", "cmiot"] {
            let attempt = attempt(&bench, &mut client, &limits().sim_pin(PIN).unwrap().apn(apn).unwrap());
            assert_eq!(attempt.result, Ok(Registration::Home), "{value}, {apn}: {:?}", attempt.shown);
        }
    }
}

fn a_pin_is_never_tried_twice(front_end: FrontEnd) {
    let modem = with_radio(|radio| radio.pin = Some(PIN.into()));
    let bench = Bench::new(front_end, modem, rig::cloud());
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let mut attempt = |pin| attempt(&bench, &mut client, &limits().sim_pin(pin).unwrap());
    assert_eq!(attempt("0815").result, Err(refused_pin()));
    for _ in 0..5 {
        let again = attempt("0815");
        assert_eq!(again.result, Err(Error::BringUp(BringUpFailure::SimPin(None))));
        assert!(!again.sent.iter().any(|line| line.starts_with("AT+CPIN=")), "{:?}", again.sent);
    }
    bench.with(|world| assert_eq!(world.modem().radio().wrong_pins, 1));
    // Another one may be the right one, and then the modem asks again only after it lost its power.
    assert_eq!(attempt(PIN).result, Ok(Registration::Home));
    bench.with(World::restart_modem);
    assert_eq!(attempt(PIN).result, Ok(Registration::Home));
}

fn a_pin_whose_answer_was_lost_is_not_tried_again(front_end: FrontEnd) {
    for (pin, then) in [("0815", Err(Error::BringUp(BringUpFailure::SimPin(None)))), (PIN, Ok(Registration::Home))] {
        let modem = with_radio(|radio| radio.pin = Some(PIN.into()));
        let bench = Bench::new(front_end, modem, rig::cloud());
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let settings = limits().sim_pin(pin).unwrap();
        let muted = bench.clone();
        let first = attempt_during(&bench, &mut client, &settings, move |shown| {
            if shown == "Sim(PinNeeded)" {
                muted.with(|world| world.mute(40 * SECOND));
            }
        });
        let lost =
            matches!(first.result, Err(Error::Command(CommandError { name: "+CPIN", cause: Cause::Timeout, .. })));
        assert!(lost, "{:?}", first.result);
        let second = attempt(&bench, &mut client, &settings);
        assert_eq!(second.result, then, "{:?}", second.shown);
        assert!(!second.sent.iter().any(|line| line.starts_with("AT+CPIN=")), "{:?}", second.sent);
    }
}

fn refused_pin() -> Error<Infallible> {
    Error::BringUp(BringUpFailure::SimPin(Some(Refusal::Cme(CmeError(16)))))
}
