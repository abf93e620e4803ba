//! The user's types, held against serde_json: what it refuses gives nothing, and what is read is what it reads.

use std::string::String;
use std::vec::Vec;
use std::{format, vec};

use proptest::prelude::*;
use serde::de::{Deserializer, Error as _, IgnoredAny};
use serde::{Deserialize, Serialize};

use super::thing;
use crate::aliyun::thing_model::{Decimal, Incoming, ReadError};
use crate::value::ReceivedTopic;

/// What a device might have, for both readers: the platform's forms are spelled out for serde_json.
#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Ours {
    on: Option<bool>,
    level: Option<i8>,
    count: Option<u16>,
    total: Option<u64>,
    offset: Option<i64>,
    meter: Option<Decimal<2>>,
    ratio: Option<f64>,
    label: Option<String>,
    mode: Option<Mode>,
    list: Option<Vec<i32>>,
    pair: Option<(u8, bool)>,
    inner: Option<Inner>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Theirs {
    on: Option<Switch>,
    level: Option<i8>,
    count: Option<u16>,
    total: Option<u64>,
    offset: Option<i64>,
    meter: Option<Hundredths>,
    ratio: Option<f64>,
    label: Option<String>,
    mode: Option<Named>,
    list: Option<Vec<i32>>,
    pair: Option<(u8, Switch)>,
    inner: Option<Inner>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
enum Mode {
    #[serde(rename = "1")]
    Heat,
    #[serde(rename = "2")]
    Cool,
    Auto,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Inner {
    a: i32,
    b: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Switch(bool);

impl<'de> Deserialize<'de> for Switch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Bool(on) => Ok(Self(on)),
            serde_json::Value::Number(number) if number.as_u64() == Some(0) => Ok(Self(false)),
            serde_json::Value::Number(number) if number.as_u64() == Some(1) => Ok(Self(true)),
            _ => Err(D::Error::custom("no switch")),
        }
    }
}

/// A variant by its name, or by a number that is its name.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Named(Mode);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let name = value.as_str().map_or_else(|| format!("{value}"), String::from);
        Mode::deserialize(serde_json::Value::String(name)).map(Self).map_err(D::Error::custom)
    }
}

/// A decimal as a float sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Hundredths(f64);

impl<'de> Deserialize<'de> for Hundredths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self)
    }
}

fn set<'m, T: Deserialize<'m>>(payload: &'m [u8]) -> Result<T, ReadError> {
    let topic = ReceivedTopic::new(b"/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set");
    match thing().read(topic, payload)? {
        Incoming::PropertySet(call) => call.params(),
        other => panic!("{other:?}"),
    }
}

