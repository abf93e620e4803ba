//! What a test can make the Aliyun double do.

mod aliyun_client;

use core::time::Duration;

use aliyun_client::{Bench, DEVICE_NAME, PRODUCT_KEY, SECRET, TOPIC, connect, encode};
use mqttbytes::v4::{Packet, Publish};
use nt35e_sim::aliyun::{CloseReason, Device, EventKind, QoS};

#[test]
fn a_kicked_device_loses_its_connection_without_a_packet() {
    let mut bench = Bench::new();
    assert!(!bench.cloud.kick(PRODUCT_KEY, DEVICE_NAME), "there is nobody to kick");
    let connection = bench.sign_in(true);
    assert!(bench.cloud.kick(PRODUCT_KEY, DEVICE_NAME));
    assert!(bench.cloud.transmit(connection).is_empty());
    assert!(!bench.cloud.is_open(connection));
    assert_eq!(bench.cloud.close_reasons(), [&CloseReason::Kicked]);
    assert_eq!(bench.cloud.connection_of(PRODUCT_KEY, DEVICE_NAME), None);
    bench.sign_in(true);
}

#[test]
fn a_disabled_device_loses_its_connection() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    assert!(bench.cloud.disable_device(PRODUCT_KEY, DEVICE_NAME));
    assert!(!bench.cloud.is_open(connection));
    assert!(!bench.cloud.disable_device(PRODUCT_KEY, "OTHER"), "there is no such device");
}

#[test]
fn a_device_can_be_added_later() {
    let mut bench = Bench::with(|settings| settings.devices.clear());
    bench.cloud.add_device(Device::new(PRODUCT_KEY, DEVICE_NAME, SECRET));
    bench.sign_in(true);
}

#[test]
fn a_deleted_device_leaves_no_session() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(false);
    bench.subscribe(connection, &[TOPIC]);
    assert!(bench.cloud.delete_device(PRODUCT_KEY, DEVICE_NAME));
    bench.cloud.add_device(Device::new(PRODUCT_KEY, DEVICE_NAME, SECRET));
    let connection = bench.open();
    assert!(!bench.connect(connection, &connect(false)).unwrap().session_present);
    assert!(bench.cloud.subscriptions(PRODUCT_KEY, DEVICE_NAME).is_empty());
}

#[test]
fn a_connection_is_dropped_after_a_count_of_bytes() {
    for bytes in [0, 1, 3, 4] {
        let mut bench = Bench::new();
        bench.cloud.drop_after(bytes);
        let connection = bench.open();
        bench.send(connection, Packet::Connect(connect(true)));
        assert_eq!(bench.cloud.transmit(connection), [0x20, 0x02, 0x00, 0x00][..bytes]);
        assert!(!bench.cloud.is_open(connection), "after {bytes} bytes");
        assert_eq!(bench.cloud.close_reasons(), [&CloseReason::Dropped]);
        bench.sign_in(true);
    }
}

#[test]
fn the_bytes_are_counted_over_all_that_is_sent() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.cloud.drop_after(3);
    assert_eq!(bench.exchange(connection, Packet::PingReq), [Packet::PingResp]);
    bench.send(connection, Packet::PingReq);
    assert_eq!(bench.cloud.transmit(connection), [0xd0]);
    assert!(!bench.cloud.is_open(connection));
}

#[test]
fn a_dropped_puback_leaves_the_message_taken() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.cloud.drop_after(0);
    assert_eq!(bench.publish(connection, QoS::AtLeastOnce, TOPIC, "x"), []);
    assert!(!bench.cloud.is_open(connection));
    assert_eq!(bench.cloud.publishes_from(PRODUCT_KEY, DEVICE_NAME).len(), 1);
}

#[test]
fn a_stalled_double_is_deaf_and_dumb_and_catches_up() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.send(connection, Packet::PingReq);
    bench.cloud.stall(true);
    assert_eq!(bench.receive(connection), [], "nor does it send what it had ready");
    bench.send(connection, Packet::PingReq);
    bench.pass(Duration::from_secs(10_000));
    assert!(bench.cloud.is_open(connection), "it is also too stalled to close");
    assert_eq!(bench.cloud.next_due(), None);
    bench.cloud.stall(false);
    assert_eq!(bench.receive(connection), [Packet::PingResp, Packet::PingResp]);
    assert_eq!(bench.cloud.next_due(), Some(Duration::from_secs(10_090)), "the silence was not the client's");
}

