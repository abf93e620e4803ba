//! Signing in: what is sent, what is refused, and what an earlier life of the host leaves behind.

mod front_end;
mod rig;

use front_end::FrontEnd;
use nt35e::aliyun::SignIn;
use nt35e::at::{Cause, CommandError, Stage};
use nt35e::command::{ConnectFailure, OpenFailure, Registration, ReturnCode};
use nt35e::{Duration, Error, KeepAlive, Network, Publish, QoS, Triple};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::world::World;
use rig::{Bench, Memory, Seen};

front_end::each_front_end!(
    the_lines_of_the_article_come_out_byte_for_byte,
    every_setting_is_written_again_at_each_sign_in,
    promise_1_each_refusal_of_the_cloud_is_named,
    a_wrong_secret_is_refused_by_the_cloud,
    an_unreachable_broker_is_named,
    what_an_earlier_life_of_the_host_left_open_is_closed_first,
    messages_in_the_same_burst_as_the_sign_in_are_delivered,
    a_status_of_the_old_link_does_not_end_the_new_session,
    after_a_sign_in_without_answer_the_next_one_is_verified,
    a_keep_alive_reaches_the_cloud,
    a_modem_that_is_silent_is_reported_in_time,
    a_network_that_does_not_take_the_modem_in_is_reported_in_time,
);

/// What the driver sent, line by line.
fn lines(bench: &Bench) -> Vec<String> {
    let sent = String::from_utf8(bench.sent()).unwrap();
    // The modem may have answered at the CR; the LF is then owed until the next command.
    let sent = sent.strip_suffix('\r').unwrap_or(&sent);
    sent.split("\r\n").filter(|line| !line.is_empty()).map(String::from).collect()
}

fn the_lines_of_the_article_come_out_byte_for_byte(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    client.connect_aliyun(SignIn::new(rig::triple()).client_id("NT35E").unwrap()).unwrap();
    let topic = "/a1JszCpjS61/NT35E_06011/user/COMMUTEST";
    client.subscribe(topic, QoS::ExactlyOnce).unwrap();
    client.publish(&Publish::new(topic, b"1122334455").retain(true)).unwrap();
    let lines = lines(&bench);
    let mut rest = lines.iter();
    for expected in [
        "AT+LMQTTCFG=\"cloud\",0,2,1",
        "AT+LMQTTCFG=\"aliauth\",0,\"a1JszCpjS61\",\"NT35E_06011\",\"0123456789abcdef0123456789abcdef\"",
        "AT+LMQTTOPEN=0,\"a1JszCpjS61.iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883",
        "AT+LMQTTCONN=0,\"NT35E\"",
        "AT+LMQTTSUBUNSUB=0,0,1,\"/a1JszCpjS61/NT35E_06011/user/COMMUTEST\",2",
        "AT+LMQTTPUB=0,0,0,1,\"/a1JszCpjS61/NT35E_06011/user/COMMUTEST\",10,\"1122334455\"",
    ] {
        assert!(rest.any(|line| line == expected), "{expected} is missing, or out of order, in {lines:#?}");
    }
    // As in the article, the device receives its own message.
    assert_eq!(rig::events(&mut client), [Seen::Message(topic.into(), b"1122334455".to_vec())]);
}

fn every_setting_is_written_again_at_each_sign_in(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    client.connect_aliyun(rig::triple()).unwrap();
    let first = lines(&bench);
    client.connect_aliyun(rig::triple()).unwrap();
    let second = &lines(&bench)[first.len()..];
    let settings =
        |lines: &[String]| lines.iter().filter(|line| line.contains("LMQTTCFG")).cloned().collect::<Vec<_>>();
    assert_eq!(settings(&first), settings(second));
    assert_eq!(settings(second).len(), 9);
    assert!(client.is_connected());
}

fn promise_1_each_refusal_of_the_cloud_is_named(front_end: FrontEnd) {
    type Change = fn(&mut World);
    let cases: [(Change, ReturnCode); 3] = [
        (|world| world.cloud().unwrap().set_maintenance(true), ReturnCode::ServerUnavailable),
        (
            |world| assert!(world.cloud().unwrap().disable_device(rig::PRODUCT_KEY, rig::DEVICE_NAME)),
            ReturnCode::NotAuthorized,
        ),
        (
            |world| assert!(world.cloud().unwrap().delete_device(rig::PRODUCT_KEY, rig::DEVICE_NAME)),
            ReturnCode::BadCredentials,
        ),
    ];
    for (change, code) in cases {
        let bench = Bench::plain(front_end);
        bench.with(change);
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let refused = client.connect_aliyun(rig::triple()).unwrap_err();
        match refused {
            Error::Connect(ConnectFailure::Refused(refused)) if code != ReturnCode::BadCredentials => {
                assert_eq!(refused, code);
            }
            // The double may tell an unknown device from a wrong secret; the platform does not.
            Error::Connect(ConnectFailure::Refused(ReturnCode::BadCredentials | ReturnCode::NotAuthorized)) => {}
            other => panic!("{other:?}"),
        }
        assert!(!client.is_connected());
    }
}

fn a_wrong_secret_is_refused_by_the_cloud(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let wrong = Triple::new(rig::PRODUCT_KEY, rig::DEVICE_NAME, "ffffffffffffffffffffffffffffffff").unwrap();
    let refused = client.connect_aliyun(wrong).unwrap_err();
    assert_eq!(refused, Error::Connect(ConnectFailure::Refused(ReturnCode::BadCredentials)));
    assert_eq!(client.publish(&Publish::new(rig::UPDATE, b"x")), Err(Error::NotConnected));
    client.connect_aliyun(rig::triple()).expect("the right one works afterwards");
}

