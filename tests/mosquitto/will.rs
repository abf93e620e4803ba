//! The will: published by the broker if the device goes away without a word, and only then.

use nt35e::{QoS, Will};

use crate::bench::{DEVICE, EVERY_QOS, Memory, Modem, connect, sign_in};
use crate::mosquitto::Mosquitto;
use crate::peer::{Delivered, Peer};

const TOPIC: &str = "plant/7/online";

#[test]
fn a_lost_link_publishes_the_will_as_it_was_left() {
    for qos in EVERY_QOS {
        let mosquitto = Mosquitto::start();
        let mut peer = Peer::subscribed(&mosquitto, "peer", TOPIC);
        let modem = Modem::start();
        let mut memory = Memory::new();
        let mut client = modem.client(&mut memory);
        connect(&mut client, sign_in(&mosquitto).will(Will::new(TOPIC, "no, gone").unwrap().qos(qos)));
        drop(modem);
        assert_eq!(peer.next_message(), Delivered::live(TOPIC, b"no, gone", qos));
        peer.publish(TOPIC, b"the end", qos);
        assert_eq!(peer.next_message(), Delivered::live(TOPIC, b"the end", qos));
        let mut late = Peer::subscribed(&mosquitto, "late", TOPIC);
        peer.publish(TOPIC, b"not retained", qos);
        assert_eq!(late.next_message(), Delivered::live(TOPIC, b"not retained", qos));
    }
}

#[test]
fn an_orderly_end_publishes_no_will() {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::subscribed(&mosquitto, "peer", TOPIC);
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto).will(Will::new(TOPIC, "gone").unwrap()));
    client.disconnect().unwrap();
    assert!(!client.is_connected());
    mosquitto.wait_for_log("Received DISCONNECT from device");
    peer.publish(TOPIC, b"the end", QoS::AtMostOnce);
    assert_eq!(peer.next_message(), Delivered::live(TOPIC, b"the end", QoS::AtMostOnce));
}

#[test]
fn a_will_is_forgotten_at_the_next_sign_in() {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::subscribed(&mosquitto, "peer", TOPIC);
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto).will(Will::new(TOPIC, "gone").unwrap()));
    connect(&mut client, sign_in(&mosquitto));
    drop(modem);
    // Whoever takes its place ends it for the broker, if that has not noticed yet.
    let _successor = Peer::connect(&mosquitto, DEVICE);
    peer.publish(TOPIC, b"the end", QoS::AtMostOnce);
    assert_eq!(peer.next_message(), Delivered::live(TOPIC, b"the end", QoS::AtMostOnce));
}
