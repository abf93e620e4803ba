//! `AT+LMQTTPUB` (`protocol.md` §3.5).

use super::*;

const PUBACK_5: &[u8] = b"\x40\x02\0\x05";

#[test]
fn inline_at_every_quality() {
    let mut bench = Bench::connected(&[]);
    assert_eq!(bench.say("AT+LMQTTPUB=0,0,0,1,\"t\",4,\"abcd\""), "OK|+LMQTTPUB: 0,0,0");
    assert_eq!(bench.sent(), b"\x31\x07\0\x01tabcd");
    assert_eq!(bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",4,abcd"), "OK");
    assert_eq!(bench.sent(), b"\x32\x09\0\x01t\0\x05abcd");
    bench.broker(PUBACK_5);
    assert_eq!(bench.hear(), "+LMQTTPUB: 0,5,0");
    assert_eq!(bench.say("AT+LMQTTPUB=0,6,2,0,\"t\",0,\"\""), "OK");
    bench.broker(b"\x50\x02\0\x06");
    assert_eq!(bench.hear(), "");
    bench.broker(b"\x70\x02\0\x06");
    assert_eq!(bench.hear(), "+LMQTTPUB: 0,6,0");
}

#[test]
fn json_goes_inline_as_it_is() {
    let mut bench = Bench::connected(&[]);
    let json = r#"{"params":{"t":21,"s":"a,b"}}"#;
    assert_eq!(bench.say(&format!("AT+LMQTTPUB=0,0,0,0,\"t\",{},\"{json}\"", json.len())), "OK|+LMQTTPUB: 0,0,0");
    assert!(bench.sent().ends_with(json.as_bytes()));
}

#[test]
fn the_prompt_takes_exactly_the_bytes_that_were_announced() {
    let mut bench = Bench::connected(&[]);
    bench.raw(b"AT+LMQTTPUB=0,5,1,0,\"t\",8\r\n");
    assert_eq!(bench.hear_raw(), "\r\n> ", "and no line end after it");
    bench.raw(b"\r\nOK\r\n");
    assert_eq!(bench.hear_raw(), "");
    bench.raw(b"\x1a\x1bAT\r\n");
    assert_eq!(bench.hear_raw(), "\r\nOK\r\n\r\nOK\r\n", "one for the payload, one for AT");
    assert_eq!(bench.sent(), b"\x32\x0d\0\x01t\0\x05\r\nOK\r\n\x1a\x1b");
    bench.broker(PUBACK_5);
    assert_eq!(bench.hear(), "+LMQTTPUB: 0,5,0");
}

#[test]
fn the_longest_payloads() {
    let mut bench = Bench::connected(&[]);
    assert_eq!(bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",8001"), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",8000"), "> ");
    bench.raw(&[b'x'; 8000]);
    assert_eq!(bench.hear(), "OK|+LMQTTPUB: 0,0,0");
    let inline = |length| format!("AT+LMQTTPUB=0,0,0,0,\"t\",{length},\"{}\"", "x".repeat(length));
    assert_eq!(bench.say(&inline(1024)), "OK|+LMQTTPUB: 0,0,0");
    assert_eq!(bench.say(&inline(1025)), "+CME ERROR: 3");
}

#[test]
fn quirks_inline_limit_and_prompt_limit() {
    let mut bench = Bench::connected(&[("inline_limit", "1460"), ("prompt_limit", "1460")]);
    let inline = format!("AT+LMQTTPUB=0,0,0,0,\"t\",1460,\"{}\"", "x".repeat(1460));
    assert_eq!(bench.say(&inline), "OK|+LMQTTPUB: 0,0,0");
    assert_eq!(bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",1461"), "+CME ERROR: 3");
}

#[test]
fn quirk_inline_control() {
    let mut bench = Bench::connected(&[("inline_control", "refused")]);
    assert_eq!(bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",2,\"a\x1a\""), "+CME ERROR: 3");
}

#[test]
fn an_empty_payload_needs_no_prompt() {
    let mut bench = Bench::connected(&[]);
    assert_eq!(bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",0"), "OK|+LMQTTPUB: 0,0,0");
}

#[test]
fn wrong_states_and_arguments() {
    assert_eq!(Bench::new().say("AT+LMQTTPUB=0,5,1,0,\"t\",4,\"abcd\""), "+CME ERROR: 3");
    let mut bench = Bench::connected(&[]);
    let long = format!("0,0,0,0,\"{}\",1,x", "t".repeat(257));
    let cases = [
        "0,5,0,0,\"t\",4,\"abcd\"",
        "0,0,1,0,\"t\",4,\"abcd\"",
        "0,5,3,0,\"t\",4,\"abcd\"",
        "0,5,1,2,\"t\",4,\"abcd\"",
        "0,5,1,0,t,4,\"abcd\"",
        "0,5,1,0,\"t\",3,\"abcd\"",
        "0,65536,1,0,\"t\",4,\"abcd\"",
        "0,0,1,0,\"t\",4",
        &long,
    ];
    for arguments in cases {
        assert_eq!(bench.say(&format!("AT+LMQTTPUB={arguments}")), "+CME ERROR: 3", "{arguments}");
    }
    assert_eq!(bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",4,\"abcd\""), "OK");
    assert_eq!(bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",4,\"abcd\""), "+CME ERROR: 3", "the id is in use");
}

