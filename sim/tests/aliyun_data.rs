//! What the platform keeps of a device: properties, desired values, tags, the shadow.

mod aliyun_client;

use aliyun_client::{Bench, DEVICE_NAME, PRODUCT_KEY, connect_with};
use mqttbytes::v4::Packet;
use nt35e_sim::aliyun::{ApiError, ConnectionId, DataType, EventKind, ProductModel, QoS, UnfitProperties};
use serde_json::{Value, json};

fn signed_in(bench: &mut Bench) -> ConnectionId {
    let connection = bench.open();
    bench.connect(connection, &connect_with("securemode=3,signmethod=hmacsha256,_ss=1", true));
    connection
}

/// Sends to a topic of the device and gives what comes back.
fn ask(bench: &mut Bench, connection: ConnectionId, topic: &str, payload: &str) -> Option<Value> {
    let topic = topic.replace("{device}", &format!("{PRODUCT_KEY}/{DEVICE_NAME}"));
    let mut packets = bench.publish(connection, QoS::AtMostOnce, &topic, payload);
    match packets.pop() {
        Some(Packet::Publish(reply)) => serde_json::from_slice(&reply.payload).ok(),
        _ => None,
    }
}

/// Asks with parameters under an id, and gives code and data.
fn request(bench: &mut Bench, connection: ConnectionId, part: &str, params: impl Into<Value>) -> (u64, Value) {
    let mut payload = json!({ "id": "7", "version": "1.0" });
    payload["params"] = params.into();
    let reply =
        ask(bench, connection, &format!("/sys/{{device}}/thing/{part}"), &payload.to_string()).expect("a reply");
    assert_eq!((&reply["id"], &reply["method"]), (&json!("7"), &json!(format!("thing.{}", part.replace('/', ".")))));
    (reply["code"].as_u64().unwrap(), reply["data"].clone())
}

const POST: &str = "event/property/post";

#[test]
fn a_posted_property_is_kept_with_or_without_its_time() {
    let mut bench = Bench::new();
    let connection = signed_in(&mut bench);
    let params = json!({ "Power": "on", "WF": { "value": 23.6, "time": 1_524_448_722_000_u64 } });
    assert_eq!(request(&mut bench, connection, POST, params), (200, json!({})));
    let property = |bench: &Bench, name| bench.cloud.property(PRODUCT_KEY, DEVICE_NAME, name).cloned();
    assert_eq!(property(&bench, "Power"), Some(json!("on")));
    assert_eq!(property(&bench, "WF"), Some(json!(23.6)));
    let batch = json!({ "properties": { "WF": [{ "value": 1, "time": 1 }, { "value": 2, "time": 2 }] } });
    assert_eq!(request(&mut bench, connection, "event/property/batch/post", batch).0, 200);
    assert_eq!(property(&bench, "WF"), Some(json!(2)));
}

#[test]
fn a_post_without_acknowledgement_is_taken_and_not_answered() {
    let mut bench = Bench::new();
    let connection = signed_in(&mut bench);
    let post = r#"{"id":"1","params":{"Power":"off"},"sys":{"ack":0}}"#;
    assert_eq!(ask(&mut bench, connection, "/sys/{device}/thing/event/property/post", post), None);
    assert_eq!(bench.cloud.property(PRODUCT_KEY, DEVICE_NAME, "Power"), Some(&json!("off")));
}

