//! What the device tells and asks, byte for byte.

use std::collections::BTreeMap;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use proptest::prelude::*;
use serde::Serialize;

use super::thing;
use crate::aliyun::thing_model::{
    Code, Decimal, Id, Incoming, Message, Request, Tag, TagKey, Timed, Version, WriteError,
};
use crate::value::{Field, InvalidField, ReceivedTopic, Rule};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Properties<'a> {
    power: bool,
    level: i16,
    temperature: Decimal<1>,
    mode: Mode,
    label: &'a str,
    target: Option<u8>,
}

#[derive(Clone, Copy, Serialize)]
enum Mode {
    #[serde(rename = "0")]
    Off,
    #[serde(rename = "-12")]
    Frost,
    #[serde(rename = "012")]
    Odd,
    Heat,
}

fn written<P: Serialize + ?Sized>(request: &Request<'_, P>) -> (String, String) {
    let mut buffer = [0; 512];
    shown(request.write(&mut buffer).unwrap())
}

fn shown(message: Message<'_>) -> (String, String) {
    let payload = core::str::from_utf8(message.payload()).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(payload).is_ok(), "{payload}");
    (message.topic().strip_prefix("/sys/a1JszCpjS61/NT35E_06011/").unwrap().to_string(), payload.to_string())
}

