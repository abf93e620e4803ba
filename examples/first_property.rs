//! From the triple to the first property: the device of `docs/aliyun-guide.md`.
//!
//! Start the simulated modem with its built-in double of the platform by `cargo run -p nt35e-sim`, and this in another terminal
//! by `cargo run --example first_property`. It ends when a property was set: type `set {"LightSwitch":1}` at the simulator.

use embedded_io::{Read, ReadReady, Write};
use nt35e::aliyun::topics::{Downlink, Uplink};
use nt35e::{Buffers, Clock, Duration, Error, Event, Network, Publish, QoS, ReceivedTopic, Triple, blocking};

#[allow(dead_code, reason = "the tests do more with it")]
#[path = "../tests/mosquitto/serial_line.rs"]
mod serial_line;

/// As the console shows it; this DeviceSecret is made up.
const TRIPLE: [&str; 3] = ["a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef"];

const POST: &[u8] = br#"{"id":"1","version":"1.0","params":{"Temperature":23.5},"method":"thing.event.property.post"}"#;

/// What firmware does; only UART and clock are a PC's. Gives the properties that were set.
fn first_property<U: Read + ReadReady + Write>(
    client: &mut blocking::Client<'_, U, impl Clock>,
    triple: Triple<'_>,
) -> Result<String, Error<U::Error>> {
    client.bring_up(&Network::default())?;
    client.connect_aliyun(triple)?;
    client.subscribe(&Downlink::PropertyPostReply.filter(triple)?, QoS::AtLeastOnce)?;
    client.subscribe(&Downlink::PropertySet.filter(triple)?, QoS::AtLeastOnce)?;
    client.publish(&Publish::new(&Uplink::PropertyPost.topic(triple)?, POST).qos(QoS::AtLeastOnce))?;
    println!("posted    {}", text(POST));
    loop {
        let (is_set, payload) = match client.next_event(Duration::from_secs(600))? {
            Some(Event::Message { topic, payload, .. }) => (is_property_set(topic, triple), text(payload)),
            // That the modem started is an event too, and the session came after it.
            Some(_) => {
                if !client.is_connected() {
                    return Err(Error::NotConnected);
                }
                continue;
            }
            None => return Err(Error::NotConnected),
        };
        if !is_set {
            println!("answered  {payload}");
            continue;
        }
        println!("to be set {payload}");
        // Firmware parses JSON; an id may be a number as well.
        let id = payload.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let reply = format!(r#"{{"id":"{id}","code":200,"data":{{}}}}"#);
        client.publish(&Publish::new(&Uplink::PropertySetReply.topic(triple)?, reply.as_bytes()))?;
        client.disconnect()?;
        return Ok(payload);
    }
}

fn is_property_set(topic: ReceivedTopic<'_>, triple: Triple<'_>) -> bool {
    Downlink::of(topic, triple) == Some(Downlink::PropertySet)
}

fn text(payload: &[u8]) -> String {
    String::from_utf8_lossy(payload).into_owned()
}

/// Runs it on the modem at this address.
fn run(modem: core::net::SocketAddr) -> String {
    let uart = serial_line::Uart::connect(modem, serial_line::Dam::default());
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let buffers = Buffers::new(&mut rx, &mut tx, &mut inbox);
    let mut client = blocking::Client::new(uart, serial_line::WallClock::start(), buffers);
    let [product_key, device_name, device_secret] = TRIPLE;
    let triple = Triple::new(product_key, device_name, device_secret).unwrap();
    first_property(&mut client, triple).expect("see docs/aliyun-guide.md for what an error means")
}

fn main() {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7035".to_owned());
    run(address.parse().expect("an address with a port"));
}

#[test]
fn the_property_arrives_and_one_is_set() {
    use nt35e_sim::aliyun::{CloudServer, CloudSettings};
    use nt35e_sim::modem::ModemSettings;
    use nt35e_sim::wire::{ModemServer, Resolve, ServerSettings};

    const LIMIT: core::time::Duration = core::time::Duration::from_secs(20);
    let [key, name, secret] = TRIPLE;
    let cloud = CloudServer::start(CloudSettings::with_device(key, name, secret)).unwrap();
    let settings = ServerSettings::new(ModemSettings::default(), Resolve::All(cloud.address()));
    let modem = ModemServer::start_tcp((core::net::Ipv4Addr::LOCALHOST, 0).into(), settings).unwrap();
    let address = modem.address().unwrap();
    let device = std::thread::spawn(move || run(address));
    assert!(cloud.wait_for(LIMIT, |cloud| cloud.property(key, name, "Temperature").is_some_and(|value| value == 23.5)));
    cloud.cloud().set_property(key, name, r#"{"LightSwitch":1}"#).unwrap();
    assert!(device.join().unwrap().contains(r#""params":{"LightSwitch":1}"#));
    assert!(
        cloud
            .wait_for(LIMIT, |cloud| { cloud.property_replies(key, name).iter().any(|reply| reply.code == Some(200)) })
    );
}
