//! `AT+LMQTTSUBUNSUB` (`protocol.md` §3.4).

use super::*;

#[test]
fn subscribing_and_unsubscribing() {
    let mut bench = Bench::connected(&[]);
    assert_eq!(bench.say("AT+LMQTTSUBUNSUB=0,0,1,\"a/b\",2"), "OK");
    assert_eq!(bench.sent(), b"\x82\x08\0\x01\0\x03a/b\x02");
    bench.broker(b"\x90\x03\0\x01\x01");
    assert_eq!(bench.hear(), "+LMQTTSUBUNSUB: 0,1,0,1");
    assert_eq!(bench.say("AT+LMQTTSUBUNSUB=0,1,2,\"a/b\",0"), "OK");
    assert_eq!(bench.sent(), b"\xa2\x07\0\x02\0\x03a/b");
    bench.broker(b"\xb0\x02\0\x02");
    assert_eq!(bench.hear(), "+LMQTTSUBUNSUB: 0,2,0");
}

#[test]
fn wrong_states_and_arguments() {
    assert_eq!(Bench::new().say("AT+LMQTTSUBUNSUB=0,0,1,\"t\",1"), "+CME ERROR: 3");
    let mut bench = Bench::connected(&[]);
    let long = "t".repeat(257);
    for arguments in ["0,2,1,\"t\",1", "0,0,0,\"t\",1", "0,0,65536,\"t\",1", "0,0,1,t,1", "0,0,1,\"t\",3", "0,0,1"] {
        assert_eq!(bench.say(&format!("AT+LMQTTSUBUNSUB={arguments}")), "+CME ERROR: 3", "{arguments}");
    }
    assert_eq!(bench.say(&format!("AT+LMQTTSUBUNSUB=0,0,1,\"{long}\",1")), "+CME ERROR: 3");
    assert_eq!(bench.say(&format!("AT+LMQTTSUBUNSUB=0,0,1,\"{}\",1", &long[1..])), "OK");
    assert_eq!(bench.say("AT+LMQTTSUBUNSUB=0,0,1,\"other\",1"), "+CME ERROR: 3", "the id is in use");
}

#[test]
fn quirk_subscribed_field() {
    let mut bench = Bench::connected(&[("subscribed_field", "one")]);
    bench.say("AT+LMQTTSUBUNSUB=0,0,1,\"t\",0");
    bench.broker(b"\x90\x03\0\x01\x00");
    assert_eq!(bench.hear(), "+LMQTTSUBUNSUB: 0,1,0,1");
    bench.modem.quirks().set("subscribed_field", "absent").unwrap();
    bench.say("AT+LMQTTSUBUNSUB=0,0,1,\"t\",0");
    bench.broker(b"\x90\x03\0\x01\x00");
    assert_eq!(bench.hear(), "+LMQTTSUBUNSUB: 0,1,0");
}

#[test]
fn quirk_refused_subscription() {
    let mut bench = Bench::connected(&[]);
    bench.say("AT+LMQTTSUBUNSUB=0,0,1,\"t\",0");
    bench.broker(b"\x90\x03\0\x01\x80");
    assert_eq!(bench.hear(), "+LMQTTSUBUNSUB: 0,1,1");
    bench.modem.quirks().set("refused_subscription", "granted_128").unwrap();
    bench.say("AT+LMQTTSUBUNSUB=0,0,1,\"t\",0");
    bench.broker(b"\x90\x03\0\x01\x80");
    assert_eq!(bench.hear(), "+LMQTTSUBUNSUB: 0,1,0,128");
}

#[test]
fn quirk_several_topics() {
    let mut bench = Bench::connected(&[]);
    assert_eq!(bench.say("AT+LMQTTSUBUNSUB=0,0,1,\"a\",1,\"b\",\"c\",2"), "OK");
    assert_eq!(bench.sent(), b"\x82\x0e\0\x01\0\x01a\x01\0\x01b\0\0\x01c\x02");
    bench.broker(b"\x90\x05\0\x01\x01\x00\x01");
    assert_eq!(bench.hear(), "+LMQTTSUBUNSUB: 0,1,0,1,0,1");
    bench.modem.quirks().set("several_topics", "refused").unwrap();
    assert_eq!(bench.say("AT+LMQTTSUBUNSUB=0,0,1,\"a\",1,\"b\""), "+CME ERROR: 3");
}

#[test]
fn quirk_unsubscribed_name() {
    let mut bench = Bench::connected(&[("unsubscribed_name", "misspelt")]);
    bench.say("AT+LMQTTSUBUNSUB=0,1,2,\"t\",0");
    bench.broker(b"\xb0\x02\0\x02");
    assert_eq!(bench.hear(), "+LMQTTUNSUNSUB: 0,2,0");
    bench.say("AT+LMQTTSUBUNSUB=0,0,3,\"t\",0");
    bench.broker(b"\x90\x03\0\x03\x00");
    assert_eq!(bench.hear(), "+LMQTTSUBUNSUB: 0,3,0,0");
}

#[test]
fn quirk_message_id_zero() {
    let mut bench = Bench::connected(&[("message_id_zero", "accepted")]);
    assert_eq!(bench.say("AT+LMQTTSUBUNSUB=0,0,0,\"t\",1"), "OK");
    assert_eq!(bench.sent(), b"\x82\x06\xff\xff\0\x01t\x01");
    bench.broker(b"\x90\x03\xff\xff\x01");
    assert_eq!(bench.hear(), "+LMQTTSUBUNSUB: 0,0,0,1");
}

#[test]
fn a_subscription_without_answer_fails() {
    let mut bench = Bench::connected(&[]);
    bench.say("AT+LMQTTSUBUNSUB=0,0,1,\"t\",1");
    assert_eq!(bench.later(seconds(29)), "");
    assert_eq!(bench.later(seconds(1)), "+LMQTTSUBUNSUB: 0,1,1,6");
}
