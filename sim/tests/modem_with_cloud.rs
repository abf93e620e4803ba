//! The simulated modem and the Aliyun double together, under a time that only moves when a test says so.

mod host;

use core::time::Duration;

use host::{DEVICE_NAME, DEVICE_SECRET, Host, PRODUCT_KEY, TOPIC, cloud};
use nt35e_sim::aliyun::QoS;
use nt35e_sim::modem::{Delays, ModemSettings, OpenFailure, Quirks};
use nt35e_sim::transcript::{Entry, Transcript};
use nt35e_sim::world::{Network, World};
use proptest::prelude::*;

#[test]
fn the_articles_commands_reach_the_cloud_and_come_back() {
    let mut host = Host::running(Quirks::default());
    assert_eq!(host.sign_in(DEVICE_SECRET), "OK|+LMQTTCONN: 0,0,0");
    assert_eq!(host.say(&format!("AT+LMQTTSUBUNSUB=0,0,1,\"{TOPIC}\",2")), "OK|+LMQTTSUBUNSUB: 0,1,0,1");
    assert_eq!(
        host.say(&format!("AT+LMQTTPUB=0,0,0,1,\"{TOPIC}\",10,\"1122334455\"")),
        format!("OK|+LMQTTURC: RECV,0,0,\"{TOPIC}\",1122334455|+LMQTTPUB: 0,0,0")
    );
    assert_eq!(host.say("AT+LMQTTCONN?"), "+LMQTTCONN: 0,3|OK");
    assert_eq!(host.say("AT+LMQTTDISC=0"), "OK|+LMQTTDISC: 0,0");
    assert_eq!(host.say("AT+LMQTTCLOSE=0"), "OK|+LMQTTCLOSE: 0,0");
}

#[test]
fn a_wrong_secret_is_refused_with_code_4() {
    let mut host = Host::running(Quirks::default());
    let answer = host.sign_in("fedcba9876543210fedcba9876543210");
    assert_eq!(answer, "OK|+LMQTTCONN: 0,0,4|+LMQTTURC: STATS,0,15,4");
}

#[test]
fn the_printed_topic_with_its_spaces_is_refused() {
    let mut host = Host::running(Quirks::default());
    host.sign_in(DEVICE_SECRET);
    let spaced = "/a1JszCpjS61/ NT35E_06011 /user/COMMUTEST";
    assert_eq!(host.say(&format!("AT+LMQTTSUBUNSUB=0,0,1,\"{spaced}\",2")), "OK|+LMQTTSUBUNSUB: 0,1,1");
}

#[test]
fn a_message_from_the_cloud_is_framed_as_asked() {
    let mut host = Host::running(Quirks::default());
    host.sign_in(DEVICE_SECRET);
    host.say("AT+LMQTTCFG=\"recv/mode\",0,0,1");
    host.say(&format!("AT+LMQTTSUBUNSUB=0,0,1,\"{TOPIC}\",1"));
    assert_eq!(host.world.cloud().unwrap().publish_to(TOPIC, b"{\"a\":1}", QoS::AtLeastOnce), 1);
    let heard = host.wait(Duration::ZERO);
    assert!(heard.starts_with("+LMQTTURC: RECV,0,"), "{heard}");
    assert!(heard.ends_with(&format!(",\"{TOPIC}\",7,{{\"a\":1}}")), "{heard}");
}

#[test]
fn what_was_queued_for_the_session_comes_in_the_burst_of_the_sign_in() {
    let mut quirks = Quirks::default();
    quirks.set("session_burst", "yes").unwrap();
    let mut host = Host::running(quirks);
    host.sign_in(DEVICE_SECRET);
    host.say(&format!("AT+LMQTTSUBUNSUB=0,0,1,\"{TOPIC}\",1"));
    host.say("AT+LMQTTDISC=0");
    host.say("AT+LMQTTCLOSE=0");
    host.world.cloud().unwrap().publish_to(TOPIC, b"while away", QoS::AtLeastOnce);
    host.sign_in(DEVICE_SECRET);
    let burst = host.world.log().iter().find_map(|entry| match entry {
        Entry::FromModem { bytes, .. } => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            (text.contains("+LMQTTCONN: 0,0,0") && text.contains("while away")).then_some(text)
        }
        _ => None,
    });
    assert!(burst.is_some(), "{}", host.heard);
}

