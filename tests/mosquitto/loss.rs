//! The broker goes away, and comes back.

use nt35e::{ConnectionStatus, Error, Event, Publish, QoS};

use crate::bench::{Memory, Modem, Received, connect, limit, next_message, sign_in};
use crate::mosquitto::Mosquitto;
use crate::peer::{Delivered, Peer};

#[test]
fn a_killed_broker_is_noticed_and_connecting_works_once_it_is_back() {
    let mut mosquitto = Mosquitto::start();
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto));
    client.subscribe("t", QoS::AtLeastOnce).unwrap();

    mosquitto.kill();
    match client.next_event(limit()).unwrap() {
        Some(Event::Disconnected(report)) => assert_eq!(report.status, ConnectionStatus::ClosedByPeer),
        other => panic!("not noticed: {other:?}"),
    }
    assert!(!client.is_connected());
    let message = Publish::new("t", b"x").qos(QoS::AtLeastOnce);
    assert_eq!(client.publish(&message), Err(Error::NotConnected));
    assert_eq!(client.subscribe("t", QoS::AtLeastOnce), Err(Error::NotConnected));
    assert!(matches!(client.connect(sign_in(&mosquitto)), Err(Error::Open(_))));
    assert!(!client.is_connected());

    mosquitto.restart();
    let mut peer = Peer::subscribed(&mosquitto, "peer", "t");
    connect(&mut client, sign_in(&mosquitto));
    client.subscribe("t", QoS::AtLeastOnce).unwrap();
    client.publish(&message).unwrap();
    assert_eq!(peer.next_message(), Delivered::live("t", b"x", QoS::AtLeastOnce));
    assert_eq!(next_message(&mut client), Received::new("t", b"x", QoS::AtLeastOnce));
}
