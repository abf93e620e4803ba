//! A fuzz input as a message of the thing model, read by the driver and by serde_json.

use nt35e::aliyun::thing_model::{Call, Code, Decimal, Id, Incoming, Reply, Thing};
use nt35e::{ReceivedTopic, Triple};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// Which of these the first byte of an input chooses; what follows is the payload.
const TOPICS: [&str; 8] = [
    "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set",
    "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post_reply",
    "/sys/a1JszCpjS61/NT35E_06011/rrpc/request/17",
    "/ext/rrpc/17/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set",
    "/sys/a1JszCpjS61/NT35E_06011/thing/service/boost",
    "/sys/a1JszCpjS61/NT35E_06011/thing/event/alarm/post_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/property/desired/get_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/config/push",
];

/// Runs one input.
pub(crate) fn run(data: &[u8]) {
    let Some((&topic, payload)) = data.split_first() else { return };
    let topic = TOPICS[usize::from(topic) % TOPICS.len()];
    let triple = Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef").expect("it is valid");
    let thing = Thing::new(triple);
    match thing.read(ReceivedTopic::new(topic.as_bytes()), payload) {
        Ok(Incoming::PropertySet(call) | Incoming::Service { call, .. } | Incoming::ConfigPush(call)) => {
            check_call(&thing, &call, payload);
        }
        Ok(
            Incoming::PropertyPostReply(reply) | Incoming::EventPostReply { reply, .. } | Incoming::DesiredReply(reply),
        ) => check_reply(&reply, payload),
        Ok(other) => panic!("{topic} has no {other:?}"),
        Err(_) => {}
    }
}

/// What wraps a message, as serde_json sees it.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    // As it stands: a call need not have one, and then any number is none of its business.
    #[serde(borrow)]
    code: Option<&'a RawValue>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

fn check_call(thing: &Thing<'_>, call: &Call<'_>, payload: &[u8]) {
    let envelope: Envelope<'_> = serde_json::from_slice(payload).expect("what is read is a message");
    let params = envelope.params.map_or("{}", RawValue::get);
    assert_eq!(call.params_as_json(), params.as_bytes(), "the parameters are those that stand there");
    check_properties(call.params(), params);
    let mut buffer = [0; 2048];
    let answer = thing.answer(call, Code::SUCCESS).write(&mut buffer).expect("there is room");
    let answer: Envelope<'_> = serde_json::from_slice(answer.payload()).expect("the answer is JSON");
    assert_eq!(answer.id.get(), envelope.id.get(), "the id comes back as it came");
}

fn check_reply(reply: &Reply<'_>, payload: &[u8]) {
    let envelope: Envelope<'_> = serde_json::from_slice(payload).expect("what is read is a message");
    let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let code = envelope.code.and_then(|code| number(&serde_json::from_str(code.get()).ok()?));
    assert_eq!(code, Some(u64::from(reply.code().0)), "the code is the one that stands there");
    let id = number(&serde_json::from_str(envelope.id.get()).unwrap_or_default());
    for own in [0, 1, 160_500_006] {
        assert!(!reply.answers(Id(own)) || id == Some(u64::from(own)), "the id is the one that stands there");
    }
    check_properties(reply.data(), envelope.data.map_or("{}", RawValue::get));
}

/// What serde_json refuses gives nothing, and what is given is what it reads.
fn check_properties<E>(ours: Result<Properties, E>, text: &str) {
    let Ok(ours) = ours else { return };
    let theirs: Reference = serde_json::from_str(text).expect("what is read is what the type wants");
    assert_eq!(ours.on, theirs.on.map(|on| on.0));
    assert_eq!((ours.level, ours.count, ours.total), (theirs.level, theirs.count, theirs.total));
    assert_eq!((ours.label, ours.list), (theirs.label, theirs.list));
    assert_eq!(ours.mode, theirs.mode.map(|mode| mode.0));
    assert_eq!(ours.meter.is_some(), theirs.meter.is_some());
    if let (Some(ours), Some(theirs)) = (ours.meter, theirs.meter) {
        assert!((f64::from(ours.units()) - theirs * 100.0).abs() < 0.01);
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Properties {
    on: Option<bool>,
    level: Option<i8>,
    count: Option<u32>,
    total: Option<u64>,
    meter: Option<Decimal<2>>,
    label: Option<String>,
    list: Option<Vec<i16>>,
    mode: Option<Mode>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reference {
    on: Option<Switch>,
    level: Option<i8>,
    count: Option<u32>,
    total: Option<u64>,
    meter: Option<f64>,
    label: Option<String>,
    list: Option<Vec<i16>>,
    mode: Option<Named>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
enum Mode {
    #[serde(rename = "0")]
    Off,
    #[serde(rename = "1")]
    Heat,
    Auto,
}

/// 0 and 1 are a bool here.
struct Switch(bool);

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Bool(on) => Ok(Self(on)),
            Value::Number(number) if number.as_u64() == Some(0) => Ok(Self(false)),
            Value::Number(number) if number.as_u64() == Some(1) => Ok(Self(true)),
            _ => Err(D::Error::custom("no switch")),
        }
    }
}

/// A number is a name here.
struct Named(Mode);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let name = value.as_str().map_or_else(|| value.to_string(), String::from);
        Mode::deserialize(Value::String(name)).map(Self).map_err(D::Error::custom)
    }
}
