//! Framing, echo, errors and the commands of every modem (`protocol.md` §2 and §5.2).

use super::super::{Noise, Registration};
use super::*;

#[test]
fn echo_is_on_at_power_on_and_ate0_ends_it() {
    let mut bench = Bench::start(ModemSettings::instant());
    bench.raw(b"AT\r\nATE0\r\nAT\r\n");
    assert_eq!(bench.hear_raw(), "AT\r\r\nOK\r\nATE0\r\r\nOK\r\n\r\nOK\r\n");
    bench.raw(b"ATE1\rAT\r");
    assert_eq!(bench.hear_raw(), "\r\nOK\r\nAT\r\r\nOK\r\n");
}

#[test]
fn the_chunks_do_not_matter() {
    let mut whole = Bench::new();
    whole.raw(b"AT+CSQ\r\nAT+CEREG?\r\n");
    let mut pieces = Bench::new();
    for byte in b"AT+CSQ\r\nAT+CEREG?\r\n" {
        pieces.raw(&[*byte]);
    }
    assert_eq!(whole.hear_raw(), pieces.hear_raw());
}

#[test]
fn commands_wait_for_the_answer_of_the_one_before() {
    let mut settings = ModemSettings::instant();
    settings.delays.acknowledge = ms(7);
    let mut bench = Bench::start(settings);
    bench.raw(b"ATE0\rAT+CSQ\rAT\r");
    assert_eq!(bench.later(ms(7)), "ATE0\r|OK");
    assert_eq!(bench.later(ms(6)), "");
    assert_eq!(bench.later(ms(1)), "+CSQ: 29,0|OK");
    assert_eq!(bench.later(ms(7)), "OK");
}

#[test]
fn identities() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("ATI"), "Lierda|NT35E|Revision: Lierda6180316|OK");
    assert_eq!(bench.say("AT+CGMM"), "NT35E|OK");
    assert_eq!(bench.say("AT+CGMR"), "Lierda6180316|OK");
    assert_eq!(bench.say("AT+LGMR"), "NT35ECNA00NNA-L1020000|OK");
    assert_eq!(bench.say("AT+CGSN"), "860000000000017|OK");
    assert_eq!(bench.say("AT+CGSN=0"), "+CGSN: NT35E0000000017|OK");
    assert_eq!(bench.say("AT+CGSN=1"), "+CGSN: 860000000000017|OK");
    assert_eq!(bench.say("AT+CGSN=2"), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+LGSN=1"), "+LGSN: 860000000000017|OK");
    assert_eq!(bench.say("AT+LCCID"), "+LCCID: 8986000000000000017D|OK");
    assert_eq!(bench.say("AT+CIMI"), "460000000000017|OK");
}

#[test]
fn quirk_quoted_identity() {
    let mut bench = Bench::with(&[("quoted_identity", "yes")]);
    assert_eq!(bench.say("AT+CGSN=1"), "+CGSN: \"860000000000017\"|OK");
}

#[test]
fn quirk_product() {
    let mut bench = Bench::with(&[("product", "nt26_kcn")]);
    assert_eq!(bench.say("AT+LGMR"), "NT26KCNA00NNA-L1020000|OK");
    let mut bench = Bench::with(&[("product", "standard_q")]);
    assert_eq!(bench.say("AT+CGMM"), "NT26E-Q|OK");
}

#[test]
fn sim_signal_and_network() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("AT+CPIN?"), "+CPIN: READY|OK");
    assert_eq!(bench.say("AT+CGATT?"), "+CGATT: 1|OK");
    assert_eq!(bench.say("AT+CGPADDR"), "+CGPADDR: 0,\"10.0.0.17\"|OK");
    assert_eq!(bench.say("AT+CFUN?"), "+CFUN: 1|OK");
    bench.modem.radio().signal = 99;
    assert_eq!(bench.say("AT+CSQ"), "+CSQ: 99,0|OK");
    bench.modem.radio().sim = false;
    assert_eq!(bench.say("AT+CPIN?"), "+CME ERROR: 10");
    assert_eq!(bench.say("AT+LCCID"), "+CME ERROR: 10");
}

#[test]
fn registration_takes_its_time_and_is_reported_on_wish() {
    let mut settings = ModemSettings::instant();
    settings.already_running = false;
    settings.delays.register = seconds(2);
    let mut bench = Bench::start(settings);
    bench.say("ATE0");
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 0,2|OK");
    assert_eq!(bench.say("AT+CGATT?"), "+CGATT: 0|OK");
    assert_eq!(bench.say("AT+CGPADDR"), "OK");
    assert_eq!(bench.say("AT+CEREG=1"), "OK");
    assert_eq!(bench.later(seconds(2)), "+CEREG: 1");
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 1,1|OK");
    assert_eq!(bench.say("AT+CEREG=2"), "OK");
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 2,1,\"1A2B\",\"00C3D4E5\",7|OK");
    assert_eq!(bench.say("AT+CFUN=0"), "OK|+CEREG: 0");
    assert_eq!(bench.say("AT+CSQ"), "+CSQ: 99,99|OK");
    assert_eq!(bench.say("AT+CFUN=1"), "OK");
    assert_eq!(bench.later(seconds(2)), "+CEREG: 1,\"1A2B\",\"00C3D4E5\",7");
    assert_eq!(bench.say("AT+CEREG=3"), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+CEREG=?"), "+CEREG: (0-2)|OK");
}