#[test]
fn a_kicked_device_is_told_so() {
    let mut host = Host::running(Quirks::default());
    host.sign_in(DEVICE_SECRET);
    assert!(host.world.cloud().unwrap().kick(PRODUCT_KEY, DEVICE_NAME));
    assert_eq!(host.wait(Duration::ZERO), "+LMQTTURC: STATS,0,1");
}

#[test]
fn a_restarted_modem_starts_from_nothing() {
    let mut host = Host::running(Quirks::default());
    host.sign_in(DEVICE_SECRET);
    host.world.restart_modem();
    assert!(host.wait(Duration::from_secs(3)).contains("^boot.rom"));
    assert_eq!(host.world.cloud().unwrap().connection_of(PRODUCT_KEY, DEVICE_NAME), None);
    assert_eq!(host.sign_in(DEVICE_SECRET), "OK|+LMQTTCONN: 0,0,0");
}

#[test]
fn a_lost_link_is_told_and_mended() {
    let mut host = Host::running(Quirks::default());
    host.sign_in(DEVICE_SECRET);
    host.world.cut_link();
    assert_eq!(host.wait(Duration::ZERO), "+LMQTTURC: STATS,0,1");
    assert_eq!(host.sign_in(DEVICE_SECRET), "OK|+LMQTTCONN: 0,0,0");
}

#[test]
fn the_network_fails_as_a_test_wants_it() {
    let mut host = Host::running(Quirks::default());
    host.say("ATE0");
    let open = "AT+LMQTTOPEN=0,\"h\",1883";
    host.world.set_network(Network::Fails(OpenFailure::Dns));
    assert_eq!(host.say(open), "OK|+LMQTTOPEN: 0,-1,4");
    host.world.set_network(Network::Silent);
    assert_eq!(host.say(open), "OK");
    assert_eq!(host.wait(Duration::from_secs(160)), "+LMQTTOPEN: 0,-1,5");
    host.world.set_network(Network::Broker);
    assert_eq!(host.say(open), "OK|+LMQTTOPEN: 0,0");
}

#[test]
fn a_cloud_that_stops_answering_is_noticed() {
    let mut host = Host::running(Quirks::default());
    host.sign_in(DEVICE_SECRET);
    host.world.cloud().unwrap().stall(true);
    assert_eq!(host.say(&format!("AT+LMQTTPUB=0,7,1,0,\"{TOPIC}\",4,\"abcd\"")), "OK");
    assert_eq!(host.wait(Duration::from_secs(28)), "");
    assert_eq!(host.wait(Duration::from_secs(2)), "+LMQTTPUB: 0,7,1");
    assert_eq!(host.wait(Duration::from_secs(600)), "+LMQTTURC: STATS,0,8");
}

#[test]
fn a_day_of_silence_is_survived_by_keep_alive() {
    let mut host = Host::running(Quirks::default());
    host.sign_in(DEVICE_SECRET);
    assert_eq!(host.wait(Duration::from_secs(24 * 60 * 60)), "");
    assert_eq!(host.say("AT+LMQTTCONN?"), "+LMQTTCONN: 0,3|OK");
}

#[test]
fn the_same_calls_give_the_same_bytes_at_the_same_times() {
    let run = || {
        let settings = ModemSettings { baud_rate: Some(115_200), ..ModemSettings::default() };
        let mut host = Host::new(settings);
        host.wait(Duration::from_secs(3));
        host.sign_in(DEVICE_SECRET);
        host.say(&format!("AT+LMQTTSUBUNSUB=0,0,1,\"{TOPIC}\",2"));
        host.say(&format!("AT+LMQTTPUB=0,9,1,0,\"{TOPIC}\",10,\"1122334455\""));
        let entries = host.world.log().to_vec();
        Transcript { headers: vec![("provenance".to_owned(), "simulated".to_owned())], entries }.to_string()
    };
    let first = run();
    assert!(first.contains("+LMQTTPUB: 0,9,0"), "{first}");
    assert_eq!(first, run());
    assert_eq!(first.parse::<Transcript>().unwrap().to_string(), first);
}

