//! Dynamic registration at the Aliyun double: what it wants, what it gives, and when it ends the connection.

mod aliyun_client;

use core::time::Duration;

use aliyun_client::{Bench, DEVICE_NAME, PRODUCT_KEY, SECRET, connect_with, decode};
use mqttbytes::v4::{Connect, Packet, PubAck, Publish, Subscribe};
use nt35e_sim::aliyun::ConnectReturnCode::{
    BadClientId, BadUserNamePassword, NotAuthorized, ServiceUnavailable, Success,
};
use nt35e_sim::aliyun::credentials::{SignMethod, registration_content, sign};
use nt35e_sim::aliyun::{
    Channel, CloseReason, CloudSettings, ConnectReturnCode, ConnectionId, Device, Product, QoS, Refusal,
    RegistrationAnswer, RegistrationTopic,
};
use serde_json::Value;

const PRODUCT_SECRET: &str = "productsecret";
const REGISTER: &str = "securemode=2,authType=register,random=1,signmethod=hmacsha256";
const REGNWL: &str = "securemode=2,authType=regnwl,random=1,signmethod=hmacsha256";

fn bench() -> Bench {
    bench_with(|_| {})
}

fn bench_with(change: impl FnOnce(&mut CloudSettings)) -> Bench {
    Bench::with(|settings| {
        settings.products = vec![Product::new(PRODUCT_KEY, PRODUCT_SECRET)];
        change(settings);
    })
}

/// A CONNECT whose password fits its parameters.
fn registration(parameters: &str) -> Connect {
    let value = |key: &str| parameters.split(',').find_map(|item| item.strip_prefix(key)?.strip_prefix('='));
    let method = value("signmethod").and_then(SignMethod::from_name).unwrap_or(SignMethod::HmacMd5);
    let content = registration_content(DEVICE_NAME, PRODUCT_KEY, value("random").unwrap_or_default());
    let mut connect = Connect::new(format!("any|{parameters}|"));
    // It would be too short for a sign-in of another kind.
    connect.keep_alive = 5;
    connect.set_login(format!("{DEVICE_NAME}&{PRODUCT_KEY}"), sign(method, PRODUCT_SECRET, &content));
    connect
}

fn token_sign_in(client_id: &str, token: &str) -> Connect {
    let mut connect = Connect::new(format!("{client_id}|securemode=-2,authType=connwl,_ss=1|"));
    connect.keep_alive = 60;
    connect.set_login(format!("{DEVICE_NAME}&{PRODUCT_KEY}"), token.to_owned());
    connect
}

fn try_on(bench: &mut Bench, channel: Channel, connect: &Connect) -> (ConnectionId, Option<ConnectReturnCode>) {
    let connection = bench.cloud.accept(channel, bench.now);
    let ack = bench.connect(connection, connect);
    (connection, ack.map(|ack| ack.code))
}

fn register(bench: &mut Bench, parameters: &str) -> (ConnectionId, Publish) {
    let (connection, code) = try_on(bench, Channel::Tls, &registration(parameters));
    assert_eq!(code, Some(Success), "{:?}", bench.last_refusal());
    let [message] = bench.messages(connection).try_into().expect("one message");
    (connection, message)
}

fn field(message: &Publish, name: &str) -> String {
    let object: Value = serde_json::from_slice(&message.payload).unwrap();
    assert_eq!((&object["productKey"], &object["deviceName"]), (&PRODUCT_KEY.into(), &DEVICE_NAME.into()));
    object[name].as_str().unwrap().to_owned()
}

fn refusal(bench: &mut Bench, connect: &Connect) -> (Option<ConnectReturnCode>, Option<Refusal>) {
    let (_, code) = try_on(bench, Channel::Tls, connect);
    (code, bench.last_refusal().cloned())
}

#[test]
fn the_vectors_are_accepted() {
    // R1, R2 and R4 of `aliyun.md` §3; nothing of them is computed here.
    for (triple, secret, client_id, password) in [
        (
            ["al123456789", "device1"],
            "h1nQFYPZS0mW0000",
            "device1|securemode=2,authType=register,random=123,signmethod=hmacsha1|",
            "A5FEEDEDEB0481BA1E5B6AD86CB52C0F59A645A2",
        ),
        (
            ["al123456789", "device1"],
            "h1nQFYPZS0mW0000",
            "device1|securemode=2,authType=register,random=123,signmethod=hmacsha256|",
            "C859505A3E1752F4828F8DBF5BECE22C7C4DEC29A8A2B5F38A292C3401FA7BFF",
        ),
        (
            [PRODUCT_KEY, DEVICE_NAME],
            "productsecret",
            "a1JszCpjS61.NT35E_06011|authType=register,random=8Ygb7ULYh53B6OA,signmethod=hmacsha256,securemode=2|",
            "520f888221fd04347b25d69d9a835f296900590a018bc1ec7da59a2be601adf6",
        ),
    ] {
        let [key, name] = triple;
        let mut bench = Bench::with(|settings| {
            settings.products = vec![Product::new(key, secret)];
            settings.devices = vec![Device::new(key, name, SECRET)];
        });
        let mut connect = Connect::new(client_id);
        connect.set_login(format!("{name}&{key}"), password.to_owned());
        assert_eq!(try_on(&mut bench, Channel::Tls, &connect).1, Some(Success), "{client_id}");
    }
}

