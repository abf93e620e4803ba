//! The packet service, the operator and power saving (`protocol.md` §5.2).

use super::*;
use crate::modem::Registration;

#[test]
fn packets_come_after_registration_and_an_address_after_that() {
    let mut settings = ModemSettings::instant();
    settings.delays.attach = seconds(1);
    settings.delays.address = seconds(2);
    let mut bench = Bench::start(settings);
    bench.say("ATE0");
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 0,1|OK");
    assert_eq!(bench.say("AT+CGATT?"), "+CGATT: 0|OK");
    bench.later(seconds(1));
    assert_eq!(bench.say("AT+CGATT?"), "+CGATT: 1|OK");
    assert_eq!(bench.say("AT+CGPADDR"), "OK");
    assert_eq!(bench.say("AT+LMQTTOPEN=0,\"h\",1883"), "OK|+LMQTTOPEN: 0,-1,3");
    bench.later(seconds(2));
    assert_eq!(bench.say("AT+CGPADDR"), "+CGPADDR: 0,\"10.0.0.17\"|OK");
    assert_eq!(bench.say("AT+CGATT=0"), "OK");
    assert_eq!(bench.say("AT+CGATT?"), "+CGATT: 0|OK");
}

#[test]
fn quirk_no_address() {
    for (value, answer) in [("no_line", "OK"), ("bare_line", "+CGPADDR: 0|OK"), ("zeros", "+CGPADDR: 0,\"0.0.0.0\"|OK")]
    {
        let mut bench = Bench::with(&[("no_address", value)]);
        bench.say("AT+CFUN=0");
        assert_eq!(bench.say("AT+CGPADDR"), answer);
    }
}

#[test]
fn quirk_packet_queries() {
    let mut bench = Bench::with(&[("packet_queries", "unknown")]);
    assert_eq!(bench.say("AT+CGATT?"), "ERROR");
    assert_eq!(bench.say("AT+CGPADDR"), "ERROR");
}

#[test]
fn an_access_point_counts_from_the_next_attach() {
    let mut settings = ModemSettings::instant();
    settings.radio.apn = Some("private.cn".to_owned());
    let mut bench = Bench::start(settings);
    bench.say("ATE0");
    assert_eq!(bench.say("AT+CGDCONT?"), "+CGDCONT: 0,\"IP\",\"\",\"0.0.0.0\",0,0|OK");
    assert_eq!(bench.say("AT+CGATT?"), "+CGATT: 0|OK");
    assert_eq!(bench.say("AT+CGDCONT=0,\"IP\",\"private.cn\""), "OK");
    assert_eq!(bench.say("AT+CGDCONT=0,\"X25\",\"private.cn\""), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+CGDCONT=16,\"IP\",\"private.cn\""), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+CGATT?"), "+CGATT: 0|OK");
    bench.say("AT+CFUN=0");
    bench.say("AT+CFUN=1");
    bench.later(ms(0));
    assert_eq!(bench.say("AT+CGATT?"), "+CGATT: 1|OK");
    assert_eq!(bench.say("AT+CGPADDR"), "+CGPADDR: 0,\"10.0.0.17\"|OK");
    assert_eq!(bench.say("AT+CGDCONT=0"), "OK");
    assert_eq!(bench.say("AT+CGDCONT?"), "OK");
}

#[test]
fn quirk_contexts() {
    for (value, apn) in [("kept", "cmnet"), ("lost", "")] {
        let mut bench = Bench::with(&[("contexts", value)]);
        bench.say("AT+CGDCONT=0,\"IP\",\"cmnet\"");
        bench.modem.restart(bench.now);
        bench.say("ATE0");
        assert_eq!(bench.say("AT+CGDCONT?"), format!("+CGDCONT: 0,\"IP\",\"{apn}\",\"0.0.0.0\",0,0|OK"));
    }
}

#[test]
fn an_operator_is_there_or_not() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("AT+COPS?"), "+COPS: 0,2,\"46000\",7|OK");
    assert_eq!(bench.say("AT+COPS=1,2,\"46000\""), "OK");
    assert_eq!(bench.say("AT+COPS?"), "+COPS: 1,2,\"46000\",7|OK");
    assert_eq!(bench.say("AT+COPS=1,2,\"46001\""), "+CME ERROR: 30");
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 0,0|OK");
    assert_eq!(bench.say("AT+COPS?"), "+COPS: 1|OK");
    assert_eq!(bench.say("AT+COPS=4,2,\"46001\""), "OK");
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 0,1|OK");
    assert_eq!(bench.say("AT+COPS=0"), "OK");
    for wrong in ["1,0,\"46000\"", "1,2,\"4600\"", "1,2,\"46a00\"", "2", "5"] {
        assert_eq!(bench.say(&format!("AT+COPS={wrong}")), "+CME ERROR: 3", "{wrong}");
    }
}