fn read<'m, T: Deserialize<'m>>(params: &str) -> Result<T, ReadError> {
    set(String::leak(format!(r#"{{"id":"1","params":{params}}}"#)).as_bytes())
}

#[test]
fn a_part_of_the_properties_is_enough() {
    let expected = Ours { on: Some(true), meter: Some(Decimal::from_units(2155)), ..Ours::default() };
    assert_eq!(read(r#"{"meter":21.55,"on":1}"#), Ok(expected));
    assert_eq!(read(r#"{"unknown":[{"on":0}],"on":null}"#), Ok(Ours::default()));
    assert_eq!(read("{}"), Ok(Ours::default()));
    let expected = Ours { mode: Some(Mode::Cool), inner: Some(Inner { a: -3, b: None }), ..Ours::default() };
    assert_eq!(read(r#"{"mode":2,"inner":{"a":-3,"b":null}}"#), Ok(expected));
}

#[test]
fn a_number_that_its_type_does_not_hold_is_an_error() {
    for (params, error) in [
        (r#"{"level":128}"#, ReadError::OutOfRange),
        (r#"{"level":-129}"#, ReadError::OutOfRange),
        (r#"{"count":-1}"#, ReadError::OutOfRange),
        (r#"{"count":65536}"#, ReadError::OutOfRange),
        (r#"{"total":18446744073709551616}"#, ReadError::OutOfRange),
        (r#"{"total":99999999999999999999999999999999999999}"#, ReadError::OutOfRange),
        (r#"{"offset":9223372036854775808}"#, ReadError::OutOfRange),
        (r#"{"offset":-9223372036854775809}"#, ReadError::OutOfRange),
        (r#"{"level":1.0}"#, ReadError::WrongType),
        (r#"{"level":1e1}"#, ReadError::WrongType),
        (r#"{"level":-0}"#, ReadError::WrongType),
        (r#"{"level":"1"}"#, ReadError::WrongType),
        (r#"{"level":true}"#, ReadError::WrongType),
        (r#"{"on":2}"#, ReadError::OutOfRange),
        (r#"{"on":"1"}"#, ReadError::WrongType),
        (r#"{"meter":21.555}"#, ReadError::OutOfRange),
        (r#"{"meter":21474836.48}"#, ReadError::OutOfRange),
        (r#"{"meter":1e1}"#, ReadError::OutOfRange),
        (r#"{"meter":"1"}"#, ReadError::WrongType),
        (r#"{"ratio":1e400}"#, ReadError::OutOfRange),
        (r#"{"ratio":"1"}"#, ReadError::WrongType),
        (r#"{"mode":3}"#, ReadError::Refused),
        (r#"{"mode":{"1":null}}"#, ReadError::WrongType),
        (r#"{"label":5}"#, ReadError::WrongType),
        (r#"{"pair":[1]}"#, ReadError::Refused),
        (r#"{"pair":[1,1,1]}"#, ReadError::Refused),
        (r#"{"inner":{}}"#, ReadError::MissingMember),
        (r#"{"inner":[1,null]}"#, ReadError::WrongType),
        (r#"{"level":1,"level":1}"#, ReadError::DuplicateMember),
        (r#"{"level":1,"l\u0065vel":1}"#, ReadError::Malformed),
        (r#"{"label":"\u0065"}"#, ReadError::Refused),
        ("[]", ReadError::WrongType),
        ("null", ReadError::WrongType),
    ] {
        assert_eq!(read::<Ours>(params), Err(error), "{params}");
    }
    let limits = r#"{"level":-128,"count":65535,"total":18446744073709551615,"offset":-9223372036854775808,"meter":-21474836.48}"#;
    let limits = read::<Ours>(limits).unwrap();
    assert_eq!((limits.level, limits.count, limits.total), (Some(i8::MIN), Some(u16::MAX), Some(u64::MAX)));
    assert_eq!((limits.offset, limits.meter.map(Decimal::units)), (Some(i64::MIN), Some(i32::MIN)));
    let meter = |text: &str| read::<[Decimal<2>; 1]>(&format!("[{text}]")).map(|[decimal]| decimal.units());
    for (text, units) in
        [("0", 0), ("-0", 0), ("1", 100), ("-0.5", -50), ("1.2300", 123), ("0.01", 1), ("21474836.47", i32::MAX)]
    {
        assert_eq!(meter(text), Ok(units), "{text}");
    }
}

#[test]
fn who_does_not_say_what_it_wants_gets_nothing() {
    assert_eq!(read::<serde_json::Value>("{}"), Err(ReadError::Refused));
    assert_eq!(read::<IgnoredAny>(r#"{"a":[[[1]]]}"#), Ok(IgnoredAny));
}

#[test]
fn text_is_borrowed_or_held() {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Held<'m> {
        borrowed: &'m str,
        held: heapless::String<4>,
    }
    let held = |params: &str| read::<Held<'_>>(params).map(|held| format!("{}{}", held.borrowed, held.held));
    assert_eq!(held(r#"{"borrowed":"时","held":"1234"}"#), Ok("时1234".into()));
    assert_eq!(held(r#"{"borrowed":"a","held":"12345"}"#), Err(ReadError::Refused));
    assert_eq!(held(r#"{"borrowed":"\n","held":""}"#), Err(ReadError::Refused));
}

/// A value that suits a property, or nearly.
fn value() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        3 => any::<i64>().prop_map(|number| format!("{number}")),
        3 => (-300_i32..300).prop_map(|number| format!("{number}")),
        3 => "-?(0|[1-9][0-9]{0,4})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,3})?",
        1 => "[1-9][0-9]{15,40}",
        2 => prop_oneof![Just("0"), Just("1"), Just("2"), Just("true"), Just("false"), Just("null"), Just("-0")].prop_map(String::from),
        2 => "\"([ -!#-\\[\\]-~时]|\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-dA-D]{4}){0,4}\"",
        1 => prop_oneof![Just("\"1\""), Just("\"Auto\""), Just("\"2\"")].prop_map(String::from),
        1 => "[-+0-9.eE]{0,4}",
    ];
    scalar.prop_recursive(2, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|values| format!("[{}]", values.join(","))),
            prop::collection::vec(inner, 0..3).prop_map(|values| {
                let names = ["a", "b", "c"];
                let members: Vec<String> =
                    names.iter().zip(&values).map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

fn params() -> impl Strategy<Value = String> {
    let names = vec![
        "on",
        "level",
        "count",
        "total",
        "offset",
        "meter",
        "ratio",
        "label",
        "mode",
        "list",
        "pair",
        "inner",
        "other",
        "l\\u0065vel",
    ];
    let member = (prop::sample::select(names), value(), "[ \n]?")
        .prop_map(|(name, value, space)| format!("{space}\"{name}\"{space}:{value}"));
    prop::collection::vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(",")))
}

/// What is read is what serde_json reads.
fn compare(params: &str) -> Result<(), TestCaseError> {
    let payload = format!(r#"{{"id":"1","params":{params}}}"#);
    let Ok(ours) = set::<Ours>(payload.as_bytes()) else { return Ok(()) };
    let theirs = serde_json::from_str::<Theirs>(params);
    prop_assert!(theirs.is_ok(), "{}: {:?} {:?}", payload, ours, theirs);
    let theirs = theirs.unwrap();
    prop_assert_eq!(ours.on, theirs.on.map(|on| on.0));
    prop_assert_eq!(ours.level, theirs.level);
    prop_assert_eq!(ours.count, theirs.count);
    prop_assert_eq!(ours.total, theirs.total);
    prop_assert_eq!(ours.offset, theirs.offset);
    prop_assert_eq!(ours.label, theirs.label);
    prop_assert_eq!(ours.mode, theirs.mode.map(|mode| mode.0));
    prop_assert_eq!(ours.list, theirs.list);
    prop_assert_eq!(ours.pair, theirs.pair.map(|(number, on)| (number, on.0)));
    prop_assert_eq!(ours.inner, theirs.inner);
    prop_assert_eq!(ours.meter.is_some(), theirs.meter.is_some());
    if let (Some(ours), Some(theirs)) = (ours.meter, theirs.meter) {
        prop_assert!((f64::from(ours.units()) - theirs.0 * 100.0).abs() < 0.01, "{}", params);
    }
    prop_assert_eq!(ours.ratio.is_some(), theirs.ratio.is_some());
    if let (Some(ours), Some(theirs)) = (ours.ratio, theirs.ratio) {
        // serde_json may be off by a bit or two.
        prop_assert!((ours - theirs).abs() <= theirs.abs() * 1e-15, "{}", params);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_is_what_serde_json_reads(params in params()) {
        compare(&params)?;
    }

    #[test]
    fn a_changed_payload_gives_no_other_property(params in params(), at in any::<prop::sample::Index>(), to in "[ \\[\\]{}\",:.eE0-9a-z\\\\-]{0,2}") {
        let mut bytes = params.into_bytes();
        let at = at.index(bytes.len());
        bytes.splice(at..=at, to.into_bytes());
        if let Ok(changed) = String::from_utf8(bytes) {
            compare(&changed)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    /// What serde_json reads is read, as far as it is meant to be: the above would hold as well if nothing ever were.
    #[test]
    fn what_suits_the_type_is_read(
        on: bool, level: i8, count: u16, total: u64, offset: i64, meter: i32, label in "[ -!#-\\[\\]-~时]{0,8}", list: Vec<i32>, a: i32,
    ) {
        let meter = Decimal::<2>::from_units(meter);
        let params = format!(
            r#"{{"on":{on},"level":{level},"count":{count},"total":{total},"offset":{offset},"meter":{meter},"label":"{label}","list":{list:?},"inner":{{"a":{a}}}}}"#
        );
        let expected = Ours {
            on: Some(on), level: Some(level), count: Some(count), total: Some(total), offset: Some(offset), meter: Some(meter),
            label: Some(label), list: Some(list), inner: Some(Inner { a, b: None }), ..Ours::default()
        };
        prop_assert_eq!(read(&params), Ok(expected));
    }
}
