//! The job on a simulated modem and a double of Alibaba Cloud IoT, checked by what the double has recorded.

use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::thread;

use nt35e::{Network, QoS, Triple};
use nt35e_screen::{Screen, Traffic};
use nt35e_sim::aliyun::{self, CloudServer, CloudSettings};
use nt35e_sim::modem::{Modem, ModemSettings};
use nt35e_sim::wire::{ModemServer, Resolve, ServerSettings};
use nt35e_tools::line::TcpUart;

use crate::alink;
use crate::check::{self, Meant, Message};
use crate::job::{Device, Failure, Form, Memory};

const PRODUCT_KEY: &str = "a1JszCpjS61";
const DEVICE_NAME: &str = "NT35E_06011";
/// Made up, like the rest of the triple.
pub(crate) const DEVICE_SECRET: &str = "0123456789abcdef0123456789abcdef";

const UPDATE: &str = "/a1JszCpjS61/NT35E_06011/user/update";
const GET: &str = "/a1JszCpjS61/NT35E_06011/user/get";
const PROPERTY_SET: &str = "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set";
const PROPERTY_SET_REPLY: &str = "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set_reply";

const BAUD_RATE: u32 = 115_200;
/// How long the simulated modem may take to notice its host.
const LINE_UP: Duration = Duration::from_millis(100);
/// How long a host's own start takes.
const FIRMWARE_UP: Duration = Duration::from_millis(20);
/// How long anything may take that takes milliseconds.
const LIMIT: Duration = Duration::from_secs(5);

/// Does the job, and tells what was proven.
pub(crate) fn run(screen: Screen) -> Result<String, Failure> {
    let starting = |what| move |error| Failure::new(format_args!("{what} could not start: {error}"));
    let cloud = CloudServer::start(CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET))
        .map_err(starting("the double of the cloud"))?;
    let modem_settings =
        ModemSettings { baud_rate: Some(BAUD_RATE), already_running: true, ..ModemSettings::default() };
    let settings = ServerSettings::new(modem_settings, Resolve::All(cloud.address()));
    let modem = ModemServer::start_tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), settings)
        .map_err(starting("the simulated modem"))?;
    let modem_address = modem.address().ok_or_else(|| Failure::new("the simulated modem has no address"))?;
    let uart = TcpUart::connect(modem_address).map_err(starting("the line to the modem"))?;

    // Power comes when the line is up, so that the boot banner is on it, and the firmware starts a little later.
    thread::sleep(LINE_UP);
    modem.control(Modem::restart).ok_or_else(|| Failure::new("the simulated modem has stopped"))?;
    thread::sleep(FIRMWARE_UP);

    let traffic = Traffic::new(screen);
    introduce(&traffic, modem_address, cloud.address());
    let mut memory = Memory::new();
    let mut device = Device::new(uart, &traffic, &mut memory);
    let meant = do_the_job(&mut device, &traffic, &cloud)?;

    // What comes last at the broker is the end of the connection.
    if !cloud.wait_for(LIMIT, |cloud| !cloud.close_reasons().is_empty()) {
        return Err(device.failure("the broker did not see the device sign off"));
    }
    let found = check::at_broker(&meant, &cloud.cloud()).map_err(|difference| device.failure(difference))?;
    Ok(format!(
        "{} publishes arrived byte for byte (QoS 0: {}, QoS 1: {}), {} subscriptions granted, \
         {} property set answered with code 200, 1 message of {} bytes received whole",
        found.messages.total(),
        found.messages.at_most_once,
        found.messages.at_least_once,
        found.subscriptions,
        found.property_replies,
        alink::LARGE
    ))
}

fn introduce(traffic: &Traffic, modem: SocketAddr, cloud: SocketAddr) {
    let mut screen = traffic.screen();
    screen.note("The nt35e driver, on a simulated modem that signs in at a double of Alibaba Cloud IoT.");
    screen.note(&format!("  modem: {modem}, in place of a UART at {BAUD_RATE} baud"));
    screen.note(&format!("  cloud: {cloud}, in place of {PRODUCT_KEY}.iot-as-mqtt.cn-shanghai.aliyuncs.com:1883"));
    screen
        .note("Below, -> goes to the modem and <- comes from it, at a time in ms; the DeviceSecret is shown as ****.");
}

