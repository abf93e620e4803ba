//! Packets out of a byte stream: the codec, and the checks that it leaves to its user.

use bytes::{Buf, BufMut, BytesMut};
use mqttbytes::v4::{self, Connect, Packet, PingResp};
use mqttbytes::{Error, PacketType, check};

/// What a byte stream brings.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    /// A CONNECT of level 3 (MQTT 3.1) or 4 (MQTT 3.1.1).
    Connect { level: u8, connect: Connect },
    /// A CONNECT of another level, unread.
    OtherLevel(u8),
    /// Any other packet.
    Other(Packet),
}

/// Takes the next packet off a stream. `Ok(None)` asks for more bytes; after an error the stream is lost.
pub(super) fn next_packet(stream: &mut BytesMut, longest: usize) -> Result<Option<Incoming>, String> {
    // The first byte is judged at once, so that noise does not pass for the start of a very long packet.
    let Some(&first) = stream.first() else { return Ok(None) };
    check_first_byte(first)?;

    let header = match check(stream.iter(), longest) {
        Ok(header) => header,
        Err(Error::InsufficientBytes(_)) => return Ok(None),
        Err(error) => return Err(format!("{error:?}")),
    };
    let mut frame = stream.split_to(header.frame_length());
    if first >> 4 == PacketType::Connect as u8 {
        return connect(&frame, longest).map(Some);
    }
    let bare = matches!(header.packet_type(), Ok(PacketType::PingReq | PacketType::Disconnect));
    if bare && frame.len() > 2 {
        return Err("bytes after a packet that has none".into());
    }
    match v4::read(&mut frame, longest) {
        Ok(packet) => check_packet(packet).map(|packet| Some(Incoming::Other(packet))),
        Err(error) => Err(format!("{error:?}")),
    }
}

/// The bytes of a packet that the platform sends.
pub(super) fn encode(packet: &Packet) -> BytesMut {
    let mut bytes = BytesMut::new();
    let written = match packet {
        Packet::ConnAck(packet) => packet.write(&mut bytes),
        Packet::Publish(packet) => packet.write(&mut bytes),
        Packet::PubAck(packet) => packet.write(&mut bytes),
        Packet::SubAck(packet) => packet.write(&mut bytes),
        Packet::UnsubAck(packet) => packet.write(&mut bytes),
        Packet::PingResp => PingResp.write(&mut bytes),
        _ => unreachable!("the platform never sends {packet:?}"),
    };
    written.expect("a message at QoS 1 has an id, and none is longer than 256 MB");
    bytes
}

/// The codec looks neither at the reserved flags nor at the type before the whole packet has arrived.
fn check_first_byte(first: u8) -> Result<(), String> {
    let flags = first & 0x0f;
    let expected = match first >> 4 {
        3 => flags,
        6 | 8 | 10 => 0x02,
        0 | 15 => return Err(format!("no packet starts with {first:#04x}")),
        _ => 0x00,
    };
    if flags == expected { Ok(()) } else { Err(format!("reserved flags in {first:#04x}")) }
}

fn check_packet(packet: Packet) -> Result<Packet, String> {
    match &packet {
        Packet::Subscribe(subscribe) if subscribe.pkid == 0 || subscribe.filters.is_empty() => {
            Err("SUBSCRIBE without id or filter".into())
        }
        Packet::Unsubscribe(unsubscribe) if unsubscribe.pkid == 0 || unsubscribe.topics.is_empty() => {
            Err("UNSUBSCRIBE without id or filter".into())
        }
        Packet::Publish(publish) if !mqttbytes::valid_topic(&publish.topic) || publish.topic.is_empty() => {
            Err("PUBLISH to a topic that is empty or has wildcards".into())
        }
        _ => Ok(packet),
    }
}

/// Reads a CONNECT. The codec knows level 4 only; a CONNECT of level 3 differs from it in nothing but the name and
/// number of the protocol, so these are exchanged before the codec sees it.
fn connect(frame: &[u8], longest: usize) -> Result<Incoming, String> {
    let length_bytes = 1 + frame[1..].iter().take_while(|byte| **byte & 0x80 != 0).count();
    let body = &frame[1 + length_bytes..];
    let (level, rest) = match body {
        [0, 4, b'M', b'Q', b'T', b'T', 4, rest @ ..] => (4, rest),
        [0, 6, b'M', b'Q', b'I', b's', b'd', b'p', 3, rest @ ..] => (3, rest),
        [0, 4, b'M', b'Q', b'T', b'T', level, ..] | [0, 6, b'M', b'Q', b'I', b's', b'd', b'p', level, ..] => {
            return Ok(Incoming::OtherLevel(*level));
        }
        _ => return Err("CONNECT of another protocol".into()),
    };
    if rest.first().is_some_and(|flags| flags & 0x01 != 0) {
        return Err("reserved flag in CONNECT".into());
    }

    let mut renamed = BytesMut::new();
    renamed.put_u8(0x10);
    put_length(&mut renamed, rest.len() + 7);
    renamed.put_slice(b"\x00\x04MQTT\x04");
    renamed.put_slice(rest);
    match v4::read(&mut renamed, longest) {
        Ok(Packet::Connect(connect)) if connect_length(&connect, rest) == rest.len() => {
            Ok(Incoming::Connect { level, connect })
        }
        Ok(_) => Err("bytes after the end of a CONNECT".into()),
        Err(error) => Err(format!("{error:?}")),
    }
}

