//! The device of these tests: the driver on a simulated modem, whose connections are real.

use nt35e::{Broker, Buffers, Duration, Event, Network, QoS, blocking};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::wire::{ModemServer, Resolve, ServerSettings};

use crate::mosquitto::{HOST, LIMIT, Mosquitto};
use crate::serial_line::{Dam, Uart, WallClock};

/// The client id of the device.
pub(crate) const DEVICE: &str = "device";

pub(crate) const EVERY_QOS: [QoS; 3] = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce];

pub(crate) type Client<'b> = blocking::Client<'b, Uart, WallClock>;

/// A simulated modem; dropping it is like cutting its supply.
pub(crate) struct Modem {
    server: ModemServer,
    /// Holds bursts together on the way to the driver.
    pub(crate) dam: Dam,
}

impl Modem {
    /// A modem without quirks that has been running for a while.
    pub(crate) fn start() -> Self {
        let settings = ServerSettings::new(ModemSettings::instant(), Resolve::System);
        let server = ModemServer::start_tcp((core::net::Ipv4Addr::LOCALHOST, 0).into(), settings).unwrap();
        Self { server, dam: Dam::default() }
    }

    /// The driver, with the modem brought up.
    pub(crate) fn client<'b>(&self, memory: &'b mut Memory) -> Client<'b> {
        let uart = Uart::connect(self.server.address().unwrap(), self.dam.clone());
        let buffers = Buffers::new(&mut memory.rx, &mut memory.tx, &mut memory.inbox);
        let mut client = blocking::Client::new(uart, WallClock::start(), buffers);
        let registration = client.bring_up(&Network::default()).unwrap();
        assert!(registration.is_registered());
        client
    }
}

/// The three buffers, as large as the documentation recommends.
pub(crate) struct Memory {
    pub(crate) rx: [u8; 256],
    pub(crate) tx: [u8; 256],
    pub(crate) inbox: [u8; 512],
}

impl Memory {
    pub(crate) fn new() -> Self {
        Self { rx: [0; 256], tx: [0; 256], inbox: [0; 512] }
    }
}

/// How the device signs in where everyone may.
pub(crate) fn sign_in(mosquitto: &Mosquitto) -> Broker<'static> {
    Broker::new(HOST, DEVICE).unwrap().port(mosquitto.port()).unwrap()
}

/// Signs in; the modem must agree to every setting.
pub(crate) fn connect(client: &mut Client<'_>, broker: Broker<'_>) {
    let connection = client.connect(broker).unwrap();
    assert_eq!(connection.refused().next(), None);
    assert!(client.is_connected());
}

/// What nothing may mistake for anything else: JSON, every byte, answers of a modem, quotes, nothing at all.
pub(crate) fn payloads() -> Vec<Vec<u8>> {
    let mut binary: Vec<u8> = (0..=255).collect();
    binary.extend_from_slice(b"\r\nOK\r\n");
    vec![
        b"{\"t\":21,\"state\":\"on\"}".to_vec(),
        binary,
        b"\r\n+LMQTTURC: STATS,0,1\r\n+LMQTTURC: RECV,0,0,\"t\",9,\r\nERROR\r\n> ".to_vec(),
        b"\"quoted\"".to_vec(),
        Vec::new(),
    ]
}

/// A message as the driver gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    topic: String,
    payload: Vec<u8>,
    /// At QoS 1 and 2.
    has_message_id: bool,
}

impl Received {
    pub(crate) fn new(topic: &str, payload: &[u8], qos: QoS) -> Self {
        let has_message_id = qos != QoS::AtMostOnce;
        Self { topic: topic.to_owned(), payload: payload.to_vec(), has_message_id }
    }
}

/// How long the driver may wait for something that must come.
pub(crate) fn limit() -> Duration {
    Duration::from_secs(LIMIT.as_secs() as u32)
}

/// The next event, which must come, and must be a message.
pub(crate) fn next_message(client: &mut Client<'_>) -> Received {
    match client.next_event(limit()).unwrap() {
        Some(Event::Message { topic, message_id, payload }) => Received {
            topic: topic.as_str().unwrap().to_owned(),
            payload: payload.to_vec(),
            has_message_id: message_id.is_some(),
        },
        other => panic!("no message, but {other:?}"),
    }
}
