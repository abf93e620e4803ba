//! Topics are built as the platform's documentation has them, and recognized if, and only if, they could be built.

use super::{Downlink, TopicText, Uplink};
use crate::value::{Field, InvalidField, ReceivedTopic, Rule, Triple};
use proptest::prelude::*;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn triple() -> Triple<'static> {
    Triple::new("a1JszCpjS61", "NT35E_06011", SECRET).unwrap()
}

fn down(text: &str) -> Option<Downlink<'_>> {
    Downlink::of(ReceivedTopic::new(text.as_bytes()), triple())
}

fn up(text: &str) -> Option<Uplink<'_>> {
    Uplink::of(ReceivedTopic::new(text.as_bytes()), triple())
}

/// The topics as written in `aliyun.md` §6, in the order of the enum.
const UP: [&str; 22] = [
    "/a1JszCpjS61/NT35E_06011/user/update/error",
    "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post",
    "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/batch/post",
    "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/history/post",
    "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/event/alarm/post",
    "/sys/a1JszCpjS61/NT35E_06011/thing/service/1695281536874_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/model/up_raw",
    "/sys/a1JszCpjS61/NT35E_06011/thing/model/down_raw_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/property/desired/get",
    "/sys/a1JszCpjS61/NT35E_06011/thing/property/desired/delete",
    "/sys/a1JszCpjS61/NT35E_06011/thing/deviceinfo/update",
    "/sys/a1JszCpjS61/NT35E_06011/thing/deviceinfo/delete",
    "/sys/a1JszCpjS61/NT35E_06011/thing/config/get",
    "/sys/a1JszCpjS61/NT35E_06011/thing/config/push_reply",
    "/sys/a1JszCpjS61/NT35E_06011/rrpc/response/1695281536874",
    "/ext/ntp/a1JszCpjS61/NT35E_06011/request",
    "/ota/device/inform/a1JszCpjS61/NT35E_06011",
    "/ota/device/progress/a1JszCpjS61/NT35E_06011",
    "/sys/a1JszCpjS61/NT35E_06011/thing/ota/firmware/get",
    "/sys/a1JszCpjS61/NT35E_06011/thing/file/download",
    "/shadow/update/a1JszCpjS61/NT35E_06011",
];

const DOWN: [&str; 23] = [
    "/a1JszCpjS61/NT35E_06011/user/update/error",
    "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/batch/post_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/history/post_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set",
    "/sys/a1JszCpjS61/NT35E_06011/thing/event/alarm/post_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/service/1695281536874",
    "/sys/a1JszCpjS61/NT35E_06011/thing/model/up_raw_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/model/down_raw",
    "/sys/a1JszCpjS61/NT35E_06011/thing/property/desired/get_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/property/desired/delete_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/deviceinfo/update_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/deviceinfo/delete_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/config/get_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/config/push",
    "/sys/a1JszCpjS61/NT35E_06011/rrpc/request/1695281536874",
    "/sys/a1JszCpjS61/NT35E_06011/broadcast/request/1695281536874",
    "/broadcast/a1JszCpjS61/update/error",
    "/ext/ntp/a1JszCpjS61/NT35E_06011/response",
    "/ota/device/upgrade/a1JszCpjS61/NT35E_06011",
    "/sys/a1JszCpjS61/NT35E_06011/thing/ota/firmware/get_reply",
    "/sys/a1JszCpjS61/NT35E_06011/thing/file/download_reply",
    "/shadow/get/a1JszCpjS61/NT35E_06011",
];

const CUSTOM_RRPC: [(&str, &str); 3] = [
    ("/ext/rrpc/123//a1JszCpjS61/NT35E_06011/user/get", "/a1JszCpjS61/NT35E_06011/user/get"),
    ("/ext/rrpc/123/a1JszCpjS61/NT35E_06011/user/get", "a1JszCpjS61/NT35E_06011/user/get"),
    ("/ext/rrpc/123/sys/a1JszCpjS61/NT35E_06011/thing/service/on", "sys/a1JszCpjS61/NT35E_06011/thing/service/on"),
];

#[test]
fn each_is_built_as_documented_and_recognized_as_what_it_is() {
    let ups = Uplink::each();
    assert_eq!(ups.len(), UP.len());
    for ((topic, name), text) in ups.into_iter().zip(UP) {
        assert_eq!(topic.topic(triple()).unwrap().as_str(), text, "{name}");
        assert_eq!(up(text), Some(topic), "{name}");
    }
    let downs = Downlink::each();
    assert_eq!(downs.len(), DOWN.len());
    for ((topic, name), text) in downs.into_iter().zip(DOWN) {
        assert_eq!(topic.filter(triple()).unwrap().as_str(), text, "{name}");
        assert_eq!(down(text), Some(topic), "{name}");
    }
    for (text, topic) in CUSTOM_RRPC {
        let message_id = "123";
        assert_eq!(Downlink::CustomRrpc { message_id, topic }.filter(triple()).unwrap().as_str(), text);
        assert_eq!(down(text), Some(Downlink::CustomRrpc { message_id, topic }));
        assert_eq!(Uplink::CustomRrpc { message_id, topic }.topic(triple()).unwrap().as_str(), text);
        assert_eq!(up(text), Some(Uplink::CustomRrpc { message_id, topic }));
    }
}

