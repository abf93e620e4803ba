//! Every combination of what a sign-in may ask for, and of the QoS both ways, each seen at the broker and at a peer.

use nt35e::command::ProtocolVersion;
use nt35e::{Broker, Event, KeepAlive, Publish, QoS, Will};

use crate::bench::{Client, EVERY_QOS, Memory, Modem, Received, connect, limit, next_message};
use crate::mosquitto::{HOST, Mosquitto, PASSWORD, USER_NAME};
use crate::peer::{Delivered, Peer};

/// With the number that mosquitto logs.
const VERSIONS: [(ProtocolVersion, u8); 2] = [(ProtocolVersion::V3_1, 1), (ProtocolVersion::V3_1_1, 2)];

/// 0 is never.
const KEEP_ALIVES: [u16; 3] = [0, 1, 3600];

/// What a will can be: none, or a QoS and whether it is retained.
fn wills() -> impl Iterator<Item = Option<(QoS, bool)>> {
    let wills = EVERY_QOS.into_iter().flat_map(|qos| [false, true].map(|retain| Some((qos, retain))));
    [None].into_iter().chain(wills)
}

#[test]
fn every_way_to_sign_in_is_what_the_broker_sees() {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::subscribed(&mosquitto, "peer", "will/#");
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    let mut number = 0;
    for (version, logged_version) in VERSIONS {
        for clean in [true, false] {
            for login in [false, true] {
                for seconds in KEEP_ALIVES {
                    for will in wills() {
                        number += 1;
                        let (id, topic) = (format!("device{number}x"), format!("will/{number}"));
                        let port = if login { mosquitto.guarded_port() } else { mosquitto.port() };
                        let mut broker = Broker::new(HOST, &id).unwrap().port(port).unwrap();
                        broker = broker.version(version).clean_session(clean);
                        broker = broker.keep_alive(KeepAlive::from_secs(seconds).unwrap_or(KeepAlive::NEVER));
                        if login {
                            broker = broker.login(USER_NAME, PASSWORD).unwrap();
                        }
                        if let Some((qos, retain)) = will {
                            broker = broker.will(Will::new(&topic, "gone").unwrap().qos(qos).retain(retain));
                        }
                        connect(&mut client, broker);
                        let user = if login { format!(", u'{USER_NAME}'") } else { String::new() };
                        let clean = u8::from(clean);
                        mosquitto.wait_for_log(&format!("as {id} (p{logged_version}, c{clean}, k{seconds}{user})"));
                        dies(&mosquitto, &mut client, &id);
                        assert_will(&mosquitto, &mut peer, &topic, will);
                    }
                }
            }
        }
    }
    assert_eq!(number, 168);
}

/// Somebody with the same client id takes the place of the device, which ends without a DISCONNECT.
fn dies(mosquitto: &Mosquitto, client: &mut Client<'_>, id: &str) {
    let _successor = Peer::connect(mosquitto, id);
    match client.next_event(limit()).unwrap() {
        Some(Event::Disconnected(_)) => assert!(!client.is_connected()),
        other => panic!("no end of the connection, but {other:?}"),
    }
}

/// The next message at the peer is the will, if there is one, and the one after it is not.
fn assert_will(mosquitto: &Mosquitto, peer: &mut Peer, topic: &str, will: Option<(QoS, bool)>) {
    if let Some((qos, retain)) = will {
        assert_eq!(peer.next_message(), Delivered::live(topic, b"gone", qos));
        if retain {
            let mut late = Peer::subscribed(mosquitto, "late", topic);
            assert_eq!(late.next_message(), Delivered::retained(topic, b"gone", qos));
        }
    }
    let mut late = Peer::subscribed(mosquitto, "later", topic);
    peer.publish(topic, b"the end", QoS::AtLeastOnce);
    assert_eq!(peer.next_message(), Delivered::live(topic, b"the end", QoS::AtLeastOnce));
    let first = late.next_message();
    assert_eq!(first.retain, will.is_some_and(|(_, retain)| retain), "{first:?}");
}

