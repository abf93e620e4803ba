//! A session that the broker keeps while the device is away.

use nt35e::{Event, Publish, QoS};

use crate::bench::{Client, Memory, Modem, Received, connect, limit, next_message, sign_in};
use crate::mosquitto::Mosquitto;
use crate::peer::Peer;

const TOPIC: &str = "plant/7/set";

/// The level of a numbered message.
fn qos(number: usize) -> QoS {
    [QoS::AtLeastOnce, QoS::ExactlyOnce][number % 2]
}

fn text(number: usize) -> String {
    format!("message {number}\r\n")
}

/// Signs in, subscribes, signs off, misses messages, and signs in again, with the missed ones in one burst with the
/// result. Publishing has to read past all of them. Then one more message ends the list.
fn receive_after_missing(missed: usize, mut take: impl FnMut(&mut Client<'_>)) {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::connect(&mosquitto, "peer");
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, sign_in(&mosquitto).clean_session(false));
    client.subscribe(TOPIC, QoS::ExactlyOnce).unwrap();
    client.disconnect().unwrap();
    mosquitto.wait_for_log("Received DISCONNECT from device");
    for number in 0..missed {
        peer.publish(TOPIC, text(number).as_bytes(), qos(number));
    }
    modem.dam.hold("+LMQTTCONN:", &text(missed - 1));
    connect(&mut client, sign_in(&mosquitto).clean_session(false));
    client.publish(&Publish::new("plant/7/state", b"back").qos(QoS::AtLeastOnce)).unwrap();
    peer.publish(TOPIC, text(missed).as_bytes(), qos(missed));
    take(&mut client);
}

#[test]
fn promise_2_missed_messages_wait_in_the_inbox() {
    let missed = 8;
    receive_after_missing(missed, |client| {
        for number in 0..=missed {
            assert_eq!(next_message(client), Received::new(TOPIC, text(number).as_bytes(), qos(number)));
        }
    });
}

#[test]
fn promise_2_missed_messages_that_do_not_fit_are_counted() {
    let missed = 60;
    receive_after_missing(missed, |client| {
        let mut lost = 0;
        let mut taken = Vec::new();
        while taken.last() != Some(&text(missed)) {
            match client.next_event(limit()).unwrap() {
                Some(Event::Message { payload, .. }) => taken.push(String::from_utf8(payload.to_vec()).unwrap()),
                Some(Event::Lost(loss)) => lost += loss.frames as usize,
                other => panic!("neither a message nor a loss: {other:?}"),
            }
        }
        assert!(lost > 0, "so many cannot fit");
        assert_eq!(taken.len() + lost, missed + 1);
        let kept: Vec<String> = (0..taken.len() - 1).map(text).collect();
        assert_eq!(taken[..taken.len() - 1], kept, "the first ones were kept");
    });
}
