//! Power-on, restart, power-down (`protocol.md` §5.1).

use super::*;

const ROM: &str = "^boot.rom'v\u{1}\0\u{fffd}'!\\n";

fn booting(quirks: &[(&str, &str)]) -> Bench {
    Bench::start(ModemSettings {
        quirks: quirks_of(quirks),
        delays: Delays { boot: ms(500), ..Delays::none() },
        ..ModemSettings::default()
    })
}

#[test]
fn the_rom_banner_has_no_line_end_and_the_modem_is_deaf_while_it_boots() {
    let mut bench = booting(&[]);
    assert_eq!(bench.hear_raw(), ROM);
    bench.raw(b"AT\r\n");
    bench.now = ms(500);
    assert_eq!(bench.hear_raw(), "\r\nLierda NT35E\r\n");
    assert_eq!(bench.say("AT"), "AT\r|OK");
}

#[test]
fn quirk_boot_banner() {
    let banner = |value| {
        let mut bench = booting(&[("boot_banner", value)]);
        bench.now = ms(500);
        bench.raw(b"AT\r");
        bench.hear_raw()
    };
    assert_eq!(banner("separate"), format!("{ROM}\r\nLierda NT35E\r\nAT\r\r\nOK\r\n"));
    assert_eq!(banner("glued"), format!("{ROM}Lierda NT35E\r\nAT\r\r\nOK\r\n"));
    assert_eq!(banner("rom_only"), format!("{ROM}AT\r\r\nOK\r\n"));
    assert_eq!(banner("silent"), "AT\r\r\nOK\r\n");
}

#[test]
fn quirk_boot_lines() {
    let mut bench = booting(&[("boot_lines", "yes")]);
    assert!(bench.later(ms(500)).ends_with("|Lierda NT35E|RDY|^MODE: 17,17|+CPIN: READY"));
}

#[test]
fn quirk_power_on_noise() {
    let mut bench = booting(&[("power_on_noise", "yes")]);
    let noise = bench.modem.read(bench.now);
    assert!(noise.starts_with(&[0x00, 0xFF]));
    assert!(String::from_utf8_lossy(&noise).ends_with(ROM));
}

#[test]
fn quirk_first_line_lost() {
    let mut bench = booting(&[("first_line_lost", "yes"), ("boot_banner", "silent")]);
    bench.later(ms(500));
    assert_eq!(bench.say("ATE0"), "ATE0\r");
    assert_eq!(bench.say("ATE0"), "ATE0\r|OK");
}

#[test]
fn quirk_sleeps_after() {
    let mut bench = Bench::with(&[("sleeps_after", "10")]);
    assert_eq!(bench.later(seconds(9)), "");
    assert_eq!(bench.say("AT"), "OK");
    assert_eq!(bench.later(seconds(10)), "");
    assert_eq!(bench.say("AT"), "");
    assert_eq!(bench.say("AT"), "OK");
}

#[test]
fn a_restart_comes_mid_anything_and_forgets_everything() {
    let mut bench = Bench::connected(&[]);
    bench.say("AT+CEREG=2");
    bench.say("AT+CMEE=2");
    assert_eq!(bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",5"), "> ");
    bench.raw(b"ab");
    bench.modem.restart(bench.now);
    assert_eq!(bench.requests(), [NetworkRequest::Close]);
    assert_eq!(bench.hear_raw(), format!("{ROM}\r\nLierda NT35E\r\n"));
    assert_eq!(bench.say("AT+CEREG?"), "AT+CEREG?\r|+CEREG: 0,1|OK");
    bench.say("ATE0");
    assert_eq!(bench.say("AT+CMEE?"), "+CMEE: 1|OK");
    assert_eq!(bench.say("AT+LMQTTCONN?"), "OK");
    assert_eq!(bench.say("AT+LMQTTCFG=\"keepalive\",0"), "+CME ERROR: 3");
    // What the old connection still had to tell is of no concern.
    bench.network(NetworkEvent::ClosedByPeer);
    assert_eq!(bench.hear(), "");
}

#[test]
fn an_unfinished_answer_is_lost_in_a_restart() {
    let mut settings = ModemSettings::instant();
    settings.delays.acknowledge = ms(7);
    settings.quirks.set("boot_banner", "silent").unwrap();
    let mut bench = Bench::start(settings);
    bench.raw(b"AT\r");
    bench.modem.restart(ms(3));
    assert_eq!(bench.later(ms(20)), "AT\r");
}

#[test]
fn commands_that_restart() {
    for command in ["AT+CFUN=0,1", "AT+CFUN=1,1", "AT+RESET", "AT+ECRST"] {
        let mut bench = Bench::new();
        bench.raw(format!("{command}\r\n").as_bytes());
        assert_eq!(bench.hear_raw(), format!("\r\nOK\r\n{ROM}\r\nLierda NT35E\r\n"), "{command}");
    }
}

#[test]
fn a_command_that_restarts_is_answered_on_a_slow_line_too() {
    let mut settings = ModemSettings { baud_rate: Some(9600), ..ModemSettings::instant() };
    settings.quirks.set("boot_banner", "silent").unwrap();
    let mut bench = Bench::start(settings);
    assert_eq!(bench.say("AT+RESET"), "");
    assert_eq!(bench.later(seconds(1)), "AT+RESET\r|OK");
}

#[test]
fn what_waits_to_be_read_is_lost_in_a_restart() {
    let mut settings = ModemSettings::instant();
    settings.delays.acknowledge = ms(7);
    let mut bench = Bench::start(settings);
    bench.raw(b"AT\rAT+CSQ\r");
    bench.modem.restart(bench.now);
    assert!(!bench.later(seconds(1)).contains("CSQ"));
}

#[test]
fn power_down_is_announced_and_final_until_power_on() {
    let mut bench = Bench::connected(&[]);
    bench.modem.power_down(bench.now);
    assert_eq!(bench.hear_raw(), "\r\nNORMAL POWER DOWN\r\n");
    assert_eq!(bench.requests(), [NetworkRequest::Close]);
    assert_eq!(bench.say("AT"), "");
    assert_eq!(bench.later(seconds(60)), "");
    bench.modem.restart(bench.now);
    assert_eq!(bench.hear_raw(), format!("{ROM}\r\nLierda NT35E\r\n"));
}
