//! The job on a real modem and the real cloud, checked by what comes back: the device subscribes to what it publishes.

use core::time::Duration;

use nt35e::aliyun::SignIn;
use nt35e::{Network, QoS, Triple};
use nt35e_screen::{Screen, Traffic};
use nt35e_tools::destination;
use nt35e_tools::line::SerialUart;

use crate::alink;
use crate::check::{self, Message, Messages};
use crate::cli::HardwareTarget;
use crate::job::{Device, Failure, Form, Memory, Received};

/// How long a message may take to the cloud and back.
const ROUND_TRIP: Duration = Duration::from_secs(15);
/// A subscription takes effect within 10 s of being granted, by the platform's documentation.
const PROBES: usize = 6;
const PROBE_EVERY: Duration = Duration::from_secs(2);

/// Does the job, and tells what was proven and what was not.
pub(crate) fn run(target: &HardwareTarget, quiet: bool) -> Result<String, Failure> {
    let device_secret =
        destination::read_secret("--device-secret-file", &target.device_secret_file).map_err(Failure::new)?;
    let triple = Triple::new(&target.product_key, &target.device_name, &device_secret)
        .map_err(|invalid| Failure::new(format_args!("{}: {invalid}", destination::option_of(invalid))))?;
    let mut sign_in = SignIn::new(triple).region(target.region);
    if let Some((host, port)) = &target.host {
        sign_in = sign_in.host(host, *port).map_err(|invalid| Failure::new(format_args!("--host: {invalid}")))?;
    }
    let uart = SerialUart::open(&target.port, target.baud_rate)
        .map_err(|error| Failure::new(format_args!("--serial {}: {error}", target.port)))?;

    let traffic = Traffic::new(Screen::new(&device_secret, quiet));
    introduce(&traffic, target);
    let mut memory = Memory::new();
    let device = Device::new(uart, &traffic, &mut memory);
    let topic = format!("/{}/{}/{}", target.product_key, target.device_name, target.topic);
    Job { device, traffic: &traffic, target, topic, known: Vec::new(), returned: Messages::default() }.run(sign_in)
}

fn introduce(traffic: &Traffic, target: &HardwareTarget) {
    let mut screen = traffic.screen();
    screen.note(
        "The nt35e driver, on a real modem. The cloud's record cannot be asked from here, so the device subscribes",
    );
    screen.note("to the topic that it publishes to, and what comes back through the cloud is compared.");
    screen.note(&format!("  modem: {}, {} baud", target.port, target.baud_rate));
    screen
        .note("Below, -> goes to the modem and <- comes from it, at a time in ms; the DeviceSecret is shown as ****.");
}

struct Job<'a> {
    device: Device<'a, SerialUart>,
    traffic: &'a Traffic,
    target: &'a HardwareTarget,
    /// What the device publishes to and hears.
    topic: String,
    /// Payloads that have come back, or may come back late or twice.
    known: Vec<Vec<u8>>,
    returned: Messages,
}