#[test]
fn those_without_a_part_of_their_own_fit_the_longest_names() {
    let longest = Triple::new("a1JszCpjS61234567890", "NT35E-0601.NT35E_0601@NT35E:0601", SECRET).unwrap();
    for (topic, name) in Uplink::each() {
        assert!(topic.topic(longest).is_ok(), "{name}");
    }
    for (topic, name) in Downlink::each() {
        let text = topic.filter(longest).unwrap();
        assert_eq!(Downlink::of(ReceivedTopic::new(text.as_bytes()), longest), Some(topic), "{name}");
        assert_eq!(down(&text), None, "{name}");
    }
}

#[test]
fn what_is_another_devices_or_almost_right_is_not_recognized() {
    for text in DOWN.into_iter().chain(CUSTOM_RRPC.map(|(text, _)| text)) {
        let mut foreign = Vec::from([
            text.replace("a1JszCpjS61", "a1JszCpjS62"),
            text.replace("a1JszCpjS61", "a1JszCpjS6"),
            text.replace("a1JszCpjS61", "A1JszCpjS61"),
            format!("{text}/"),
            format!("{text} "),
            format!("/{text}"),
            text[1..].to_string(),
            text.replace('/', "//"),
        ]);
        if !text.starts_with("/broadcast/") {
            foreign.extend(
                ["NT35E_06012", "NT35E_0601", "NT35E_060111", "+", "OTHER"]
                    .map(|name| text.replace("NT35E_06011", name)),
            );
        }
        for foreign in foreign {
            assert_eq!(down(&foreign), None, "{foreign}");
        }
    }
    for text in [
        "",
        "/",
        "/a1JszCpjS61/NT35E_06011/user",
        "/a1JszCpjS61/NT35E_06011/user/",
        "/a1JszCpjS61/NT35E_06011/user/+",
        "/a1JszCpjS61/NT35E_06011/user/a-b",
        "/a1JszCpjS61/NT35E_06011/USER/get",
        "/a1JszCpjS61/ NT35E_06011 /user/get",
        "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post",
        "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set_reply",
        "/sys/a1JszCpjS61/NT35E_06011/thing/service/",
        "/sys/a1JszCpjS61/NT35E_06011/thing/service/a/b",
        "/sys/a1JszCpjS61/NT35E_06011/thing/service/+",
        "/sys/a1JszCpjS61/NT35E_06011/thing/event/post_reply",
        "/sys/a1JszCpjS61/NT35E_06011/rrpc/request/",
        "/sys/a1JszCpjS61/NT35E_06011/rrpc/response/1",
        "/ext/ntp/a1JszCpjS61/NT35E_06011/request",
        "/ext/rrpc/1",
        "/ext/rrpc//a1JszCpjS61/NT35E_06011/user/get",
        "/ext/rrpc/1//a1JszCpjS61/NT35E_06011",
        "/ext/rrpc/1//a1JszCpjS61/NT35E_06011//get",
        "/ext/rrpc/1//sys/a1JszCpjS61/NT35E_06011/thing/service/on",
        "/broadcast/a1JszCpjS61",
        "/shadow/get/a1JszCpjS61/NT35E_06011/x",
    ] {
        assert_eq!(down(text), None, "{text}");
    }
    assert_eq!(Downlink::of(ReceivedTopic::new(b"/a1JszCpjS61/NT35E_06011/user/\xff"), triple()), None);
}

#[test]
fn length_and_depth_end_where_the_platforms_do() {
    let path = "x".repeat(128 - "/a1JszCpjS61/NT35E_06011/user/".len());
    let longest = Downlink::Custom { path: &path }.filter(triple()).unwrap();
    assert_eq!(longest.len(), 128);
    assert_eq!(down(&longest), Some(Downlink::Custom { path: &path }));
    let path = format!("{path}x");
    let too_long = InvalidField::new(Field::Topic, Rule::AtMost { limit: 128, actual: 129 });
    assert_eq!(Uplink::Custom { path: &path }.topic(triple()), Err(too_long));
    assert_eq!(down(&format!("/a1JszCpjS61/NT35E_06011/user/{path}")), None);

    let deepest = Uplink::Custom { path: "4/5/6/7" }.topic(triple()).unwrap();
    assert_eq!(deepest.as_str(), "/a1JszCpjS61/NT35E_06011/user/4/5/6/7");
    assert_eq!(up(&deepest), Some(Uplink::Custom { path: "4/5/6/7" }));
    let too_deep = InvalidField::new(Field::Topic, Rule::Form);
    assert_eq!(Uplink::Custom { path: "4/5/6/7/8" }.topic(triple()), Err(too_deep));
    assert_eq!(up("/a1JszCpjS61/NT35E_06011/user/4/5/6/7/8"), None);
    assert!(Downlink::Broadcast { path: "3/4/5/6/7" }.filter(triple()).is_ok());
    assert!(Downlink::Broadcast { path: "3/4/5/6/7/8" }.filter(triple()).is_err());
}

