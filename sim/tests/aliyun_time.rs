//! How long the Aliyun double bears silence, and what it tells of its own deadlines.

mod aliyun_client;

use core::time::Duration;

use aliyun_client::{Bench, DEVICE_NAME, PRODUCT_KEY, TOPIC, connect, encode};
use mqttbytes::v4::{Packet, PubAck};
use nt35e_sim::aliyun::{CloseReason, ConnectionId, QoS};

const MILLISECOND: Duration = Duration::from_millis(1);
/// One and a half times the keep-alive of 60 s.
const PATIENCE: Duration = Duration::from_secs(90);

#[test]
fn silence_for_one_and_a_half_keep_alives_ends_a_connection() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    assert_eq!(bench.cloud.next_due(), Some(PATIENCE));
    bench.pass(PATIENCE - MILLISECOND);
    assert!(bench.cloud.is_open(connection));
    bench.pass(MILLISECOND);
    assert!(!bench.cloud.is_open(connection));
    assert_eq!(bench.cloud.close_reasons(), [&CloseReason::KeepAlive]);
    assert_eq!(bench.cloud.next_due(), None);
    assert_eq!(bench.cloud.connection_of(PRODUCT_KEY, DEVICE_NAME), None);
}

#[test]
fn a_ping_is_answered() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    assert_eq!(bench.exchange(connection, Packet::PingReq), [Packet::PingResp]);
}

#[test]
fn each_packet_of_the_client_starts_the_time_anew() {
    let packets: [fn(&mut Bench, ConnectionId); 4] = [
        |bench, connection| drop(bench.exchange(connection, Packet::PingReq)),
        |bench, connection| drop(bench.publish(connection, QoS::AtMostOnce, TOPIC, "x")),
        |bench, connection| drop(bench.subscribe(connection, &[TOPIC])),
        |bench, connection| bench.send(connection, Packet::PubAck(PubAck::new(1))),
    ];
    for packet in packets {
        let mut bench = Bench::new();
        let connection = bench.sign_in(true);
        bench.pass(PATIENCE - MILLISECOND);
        packet(&mut bench, connection);
        bench.pass(PATIENCE - MILLISECOND);
        assert!(bench.cloud.is_open(connection));
        bench.pass(MILLISECOND);
        assert!(!bench.cloud.is_open(connection));
    }
}

#[test]
fn neither_half_a_packet_nor_a_message_down_starts_it_anew() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[TOPIC]);
    bench.pass(PATIENCE - MILLISECOND);
    bench.cloud.receive(connection, &[0xc0], bench.now);
    bench.cloud.publish_to(TOPIC, b"x", QoS::AtMostOnce);
    bench.pass(MILLISECOND);
    bench.cloud.transmit(connection);
    assert!(!bench.cloud.is_open(connection));
}

#[test]
fn a_connection_without_a_connect_is_closed() {
    let mut bench = Bench::with(|settings| settings.limits.connect_wait = Some(Duration::from_secs(3)));
    let connection = bench.open();
    assert_eq!(bench.cloud.next_due(), Some(Duration::from_secs(3)));
    let bytes = encode(Packet::Connect(connect(true)));
    bench.cloud.receive(connection, &bytes[..20], bench.now);
    bench.pass(Duration::from_secs(3));
    assert!(!bench.cloud.is_open(connection));
    assert_eq!(bench.cloud.close_reasons(), [&CloseReason::NoConnect]);
    bench.cloud.receive(connection, &bytes[20..], bench.now);
    assert!(bench.cloud.transmit(connection).is_empty(), "what comes later is not read");
}

#[test]
fn what_arrives_too_late_is_not_read_even_without_a_tick() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.now += PATIENCE;
    assert_eq!(bench.exchange(connection, Packet::PingReq), []);
    assert!(!bench.cloud.is_open(connection));
}

#[test]
fn time_never_runs_backwards() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.pass(Duration::from_secs(50));
    bench.cloud.receive(connection, &encode(Packet::PingReq), Duration::ZERO);
    assert_eq!(bench.cloud.next_due(), Some(Duration::from_secs(140)));
    let times: Vec<_> = bench.cloud.events().iter().map(|event| event.at).collect();
    assert!(times.is_sorted());
}

#[test]
fn the_same_input_gives_the_same_log() {
    let run = || {
        let mut bench = Bench::new();
        let connection = bench.sign_in(false);
        bench.subscribe(connection, &[TOPIC]);
        bench.pass(Duration::from_secs(1));
        bench.publish(connection, QoS::AtLeastOnce, TOPIC, "x");
        bench.break_off(connection);
        bench.sign_in(false);
        bench.cloud.events().to_vec()
    };
    assert_eq!(run(), run());
}