#[test]
fn lists_have_their_longest() {
    let map =
        |count| -> Value { (0..count).map(|n| (format!("p{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into() };
    let list = |count, entry: Value| Value::from(vec![entry; count]);
    let tag = json!({ "attrKey": "k", "attrValue": "v" });
    for (part, most, over, code) in [
        (POST, map(200), map(201), 6106),
        ("event/property/batch/post", json!({ "events": map(20) }), json!({ "events": map(21) }), 460),
        (
            "event/property/pack/post",
            json!({ "subDevices": list(20, json!({})) }),
            json!({ "subDevices": list(21, json!({})) }),
            460,
        ),
        ("deviceinfo/update", list(200, tag.clone()), list(201, tag), 460),
        ("log/post", list(40, json!({})), list(41, json!({})), 460),
    ] {
        let mut bench = Bench::new();
        let connection = signed_in(&mut bench);
        assert_eq!(request(&mut bench, connection, part, most).0, 200, "{part}");
        assert_eq!(request(&mut bench, connection, part, over).0, code, "{part}");
    }
}

#[test]
fn parameters_of_the_wrong_kind_are_refused() {
    let mut bench = Bench::new();
    let connection = signed_in(&mut bench);
    for (part, params) in [
        (POST, json!([])),
        ("event/alarm/post", json!([])),
        ("event/property/history/post", json!({})),
        ("event/property/batch/post", json!({ "properties": { "a": 1 } })),
        ("property/desired/get", json!({})),
        ("property/desired/delete", json!([])),
        ("deviceinfo/delete", json!([{}])),
    ] {
        assert_eq!(request(&mut bench, connection, part, params).0, 460, "{part}");
    }
    assert_eq!(request(&mut bench, connection, "event/property/history/post", json!([])).0, 200);
    assert_eq!(request(&mut bench, connection, "event/alarm/post", json!({ "value": {} })).0, 200);
    let posted =
        |event: &EventKind| matches!(event, EventKind::EventPosted { identifier, .. } if identifier == "alarm");
    assert_eq!(bench.cloud.events().iter().filter(|event| posted(&event.kind)).count(), 1);
}

#[test]
fn a_property_that_does_not_fit_is_left_out_or_the_post_refused() {
    for (unfit, unknown, wrong, kept) in
        [(UnfitProperties::Filter, 200, 200, Some(json!(5))), (UnfitProperties::Refuse, 6320, 6306, None)]
    {
        let mut bench = Bench::with(|settings| {
            settings.models.insert(PRODUCT_KEY.to_owned(), ProductModel::new([("Level", DataType::Int(0..=9))]));
            settings.open.unfit_properties = unfit;
        });
        let connection = signed_in(&mut bench);
        assert_eq!(request(&mut bench, connection, POST, json!({ "Level": 5, "Lvel": 6 })).0, unknown);
        assert_eq!(request(&mut bench, connection, POST, json!({ "Level": 10 })).0, wrong);
        assert_eq!(bench.cloud.property(PRODUCT_KEY, DEVICE_NAME, "Level").cloned(), kept);
        assert_eq!(bench.cloud.property(PRODUCT_KEY, DEVICE_NAME, "Lvel"), None);
    }
}

#[test]
fn a_desired_value_waits_for_an_offline_device() {
    let mut bench = Bench::new();
    let set = |bench: &mut Bench, params| bench.cloud.set_desired(PRODUCT_KEY, DEVICE_NAME, params);
    assert_eq!(set(&mut bench, r#"{"power":"on"}"#), Ok(None));
    assert_eq!(set(&mut bench, r#"{"power":"off"}"#), Ok(None));
    assert_eq!(set(&mut bench, "[]"), Err(ApiError::Parameters));
    let connection = signed_in(&mut bench);
    let get = |bench: &mut Bench| request(bench, connection, "property/desired/get", json!(["power", "none"]));
    assert_eq!(get(&mut bench), (200, json!({ "power": { "value": "off", "version": 2 } })));

    assert_eq!(request(&mut bench, connection, "property/desired/delete", json!({ "power": { "version": 1 } })).0, 200);
    assert!(bench.cloud.desired_property(PRODUCT_KEY, DEVICE_NAME, "power").is_some(), "a newer one stays");
    let delete = json!({ "power": { "version": 2 }, "t": {} });
    assert_eq!(request(&mut bench, connection, "property/desired/delete", delete).0, 200);
    assert_eq!(get(&mut bench), (200, json!({})));

    let id = set(&mut bench, r#"{"power":"on"}"#).unwrap().expect("a call to the device that is online");
    let message = bench.messages(connection).remove(0);
    assert!(message.topic.ends_with("/thing/service/property/set"));
    assert!(str::from_utf8(&message.payload).unwrap().contains(&id));
    assert_eq!(get(&mut bench), (200, json!({ "power": { "value": "on", "version": 3 } })));
    assert_eq!(request(&mut bench, connection, "property/desired/delete", json!({ "power": {} })).0, 200);
    assert_eq!(get(&mut bench), (200, json!({})));
}

#[test]
fn tags_come_and_go() {
    let mut bench = Bench::new();
    let connection = signed_in(&mut bench);
    let update = |bench: &mut Bench, key: &str| {
        request(bench, connection, "deviceinfo/update", json!([{ "attrKey": key, "attrValue": "v" }])).0
    };
    let (longest, too_long) = ("k".repeat(64), "k".repeat(65));
    for (key, code) in [("a_1", 200), (&longest, 200), (&too_long, 460), ("1a", 460), ("a-b", 460), ("", 460)] {
        assert_eq!(update(&mut bench, key), code, "{key}");
    }
    assert_eq!(bench.cloud.tag(PRODUCT_KEY, DEVICE_NAME, "a_1"), Some("v"));
    assert_eq!(request(&mut bench, connection, "deviceinfo/delete", json!([{ "attrKey": "a_1" }])).0, 200);
    assert_eq!(bench.cloud.tag(PRODUCT_KEY, DEVICE_NAME, "a_1"), None);
}

#[test]
fn a_forced_code_does_nothing_else() {
    let mut bench = Bench::new();
    let connection = signed_in(&mut bench);
    bench.cloud.answer_posts_with(Some(429));
    assert_eq!(request(&mut bench, connection, POST, json!({ "Power": 1 })), (429, json!({})));
    assert_eq!(bench.cloud.property(PRODUCT_KEY, DEVICE_NAME, "Power"), None);
}

#[test]
fn a_shadow_takes_only_newer_versions() {
    let mut bench = Bench::new();
    let connection = signed_in(&mut bench);
    let write = |bench: &mut Bench, method: &str, reported: Value, version: i64| {
        let request = json!({ "method": method, "state": { "reported": reported }, "version": version }).to_string();
        let reply = ask(bench, connection, "/shadow/update/{device}", &request).unwrap();
        let payload = &reply["payload"];
        assert_eq!(reply["method"], "reply");
        payload["version"].as_i64().ok_or(payload["content"]["errorcode"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(write(&mut bench, "update", json!({ "color": "red" }), 1), Ok(1));
    assert_eq!(write(&mut bench, "update", json!({ "color": "blue" }), 1), Err("409".to_owned()));
    assert_eq!(write(&mut bench, "update", json!({ "size": 1 }), 5), Ok(5));
    let get = |bench: &mut Bench| ask(bench, connection, "/shadow/update/{device}", r#"{"method":"get"}"#).unwrap();
    let whole = get(&mut bench);
    assert_eq!(
        (&whole["version"], &whole["payload"]["state"]["reported"]),
        (&json!(5), &json!({ "color": "red", "size": 1 }))
    );
    assert_eq!(write(&mut bench, "delete", json!({ "color": "null" }), 6), Ok(6));
    assert_eq!(get(&mut bench)["payload"]["state"]["reported"], json!({ "size": 1 }));
    assert_eq!(write(&mut bench, "delete", json!("null"), -1), Ok(0), "it begins anew");
    assert_eq!(get(&mut bench)["payload"]["state"]["reported"], json!({}));

    assert_eq!(bench.cloud.update_shadow(PRODUCT_KEY, DEVICE_NAME, r#"{"color":"green"}"#), Ok(1));
    let control: Value = serde_json::from_slice(&bench.messages(connection).remove(0).payload).unwrap();
    assert_eq!((&control["method"], &control["version"]), (&json!("control"), &json!(1)));
    assert_eq!(control["payload"]["state"]["desired"], json!({ "color": "green" }));
    let clear = r#"{"method":"update","state":{"desired":"null"},"version":2}"#;
    ask(&mut bench, connection, "/shadow/update/{device}", clear);
    assert!(bench.cloud.shadow(PRODUCT_KEY, DEVICE_NAME).unwrap().desired.is_empty());
}

#[test]
fn each_fault_of_a_shadow_has_its_number() {
    let attributes =
        |count| -> Value { (0..count).map(|n| (format!("p{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into() };
    let update =
        |reported: Value| json!({ "method": "update", "state": { "reported": reported }, "version": 1 }).to_string();
    for (payload, code) in [
        ("{x".to_owned(), "400"),
        (r#"{"state":{}}"#.to_owned(), "401"),
        (r#"{"method":"update"}"#.to_owned(), "402"),
        (r#"{"method":"update","state":{"reported":{"a":1}},"version":"1"}"#.to_owned(), "403"),
        (r#"{"method":"update","state":{},"version":1}"#.to_owned(), "404"),
        (update(json!({})), "405"),
        (r#"{"method":"dance"}"#.to_owned(), "406"),
        ("{}".to_owned(), "407"),
        (update(attributes(129)), "408"),
    ] {
        let mut bench = Bench::new();
        let connection = signed_in(&mut bench);
        let reply = ask(&mut bench, connection, "/shadow/update/{device}", &payload).unwrap();
        assert_eq!(reply["payload"]["content"]["errorcode"], code, "{payload}");
        let reply = ask(&mut bench, connection, "/shadow/update/{device}", &update(attributes(128))).unwrap();
        assert_eq!(reply["payload"]["status"], "success", "nothing of what was refused is kept");
    }
}
