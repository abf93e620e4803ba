//! What the Aliyun double does with a device's messages.

mod aliyun_client;

use core::time::Duration;

use aliyun_client::{Bench, DEVICE_NAME, PRODUCT_KEY, SECRET, TOPIC, connect_for, encode};
use mqttbytes::v4::{Packet, PubAck, PubRel, Publish};
use nt35e_sim::aliyun::{
    CloseReason, ConnectReturnCode, Device, ExactlyOncePublish, PublishOutcome, QoS, TopicRefusal,
};

fn outcomes(bench: &Bench) -> Vec<PublishOutcome> {
    bench.cloud.publishes_from(PRODUCT_KEY, DEVICE_NAME).iter().map(|record| record.outcome).collect()
}

#[test]
fn a_device_hears_itself_at_its_own_qos() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);

    let answer = bench.publish(connection, QoS::AtMostOnce, TOPIC, "1122334455");
    let [Packet::Publish(echo)] = &answer[..] else { panic!("{answer:?}") };
    assert_eq!((echo.qos, echo.pkid, &echo.payload[..]), (QoS::AtMostOnce, 0, &b"1122334455"[..]));

    // Although the subscription asked for QoS 0.
    let answer = bench.publish(connection, QoS::AtLeastOnce, TOPIC, "x");
    let [Packet::PubAck(ack), Packet::Publish(echo)] = &answer[..] else { panic!("{answer:?}") };
    assert_eq!((ack.pkid, echo.qos, echo.dup), (11, QoS::AtLeastOnce, false));
    assert_ne!(echo.pkid, 0);
}

#[test]
fn a_device_hears_no_other_device() {
    let mut bench = Bench::with(|settings| settings.devices.push(Device::new(PRODUCT_KEY, "OTHER", SECRET)));
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    let other = bench.open();
    let ack = bench.connect(other, &connect_for("OTHER"));
    assert_eq!(ack.map(|ack| ack.code), Some(ConnectReturnCode::Success));
    assert!(bench.cloud.is_open(connection), "it is another device");
    bench.publish(other, QoS::AtMostOnce, TOPIC, "x");
    bench.publish(other, QoS::AtMostOnce, &format!("/{PRODUCT_KEY}/OTHER/user/COMMUTEST"), "x");
    assert!(bench.messages(connection).is_empty());
    assert!(outcomes(&bench).is_empty());
    assert_eq!(bench.cloud.publishes_from(PRODUCT_KEY, "OTHER").len(), 2);
}

#[test]
fn the_echo_comes_before_the_acknowledgement_if_the_settings_say_so() {
    let mut bench = Bench::with(|settings| settings.open.echo_before_acknowledgement = true);
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    let answer = bench.publish(connection, QoS::AtLeastOnce, TOPIC, "x");
    assert!(matches!(answer[..], [Packet::Publish(_), Packet::PubAck(_)]), "{answer:?}");
}

#[test]
fn without_a_subscription_there_is_no_echo() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    assert_eq!(bench.publish(connection, QoS::AtMostOnce, TOPIC, "x"), []);
    assert_eq!(outcomes(&bench), [PublishOutcome::Accepted]);
}

#[test]
fn a_retained_message_is_passed_on_and_not_kept() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    let mut publish = Publish::new(TOPIC, QoS::AtMostOnce, "x");
    publish.retain = true;
    let answer = bench.exchange(connection, Packet::Publish(publish));
    assert!(matches!(&answer[..], [Packet::Publish(echo)] if !echo.retain), "{answer:?}");
    assert!(bench.cloud.publishes_from(PRODUCT_KEY, DEVICE_NAME)[0].retain, "the log tells of the flag");

    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    assert!(bench.messages(connection).is_empty());
}

#[test]
fn a_foreign_topic_is_acknowledged_and_dropped() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    for topic in ["/sys/post", "/a1JszCpjS61/OTHER/user/update", "/a1JszCpjS61/ NT35E_06011 /user/COMMUTEST"] {
        let answer = bench.publish(connection, QoS::AtLeastOnce, topic, "x");
        assert_eq!(answer, [Packet::PubAck(PubAck::new(11))]);
        assert_eq!(bench.publish(connection, QoS::AtMostOnce, topic, "x"), []);
    }
    assert_eq!(outcomes(&bench), [PublishOutcome::Topic(TopicRefusal::NotAllowed); 6]);
    assert!(bench.cloud.is_open(connection));
}

#[test]
fn a_foreign_topic_is_not_acknowledged_if_the_settings_say_so() {
    let mut bench = Bench::with(|settings| settings.open.acknowledge_refused_publish = false);
    let connection = bench.sign_in(true);
    assert_eq!(bench.publish(connection, QoS::AtLeastOnce, "/sys/post", "x"), []);
}

#[test]
fn a_topic_that_is_too_long_or_too_deep_is_dropped() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.publish(connection, QoS::AtMostOnce, &format!("{TOPIC}/{}", "x".repeat(128)), "x");
    bench.publish(connection, QoS::AtMostOnce, &format!("{TOPIC}/1/2/3/4"), "x");
    let expected = [TopicRefusal::TooLong, TopicRefusal::TooManySlashes].map(PublishOutcome::Topic);
    assert_eq!(outcomes(&bench), expected);
}