/// How long what follows the level should be, given what was read from it.
fn connect_length(connect: &Connect, mut rest: &[u8]) -> usize {
    let flags = rest.get_u8();
    let mut length = 1 + 2 + 2 + connect.client_id.len();
    if let Some(will) = &connect.last_will {
        length += 2 + will.topic.len() + 2 + will.message.len();
    }
    let (username, password) =
        connect.login.as_ref().map_or((0, 0), |login| (login.username.len(), login.password.len()));
    if flags & 0x80 != 0 {
        length += 2 + username;
    }
    if flags & 0x40 != 0 {
        length += 2 + password;
    }
    length
}

fn put_length(buffer: &mut BytesMut, mut length: usize) {
    while length >= 0x80 {
        buffer.put_u8(length as u8 | 0x80);
        length >>= 7;
    }
    buffer.put_u8(length as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: usize = 1024;

    fn next(bytes: &[u8]) -> Result<Option<Incoming>, String> {
        next_packet(&mut BytesMut::from(bytes), LONGEST)
    }

    /// A CONNECT with a client id `c`, for any name and level of the protocol.
    fn connect_of(name: &[u8], level: u8) -> Vec<u8> {
        let mut bytes = vec![0x10, 2 + name.len() as u8 + 7, 0, name.len() as u8];
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(&[level, 0x02, 0x00, 0x3c, 0x00, 0x01, b'c']);
        bytes
    }

    #[test]
    fn both_levels_of_mqtt_3_are_read_alike() {
        for (name, expected) in [(&b"MQTT"[..], 4), (&b"MQIsdp"[..], 3)] {
            let Ok(Some(Incoming::Connect { level, connect })) = next(&connect_of(name, expected)) else {
                panic!("level {expected} was not read");
            };
            assert_eq!(level, expected);
            assert_eq!((connect.client_id.as_str(), connect.keep_alive, connect.clean_session), ("c", 60, true));
        }
    }

    #[test]
    fn other_levels_are_reported_and_other_protocols_are_not_read() {
        assert_eq!(next(&connect_of(b"MQTT", 5)), Ok(Some(Incoming::OtherLevel(5))));
        assert_eq!(next(&connect_of(b"MQTT", 3)), Ok(Some(Incoming::OtherLevel(3))));
        assert!(next(&connect_of(b"AMQP", 4)).is_err());
    }

    #[test]
    fn a_connect_with_more_bytes_than_it_tells_is_an_error() {
        let mut bytes = connect_of(b"MQTT", 4);
        bytes[1] += 1;
        bytes.push(0);
        assert!(next(&bytes).is_err());
    }

    #[test]
    fn a_connect_with_the_reserved_flag_is_an_error() {
        let mut bytes = connect_of(b"MQTT", 4);
        bytes[9] |= 0x01;
        assert!(next(&bytes).is_err());
    }

    #[test]
    fn packets_come_out_whole_however_the_bytes_arrive() {
        let bytes = b"\x30\x05\x00\x01tab\xc0\x00";
        let mut stream = BytesMut::new();
        let mut packets = Vec::new();
        for byte in bytes {
            stream.put_u8(*byte);
            packets.extend(next_packet(&mut stream, LONGEST).unwrap());
        }
        let [Incoming::Other(Packet::Publish(publish)), Incoming::Other(Packet::PingReq)] = &packets[..] else {
            panic!("{packets:?}");
        };
        assert_eq!(&publish.payload[..], b"ab");
    }

    #[test]
    fn what_no_client_may_send_is_an_error() {
        for bytes in [
            &b"\x00"[..],
            b"\xf0",
            // The packet printed in the NB-IoT article, which lacks its first byte: read as a PUBCOMP with flags.
            b"\x74",
            b"\x80\x06\x00\x01\x00\x01t\x01",
            b"\x82\x06\x00\x00\x00\x01t\x01",
            b"\x82\x02\x00\x01",
            b"\xc0\x01\x00",
            b"\x36\x05\x00\x01t\x00\x01",
            b"\x32\x05\x00\x01t\x00\x00",
            b"\x30\x04\x00\x02t+",
            b"\x30\x02\x00\x00",
            b"\x30\x03\x00\x09t",
            b"\x30\xff\xff\xff\xff\x01",
            b"\x30\xff\x7f",
        ] {
            assert!(next(bytes).is_err(), "{bytes:02x?}");
        }
    }
}
