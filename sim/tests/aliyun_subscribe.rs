//! What the Aliyun double lets a device subscribe to, and from when on.

mod aliyun_client;

use core::time::Duration;

use aliyun_client::{Bench, DEVICE_NAME, PRODUCT_KEY, TOPIC, connect, encode};
use mqttbytes::v4::{Packet, Subscribe, SubscribeReasonCode, UnsubAck, Unsubscribe};
use nt35e_sim::aliyun::{CustomTopic, EventKind, QoS, TopicRefusal, TopicRight};

/// The codes of a SUBACK, as bytes.
fn codes(answer: &Packet) -> Vec<u8> {
    let Packet::SubAck(ack) = answer else { panic!("{answer:?}") };
    let code = |code: &SubscribeReasonCode| match code {
        SubscribeReasonCode::Success(qos) => *qos as u8,
        SubscribeReasonCode::Failure => 0x80,
    };
    ack.return_codes.iter().map(code).collect()
}

fn user_topics(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("/{PRODUCT_KEY}/{DEVICE_NAME}/user/t{n}")).collect()
}

/// Subscribes to many topics, eight at a time, and gives all codes.
fn subscribe_to_all(bench: &mut Bench, topics: &[String]) -> Vec<u8> {
    let connection = bench.cloud.connection_of(PRODUCT_KEY, DEVICE_NAME).unwrap();
    let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
    topics.chunks(8).flat_map(|topics| codes(&bench.subscribe(connection, topics))).collect()
}

#[test]
fn a_filter_is_granted_at_qos_1_whatever_was_asked_for() {
    for qos in [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce] {
        let mut bench = Bench::new();
        let connection = bench.sign_in(true);
        let mut subscribe = Subscribe::new(TOPIC, qos);
        subscribe.pkid = 1;
        bench.cloud.receive(connection, &encode(Packet::Subscribe(subscribe)), bench.now);
        // As captured. [C]
        assert_eq!(bench.cloud.transmit(connection), [0x90, 0x03, 0x00, 0x01, 0x01]);
    }
}

#[test]
fn each_filter_of_a_subscribe_has_its_own_code() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    let spaced = format!("/{PRODUCT_KEY}/ {DEVICE_NAME} /user/COMMUTEST");
    let answer = bench.subscribe(connection, &["#", TOPIC, &spaced]);
    assert_eq!(codes(&answer), [0x80, 0x01, 0x80]);
    assert_eq!(bench.cloud.subscriptions(PRODUCT_KEY, DEVICE_NAME), [TOPIC]);
    assert!(bench.cloud.is_open(connection));
    let refused = bench.cloud.events().iter().any(|event| {
        matches!(&event.kind, EventKind::SubscribeRefused { filter, reason: TopicRefusal::NotAllowed, .. }
            if *filter == spaced)
    });
    assert!(refused);
}

#[test]
fn more_than_eight_filters_in_one_subscribe_are_all_refused() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    let topics = user_topics(9);
    let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
    assert_eq!(codes(&bench.subscribe(connection, &topics)), [0x80; 9]);
    assert_eq!(codes(&bench.subscribe(connection, &topics[..8])), [0x01; 8]);
}

#[test]
fn a_hundred_and_first_subscription_is_refused() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    let codes_of_all = subscribe_to_all(&mut bench, &user_topics(102));
    assert_eq!(codes_of_all[..100], [0x01; 100]);
    assert_eq!(codes_of_all[100..], [0x80; 2]);
    assert_eq!(codes(&bench.subscribe(connection, &[&user_topics(1)[0]])), [0x01], "one of the hundred may be renewed");
}

#[test]
fn the_limits_can_be_switched_off() {
    let mut bench = Bench::with(|settings| {
        settings.limits.filters_per_subscribe = None;
        settings.limits.subscriptions = None;
    });
    let connection = bench.sign_in(true);
    let topics = user_topics(101);
    let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
    assert_eq!(codes(&bench.subscribe(connection, &topics)), [0x01; 101]);
}

