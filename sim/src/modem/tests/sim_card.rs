//! The SIM (`protocol.md` §5.2).

use super::*;

/// A modem that has just been switched on, whose SIM takes two seconds.
fn just_on(quirks: &[(&str, &str)], pin: Option<&str>) -> Bench {
    let mut settings = ModemSettings { quirks: quirks_of(quirks), ..ModemSettings::instant() };
    settings.already_running = false;
    settings.delays.sim = seconds(2);
    settings.radio.pin = pin.map(str::to_owned);
    let mut bench = Bench::start(settings);
    bench.say("ATE0");
    bench
}

#[test]
fn a_sim_takes_its_time() {
    let mut bench = just_on(&[], None);
    assert_eq!(bench.say("AT+CPIN?"), "+CME ERROR: 14");
    assert_eq!(bench.say("AT+LCCID"), "+CME ERROR: 14");
    assert_eq!(bench.say("AT+CIMI"), "+CME ERROR: 14");
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 0,2|OK");
    bench.later(seconds(2));
    assert_eq!(bench.say("AT+CPIN?"), "+CPIN: READY|OK");
    assert_eq!(bench.say("AT+CIMI"), "460000000000017|OK");
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 0,1|OK");
    assert_eq!(bench.say("AT+CPIN=\"1234\""), "+CME ERROR: 3");
}

#[test]
fn quirk_sim_while_read() {
    for (value, answer) in [
        ("busy", "+CME ERROR: 14"),
        ("absent", "+CME ERROR: 10"),
        ("failed", "+CME ERROR: 13"),
        ("not_ready", "+CPIN: NOT READY|OK"),
    ] {
        let mut bench = just_on(&[("sim_while_read", value)], None);
        assert_eq!(bench.say("AT+CPIN?"), answer);
        bench.later(seconds(2));
        assert_eq!(bench.say("AT+CPIN?"), "+CPIN: READY|OK");
    }
}

#[test]
fn a_sim_with_a_pin_searches_only_once_it_has_it() {
    let mut bench = just_on(&[], Some("4711"));
    bench.later(seconds(2));
    assert_eq!(bench.say("AT+CPIN?"), "+CPIN: SIM PIN|OK");
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 0,0|OK");
    assert_eq!(bench.say("AT+LCCID"), "+LCCID: 8986000000000000017D|OK");
    assert_eq!(bench.say("AT+CIMI"), "+CME ERROR: 11");
    assert_eq!(bench.say("AT+CPIN=\"0815\""), "+CME ERROR: 16");
    assert_eq!(bench.say("AT+CPIN=\"4711\""), "OK");
    assert_eq!(bench.say("AT+CPIN?"), "+CPIN: READY|OK");
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 0,1|OK");
    assert_eq!(bench.modem.radio().wrong_pins, 0);
}

#[test]
fn three_wrong_pins_lock_the_sim_for_good() {
    let mut bench = just_on(&[], Some("4711"));
    bench.later(seconds(2));
    assert_eq!(bench.say("AT+CPIN=\"0815\""), "+CME ERROR: 16");
    assert_eq!(bench.say("AT+CPIN=\"0815\""), "+CME ERROR: 16");
    bench.modem.restart(bench.now);
    bench.later(seconds(2));
    bench.say("ATE0");
    assert_eq!(bench.say("AT+CPIN=\"0815\""), "+CME ERROR: 16", "the SIM does not forget");
    assert_eq!(bench.say("AT+CPIN?"), "+CPIN: SIM PUK|OK");
    assert_eq!(bench.say("AT+CPIN=\"4711\""), "+CME ERROR: 12");
    assert_eq!(bench.say("AT+CIMI"), "+CME ERROR: 12");
}

#[test]
fn quirk_pin_after_radio() {
    for (value, answer) in [("kept", "+CPIN: READY|OK"), ("asked", "+CPIN: SIM PIN|OK")] {
        let mut bench = just_on(&[("pin_after_radio", value)], Some("4711"));
        bench.later(seconds(2));
        bench.say("AT+CPIN=\"4711\"");
        bench.say("AT+CFUN=0");
        bench.say("AT+CFUN=1");
        bench.later(seconds(2));
        assert_eq!(bench.say("AT+CPIN?"), answer);
    }
}