#[test]
fn a_stalled_double_takes_connections_and_answers_none() {
    let mut bench = Bench::new();
    bench.cloud.stall(true);
    let connection = bench.open();
    assert_eq!(bench.connect(connection, &connect(true)), None);
    assert!(bench.cloud.is_open(connection));
    bench.cloud.stall(false);
    assert!(matches!(bench.receive(connection)[..], [Packet::ConnAck(_)]));
}

#[test]
fn injected_bytes_go_out_as_they_are() {
    let mut bench = Bench::new();
    assert!(!bench.cloud.inject(PRODUCT_KEY, DEVICE_NAME, b"\xff"));
    let connection = bench.sign_in(true);
    assert!(bench.cloud.inject(PRODUCT_KEY, DEVICE_NAME, b"\xff\x00junk"));
    assert_eq!(bench.cloud.transmit(connection), b"\xff\x00junk");
    assert!(bench.cloud.is_open(connection));
}

#[test]
fn what_was_on_its_way_still_goes_out_before_a_close() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    bench.cloud.publish_to(TOPIC, b"last", QoS::AtMostOnce);
    bench.cloud.kick(PRODUCT_KEY, DEVICE_NAME);
    assert!(bench.cloud.is_open(connection));
    assert_eq!(bench.messages(connection).len(), 1);
    assert!(!bench.cloud.is_open(connection));
}

#[test]
fn malformed_bytes_close_the_connection_and_are_noted() {
    for bytes in [&b"\x00"[..], b"\xf0\x00", b"\x80\x00", b"\x30\x01\x00", b"\x20\x02\x00\x00", b"\x10\xff\xff\xff\xff"]
    {
        let mut bench = Bench::new();
        let connection = bench.sign_in(true);
        bench.cloud.receive(connection, bytes, bench.now);
        assert!(!bench.cloud.is_open(connection), "{bytes:02x?}");
        assert!(matches!(bench.cloud.close_reasons()[..], [CloseReason::Malformed(_)]), "{bytes:02x?}");
    }
}

#[test]
fn no_bytes_make_the_double_panic() {
    // Every start of a packet, cut, prolonged and with each byte changed in turn.
    let mut seeds = vec![encode(Packet::Connect(connect(true)))];
    seeds.push(encode(Packet::Publish(Publish { pkid: 1, ..Publish::new(TOPIC, QoS::AtLeastOnce, "x") })));
    seeds.push(b"\x82\x06\x00\x01\x00\x01t\x01".to_vec());
    seeds.push(b"\xa2\x05\x00\x01\x00\x01t".to_vec());
    let mut bench = Bench::new();
    for seed in seeds {
        for at in 0..seed.len() {
            for value in [0x00, 0x01, 0x7f, 0x80, 0xc3, 0xff] {
                for signed_in in [false, true] {
                    let connection = if signed_in { bench.sign_in(true) } else { bench.open() };
                    let mut bytes = seed.clone();
                    bytes[at] = value;
                    bench.cloud.receive(connection, &bytes, bench.now);
                    bench.cloud.receive(connection, &seed[..at], bench.now);
                    bench.cloud.transmit(connection);
                    bench.break_off(connection);
                }
            }
        }
    }
    bench.cloud.clear_events();
    bench.sign_in(true);
}

#[test]
fn the_log_tells_both_directions_and_every_end() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.exchange(connection, Packet::PingReq);
    bench.exchange(connection, Packet::Disconnect);
    let kinds: Vec<&str> = bench
        .cloud
        .events()
        .iter()
        .map(|event| match &event.kind {
            EventKind::Opened(_) => "opened",
            EventKind::Received(Packet::Connect(_)) => "CONNECT",
            EventKind::ConnectAccepted { .. } => "accepted",
            EventKind::Sent(Packet::ConnAck(_)) => "CONNACK",
            EventKind::Received(Packet::PingReq) => "PINGREQ",
            EventKind::Sent(Packet::PingResp) => "PINGRESP",
            EventKind::Received(Packet::Disconnect) => "DISCONNECT",
            EventKind::Closed(CloseReason::Disconnect) => "closed",
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = ["opened", "CONNECT", "accepted", "CONNACK", "PINGREQ", "PINGRESP", "DISCONNECT", "closed"];
    assert_eq!(kinds, expected);
    assert!(bench.cloud.events().iter().all(|event| event.connection == Some(connection)));
}
