//! Calls from the platform to a device: services, RRPC, broadcasts, remote configuration.

mod aliyun_client;

use core::time::Duration;

use aliyun_client::{Bench, DEVICE_NAME, PRODUCT_KEY, connect_with};
use mqttbytes::v4::Publish;
use nt35e_sim::aliyun::{ApiError, CallState, ConnectReturnCode, ConnectionId, EventKind, Invocation, QoS};
use serde_json::Value;

const WITH_SERVER_SUBSCRIPTION: &str = "securemode=3,signmethod=hmacsha256,_ss=1";

fn signed_in(bench: &mut Bench, parameters: &str) -> ConnectionId {
    let connection = bench.open();
    let ack = bench.connect(connection, &connect_with(parameters, true));
    assert_eq!(ack.map(|ack| ack.code), Some(ConnectReturnCode::Success));
    connection
}

fn only(mut messages: Vec<Publish>) -> Publish {
    assert_eq!(messages.len(), 1, "{messages:?}");
    messages.remove(0)
}

fn json(message: &Publish) -> Value {
    serde_json::from_slice(&message.payload).unwrap()
}

/// The code of the answer to a call.
fn code_of(bench: &Bench, id: &str) -> Option<i64> {
    match &bench.cloud.call(id).unwrap().state {
        CallState::Answered(reply) => reply.code,
        state => panic!("{state:?}"),
    }
}

