//! PWRKEY, RESET and the supply (`protocol.md` §5.1).

use super::*;
use crate::modem::Keys;

const BOOTED: &str = "^boot.rom'v\u{1}\0\u{fffd}'!\\n\r\nLierda NT35E\r\n";

fn off() -> Bench {
    Bench::start(ModemSettings { off: true, already_running: false, ..ModemSettings::instant() })
}

impl Bench {
    fn press_key(&mut self, time: Duration) {
        self.modem.set_power_key(true, self.now);
        self.now += time;
        self.modem.set_power_key(false, self.now);
    }

    fn pull_reset(&mut self, time: Duration) {
        self.modem.set_reset(true, self.now);
        self.now += time;
        self.modem.set_reset(false, self.now);
    }

    fn cut_supply(&mut self, time: Duration) {
        self.modem.set_supply(false, self.now);
        self.now += time;
        self.modem.set_supply(true, self.now);
    }
}

#[test]
fn a_modem_that_is_off_says_nothing_until_its_key_was_held() {
    let mut bench = off();
    assert_eq!(bench.say("AT"), "");
    bench.press_key(ms(2_999));
    assert_eq!(bench.later(seconds(9)), "");
    bench.pull_reset(seconds(1));
    assert_eq!(bench.hear_raw(), "", "RESET does not switch it on");
    assert!(!bench.modem.is_on());
    bench.press_key(ms(3_000));
    assert_eq!(bench.hear_raw(), BOOTED);
    assert_eq!(bench.say("AT"), "AT\r|OK");
}

#[test]
fn one_press_does_one_thing() {
    let mut bench = off();
    bench.press_key(seconds(60));
    assert_eq!(bench.hear_raw(), BOOTED);
    assert!(bench.modem.is_on());
    bench.press_key(ms(3_499));
    assert_eq!(bench.hear_raw(), "");
    bench.press_key(ms(3_500));
    assert_eq!(bench.hear_raw(), "\r\nNORMAL POWER DOWN\r\n");
    bench.press_key(seconds(60));
    assert_eq!(bench.hear_raw(), BOOTED);
}

#[test]
fn quirk_power_down_notice() {
    let mut bench = Bench::with(&[("power_down_notice", "silent")]);
    bench.press_key(ms(3_500));
    assert_eq!(bench.hear_raw(), "");
    assert!(!bench.modem.is_on());
}

#[test]
fn reset_counts_once_it_was_pulled_for_long_enough() {
    let mut bench = Bench::connected(&[]);
    bench.pull_reset(ms(299));
    assert_eq!(bench.hear_raw(), "");
    bench.modem.set_reset(true, bench.now);
    bench.later(ms(300));
    assert_eq!(bench.say("AT"), "", "it is held");
    assert_eq!(bench.requests(), [NetworkRequest::Close]);
    bench.modem.set_reset(false, bench.now);
    assert_eq!(bench.hear_raw(), BOOTED);
}

#[test]
fn a_supply_cut_counts_once_the_capacitors_are_empty() {
    let mut bench = Bench::connected(&[]);
    bench.modem.set_supply(false, bench.now);
    bench.later(ms(4_999));
    assert_eq!(bench.say("AT+LMQTTCONN?"), "+LMQTTCONN: 0,3|OK", "the capacitors carry it");
    bench.modem.set_supply(true, bench.now);
    assert_eq!(bench.later(seconds(60)), "");
    bench.cut_supply(seconds(5));
    assert_eq!(bench.later(seconds(60)), "");
    assert_eq!(bench.say("AT"), "");
    bench.press_key(seconds(3));
    assert_eq!(bench.hear_raw(), BOOTED);
}

#[test]
fn a_modem_whose_key_is_tied_starts_with_its_supply() {
    let keys = Keys { starts_with_supply: true, ..Keys::default() };
    let mut bench = Bench::start(ModemSettings { keys, ..ModemSettings::instant() });
    bench.cut_supply(seconds(5));
    assert_eq!(bench.hear_raw(), BOOTED);
}

#[test]
fn a_key_does_nothing_without_supply() {
    let mut bench = off();
    bench.modem.set_supply(false, bench.now);
    bench.later(seconds(5));
    bench.press_key(seconds(5));
    assert_eq!(bench.hear_raw(), "");
}

#[test]
fn quirk_short_supply_cut() {
    let mut bench = Bench::with(&[("short_supply_cut", "hangs")]);
    bench.cut_supply(seconds(2));
    assert_eq!(bench.say("AT"), "");
    bench.press_key(seconds(9));
    assert_eq!(bench.hear_raw(), "");
    bench.pull_reset(ms(300));
    assert_eq!(bench.hear_raw(), BOOTED);
    bench.cut_supply(seconds(2));
    bench.cut_supply(seconds(5));
    bench.press_key(seconds(3));
    assert_eq!(bench.hear_raw(), BOOTED);
}

#[test]
fn quirk_echo_after_restart() {
    for (value, answer) in [("on", "AT\r|OK"), ("kept", "OK")] {
        let mut bench = Bench::with(&[("echo_after_restart", value), ("boot_banner", "silent")]);
        bench.pull_reset(ms(300));
        assert_eq!(bench.say("AT"), answer);
    }
}
