//! `AT+LMQTTCFG` and `AT+LMQTTOPEN` (`protocol.md` §3.1 and §3.2).

use super::super::{OpenFailure, Registration};
use super::*;

fn open_request(tls: bool) -> NetworkRequest {
    NetworkRequest::Open { host: "broker".to_owned(), port: 1883, tls }
}

#[test]
fn a_query_needs_a_context_and_setting_makes_one() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("AT+LMQTTCFG=\"keepalive\",0"), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+LMQTTCFG=\"keepalive\",0,180"), "OK");
    assert_eq!(bench.say("AT+LMQTTCFG=\"keepalive\",0"), "+LMQTTCFG: \"keepalive\",180|OK");
    assert_eq!(bench.say("AT+LMQTTCFG=\"keepalive\",0,3601"), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+LMQTTCFG=\"keepalive\",0"), "+LMQTTCFG: \"keepalive\",180|OK");
    assert_eq!(bench.say("AT+LMQTTCFG=\"nothing\",0,1"), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+LMQTTCFG?"), "+CME ERROR: 3");
}

#[test]
fn the_test_form_lists_every_key() {
    let lines = Bench::new().say("AT+LMQTTCFG=?");
    assert!(lines.starts_with("+LMQTTCFG: \"cloud\",(0),(0-255),(0-255)|+LMQTTCFG: \"aliauth\",(0),"), "{lines}");
    assert!(lines.contains("+LMQTTCFG: \"keepalive\",(0),(0-3600)|"), "{lines}");
    assert_eq!(lines.split('|').count(), 14 + 1);
}

#[test]
fn test_forms_of_the_other_commands() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("AT+LMQTTOPEN=?"), "+LMQTTOPEN: (0),<host_name>,<port>|OK");
    assert_eq!(bench.say("AT+LMQTTDISC=?"), "+LMQTTDISC: (0)|OK");
    assert_eq!(bench.say("AT+LMQTTREAD=?"), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+LMQTTPUBEX=0,1"), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+LMQTTNOSUCH=?"), "ERROR");
}

#[test]
fn only_id_0_exists() {
    let mut bench = Bench::new();
    for command in ["CFG=\"session\",1,1", "OPEN=1,\"broker\",1883", "CONN=1,\"id\"", "CLOSE=1"] {
        assert_eq!(bench.say(&format!("AT+LMQTT{command}")), "+CME ERROR: 3", "{command}");
    }
}

#[test]
fn quirk_other_ids() {
    let mut bench = Bench::with(&[("other_ids", "accepted")]);
    assert_eq!(bench.say("AT+LMQTTCFG=\"session\",4,1"), "OK");
    assert_eq!(bench.say("AT+LMQTTOPEN=4,\"broker\",1883"), "OK");
    bench.network(NetworkEvent::Opened);
    assert_eq!(bench.hear(), "+LMQTTOPEN: 4,0");
    assert_eq!(bench.say("AT+LMQTTCONN?"), "+LMQTTCONN: 4,1|OK");
    assert_eq!(bench.say("AT+LMQTTCFG=\"session\",5,1"), "+CME ERROR: 3");
}

#[test]
fn quirk_unquoted_key() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("AT+LMQTTCFG=session,0,1"), "OK");
    bench.modem.quirks().set("unquoted_key", "refused").unwrap();
    assert_eq!(bench.say("AT+LMQTTCFG=session,0,1"), "+CME ERROR: 3");
    assert_eq!(bench.say("AT+LMQTTCFG=\"session\",0,1"), "OK");
}

#[test]
fn quirks_of_single_keys() {
    let cases = [("urc_key", "urc", "1"), ("cache_key", "cache", "0"), ("tls_key", "sslenable", "0,0")];
    for (quirk, key, values) in cases {
        let mut bench = Bench::new();
        assert_eq!(bench.say(&format!("AT+LMQTTCFG=\"{key}\",0,{values}")), "OK");
        bench.modem.quirks().set(quirk, "refused").unwrap();
        assert_eq!(bench.say(&format!("AT+LMQTTCFG=\"{key}\",0,{values}")), "+CME ERROR: 3");
    }
    let mut bench = Bench::new();
    assert_eq!(bench.say("AT+LMQTTCFG=\"pdpcid\",0,1"), "+CME ERROR: 3");
    bench.modem.quirks().set("pdpcid_key", "accepted").unwrap();
    assert_eq!(bench.say("AT+LMQTTCFG=\"pdpcid\",0,1"), "OK");
}

#[test]
fn quirk_show_length() {
    let mut bench = Bench::with(&[("show_length", "refused")]);
    assert_eq!(bench.say("AT+LMQTTCFG=\"recv/mode\",0,0,0"), "OK");
    assert_eq!(bench.say("AT+LMQTTCFG=\"recv/mode\",0,0,1"), "+CME ERROR: 3");
}

#[test]
fn quirk_firmware_ecmt() {
    let mut bench = Bench::with(&[("firmware", "ecmt")]);
    assert_eq!(bench.say("AT+LMQTTCFG=?"), "ERROR");
    assert_eq!(bench.say("AT+LMQTTOPEN=0,\"broker\",1883"), "ERROR");
}

