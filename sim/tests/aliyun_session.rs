//! What the Aliyun double keeps for a device that is away, and what it sends again.

mod aliyun_client;

use core::time::Duration;

use aliyun_client::{Bench, DEVICE_NAME, PRODUCT_KEY, TOPIC};
use mqttbytes::v4::{Packet, PubAck, Publish};
use nt35e_sim::aliyun::{EventKind, QoS, Undelivered};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A device with a subscription, gone again.
fn offline(bench: &mut Bench, clean_session: bool) {
    let connection = bench.sign_in(clean_session);
    bench.subscribe(connection, &[TOPIC]);
    bench.break_off(connection);
}

fn send_down(bench: &mut Bench, payload: &str, qos: QoS) -> usize {
    bench.cloud.publish_to(TOPIC, payload.as_bytes(), qos)
}

fn payloads(messages: &[Publish]) -> Vec<&str> {
    messages.iter().map(|message| str::from_utf8(&message.payload).unwrap()).collect()
}

fn undelivered(bench: &Bench) -> Vec<Undelivered> {
    let events = bench.cloud.events().iter();
    events
        .filter_map(|event| if let EventKind::NotDelivered { reason, .. } = &event.kind { Some(*reason) } else { None })
        .collect()
}

#[test]
fn a_message_comes_at_its_publishers_qos() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    for (sent, received) in
        [(QoS::AtMostOnce, QoS::AtMostOnce), (QoS::AtLeastOnce, QoS::AtLeastOnce), (QoS::ExactlyOnce, QoS::AtLeastOnce)]
    {
        assert_eq!(send_down(&mut bench, "x", sent), 1);
        let messages = bench.messages(connection);
        assert_eq!((messages.len(), messages[0].qos, messages[0].retain), (1, received, false));
    }
}

#[test]
fn qos_1_is_kept_for_a_persistent_session_and_qos_0_is_not() {
    let mut bench = Bench::new();
    offline(&mut bench, false);
    assert_eq!(send_down(&mut bench, "zero", QoS::AtMostOnce), 0);
    assert_eq!(send_down(&mut bench, "one", QoS::AtLeastOnce), 1);
    assert_eq!(send_down(&mut bench, "two", QoS::AtLeastOnce), 1);
    assert_eq!(undelivered(&bench), [Undelivered::Offline]);
    let connection = bench.sign_in(false);
    let messages = bench.messages(connection);
    assert_eq!(payloads(&messages), ["one", "two"]);
    assert!(messages.iter().all(|message| !message.dup), "they were never sent before");
}

#[test]
fn nothing_is_kept_for_a_clean_session() {
    let mut bench = Bench::new();
    offline(&mut bench, true);
    assert_eq!(send_down(&mut bench, "one", QoS::AtLeastOnce), 0);
    let connection = bench.sign_in(false);
    assert!(bench.messages(connection).is_empty());
}

#[test]
fn a_clean_session_drops_what_was_kept() {
    let mut bench = Bench::new();
    offline(&mut bench, false);
    assert_eq!(send_down(&mut bench, "one", QoS::AtLeastOnce), 1);
    let connection = bench.sign_in(true);
    assert!(bench.messages(connection).is_empty());
    bench.break_off(connection);
    let connection = bench.sign_in(false);
    assert!(bench.messages(connection).is_empty());
}

#[test]
fn what_was_not_acknowledged_comes_again_first_and_marked() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(false);
    bench.subscribe(connection, &[TOPIC]);
    for payload in ["one", "two"] {
        send_down(&mut bench, payload, QoS::AtLeastOnce);
    }
    let first = bench.messages(connection);
    bench.send(connection, Packet::PubAck(PubAck::new(first[0].pkid)));
    bench.break_off(connection);
    send_down(&mut bench, "three", QoS::AtLeastOnce);

    let connection = bench.sign_in(false);
    let again = bench.messages(connection);
    assert_eq!(payloads(&again), ["two", "three"]);
    assert_eq!((again[0].dup, again[0].pkid), (true, first[1].pkid));
    assert!(!again[1].dup);
    for message in again {
        bench.send(connection, Packet::PubAck(PubAck::new(message.pkid)));
    }

    bench.break_off(connection);
    let connection = bench.sign_in(false);
    assert!(bench.messages(connection).is_empty(), "all is acknowledged");
}

