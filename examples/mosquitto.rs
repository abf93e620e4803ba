//! Any MQTT broker: client id, user name, password, will, keep-alive, a retained message and a wildcard.
//!
//! `cargo run --example mosquitto` starts a mosquitto of its own and shows what comes back from it;
//! `cargo run --example mosquitto -- 192.168.1.5:1883 USER PASSWORD` takes another broker, user name and password may be left
//! out. The modem is simulated, its connection to the broker is real.

use embedded_io::{Read, ReadReady, Write};
use nt35e::command::ProtocolVersion;
use nt35e::{Broker, Buffers, Clock, Duration, Error, Event, KeepAlive, Network, Publish, QoS, Will, blocking};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::wire::{ModemServer, Resolve, ServerSettings};

#[allow(dead_code, reason = "the tests do more with it")]
#[path = "../tests/mosquitto/mosquitto.rs"]
mod mosquitto;
#[allow(dead_code, reason = "the tests do more with it")]
#[path = "../tests/mosquitto/serial_line.rs"]
mod serial_line;

const ONLINE: &str = "home/garden/fountain/online";
const GREETING: &str = "home/garden/fountain/2";

/// What firmware does; only UART and clock are a PC's. Gives what was received.
fn greet<U: Read + ReadReady + Write>(
    client: &mut blocking::Client<'_, U, impl Clock>,
    broker: Broker<'_>,
) -> Result<Vec<(String, String)>, Error<U::Error>> {
    client.bring_up(&Network::default())?;
    // If the modem falls silent, the broker tells everybody, also those who ask later.
    let will = Will::new(ONLINE, "no")?.qos(QoS::AtLeastOnce).retain(true);
    let broker = broker.will(will).keep_alive(KeepAlive::from_secs(60)?).version(ProtocolVersion::V3_1_1);
    let connection = client.connect(broker)?;
    for setting in connection.refused() {
        println!("the modem does not know {setting:?}");
    }
    client.publish(&Publish::new(ONLINE, b"yes").qos(QoS::AtLeastOnce).retain(true))?;
    client.subscribe("home/garden/#", QoS::ExactlyOnce)?;
    client.publish(&Publish::new(GREETING, b"hello world").qos(QoS::ExactlyOnce))?;
    let mut received = Vec::new();
    while received.len() < 2 {
        match client.next_event(Duration::from_secs(20))? {
            Some(Event::Message { topic, payload, .. }) => {
                let text = (topic.as_str().unwrap_or("?").to_owned(), String::from_utf8_lossy(payload).into_owned());
                println!("{}: {}", text.0, text.1);
                received.push(text);
            }
            // That the modem started is an event too, and the session came after it.
            Some(_) => {
                if !client.is_connected() {
                    return Err(Error::NotConnected);
                }
            }
            None => return Err(Error::NotConnected),
        }
    }
    // An orderly end: the will is not published.
    client.disconnect()?;
    Ok(received)
}

/// Runs it on a simulated modem.
fn run(host: &str, port: u16, login: Option<(&str, &str)>) -> Vec<(String, String)> {
    let modem = ServerSettings::new(ModemSettings::instant(), Resolve::System);
    let modem = ModemServer::start_tcp((core::net::Ipv4Addr::LOCALHOST, 0).into(), modem).unwrap();
    let uart = serial_line::Uart::connect(modem.address().unwrap(), serial_line::Dam::default());
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let buffers = Buffers::new(&mut rx, &mut tx, &mut inbox);
    let mut client = blocking::Client::new(uart, serial_line::WallClock::start(), buffers);
    let mut broker = Broker::new(host, "fountain").and_then(|broker| broker.port(port)).unwrap();
    if let Some((user_name, password)) = login {
        broker = broker.login(user_name, password).unwrap();
    }
    greet(&mut client, broker).expect("the broker takes and gives")
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(address) = arguments.first() else {
        let own = mosquitto::Mosquitto::start();
        run(mosquitto::HOST, own.guarded_port(), Some((mosquitto::USER_NAME, mosquitto::PASSWORD)));
        return;
    };
    let (host, port) = address.split_once(':').unwrap_or((address, "1883"));
    let login = arguments.get(1).map(|user| (user.as_str(), arguments.get(2).map_or("", String::as_str)));
    run(host, port.parse().expect("a port is a number"), login);
}

#[test]
fn the_greeting_comes_back_behind_what_is_retained() {
    let own = mosquitto::Mosquitto::start();
    let received = run(mosquitto::HOST, own.guarded_port(), Some((mosquitto::USER_NAME, mosquitto::PASSWORD)));
    let text = |topic: &str, text: &str| (topic.to_owned(), text.to_owned());
    assert_eq!(received, [text(ONLINE, "yes"), text(GREETING, "hello world")]);
    own.wait_for_log("as fountain (p2, c1, k60, u'meter 17')");
    own.wait_for_log("Will message specified (2 bytes) (r1, q1)");
}