fn invoke(bench: &mut Bench, invocation: Invocation) -> Result<String, ApiError> {
    bench.cloud.invoke_service(PRODUCT_KEY, DEVICE_NAME, "Restart", r#"{"after":5}"#, invocation)
}

#[test]
fn an_asynchronous_service_is_answered_at_any_time() {
    let mut bench = Bench::new();
    assert_eq!(invoke(&mut bench, Invocation::Asynchronous), Err(ApiError::Offline));
    let connection = signed_in(&mut bench, "securemode=3,signmethod=hmacsha256,_ss=1");
    let id = invoke(&mut bench, Invocation::Asynchronous).unwrap();
    let request = only(bench.messages(connection));
    assert_eq!(request.topic, format!("/sys/{PRODUCT_KEY}/{DEVICE_NAME}/thing/service/Restart"));
    assert_eq!(json(&request)["id"], *id);
    assert_eq!(json(&request)["method"], "thing.service.Restart");
    assert_eq!(json(&request)["params"]["after"], 5);

    bench.pass(Duration::from_secs(60));
    assert_eq!(bench.cloud.call(&id).unwrap().state, CallState::Waiting);
    let reply = format!(r#"{{"id":"{id}","code":"200","data":{{}}}}"#);
    bench.publish(connection, QoS::AtMostOnce, &format!("{}x_reply", request.topic), &reply);
    assert_eq!(bench.cloud.call(&id).unwrap().state, CallState::Waiting, "the answer of another service");
    bench.publish(connection, QoS::AtMostOnce, &format!("{}_reply", request.topic), &reply);
    assert_eq!(code_of(&bench, &id), Some(200));
}

#[test]
fn a_synchronous_service_goes_by_rrpc() {
    let mut bench = Bench::new();
    let connection = signed_in(&mut bench, WITH_SERVER_SUBSCRIPTION);
    let id = invoke(&mut bench, Invocation::Synchronous).unwrap();
    let request = only(bench.messages(connection));
    assert_eq!(request.topic, format!("/sys/{PRODUCT_KEY}/{DEVICE_NAME}/rrpc/request/{id}"));
    assert_eq!(json(&request)["method"], "thing.service.Restart");
    assert_ne!(json(&request)["id"], *id, "the id of the request is not that of the topic");
    let answer = format!("/sys/{PRODUCT_KEY}/{DEVICE_NAME}/rrpc/response/{id}");
    let reply = format!(r#"{{"id":{},"code":200,"data":{{"done":1}}}}"#, json(&request)["id"]);
    bench.publish(connection, QoS::AtLeastOnce, &answer, &reply);
    assert_eq!(bench.cloud.call(&id).unwrap().state, CallState::Waiting, "an answer goes at QoS 0");
    bench.publish(connection, QoS::AtMostOnce, &answer, &reply);
    assert_eq!(code_of(&bench, &id), Some(200));
}

#[test]
fn with_ext_a_synchronous_service_goes_by_a_topic_of_its_own() {
    for ext in ["1", "3"] {
        let mut bench = Bench::new();
        let connection = signed_in(&mut bench, &format!("{WITH_SERVER_SUBSCRIPTION},ext={ext}"));
        let id = invoke(&mut bench, Invocation::Synchronous).unwrap();
        let request = only(bench.messages(connection));
        let topic = format!("/ext/rrpc/{id}/sys/{PRODUCT_KEY}/{DEVICE_NAME}/thing/service/Restart");
        assert_eq!(request.topic, topic);
        bench.publish(connection, QoS::AtMostOnce, &topic, r#"{"id":"1","code":100001}"#);
        assert_eq!(code_of(&bench, &id), Some(100_001));
    }
}

#[test]
fn an_answer_by_rrpc_has_8_seconds() {
    let mut bench = Bench::new();
    let connection = signed_in(&mut bench, WITH_SERVER_SUBSCRIPTION);
    let called = |bench: &mut Bench, late| {
        let id = bench.cloud.rrpc(PRODUCT_KEY, DEVICE_NAME, b"\x00\xff").unwrap();
        assert_eq!(only(bench.messages(connection)).payload[..], b"\x00\xff"[..]);
        if late {
            assert_eq!(bench.cloud.next_due(), Some(bench.now + Duration::from_secs(8)));
        }
        bench.pass(Duration::from_millis(if late { 8_000 } else { 7_999 }));
        let topic = format!("/sys/{PRODUCT_KEY}/{DEVICE_NAME}/rrpc/response/{id}");
        bench.publish(connection, QoS::AtMostOnce, &topic, "done");
        bench.cloud.call(&id).unwrap().state.clone()
    };
    assert!(matches!(called(&mut bench, false), CallState::Answered(reply) if reply.payload == b"done"));
    assert_eq!(called(&mut bench, true), CallState::TimedOut);
    let told = bench.cloud.events().iter().filter(|event| matches!(event.kind, EventKind::CallTimedOut { .. }));
    assert_eq!(told.count(), 1);
    let late = |event: &EventKind| matches!(event, EventKind::Replied { expected: false, .. });
    assert!(bench.cloud.events().iter().any(|event| late(&event.kind)), "the late answer is told as one");
}

#[test]
fn a_call_on_a_custom_topic_needs_ext_and_a_subscription() {
    for (ext, arrives) in [("0", false), ("1", true)] {
        let mut bench = Bench::new();
        let connection = signed_in(&mut bench, &format!("securemode=3,signmethod=hmacsha256,ext={ext}"));
        bench.subscribe(connection, &[&format!("/ext/rrpc/+//{PRODUCT_KEY}/{DEVICE_NAME}/user/get")]);
        let topic = format!("/{PRODUCT_KEY}/{DEVICE_NAME}/user/get");
        let id = bench.cloud.rrpc_to(PRODUCT_KEY, DEVICE_NAME, &topic, b"?").unwrap();
        let messages = bench.messages(connection);
        assert_eq!(!messages.is_empty(), arrives);
        if arrives {
            assert_eq!(messages[0].topic, format!("/ext/rrpc/{id}/{topic}"));
            bench.publish(connection, QoS::AtMostOnce, &messages[0].topic, "!");
            assert!(matches!(bench.cloud.call(&id).unwrap().state, CallState::Answered(_)));
        }
    }
}

#[test]
fn a_broadcast_needs_no_subscription_and_has_a_limit() {
    let mut bench = Bench::new();
    assert_eq!(bench.cloud.broadcast(PRODUCT_KEY, b"all"), Ok(0));
    let connection = bench.sign_in(true);
    assert_eq!(bench.cloud.broadcast("other", b"all"), Ok(0));
    assert_eq!(bench.cloud.broadcast(PRODUCT_KEY, b"all"), Ok(1));
    let message = only(bench.messages(connection));
    assert!(message.topic.starts_with(&format!("/sys/{PRODUCT_KEY}/{DEVICE_NAME}/broadcast/request/")));
    assert_eq!(bench.cloud.broadcast(PRODUCT_KEY, &[b'x'; 64 * 1024]), Ok(1));
    assert_eq!(bench.cloud.broadcast(PRODUCT_KEY, &[b'x'; 64 * 1024 + 1]), Err(ApiError::Parameters));
}

#[test]
fn a_configuration_is_pushed_and_can_be_asked_for() {
    let mut bench = Bench::new();
    let connection = signed_in(&mut bench, WITH_SERVER_SUBSCRIPTION);
    let get = format!("/sys/{PRODUCT_KEY}/{DEVICE_NAME}/thing/config/get");
    let ask = |bench: &mut Bench| {
        let request = r#"{"id":"1","params":{"configScope":"product","getType":"file"},"method":"thing.config.get"}"#;
        bench.publish(connection, QoS::AtMostOnce, &get, request);
        bench.cloud.events().iter().rev().find_map(|event| match &event.kind {
            EventKind::Sent(mqttbytes::v4::Packet::Publish(reply)) => Some(json(reply)),
            _ => None,
        })
    };
    assert_eq!(ask(&mut bench).unwrap()["code"], 6713);
    bench.cloud.switch_config(PRODUCT_KEY, true);
    assert_eq!(ask(&mut bench).unwrap()["code"], 6710);

    let calls = bench.cloud.push_config(PRODUCT_KEY, b"abc");
    let pushed = only(bench.messages(connection));
    assert_eq!(pushed.topic, format!("/sys/{PRODUCT_KEY}/{DEVICE_NAME}/thing/config/push"));
    let params = &json(&pushed)["params"];
    assert_eq!((&params["configSize"], &params["signMethod"]), (&3.into(), &"Sha256".into()));
    assert_eq!(params["sign"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    bench.publish(
        connection,
        QoS::AtMostOnce,
        &format!("{}_reply", pushed.topic),
        &format!(r#"{{"id":"{}","code":200}}"#, calls[0]),
    );
    assert_eq!(code_of(&bench, &calls[0]), Some(200));
    let reply = ask(&mut bench).unwrap();
    assert_eq!((&reply["code"], &reply["data"]), (&200.into(), params));
    bench.cloud.switch_config(PRODUCT_KEY, false);
    assert_eq!(ask(&mut bench).unwrap()["code"], 6713);
}
