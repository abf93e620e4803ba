//! Another MQTT client at the same broker, with a codec that is not the driver's.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::TcpStream;

use bytes::BytesMut;
use mqttbytes::v4::{
    Connect, ConnectReturnCode, Packet, PubAck, PubComp, PubRec, PubRel, Publish, Subscribe, SubscribeReasonCode, read,
};
use nt35e::QoS;

use crate::mosquitto::{HOST, LIMIT, Mosquitto};

/// A message as the broker sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivered {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) qos: QoS,
    pub(crate) retain: bool,
    /// The broker has sent it before.
    pub(crate) again: bool,
}

impl Delivered {
    /// A message that was published just now, and came once.
    pub(crate) fn live(topic: &str, payload: &[u8], qos: QoS) -> Self {
        Self { topic: topic.to_owned(), payload: payload.to_vec(), qos, retain: false, again: false }
    }

    /// A message that the broker had kept.
    pub(crate) fn retained(topic: &str, payload: &[u8], qos: QoS) -> Self {
        Self { retain: true, ..Self::live(topic, payload, qos) }
    }
}

/// A client that is signed in.
pub(crate) struct Peer {
    stream: TcpStream,
    input: BytesMut,
    delivered: VecDeque<Delivered>,
    last_packet_id: u16,
}

impl Peer {
    /// Signs in with a clean session.
    pub(crate) fn connect(mosquitto: &Mosquitto, client_id: &str) -> Self {
        let stream = TcpStream::connect((HOST, mosquitto.port())).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        let mut peer = Self { stream, input: BytesMut::new(), delivered: VecDeque::new(), last_packet_id: 0 };
        let mut connect = Connect::new(client_id);
        connect.keep_alive = 0;
        peer.send(|output| connect.write(output));
        let Packet::ConnAck(answer) = peer.packet() else { panic!("the broker must answer CONNECT first") };
        assert_eq!(answer.code, ConnectReturnCode::Success);
        peer
    }

    /// Signs in and subscribes at QoS 2, so that every message comes at the level that it was published at.
    pub(crate) fn subscribed(mosquitto: &Mosquitto, client_id: &str, filter: &str) -> Self {
        let mut peer = Self::connect(mosquitto, client_id);
        let mut subscribe = Subscribe::new(filter, mqttbytes::QoS::ExactlyOnce);
        subscribe.pkid = peer.next_packet_id();
        peer.send(|output| subscribe.write(output));
        let Packet::SubAck(granted) = peer.answer() else { panic!("the broker must answer SUBSCRIBE") };
        assert_eq!(granted.return_codes, [SubscribeReasonCode::Success(mqttbytes::QoS::ExactlyOnce)]);
        peer
    }

    /// Publishes, and waits until the broker has acknowledged it at QoS 1 and 2.
    pub(crate) fn publish(&mut self, topic: &str, payload: &[u8], qos: QoS) {
        self.publish_as(topic, payload, qos, false);
    }

    /// Publishes a message that the broker is to keep.
    pub(crate) fn publish_retained(&mut self, topic: &str, payload: &[u8], qos: QoS) {
        self.publish_as(topic, payload, qos, true);
    }

    fn publish_as(&mut self, topic: &str, payload: &[u8], qos: QoS, retain: bool) {
        let mut publish = Publish::new(topic, mqttbytes::qos(qos as u8).unwrap(), payload);
        publish.retain = retain;
        if qos != QoS::AtMostOnce {
            publish.pkid = self.next_packet_id();
        }
        let packet_id = publish.pkid;
        self.send(|output| publish.write(output));
        match qos {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce => assert_eq!(self.answer(), Packet::PubAck(PubAck::new(packet_id))),
            QoS::ExactlyOnce => {
                assert_eq!(self.answer(), Packet::PubRec(PubRec::new(packet_id)));
                self.send(|output| PubRel::new(packet_id).write(output));
                assert_eq!(self.answer(), Packet::PubComp(PubComp::new(packet_id)));
            }
        }
    }

    /// The next message, which must come.
    pub(crate) fn next_message(&mut self) -> Delivered {
        loop {
            if let Some(delivered) = self.delivered.pop_front() {
                return delivered;
            }
            let packet = self.packet();
            if let Some(packet) = self.take(packet) {
                panic!("no message, but {packet:?}");
            }
        }
    }

    /// The next packet that is not about a message on its way here.
    fn answer(&mut self) -> Packet {
        loop {
            let packet = self.packet();
            if let Some(packet) = self.take(packet) {
                return packet;
            }
        }
    }

    /// Acknowledges what is about a message on its way here, and gives everything else back.
    fn take(&mut self, packet: Packet) -> Option<Packet> {
        match packet {
            Packet::Publish(publish) => self.take_message(publish),
            Packet::PubRel(release) => self.send(|output| PubComp::new(release.pkid).write(output)),
            packet => return Some(packet),
        }
        None
    }

    /// Every copy counts, whatever its packet id is.
    fn take_message(&mut self, publish: Publish) {
        let Publish { dup, retain, topic, pkid, payload, qos } = publish;
        let qos = match qos {
            mqttbytes::QoS::AtMostOnce => QoS::AtMostOnce,
            mqttbytes::QoS::AtLeastOnce => {
                self.send(|output| PubAck::new(pkid).write(output));
                QoS::AtLeastOnce
            }
            mqttbytes::QoS::ExactlyOnce => {
                self.send(|output| PubRec::new(pkid).write(output));
                QoS::ExactlyOnce
            }
        };
        self.delivered.push_back(Delivered { topic, payload: payload.to_vec(), qos, retain, again: dup });
    }

    fn packet(&mut self) -> Packet {
        loop {
            match read(&mut self.input, usize::MAX) {
                Ok(packet) => return packet,
                Err(mqttbytes::Error::InsufficientBytes(_)) => {}
                Err(error) => panic!("the broker sent no packet: {error:?}"),
            }
            let mut buffer = [0; 4096];
            let count = self.stream.read(&mut buffer).expect("the broker must answer in time");
            assert!(count > 0, "the broker has closed the connection");
            self.input.extend_from_slice(&buffer[..count]);
        }
    }

    fn send(&mut self, write: impl FnOnce(&mut BytesMut) -> Result<usize, mqttbytes::Error>) {
        let mut output = BytesMut::new();
        write(&mut output).unwrap();
        self.stream.write_all(&output).unwrap();
    }

    fn next_packet_id(&mut self) -> u16 {
        self.last_packet_id += 1;
        self.last_packet_id
    }
}
