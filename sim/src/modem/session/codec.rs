//! Packets to bytes and back, by the crate `mqttbytes`; CONNECT of MQTT 3.1 is the only one that it cannot write.

use bytes::{BufMut, Bytes, BytesMut};
use mqttbytes::v4::{
    self, Connect, Disconnect, LastWill, Packet, PingReq, PubAck, PubComp, PubRec, PubRel, Publish, Subscribe,
    SubscribeFilter, Unsubscribe,
};
use mqttbytes::{Error, Protocol, QoS};

use super::SessionSettings;

/// Which CONNECT is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProtocolVersion {
    /// `MQIsdp`, level 3.
    V31,
    /// `MQTT`, level 4.
    V311,
}

/// Who signs in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) client_id: String,
    /// Not sent if empty.
    pub(crate) username: String,
    /// Not sent if empty.
    pub(crate) password: String,
}

/// What the broker publishes if the session is lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Will {
    pub(crate) qos: QoS,
    pub(crate) retain: bool,
    pub(crate) topic: String,
    pub(crate) message: Vec<u8>,
}

/// The codec's errors of writing are packets without id and longer than 256 MB, which no caller can ask for.
const WRITABLE: &str = "a packet with an id, of a length that an AT command can give";

pub(super) fn write_connect(settings: &SessionSettings, output: &mut BytesMut) {
    let login = &settings.login;
    let connect = Connect {
        protocol: Protocol::V4,
        keep_alive: settings.keep_alive,
        client_id: login.client_id.clone(),
        clean_session: settings.clean,
        last_will: settings
            .will
            .as_ref()
            .map(|will| LastWill::new(&will.topic, will.message.clone(), will.qos, will.retain)),
        login: (!login.username.is_empty() || !login.password.is_empty())
            .then(|| v4::Login::new(&login.username, &login.password)),
    };
    let mut written = BytesMut::new();
    connect.write(&mut written).expect(WRITABLE);
    if settings.version == ProtocolVersion::V31 {
        written = as_version_3_1(&written);
    }
    output.extend_from_slice(&written);
}

/// MQTT 3.1 differs in the name and the level only, and its name is two bytes longer.
fn as_version_3_1(connect: &[u8]) -> BytesMut {
    const HEAD: &[u8] = b"\0\x04MQTT\x04";
    const OLD_HEAD: &[u8] = b"\0\x06MQIsdp\x03";
    let body = connect.windows(HEAD.len()).position(|window| window == HEAD).unwrap_or_default();
    let tail = &connect[body + HEAD.len()..];
    let mut old = BytesMut::new();
    old.put_u8(connect[0]);
    let mut length = OLD_HEAD.len() + tail.len();
    while length >= 128 {
        old.put_u8((length % 128) as u8 | 128);
        length /= 128;
    }
    old.put_u8(length as u8);
    old.extend_from_slice(OLD_HEAD);
    old.extend_from_slice(tail);
    old
}

pub(super) fn write_publish(publish: &Publish, output: &mut BytesMut) {
    publish.write(output).expect(WRITABLE);
}

pub(super) fn publish(packet_id: u16, qos: QoS, retain: bool, topic: &str, payload: Vec<u8>) -> Publish {
    let mut publish = Publish::from_bytes(topic, qos, Bytes::from(payload));
    publish.pkid = packet_id;
    publish.retain = retain;
    publish
}

pub(super) fn write_subscribe(packet_id: u16, filters: &[(String, QoS)], output: &mut BytesMut) {
    let filters = filters.iter().map(|(filter, qos)| SubscribeFilter::new(filter.clone(), *qos));
    let mut subscribe = Subscribe::new_many(filters);
    subscribe.pkid = packet_id;
    subscribe.write(output).expect(WRITABLE);
}

pub(super) fn write_unsubscribe(packet_id: u16, filters: &[String], output: &mut BytesMut) {
    let unsubscribe = Unsubscribe { pkid: packet_id, topics: filters.to_vec() };
    unsubscribe.write(output).expect(WRITABLE);
}

pub(super) fn write_publish_acknowledged(packet_id: u16, output: &mut BytesMut) {
    PubAck::new(packet_id).write(output).expect(WRITABLE);
}

pub(super) fn write_publish_received(packet_id: u16, output: &mut BytesMut) {
    PubRec::new(packet_id).write(output).expect(WRITABLE);
}

pub(super) fn write_publish_released(packet_id: u16, output: &mut BytesMut) {
    PubRel::new(packet_id).write(output).expect(WRITABLE);
}

pub(super) fn write_publish_complete(packet_id: u16, output: &mut BytesMut) {
    PubComp::new(packet_id).write(output).expect(WRITABLE);
}

pub(super) fn write_ping(output: &mut BytesMut) {
    PingReq.write(output).expect(WRITABLE);
}

pub(super) fn write_disconnect(output: &mut BytesMut) {
    Disconnect.write(output).expect(WRITABLE);
}

/// The next whole packet, `None` if it has not come yet.
pub(super) fn next_packet(input: &mut BytesMut) -> Result<Option<Packet>, Error> {
    match v4::read(input, usize::MAX) {
        Ok(packet) => Ok(Some(packet)),
        Err(Error::InsufficientBytes(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modem::session::tests::settings;

    fn connect(settings: &SessionSettings) -> Vec<u8> {
        let mut output = BytesMut::new();
        write_connect(settings, &mut output);
        output.to_vec()
    }

    #[test]
    fn login_and_will_are_in_connect() {
        let mut settings = settings();
        settings.login.username = "u".to_owned();
        settings.login.password = "p".to_owned();
        settings.will =
            Some(Will { qos: QoS::AtLeastOnce, retain: true, topic: "t/x".to_owned(), message: b"off".to_vec() });
        let expected = b"\x10\x21\0\x04MQTT\x04\xee\0\x3c\0\x05modem\0\x03t/x\0\x03off\0\x01u\0\x01p";
        assert_eq!(connect(&settings), expected);
    }

    #[test]
    fn version_3_1_has_its_own_name() {
        let mut settings = settings();
        settings.version = ProtocolVersion::V31;
        assert_eq!(connect(&settings), b"\x10\x13\0\x06MQIsdp\x03\x02\0\x3c\0\x05modem");
        settings.login.client_id = "c".repeat(200);
        let long = connect(&settings);
        assert_eq!(&long[..12], b"\x10\xd6\x01\0\x06MQIsdp\x03");
        assert_eq!(long.len(), 3 + 0xd6);
    }
}
