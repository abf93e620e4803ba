//! Retained messages, both ways.

use nt35e::{Publish, QoS};

use crate::bench::{Memory, Modem, Received, connect, next_message, sign_in};
use crate::mosquitto::Mosquitto;
use crate::peer::{Delivered, Peer};

#[test]
fn a_retained_message_of_the_driver_waits_for_a_later_subscriber() {
    let mosquitto = Mosquitto::start();
    let mut early = Peer::subscribed(&mosquitto, "early", "plant/#");
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto));
    client.publish(&Publish::new("plant/kept", b"\"21\"\r\n").qos(QoS::AtLeastOnce).retain(true)).unwrap();
    client.publish(&Publish::new("plant/lost", b"22").qos(QoS::AtLeastOnce)).unwrap();
    assert_eq!(early.next_message(), Delivered::live("plant/kept", b"\"21\"\r\n", QoS::AtLeastOnce));
    assert_eq!(early.next_message(), Delivered::live("plant/lost", b"22", QoS::AtLeastOnce));

    let mut late = Peer::subscribed(&mosquitto, "late", "plant/#");
    assert_eq!(late.next_message(), Delivered::retained("plant/kept", b"\"21\"\r\n", QoS::AtLeastOnce));
    client.publish(&Publish::new("plant/lost", b"23").qos(QoS::AtLeastOnce)).unwrap();
    assert_eq!(late.next_message(), Delivered::live("plant/lost", b"23", QoS::AtLeastOnce));
}

#[test]
fn the_driver_receives_what_was_retained_before_it_subscribed() {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::connect(&mosquitto, "peer");
    peer.publish("plant/a", b"lost", QoS::AtLeastOnce);
    peer.publish_retained("plant/a", b"kept", QoS::AtLeastOnce);
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto));
    client.subscribe("plant/a", QoS::AtLeastOnce).unwrap();
    assert_eq!(next_message(&mut client), Received::new("plant/a", b"kept", QoS::AtLeastOnce));
    peer.publish("plant/a", b"live", QoS::AtLeastOnce);
    assert_eq!(next_message(&mut client), Received::new("plant/a", b"live", QoS::AtLeastOnce));
}
