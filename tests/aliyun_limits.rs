//! Each of the platform's rules that the driver holds to, on both sides of its limit (`aliyun.md` §1, §3, §5).

mod front_end;
mod rig;

use front_end::FrontEnd;
use nt35e::aliyun::sign::{Parameters, Timestamp};
use nt35e::aliyun::topics::{Downlink, Uplink};
use nt35e::aliyun::{DeviceClientId, SignIn, instance_host};
use nt35e::{Error, KeepAlive, Publish, QoS, Triple};
use nt35e_sim::aliyun::PublishOutcome;
use rig::{Bench, DEVICE_NAME, DEVICE_SECRET, Memory, PRODUCT_KEY};

front_end::each_front_end!(a_topic_out_of_bounds_never_leaves_the_device, a_keep_alive_in_bounds_is_taken);

fn letters(count: usize) -> String {
    "x".repeat(count)
}

fn product_key(text: &str) -> bool {
    Triple::new(text, DEVICE_NAME, DEVICE_SECRET).is_ok()
}

fn device_name(text: &str) -> bool {
    Triple::new(PRODUCT_KEY, text, DEVICE_SECRET).is_ok()
}

fn device_secret(text: &str) -> bool {
    Triple::new(PRODUCT_KEY, DEVICE_NAME, text).is_ok()
}

fn client_id(text: &str) -> bool {
    let through_sign_in = SignIn::new(rig::triple()).client_id(text).is_ok();
    assert_eq!(through_sign_in, DeviceClientId::new(text).is_ok(), "{text}");
    through_sign_in
}

fn keep_alive(seconds: &str) -> bool {
    let seconds = seconds.parse().unwrap();
    let keep_alive = if seconds == 0 { KeepAlive::NEVER } else { KeepAlive::from_secs(seconds).unwrap() };
    SignIn::new(rig::triple()).keep_alive(keep_alive).is_ok()
}

fn port(number: &str) -> bool {
    SignIn::new(rig::triple()).port(number.parse().unwrap()).is_ok()
}

fn instance(text: &str) -> bool {
    instance_host(text).is_ok()
}

fn timestamp(digits: &str) -> bool {
    Timestamp::new(digits).is_ok()
}

fn parameters(text: &str) -> bool {
    Parameters::new(text).is_ok()
}

/// What follows `/{ProductKey}/{DeviceName}/user/`, 30 bytes and four slashes.
fn published(path: &str) -> bool {
    Uplink::Custom { path }.topic(rig::triple()).is_ok()
}

fn subscribed(path: &str) -> bool {
    Downlink::Custom { path }.filter(rig::triple()).is_ok()
}

fn event(identifier: &str) -> bool {
    Uplink::EventPost { identifier }.topic(rig::triple()).is_ok()
}

/// A rule with what keeps it, up to its limit, and what breaks it, from its limit on.
type Row = (fn(&str) -> bool, Vec<String>, Vec<String>);

fn row<const K: usize, const B: usize>(rule: fn(&str) -> bool, kept: [&str; K], broken: [&str; B]) -> Row {
    (rule, kept.map(str::to_owned).into(), broken.map(str::to_owned).into())
}

#[test]
fn each_rule_ends_where_the_platforms_does() {
    let rows = [
        row(product_key, ["a", &letters(20)], ["", &letters(21), "a-1", "a 1"]),
        row(device_name, ["abcd", &letters(32), "-_@.:x9Z"], ["abc", &letters(33), "a/bcd", "abcd ", "abc&"]),
        row(device_secret, ["0", &letters(64)], ["", &letters(65), "0 ", "0\n"]),
        row(client_id, ["x", &letters(64), "a;b"], ["", &letters(65), "a|b", "a,b"]),
        row(keep_alive, ["30", "300", "1200"], ["0", "29", "1201", "3600"]),
        row(port, ["1", "1883", "65535"], ["0"]),
        row(instance, ["i", "iot-06z00g5skj718oo", "iot_x", &letters(75)], ["", "iot.x", "iot x", &letters(76)]),
        row(timestamp, ["0", "2524608000000", &"9".repeat(20)], ["", "-1", "1.0", &"9".repeat(21)]),
        row(
            parameters,
            ["ext=1", "_ss=1,ext=3", &format!("k={}", letters(122))],
            ["", "ext", "ext=1,", "a=|", "securemode=3", "signmethod=x", "timestamp=1", &format!("k={}", letters(123))],
        ),
        // 128 bytes, 7 slashes, letters, digits and `_`, no empty level; wildcards in filters alone.
        row(
            published,
            ["a", &letters(98), "4/5/6/7", "A_9"],
            ["", &letters(99), "4/5/6/7/8", "a-b", "a b", "a.b", "a/", "/a", "a//b", "+", "#", "\u{e4}"],
        ),
        row(
            subscribed,
            ["a", &letters(98), "4/5/6/7", "+", "#", "+/b/#"],
            ["", &letters(99), "4/5/6/7/8", "a b", "a//b", "#/a", "a+"],
        ),
        row(event, ["alarm", &letters(82)], ["", "a/b", "property", &letters(83)]),
    ];
    for (number, (rule, kept, broken)) in rows.iter().enumerate() {
        for text in kept {
            assert!(rule(text), "row {number} refuses {text:?}");
        }
        for text in broken {
            assert!(!rule(text), "row {number} takes {text:?}");
        }
    }
}

/// What the driver lets through, the double takes, and what it refuses has not cost a byte on the line.
fn a_topic_out_of_bounds_never_leaves_the_device(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    client.connect_aliyun(rig::triple()).unwrap();
    let topic = |path: &str| -> &'static str { format!("/{PRODUCT_KEY}/{DEVICE_NAME}/user/{path}").leak() };
    for path in [letters(98), "4/5/6/7".to_owned()] {
        client.subscribe(topic(&path), QoS::AtLeastOnce).unwrap();
        client.publish(&Publish::new(topic(&path), b"x").qos(QoS::AtLeastOnce)).unwrap();
    }
    let sent = bench.sent().len();
    for path in [letters(99), "4/5/6/7/8".to_owned(), " x".to_owned(), "a//b".to_owned()] {
        let refused = client.publish(&Publish::new(topic(&path), b"x").qos(QoS::AtLeastOnce));
        assert!(matches!(refused, Err(Error::Invalid(_))), "{path}: {refused:?}");
        let refused = client.subscribe(topic(&path), QoS::AtLeastOnce);
        assert!(matches!(refused, Err(Error::Invalid(_))), "{path}: {refused:?}");
    }
    let twice = client.publish(&Publish::new(topic("a"), b"x").qos(QoS::ExactlyOnce));
    assert!(matches!(twice, Err(Error::Invalid(_))), "the platform knows no QoS 2: {twice:?}");
    assert_eq!(bench.sent().len(), sent);
    drop(client);
    bench.with(|world| {
        let records = world.cloud().unwrap().publishes_from(PRODUCT_KEY, DEVICE_NAME);
        assert_eq!(records.iter().map(|record| record.outcome).collect::<Vec<_>>(), [PublishOutcome::Accepted; 2]);
    });
}

/// The double refuses 29 s and 1201 s; that the driver never asks for them is in the table.
fn a_keep_alive_in_bounds_is_taken(front_end: FrontEnd) {
    for seconds in [30, 1200] {
        let bench = Bench::plain(front_end);
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let keep_alive = KeepAlive::from_secs(seconds).unwrap();
        client.connect_aliyun(SignIn::new(rig::triple()).keep_alive(keep_alive).unwrap()).unwrap();
    }
}
