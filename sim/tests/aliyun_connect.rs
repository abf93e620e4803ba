//! Who may sign in to the Aliyun double, and which code the others get.

mod aliyun_client;

use core::time::Duration;

use aliyun_client::{Bench, DEVICE_NAME, PRODUCT_KEY, SECRET, connect, connect_as, connect_with, encode, hex};
use mqttbytes::v4::{Connect, LastWill, Packet};
use nt35e_sim::aliyun::ConnectReturnCode::{
    BadClientId, BadUserNamePassword, NotAuthorized, RefusedProtocolVersion, ServiceUnavailable, Success,
};
use nt35e_sim::aliyun::{
    Channel, CloseReason, Cloud, CloudSettings, ConnectReturnCode, DeviceId, EventKind, QoS, Refusal,
};

/// The documentation's example as a whole CONNECT.
const DOCUMENTED: &str = "107600044d51545404c2012c003531323334357c7365637572656d6f64653d332c7369676e6d6574686f643d686d6163736861312c74696d657374616d703d3738397c000964657669636526706b002846414644383241334436303242333746423046413842373839324632344134373746383531413134";

/// The packet of an article about an NB-IoT module, completed by the first byte that it lacks in print.
const ARTICLE: &str = "107400044d51545404c0007800336162637c7365637572656d6f64653d332c7369676e6d6574686f643d686d6163736861312c74696d657374616d703d3132307c0009353637382631323334002832323237353044454446453446373734303032454538374545443239434644303633384335463636";

/// The answer of a bench to a CONNECT.
fn code(bench: &mut Bench, connect: &Connect) -> Option<ConnectReturnCode> {
    let connection = bench.open();
    bench.connect(connection, connect).map(|ack| ack.code)
}

fn refusal(connect: &Connect) -> (Option<ConnectReturnCode>, Option<Refusal>) {
    let mut bench = Bench::new();
    let code = code(&mut bench, connect);
    (code, bench.last_refusal().cloned())
}

#[test]
fn the_documented_connect_is_accepted_byte_for_byte() {
    let mut cloud = Cloud::new(CloudSettings::with_device("pk", "device", "secret"));
    let connection = cloud.accept(Channel::Plain, Duration::ZERO);
    cloud.receive(connection, &hex(DOCUMENTED), Duration::ZERO);
    assert_eq!(cloud.transmit(connection), [0x20, 0x02, 0x00, 0x00]);
    assert!(cloud.is_open(connection));
}

#[test]
fn the_connect_of_the_article_is_accepted_byte_for_byte() {
    let mut cloud = Cloud::new(CloudSettings::with_device("1234", "5678", "1234567890"));
    let connection = cloud.accept(Channel::Plain, Duration::ZERO);
    cloud.receive(connection, &hex(ARTICLE), Duration::ZERO);
    assert_eq!(cloud.transmit(connection), [0x20, 0x02, 0x00, 0x00]);
    let accepted = cloud.events().iter().find_map(|event| match &event.kind {
        EventKind::ConnectAccepted { device, client_id, clean_session, keep_alive, .. } => {
            Some((device.clone(), client_id.as_str(), *clean_session, *keep_alive))
        }
        _ => None,
    });
    assert_eq!(accepted, Some((DeviceId::new("1234", "5678"), "abc", false, 120)));
}

#[test]
fn the_connect_of_the_article_as_printed_is_not_mqtt() {
    let mut cloud = Cloud::new(CloudSettings::with_device("1234", "5678", "1234567890"));
    let connection = cloud.accept(Channel::Plain, Duration::ZERO);
    cloud.receive(connection, &hex(ARTICLE)[1..], Duration::ZERO);
    assert!(!cloud.is_open(connection));
    assert!(matches!(cloud.close_reasons()[..], [CloseReason::Malformed(_)]));
}

#[test]
fn another_secret_makes_the_documented_connect_fail() {
    let mut cloud = Cloud::new(CloudSettings::with_device("pk", "device", SECRET));
    let connection = cloud.accept(Channel::Plain, Duration::ZERO);
    cloud.receive(connection, &hex(DOCUMENTED), Duration::ZERO);
    assert_eq!(cloud.transmit(connection), [0x20, 0x02, 0x00, 0x04]);
    assert!(!cloud.is_open(connection));
}

