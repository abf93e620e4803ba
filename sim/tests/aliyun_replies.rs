//! What the Aliyun double answers by itself, and to whom.

mod aliyun_client;

use core::time::Duration;

use aliyun_client::{Bench, DEVICE_NAME, PRODUCT_KEY, SET, connect_with};
use mqttbytes::v4::{Packet, Publish};
use nt35e_sim::aliyun::{ApiError, CloudEvent, ConnectReturnCode, ConnectionId, EventKind, QoS, Undelivered};

const POST: &str = "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post";
const POST_REPLY: &str = "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/post_reply";
const SET_REPLY: &str = "/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set_reply";
const NTP: &str = "/ext/ntp/a1JszCpjS61/NT35E_06011/request";
const NTP_RESPONSE: &str = "/ext/ntp/a1JszCpjS61/NT35E_06011/response";
const PROPERTIES: &str = r#"{"id":"123","version":"1.0","params":{"Power":"on"},"method":"thing.event.property.post"}"#;

fn signed_in_with_server_subscription(bench: &mut Bench) -> ConnectionId {
    let connection = bench.open();
    let ack = bench.connect(connection, &connect_with("securemode=3,signmethod=hmacsha256,_ss=1", true));
    assert_eq!(ack.map(|ack| ack.code), Some(ConnectReturnCode::Success));
    connection
}

/// The only message among what came.
fn only(packets: Vec<Packet>) -> Publish {
    let mut messages = packets.into_iter().filter_map(|packet| match packet {
        Packet::Publish(publish) => Some(publish),
        _ => None,
    });
    let message = messages.next().expect("a message");
    assert_eq!(messages.next(), None);
    message
}

fn not_subscribed(event: &&CloudEvent) -> bool {
    matches!(event.kind, EventKind::NotDelivered { reason: Undelivered::NotSubscribed, .. })
}

#[test]
fn a_post_of_properties_is_answered() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[POST_REPLY]);
    let reply = only(bench.publish(connection, QoS::AtLeastOnce, POST, PROPERTIES));
    let expected = concat!(
        r#"{"code":200,"data":{},"id":"123","message":"success","#,
        r#""method":"thing.event.property.post","version":"1.0"}"#
    );
    assert_eq!((reply.topic.as_str(), reply.qos), (POST_REPLY, QoS::AtMostOnce));
    assert_eq!(str::from_utf8(&reply.payload).unwrap(), expected);
}

#[test]
fn a_post_is_answered_only_to_a_subscriber() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    assert_eq!(bench.publish(connection, QoS::AtMostOnce, POST, PROPERTIES), []);
    assert_eq!(bench.cloud.events().iter().filter(not_subscribed).count(), 1);
}

#[test]
fn with_server_subscription_no_subscribe_is_needed_for_the_platforms_topics() {
    let mut bench = Bench::new();
    let connection = signed_in_with_server_subscription(&mut bench);
    assert_eq!(only(bench.publish(connection, QoS::AtMostOnce, POST, PROPERTIES)).topic, POST_REPLY);
    assert_eq!(bench.publish(connection, QoS::AtMostOnce, aliyun_client::TOPIC, "x"), [], "a custom topic needs one");

    bench.break_off(connection);
    let connection = bench.sign_in(true);
    assert_eq!(bench.publish(connection, QoS::AtMostOnce, POST, PROPERTIES), [], "it ends with its connection");
}

#[test]
fn a_post_never_comes_back_to_its_device() {
    let mut bench = Bench::with(|settings| settings.open.own_wildcards = true);
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &["/sys/a1JszCpjS61/NT35E_06011/#"]);
    assert_eq!(only(bench.publish(connection, QoS::AtMostOnce, POST, PROPERTIES)).topic, POST_REPLY);
}