#[test]
fn promise_3_every_qos_meets_every_qos_on_every_session() {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::subscribed(&mosquitto, "peer", "up/#");
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    let mut number = 0;
    for (version, _) in VERSIONS {
        for clean in [true, false] {
            for published in EVERY_QOS {
                for subscribed in EVERY_QOS {
                    for filter in ["down/{}/value", "down/{}/+", "down/{}/#"] {
                        number += 1;
                        let round = Round {
                            id: format!("device{number}x"),
                            filter: filter.replace("{}", &number.to_string()),
                            down: format!("down/{number}/value"),
                            up: format!("up/{number}"),
                            version,
                            clean,
                            published,
                            subscribed,
                        };
                        round.run(&mosquitto, &mut peer, &mut client);
                    }
                }
            }
        }
    }
    assert_eq!(number, 108);
}

/// One life of a device, with topics of its own.
struct Round {
    id: String,
    filter: String,
    down: String,
    up: String,
    version: ProtocolVersion,
    clean: bool,
    published: QoS,
    subscribed: QoS,
}

impl Round {
    fn run(&self, mosquitto: &Mosquitto, peer: &mut Peer, client: &mut Client<'_>) {
        let Self { filter, down, published, subscribed, .. } = self;
        peer.publish_retained(down, b"kept", *published);
        connect(client, self.broker(mosquitto));
        client.subscribe(filter, *subscribed).unwrap();
        self.assert_received(mosquitto, client, "kept", true);
        peer.publish(down, b"live", *published);
        self.assert_received(mosquitto, client, "live", false);
        self.assert_sent(mosquitto, peer, client);

        client.disconnect().unwrap();
        mosquitto.wait_for_log(&format!("Received DISCONNECT from {}", self.id));
        peer.publish(down, b"missed", *published);
        connect(client, self.broker(mosquitto));
        if self.clean {
            client.subscribe(filter, *subscribed).unwrap();
            self.assert_received(mosquitto, client, "kept", true);
        } else if self.effective() != QoS::AtMostOnce {
            self.assert_received(mosquitto, client, "missed", false);
        }
        peer.publish(down, b"the end", *published);
        self.assert_received(mosquitto, client, "the end", false);
        client.disconnect().unwrap();
    }

    fn broker<'a>(&'a self, mosquitto: &Mosquitto) -> Broker<'a> {
        let broker = Broker::new(HOST, &self.id).unwrap().port(mosquitto.port()).unwrap();
        broker.version(self.version).clean_session(self.clean)
    }

    /// What a subscription makes of a message's QoS: the lower of both.
    fn effective(&self) -> QoS {
        if (self.published as u8) < self.subscribed as u8 { self.published } else { self.subscribed }
    }

    /// The next message of the driver is this one; by the log of the broker it came at the right QoS, as retained or not.
    fn assert_received(&self, mosquitto: &Mosquitto, client: &mut Client<'_>, payload: &str, retained: bool) {
        let qos = self.effective();
        assert_eq!(next_message(client), Received::new(&self.down, payload.as_bytes(), qos), "{}", self.id);
        let (qos, retained) = (qos as u8, u8::from(retained));
        mosquitto.wait_for_log(&format!("Sending PUBLISH to {} (d0, q{qos}, r{retained}, m", self.id));
    }

    /// Both a message and one that is to be kept arrive at the peer as they were published, and only the latter waits for
    /// a later subscriber.
    fn assert_sent(&self, mosquitto: &Mosquitto, peer: &mut Peer, client: &mut Client<'_>) {
        let Self { up, published: qos, .. } = self;
        for (payload, retain) in [(&b"out"[..], false), (b"kept", true)] {
            client.publish(&Publish::new(up, payload).qos(*qos).retain(retain)).unwrap();
            assert_eq!(peer.next_message(), Delivered::live(up, payload, *qos), "{}", self.id);
            let mut late = Peer::subscribed(mosquitto, "late", up);
            if !retain {
                late.publish(up, b"nothing was kept", QoS::AtLeastOnce);
                assert_eq!(late.next_message(), Delivered::live(up, b"nothing was kept", QoS::AtLeastOnce));
                assert_eq!(peer.next_message(), Delivered::live(up, b"nothing was kept", QoS::AtLeastOnce));
            } else {
                assert_eq!(late.next_message(), Delivered::retained(up, payload, *qos));
            }
        }
    }
}
