//! `AT+LMQTTCONN`: signing in (`protocol.md` §3.3).

use super::*;

fn open(quirks: &[(&str, &str)]) -> Bench {
    let mut bench = Bench::with(quirks);
    bench.say("AT+LMQTTOPEN=0,\"broker\",1883");
    bench.network(NetworkEvent::Opened);
    bench.hear();
    bench.requests();
    bench
}

#[test]
fn signing_in_takes_a_packet_each_way() {
    let mut bench = open(&[]);
    assert_eq!(bench.say("AT+LMQTTCONN=0,\"id\",\"user\",\"password\""), "OK");
    assert_eq!(bench.sent(), b"\x10\x1e\0\x04MQTT\x04\xc0\0\x78\0\x02id\0\x04user\0\x08password");
    assert_eq!(bench.say("AT+LMQTTCONN?"), "+LMQTTCONN: 0,2|OK");
    bench.broker(CONNACK);
    assert_eq!(bench.hear(), "+LMQTTCONN: 0,0,0");
    assert_eq!(bench.say("AT+LMQTTCONN?"), "+LMQTTCONN: 0,3|OK");
}

#[test]
fn settings_reach_the_broker() {
    let mut bench = Bench::new();
    bench.say("AT+LMQTTCFG=\"session\",0,1");
    bench.say("AT+LMQTTCFG=\"keepalive\",0,60");
    bench.say("AT+LMQTTCFG=\"version\",0,3");
    bench.say("AT+LMQTTCFG=\"will\",0,1,1,0,\"t/x\",\"off\"");
    bench.say("AT+LMQTTOPEN=0,\"broker\",1883");
    bench.network(NetworkEvent::Opened);
    bench.say("AT+LMQTTCONN=0,\"id\"");
    assert_eq!(bench.sent(), b"\x10\x1a\0\x06MQIsdp\x03\x0e\0\x3c\0\x02id\0\x03t/x\0\x03off");
}

#[test]
fn the_modem_signs_with_the_triple() {
    let mut bench = Bench::new();
    bench.say("AT+LMQTTCFG=\"cloud\",0,2,1");
    let triple = "\"a1JszCpjS61\",\"NT35E_06011\",\"0123456789abcdef0123456789abcdef\"";
    assert_eq!(bench.say(&format!("AT+LMQTTCFG=\"aliauth\",0,{triple}")), "OK");
    bench.say("AT+LMQTTOPEN=0,\"broker\",1883");
    bench.network(NetworkEvent::Opened);
    bench.say("AT+LMQTTCONN=0,\"NT35E\"");
    let sent = String::from_utf8_lossy(&bench.sent()).into_owned();
    assert!(sent.contains("NT35E|securemode=3,signmethod=hmacsha1|"), "{sent}");
    assert!(sent.ends_with("NT35E_06011&a1JszCpjS61\0(182DD9EA34CF9259512E7D3365BDFE76BF45C5B5"), "{sent}");
}

#[test]
fn quirk_login_lengths() {
    let texts = |lengths: [usize; 3]| lengths.map(|length| format!("\"{}\"", "x".repeat(length))).join(",");
    for (quirk, longest) in [("manual", [256, 256, 256]), ("ancestor", [48, 48, 96])] {
        for over in 0..3 {
            let mut too_long = longest;
            too_long[over] += 1;
            let mut bench = open(&[("login_lengths", quirk)]);
            assert_eq!(bench.say(&format!("AT+LMQTTCONN=0,{}", texts(too_long))), "+CME ERROR: 3", "{quirk} {over}");
            assert_eq!(bench.say(&format!("AT+LMQTTCONN=0,{}", texts(longest))), "OK", "{quirk}");
        }
    }
}

#[test]
fn wrong_states_and_arguments() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("AT+LMQTTCONN=0,\"id\""), "+CME ERROR: 3");
    let mut bench = open(&[]);
    let long = "i".repeat(257);
    for arguments in ["0,id".to_owned(), "0,\"i\",\"u\",\"p\",\"x\"".to_owned(), format!("0,\"{long}\"")] {
        assert_eq!(bench.say(&format!("AT+LMQTTCONN={arguments}")), "+CME ERROR: 3", "{arguments}");
    }
    assert_eq!(bench.say(&format!("AT+LMQTTCONN=0,\"{}\"", &long[1..])), "OK");
    assert_eq!(bench.say("AT+LMQTTCONN=0,\"id\""), "+CME ERROR: 3");
    bench.broker(CONNACK);
    bench.hear();
    assert_eq!(bench.say("AT+LMQTTCONN=0,\"id\""), "+CME ERROR: 3");
}

