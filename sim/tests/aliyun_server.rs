//! The Aliyun double behind a TCP port.

mod aliyun_client;

use core::net::SocketAddr;
use core::time::Duration;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use aliyun_client::{DEVICE_NAME, PRODUCT_KEY, SECRET, TOPIC, connect, connect_with, encode};
use mqttbytes::v4::{Connect, Packet, Publish, Subscribe};
use nt35e_sim::aliyun::{Channel, CloseReason, CloudServer, CloudSettings, QoS};

/// Far more than anything here takes: it only ends a test that fails.
const LIMIT: Duration = Duration::from_secs(10);

fn settings() -> CloudSettings {
    CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, SECRET)
}

fn open(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

fn send(stream: &mut TcpStream, packet: Packet) {
    stream.write_all(&encode(packet)).unwrap();
}

fn receive<const LENGTH: usize>(stream: &mut TcpStream) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

fn sign_in(address: SocketAddr) -> TcpStream {
    let mut stream = open(address);
    send(&mut stream, Packet::Connect(connect(true)));
    assert_eq!(receive(&mut stream), [0x20, 0x02, 0x00, 0x00]);
    stream
}

/// Whether the other side has ended the connection, by whatever means.
fn is_ended(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0]) {
        Ok(length) => length == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

#[test]
fn a_device_signs_in_and_hears_itself() {
    let server = CloudServer::start(settings()).unwrap();
    let mut stream = sign_in(server.address());
    let subscribe = Subscribe { pkid: 1, ..Subscribe::new(TOPIC, QoS::AtMostOnce) };
    send(&mut stream, Packet::Subscribe(subscribe));
    assert_eq!(receive(&mut stream), [0x90, 0x03, 0x00, 0x01, 0x01]);
    let publish = encode(Packet::Publish(Publish::new(TOPIC, QoS::AtMostOnce, "1122334455")));
    stream.write_all(&publish).unwrap();
    let mut echo = vec![0; publish.len()];
    stream.read_exact(&mut echo).unwrap();
    assert_eq!(echo, publish);
}

#[test]
fn what_the_console_sends_goes_out_by_itself() {
    let server = CloudServer::start(settings()).unwrap();
    let mut stream = sign_in(server.address());
    let subscribe = Subscribe { pkid: 1, ..Subscribe::new(TOPIC, QoS::AtMostOnce) };
    send(&mut stream, Packet::Subscribe(subscribe));
    receive::<5>(&mut stream);
    let sent = server.cloud().publish_to(TOPIC, b"down", QoS::AtMostOnce);
    assert_eq!(sent, 1);
    let header: [u8; 2] = receive(&mut stream);
    assert_eq!(header, [0x30, 2 + TOPIC.len() as u8 + 4]);
}

#[test]
fn a_refused_device_sees_the_connack_and_the_end() {
    let server = CloudServer::start(settings()).unwrap();
    let mut stream = open(server.address());
    send(&mut stream, Packet::Connect(Connect { keep_alive: 15, ..connect(true) }));
    assert_eq!(receive(&mut stream), [0x20, 0x02, 0x00, 0x02]);
    assert!(is_ended(&mut stream));
}

#[test]
fn a_kicked_device_sees_the_end() {
    let server = CloudServer::start(settings()).unwrap();
    let mut stream = sign_in(server.address());
    let kicked = server.cloud().kick(PRODUCT_KEY, DEVICE_NAME);
    assert!(kicked);
    assert!(is_ended(&mut stream));
}

#[test]
fn a_second_connection_ends_the_first() {
    let server = CloudServer::start(settings()).unwrap();
    let mut first = sign_in(server.address());
    let _second = sign_in(server.address());
    assert!(is_ended(&mut first));
}

#[test]
fn a_device_that_goes_away_is_noticed() {
    let server = CloudServer::start(settings()).unwrap();
    drop(sign_in(server.address()));
    assert!(server.wait_for(LIMIT, |cloud| cloud.close_reasons().contains(&&CloseReason::PeerGone)));
    assert_eq!(server.cloud().connection_of(PRODUCT_KEY, DEVICE_NAME), None);
}

#[test]
fn a_message_can_be_waited_for() {
    let server = CloudServer::start(settings()).unwrap();
    let mut stream = sign_in(server.address());
    assert!(!server.wait_for(Duration::ZERO, |cloud| !cloud.publishes_from(PRODUCT_KEY, DEVICE_NAME).is_empty()));
    send(&mut stream, Packet::Publish(Publish::new(TOPIC, QoS::AtMostOnce, "x")));
    assert!(server.wait_for(LIMIT, |cloud| !cloud.publishes_from(PRODUCT_KEY, DEVICE_NAME).is_empty()));
}

#[test]
fn real_time_ends_a_connection_without_a_connect() {
    let mut settings = settings();
    settings.limits.connect_wait = Some(Duration::from_millis(20));
    let server = CloudServer::start(settings).unwrap();
    let mut stream = open(server.address());
    assert!(is_ended(&mut stream));
    assert_eq!(server.cloud().close_reasons()[0], &CloseReason::NoConnect);
}

#[test]
fn a_port_can_pass_for_an_encrypted_one() {
    let server = CloudServer::start_on("127.0.0.1:0", Channel::Tls, settings()).unwrap();
    let mut stream = open(server.address());
    send(&mut stream, Packet::Connect(connect_with("securemode=2,signmethod=hmacsha256", true)));
    assert_eq!(receive(&mut stream), [0x20, 0x02, 0x00, 0x00]);
}

#[test]
fn a_long_message_comes_back_whole() {
    let server = CloudServer::start(settings()).unwrap();
    let mut stream = sign_in(server.address());
    let subscribe = Subscribe { pkid: 1, ..Subscribe::new(TOPIC, QoS::AtMostOnce) };
    send(&mut stream, Packet::Subscribe(subscribe));
    receive::<5>(&mut stream);
    let payload: Vec<u8> = (0..256 * 1024).map(|n: u32| (n % 251) as u8).collect();
    let publish = encode(Packet::Publish(Publish::new(TOPIC, QoS::AtMostOnce, payload)));
    stream.write_all(&publish).unwrap();
    let mut echo = vec![0; publish.len()];
    stream.read_exact(&mut echo).unwrap();
    assert!(echo == publish);
}

#[test]
fn a_dropped_server_ends_its_connections_and_frees_its_port() {
    let server = CloudServer::start(settings()).unwrap();
    let address = server.address();
    let mut streams = [open(address), sign_in(address)];
    drop(server);
    for stream in &mut streams {
        assert!(is_ended(stream));
    }
    // Another test may have been given the port meanwhile, for a moment.
    let end = Instant::now() + LIMIT;
    while TcpListener::bind(address).is_err() {
        assert!(Instant::now() < end, "the port is still taken");
    }
}