#[test]
fn what_comes_before_a_subscription_takes_effect_is_lost() {
    let mut bench = Bench::with(|settings| settings.subscribe_delay = Duration::from_secs(10));
    let connection = bench.sign_in(false);
    assert_eq!(codes(&bench.subscribe(connection, &[TOPIC])), [0x01], "the SUBACK is not late");
    assert_eq!(bench.cloud.publish_to(TOPIC, b"early", QoS::AtLeastOnce), 0);
    bench.pass(Duration::from_secs(10));
    assert_eq!(bench.cloud.publish_to(TOPIC, b"in time", QoS::AtLeastOnce), 1);
    let messages = bench.messages(connection);
    assert_eq!(messages.len(), 1);
    assert_eq!(&messages[0].payload[..], b"in time");
}

#[test]
fn an_unsubscribe_is_acknowledged_and_ends_the_messages() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    let mut unsubscribe = Unsubscribe::new(TOPIC);
    unsubscribe.pkid = 9;
    let answer = bench.exchange(connection, Packet::Unsubscribe(unsubscribe.clone()));
    assert_eq!(answer, [Packet::UnsubAck(UnsubAck::new(9))]);
    assert_eq!(bench.cloud.publish_to(TOPIC, b"x", QoS::AtMostOnce), 0);
    let answer = bench.exchange(connection, Packet::Unsubscribe(unsubscribe));
    assert_eq!(answer, [Packet::UnsubAck(UnsubAck::new(9))], "also where there was no subscription");
}

#[test]
fn overlapping_filters_give_one_message() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC, &format!("/{PRODUCT_KEY}/{DEVICE_NAME}/user/#")]);
    bench.cloud.publish_to(TOPIC, b"x", QoS::AtMostOnce);
    assert_eq!(bench.messages(connection).len(), 1);
}

#[test]
fn the_custom_topics_of_a_product_decide() {
    let mut bench = Bench::with(|settings| {
        let list = vec![CustomTopic::new("user/get", TopicRight::Subscribe)];
        settings.product_topics.insert(PRODUCT_KEY.into(), list);
    });
    let connection = bench.sign_in(true);
    let get = format!("/{PRODUCT_KEY}/{DEVICE_NAME}/user/get");
    assert_eq!(codes(&bench.subscribe(connection, &[&get, TOPIC])), [0x01, 0x80]);
}

#[test]
fn a_clean_session_forgets_the_subscriptions() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    bench.break_off(connection);
    assert!(bench.cloud.subscriptions(PRODUCT_KEY, DEVICE_NAME).is_empty());
}

#[test]
fn the_subscriptions_outlive_a_clean_session_if_the_settings_say_so() {
    let mut bench = Bench::with(|settings| settings.open.subscriptions_outlive_clean_session = true);
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    bench.break_off(connection);
    assert_eq!(bench.cloud.publish_to(TOPIC, b"x", QoS::AtLeastOnce), 0, "but no messages are kept");
    let connection = bench.sign_in(true);
    assert!(bench.messages(connection).is_empty());
    assert_eq!(bench.cloud.subscriptions(PRODUCT_KEY, DEVICE_NAME), [TOPIC]);
}

#[test]
fn a_persistent_session_keeps_them_and_says_so() {
    let mut bench = Bench::new();
    let connection = bench.open();
    assert!(!bench.connect(connection, &connect(false)).unwrap().session_present);
    bench.subscribe(connection, &[TOPIC]);
    bench.exchange(connection, Packet::Disconnect);
    let connection = bench.open();
    assert!(bench.connect(connection, &connect(false)).unwrap().session_present);
    assert_eq!(bench.cloud.publish_to(TOPIC, b"x", QoS::AtMostOnce), 1);
    assert_eq!(bench.messages(connection).len(), 1);
}

#[test]
fn a_clean_session_ends_a_persistent_one() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(false);
    bench.subscribe(connection, &[TOPIC]);
    bench.sign_in(true);
    assert!(bench.cloud.subscriptions(PRODUCT_KEY, DEVICE_NAME).is_empty());
    let connection = bench.open();
    assert!(!bench.connect(connection, &connect(false)).unwrap().session_present);
}
