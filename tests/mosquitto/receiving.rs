//! Messages from the broker to the driver.

use nt35e::{Event, QoS};

use crate::bench::{Client, Memory, Modem, Received, connect, limit, next_message, payloads, sign_in};
use crate::mosquitto::Mosquitto;
use crate::peer::Peer;

const TOPIC: &str = "plant/7/set";

/// Receives every payload, and then a last one, which proves that nothing came twice.
fn each_arrives_once(qos: QoS) {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::connect(&mosquitto, "peer");
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto));
    client.subscribe(TOPIC, QoS::ExactlyOnce).unwrap();
    let mut payloads = payloads();
    payloads.push(b"the end".to_vec());
    for payload in &payloads {
        peer.publish(TOPIC, payload, qos);
    }
    for payload in &payloads {
        assert_eq!(next_message(&mut client), Received::new(TOPIC, payload, qos));
    }
}

#[test]
fn promise_3_every_payload_is_received_once_at_qos_0() {
    each_arrives_once(QoS::AtMostOnce);
}

#[test]
fn promise_3_every_payload_is_received_once_at_qos_1() {
    each_arrives_once(QoS::AtLeastOnce);
}

#[test]
fn promise_3_every_payload_is_received_once_at_qos_2() {
    each_arrives_once(QoS::ExactlyOnce);
}

#[test]
fn a_message_larger_than_the_inbox_is_read_in_pieces_or_counted_as_lost() {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::connect(&mosquitto, "peer");
    let modem = Modem::start();
    let mut memory = Memory::new();
    let large: Vec<u8> = (0..5000_u32).map(|number| (number % 256) as u8).collect();
    assert!(large.len() > 4 * memory.inbox.len());
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto));
    client.subscribe(TOPIC, QoS::AtLeastOnce).unwrap();
    for payload in [&b"before"[..], &large, b"between", &large, b"after"] {
        peer.publish(TOPIC, payload, QoS::AtLeastOnce);
    }

    assert_eq!(next_message(&mut client), Received::new(TOPIC, b"before", QoS::AtLeastOnce));
    assert_large(&mut client, large.len());
    let mut read = Vec::new();
    let mut piece = [0; 300];
    loop {
        let count = client.read_payload(&mut piece, limit()).unwrap();
        if count == 0 {
            break;
        }
        read.extend_from_slice(&piece[..count]);
    }
    assert_eq!(read, large);
    assert_eq!(next_message(&mut client), Received::new(TOPIC, b"between", QoS::AtLeastOnce));

    assert_large(&mut client, large.len());
    match client.next_event(limit()).unwrap() {
        Some(Event::Lost(loss)) => assert!(loss.frames == 1 && loss.bytes as usize > large.len(), "{loss:?}"),
        other => panic!("skipped in silence: {other:?}"),
    }
    assert_eq!(next_message(&mut client), Received::new(TOPIC, b"after", QoS::AtLeastOnce));
    assert!(client.is_connected());
}

fn assert_large(client: &mut Client<'_>, expected: usize) {
    match client.next_event(limit()).unwrap() {
        Some(Event::LargeMessage { topic, message_id, length }) => {
            assert_eq!((topic.as_str(), message_id.is_some(), length), (Some(TOPIC), true, expected));
        }
        other => panic!("no large message, but {other:?}"),
    }
}