/// A driver that follows the sheet gets a message to the cloud under every quirk that leaves the way open at all.
#[test]
fn under_every_quirk_a_publish_arrives() {
    for entry in Quirks::all() {
        for value in entry.values.split('|').filter(|value| *value != "NUMBER") {
            if (entry.name, value) == ("firmware", "ecmt") {
                continue;
            }
            let mut quirks = Quirks::default();
            quirks.set(entry.name, value).unwrap();
            let mut host = Host::new(ModemSettings { quirks, ..ModemSettings::default() });
            host.wait(Duration::from_secs(3));
            host.say("AT");
            host.sign_in(DEVICE_SECRET);
            host.say(&format!("AT+LMQTTPUB=0,7,1,0,\"{TOPIC}\",4,\"abcd\""));
            let published = host.world.cloud().unwrap().publishes_from(PRODUCT_KEY, DEVICE_NAME);
            let payloads: Vec<&[u8]> = published.iter().map(|record| &record.payload[..]).collect();
            assert_eq!(payloads, [b"abcd"], "{}={value}: {}", entry.name, host.heard);
        }
    }
}

proptest! {
    /// Whatever a host sends, a modem without a prompt in progress answers the next command.
    #[test]
    fn no_input_stops_the_modem(
        lines in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..60),
                "AT\\+LMQTT(CFG|OPEN|CONN|SUBUNSUB|PUB|READ|DISC|CLOSE)[=?]{0,2}[0-9,\"a-z]{0,30}".prop_map(String::into_bytes),
                "AT\\+C(EREG|FUN|SQ|CLK|MEE|GSN)[=?]{0,2}[0-9,]{0,6}".prop_map(String::into_bytes),
            ],
            0..20,
        ),
    ) {
        let settings = ModemSettings { delays: Delays::none(), ..ModemSettings::default() };
        let mut world = World::new(settings, cloud());
        for line in lines {
            world.write(&line);
            world.write(b"\r\n");
            world.advance(Duration::from_millis(10));
        }
        world.write(b"\r\nATE0\r\nAT\r\n");
        world.advance(Duration::from_secs(1));
        let Some(Entry::FromModem { bytes, .. }) = world.log().last() else { panic!("no answer") };
        prop_assert!(bytes.ends_with(b"\r\nOK\r\n"), "{:?}", bytes);
    }

    /// The bytes of a command and of a payload may come in any pieces.
    #[test]
    fn the_pieces_do_not_matter(length in 1..40_usize) {
        let script = [
            "ATE0\r\n",
            "AT+LMQTTCFG=\"cloud\",0,2,1\r\n",
            &format!("AT+LMQTTCFG=\"aliauth\",0,\"{PRODUCT_KEY}\",\"{DEVICE_NAME}\",\"{DEVICE_SECRET}\"\r\n"),
            "AT+LMQTTOPEN=0,\"h\",1883\r\n",
            "AT+LMQTTCONN=0,\"NT35E\"\r\n",
            &format!("AT+LMQTTPUB=0,7,1,0,\"{TOPIC}\",4\r\n"),
            "ab\r\n",
            "AT+CSQ\r\n",
        ];
        let said = |length: usize| {
            let mut world = World::new(ModemSettings::instant(), cloud());
            for command in script {
                for piece in command.as_bytes().chunks(length) {
                    world.write(piece);
                }
            }
            let mut buffer = [0; 4096];
            let count = world.read(&mut buffer);
            String::from_utf8_lossy(&buffer[..count]).into_owned()
        };
        let whole = said(usize::MAX);
        prop_assert!(whole.ends_with("+LMQTTPUB: 0,7,0\r\n\r\n+CSQ: 29,0\r\n\r\nOK\r\n"), "{}", whole);
        prop_assert_eq!(said(length), whole);
    }
}
