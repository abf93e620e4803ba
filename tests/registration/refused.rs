//! What the platform refuses, and what it says that cannot be read: an error of its own for each.

use nt35e::aliyun::registration::{DynamicRegistration, Registered, Registrant, RegistrationFailure};
use nt35e::aliyun::sign::SignMethod;
use nt35e::command::{ConnectFailure, OpenFailure, ReturnCode, Tls};
use nt35e::{Broker, Error, RegisterError};
use nt35e_sim::aliyun::{Product, Refusal, RegistrationAnswer};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::world::World;

use crate::front_end::{self, FrontEnd};
use crate::rig::{self, Bench, Memory};
use crate::{
    Kept, PRODUCT_SECRET, RANDOM, bench, cloud, last_refusal, lines, register, registrant, registration,
    registration_of, sign_in, tls, with_cloud,
};

front_end::each_front_end!(
    the_usual_mistakes_are_denied,
    each_refusal_is_an_error_of_its_own,
    an_activated_device_is_denied_until_it_is_reset,
    five_devices_register_under_one_name,
    a_message_that_cannot_be_read_is_named,
    a_modem_without_the_context_is_named,
);

/// Each as Python's `hmac` computes it. The right one differs, and is accepted.
fn the_usual_mistakes_are_denied(front_end: FrontEnd) {
    let right = "520F888221FD04347B25D69D9A835F296900590A018BC1EC7DA59A2BE601ADF6";
    let client_id = "NT35E_06011|securemode=2,authType=register,random=8Ygb7ULYh53B6OA,signmethod=hmacsha256|";
    let leading_zero = "0C942BC69759598852D3196A8B77E3277B32EFFAC0BECC81C887FA57DED98422";
    for (mistake, client_id, password, code) in [
        ("none", client_id.into(), right.into(), None),
        ("none, in lower case", client_id.into(), right.to_lowercase(), None),
        ("another random", client_id.replace("8Ygb", "9Ygb"), right.into(), Some(ReturnCode::BadCredentials)),
        ("another method", client_id.replace("sha256", "sha1"), right.into(), Some(ReturnCode::BadCredentials)),
        ("a digit less", client_id.into(), right[1..].into(), Some(ReturnCode::BadCredentials)),
        (
            "the client id is signed too",
            client_id.into(),
            "8A85A15A0CEA8A12DA0F83C237722B3B2B9099A2459026803AAD20C8087D50C1".into(),
            Some(ReturnCode::BadCredentials),
        ),
        (
            "the names are swapped",
            client_id.into(),
            "2F3B5C3C241859542E07FBD58E46ABC5035F4E901D4F58D04D819A85FAE276A7".into(),
            Some(ReturnCode::BadCredentials),
        ),
        (
            "the random is not signed",
            client_id.into(),
            "84D49A3DE911817E413F0EF3A8C36FEE92821819AB9864E8026A3F96B1527D72".into(),
            Some(ReturnCode::BadCredentials),
        ),
        ("none, with a leading zero", client_id.replace(RANDOM, "6"), leading_zero.into(), None),
        (
            "the leading zero is lost",
            client_id.replace(RANDOM, "6"),
            leading_zero[1..].into(),
            Some(ReturnCode::BadCredentials),
        ),
        ("no random", client_id.replace("random=8Ygb7ULYh53B6OA,", ""), right.into(), Some(ReturnCode::ClientId)),
        ("an unknown kind", client_id.replace("=register", "=registers"), right.into(), Some(ReturnCode::ClientId)),
        ("for plain TCP", client_id.replace("securemode=2", "securemode=3"), right.into(), Some(ReturnCode::ClientId)),
    ] {
        let bench =
            with_cloud(front_end, |cloud| cloud.products = vec![Product::new(rig::PRODUCT_KEY, "productsecret")]);
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let (client_id, password): (&str, &str) = (String::leak(client_id), String::leak(password));
        let broker = Broker::new("h", client_id).unwrap().login("NT35E_06011&a1JszCpjS61", password).unwrap();
        let outcome = client.connect(broker.tls(tls())).map(|_| ());
        let expected = code.map_or(Ok(()), |code| Err(Error::Connect(ConnectFailure::Refused(code))));
        assert_eq!(outcome, expected, "{mistake}");
    }
}

