//! The main job over every setting of every quirk of the simulated modem: where no source says what the modem does, the
//! driver works either way, or says what does not work.

mod front_end;
mod rig;

use front_end::FrontEnd;
use nt35e::command::SubscribeFailure;
use nt35e::{Duration, Error, Network, Publish, QoS};
use nt35e_sim::modem::{ModemSettings, Quirks};
use rig::{Bench, Client, Memory, Seen};

front_end::each_front_end!(
    the_job_is_done_or_its_failure_named_over_every_quirk,
    a_modem_that_was_just_switched_on_is_understood_over_every_quirk,
);

const INLINE: &[u8] = b"{\"t\":21,\"u\":[1,2]}";
const BINARY: &[u8] = b"\r\nOK\r\n\0\xff\x1b\x1a\"";
const DOWNLINK: &[u8] = b"+LMQTTURC: \r\nERROR\r\n\0";

/// What came of the job, step by step.
#[derive(Debug, PartialEq)]
struct Outcome {
    connect: String,
    subscribe: String,
    refused_subscription: String,
    publish_inline: String,
    publish_binary: String,
    received: Vec<Seen>,
    published: Vec<Vec<u8>>,
    disconnect: String,
}

impl Outcome {
    /// Everything works.
    fn success() -> Self {
        let refused = format!("{:?}", Err::<(), _>(Error::<()>::Subscribe(SubscribeFailure::Refused)));
        Self {
            connect: "refused: ".into(),
            subscribe: "Ok(())".into(),
            refused_subscription: refused,
            publish_inline: "Ok(())".into(),
            publish_binary: "Ok(())".into(),
            received: vec![Seen::Message(rig::GET.into(), DOWNLINK.to_vec())],
            published: vec![INLINE.to_vec(), BINARY.to_vec()],
            disconnect: "Ok(())".into(),
        }
    }

    /// What this quirk changes in it, honestly told.
    fn expected(quirk: &str, value: &str) -> Self {
        let mut outcome = Self::success();
        match (quirk, value) {
            ("firmware", "ecmt") => {
                let refused = "Command(CommandError { name: \"+LMQTTCFG\", stage: Acceptance, cause: Refused(Error) })";
                return Self {
                    connect: format!("Err({refused})"),
                    subscribe: "Err(NotConnected)".into(),
                    refused_subscription: "Err(NotConnected)".into(),
                    publish_inline: "Err(NotConnected)".into(),
                    publish_binary: "Err(NotConnected)".into(),
                    received: vec![],
                    published: vec![],
                    disconnect: "Ok(())".into(),
                };
            }
            ("urc_key", "refused") => outcome.connect.push_str("urc "),
            ("cache_key", "refused") => outcome.connect.push_str("cache "),
            ("show_length", "refused") => {
                outcome.connect.push_str("recv/mode ");
                // Without lengths, a payload is cut at its line ends, and an ERROR in it is nobody's answer.
                outcome.received = vec![Seen::Message(rig::GET.into(), b"+LMQTTURC: ".to_vec()), other_line("\\x00")];
            }
            ("published_result", _) if value != "zero" => {
                outcome.publish_inline = "Err(Unconfirmed { message_id: Some(MessageId(3)) })".into();
                outcome.publish_binary = "Err(Unconfirmed { message_id: Some(MessageId(4)) })".into();
            }
            ("ctrl_z", "needed") => {
                // The payload is followed by 0x1A only where no length was given (`protocol.md` §8, point 2).
                let timeout = "CommandError { name: \"+LMQTTPUB\", stage: Acceptance, cause: Timeout }";
                outcome.publish_binary = format!("Err(Command({timeout}))");
                outcome.published.truncate(1);
                // The modem takes all that follows for payload, too; only a reset ends that.
                outcome.received.clear();
                let timeout = "CommandError { name: \"+LMQTTDISC\", stage: Resync, cause: Timeout }";
                outcome.disconnect = format!("Err(Command({timeout}))");
            }
            ("escape", "cancels") => {
                // The payload holds the byte that cancels. It is not sent, and that is said.
                let timeout = "CommandError { name: \"+LMQTTPUB\", stage: Result, cause: Timeout }";
                outcome.publish_binary = format!("Err(Command({timeout}))");
                outcome.published.truncate(1);
            }
            _ => {}
        }
        outcome
    }
}

fn other_line(text: &str) -> Seen {
    Seen::Other(format!("Line(\"{text}\")"))
}

fn run(front_end: FrontEnd, quirk: &str, value: &str, chunk: usize) -> Outcome {
    let mut settings = ModemSettings::instant();
    settings.quirks.set(quirk, value).unwrap();
    let bench = Bench::new(front_end, settings, rig::cloud());
    let mut memory = Memory::typical();
    let mut client = bench.client_in_chunks(&mut memory, chunk);
    client.bring_up(&Network::default()).unwrap();
    let connect = match client.connect_aliyun(rig::triple()) {
        Ok(connection) => {
            let refused: String = connection.refused().map(|key| format!("{key} ")).collect();
            format!("refused: {refused}")
        }
        Err(error) => format!("Err({error:?})"),
    };
    let subscribe = format!("{:?}", client.subscribe(rig::GET, QoS::ExactlyOnce));
    let foreign = "/a1JszCpjS61/somebody_else/user/get";
    let refused_subscription = format!("{:?}", client.subscribe(foreign, QoS::AtLeastOnce));
    let mut publish = |payload| {
        let message = Publish::new(rig::UPDATE, payload).qos(QoS::AtLeastOnce);
        format!("{:?}", client.publish(&message))
    };
    let publish_inline = publish(INLINE);
    let publish_binary = publish(BINARY);
    let received = if client.is_connected() { receive(&bench, &mut client) } else { vec![] };
    let published = bench.published();
    let disconnect = format!("{:?}", client.disconnect());
    Outcome {
        connect,
        subscribe,
        refused_subscription,
        publish_inline,
        publish_binary,
        received,
        published,
        disconnect,
    }
}

fn receive(bench: &Bench, client: &mut Client<'_>) -> Vec<Seen> {
    rig::events(client);
    bench.send(rig::GET, DOWNLINK);
    let mut seen = rig::events(client);
    assert!(client.next_event(Duration::from_secs(0)).unwrap().is_none());
    seen.retain(|event| !matches!(event, Seen::Other(text) if text.contains("STATS")));
    seen
}

fn the_job_is_done_or_its_failure_named_over_every_quirk(front_end: FrontEnd) {
    let mut runs = 0;
    let mut surprises = Vec::new();
    for entry in Quirks::all() {
        for value in entry.values.split('|') {
            let value = if value == "NUMBER" { "1460" } else { value };
            for chunk in [1, 64] {
                let outcome = run(front_end, entry.name, value, chunk);
                let expected = Outcome::expected(entry.name, value);
                if outcome != expected {
                    surprises.push(format!("{}={value} in chunks of {chunk}: {outcome:?}", entry.name));
                }
                runs += 1;
            }
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    assert!(runs > 150, "only {runs} runs");
}

fn a_modem_that_was_just_switched_on_is_understood_over_every_quirk(front_end: FrontEnd) {
    for entry in Quirks::all() {
        for value in entry.values.split('|') {
            let mut settings = ModemSettings::default();
            settings.quirks.set(entry.name, if value == "NUMBER" { "1460" } else { value }).unwrap();
            let bench = Bench::new(front_end, settings, rig::cloud());
            let mut memory = Memory::typical();
            let mut client = bench.client(&mut memory);
            let registration = client.bring_up(&Network::default());
            assert!(registration.unwrap().is_registered(), "{}={value}", entry.name);
        }
    }
}
