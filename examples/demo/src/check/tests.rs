//! Whatever differs at the broker is found.

use nt35e_sim::aliyun::DeviceId;

use super::*;

fn message(payload: &[u8], qos: QoS) -> Message {
    Message { topic: "/pk/name/user/update".into(), payload: payload.into(), qos }
}

fn record(payload: &[u8], qos: aliyun::QoS) -> PublishRecord {
    PublishRecord {
        device: DeviceId::new("pk", "name"),
        topic: "/pk/name/user/update".into(),
        payload: payload.into(),
        qos,
        retain: false,
        dup: false,
        packet_id: 1,
        outcome: PublishOutcome::Accepted,
    }
}

fn difference(recorded: &[&PublishRecord]) -> String {
    let meant = [message(b"ab\r\ncd", QoS::AtLeastOnce)];
    messages(&meant, recorded).unwrap_err().to_string()
}

#[test]
fn messages_as_they_were_meant_are_counted_by_quality_of_service() {
    let meant = [message(b"a", QoS::AtMostOnce), message(b"b", QoS::AtLeastOnce), message(b"", QoS::AtLeastOnce)];
    let records = [
        record(b"a", aliyun::QoS::AtMostOnce),
        record(b"b", aliyun::QoS::AtLeastOnce),
        record(b"", aliyun::QoS::AtLeastOnce),
    ];
    let found = messages(&meant, &records.each_ref()).unwrap();
    assert_eq!((found, found.total()), (Messages { at_most_once: 1, at_least_once: 2 }, 3));
}

#[test]
fn a_message_that_differs_in_anything_is_a_difference() {
    let right = || record(b"ab\r\ncd", aliyun::QoS::AtLeastOnce);
    assert!(messages(&[message(b"ab\r\ncd", QoS::AtLeastOnce)], &[&right()]).is_ok());

    let wrong = record(b"ab\nXY", aliyun::QoS::AtLeastOnce);
    let expected =
        r"message 1 at the broker: 5 bytes instead of 6, different from byte 2 on: `\nXY` instead of `\r\ncd`";
    assert_eq!(difference(&[&wrong]), expected);
    assert!(difference(&[&PublishRecord { payload: b"ab\r\nc".into(), ..right() }]).contains("from byte 5 on"));
    assert!(difference(&[&PublishRecord { topic: "t".into(), ..right() }]).contains("topic t instead of"));
    let at_most_once = PublishRecord { qos: aliyun::QoS::AtMostOnce, ..right() };
    assert!(difference(&[&at_most_once]).contains("AtMostOnce instead of AtLeastOnce"));
    assert!(difference(&[&PublishRecord { outcome: PublishOutcome::Rate, ..right() }]).contains("Rate"));
    assert!(difference(&[&PublishRecord { dup: true, ..right() }]).contains("dup true"));
    assert!(difference(&[&PublishRecord { retain: true, ..right() }]).contains("retain true"));
    assert!(difference(&[]).contains("0 messages instead of 1"));
    assert!(difference(&[&right(), &right()]).contains("2 messages instead of 1"));
}

#[test]
fn only_the_right_answer_to_a_property_set_counts() {
    let reply =
        |id: &str, code| DeviceReply { device: DeviceId::new("pk", "name"), id: id.into(), code, payload: Vec::new() };
    assert_eq!(replies("7", &[&reply("7", Some(200))]), Ok(1));
    let right = reply("7", Some(200));
    for wrong in
        [&[][..], &[&reply("8", Some(200))], &[&reply("7", Some(400))], &[&reply("7", None)], &[&right, &right]]
    {
        assert!(replies("7", wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_broker_that_nobody_signed_in_at_is_a_difference() {
    let meant = Meant {
        product_key: "pk",
        device_name: "name",
        filters: Vec::new(),
        messages: Vec::new(),
        property_set: String::new(),
    };
    assert!(at_broker(&meant, &Cloud::new(aliyun::CloudSettings::default())).is_err());
}

#[test]
fn inline_and_by_prompt_are_told_apart_by_what_was_sent() {
    assert_eq!(went_by_prompt(b"AT+LMQTTPUB=0,0,0,0,\"t\",2,\"{}\"\r\n", b"{}"), Ok(false));
    assert_eq!(went_by_prompt(b"AT+LMQTTPUB=0,0,0,0,\"t\",2\r\n\r\n", b"\r\n"), Ok(true));
    assert!(went_by_prompt(b"AT+LMQTTPUB=0,0,0,0,\"t\",3\r\n{}", b"{}").is_err());
    assert!(went_by_prompt(b"", b"{}").is_err());
}