fn an_unreachable_broker_is_named(front_end: FrontEnd) {
    let bench = Bench::without_broker(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let refused = client.connect_aliyun(rig::triple()).unwrap_err();
    assert!(
        matches!(refused, Error::Open(OpenFailure::Dns | OpenFailure::NetworkDown | OpenFailure::Other(_))),
        "{refused:?}"
    );
}

fn what_an_earlier_life_of_the_host_left_open_is_closed_first(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    bench.client(&mut memory).connect_aliyun(rig::triple()).unwrap();
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    assert!(!client.is_connected(), "a new life knows of no session");
    client.connect_aliyun(rig::triple()).unwrap();
    client.subscribe(rig::GET, QoS::AtLeastOnce).unwrap();
    bench.send(rig::GET, b"once");
    assert!(rig::events(&mut client).contains(&Seen::Message(rig::GET.into(), b"once".to_vec())));
}

fn messages_in_the_same_burst_as_the_sign_in_are_delivered(front_end: FrontEnd) {
    for chunk in [1, 7, usize::MAX] {
        let mut settings = ModemSettings::instant();
        settings.quirks.session_burst = true;
        let bench = Bench::new(front_end, settings, rig::cloud());
        let mut memory = Memory::typical();
        let mut client = bench.client_in_chunks(&mut memory, chunk);
        let sign_in = SignIn::new(rig::triple()).clean_session(false);
        client.connect_aliyun(sign_in).unwrap();
        client.subscribe(rig::GET, QoS::AtLeastOnce).unwrap();
        client.disconnect().unwrap();
        let payloads: Vec<Vec<u8>> = (0..4_u8).map(|index| vec![b'\n', index, b'"']).collect();
        for payload in &payloads {
            bench.with(|world| {
                world.cloud().unwrap().publish_to(rig::GET, payload, nt35e_sim::aliyun::QoS::AtLeastOnce);
            });
        }
        client.connect_aliyun(sign_in).unwrap();
        let expected: Vec<Seen> = payloads.into_iter().map(|payload| Seen::Message(rig::GET.into(), payload)).collect();
        let mut seen = rig::events(&mut client);
        seen.retain(|event| matches!(event, Seen::Message(..)));
        assert_eq!(seen, expected, "in chunks of {chunk}");
    }
}

fn a_status_of_the_old_link_does_not_end_the_new_session(front_end: FrontEnd) {
    let mut settings = ModemSettings::instant();
    settings.quirks.stale_stats = true;
    let bench = Bench::new(front_end, settings, rig::cloud());
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    for _ in 0..2 {
        client.connect_aliyun(rig::triple()).unwrap();
        let seen = rig::events(&mut client);
        assert!(
            !seen.iter().any(|event| matches!(event, Seen::Other(text) if text.contains("Disconnected"))),
            "{seen:?}"
        );
        assert!(client.is_connected());
    }
}

fn after_a_sign_in_without_answer_the_next_one_is_verified(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    bench.with(|world| world.modem().delays().connect = core::time::Duration::from_secs(40));
    let timeout = CommandError { name: "+LMQTTCONN", stage: Stage::Result, cause: Cause::Timeout };
    assert_eq!(client.connect_aliyun(rig::triple()).unwrap_err(), Error::Command(timeout));
    bench.with(|world| world.modem().delays().connect = core::time::Duration::ZERO);
    client.connect_aliyun(rig::triple()).unwrap();
    assert_eq!(lines(&bench).last().unwrap(), "AT+LMQTTCONN?");
    client.connect_aliyun(rig::triple()).unwrap();
    assert_ne!(lines(&bench).last().unwrap(), "AT+LMQTTCONN?", "the doubt is over");
}

fn a_keep_alive_reaches_the_cloud(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let keep_alive = KeepAlive::from_secs(60).unwrap();
    client.connect_aliyun(SignIn::new(rig::triple()).keep_alive(keep_alive).unwrap()).unwrap();
    bench.with(|world| world.advance(core::time::Duration::from_secs(600)));
    assert!(rig::events(&mut client).is_empty());
    assert!(client.is_connected(), "the modem sends the pings");
}

fn a_modem_that_is_silent_is_reported_in_time(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    bench.with(|world| world.mute(core::time::Duration::from_secs(3600)));
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let before = bench.with(|world| world.now());
    let error = client.bring_up(&Network::default()).unwrap_err();
    let took = bench.with(|world| world.now()) - before;
    let timeout = CommandError { name: "", stage: Stage::Resync, cause: Cause::Timeout };
    assert_eq!(error, Error::Command(timeout));
    assert!(took >= core::time::Duration::from_secs(30) && took < core::time::Duration::from_secs(36), "{took:?}");
}

fn a_network_that_does_not_take_the_modem_in_is_reported_in_time(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    bench.with(|world| {
        let now = world.now();
        world.modem().set_registration(nt35e_sim::modem::Registration::Never, now);
    });
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let network = Network::default().registered_within(Duration::from_secs(20));
    assert_eq!(client.bring_up(&network), Err(Error::NotRegistered(Some(Registration::Searching))));
    bench.with(|world| {
        let now = world.now();
        world.modem().set_registration(nt35e_sim::modem::Registration::Roaming, now);
    });
    assert_eq!(client.bring_up(&network), Ok(Registration::Roaming));
}
