//! Signing in: user name and password, and the version of the protocol.

use nt35e::command::{ConnectFailure, ReturnCode};
use nt35e::{Broker, Error, Publish, QoS};

use crate::bench::{DEVICE, Memory, Modem, connect};
use crate::mosquitto::{HOST, Mosquitto, PASSWORD, USER_NAME};
use crate::peer::{Delivered, Peer};

fn guarded(mosquitto: &Mosquitto) -> Broker<'static> {
    Broker::new(HOST, DEVICE).unwrap().port(mosquitto.guarded_port()).unwrap()
}

#[test]
fn the_right_password_is_accepted() {
    let mosquitto = Mosquitto::start();
    let mut peer = Peer::subscribed(&mosquitto, "peer", "t");
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    connect(&mut client, guarded(&mosquitto).login(USER_NAME, PASSWORD).unwrap());
    client.publish(&Publish::new("t", b"x").qos(QoS::AtLeastOnce)).unwrap();
    assert_eq!(peer.next_message(), Delivered::live("t", b"x", QoS::AtLeastOnce));
}

#[test]
fn promise_1_a_wrong_password_is_no_success() {
    let mosquitto = Mosquitto::start();
    let modem = Modem::start();
    let mut memory = Memory::new();
    let mut client = modem.client(&mut memory);
    let without_login = guarded(&mosquitto);
    for refused in [
        without_login,
        without_login.login(USER_NAME, "p").unwrap(),
        without_login.login("meter 18", PASSWORD).unwrap(),
    ] {
        let Err(Error::Connect(ConnectFailure::Refused(code))) = client.connect(refused) else {
            panic!("the broker must refuse");
        };
        assert!(matches!(code, ReturnCode::BadCredentials | ReturnCode::NotAuthorized), "{code:?}");
        assert!(!client.is_connected());
        assert_eq!(client.publish(&Publish::new("t", b"x")), Err(Error::NotConnected));
    }
    connect(&mut client, without_login.login(USER_NAME, PASSWORD).unwrap());
}
