use super::{Pending, Registered, Registrant, RegistrationFailure, read};
use crate::at::Restart;
use crate::time::Instant;
use crate::urc::{ConnectionStatus, Event, StatusReport};
use crate::value::ReceivedTopic;

const SECRET: &str = r#"{"productKey":"a1JszCpjS61","deviceName":"NT35E_06011","deviceSecret":"0123456789abcdef"}"#;
const TOKEN: &str =
    r#"{"productKey":"a1JszCpjS61","deviceName":"NT35E_06011","clientId":"k.dev1","deviceToken":"^1^a/b+c="}"#;

fn registrant() -> Registrant<'static> {
    Registrant::new("a1JszCpjS61", "NT35E_06011", "h1nQFYPZS0mW0000").unwrap()
}

fn credentials(payload: &str) -> Result<Registered, RegistrationFailure> {
    read(payload.as_bytes(), registrant())
}

fn message<'a>(topic: &'static str, payload: &'a str) -> Option<Event<'a>> {
    let topic = ReceivedTopic::new(topic.as_bytes());
    Some(Event::Message { topic, message_id: None, payload: payload.as_bytes() })
}

#[test]
fn both_kinds_are_told_by_their_fields_in_any_order_with_others_among_them() {
    assert_eq!(credentials(SECRET).unwrap().expose_device_secret(), Some("0123456789abcdef"));
    let token = credentials(TOKEN).unwrap();
    assert_eq!((token.client_id(), token.expose_device_token()), (Some("k.dev1"), Some("^1^a/b+c=")));
    let other_order = "\r\n{ \"deviceSecret\" : \"abc\", \"x\":[{\"deviceSecret\":\"no\"},1e9], \"deviceName\":\
        \"NT35E_06011\",\t\"productKey\":\"a1JszCpjS61\" } ";
    assert_eq!(credentials(other_order).unwrap().expose_device_secret(), Some("abc"));
    // A client id beside a DeviceSecret is one of the other members.
    let with_id = SECRET.replace("{", r#"{"clientId":"c","#);
    assert_eq!(credentials(&with_id).unwrap().expose_device_secret(), Some("0123456789abcdef"));
}

#[test]
fn what_is_not_such_an_object_is_malformed() {
    let deep = SECRET.replace("{", &std::format!("{{\"x\":{}", "[".repeat(1000)));
    let secret_of = |value: &str| SECRET.replace("\"0123456789abcdef\"", value);
    let long = std::format!("\"{}\"", "x".repeat(65));
    for payload in [
        "",
        "{}",
        "null",
        "[]",
        "{",
        "\0",
        r#""deviceSecret""#,
        &deep,
        &SECRET.replace("deviceSecret", "devicesecret"),
        &SECRET.replace("productKey", "productkey"),
        &SECRET.replace("\"NT35E_06011\"", "6011"),
        &SECRET.replace("{", r#"{"deviceSecret":"abc","#),
        &SECRET.replace("{", r#"{"deviceToken":"abc","#),
        &TOKEN.replace("clientId", "clientid"),
        &TOKEN.replace("deviceToken", "devicetoken"),
        &TOKEN.replace("k.dev1", "k|dev1"),
        &TOKEN.replace("k.dev1", &"k".repeat(65)),
        &TOKEN.replace("^1^", &"^".repeat(300)),
        &TOKEN.replace("^1^", r"\u0041"),
        &secret_of("null"),
        &secret_of("\"\""),
        &secret_of("123"),
        &secret_of(&"9".repeat(5000)),
        &secret_of("{\"a\":\"b\"}"),
        &secret_of("[\"abc\"]"),
        &secret_of(r#""a\"b""#),
        &secret_of(r#""a\u0062""#),
        &secret_of("\"a b\""),
        &secret_of("\"\u{5bc6}\""),
        &secret_of(&long),
        &std::format!("{SECRET}{SECRET}"),
        &std::format!("{SECRET},"),
    ] {
        assert_eq!(credentials(payload), Err(RegistrationFailure::Malformed), "{payload}");
    }
    for payload in [SECRET, TOKEN] {
        for cut in 0..payload.len() {
            assert_eq!(credentials(&payload[..cut]), Err(RegistrationFailure::Malformed), "{cut}");
        }
    }
    assert_eq!(read(b"{\"deviceSecret\":\"\xff\"}", registrant()), Err(RegistrationFailure::Malformed));
}

#[test]
fn a_message_for_another_device_is_not_taken() {
    for payload in [
        SECRET.replace("a1JszCpjS61", "a1JszCpjS62"),
        SECRET.replace("06011", "06012"),
        SECRET.replace("06011", "060112"),
        TOKEN.replace("NT35E_06011", ""),
    ] {
        assert_eq!(credentials(&payload), Err(RegistrationFailure::AnotherDevice), "{payload}");
    }
}

#[test]
fn a_message_is_looked_for_in_both_topics_and_no_others() {
    let pending = Pending::new(registrant(), Instant::from_millis(0));
    let now = Instant::from_millis(1);
    for topic in ["/ext/register", "/ext/regnwl"] {
        for payload in [SECRET, TOKEN] {
            assert!(pending.observe(message(topic, payload), now).unwrap().is_some());
        }
        let topic = ReceivedTopic::new(topic.as_bytes());
        let large = Event::LargeMessage { topic, message_id: None, length: 5000 };
        assert_eq!(pending.observe(Some(large), now), Err(RegistrationFailure::TooLarge { length: 5000 }));
    }
    for topic in ["/ext/register/", "/ext/regist", "/a1JszCpjS61/NT35E_06011/user/get"] {
        assert_eq!(pending.observe(message(topic, SECRET), now), Ok(None));
    }
}

#[test]
fn after_15_s_nothing_is_waited_for() {
    let pending = Pending::new(registrant(), Instant::from_millis(5_000));
    assert_eq!(pending.observe(None, Instant::from_millis(19_999)), Ok(None));
    assert_eq!(pending.observe(None, Instant::from_millis(20_000)), Err(RegistrationFailure::NoMessage));
    assert_eq!(pending.observe(None, Instant::from_millis(u64::MAX)), Err(RegistrationFailure::NoMessage));
    // What came in time is taken, however late it is looked at.
    assert!(pending.observe(message("/ext/register", SECRET), Instant::from_millis(25_000)).unwrap().is_some());
}

#[test]
fn a_link_that_ends_is_lost_unless_the_platform_had_waited_long_enough() {
    let pending = Pending::new(registrant(), Instant::from_millis(0));
    let report = StatusReport { status: ConnectionStatus::ClosedByPeer, extend: None };
    for event in [Event::Disconnected(report), Event::Restarted(Restart::Booted)] {
        for (millis, failure) in [
            (0, RegistrationFailure::LinkLost),
            (13_999, RegistrationFailure::LinkLost),
            (14_000, RegistrationFailure::NoMessage),
        ] {
            assert_eq!(pending.observe(Some(event), Instant::from_millis(millis)), Err(failure));
        }
    }
    // A status of an earlier link, and other lines.
    for event in [Event::Status(report), Event::Line(b"RDY")] {
        assert_eq!(pending.observe(Some(event), Instant::from_millis(1)), Ok(None));
    }
}
