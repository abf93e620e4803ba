//! Orders and delays that a driver must not rely on (`protocol.md` §4.1).

use super::*;

const OPEN: &str = "AT+LMQTTOPEN=0,\"broker\",1883";

#[test]
fn quirk_result_order() {
    let opened = |order| {
        let mut bench = Bench::with(&[("result_order", order)]);
        bench.raw(format!("{OPEN}\r\n").as_bytes());
        let at_once = bench.hear_raw();
        bench.network(NetworkEvent::Opened);
        (at_once, bench.hear_raw())
    };
    let (ok, result) = ("\r\nOK\r\n".to_owned(), "\r\n+LMQTTOPEN: 0,0\r\n".to_owned());
    assert_eq!(opened("after_ok"), (ok.clone(), result.clone()));
    assert_eq!(opened("before_ok"), (String::new(), format!("{result}{ok}")));
    assert_eq!(opened("with_ok"), (String::new(), format!("{ok}{result}")));
}

#[test]
fn whatever_the_order_a_refused_command_is_refused_at_once() {
    let mut bench = Bench::with(&[("result_order", "before_ok")]);
    assert_eq!(bench.say("AT+LMQTTDISC=0"), "+CME ERROR: 3");
}

#[test]
fn whatever_the_order_a_publish_by_prompt_ends_with_its_result() {
    let mut bench = Bench::connected(&[]);
    bench.modem.quirks().set("result_order", "before_ok").unwrap();
    assert_eq!(bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",4"), "> ");
    bench.raw(b"abcd");
    assert_eq!(bench.hear(), "");
    bench.broker(b"\x40\x02\0\x05");
    assert_eq!(bench.hear(), "+LMQTTPUB: 0,5,0|OK");
}

#[test]
fn a_link_lost_while_ok_waits_for_the_result_lets_ok_go() {
    let mut bench = Bench::connected(&[("unacknowledged", "silent")]);
    bench.modem.quirks().set("result_order", "before_ok").unwrap();
    assert_eq!(bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",1,x"), "");
    assert_eq!(bench.later(seconds(30)), "OK");
    assert_eq!(bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",1,x"), "");
    bench.network(NetworkEvent::ClosedByPeer);
    assert_eq!(bench.hear(), "OK|+LMQTTURC: STATS,0,1");
}

#[test]
fn commands_are_answered_between_ok_and_the_result() {
    let mut bench = Bench::new();
    assert_eq!(bench.say(OPEN), "OK");
    assert_eq!(bench.say("AT+CSQ"), "+CSQ: 29,0|OK");
    bench.network(NetworkEvent::Opened);
    assert_eq!(bench.hear(), "+LMQTTOPEN: 0,0");
}

#[test]
fn a_result_comes_as_late_as_its_delay() {
    let mut bench = Bench::connected(&[]);
    bench.modem.delays().publish = seconds(35);
    assert_eq!(bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",1,x"), "OK");
    bench.broker(b"\x40\x02\0\x05");
    bench.modem.delays().publish = Duration::ZERO;
    assert_eq!(bench.later(seconds(34)), "");
    assert_eq!(bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",1,x"), "OK|+LMQTTPUB: 0,0,0", "overtakes the late one");
    assert_eq!(bench.later(seconds(1)), "+LMQTTPUB: 0,5,0");
}

#[test]
fn every_command_has_its_delay() {
    let mut bench = Bench::new();
    *bench.modem.delays() = Delays {
        open: ms(1),
        connect: ms(2),
        subscribe: ms(3),
        publish: ms(4),
        disconnect: ms(5),
        close: ms(6),
        ..Delays::none()
    };
    let mut check = |command: &str, answer: Option<NetworkEvent>, delay: u64, result: &str| {
        assert_eq!(bench.say(command), "OK", "{command}");
        if let Some(answer) = answer {
            bench.network(answer);
        }
        assert_eq!(bench.later(ms(delay - 1)), "", "{command}");
        assert_eq!(bench.later(ms(1)), result, "{command}");
    };
    let received = |bytes: &[u8]| Some(NetworkEvent::Received(bytes.to_vec()));
    check(OPEN, Some(NetworkEvent::Opened), 1, "+LMQTTOPEN: 0,0");
    check("AT+LMQTTCONN=0,\"id\"", received(CONNACK), 2, "+LMQTTCONN: 0,0,0");
    check("AT+LMQTTSUBUNSUB=0,0,1,\"t\",1", received(b"\x90\x03\0\x01\x01"), 3, "+LMQTTSUBUNSUB: 0,1,0,1");
    check("AT+LMQTTPUB=0,0,0,0,\"t\",1,x", None, 4, "+LMQTTPUB: 0,0,0");
    check("AT+LMQTTDISC=0", None, 5, "+LMQTTDISC: 0,0");
    check("AT+LMQTTCLOSE=0", None, 6, "+LMQTTCLOSE: 0,0");
}

#[test]
fn quirk_urc_default() {
    let mut bench = Bench::with(&[("urc_default", "hidden")]);
    bench.say(OPEN);
    bench.network(NetworkEvent::Opened);
    assert_eq!(bench.hear(), "");
    assert_eq!(bench.say("AT+LMQTTCFG=\"urc\",0,1"), "OK");
    bench.say("AT+LMQTTCONN=0,\"id\"");
    bench.broker(CONNACK);
    assert_eq!(bench.hear(), "+LMQTTCONN: 0,0,0");
    assert_eq!(bench.say("AT+LMQTTCFG=\"urc\",0,0"), "OK");
    assert_eq!(bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",1,x"), "OK");
    bench.network(NetworkEvent::ClosedByPeer);
    assert_eq!(bench.hear(), "+LMQTTURC: STATS,0,1", "which is no result");
}