#[test]
fn the_network_can_refuse_and_change_its_mind() {
    let mut settings = ModemSettings::instant();
    settings.radio.registration = Registration::Denied;
    let mut bench = Bench::start(settings);
    bench.say("ATE0");
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 0,3|OK");
    bench.modem.set_registration(Registration::Roaming, bench.now);
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 0,5|OK");
    bench.modem.set_registration(Registration::Never, bench.now);
    assert_eq!(bench.say("AT+CEREG?"), "+CEREG: 0,2|OK");
}

#[test]
fn the_clock_comes_with_the_network() {
    let mut bench = Bench::new();
    bench.now = seconds(61);
    assert_eq!(bench.say("AT+CCLK?"), "+CCLK: \"26/01/15,08:31:01+32\"|OK");
    bench.say("AT+CFUN=0");
    assert_eq!(bench.say("AT+CCLK?"), "+CCLK: \"70/01/01,00:01:01+00\"|OK");
}

#[test]
fn quirk_clock_format() {
    let mut bench = Bench::with(&[("clock_format", "gmt")]);
    assert_eq!(bench.say("AT+CCLK?"), "+CCLK: \"26/01/15,08:30:00GMT+8\"|OK");
}

#[test]
fn errors_follow_cmee() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("AT+CMEE?"), "+CMEE: 1|OK");
    assert_eq!(bench.say("AT+CMEE=?"), "+CMEE: (0-2)|OK");
    assert_eq!(bench.say("AT+LMQTTDISC=0"), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+CMEE=2"), "OK");
    assert_eq!(bench.say("AT+LMQTTDISC=0"), "+CME ERROR: operation not allowed");
    assert_eq!(bench.say("AT+CMEE=0"), "OK");
    assert_eq!(bench.say("AT+LMQTTDISC=0"), "ERROR");
    assert_eq!(bench.say("AT+CMEE=3"), "ERROR");
    assert_eq!(bench.say("AT+NOSUCH"), "ERROR");
}

#[test]
fn quirk_error_style() {
    let mut bench = Bench::with(&[("error_style", "text")]);
    assert_eq!(bench.say("AT+CMEE?"), "+CMEE: 2|OK");
}

#[test]
fn quirk_blank_lines() {
    let mut bench = Bench::with(&[("blank_lines", "none")]);
    bench.raw(b"AT+CSQ\r\n");
    assert_eq!(bench.hear_raw(), "+CSQ: 29,0\r\nOK\r\n");
    bench.modem.quirks().set("blank_lines", "two").unwrap();
    bench.raw(b"AT+CSQ\r\n");
    assert_eq!(bench.hear_raw(), "\r\n\r\n+CSQ: 29,0\r\n\r\n\r\nOK\r\n");
}

#[test]
fn quirk_foreign_line() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("{\"not\":\"a command\"}"), "");
    bench.modem.quirks().set("foreign_line", "error").unwrap();
    assert_eq!(bench.say("{\"not\":\"a command\"}"), "ERROR");
}

#[test]
fn quirk_sockets_and_tls() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("AT+LIPCFG=1"), "ERROR");
    bench.modem.quirks().set("sockets_and_tls", "accepted").unwrap();
    assert_eq!(bench.say("AT+LIPCFG=1"), "OK");
    assert_eq!(bench.say("AT+LSSLCFG=0"), "OK");
}

#[test]
fn baud_rates_of_the_uart_are_accepted() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("AT+IPR=115200"), "OK");
    assert_eq!(bench.say("AT+IPR=115201"), "+CME ERROR: 3");
}

#[test]
fn a_baud_rate_paces_both_directions() {
    let mut bench = Bench::start(ModemSettings { baud_rate: Some(10_000), ..ModemSettings::instant() });
    bench.raw(b"AT\r");
    assert_eq!(bench.modem.next_due(), Some(ms(1)));
    // Three bytes to the modem, the last one's echo one byte later, then the answer byte by byte.
    assert_eq!(bench.later(ms(4)), "AT\r");
    assert_eq!(bench.later(ms(5)), "OK\r");
    assert_eq!(bench.later(ms(1)), "\n");
}

#[test]
fn a_bad_line_spoils_answers_from_when_it_is_bad() {
    let mut bench = Bench::new();
    bench.modem.set_noise(&Noise { repeat: 1, ..Noise::default() });
    bench.raw(b"AT\r");
    assert_eq!(bench.hear_raw(), "\r\r\n\nOOKK\r\r\n\n");
    bench.modem.set_noise(&Noise::default());
    assert_eq!(bench.say("AT"), "OK");
    bench.modem.set_input_noise(&Noise { repeat: 1, ..Noise::default() });
    assert_eq!(bench.say("AT"), "", "which came as AATT");
}

#[test]
fn injected_bytes_and_silence() {
    let mut bench = Bench::new();
    bench.modem.inject(b"\xff+CSQ", bench.now);
    assert_eq!(bench.hear_raw(), "\u{fffd}+CSQ");
    bench.modem.mute(seconds(5));
    assert_eq!(bench.say("AT"), "");
    assert_eq!(bench.later(seconds(5)), "OK");
}
