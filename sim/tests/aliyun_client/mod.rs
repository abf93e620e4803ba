//! A device for the tests of the Aliyun double: packets in, packets out, time by hand.
#![allow(dead_code, reason = "each test file uses its share of it")]

use core::time::Duration;

use bytes::BytesMut;
use mqttbytes::v4::{self, ConnAck, Connect, Packet, Publish, Subscribe, SubscribeFilter};
use nt35e_sim::aliyun::credentials::{SignMethod, content, sign};
use nt35e_sim::aliyun::{Channel, Cloud, CloudSettings, ConnectReturnCode, ConnectionId, EventKind, QoS, Refusal};

pub(crate) const PRODUCT_KEY: &str = "a1JszCpjS61";
pub(crate) const DEVICE_NAME: &str = "NT35E_06011";
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const TOPIC: &str = "/a1JszCpjS61/NT35E_06011/user/COMMUTEST";
pub(crate) const SET: &str = "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set";

/// A double with one device, and the time.
pub(crate) struct Bench {
    pub(crate) cloud: Cloud,
    pub(crate) now: Duration,
    /// What came behind a CONNACK, for the next look.
    unread: Vec<(ConnectionId, Packet)>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// With settings that differ from the defaults.
    pub(crate) fn with(change: impl FnOnce(&mut CloudSettings)) -> Self {
        let mut settings = CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, SECRET);
        change(&mut settings);
        Self { cloud: Cloud::new(settings), now: Duration::ZERO, unread: Vec::new() }
    }

    pub(crate) fn open(&mut self) -> ConnectionId {
        self.cloud.accept(Channel::Plain, self.now)
    }

    /// Opens a connection and signs the device in on it, with a clean session or without.
    pub(crate) fn sign_in(&mut self, clean_session: bool) -> ConnectionId {
        let connection = self.open();
        let ack = self.connect(connection, &connect(clean_session));
        assert_eq!(ack.map(|ack| ack.code), Some(ConnectReturnCode::Success), "{:?}", self.cloud.events());
        connection
    }

    /// Sends a CONNECT and gives the first packet that comes back.
    pub(crate) fn connect(&mut self, connection: ConnectionId, connect: &Connect) -> Option<ConnAck> {
        let mut answers = self.exchange(connection, Packet::Connect(connect.clone())).into_iter();
        let ack = match answers.next() {
            Some(Packet::ConnAck(ack)) => Some(ack),
            None => None,
            other => panic!("{other:?}"),
        };
        self.unread.extend(answers.map(|packet| (connection, packet)));
        ack
    }

    pub(crate) fn subscribe(&mut self, connection: ConnectionId, filters: &[&str]) -> Packet {
        let filters = filters.iter().map(|filter| SubscribeFilter::new((*filter).into(), QoS::AtMostOnce));
        let subscribe = Subscribe { pkid: 7, filters: filters.collect() };
        self.exchange(connection, Packet::Subscribe(subscribe)).remove(0)
    }

    pub(crate) fn publish(&mut self, connection: ConnectionId, qos: QoS, topic: &str, payload: &str) -> Vec<Packet> {
        let mut publish = Publish::new(topic, qos, payload);
        publish.pkid = 11;
        self.exchange(connection, Packet::Publish(publish))
    }

    pub(crate) fn exchange(&mut self, connection: ConnectionId, packet: Packet) -> Vec<Packet> {
        self.send(connection, packet);
        self.receive(connection)
    }

    pub(crate) fn send(&mut self, connection: ConnectionId, packet: Packet) {
        let bytes = encode(packet);
        self.cloud.receive(connection, &bytes, self.now);
    }

    pub(crate) fn receive(&mut self, connection: ConnectionId) -> Vec<Packet> {
        let unread = self.unread.extract_if(.., |(of, _)| *of == connection);
        let mut packets: Vec<Packet> = unread.map(|(_, packet)| packet).collect();
        packets.extend(decode(&self.cloud.transmit(connection)));
        packets
    }

    /// The messages among what arrives.
    pub(crate) fn messages(&mut self, connection: ConnectionId) -> Vec<Publish> {
        let packets = self.receive(connection).into_iter();
        packets.filter_map(|packet| if let Packet::Publish(publish) = packet { Some(publish) } else { None }).collect()
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.cloud.tick(self.now);
    }

    /// Breaks the connection off from the device's side.
    pub(crate) fn break_off(&mut self, connection: ConnectionId) {
        self.cloud.closed(connection, self.now);
    }

    pub(crate) fn last_refusal(&self) -> Option<&Refusal> {
        self.cloud.events().iter().rev().find_map(|event| match &event.kind {
            EventKind::ConnectRefused { reason, .. } => Some(reason),
            _ => None,
        })
    }
}

/// A CONNECT that the double accepts on a plain connection: SHA-1, a timestamp, 60 s of keep-alive.
pub(crate) fn connect(clean_session: bool) -> Connect {
    connect_with("securemode=3,signmethod=hmacsha1,timestamp=2524608000000", clean_session)
}

/// A CONNECT with other parameters behind the client id; its password fits them.
pub(crate) fn connect_with(parameters: &str, clean_session: bool) -> Connect {
    connect_as("NT35E", DEVICE_NAME, parameters, clean_session)
}

/// A CONNECT of another device with the same secret.
pub(crate) fn connect_for(device_name: &str) -> Connect {
    connect_as("NT35E", device_name, "securemode=3,signmethod=hmacsha1", true)
}

/// A CONNECT with everything of its own but the product and the secret.
pub(crate) fn connect_as(client_id: &str, device_name: &str, parameters: &str, clean_session: bool) -> Connect {
    let value = |key: &str| parameters.split(',').find_map(|item| item.strip_prefix(key)?.strip_prefix('='));
    let method = value("signmethod").and_then(SignMethod::from_name).unwrap_or(SignMethod::HmacMd5);
    let password = sign(method, SECRET, &content(client_id, device_name, PRODUCT_KEY, value("timestamp")));
    let mut connect = Connect::new(format!("{client_id}|{parameters}|"));
    connect.clean_session = clean_session;
    connect.keep_alive = 60;
    connect.set_login(format!("{device_name}&{PRODUCT_KEY}"), password);
    connect
}

pub(crate) fn encode(packet: Packet) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    match packet {
        Packet::Connect(packet) => packet.write(&mut bytes),
        Packet::Publish(packet) => packet.write(&mut bytes),
        Packet::PubAck(packet) => packet.write(&mut bytes),
        Packet::PubRel(packet) => packet.write(&mut bytes),
        Packet::Subscribe(packet) => packet.write(&mut bytes),
        Packet::Unsubscribe(packet) => packet.write(&mut bytes),
        Packet::PingReq => v4::PingReq.write(&mut bytes),
        Packet::Disconnect => v4::Disconnect.write(&mut bytes),
        packet => panic!("no device sends {packet:?}"),
    }
    .expect("the packet is well formed");
    bytes.to_vec()
}

/// Takes apart what the double sent; anything but whole packets is a fault.
pub(crate) fn decode(bytes: &[u8]) -> Vec<Packet> {
    let mut stream = BytesMut::from(bytes);
    let mut packets = Vec::new();
    while !stream.is_empty() {
        packets.push(v4::read(&mut stream, usize::MAX).expect("the double sends whole packets"));
    }
    packets
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