#[test]
fn a_link_lost_during_the_payload_is_an_error_after_it() {
    let mut bench = Bench::connected(&[]);
    bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",4");
    bench.network(NetworkEvent::ClosedByPeer);
    assert_eq!(bench.say("abcd"), "+CME ERROR: 3|+LMQTTURC: STATS,0,1");
}

#[test]
fn quirk_prompt_ok() {
    let said = |place| {
        let mut bench = Bench::connected(&[("prompt_ok", place)]);
        let before = bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",4");
        bench.raw(b"abcd");
        (before, bench.hear())
    };
    let result = "+LMQTTPUB: 0,0,0".to_owned();
    assert_eq!(said("after_data"), ("> ".to_owned(), format!("OK|{result}")));
    assert_eq!(said("before_prompt"), ("OK|> ".to_owned(), result.clone()));
    assert_eq!(said("both"), ("OK|> ".to_owned(), format!("OK|{result}")));
}

#[test]
fn quirk_ctrl_z() {
    let mut bench = Bench::connected(&[("ctrl_z", "needed")]);
    bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",4");
    bench.raw(b"abcd");
    assert_eq!(bench.hear(), "");
    bench.raw(b"\x1a");
    assert_eq!(bench.hear(), "OK|+LMQTTPUB: 0,0,0");
    assert_eq!(bench.sent(), b"\x30\x07\0\x01tabcd");
}

#[test]
fn quirk_escape() {
    let mut bench = Bench::connected(&[("escape", "cancels")]);
    bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",4");
    bench.raw(b"ab\x1b");
    assert_eq!(bench.hear(), "OK");
    assert_eq!(bench.sent(), b"");
    assert_eq!(bench.say("AT"), "OK");
}

#[test]
fn quirk_echo_payload() {
    let mut bench = Bench::connected(&[("echo_payload", "yes")]);
    bench.say("ATE1");
    bench.raw(b"AT+LMQTTPUB=0,0,0,0,\"t\",4\r\n");
    bench.hear_raw();
    bench.raw(b"a\r\nb");
    assert_eq!(bench.hear_raw(), "a\r\nb\r\nOK\r\n\r\n+LMQTTPUB: 0,0,0\r\n");
    bench.modem.quirks().echo_payload = false;
    bench.raw(b"AT+LMQTTPUB=0,0,0,0,\"t\",4\r\n");
    bench.hear_raw();
    bench.raw(b"a\r\nb");
    assert_eq!(bench.hear_raw(), "\r\nOK\r\n\r\n+LMQTTPUB: 0,0,0\r\n");
}

#[test]
fn quirk_published_result() {
    let mut bench = Bench::connected(&[("published_result", "one")]);
    bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",1,x");
    bench.broker(PUBACK_5);
    assert_eq!(bench.hear(), "+LMQTTPUB: 0,5,1");
    bench.modem.quirks().set("published_result", "one_with_extend").unwrap();
    bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",1,x");
    bench.broker(PUBACK_5);
    assert_eq!(bench.hear(), "+LMQTTPUB: 0,5,1,6");
}

#[test]
fn quirk_unacknowledged() {
    let after_all_tries = |what| {
        let mut bench = Bench::connected(&[("unacknowledged", what)]);
        bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",1,x");
        assert_eq!(bench.later(seconds(29)), "");
        let again = b"\x3a\x06\0\x01t\0\x05x";
        assert_eq!(bench.sent(), [&b"\x32\x06\0\x01t\0\x05x"[..], again, again].concat());
        bench.later(seconds(1))
    };
    assert_eq!(after_all_tries("one"), "+LMQTTPUB: 0,5,1");
    assert_eq!(after_all_tries("two"), "+LMQTTPUB: 0,5,2");
    assert_eq!(after_all_tries("silent"), "");
}

#[test]
fn the_settings_say_how_often_and_when_to_send_again() {
    let mut bench = Bench::with(&[]);
    bench.sign_in("AT+LMQTTCFG=\"timeout\",0,5,2,1");
    bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",1,x");
    assert_eq!(bench.later(seconds(5)), "+LMQTTPUB: 0,5,1", "the notice of sending again");
    assert_eq!(bench.later(seconds(5)), "+LMQTTPUB: 0,5,1", "the result");
}

#[test]
fn hex_payloads() {
    let mut bench = Bench::connected(&[]);
    bench.say("AT+LMQTTCFG=\"send/mode\",0,1");
    assert_eq!(bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",4,\"00ff\""), "OK|+LMQTTPUB: 0,0,0");
    assert_eq!(bench.sent(), b"\x30\x05\0\x01t\0\xff");
    assert_eq!(bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",4,\"00fg\""), "+CME ERROR: 3");
}

#[test]
fn a_prompt_that_is_never_answered_swallows_what_comes() {
    let mut bench = Bench::connected(&[]);
    bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",10");
    assert_eq!(bench.later(seconds(60)), "");
    assert_eq!(bench.say("AT"), "");
    assert_eq!(bench.say("AT"), "");
    assert_eq!(bench.say("AT"), "OK|+LMQTTPUB: 0,0,0");
    assert!(bench.sent().ends_with(b"\0\x01tAT\r\nAT\r\nAT"));
}
