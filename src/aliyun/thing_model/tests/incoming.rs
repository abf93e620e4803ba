//! What the platform sends, as captures have it, and what only looks like it.

use std::format;
use std::string::String;

use proptest::prelude::*;
use serde::Deserialize;

use super::thing;
use crate::aliyun::thing_model::{Code, Desired, Id, Incoming, ReadError, RemoteConfig, Reply};
use crate::time::{Duration, Instant};
use crate::value::ReceivedTopic;

const REPLY: &str =
    r#"{"code":200,"data":{},"id":"1","message":"success","method":"thing.event.property.post","version":"1.0"}"#;
const SET: &str =
    r#"{"method":"thing.service.property.set","id":"160500006","params":{"LightSwitch":0},"version":"1.0.0"}"#;

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "PascalCase")]
struct Settings {
    light_switch: Option<bool>,
}

fn read<'m>(topic: &'m str, payload: &'m (impl AsRef<[u8]> + ?Sized)) -> Result<Incoming<'m>, ReadError> {
    thing().read(ReceivedTopic::new(topic.as_bytes()), payload.as_ref())
}

fn sys(topic: &str) -> String {
    format!("/sys/a1JszCpjS61/NT35E_06011/{topic}")
}

fn post_reply(payload: &str) -> Result<Reply<'_>, ReadError> {
    match thing()
        .read(ReceivedTopic::new(b"/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post_reply"), payload.as_bytes())?
    {
        Incoming::PropertyPostReply(reply) => Ok(reply),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_captured_reply_is_read() {
    let reply = post_reply(REPLY).unwrap();
    assert!(reply.answers(Id(1)));
    assert!(!reply.answers(Id(2)));
    assert_eq!(reply.code(), Code::SUCCESS);
    assert_eq!(reply.data_as_json(), b"{}");
}

#[test]
fn id_and_code_are_numbers_or_text_in_any_order() {
    for payload in [
        r#"{"id":7,"code":"6106"}"#,
        r#" { "code" : 6106 , "data" : null, "id" : "7" } "#,
        r#"{"x":[{"id":1}],"id":"7","y":{"code":200},"code":"6106"}"#,
    ] {
        let reply = post_reply(payload).unwrap();
        assert!(reply.answers(Id(7)));
        assert_eq!(reply.code(), Code::TOO_MANY_PROPERTIES);
    }
    assert!(post_reply(r#"{"id":"4294967295","code":200}"#).unwrap().answers(Id(u32::MAX)));
}

#[test]
fn the_reply_to_another_request_is_none() {
    for id in ["\"07\"", "\"8\"", "4294967303", "\" 7\"", "7.0", "-7", "7e0", "\"\\u0037\"", "\"7|x\"", "\"\""] {
        let payload = format!(r#"{{"id":{id},"code":200}}"#);
        assert!(!post_reply(&payload).unwrap().answers(Id(7)), "{id}");
    }
}

#[test]
fn what_is_no_message_gives_an_error() {
    for payload in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"id":"1"}"#,
        r#"{"code":200}"#,
        r#"{"id":null,"code":200}"#,
        r#"{"id":{},"code":200}"#,
        r#"{"id":true,"code":200}"#,
        r#"{"id":"1","code":"two hundred"}"#,
        r#"{"id":"1","code":-200}"#,
        r#"{"id":"1","code":200.0}"#,
        r#"{"id":"1","code":4294967496}"#,
        r#"{"id":"1","code":99999999999999999999999999999}"#,
        r#"{"id":"1","id":"1","code":200}"#,
        r#"{"id":"1","code":200,"code":200}"#,
        r#"{"id":"1","code":200,"data":{},"data":{}}"#,
        r#"{"id":"1","code":200,"\u0069d":"2"}"#,
        r#"{"id":"1","c\u006fde":200}"#,
        r#"{"id":"1","code":200}}"#,
        r#"{"id":"1","code":200,}"#,
        r#"{'id':'1','code':200}"#,
        r#"{id:1,code:200}"#,
    ] {
        assert!(matches!(post_reply(payload), Err(ReadError::Malformed)), "{payload}");
    }
    let not_text = b"{\"id\":\"1\",\"code\":200,\"x\":\"\xff\"}";
    assert!(matches!(read(&sys("thing/event/property/post_reply"), &not_text[..]), Err(ReadError::Malformed)));
    for length in 0..REPLY.len() {
        assert!(matches!(post_reply(&REPLY[..length]), Err(ReadError::Malformed)), "cut at {length}");
    }
    for length in 0..SET.len() {
        assert!(
            matches!(read(&sys("thing/service/property/set"), &SET[..length]), Err(ReadError::Malformed)),
            "cut at {length}"
        );
    }
    let deep = |depth: usize| REPLY.replacen("{}", &format!("{}{}", "[".repeat(depth), "]".repeat(depth)), 1);
    assert!(post_reply(&deep(31)).is_ok());
    assert!(post_reply(&deep(32)).is_err());
    assert!(post_reply(&deep(100_000)).is_err());
}

#[test]
fn the_captured_set_is_read() {
    let topic = sys("thing/service/property/set");
    let Ok(Incoming::PropertySet(call)) = read(&topic, SET) else { panic!() };
    assert_eq!(call.params(), Ok(Settings { light_switch: Some(false) }));
    assert_eq!(call.params_as_json(), br#"{"LightSwitch":0}"#);
    assert_eq!(call.deadline(Instant::from_millis(0)), None);
}

#[test]
fn a_set_without_parameters_sets_nothing() {
    let topic = sys("thing/service/property/set");
    let Ok(Incoming::PropertySet(call)) = read(&topic, r#"{"id":"1"}"#) else { panic!() };
    assert_eq!(call.params(), Ok(Settings::default()));
}

#[test]
fn a_service_is_called_in_three_ways() {
    let payload = r#"{"method":"thing.service.reboot","id":"5","params":{"delay":3},"version":"1.0.0"}"#;
    let received = Instant::from_millis(1_000);
    for (topic, is_synchronous) in [
        (sys("thing/service/reboot"), false),
        (sys("rrpc/request/1695281536874"), true),
        (String::from("/ext/rrpc/17/sys/a1JszCpjS61/NT35E_06011/thing/service/reboot"), true),
    ] {
        let Ok(Incoming::Service { identifier: "reboot", call }) = read(&topic, payload) else { panic!("{topic}") };
        assert_eq!(call.params_as_json(), br#"{"delay":3}"#);
        let deadline = call.deadline(received);
        assert_eq!(deadline.is_some(), is_synchronous);
        assert_eq!(
            deadline.and_then(|deadline| deadline.left(received)),
            is_synchronous.then_some(Duration::from_secs(8))
        );
        let mut buffer = [0; 256];
        let answer = thing().answer(&call, Code::SUCCESS).write(&mut buffer).unwrap();
        assert_eq!(
            answer.topic(),
            topic.replace("request", "response").replace(
                "/sys/a1JszCpjS61/NT35E_06011/thing/service/reboot",
                if is_synchronous {
                    "/sys/a1JszCpjS61/NT35E_06011/thing/service/reboot"
                } else {
                    "/sys/a1JszCpjS61/NT35E_06011/thing/service/reboot_reply"
                }
            )
        );
        assert_eq!(answer.payload(), br#"{"id":"5","code":200,"data":{}}"#);
    }
}

#[test]
fn properties_are_set_in_three_ways() {
    for topic in [
        sys("thing/service/property/set"),
        sys("rrpc/request/17"),
        String::from("/ext/rrpc/17/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set"),
    ] {
        assert!(matches!(read(&topic, SET), Ok(Incoming::PropertySet(_))), "{topic}");
    }
}

#[test]
fn what_is_not_of_the_thing_model_is_told() {
    for topic in [
        "/a1JszCpjS61/NT35E_06011/user/get",
        "/sys/a1JszCpjS61/NT35E_06012/thing/service/property/set",
        "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post",
        "/ext/ntp/a1JszCpjS61/NT35E_06011/response",
        "/ext/rrpc/123//a1JszCpjS61/NT35E_06011/user/get",
        "/ext/rrpc/123/sys/a1JszCpjS61/NT35E_06011/thing/model/down_raw",
    ] {
        assert!(matches!(read(topic, SET), Err(ReadError::AnotherTopic)), "{topic}");
    }
    // A synchronous call of somebody else's, of which only the topic is known.
    for payload in
        ["raw", "{}", r#"{"id":"1","method":"other.service.x"}"#, r#"{"id":"1","method":5}"#, r#"{"id":"1"}"#]
    {
        assert!(matches!(read(&sys("rrpc/request/17"), payload), Err(ReadError::Malformed)), "{payload}");
    }
}

#[test]
fn every_reply_is_told_from_the_others() {
    let payload = r#"{"id":"1","code":200,"data":{}}"#;
    let is = |topic: &str, expected: fn(&Incoming<'_>) -> bool| {
        let topic = sys(topic);
        assert!(expected(&read(&topic, payload).unwrap()), "{topic}");
    };
    is("thing/event/property/post_reply", |incoming| matches!(incoming, Incoming::PropertyPostReply(_)));
    is("thing/event/alarm/post_reply", |incoming| {
        matches!(incoming, Incoming::EventPostReply { identifier: "alarm", .. })
    });
    is("thing/property/desired/get_reply", |incoming| matches!(incoming, Incoming::DesiredReply(_)));
    is("thing/property/desired/delete_reply", |incoming| matches!(incoming, Incoming::DesiredClearReply(_)));
    is("thing/deviceinfo/update_reply", |incoming| matches!(incoming, Incoming::TagsReply(_)));
    is("thing/deviceinfo/delete_reply", |incoming| matches!(incoming, Incoming::TagsRemoveReply(_)));
    is("thing/config/get_reply", |incoming| matches!(incoming, Incoming::ConfigReply(_)));
}

#[test]
fn desired_values_are_read() {
    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Wanted<'m> {
        #[serde(borrow)]
        power: Option<Desired<&'m str>>,
        level: Option<Desired<u8>>,
        mode: Option<Desired<u8>>,
    }
    let topic = sys("thing/property/desired/get_reply");
    let payload = r#"{"id":"1","code":200,"data":{"power":{"value":"on","version":2},"level":{"version":3}}}"#;
    let Ok(Incoming::DesiredReply(reply)) = read(&topic, payload) else { panic!() };
    let expected = Wanted {
        power: Some(Desired { value: Some("on"), version: 2 }),
        level: Some(Desired { value: None, version: 3 }),
        mode: None,
    };
    assert_eq!(reply.data(), Ok(expected));
}

#[test]
fn a_remote_configuration_is_asked_for_or_pushed() {
    let config = r#"{"configId":"123dagdah","configSize":1234565,"sign":"123214adfadgadg","signMethod":"Sha256","url":"https://iotx-config.oss-cn-shanghai.aliyuncs.com/nopoll_0.4.4.tar.gz?Expires=1502955804","getType":"file"}"#;
    let expected = RemoteConfig {
        config_id: "123dagdah",
        config_size: 1_234_565,
        sign: "123214adfadgadg",
        sign_method: "Sha256",
        url: "https://iotx-config.oss-cn-shanghai.aliyuncs.com/nopoll_0.4.4.tar.gz?Expires=1502955804",
    };
    let (payload, topic) =
        (format!(r#"{{"id":"123","version":"1.0","code":200,"data":{config}}}"#), sys("thing/config/get_reply"));
    let Ok(Incoming::ConfigReply(reply)) = read(&topic, &payload) else { panic!() };
    assert_eq!(reply.data(), Ok(expected));
    let (payload, topic) = (format!(r#"{{"id":"123","version":"1.0","params":{config}}}"#), sys("thing/config/push"));
    let Ok(Incoming::ConfigPush(call)) = read(&topic, &payload) else { panic!() };
    assert_eq!(call.params(), Ok(expected));
    let mut buffer = [0; 128];
    let answer = thing().answer(&call, Code::SUCCESS).write(&mut buffer).unwrap();
    assert_eq!(answer.topic(), sys("thing/config/push_reply"));
    assert_eq!(answer.payload(), br#"{"id":"123","code":200,"data":{}}"#);
}

#[test]
fn codes_have_words() {
    use std::string::ToString;
    assert_eq!(Code::SUCCESS.to_string(), "200: success");
    assert_eq!(Code(6106).to_string(), "6106: more than 200 properties");
    assert_eq!(Code(100_001).to_string(), "100001");
    assert!(Code(200).is_success() && !Code::NOT_JSON.is_success());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_payload_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(matches!(read(&sys("thing/service/property/set"), &bytes), Err(ReadError::Malformed)));
    }

    /// Where a changed reply is still one, id and code are those that serde_json reads.
    #[test]
    fn a_changed_reply_gives_no_other_id_or_code(at in 0..REPLY.len(), to in "[ \\[\\]{}\",:0-9a-z\\\\]{0,2}") {
        let changed: String = [&REPLY[..at], &to, &REPLY[at + 1..]].concat();
        if let Ok(reply) = post_reply(&changed) {
            let value: serde_json::Value = serde_json::from_str(&changed).unwrap();
            let number = |value: &serde_json::Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
            prop_assert_eq!(number(&value["code"]), Some(u64::from(reply.code().0)));
            if reply.answers(Id(1)) {
                prop_assert_eq!(number(&value["id"]), Some(1));
            }
        }
    }
}