#[test]
fn each_registration_gives_a_new_secret_and_ends_the_one_before() {
    let mut bench = bench();
    let mut secrets = vec![SECRET.to_owned()];
    for _ in 0..3 {
        let (connection, message) = register(&mut bench, REGISTER);
        assert_eq!((message.topic.as_str(), message.qos), ("/ext/register", QoS::AtMostOnce));
        assert!(bench.exchange(connection, Packet::Disconnect).is_empty());
        secrets.push(field(&message, "deviceSecret"));
    }
    let sign_in = |bench: &mut Bench, secret: &str| {
        let mut connect = connect_with("securemode=2,signmethod=hmacsha1", true);
        let content = nt35e_sim::aliyun::credentials::content("NT35E", DEVICE_NAME, PRODUCT_KEY, None);
        connect.set_login(format!("{DEVICE_NAME}&{PRODUCT_KEY}"), sign(SignMethod::HmacSha1, secret, &content));
        try_on(bench, Channel::Tls, &connect).1
    };
    let last = secrets.pop().unwrap();
    for secret in secrets {
        assert_eq!(sign_in(&mut bench, &secret), Some(BadUserNamePassword));
    }
    assert_eq!(sign_in(&mut bench, &last), Some(Success));
    // Now it is activated.
    let refused = (Some(BadUserNamePassword), Some(Refusal::Activated));
    assert_eq!(refusal(&mut bench, &registration(REGISTER)), refused);
    assert!(bench.cloud.reset_device(PRODUCT_KEY, DEVICE_NAME));
    register(&mut bench, REGISTER);
}

#[test]
fn five_tokens_are_given_under_one_name_and_each_has_a_session_of_its_own() {
    let mut bench = bench_with(|settings| settings.devices.clear());
    let mut all = Vec::new();
    for _ in 0..5 {
        let (_, message) = register(&mut bench, REGNWL);
        assert_eq!(message.topic, "/ext/regnwl");
        all.push((field(&message, "clientId"), field(&message, "deviceToken")));
    }
    let refused = (Some(BadUserNamePassword), Some(Refusal::TooManyRegistrations));
    assert_eq!(refusal(&mut bench, &registration(REGNWL)), refused);
    let mut connections = Vec::new();
    for (client_id, token) in &all {
        let (connection, code) = try_on(&mut bench, Channel::Tls, &token_sign_in(client_id, token));
        assert_eq!(code, Some(Success));
        connections.push(connection);
    }
    assert!(connections.iter().all(|connection| bench.cloud.is_open(*connection)), "none ends another's");
    let (again, _) = try_on(&mut bench, Channel::Tls, &token_sign_in(&all[0].0, &all[0].1));
    assert!(bench.cloud.is_open(again) && !bench.cloud.is_open(connections[0]), "but its own");
    let wrong = refusal(&mut bench, &token_sign_in(&all[0].0, &all[1].1));
    assert_eq!(wrong, (Some(BadUserNamePassword), Some(Refusal::Password)));
    let unknown = refusal(&mut bench, &token_sign_in("nobody", &all[0].1));
    assert_eq!(unknown, (Some(BadUserNamePassword), Some(Refusal::UnknownDevice)));
    assert_eq!(try_on(&mut bench, Channel::Plain, &token_sign_in(&all[0].0, &all[0].1)).1, Some(BadClientId));
}

#[test]
fn every_rule_has_its_code() {
    let with = |from: &str, to: &str| registration(&REGISTER.replace(from, to));
    let mut wrong = registration(REGISTER);
    wrong.login.as_mut().unwrap().password.replace_range(..1, "x");
    let mut nameless = registration(REGISTER);
    nameless.login = None;
    let form = |text: &str| Some(Refusal::ClientId(text.into()));
    for (connect, code, reason) in [
        (with("random=1,", ""), BadClientId, form("no random")),
        (with("random=1,", "random=,"), BadClientId, form("no random")),
        (with("hmacsha256", "sha256"), BadClientId, form("unknown signmethod `sha256`")),
        (with("securemode=2", "securemode=3"), BadClientId, Some(Refusal::ChannelMismatch)),
        (with("=register", "=reg"), BadClientId, Some(Refusal::AuthType("reg".into()))),
        (wrong, BadUserNamePassword, Some(Refusal::Password)),
        (nameless, BadUserNamePassword, Some(Refusal::UserName)),
    ] {
        assert_eq!(refusal(&mut bench(), &connect), (Some(code), reason));
    }
    let connect = registration(REGISTER);
    let off = &mut bench_with(|settings| settings.products[0].dynamic_registration = false);
    assert_eq!(refusal(off, &connect), (Some(BadUserNamePassword), Some(Refusal::RegistrationOff)));
    let other = &mut bench_with(|settings| settings.products[0].product_key = "a1JszCpjS62".into());
    assert_eq!(refusal(other, &connect), (Some(BadUserNamePassword), Some(Refusal::UnknownProduct)));
    let unknown = &mut bench_with(|settings| settings.devices.clear());
    assert_eq!(refusal(unknown, &connect), (Some(BadUserNamePassword), Some(Refusal::UnknownDevice)));
    let mut disabled = bench();
    disabled.cloud.disable_device(PRODUCT_KEY, DEVICE_NAME);
    assert_eq!(refusal(&mut disabled, &connect), (Some(NotAuthorized), Some(Refusal::Disabled)));
    let mut closed = bench();
    closed.cloud.set_maintenance(true);
    assert_eq!(refusal(&mut closed, &connect), (Some(ServiceUnavailable), Some(Refusal::Maintenance)));
}