/// The parameters that are made of a value.
fn params(value: &(impl Serialize + ?Sized)) -> String {
    let (_topic, payload) = written(&thing().post(value));
    let payload = payload.strip_prefix(r#"{"id":"1","version":"1.0","params":"#).unwrap();
    payload.strip_suffix(r#","method":"thing.event.property.post","sys":{"ack":1}}"#).unwrap().to_string()
}

#[test]
fn each_request_has_its_topic_method_and_parameters() {
    let mut thing = thing().counting_from(Id(123));
    let on = BTreeMap::from([("Power", "on")]);
    let expected =
        r#"{"id":"123","version":"1.0","params":{"Power":"on"},"method":"thing.event.property.post","sys":{"ack":1}}"#;
    assert_eq!(written(&thing.post(&on)), ("thing/event/property/post".into(), expected.into()));
    let expected =
        r#"{"id":"124","version":"1.0","params":{"Power":"on"},"method":"thing.event.property.post","sys":{"ack":0}}"#;
    assert_eq!(written(&thing.post(&on).without_reply()).1, expected);
    let expected = r#"{"id":"125","version":"1.0","params":{"value":{"Power":"on"}},"method":"thing.event.alarm.post","sys":{"ack":1}}"#;
    assert_eq!(written(&thing.event("alarm", &on)), ("thing/event/alarm/post".into(), expected.into()));
    let expected = r#"{"id":"126","version":"1.0","params":{"value":{"Power":"on"},"time":1524448722000},"method":"thing.event.alarm.post","sys":{"ack":1}}"#;
    assert_eq!(written(&thing.event_at("alarm", &on, 1_524_448_722_000)).1, expected);
    let expected =
        r#"{"id":"127","version":"1.0","params":["power"],"method":"thing.property.desired.get","sys":{"ack":1}}"#;
    assert_eq!(written(&thing.ask_desired(&["power"])), ("thing/property/desired/get".into(), expected.into()));
    let expected = r#"{"id":"128","version":"1.0","params":{"power":{"version":1}},"method":"thing.property.desired.delete","sys":{"ack":1}}"#;
    let cleared = BTreeMap::from([("power", Version { version: 1 })]);
    assert_eq!(written(&thing.clear_desired(&cleared)), ("thing/property/desired/delete".into(), expected.into()));
    let expected = r#"{"id":"129","version":"1.0","params":[{"attrKey":"k","attrValue":"v"}],"method":"thing.deviceinfo.update","sys":{"ack":1}}"#;
    assert_eq!(
        written(&thing.set_tags(&[Tag { key: "k", value: "v" }])),
        ("thing/deviceinfo/update".into(), expected.into())
    );
    let expected =
        r#"{"id":"130","version":"1.0","params":[{"attrKey":"k"}],"method":"thing.deviceinfo.delete","sys":{"ack":1}}"#;
    assert_eq!(
        written(&thing.remove_tags(&[TagKey { key: "k" }])),
        ("thing/deviceinfo/delete".into(), expected.into())
    );
    let expected = r#"{"id":"131","version":"1.0","params":{"configScope":"product","getType":"file"},"method":"thing.config.get","sys":{"ack":1}}"#;
    assert_eq!(written(&thing.ask_config()), ("thing/config/get".into(), expected.into()));
}

#[test]
fn values_look_as_the_platform_has_them() {
    let properties = Properties {
        power: true,
        level: -7,
        temperature: Decimal::from_units(-5),
        mode: Mode::Off,
        label: "a\"b\\c\n\u{1f}时",
        target: None,
    };
    let expected = r#"{"Power":1,"Level":-7,"Temperature":-0.5,"Mode":0,"Label":"a\"b\\c\u000a\u001f时"}"#;
    assert_eq!(params(&properties), expected);
    let modes = BTreeMap::from([("a", Mode::Frost), ("b", Mode::Odd), ("c", Mode::Heat)]);
    assert_eq!(params(&modes), r#"{"a":-12,"b":"012","c":"Heat"}"#);
    let timed = BTreeMap::from([("WF", Timed { value: Decimal::<1>::from_units(236), time: 1_524_448_722_000 })]);
    assert_eq!(params(&timed), r#"{"WF":{"value":23.6,"time":1524448722000}}"#);
    let nothing = BTreeMap::from([("a", None), ("b", Some([Some(1), None])), ("c", None)]);
    assert_eq!(params(&nothing), r#"{"b":[1,null]}"#);
    assert_eq!(params(&BTreeMap::from([("a", None::<u8>)])), "{}");
    assert_eq!(params(&(1, 'x', 0.5_f32, 1e300_f64)), r#"[1,"x",0.5,1e300]"#);
    assert_eq!(params(&core::net::Ipv4Addr::LOCALHOST), r#""127.0.0.1""#);
}

#[test]
fn what_the_platform_has_not_is_refused() {
    #[derive(Serialize)]
    enum Full {
        One(u8),
        Two { field: u8 },
        Three(u8, u8),
    }
    let mut buffer = [0; 512];
    let mut refused = |value: &dyn Fn(&mut [u8]) -> Result<(), WriteError>| {
        assert_eq!(value(&mut buffer), Err(WriteError::Unsupported));
    };
    refused(&|buffer| thing().post(&Full::One(1)).write(buffer).map(drop));
    refused(&|buffer| thing().post(&Full::Two { field: 1 }).write(buffer).map(drop));
    refused(&|buffer| thing().post(&Full::Three(1, 2)).write(buffer).map(drop));
    refused(&|buffer| thing().post(&[f32::NAN]).write(buffer).map(drop));
    refused(&|buffer| thing().post(&[f64::INFINITY]).write(buffer).map(drop));
    refused(&|buffer| thing().post(&BTreeMap::from([(1, 2)])).write(buffer).map(drop));
}

#[test]
fn a_buffer_that_is_too_small_is_told_how_large_it_has_to_be() {
    let value = BTreeMap::from([("Power", "on"), ("Other", "off")]);
    let mut buffer = [0; 512];
    let needed = thing().post(&value).write(&mut buffer).unwrap().payload().len();
    for length in 0..needed {
        let mut small = std::vec![0xaa; length];
        assert_eq!(thing().post(&value).write(&mut small).map(drop), Err(WriteError::TooSmall { needed }));
    }
    assert!(thing().post(&value).write(&mut buffer[..needed]).is_ok());
    assert_eq!(WriteError::TooSmall { needed: 7 }.to_string(), "the buffer is too small for 7 bytes");
}

#[test]
fn two_hundred_entries_are_taken_and_no_more() {
    let properties = |count| (0..count).map(|index| (format!("p{index}"), [[index; 3]; 3])).collect::<BTreeMap<_, _>>();
    let mut buffer = std::vec![0; 65_536];
    assert!(thing().post(&properties(200)).write(&mut buffer).is_ok());
    let too_many = Err(WriteError::TooMany { limit: 200 });
    assert_eq!(thing().post(&properties(201)).write(&mut buffer).map(drop), too_many);
    // What is left out does not count.
    let mut sparse: BTreeMap<String, Option<u8>> = (0..300).map(|index| (format!("p{index}"), None)).collect();
    sparse.insert("one".into(), Some(1));
    assert!(thing().post(&sparse).write(&mut buffer).is_ok());
    let tags: Vec<Tag<'_>> = (0..201).map(|_| Tag { key: "k", value: "v" }).collect();
    assert!(thing().set_tags(&tags[1..]).write(&mut buffer).is_ok());
    assert_eq!(thing().set_tags(&tags).write(&mut buffer).map(drop), too_many);
    assert_eq!(thing().ask_desired(&["p"; 201]).write(&mut buffer).map(drop), too_many);
}

#[test]
fn an_identifier_that_makes_no_topic_is_refused() {
    let refused = |identifier: &str, rule| {
        let invalid = InvalidField::new(Field::Topic, rule);
        assert_eq!(thing().event(identifier, &[1]).write(&mut [0; 256]).map(drop), Err(WriteError::Topic(invalid)));
    };
    refused("property", Rule::Form);
    refused("", Rule::Form);
    refused("a/b", Rule::Form);
    refused("\"", Rule::IllegalCharacter { position: 41 });
}

#[test]
fn ids_count_and_start_again() {
    let mut thing = thing().counting_from(Id(u32::MAX));
    let (last, first) = (thing.post(&[1]).id(), thing.post(&[1]).id());
    assert_eq!((last, first), (Id(4_294_967_295), Id(0)));
    assert_eq!(written(&thing.counting_from(last).post(&[1])).1.find(r#""id":"4294967295","#), Some(1));
}

#[test]
fn an_answer_has_the_id_just_as_it_came() {
    let thing = thing();
    let topic = ReceivedTopic::new(b"/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set");
    for id in [r#""160500006""#, "160500006", r#""1|exp-topic|/sys/\u00e9\"""#, "-1.50e+3", r#""""#] {
        let payload = format!(r#"{{"params":{{}} , "id" : {id} }}"#);
        let Ok(Incoming::PropertySet(call)) = thing.read(topic, payload.as_bytes()) else { panic!("{payload}") };
        let mut buffer = [0; 256];
        let (topic, payload) = shown(thing.answer(&call, Code::SUCCESS).write(&mut buffer).unwrap());
        assert_eq!(topic, "thing/service/property/set_reply");
        assert_eq!(payload, format!(r#"{{"id":{id},"code":200,"data":{{}}}}"#));
    }
}

#[test]
fn a_service_answers_with_its_outputs() {
    let thing = thing();
    let topic = ReceivedTopic::new(b"/sys/a1JszCpjS61/NT35E_06011/thing/service/measure");
    let Ok(Incoming::Service { identifier: "measure", call }) = thing.read(topic, br#"{"id":"5"}"#) else { panic!() };
    let mut buffer = [0; 256];
    let outputs = BTreeMap::from([("level", 3)]);
    let (topic, payload) = shown(thing.answer(&call, Code(100_001)).with(&outputs).write(&mut buffer).unwrap());
    assert_eq!(topic, "thing/service/measure_reply");
    assert_eq!(payload, r#"{"id":"5","code":100001,"data":{"level":3}}"#);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is written is what serde_json reads.
    #[test]
    fn numbers_and_text_are_written_right(signed in any::<i64>(), small in any::<i8>(), unsigned in any::<u64>(), text in any::<String>(), float in any::<f32>()) {
        let float = if float.is_finite() { float } else { 0.0 };
        let mut buffer = std::vec![0; 4096];
        let payload = thing().post(&(signed, small, unsigned, &text)).write(&mut buffer).unwrap().payload().to_vec();
        let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
        prop_assert_eq!(&payload["params"], &serde_json::json!([signed, small, unsigned, text]));
        // serde_json itself may be off by a bit.
        let single: f32 = params(&[float]).trim_matches(['[', ']']).parse().unwrap();
        let double: f64 = params(&[f64::from(float)]).trim_matches(['[', ']']).parse().unwrap();
        prop_assert_eq!((single, double), (float, f64::from(float)));
    }

    #[test]
    fn decimals_are_written_as_they_are_shown(units in prop_oneof![any::<i32>(), -2_000_i32..2_000, Just(i32::MIN)]) {
        prop_assert_eq!(params(&[Decimal::<0>::from_units(units)]), format!("[{}]", Decimal::<0>::from_units(units)));
        prop_assert_eq!(params(&[Decimal::<1>::from_units(units)]), format!("[{}]", Decimal::<1>::from_units(units)));
        prop_assert_eq!(params(&[Decimal::<3>::from_units(units)]), format!("[{}]", Decimal::<3>::from_units(units)));
        prop_assert_eq!(params(&[Decimal::<9>::from_units(units)]), format!("[{}]", Decimal::<9>::from_units(units)));
        let shown: f64 = Decimal::<3>::from_units(units).to_string().parse().unwrap();
        prop_assert!((shown * 1000.0 - f64::from(units)).abs() < 0.001);
    }
}