#[test]
fn what_was_not_acknowledged_also_comes_again_to_a_connection_that_replaces_the_old_one() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(false);
    bench.subscribe(connection, &[TOPIC]);
    send_down(&mut bench, "one", QoS::AtLeastOnce);
    bench.messages(connection);
    let connection = bench.sign_in(false);
    let again = bench.messages(connection);
    assert_eq!((payloads(&again), again[0].dup), (vec!["one"], true));
}

#[test]
fn on_a_living_connection_nothing_comes_again_by_default() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(false);
    bench.subscribe(connection, &[TOPIC]);
    send_down(&mut bench, "one", QoS::AtLeastOnce);
    bench.messages(connection);
    bench.pass(Duration::from_secs(80));
    assert!(bench.messages(connection).is_empty());
}

#[test]
fn on_a_living_connection_it_comes_again_in_time_if_the_settings_say_so() {
    let retry = Duration::from_secs(20);
    let mut bench = Bench::with(|settings| settings.open.retry_after = Some(retry));
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    bench.pass(Duration::from_secs(1));
    send_down(&mut bench, "one", QoS::AtLeastOnce);
    let first = bench.messages(connection);
    assert_eq!(bench.cloud.next_due(), Some(Duration::from_secs(21)));
    bench.pass(retry - Duration::from_millis(1));
    assert!(bench.messages(connection).is_empty());
    bench.pass(Duration::from_millis(1));
    let again = bench.messages(connection);
    assert_eq!((again.len(), again[0].dup, again[0].pkid), (1, true, first[0].pkid));
    bench.send(connection, Packet::PubAck(PubAck::new(first[0].pkid)));
    bench.pass(retry);
    assert!(bench.messages(connection).is_empty());
}

#[test]
fn nothing_is_due_for_a_device_that_is_away() {
    let mut bench = Bench::with(|settings| settings.open.retry_after = Some(Duration::from_secs(20)));
    let connection = bench.sign_in(false);
    bench.subscribe(connection, &[TOPIC]);
    send_down(&mut bench, "one", QoS::AtLeastOnce);
    bench.break_off(connection);
    assert_eq!(bench.cloud.next_due(), None);
}

#[test]
fn the_hundred_and_first_unacknowledged_message_waits_for_a_puback() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    for n in 0..101 {
        assert_eq!(send_down(&mut bench, &n.to_string(), QoS::AtLeastOnce), 1);
    }
    let messages = bench.messages(connection);
    assert_eq!(messages.len(), 100);
    let mut packets = bench.exchange(connection, Packet::PubAck(PubAck::new(messages[50].pkid)));
    let Some(Packet::Publish(last)) = packets.pop() else { panic!("nothing came") };
    assert_eq!((&last.payload[..], last.dup), (&b"100"[..], false));
    assert!(packets.is_empty());
}

#[test]
fn a_kept_message_is_given_up_after_seven_days() {
    let mut bench = Bench::new();
    offline(&mut bench, false);
    send_down(&mut bench, "old", QoS::AtLeastOnce);
    bench.pass(DAY);
    send_down(&mut bench, "young", QoS::AtLeastOnce);
    assert_eq!(bench.cloud.next_due(), Some(7 * DAY));
    bench.pass(6 * DAY);
    assert_eq!(undelivered(&bench), [Undelivered::Expired]);
    let connection = bench.sign_in(false);
    assert_eq!(payloads(&bench.messages(connection)), ["young"]);
}

#[test]
fn an_acknowledgement_of_nothing_is_noted_and_harmless() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.send(connection, Packet::PubAck(PubAck::new(77)));
    assert!(bench.cloud.is_open(connection));
    let noted = bench.cloud.events().iter().any(|event| {
        matches!(&event.kind, EventKind::Acknowledged { packet_id: 77, expected: false, device }
            if device.device_name == DEVICE_NAME && device.product_key == PRODUCT_KEY)
    });
    assert!(noted);
}