#[test]
fn quirk_prefix_space() {
    let mut bench = Bench::with(&[("prefix_space", "not_in_reads")]);
    bench.say("AT+LMQTTCFG=\"session\",0,1");
    assert_eq!(bench.say("AT+LMQTTCONN?"), "+LMQTTCONN:0,1|OK");
    assert_eq!(bench.say("AT+LMQTTCFG=\"session\",0"), "+LMQTTCFG:\"session\",1|OK");
    assert_eq!(bench.say("AT+LMQTTDISC=?"), "+LMQTTDISC: (0)|OK");
    bench.modem.quirks().set("prefix_space", "never").unwrap();
    assert_eq!(bench.say("AT+LMQTTDISC=?"), "+LMQTTDISC:(0)|OK");
}

#[test]
fn opening_and_what_the_read_forms_say() {
    let mut bench = Bench::new();
    assert_eq!(bench.say("AT+LMQTTCONN?"), "OK");
    assert_eq!(bench.say("AT+LMQTTOPEN=0,\"broker\",1883"), "OK");
    assert_eq!(bench.requests(), [open_request(false)]);
    bench.network(NetworkEvent::Opened);
    assert_eq!(bench.hear(), "+LMQTTOPEN: 0,0");
    assert_eq!(bench.say("AT+LMQTTOPEN?"), "+LMQTTOPEN: 0,\"broker\",1883|OK");
    assert_eq!(bench.say("AT+LMQTTCONN?"), "+LMQTTCONN: 0,1|OK");
}

#[test]
fn tls_is_asked_of_the_network() {
    let mut bench = Bench::new();
    bench.say("AT+LMQTTCFG=\"sslenable\",0,1,2");
    bench.say("AT+LMQTTOPEN=0,\"broker\",1883");
    assert_eq!(bench.requests(), [open_request(true)]);
    bench.network(NetworkEvent::OpenFailed(OpenFailure::Tls));
    assert_eq!(bench.hear(), "+LMQTTOPEN: 0,-1,5|+LMQTTURC: STATS,0,14");
}

#[test]
fn quirk_tls_contexts() {
    let mut bench = Bench::new();
    bench.modem.quirks().set("tls_contexts", "unprepared").unwrap();
    bench.say("AT+LMQTTCFG=\"sslenable\",0,1,2");
    assert_eq!(bench.say("AT+LMQTTOPEN=0,\"broker\",1883"), "OK|+LMQTTOPEN: 0,-1,5|+LMQTTURC: STATS,0,14");
    assert_eq!(bench.requests(), []);
    bench.say("AT+LMQTTCFG=\"sslenable\",0,0,2");
    bench.say("AT+LMQTTOPEN=0,\"broker\",1883");
    assert_eq!(bench.requests(), [open_request(false)], "without TLS no context is needed");
}

#[test]
fn arguments_out_of_range() {
    let mut bench = Bench::new();
    let host = "h".repeat(101);
    for arguments in
        ["0,\"broker\",0", "0,\"broker\",65536", "0,\"\",1883", "0,broker,1883", "0,\"broker\"", "0,\"b\",1,2"]
    {
        assert_eq!(bench.say(&format!("AT+LMQTTOPEN={arguments}")), "+CME ERROR: 3", "{arguments}");
    }
    assert_eq!(bench.say(&format!("AT+LMQTTOPEN=0,\"{host}\",1883")), "+CME ERROR: 3");
    assert_eq!(bench.say(&format!("AT+LMQTTOPEN=0,\"{}\",1883", &host[1..])), "OK");
}

#[test]
fn the_ways_to_fail() {
    let mut bench = Bench::new();
    bench.say("AT+LMQTTOPEN=0,\"broker\",1883");
    bench.network(NetworkEvent::OpenFailed(OpenFailure::Dns));
    assert_eq!(bench.hear(), "+LMQTTOPEN: 0,-1,4");
    bench.say("AT+LMQTTOPEN=0,\"broker\",1883");
    bench.network(NetworkEvent::OpenFailed(OpenFailure::Network));
    assert_eq!(bench.hear(), "+LMQTTOPEN: 0,-1,5");
    bench.modem.set_registration(Registration::Denied, bench.now);
    assert_eq!(bench.say("AT+LMQTTOPEN=0,\"broker\",1883"), "OK|+LMQTTOPEN: 0,-1,3");
}

#[test]
fn a_network_that_says_nothing_is_given_up_before_the_manuals_limit() {
    let mut bench = Bench::new();
    bench.say("AT+LMQTTOPEN=0,\"broker\",1883");
    bench.requests();
    assert_eq!(bench.later(seconds(149)), "");
    assert_eq!(bench.later(seconds(1)), "+LMQTTOPEN: 0,-1,5");
    assert_eq!(bench.requests(), [NetworkRequest::Close]);
}

#[test]
fn quirk_open_in_use() {
    let mut bench = Bench::connected(&[]);
    assert_eq!(bench.say("AT+LMQTTOPEN=0,\"broker\",1883"), "OK|+LMQTTOPEN: 0,-1,2");
    assert_eq!(bench.say("AT+LMQTTCONN?"), "+LMQTTCONN: 0,3|OK");
    bench.modem.quirks().set("open_in_use", "error").unwrap();
    assert_eq!(bench.say("AT+LMQTTOPEN=0,\"broker\",1883"), "+CME ERROR: 3");
}

#[test]
fn some_settings_are_for_before_the_open() {
    let mut bench = Bench::connected(&[]);
    for setting in ["session\",0,1", "keepalive\",0,60", "will\",0,0", "aliauth\",0,\"pk\",\"dn\",\"ds\""] {
        assert_eq!(bench.say(&format!("AT+LMQTTCFG=\"{setting}")), "+CME ERROR: 3", "{setting}");
    }
    assert_eq!(bench.say("AT+LMQTTCFG=\"recv/mode\",0,0,1"), "OK");
}