fn do_the_job(device: &mut Device<'_, TcpUart>, traffic: &Traffic, cloud: &CloudServer) -> Result<Meant, Failure> {
    traffic.step(
        "Bring up",
        "Proves that the driver gets in step with a modem that is still booting, and waits for the network.",
    );
    let network = Network::default()
        .answer_within(nt35e::Duration::from_secs(10))
        .registered_within(nt35e::Duration::from_secs(20));
    device.bring_up(&network, "")?;

    traffic.step(
        "Sign in",
        "Proves that a triple is enough: the modem computes the HMAC, and the double verifies it as the platform does.",
    );
    let triple = Triple::new(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET).map_err(|invalid| device.failure(invalid))?;
    device.sign_in(triple.into())?;

    traffic.step("Subscribe", "Proves that the broker grants a custom topic and the one for property sets.");
    let filters = vec![(GET.to_owned(), QoS::AtLeastOnce), (PROPERTY_SET.to_owned(), QoS::AtLeastOnce)];
    for (filter, qos) in &filters {
        device.subscribe(filter, *qos, "")?;
    }

    let mut messages = Vec::new();
    publish(device, traffic, &mut messages)?;
    let property_set = answer_property_set(device, traffic, cloud, &mut messages)?;
    receive_large_message(device, traffic, cloud)?;

    traffic.step(
        "Disconnect",
        "Proves that the broker sees an orderly end. Then its record is compared with all that was meant to be sent.",
    );
    device.disconnect()?;
    Ok(Meant { product_key: PRODUCT_KEY, device_name: DEVICE_NAME, filters, messages, property_set })
}

fn publish(device: &mut Device<'_, TcpUart>, traffic: &Traffic, messages: &mut Vec<Message>) -> Result<(), Failure> {
    let mut send = |payload: &[u8], qos, form| {
        let message = Message { topic: UPDATE.to_owned(), payload: payload.to_vec(), qos };
        device.publish(&message, form)?;
        messages.push(message);
        Ok(())
    };
    traffic.step(
        "Publish JSON",
        "Proves that quotes and commas pass unescaped in the command line, and that QoS 1 waits for the broker.",
    );
    send(br#"{"id":"1","state":"idle","temperature":21.5}"#, QoS::AtMostOnce, Form::Inline)?;
    send(br#"{"id":"2","states":["idle, cold","on"],"t":[21.5,-3]}"#, QoS::AtLeastOnce, Form::Inline)?;

    traffic.step(
        "Publish binary",
        "Proves that a payload that would break a command line goes by the prompt, byte for byte.",
    );
    send(b"\r\nOK\r\n\0\xff\x1a\r\nERROR\r\n> ", QoS::AtLeastOnce, Form::ByPrompt)
}

/// Gives the id that the cloud has given the property set.
fn answer_property_set(
    device: &mut Device<'_, TcpUart>,
    traffic: &Traffic,
    cloud: &CloudServer,
    messages: &mut Vec<Message>,
) -> Result<String, Failure> {
    traffic.step(
        "Answer a property set",
        "Proves that a command from the cloud arrives, and that the cloud gets the answer that belongs to it.",
    );
    let id = cloud
        .cloud()
        .set_property(PRODUCT_KEY, DEVICE_NAME, r#"{"LightSwitch":1,"name":"hall, \"east\""}"#)
        .map_err(|error| device.failure(format_args!("the double did not send it: {error}")))?;
    let received = device.expect(LIMIT, |received| received.topic == PROPERTY_SET)?;
    let Some(request_id) = alink::request_id(&received.payload) else {
        return Err(device.failure("it has no id"));
    };
    device.result(format_args!("received, with id {request_id}"));
    let payload = alink::set_reply(request_id);
    let reply = Message { topic: PROPERTY_SET_REPLY.to_owned(), payload, qos: QoS::AtLeastOnce };
    device.publish(&reply, Form::Inline)?;
    messages.push(reply);
    Ok(id)
}

fn receive_large_message(
    device: &mut Device<'_, TcpUart>,
    traffic: &Traffic,
    cloud: &CloudServer,
) -> Result<(), Failure> {
    traffic.step(
        "Receive a large message",
        "Proves that a message four times as long as the inbox is read in pieces, whatever its bytes look like.",
    );
    let payload = alink::large_payload();
    let receivers = cloud.cloud().publish_to(GET, &payload, aliyun::QoS::AtLeastOnce);
    if receivers != 1 {
        return Err(device.failure(format_args!("the double sent it to {receivers} devices instead of 1")));
    }
    let received = device.expect(LIMIT, |received| received.topic == GET)?;
    check::payload(&payload, &received.payload).map_err(|difference| device.failure(difference))?;
    let Some(pieces) = received.pieces else {
        return Err(device.failure("it fitted in the inbox, and must not have"));
    };
    device.result(format_args!("{} bytes read in {pieces} pieces, each byte as it was sent", payload.len()));
    Ok(())
}