#[test]
fn every_sign_method_signs_in_with_and_without_a_timestamp() {
    for parameters in [
        "securemode=3",
        "securemode=3,timestamp=1",
        "securemode=3,signmethod=hmacmd5",
        "securemode=3,signmethod=hmacsha1",
        "timestamp=2524608000000,_ss=1,_v=sdk-c-4.1.0,securemode=3,signmethod=hmacsha256,ext=3,",
    ] {
        assert_eq!(code(&mut Bench::new(), &connect_with(parameters, true)), Some(Success), "{parameters}");
    }
}

#[test]
fn a_password_in_lower_case_signs_in() {
    let mut connect = connect(true);
    let login = connect.login.as_mut().unwrap();
    login.password = login.password.to_lowercase();
    assert_eq!(code(&mut Bench::new(), &connect), Some(Success));
}

#[test]
fn a_client_id_without_parameters_gets_code_2() {
    let mut bare = connect(true);
    bare.client_id = "NT35E".into();
    assert!(matches!(refusal(&bare), (Some(BadClientId), Some(Refusal::ClientId(_)))));
}

#[test]
fn a_keep_alive_out_of_range_gets_code_2() {
    for (keep_alive, expected) in
        [(0, BadClientId), (15, BadClientId), (29, BadClientId), (30, Success), (1200, Success), (1201, BadClientId)]
    {
        let connect = Connect { keep_alive, ..connect(true) };
        assert_eq!(code(&mut Bench::new(), &connect), Some(expected), "{keep_alive} s");
    }
}

#[test]
fn a_secure_mode_must_fit_the_channel() {
    for (channel, secure_mode, expected) in [
        (Channel::Plain, "3", Success),
        (Channel::Plain, "2", BadClientId),
        (Channel::Plain, "-2", BadClientId),
        (Channel::Tls, "2", Success),
        (Channel::Tls, "3", BadClientId),
    ] {
        let mut bench = Bench::new();
        let connection = bench.cloud.accept(channel, bench.now);
        let connect = connect_with(&format!("securemode={secure_mode},signmethod=hmacsha256"), true);
        let ack = bench.connect(connection, &connect).unwrap();
        assert_eq!(ack.code, expected, "{channel:?} {secure_mode}");
    }
}

#[test]
fn the_code_for_a_secure_mode_that_does_not_fit_is_a_matter_of_the_settings() {
    let connect = connect_with("securemode=2,signmethod=hmacsha1", true);
    let mut bench = Bench::with(|settings| settings.open.channel_mismatch = Some(NotAuthorized));
    assert_eq!(code(&mut bench, &connect), Some(NotAuthorized));
    let mut bench = Bench::with(|settings| settings.open.channel_mismatch = None);
    assert_eq!(code(&mut bench, &connect), Some(Success));
}

#[test]
fn who_is_not_known_gets_code_4() {
    let login = |username: &str| {
        let mut connect = connect(true);
        connect.login.as_mut().unwrap().username = username.into();
        refusal(&connect)
    };
    let unknown = (Some(BadUserNamePassword), Some(Refusal::UnknownDevice));
    assert_eq!(login(&format!("OTHER&{PRODUCT_KEY}")), unknown);
    assert_eq!(login(&format!("{DEVICE_NAME}&other")), unknown);
    assert_eq!(login(&format!("{PRODUCT_KEY}&{DEVICE_NAME}")), unknown);
    assert_eq!(login(DEVICE_NAME), (Some(BadUserNamePassword), Some(Refusal::UserName)));
}

#[test]
fn no_user_name_at_all_gets_code_4() {
    let connect = Connect { login: None, ..connect(true) };
    assert_eq!(refusal(&connect), (Some(BadUserNamePassword), Some(Refusal::UserName)));
}