#[test]
fn a_message_at_qos_2_closes_the_connection() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    assert_eq!(bench.publish(connection, QoS::ExactlyOnce, TOPIC, "x"), []);
    assert!(!bench.cloud.is_open(connection));
    assert_eq!(bench.cloud.close_reasons(), [&CloseReason::ExactlyOnce]);
}

#[test]
fn a_message_at_qos_2_is_ignored_or_acknowledged_if_the_settings_say_so() {
    let with = |choice| {
        let mut bench = Bench::with(|settings| settings.open.exactly_once_publish = choice);
        let connection = bench.sign_in(true);
        bench.subscribe(connection, &[TOPIC]);
        let answer = bench.publish(connection, QoS::ExactlyOnce, TOPIC, "x");
        assert!(bench.cloud.is_open(connection));
        answer
    };
    assert_eq!(with(ExactlyOncePublish::Ignore), []);
    let answer = with(ExactlyOncePublish::AsAtLeastOnce);
    let [Packet::PubAck(ack), Packet::Publish(echo)] = &answer[..] else { panic!("{answer:?}") };
    assert_eq!((ack.pkid, echo.qos), (11, QoS::AtLeastOnce));
}

#[test]
fn the_other_packets_of_qos_2_close_the_connection() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.cloud.receive(connection, &[0x62, 0x02, 0x00, 0x01], bench.now);
    assert!(!bench.cloud.is_open(connection));
    let connection = bench.sign_in(true);
    bench.send(connection, Packet::PubRel(PubRel::new(1)));
    assert!(!bench.cloud.is_open(connection));
}

#[test]
fn a_message_of_256_kb_passes_and_a_longer_one_closes_the_connection() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    let answer = bench.publish(connection, QoS::AtLeastOnce, TOPIC, &"x".repeat(256 * 1024));
    assert_eq!(answer, [Packet::PubAck(PubAck::new(11))]);
    assert_eq!(bench.publish(connection, QoS::AtLeastOnce, TOPIC, &"x".repeat(256 * 1024 + 1)), []);
    assert!(!bench.cloud.is_open(connection));
    assert_eq!(bench.cloud.close_reasons(), [&CloseReason::TooLarge]);
}

#[test]
fn a_packet_far_too_long_is_not_waited_for() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.cloud.receive(connection, b"\x30\xff\xff\xff\x7f", bench.now);
    assert!(!bench.cloud.is_open(connection));
}

#[test]
fn a_message_sent_again_is_taken_again() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    let mut publish = Publish::new(TOPIC, QoS::AtLeastOnce, "x");
    publish.pkid = 3;
    for dup in [false, true] {
        publish.dup = dup;
        let answer = bench.exchange(connection, Packet::Publish(publish.clone()));
        assert_eq!(answer, [Packet::PubAck(PubAck::new(3))]);
    }
    let records = bench.cloud.publishes_from(PRODUCT_KEY, DEVICE_NAME);
    let marks: Vec<_> = records.iter().map(|record| (record.packet_id, record.dup)).collect();
    assert_eq!(marks, [(3, false), (3, true)]);
}

#[test]
fn payloads_are_opaque() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    for payload in [&b""[..], b"\r\nOK\r\n", b"\x00\xff\x10\"", &[0x20, 0x02, 0x00, 0x00]] {
        let answer = bench.exchange(connection, Packet::Publish(Publish::new(TOPIC, QoS::AtMostOnce, payload)));
        assert!(matches!(&answer[..], [Packet::Publish(echo)] if &echo.payload[..] == payload), "{answer:?}");
    }
}

#[test]
fn messages_that_come_too_fast_are_dropped_without_an_answer_if_the_settings_say_so() {
    let mut bench = Bench::with(|settings| settings.limits.uplink_per_second = Some((30, 10)));
    let connection = bench.sign_in(true);
    let sent =
        |bench: &mut Bench| (0..15).flat_map(|_| bench.publish(connection, QoS::AtLeastOnce, TOPIC, "x")).count();
    assert_eq!(sent(&mut bench), 10);
    assert_eq!(outcomes(&bench)[10..], [PublishOutcome::Rate; 5]);
    assert!(bench.cloud.is_open(connection));
    assert_eq!(bench.publish(connection, QoS::AtMostOnce, TOPIC, "x"), []);
    assert_eq!(outcomes(&bench).last(), Some(&PublishOutcome::Accepted), "QoS 0 is counted apart");
    bench.pass(Duration::from_secs(1));
    assert_eq!(sent(&mut bench), 10);
}

#[test]
fn many_messages_in_one_piece_are_all_answered_in_order() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    let mut bytes = Vec::new();
    for pkid in 1..=50 {
        let publish = Publish { pkid, ..Publish::new(TOPIC, QoS::AtLeastOnce, "x") };
        bytes.extend(encode(Packet::Publish(publish)));
    }
    bench.cloud.receive(connection, &bytes, bench.now);
    let expected: Vec<_> = (1..=50).map(|pkid| Packet::PubAck(PubAck::new(pkid))).collect();
    assert_eq!(bench.receive(connection), expected);
}