#[test]
fn quirk_refused_login() {
    let refused = |order| {
        let mut bench = open(&[("refused_login", order)]);
        bench.say("AT+LMQTTCONN=0,\"id\"");
        bench.requests();
        bench.broker(b"\x20\x02\0\x04");
        assert_eq!(bench.requests(), [NetworkRequest::Close]);
        let heard = bench.hear();
        assert_eq!(bench.say("AT+LMQTTCONN?"), "+LMQTTCONN: 0,4|OK");
        heard
    };
    assert_eq!(refused("result_then_stats"), "+LMQTTCONN: 0,0,4|+LMQTTURC: STATS,0,15,4");
    assert_eq!(refused("stats_then_result"), "+LMQTTURC: STATS,0,15,4|+LMQTTCONN: 0,0,4");
    assert_eq!(refused("result_only"), "+LMQTTCONN: 0,0,4");
}

#[test]
fn a_broker_that_does_not_answer_or_hangs_up() {
    let mut bench = open(&[]);
    bench.say("AT+LMQTTCONN=0,\"id\"");
    bench.requests();
    assert_eq!(bench.later(seconds(29)), "");
    assert_eq!(bench.later(seconds(1)), "+LMQTTCONN: 0,2|+LMQTTURC: STATS,0,8");
    assert_eq!(bench.requests(), [NetworkRequest::Close]);

    let mut bench = open(&[]);
    bench.say("AT+LMQTTCONN=0,\"id\"");
    bench.network(NetworkEvent::ClosedByPeer);
    assert_eq!(bench.hear(), "+LMQTTCONN: 0,2|+LMQTTURC: STATS,0,1");
}

#[test]
fn quirk_stale_stats() {
    let mut bench = Bench::connected(&[("stale_stats", "yes")]);
    bench.say("AT+LMQTTDISC=0");
    bench.say("AT+LMQTTCLOSE=0");
    bench.say("AT+LMQTTOPEN=0,\"broker\",1883");
    bench.network(NetworkEvent::Opened);
    bench.say("AT+LMQTTCONN=0,\"id\"");
    bench.broker(CONNACK);
    assert_eq!(bench.hear(), "+LMQTTURC: STATS,0,1|+LMQTTCONN: 0,0,0");
}

#[test]
fn messages_wait_for_a_late_result_of_the_sign_in() {
    let mut bench = open(&[]);
    bench.modem.delays().connect = seconds(2);
    bench.say("AT+LMQTTCONN=0,\"id\"");
    bench.broker(CONNACK);
    bench.broker(b"\x30\x04\0\x01tx");
    assert_eq!(bench.hear(), "");
    assert_eq!(bench.later(seconds(2)), "+LMQTTCONN: 0,0,0|+LMQTTURC: RECV,0,0,\"t\",x");
}

#[test]
fn quirk_session_burst() {
    let mut bench = open(&[("session_burst", "yes")]);
    bench.say("AT+LMQTTCONN=0,\"id\"");
    bench.broker(CONNACK);
    bench.now += ms(5);
    bench.broker(b"\x32\x06\0\x01t\0\x07x");
    bench.now += ms(15);
    assert_eq!(bench.hear_raw(), "\r\n+LMQTTCONN: 0,0,0\r\n\r\n+LMQTTURC: RECV,0,7,\"t\",x\r\n", "both in one piece");
}

#[test]
fn a_quiet_connection_is_kept_alive_and_a_dead_one_noticed() {
    let mut bench = Bench::connected(&[]);
    bench.later(seconds(120));
    assert_eq!(bench.sent(), b"\xc0\0");
    bench.broker(b"\xd0\0");
    bench.later(seconds(120));
    assert_eq!(bench.sent(), b"\xc0\0");
    assert_eq!(bench.later(seconds(60)), "+LMQTTURC: STATS,0,8");
    assert_eq!(bench.requests(), [NetworkRequest::Close]);
}