#[test]
fn a_password_for_another_timestamp_gets_code_4() {
    let mut connect = connect(true);
    connect.client_id = "NT35E|securemode=3,signmethod=hmacsha1|".into();
    assert_eq!(refusal(&connect), (Some(BadUserNamePassword), Some(Refusal::Password)));
    connect.client_id = "NT35E|securemode=3,signmethod=hmacsha1,timestamp=1|".into();
    assert_eq!(refusal(&connect), (Some(BadUserNamePassword), Some(Refusal::Password)));
}

#[test]
fn a_disabled_device_gets_code_5_until_it_is_enabled() {
    let mut bench = Bench::new();
    assert!(bench.cloud.disable_device(PRODUCT_KEY, DEVICE_NAME));
    assert_eq!(code(&mut bench, &connect(true)), Some(NotAuthorized));
    assert!(bench.cloud.enable_device(PRODUCT_KEY, DEVICE_NAME));
    assert_eq!(code(&mut bench, &connect(true)), Some(Success));
    assert!(bench.cloud.delete_device(PRODUCT_KEY, DEVICE_NAME));
    assert_eq!(code(&mut bench, &connect(true)), Some(NotAuthorized));
    assert_eq!(bench.last_refusal(), Some(&Refusal::Deleted));
}

#[test]
fn a_disabled_device_with_a_wrong_password_gets_code_4() {
    let mut bench = Bench::new();
    bench.cloud.disable_device(PRODUCT_KEY, DEVICE_NAME);
    let mut connect = connect(true);
    connect.login.as_mut().unwrap().password = "00".into();
    assert_eq!(code(&mut bench, &connect), Some(BadUserNamePassword));
}

#[test]
fn an_instance_without_plain_tcp_gives_code_5() {
    let mut bench = Bench::with(|settings| settings.plain_tcp = false);
    assert_eq!(code(&mut bench, &connect(true)), Some(NotAuthorized));
    let connection = bench.cloud.accept(Channel::Tls, bench.now);
    let ack = bench.connect(connection, &connect_with("securemode=2,signmethod=hmacsha1", true));
    assert_eq!(ack.map(|ack| ack.code), Some(Success));
}

#[test]
fn maintenance_gives_code_3() {
    let mut bench = Bench::new();
    bench.cloud.set_maintenance(true);
    assert_eq!(code(&mut bench, &connect(true)), Some(ServiceUnavailable));
    bench.cloud.set_maintenance(false);
    assert_eq!(code(&mut bench, &connect(true)), Some(Success));
}

#[test]
fn another_protocol_level_gets_code_1() {
    let mut bench = Bench::new();
    let connection = bench.open();
    let mut bytes = encode(Packet::Connect(connect(true)));
    let level = bytes.windows(4).position(|window| window == b"MQTT").unwrap() + 4;
    bytes[level] = 5;
    bench.cloud.receive(connection, &bytes, bench.now);
    assert_eq!(bench.cloud.transmit(connection), [0x20, 0x02, 0x00, RefusedProtocolVersion as u8]);
    assert!(!bench.cloud.is_open(connection));
}

#[test]
fn mqtt_3_1_signs_in_and_is_not_told_of_its_session() {
    let mut bench = Bench::new();
    let modern = encode(Packet::Connect(connect(false)));
    let name = modern.windows(6).position(|window| window == b"\x00\x04MQTT").unwrap();
    // Two bytes longer, which the second byte of the length takes without a carry here.
    let mut old = modern[..name].to_vec();
    old[1] += 2;
    assert!(old[1] >= 0x82, "the length has two bytes and no carry");
    old.extend_from_slice(b"\x00\x06MQIsdp\x03");
    old.extend_from_slice(&modern[name + 7..]);
    for _ in 0..2 {
        let connection = bench.open();
        bench.cloud.receive(connection, &old, bench.now);
        assert_eq!(bench.cloud.transmit(connection), [0x20, 0x02, 0x00, 0x00]);
    }
    let resumed = bench
        .cloud
        .events()
        .iter()
        .any(|event| matches!(event.kind, EventKind::ConnectAccepted { session_present: true, .. }));
    assert!(resumed, "the session is there all the same");
}