#[test]
fn a_wrong_part_is_named() {
    let refused = |result: Result<TopicText, InvalidField>, field, rule| {
        assert_eq!(result, Err(InvalidField::new(field, rule)));
    };
    let custom = |path| Uplink::Custom { path }.topic(triple());
    refused(custom("a-b"), Field::Topic, Rule::IllegalCharacter { position: 31 });
    refused(custom("a b"), Field::Topic, Rule::IllegalCharacter { position: 31 });
    for path in ["", "/", "a/", "/a", "a//b"] {
        refused(custom(path), Field::Topic, Rule::Form);
    }
    refused(custom("+"), Field::Topic, Rule::Wildcard { position: 30 });
    for identifier in ["", "a/b", "property"] {
        refused(Uplink::EventPost { identifier }.topic(triple()), Field::Topic, Rule::Form);
    }
    for message_id in ["", "1/2", "#"] {
        refused(Downlink::RrpcRequest { message_id }.filter(triple()), Field::TopicFilter, Rule::Form);
    }
    for (message_id, topic) in [("", "/a1JszCpjS61/NT35E_06011/x"), ("1", "/a1JszCpjS61/OTHER/x"), ("1", "")] {
        refused(Uplink::CustomRrpc { message_id, topic }.topic(triple()), Field::Topic, Rule::Form);
    }
}

#[test]
fn a_filter_takes_wildcards_where_mqtt_does() {
    let filter = |topic: Downlink<'_>| topic.filter(triple()).map(|text| text.to_string());
    let own = filter(Downlink::Custom { path: "#" }).unwrap();
    assert_eq!(own, "/a1JszCpjS61/NT35E_06011/user/#");
    for topic in [
        Downlink::Custom { path: "+/error" },
        Downlink::EventPostReply { identifier: "+" },
        Downlink::Service { identifier: "+" },
        Downlink::RrpcRequest { message_id: "+" },
        Downlink::CustomRrpc { message_id: "+", topic: &own },
        Downlink::Broadcast { path: "#" },
    ] {
        let text = filter(topic).unwrap();
        assert_eq!(down(&text), None, "a message has no wildcards: {text}");
    }
    for path in ["a+", "#/a", "a#"] {
        assert!(matches!(filter(Downlink::Custom { path }), Err(InvalidField { rule: Rule::Wildcard { .. }, .. })));
    }
    assert!(filter(Downlink::Service { identifier: "+x" }).is_err());
}

/// Bytes that are a topic, or nearly one.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<String> =
        UP.into_iter().chain(DOWN).chain(CUSTOM_RRPC.map(|(text, _)| text)).map(ToString::to_string).collect();
    let level = prop_oneof!["[a-z_+#/:-]{0,5}", Just("a1JszCpjS61/NT35E_06011".to_string()), Just("property".into())];
    let change = (any::<prop::sample::Index>(), 0_usize..6, level);
    let changed = (prop::sample::select(known), prop::collection::vec(change, 0..3)).prop_map(|(text, changes)| {
        let mut bytes = text.into_bytes();
        for (at, removed, inserted) in changes {
            let at = at.index(bytes.len() + 1);
            let end = bytes.len().min(at + removed);
            drop(bytes.splice(at..end, inserted.into_bytes()));
        }
        bytes
    });
    prop_oneof![4 => changed, 1 => prop::collection::vec(any::<u8>(), 0..140)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_recognized_is_what_would_be_built(bytes in nearly()) {
        let topic = ReceivedTopic::new(&bytes);
        if let Some(found) = Downlink::of(topic, triple()) {
            let built = found.filter(triple()).unwrap();
            prop_assert_eq!(built.as_bytes(), &bytes[..]);
        }
        if let Some(found) = Uplink::of(topic, triple()) {
            let built = found.topic(triple()).unwrap();
            prop_assert_eq!(built.as_bytes(), &bytes[..]);
        }
    }

    #[test]
    fn what_was_built_is_recognized(part in "[a-zA-Z0-9_/:+#.-]{0,12}") {
        let part = part.as_str();
        for built in [
            Downlink::Custom { path: part },
            Downlink::Broadcast { path: part },
            Downlink::EventPostReply { identifier: part },
            Downlink::Service { identifier: part },
            Downlink::RrpcRequest { message_id: part },
            Downlink::BroadcastToAll { message_id: part },
        ] {
            if let Ok(text) = built.filter(triple()) {
                let is_topic = !text.contains(['+', '#']);
                prop_assert_eq!(down(&text), is_topic.then_some(built));
            }
        }
    }
}
