//! Messages from the driver to the broker.

use nt35e::{Publish, QoS};

use crate::bench::{EVERY_QOS, Memory, Modem, connect, payloads, sign_in};
use crate::mosquitto::Mosquitto;
use crate::peer::{Delivered, Peer};

const TOPIC: &str = "plant/7/state";

/// Publishes every payload, and then a last one, which proves that nothing came twice.
fn each_arrives_once(qos: QoS) {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::subscribed(&mosquitto, "peer", "plant/#");
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto));
    let mut payloads = payloads();
    payloads.push(b"the end".to_vec());
    for payload in &payloads {
        client.publish(&Publish::new(TOPIC, payload).qos(qos)).unwrap();
    }
    for payload in &payloads {
        assert_eq!(peer.next_message(), Delivered::live(TOPIC, payload, qos));
    }
}

#[test]
fn promise_3_every_payload_arrives_once_at_qos_0() {
    each_arrives_once(QoS::AtMostOnce);
}

#[test]
fn promise_3_every_payload_arrives_once_at_qos_1() {
    each_arrives_once(QoS::AtLeastOnce);
}

#[test]
fn promise_3_every_payload_arrives_once_at_qos_2() {
    each_arrives_once(QoS::ExactlyOnce);
}

#[test]
fn the_longest_payload_arrives_whole() {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::subscribed(&mosquitto, "peer", TOPIC);
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto));
    let payload: Vec<u8> = (0..8000_u32).map(|number| (number % 251) as u8).collect();
    for qos in EVERY_QOS {
        client.publish(&Publish::new(TOPIC, &payload).qos(qos)).unwrap();
        assert_eq!(peer.next_message(), Delivered::live(TOPIC, &payload, qos));
    }
}