#[test]
fn the_code_of_a_reply_can_be_forced() {
    let mut bench = Bench::new();
    let connection = signed_in_with_server_subscription(&mut bench);
    bench.cloud.answer_posts_with(Some(6207));
    let reply = only(bench.publish(connection, QoS::AtMostOnce, POST, PROPERTIES));
    assert!(reply.payload.starts_with(br#"{"code":6207,"#));
    bench.cloud.answer_posts_with(None);
    let reply = only(bench.publish(connection, QoS::AtMostOnce, POST, PROPERTIES));
    assert!(reply.payload.starts_with(br#"{"code":200,"#));
}

#[test]
fn an_event_is_answered_under_its_name() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &["/sys/a1JszCpjS61/NT35E_06011/thing/event/+/post_reply"]);
    let topic = "/sys/a1JszCpjS61/NT35E_06011/thing/event/alarm/post";
    let reply = only(bench.publish(connection, QoS::AtMostOnce, topic, r#"{"id":"1","params":{"value":{}}}"#));
    assert_eq!(reply.topic, format!("{topic}_reply"));
    assert!(str::from_utf8(&reply.payload).unwrap().contains(r#""method":"thing.event.alarm.post""#));
}

#[test]
fn a_batch_is_answered_under_its_name() {
    let mut bench = Bench::new();
    let connection = signed_in_with_server_subscription(&mut bench);
    let topic = "/sys/a1JszCpjS61/NT35E_06011/thing/event/property/batch/post";
    let reply = only(bench.publish(connection, QoS::AtMostOnce, topic, r#"{"id":"1","params":{"properties":{}}}"#));
    assert_eq!(reply.topic, format!("{topic}_reply"));
    assert!(str::from_utf8(&reply.payload).unwrap().contains(r#""method":"thing.event.property.batch.post""#));
}

#[test]
fn the_time_comes_in_the_type_of_the_request() {
    let mut bench = Bench::with(|settings| settings.epoch = 1_000);
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[NTP_RESPONSE]);
    bench.pass(Duration::from_millis(10));
    for (request, expected) in [
        (r#"{"deviceSendTime":"100"}"#, r#"{"deviceSendTime":"100","serverRecvTime":"1010","serverSendTime":"1015"}"#),
        (r#"{"deviceSendTime":100}"#, r#"{"deviceSendTime":100,"serverRecvTime":1010,"serverSendTime":1015}"#),
    ] {
        let response = only(bench.publish(connection, QoS::AtMostOnce, NTP, request));
        assert_eq!(response.topic, NTP_RESPONSE);
        assert_eq!(str::from_utf8(&response.payload).unwrap(), expected);
    }
}

#[test]
fn the_time_is_told_at_qos_0_only_and_to_a_subscriber_only() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    let request = r#"{"deviceSendTime":"100"}"#;
    assert_eq!(bench.publish(connection, QoS::AtMostOnce, NTP, request), []);
    bench.subscribe(connection, &[NTP_RESPONSE]);
    let answer = bench.publish(connection, QoS::AtLeastOnce, NTP, request);
    assert!(matches!(answer[..], [Packet::PubAck(_)]), "{answer:?}");
    assert_eq!(bench.publish(connection, QoS::AtMostOnce, NTP, "{}"), []);
}

#[test]
fn a_property_is_set_and_the_answer_is_kept() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    bench.subscribe(connection, &[SET]);
    let id = bench.cloud.set_property(PRODUCT_KEY, DEVICE_NAME, r#"{"LightSwitch":0}"#).unwrap();
    let messages = bench.messages(connection);
    assert_eq!(messages.len(), 1);
    let captured =
        r#"{"method":"thing.service.property.set","id":"160500006","params":{"LightSwitch":0},"version":"1.0.0"}"#;
    assert_eq!((id.as_str(), messages[0].topic.as_str()), ("160500006", SET));
    assert_eq!(str::from_utf8(&messages[0].payload).unwrap(), captured);

    bench.publish(connection, QoS::AtMostOnce, SET_REPLY, r#"{"id":"160500006","code":200,"data":{}}"#);
    let replies = bench.cloud.property_replies(PRODUCT_KEY, DEVICE_NAME);
    assert_eq!(replies.len(), 1);
    assert_eq!((replies[0].id.as_str(), replies[0].code), ("160500006", Some(200)));

    let next = bench.cloud.set_property(PRODUCT_KEY, DEVICE_NAME, "{}");
    assert_eq!(next.as_deref(), Ok("160500007"));
}

#[test]
fn setting_a_property_fails_as_in_the_platforms_api() {
    let mut bench = Bench::new();
    let set = |bench: &mut Bench, name, params| bench.cloud.set_property(PRODUCT_KEY, name, params);
    assert_eq!(set(&mut bench, DEVICE_NAME, "{}"), Err(ApiError::Offline));
    assert_eq!(ApiError::Offline.code(), 9201);
    assert_eq!(set(&mut bench, "OTHER", "{}"), Err(ApiError::NoDevice));
    bench.sign_in(false);
    assert_eq!(set(&mut bench, DEVICE_NAME, "[1]"), Err(ApiError::Parameters));
    assert_eq!(set(&mut bench, DEVICE_NAME, "{"), Err(ApiError::Parameters));
    bench.cloud.disable_device(PRODUCT_KEY, DEVICE_NAME);
    assert_eq!(set(&mut bench, DEVICE_NAME, "{}"), Err(ApiError::Disabled));
}

#[test]
fn a_property_set_for_an_offline_device_is_not_kept() {
    let mut bench = Bench::with(|settings| settings.open.platform_qos = QoS::AtLeastOnce);
    let connection = bench.sign_in(false);
    bench.subscribe(connection, &[SET]);
    bench.break_off(connection);
    assert_eq!(bench.cloud.set_property(PRODUCT_KEY, DEVICE_NAME, "{}"), Err(ApiError::Offline));
    let connection = bench.sign_in(false);
    assert!(bench.messages(connection).is_empty());
}

#[test]
fn a_property_set_without_a_subscription_succeeds_and_never_arrives() {
    let mut bench = Bench::new();
    let connection = bench.sign_in(true);
    assert!(bench.cloud.set_property(PRODUCT_KEY, DEVICE_NAME, "{}").is_ok());
    assert!(bench.messages(connection).is_empty());
    assert_eq!(bench.cloud.events().iter().filter(not_subscribed).count(), 1);
}