#[test]
fn a_refused_connection_is_closed_behind_the_connack() {
    let mut bench = Bench::new();
    let connection = bench.open();
    bench.send(connection, Packet::Connect(Connect { keep_alive: 15, ..connect(true) }));
    assert!(bench.cloud.is_open(connection), "the CONNACK is still to be taken");
    assert_eq!(bench.cloud.transmit(connection), [0x20, 0x02, 0x00, 0x02]);
    assert!(!bench.cloud.is_open(connection));
}

#[test]
fn nothing_may_come_before_the_connect_and_no_second_one_after_it() {
    let mut bench = Bench::new();
    let connection = bench.open();
    assert_eq!(bench.exchange(connection, Packet::PingReq), []);
    assert!(!bench.cloud.is_open(connection));

    let connection = bench.sign_in(true);
    assert_eq!(bench.exchange(connection, Packet::Connect(connect(true))), []);
    assert!(!bench.cloud.is_open(connection));
}

#[test]
fn a_new_connection_of_a_device_ends_its_old_one_without_a_packet() {
    let mut bench = Bench::new();
    let old = bench.sign_in(true);
    let new = bench.open();
    let other_id = connect_as("OTHER", DEVICE_NAME, "securemode=3,signmethod=hmacsha256", true);
    assert_eq!(bench.connect(new, &other_id).map(|ack| ack.code), Some(Success));
    assert!(bench.cloud.transmit(old).is_empty());
    assert!(!bench.cloud.is_open(old));
    assert!(bench.cloud.is_open(new));
    assert_eq!(bench.cloud.connection_of(PRODUCT_KEY, DEVICE_NAME), Some(new));
    assert_eq!(bench.cloud.close_reasons(), [&CloseReason::Replaced]);
    bench.break_off(old);
    assert_eq!(bench.cloud.connection_of(PRODUCT_KEY, DEVICE_NAME), Some(new), "the old one's end is no news");
}

#[test]
fn a_refused_connect_does_not_end_the_old_connection() {
    let mut bench = Bench::new();
    let old = bench.sign_in(true);
    assert_eq!(code(&mut bench, &Connect { keep_alive: 15, ..connect(true) }), Some(BadClientId));
    assert!(bench.cloud.is_open(old));
}

#[test]
fn a_will_is_accepted_and_never_published() {
    let mut bench = Bench::new();
    let connection = bench.open();
    let mut with_will = connect(false);
    with_will.last_will = Some(LastWill::new(aliyun_client::TOPIC, "gone", QoS::AtLeastOnce, true));
    assert_eq!(bench.connect(connection, &with_will).map(|ack| ack.code), Some(Success));
    bench.subscribe(connection, &[aliyun_client::TOPIC]);
    bench.break_off(connection);
    let connection = bench.sign_in(false);
    assert!(bench.messages(connection).is_empty());

    let mut bench = Bench::with(|settings| settings.open.will = Some(BadClientId));
    assert_eq!(code(&mut bench, &with_will), Some(BadClientId));
}

#[test]
fn a_sixth_connect_within_a_minute_is_closed_if_the_settings_say_so() {
    let mut bench = Bench::with(|settings| settings.limits.connects_per_minute = Some(5));
    for _ in 0..5 {
        assert_eq!(code(&mut bench, &connect(true)), Some(Success));
    }
    assert_eq!(code(&mut bench, &connect(true)), None);
    assert_eq!(bench.cloud.close_reasons().last(), Some(&&CloseReason::TooManyConnects));
    bench.pass(Duration::from_secs(60));
    assert_eq!(code(&mut bench, &connect(true)), Some(Success));
}

#[test]
fn by_default_a_device_may_connect_as_often_as_it_likes() {
    let mut bench = Bench::new();
    for _ in 0..20 {
        assert_eq!(code(&mut bench, &connect(true)), Some(Success));
    }
}

#[test]
fn a_way_to_sign_in_that_the_double_does_not_know_is_refused_by_name() {
    let connect = connect_with("securemode=3,signmethod=hmacsha1,authType=id2,random=1", true);
    assert_eq!(refusal(&connect), (Some(BadClientId), Some(Refusal::AuthType("id2".into()))));
}
