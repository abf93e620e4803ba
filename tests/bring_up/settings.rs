//! What is asked and set, and what of it a modem may not know.

use core::time::Duration;

use nt35e::command::{Operator, Registration};
use nt35e::{BringUp, Error, Plmn};
use nt35e_sim::modem::ModemSettings;

use crate::attempt::{PIN, SECOND, attempt, every_setting, limits, on_modem, with_quirk, with_radio};
use crate::front_end::{self, FrontEnd};
use crate::rig::{Bench, Memory};

front_end::each_front_end!(
    everything_is_told_in_its_order,
    every_setting_arrives_in_its_order,
    an_access_point_that_the_modem_has_is_left_alone,
    what_the_modem_does_not_know_is_told_and_done_without,
    an_operator_that_is_not_there_is_told,
);

fn everything_is_told_in_its_order(front_end: FrontEnd) {
    let attempt = on_modem(front_end, ModemSettings::instant(), &BringUp::default());
    assert_eq!(attempt.result, Ok(Registration::Home));
    let told = [
        "InStep",
        "Model(\"NT35E\")",
        "Firmware(\"NT35ECNA00NNA-L1020000\")",
        "Imei(\"860000000000017\")",
        "AccessPoint(\"\")",
        "Sim(Ready)",
        "SimNumber(\"8986000000000000017D\")",
        "Subscriber(\"460000000000017\")",
        "Registration(Home)",
        "Attached(true)",
        "Address(\"10.0.0.17\")",
        "Signal(Signal { level: Some(29), bit_errors: Some(0) })",
        "Clock(NetworkTime { year: 2026, month: 1, day: 15, hour: 8, minute: 30, second: 0, zone: Some(32) })",
    ];
    assert_eq!(attempt.shown, told);
    let marker = attempt.sent.iter().take_while(|line| *line != "AT").count();
    let sent = [
        "AT",
        "ATE0",
        "AT+CMEE=1",
        "AT+CGMM",
        "AT+LGMR",
        "AT+CGSN=1",
        "AT+CGDCONT?",
        "AT+CPIN?",
        "AT+LCCID",
        "AT+CIMI",
        "AT+CEREG?",
        "AT+CGATT?",
        "AT+CGPADDR",
        "AT+CSQ",
        "AT+CCLK?",
    ];
    assert_eq!(attempt.sent[marker..], sent);
    assert_eq!(attempt.took, Duration::ZERO);
    let unknown = on_modem(front_end, with_radio(|radio| radio.signal = 99), &BringUp::default());
    assert!(unknown.shows("Signal(Signal { level: None, bit_errors: Some(0) })"), "{:?}", unknown.shown);
}

fn every_setting_arrives_in_its_order(front_end: FrontEnd) {
    let modem = with_radio(|radio| {
        radio.pin = Some(PIN.into());
        radio.apn = Some("cmnet".into());
    });
    let attempt = on_modem(front_end, modem, &every_setting());
    assert_eq!(attempt.result, Ok(Registration::Home), "{:?}", attempt.shown);
    let from = attempt.sent.iter().position(|line| line == "AT+CGDCONT?").unwrap();
    let sent = [
        "AT+CGDCONT?",
        "AT+CGDCONT=0,\"IP\",\"cmnet\"",
        "AT+CFUN=0",
        "AT+CFUN=1",
        "AT+CPIN?",
        "AT+CPIN=\"4711\"",
        "AT+CPIN?",
        "AT+LCCID",
        "AT+CIMI",
        "AT+CPSMS=1,,,\"00011000\",\"00001111\"",
        "AT+CEDRXS=1,4,\"0010\"",
        "AT+COPS=1,2,\"46000\"",
        "AT+CEREG?",
        "AT+CGATT?",
        "AT+CGPADDR",
        "AT+CSQ",
        "AT+CCLK?",
    ];
    assert_eq!(attempt.sent[from..], sent);
    let accepted: Vec<_> = attempt.shown.iter().filter(|shown| shown.starts_with("Accepted")).collect();
    assert_eq!(
        accepted,
        [
            "Accepted(\"+CGDCONT\")",
            "Accepted(\"+CFUN\")",
            "Accepted(\"+CFUN\")",
            "Accepted(\"+CPIN\")",
            "Accepted(\"+CPSMS\")",
            "Accepted(\"+CEDRXS\")",
            "Accepted(\"+COPS\")",
        ]
    );
}

fn an_access_point_that_the_modem_has_is_left_alone(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let settings = limits().apn("cmnet").unwrap();
    for sets_it in [true, false] {
        let attempt = attempt(&bench, &mut client, &settings);
        assert_eq!(attempt.result, Ok(Registration::Home));
        assert_eq!(attempt.sent.iter().any(|line| line.starts_with("AT+CGDCONT=")), sets_it, "{:?}", attempt.sent);
        assert_eq!(attempt.sent.iter().any(|line| line.starts_with("AT+CFUN")), sets_it, "{:?}", attempt.sent);
    }
}

fn what_the_modem_does_not_know_is_told_and_done_without(front_end: FrontEnd) {
    let cases: [(&str, &[&str]); 4] = [
        ("identities", &["+CGMM", "+LGMR", "+CGSN", "+LCCID", "+CIMI"]),
        ("packet_queries", &["+CGATT", "+CGPADDR"]),
        ("operator_selection", &["+COPS"]),
        ("power_saving", &["+CPSMS", "+CEDRXS"]),
    ];
    for (quirk, unavailable) in cases {
        let mut modem = with_quirk(quirk, "unknown");
        modem.radio.pin = Some(PIN.into());
        let attempt = on_modem(front_end, modem, &every_setting());
        assert_eq!(attempt.result, Ok(Registration::Home), "{quirk}: {:?}", attempt.shown);
        let shown: Vec<_> = attempt.shown.iter().filter(|shown| shown.starts_with("Unavailable")).collect();
        let expected: Vec<_> = unavailable.iter().map(|name| format!("Unavailable({name:?})")).collect();
        assert_eq!(shown, expected.iter().collect::<Vec<_>>(), "{quirk}");
    }
}

fn an_operator_that_is_not_there_is_told(front_end: FrontEnd) {
    let elsewhere = Plmn::new("46001").unwrap();
    let only = on_modem(front_end, ModemSettings::instant(), &limits().operator(Operator::Only(elsewhere)));
    assert!(only.shows("Unavailable(\"+COPS\")"), "{:?}", only.shown);
    only.fails_after(50 * SECOND, Error::NotRegistered(Some(Registration::NotSearching)));
    for operator in [Operator::Preferred(elsewhere), Operator::Automatic] {
        let attempt = on_modem(front_end, ModemSettings::instant(), &limits().operator(operator));
        assert_eq!(attempt.result, Ok(Registration::Home));
        assert!(attempt.shows("Accepted(\"+COPS\")"), "{:?}", attempt.shown);
    }
}
