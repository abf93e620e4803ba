//! Topics and subscriptions: wildcards, spaces, other letters, and the end of a subscription.

use nt35e::{Publish, QoS};

use crate::bench::{Memory, Modem, Received, connect, next_message, sign_in};
use crate::mosquitto::Mosquitto;
use crate::peer::{Delivered, Peer};

const QOS: QoS = QoS::AtLeastOnce;

#[test]
fn a_plus_covers_one_level_and_a_hash_all_further_ones() {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::connect(&mosquitto, "peer");
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto));
    client.subscribe("plant/+/heat", QOS).unwrap();
    client.subscribe("field/#", QOS).unwrap();
    let topics = [
        ("plant/7/heat", true),
        ("plant/7/8/heat", false),
        ("plant/7/heat/8", false),
        ("plant/heat", false),
        ("plant//heat", true),
        ("field", true),
        ("field/7", true),
        ("field/7/8", true),
        ("fields/7", false),
        ("plant/the end/heat", true),
    ];
    for (topic, _) in topics {
        peer.publish(topic, topic.as_bytes(), QOS);
    }
    for (topic, _) in topics.iter().filter(|(_, covered)| *covered) {
        assert_eq!(next_message(&mut client), Received::new(topic, topic.as_bytes(), QOS));
    }
}

#[test]
fn a_topic_may_have_spaces_commas_and_other_letters() {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::subscribed(&mosquitto, "peer", "#");
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto));
    for topic in ["plant 7/ state ", " ", "/", "a,b/c,1", "车间/温度"] {
        client.subscribe(topic, QOS).unwrap();
        client.publish(&Publish::new(topic, b"out").qos(QOS)).unwrap();
        assert_eq!(peer.next_message(), Delivered::live(topic, b"out", QOS));
        assert_eq!(next_message(&mut client), Received::new(topic, b"out", QOS));
        peer.publish(topic, b"in", QOS);
        assert_eq!(peer.next_message(), Delivered::live(topic, b"in", QOS));
        assert_eq!(next_message(&mut client), Received::new(topic, b"in", QOS));
    }
}

#[test]
fn an_ended_subscription_delivers_nothing() {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::connect(&mosquitto, "peer");
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto));
    for filter in ["ends", "stays", "wild/+"] {
        client.subscribe(filter, QOS).unwrap();
    }
    for topic in ["ends", "wild/1", "stays"] {
        peer.publish(topic, b"before", QOS);
        assert_eq!(next_message(&mut client), Received::new(topic, b"before", QOS));
    }
    client.unsubscribe("ends").unwrap();
    client.unsubscribe("wild/+").unwrap();
    for topic in ["ends", "wild/1", "stays"] {
        peer.publish(topic, b"after", QOS);
    }
    assert_eq!(next_message(&mut client), Received::new("stays", b"after", QOS));
}