fn each_refusal_is_an_error_of_its_own(front_end: FrontEnd) {
    type Change = fn(&mut World);
    let wrong_secret = Registrant::new(rig::PRODUCT_KEY, rig::DEVICE_NAME, "wrong").unwrap();
    let wrong_product = Registrant::new("a1JszCpjS62", rig::DEVICE_NAME, PRODUCT_SECRET).unwrap();
    let wrong_name = Registrant::new(rig::PRODUCT_KEY, "NT35E_06012", PRODUCT_SECRET).unwrap();
    let nothing: Change = |_| {};
    let plain = DynamicRegistration::new(registrant(), RANDOM, SignMethod::HMAC_SHA256, Tls::Off).unwrap();
    let cases: [(DynamicRegistration<'static>, Change, RegistrationFailure, Refusal); 7] = [
        (plain, nothing, RegistrationFailure::Parameters, Refusal::PlainTcp),
        (
            registration(),
            |world| world.cloud().unwrap().set_maintenance(true),
            RegistrationFailure::Busy,
            Refusal::Maintenance,
        ),
        (registration_of(wrong_secret), nothing, RegistrationFailure::Denied, Refusal::Password),
        (registration_of(wrong_product), nothing, RegistrationFailure::Denied, Refusal::UnknownProduct),
        (registration_of(wrong_name), nothing, RegistrationFailure::Denied, Refusal::UnknownDevice),
        (
            registration(),
            |world| assert!(world.cloud().unwrap().disable_device(rig::PRODUCT_KEY, rig::DEVICE_NAME)),
            RegistrationFailure::NotAuthorized,
            Refusal::Disabled,
        ),
        (
            registration(),
            |world| assert!(world.cloud().unwrap().delete_device(rig::PRODUCT_KEY, rig::DEVICE_NAME)),
            RegistrationFailure::NotAuthorized,
            Refusal::Deleted,
        ),
    ];
    for (registration, change, failure, reason) in cases {
        let bench = bench(front_end);
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        bench.with(change);
        let mut store = Kept::default();
        let refused = client.register_device(&registration, &mut store);
        assert_eq!(refused, Err(RegisterError::Registration(failure)));
        assert_eq!(last_refusal(&bench), Some(reason));
        assert_eq!((store.0, lines(&bench, "AT+LMQTTCONN=").len()), (None, 1), "nothing is saved, nor repeated");
    }
    let bench = with_cloud(front_end, |cloud| cloud.products[0].dynamic_registration = false);
    let mut memory = Memory::typical();
    let refused = register(&mut bench.client(&mut memory), &registration());
    assert_eq!(refused, Err(RegisterError::Registration(RegistrationFailure::Denied)));
    assert_eq!(last_refusal(&bench), Some(Refusal::RegistrationOff));
    // A double can be told to take it plainly.
    let bench = with_cloud(front_end, |cloud| cloud.open.registration_on_plain = true);
    let mut memory = Memory::typical();
    register(&mut bench.client(&mut memory), &plain).unwrap();
}

fn an_activated_device_is_denied_until_it_is_reset(front_end: FrontEnd) {
    let bench = bench(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let registered = register(&mut client, &registration()).unwrap();
    client.connect_aliyun(sign_in(registered)).unwrap();
    let refused = register(&mut client, &registration());
    assert_eq!(refused, Err(RegisterError::Registration(RegistrationFailure::Denied)));
    assert_eq!(last_refusal(&bench), Some(Refusal::Activated));
    client.connect_aliyun(sign_in(registered)).expect("what it got before is still right");
    bench.with(|world| assert!(world.cloud().unwrap().reset_device(rig::PRODUCT_KEY, rig::DEVICE_NAME)));
    let renewed = register(&mut client, &registration()).unwrap();
    client.connect_aliyun(sign_in(renewed)).unwrap();
}

fn five_devices_register_under_one_name(front_end: FrontEnd) {
    let bench = bench(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let registration = registration().not_pre_registered();
    let all: Vec<Registered> = (0..5).map(|_| register(&mut client, &registration).unwrap()).collect();
    let refused = register(&mut client, &registration);
    assert_eq!(refused, Err(RegisterError::Registration(RegistrationFailure::Denied)));
    assert_eq!(last_refusal(&bench), Some(Refusal::TooManyRegistrations));
    for registered in all {
        client.connect_aliyun(sign_in(registered)).expect("each counts");
    }
}

fn a_message_that_cannot_be_read_is_named(front_end: FrontEnd) {
    let right = r#"{"productKey":"a1JszCpjS61","deviceName":"NT35E_06011","deviceSecret":"abc"}"#;
    let other = right.replace("06011", "06012");
    let deep = format!("{{\"x\":{}{}", "[".repeat(200), &right[1..]);
    let long = right.replace("abc", &"x".repeat(65));
    let giant = right.replace("abc", &"x".repeat(20_000));
    for (payload, failure) in [
        (right, None),
        (&right.replace("abc", "a b"), Some(RegistrationFailure::Malformed)),
        (&right[..right.len() - 1], Some(RegistrationFailure::Malformed)),
        ("", Some(RegistrationFailure::Malformed)),
        ("\r\nOK\r\n", Some(RegistrationFailure::Malformed)),
        (&deep, Some(RegistrationFailure::Malformed)),
        (&long, Some(RegistrationFailure::Malformed)),
        (&other, Some(RegistrationFailure::AnotherDevice)),
        (&giant, Some(RegistrationFailure::TooLarge { length: giant.len() })),
    ] {
        let bench = bench(front_end);
        let answer = RegistrationAnswer::Payload(payload.as_bytes().to_vec());
        bench.with(|world| world.cloud().unwrap().answer_registrations_with(Some(answer)));
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let mut store = Kept::default();
        let outcome = client.register_device(&registration(), &mut store).map(|_| ());
        assert_eq!(outcome, failure.map_or(Ok(()), |failure| Err(RegisterError::Registration(failure))));
        assert_eq!(store.0.is_some(), failure.is_none());
        // The client is of use as before, and the next attempt is not disturbed by the message.
        bench.with(|world| world.cloud().unwrap().answer_registrations_with(None));
        register(&mut client, &registration()).unwrap();
    }
}

fn a_modem_without_the_context_is_named(front_end: FrontEnd) {
    let mut settings = ModemSettings::instant();
    settings.quirks.set("tls_contexts", "unprepared").unwrap();
    let bench = Bench::new(front_end, settings, cloud());
    let mut memory = Memory::typical();
    let refused = register(&mut bench.client(&mut memory), &registration());
    assert_eq!(refused, Err(RegisterError::Client(Error::Open(OpenFailure::NetworkDown))));
}