impl Job<'_> {
    fn run(mut self, sign_in: SignIn<'_>) -> Result<String, Failure> {
        self.traffic.step("Bring up", "Proves that the driver gets in step with the modem, and waits for the network.");
        let remedy = "; is the modem powered and wired to this port, and is --baud-rate right?";
        self.device.bring_up(&Network::default(), remedy)?;

        self.traffic.step("Sign in", "Proves that the cloud accepts what the modem computed from the triple.");
        self.device.sign_in(sign_in)?;

        let property_set = self.subscribe()?;
        self.publish()?;
        let property_set = self.answer_property_set(&property_set)?;
        let pieces = self.receive_large_message()?;

        self.traffic.step("Disconnect", "Proves that the modem signs off and closes when it is told to.");
        self.device.disconnect()?;
        Ok(format!(
            "{} messages came back through the cloud byte for byte (QoS 0: {}, QoS 1: {}), one of them of {} bytes in \
             {pieces} pieces; 2 subscriptions granted; {property_set}; the cloud's own record was not checked",
            self.returned.total(),
            self.returned.at_most_once,
            self.returned.at_least_once,
            alink::LARGE
        ))
    }

    /// Gives the topic of property sets.
    fn subscribe(&mut self) -> Result<String, Failure> {
        self.traffic.step(
            "Subscribe",
            "Proves that the broker grants a topic that the device may publish to as well, and the one for property sets.",
        );
        let remedy = "; in the console the topic needs the right to publish and subscribe, see --topic";
        self.device.subscribe(&self.topic, QoS::AtLeastOnce, remedy)?;
        let HardwareTarget { product_key, device_name, .. } = self.target;
        let property_set = format!("/sys/{product_key}/{device_name}/thing/service/property/set");
        self.device.subscribe(&property_set, QoS::AtLeastOnce, "")?;

        self.traffic.step(
            "Wait for the subscription",
            "The platform may take 10 s until a subscription takes effect: probes are sent until one comes back.",
        );
        for number in 1..=PROBES {
            let probe = self.message(format!(r#"{{"probe":{number}}}"#).into_bytes(), QoS::AtLeastOnce);
            self.device.publish(&probe, Form::Inline)?;
            self.known.push(probe.payload);
            let is_probe = |received: &Received| received.topic == self.topic && self.known.contains(&received.payload);
            if self.device.receive(PROBE_EVERY, is_probe)?.is_some() {
                return Ok(property_set);
            }
        }
        Err(self.device.failure(format_args!("none of {PROBES} probes came back")))
    }

    fn publish(&mut self) -> Result<(), Failure> {
        self.traffic.step(
            "Publish JSON",
            "Proves that quotes and commas pass unescaped in the command line, there and back, at QoS 0 and at QoS 1.",
        );
        self.there_and_back(br#"{"id":"1","state":"idle","temperature":21.5}"#, QoS::AtMostOnce, Form::Inline)?;
        let payload = br#"{"id":"2","states":["idle, cold","on"],"t":[21.5,-3]}"#;
        self.there_and_back(payload, QoS::AtLeastOnce, Form::Inline)?;

        self.traffic.step(
            "Publish binary",
            "Proves that a payload that would break a command line goes by the prompt, and comes back byte for byte.",
        );
        self.there_and_back(b"\r\nOK\r\n\0\xff\x1a\r\nERROR\r\n> ", QoS::AtLeastOnce, Form::ByPrompt)?;
        Ok(())
    }

    /// Gives what was proven.
    fn answer_property_set(&mut self, topic: &str) -> Result<String, Failure> {
        let seconds = self.target.property_wait.as_secs();
        self.traffic.step(
            "Answer a property set",
            "Proves that a command from the cloud arrives, if somebody sets a property in the console now.",
        );
        let Some(received) = self.device.receive(self.target.property_wait, |received| received.topic == topic)? else {
            self.device.result(format_args!("skipped: none came within {seconds} s, see --property-wait"));
            return Ok(format!("property sets were not checked, since none came within {seconds} s"));
        };
        let Some(id) = alink::request_id(&received.payload) else {
            return Err(self.device.failure("it has no id"));
        };
        self.device.result(format_args!("received, with id {id}"));
        let payload = alink::set_reply(id);
        let reply = Message { topic: format!("{topic}_reply"), payload, qos: QoS::AtLeastOnce };
        self.device.publish(&reply, Form::Inline)?;
        Ok("1 property set received, and the answer acknowledged by the broker".to_owned())
    }

    /// Gives the number of pieces.
    fn receive_large_message(&mut self) -> Result<usize, Failure> {
        self.traffic.step(
            "Send and receive a large message",
            "Proves that a payload larger than the driver's buffers goes out, and comes back in pieces.",
        );
        let received = self.there_and_back(&alink::large_payload(), QoS::AtLeastOnce, Form::ByPrompt)?;
        received.pieces.ok_or_else(|| self.device.failure("it fitted in the inbox, and must not have"))
    }

    /// Publishes to the own topic, and compares what comes back.
    fn there_and_back(&mut self, payload: &[u8], qos: QoS, form: Form) -> Result<Received, Failure> {
        let message = self.message(payload.to_vec(), qos);
        self.device.publish(&message, form)?;
        let is_new = |received: &Received| received.topic == self.topic && !self.known.contains(&received.payload);
        let received = self.device.expect(ROUND_TRIP, is_new)?;
        check::payload(payload, &received.payload).map_err(|difference| self.device.failure(difference))?;
        self.device.result(format_args!("{} bytes came back, each byte as it was sent", payload.len()));
        self.known.push(message.payload);
        self.returned.count(qos);
        Ok(received)
    }

    fn message(&self, payload: Vec<u8>, qos: QoS) -> Message {
        Message { topic: self.topic.clone(), payload, qos }
    }
}
