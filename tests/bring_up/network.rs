//! The network: every registration, packets and an address.

use nt35e::command::Registration;
use nt35e::{BringUp, BringUpFailure, Error, Network};
use nt35e_sim::modem::{self, ModemSettings};

use crate::attempt::{SECOND, limits, on_modem, seconds, with_quirk, with_radio};
use crate::front_end::{self, FrontEnd};
use crate::rig::{self, Bench, Memory};

front_end::each_front_end!(
    every_registration_is_told,
    roaming_is_refused_where_it_is_not_wanted,
    coverage_that_comes_late_is_waited_for,
    a_network_that_carries_no_packets_is_told,
    an_address_is_waited_for,
);

/// Every state that the simulated network knows, and what the driver makes of it.
const REGISTRATIONS: [(modem::Registration, Registration); 11] = [
    (modem::Registration::Home, Registration::Home),
    (modem::Registration::Roaming, Registration::Roaming),
    (modem::Registration::Denied, Registration::Denied),
    (modem::Registration::Never, Registration::Searching),
    (modem::Registration::Unknown, Registration::Unknown),
    (modem::Registration::MessagesHome, Registration::MessagesOnlyHome),
    (modem::Registration::MessagesRoaming, Registration::MessagesOnlyRoaming),
    (modem::Registration::Emergency, Registration::EmergencyOnly),
    (modem::Registration::DataHome, Registration::DataPreferredHome),
    (modem::Registration::DataRoaming, Registration::DataPreferredRoaming),
    (modem::Registration::Restricted, Registration::RestrictedLocalServices),
];

fn every_registration_is_told(front_end: FrontEnd) {
    for (state, told) in REGISTRATIONS {
        let attempt = on_modem(front_end, with_radio(|radio| radio.registration = state), &limits());
        assert!(attempt.shows(&format!("Registration({told:?})")), "{:?}", attempt.shown);
        if told.is_registered() {
            assert_eq!(attempt.result, Ok(told));
        } else {
            attempt.fails_after(50 * SECOND, Error::NotRegistered(Some(told)));
        }
    }
}

fn roaming_is_refused_where_it_is_not_wanted(front_end: FrontEnd) {
    let network = Network::default().roaming(false).registered_within(seconds(50));
    for (state, told) in REGISTRATIONS.into_iter().filter(|(_, told)| told.is_registered()) {
        let modem = with_radio(|radio| radio.registration = state);
        let bench = Bench::new(front_end, modem.clone(), rig::cloud());
        let mut memory = Memory::typical();
        let simple = bench.client(&mut memory).bring_up(&network);
        let attempt = on_modem(front_end, modem, &BringUp::new(network));
        assert_eq!(attempt.result, simple);
        if told.is_roaming() {
            attempt.fails_after(50 * SECOND, Error::NotRegistered(Some(told)));
        } else {
            assert_eq!(attempt.result, Ok(told));
        }
    }
}

fn coverage_that_comes_late_is_waited_for(front_end: FrontEnd) {
    let course =
        [(5, modem::Registration::Unknown), (20, modem::Registration::Denied), (40, modem::Registration::Home)];
    let mut modem = with_radio(|radio| {
        radio.registration = modem::Registration::Never;
        radio.registration_course = course.map(|(after, state)| (after * SECOND, state)).into();
    });
    modem.already_running = false;
    let attempt = on_modem(front_end, modem, &limits());
    assert_eq!(attempt.result, Ok(Registration::Home), "{:?}", attempt.shown);
    assert!(attempt.took >= 40 * SECOND && attempt.took < 42 * SECOND, "{:?}", attempt.took);
    let mut states: Vec<_> = attempt.shown.iter().filter(|shown| shown.starts_with("Registration")).collect();
    states.dedup();
    assert_eq!(
        states,
        ["Registration(Searching)", "Registration(Unknown)", "Registration(Denied)", "Registration(Home)"]
    );
}

fn a_network_that_carries_no_packets_is_told(front_end: FrontEnd) {
    let modem = with_radio(|radio| radio.apn = Some("private".into()));
    on_modem(front_end, modem.clone(), &limits()).fails_after(40 * SECOND, Error::BringUp(BringUpFailure::NotAttached));
    let attempt = on_modem(front_end, modem, &limits().apn("private").unwrap());
    assert_eq!(attempt.result, Ok(Registration::Home), "{:?}", attempt.shown);

    let mut slow = ModemSettings::instant();
    slow.delays.attach = 30 * SECOND;
    let attempt = on_modem(front_end, slow, &limits());
    assert_eq!(attempt.result, Ok(Registration::Home));
    assert!(attempt.took >= 30 * SECOND && attempt.took < 32 * SECOND, "{:?}", attempt.took);
}

fn an_address_is_waited_for(front_end: FrontEnd) {
    for value in ["no_line", "bare_line", "zeros"] {
        let mut modem = with_quirk("no_address", value);
        modem.delays.address = 30 * SECOND;
        let attempt = on_modem(front_end, modem.clone(), &limits());
        assert_eq!(attempt.result, Ok(Registration::Home));
        assert!(attempt.shows("Address(None)") && attempt.shows("Address(\"10.0.0.17\")"), "{:?}", attempt.shown);
        modem.delays.address = 60 * SECOND;
        let attempt = on_modem(front_end, modem, &limits());
        attempt.fails_after(40 * SECOND, Error::BringUp(BringUpFailure::NoAddress));
    }
}
