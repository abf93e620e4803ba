//! `+LMQTTURC: RECV` and `AT+LMQTTREAD` (`protocol.md` §4).

use super::*;

/// PUBLISH at QoS 1 with packet id 7 to topic `t`.
const JSON: &[u8] = b"\x32\x10\0\x01t\0\x07{\"a\":\"b,c\"}";

#[test]
fn the_three_shapes() {
    let mut bench = Bench::connected(&[]);
    bench.broker(JSON);
    assert_eq!(bench.hear_raw(), "\r\n+LMQTTURC: RECV,0,7,\"t\",{\"a\":\"b,c\"}\r\n");
    assert_eq!(bench.sent(), b"\x40\x02\0\x07", "acknowledged by the modem itself");
    bench.say("AT+LMQTTCFG=\"recv/mode\",0,0,1");
    bench.broker(JSON);
    assert_eq!(bench.hear_raw(), "\r\n+LMQTTURC: RECV,0,7,\"t\",11,{\"a\":\"b,c\"}\r\n");
    bench.say("AT+LMQTTCFG=\"cache\",0,1");
    bench.broker(JSON);
    assert_eq!(bench.hear_raw(), "\r\n+LMQTTURC: RECV,0,7\r\n");
}

#[test]
fn payload_bytes_come_as_they_are() {
    let mut bench = Bench::connected(&[]);
    bench.say("AT+LMQTTCFG=\"recv/mode\",0,0,1");
    bench.broker(b"\x30\x0c\0\x01t\r\nOK\r\n\0\xff\x1a");
    assert_eq!(bench.modem.read(bench.now), b"\r\n+LMQTTURC: RECV,0,0,\"t\",9,\r\nOK\r\n\0\xff\x1a\r\n");
}

#[test]
fn hex_payloads() {
    let mut bench = Bench::connected(&[]);
    bench.say("AT+LMQTTCFG=\"recv/mode\",0,1,1");
    bench.broker(b"\x30\x05\0\x01t\0\xff");
    assert_eq!(bench.hear(), "+LMQTTURC: RECV,0,0,\"t\",2,00FF");
}

#[test]
fn quirk_hex_length() {
    let mut bench = Bench::connected(&[("hex_length", "digits")]);
    bench.say("AT+LMQTTCFG=\"dataformat\",0,0,2");
    bench.say("AT+LMQTTCFG=\"recv/mode\",0,2,1");
    bench.broker(b"\x30\x05\0\x01t\0\xff");
    assert_eq!(bench.hear(), "+LMQTTURC: RECV,0,0,\"t\",4,00FF");
}

#[test]
fn quirk_payload_quotes() {
    let mut bench = Bench::connected(&[("payload_quotes", "yes")]);
    bench.broker(b"\x30\x04\0\x01tx");
    assert_eq!(bench.hear(), "+LMQTTURC: RECV,0,0,\"t\",\"x\"");
    bench.say("AT+LMQTTCFG=\"recv/mode\",0,0,1");
    bench.broker(b"\x30\x04\0\x01tx");
    assert_eq!(bench.hear(), "+LMQTTURC: RECV,0,0,\"t\",1,\"x\"");
}

#[test]
fn quirk_cache_default_and_reading_the_cache() {
    let mut bench = Bench::connected(&[("cache_default", "cached")]);
    bench.broker(JSON);
    bench.broker(b"\x30\x04\0\x01tx");
    assert_eq!(bench.hear(), "+LMQTTURC: RECV,0,7|+LMQTTURC: RECV,0,0");
    assert_eq!(bench.say("AT+LMQTTREAD=0,0"), "+LMQTTREAD: 0,0,\"t\",x|OK");
    assert_eq!(bench.say("AT+LMQTTREAD=0"), "+LMQTTREAD: 0,7,\"t\",{\"a\":\"b,c\"}|OK");
    assert_eq!(bench.say("AT+LMQTTREAD=0"), "OK");
}

#[test]
fn quirk_cached_read() {
    let mut bench = Bench::connected(&[("cached_read", "unknown")]);
    assert_eq!(bench.say("AT+LMQTTREAD=0"), "ERROR");
}

#[test]
fn a_message_at_qos_2_comes_once() {
    let mut bench = Bench::connected(&[]);
    bench.broker(b"\x34\x06\0\x01t\0\x09x");
    bench.broker(b"\x3c\x06\0\x01t\0\x09x");
    bench.broker(b"\x62\x02\0\x09");
    assert_eq!(bench.hear(), "+LMQTTURC: RECV,0,9,\"t\",x");
    assert_eq!(bench.sent(), b"\x50\x02\0\x09\x50\x02\0\x09\x70\x02\0\x09");
}

#[test]
fn quirk_urc_during_payload() {
    let mut bench = Bench::connected(&[]);
    bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",1");
    bench.broker(b"\x30\x04\0\x01tx");
    assert_eq!(bench.hear(), "");
    bench.raw(b"a");
    assert_eq!(bench.hear(), "OK|+LMQTTURC: RECV,0,0,\"t\",x|+LMQTTPUB: 0,0,0");
    bench.modem.quirks().set("urc_during_payload", "sent").unwrap();
    bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",1");
    bench.broker(b"\x30\x04\0\x01tx");
    assert_eq!(bench.hear(), "+LMQTTURC: RECV,0,0,\"t\",x");
}

#[test]
fn a_message_may_come_into_a_command_being_typed() {
    let mut bench = Bench::connected(&[]);
    bench.say("ATE1");
    bench.raw(b"AT+C");
    bench.broker(b"\x30\x04\0\x01tx");
    bench.raw(b"SQ\r\n");
    assert_eq!(bench.hear_raw(), "AT+C\r\n+LMQTTURC: RECV,0,0,\"t\",x\r\nSQ\r\r\n+CSQ: 29,0\r\n\r\nOK\r\n");
}