#[test]
fn both_secure_modes_are_taken_and_plain_tcp_only_by_a_switch() {
    for mode in ["securemode=2", "securemode=-2"] {
        for kind in [REGISTER, REGNWL] {
            register(&mut bench(), &kind.replace("securemode=2", mode));
        }
    }
    for (registration_on_plain, code) in [(false, BadClientId), (true, Success)] {
        let bench = &mut bench_with(|settings| settings.open.registration_on_plain = registration_on_plain);
        assert_eq!(try_on(bench, Channel::Plain, &registration(REGISTER)).1, Some(code));
    }
}

#[test]
fn an_instance_wants_to_be_named() {
    let bench = &mut bench_with(|settings| settings.instance = Some("iot-1".into()));
    register(bench, REGISTER);
    let named = |mode: &str, instance: &str| {
        registration(&format!("{},instanceId={instance}", REGNWL.replace("securemode=2", mode)))
    };
    assert_eq!(refusal(bench, &registration(REGNWL)), (Some(BadClientId), Some(Refusal::Instance)));
    assert_eq!(refusal(bench, &named("securemode=-2", "iot-2")), (Some(BadClientId), Some(Refusal::Instance)));
    assert_eq!(refusal(bench, &named("securemode=2", "iot-1")), (Some(BadClientId), Some(Refusal::Instance)));
    assert_eq!(try_on(bench, Channel::Tls, &named("securemode=-2", "iot-1")).1, Some(Success));
}

#[test]
fn the_connection_ends_after_15_s_whatever_is_said_on_it_and_the_keep_alive_does_not_count() {
    let mut bench = bench();
    let (connection, _) = register(&mut bench, REGISTER);
    for _ in 0..14 {
        bench.pass(Duration::from_secs(1));
        assert_eq!(bench.exchange(connection, Packet::PingReq), [Packet::PingResp]);
    }
    bench.pass(Duration::from_millis(999));
    assert!(bench.cloud.is_open(connection));
    assert_eq!(bench.cloud.next_due(), Some(Duration::from_secs(15)));
    bench.pass(Duration::from_millis(1));
    assert!(!bench.cloud.is_open(connection));
    assert_eq!(bench.cloud.close_reasons(), [&CloseReason::RegistrationOver]);
    // With nothing said at all, 15 s as well, although the keep-alive was 5 s.
    let begin = bench.now;
    let (connection, _) = register(&mut bench, REGISTER);
    assert_eq!(bench.cloud.next_due(), Some(begin + Duration::from_secs(15)));
    assert!(bench.cloud.is_open(connection));
}

#[test]
fn a_device_that_registers_may_acknowledge_and_leave_and_nothing_else() {
    let mut bench = bench_with(|settings| {
        settings.open.registration_qos = QoS::AtLeastOnce;
        settings.open.registration_topic = RegistrationTopic::Register;
    });
    let (connection, message) = register(&mut bench, REGNWL);
    assert_eq!((message.topic.as_str(), message.qos, message.pkid), ("/ext/register", QoS::AtLeastOnce, 1));
    assert!(bench.exchange(connection, Packet::PubAck(PubAck::new(1))).is_empty());
    assert!(bench.cloud.is_open(connection));
    bench.send(connection, Packet::Disconnect);
    assert_eq!(bench.cloud.close_reasons(), [&CloseReason::Disconnect]);
    for packet in [
        Packet::Subscribe(Subscribe::new("/ext/register", QoS::AtMostOnce)),
        Packet::Publish(Publish::new("/t", QoS::AtMostOnce, "x")),
        Packet::Connect(registration(REGISTER)),
    ] {
        let (connection, _) = register(&mut bench, REGISTER);
        bench.send(connection, packet);
        assert!(!bench.cloud.is_open(connection));
    }
}

#[test]
fn a_test_can_have_another_answer_or_none() {
    let mut bench = bench();
    bench.cloud.answer_registrations_with(Some(RegistrationAnswer::Payload(b"x".to_vec())));
    assert_eq!(&register(&mut bench, REGISTER).1.payload[..], b"x");
    bench.cloud.answer_registrations_with(Some(RegistrationAnswer::Silence));
    let (connection, code) = try_on(&mut bench, Channel::Tls, &registration(REGISTER));
    assert_eq!((code, decode(&bench.cloud.transmit(connection)).len()), (Some(Success), 0));
    bench.cloud.answer_registrations_with(None);
    field(&register(&mut bench, REGISTER).1, "deviceSecret");
}
