//! Ends: `AT+LMQTTDISC`, `AT+LMQTTCLOSE`, a lost link (`protocol.md` §3.6 and §4).

use super::super::Registration;
use super::*;

#[test]
fn disconnect_says_goodbye_and_keeps_the_settings() {
    let mut bench = Bench::connected(&[]);
    assert_eq!(bench.say("AT+LMQTTDISC=0"), "OK|+LMQTTDISC: 0,0");
    assert_eq!(bench.requests(), [NetworkRequest::Send(b"\xe0\0".to_vec()), NetworkRequest::Close]);
    assert_eq!(bench.say("AT+LMQTTCONN?"), "+LMQTTCONN: 0,4|OK");
    assert_eq!(bench.say("AT+LMQTTCFG=\"session\",0"), "+LMQTTCFG: \"session\",1|OK");
    assert_eq!(bench.say("AT+LMQTTDISC=0"), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+LMQTTOPEN=0,\"broker\",1883"), "OK");
}

#[test]
fn close_forgets_the_settings() {
    let mut bench = Bench::connected(&[]);
    assert_eq!(bench.say("AT+LMQTTCLOSE=0"), "OK|+LMQTTCLOSE: 0,0");
    assert_eq!(bench.requests(), [NetworkRequest::Close]);
    assert_eq!(bench.say("AT+LMQTTCONN?"), "OK");
    assert_eq!(bench.say("AT+LMQTTCFG=\"session\",0"), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+LMQTTCLOSE=0"), "+CME ERROR: 3");
}

#[test]
fn quirk_teardown_results() {
    let mut bench = Bench::connected(&[("teardown_results", "absent")]);
    assert_eq!(bench.say("AT+LMQTTDISC=0"), "OK");
    assert_eq!(bench.say("AT+LMQTTCLOSE=0"), "OK");
}

#[test]
fn quirk_stats_after_teardown() {
    let mut bench = Bench::connected(&[("stats_after_teardown", "yes")]);
    assert_eq!(bench.say("AT+LMQTTDISC=0"), "OK|+LMQTTDISC: 0,0|+LMQTTURC: STATS,0,1");
    assert_eq!(bench.say("AT+LMQTTCLOSE=0"), "OK|+LMQTTCLOSE: 0,0");
    bench.sign_in("AT+LMQTTCFG=\"session\",0,1");
    assert_eq!(bench.say("AT+LMQTTCLOSE=0"), "OK|+LMQTTCLOSE: 0,0|+LMQTTURC: STATS,0,1");
}

#[test]
fn the_peer_closes() {
    let mut bench = Bench::connected(&[]);
    bench.network(NetworkEvent::ClosedByPeer);
    assert_eq!(bench.hear(), "+LMQTTURC: STATS,0,1");
    assert_eq!(bench.say("AT+LMQTTCONN?"), "+LMQTTCONN: 0,4|OK");
    assert_eq!(bench.say("AT+LMQTTPUB=0,0,0,0,\"t\",1,x"), "+CME ERROR: 3");
    bench.network(NetworkEvent::ClosedByPeer);
    assert_eq!(bench.hear(), "");
}

#[test]
fn the_peer_closes_before_the_sign_in() {
    let mut bench = Bench::new();
    bench.say("AT+LMQTTOPEN=0,\"broker\",1883");
    bench.network(NetworkEvent::Opened);
    bench.hear();
    bench.network(NetworkEvent::ClosedByPeer);
    assert_eq!(bench.hear(), "+LMQTTURC: STATS,0,1");
}

#[test]
fn nonsense_from_the_broker_ends_the_session() {
    let mut bench = Bench::connected(&[]);
    bench.broker(b"\xf0\0");
    assert_eq!(bench.hear(), "+LMQTTURC: STATS,0,4");
    assert_eq!(bench.requests(), [NetworkRequest::Close]);
}

#[test]
fn without_a_network_no_connection_lives() {
    let mut bench = Bench::connected(&[]);
    assert_eq!(bench.say("AT+CFUN=0"), "OK|+LMQTTURC: STATS,0,1");
    assert_eq!(bench.requests(), [NetworkRequest::Close]);
    let mut bench = Bench::connected(&[]);
    bench.modem.set_registration(Registration::Never, bench.now);
    assert_eq!(bench.hear(), "+LMQTTURC: STATS,0,1");
}

#[test]
fn quirk_results_after_loss() {
    let lost = |what| {
        let mut bench = Bench::connected(&[("results_after_loss", what)]);
        bench.say("AT+LMQTTPUB=0,5,1,0,\"t\",1,x");
        bench.say("AT+LMQTTSUBUNSUB=0,0,6,\"t\",1");
        bench.say("AT+LMQTTSUBUNSUB=0,1,7,\"t\"");
        bench.network(NetworkEvent::ClosedByPeer);
        bench.hear()
    };
    assert_eq!(lost("silent"), "+LMQTTURC: STATS,0,1");
    assert_eq!(lost("failed"), "+LMQTTPUB: 0,5,2|+LMQTTSUBUNSUB: 0,6,1,6|+LMQTTSUBUNSUB: 0,7,1,6|+LMQTTURC: STATS,0,1");
}

#[test]
fn close_ends_an_open_in_progress() {
    let mut bench = Bench::new();
    bench.say("AT+LMQTTOPEN=0,\"broker\",1883");
    assert_eq!(bench.say("AT+LMQTTCLOSE=0"), "OK|+LMQTTCLOSE: 0,0");
    bench.network(NetworkEvent::Opened);
    assert_eq!(bench.hear(), "");
}