#[test]
fn quirk_operator_selection() {
    let mut bench = Bench::with(&[("operator_selection", "unknown")]);
    assert_eq!(bench.say("AT+COPS=0"), "ERROR");
}

#[test]
fn timers_are_bits() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("AT+CPSMS?"), "+CPSMS: 0|OK");
    assert_eq!(bench.say("AT+CPSMS=1,,,\"00011000\",\"00011110\""), "OK");
    assert_eq!(bench.say("AT+CPSMS?"), "+CPSMS: 1,,,\"00011000\",\"00011110\"|OK");
    assert_eq!(bench.say("AT+CPSMS=0"), "OK");
    assert_eq!(bench.say("AT+CEDRXS=1,4,\"0101\""), "OK");
    assert_eq!(bench.say("AT+CEDRXS?"), "+CEDRXS: 4,\"0101\"|OK");
    assert_eq!(bench.say("AT+CEDRXS=0"), "OK");
    assert_eq!(bench.say("AT+CEDRXS?"), "OK");
    for wrong in [
        "+CPSMS=1,,,\"0001100\",\"00011110\"",
        "+CPSMS=1,\"1\",,\"00011000\",\"00011110\"",
        "+CPSMS=2",
        "+CPSMS=1",
        "+CEDRXS=1,5,\"0101\"",
        "+CEDRXS=1,4,\"0121\"",
        "+CEDRXS=1,4,\"01010\"",
    ] {
        assert_eq!(bench.say(&format!("AT{wrong}")), "+CME ERROR: 3", "{wrong}");
    }
}

#[test]
fn quirk_power_saving() {
    let mut bench = Bench::with(&[("power_saving", "unknown")]);
    assert_eq!(bench.say("AT+CPSMS=0"), "ERROR");
    assert_eq!(bench.say("AT+CEDRXS=0"), "ERROR");
}

#[test]
fn every_registration_has_its_number_and_four_carry_data() {
    let mut bench = Bench::new();
    for (registration, number, carries) in [
        (Registration::Never, 2, 0),
        (Registration::Home, 1, 1),
        (Registration::Denied, 3, 0),
        (Registration::Unknown, 4, 0),
        (Registration::Roaming, 5, 1),
        (Registration::MessagesHome, 6, 0),
        (Registration::MessagesRoaming, 7, 0),
        (Registration::Emergency, 8, 0),
        (Registration::DataHome, 9, 1),
        (Registration::DataRoaming, 10, 1),
        (Registration::Restricted, 11, 0),
    ] {
        bench.modem.set_registration(registration, bench.now);
        assert_eq!(bench.say("AT+CEREG?"), format!("+CEREG: 0,{number}|OK"));
        assert_eq!(bench.say("AT+CGATT?"), format!("+CGATT: {carries}|OK"));
    }
}

#[test]
fn a_registration_changes_by_its_schedule() {
    let mut settings = ModemSettings::instant();
    settings.already_running = false;
    settings.radio.registration = Registration::Never;
    settings.radio.registration_course = vec![(seconds(2), Registration::Denied), (seconds(5), Registration::Home)];
    let mut bench = Bench::start(settings);
    bench.say("ATE0");
    bench.say("AT+CEREG=1");
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 1,2|OK");
    assert_eq!(bench.later(seconds(2)), "+CEREG: 3");
    assert_eq!(bench.later(seconds(3)), "+CEREG: 1");
}

#[test]
fn quirk_identities() {
    let mut bench = Bench::with(&[("identities", "unknown")]);
    for command in ["+CGMM", "+CGMR", "+LGMR", "+CGSN", "+CGSN=1", "+LGSN=1", "+LCCID", "+CIMI"] {
        assert_eq!(bench.say(&format!("AT{command}")), "ERROR", "{command}");
    }
    assert!(bench.say("ATI").ends_with("|OK"));
}

#[test]
fn quirk_clock_epoch() {
    for (value, year) in [("1970", "70/01/01"), ("1980", "80/01/06"), ("2000", "00/01/01")] {
        let mut bench = Bench::with(&[("clock_epoch", value)]);
        bench.say("AT+CFUN=0");
        assert_eq!(bench.say("AT+CCLK?"), format!("+CCLK: \"{year},00:00:00+00\"|OK"));
    }
}
