//! Registering by the secret of a product, against the double of the cloud: both kinds, every refusal, and all that can get lost.

#[path = "../front_end/mod.rs"]
mod front_end;
mod lost;
mod refused;
#[path = "../rig/mod.rs"]
mod rig;

use core::convert::Infallible;

use front_end::FrontEnd;
use nt35e::aliyun::SignIn;
use nt35e::aliyun::registration::{CredentialStore, DynamicRegistration, Registered, Registrant, RegistrationFailure};
use nt35e::aliyun::sign::{SignMethod, Signing};
use nt35e::command::{ConnectFailure, ReturnCode, Tls, TlsContext};
use nt35e::supervisor::{self, Desired, Event, Setup, Subscription};
use nt35e::{Duration, Error, Publish, QoS, RegisterError, Triple};
use nt35e_sim::aliyun::{CloseReason, CloudSettings, EventKind, Product, Refusal, RegistrationTopic};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::world::World;
use rig::{Bench, Client, Memory, Seen};

front_end::each_front_end!(
    a_pre_registered_device_gets_a_secret_and_signs_in_by_it,
    a_device_that_is_not_pre_registered_gets_a_token_and_signs_in_by_it,
    the_documented_lines_come_out_byte_for_byte,
    an_instance_is_named_by_a_device_that_is_not_pre_registered,
    the_topic_and_the_quality_of_the_message_do_not_matter,
    nothing_is_subscribed_and_the_device_leaves_only_after_it_has_saved,
    a_new_secret_ends_the_one_before,
    a_modem_that_does_not_count_bytes_serves_too,
    promise_9_no_secret_is_printed_on_the_way,
);

const PRODUCT_SECRET: &str = "h1nQFYPZS0mW0000";
const RANDOM: &str = "8Ygb7ULYh53B6OA";

type Refused<S = Infallible> = RegisterError<Infallible, S>;

/// A store whose memory is the test's.
#[derive(Default)]
struct Kept(Option<Registered>);

impl CredentialStore for Kept {
    type Error = Infallible;

    fn load(&mut self) -> Result<Option<Registered>, Infallible> {
        Ok(self.0)
    }

    fn save(&mut self, registered: &Registered) -> Result<(), Infallible> {
        self.0 = Some(*registered);
        Ok(())
    }
}

fn registrant() -> Registrant<'static> {
    Registrant::new(rig::PRODUCT_KEY, rig::DEVICE_NAME, PRODUCT_SECRET).unwrap()
}

fn tls() -> Tls {
    Tls::On(TlsContext::new(1).unwrap())
}

fn registration() -> DynamicRegistration<'static> {
    registration_of(registrant())
}

fn registration_of(registrant: Registrant<'static>) -> DynamicRegistration<'static> {
    DynamicRegistration::new(registrant, RANDOM, SignMethod::HMAC_SHA256, tls()).unwrap()
}

fn cloud() -> CloudSettings {
    CloudSettings { products: vec![Product::new(rig::PRODUCT_KEY, PRODUCT_SECRET)], ..rig::cloud() }
}

fn bench(front_end: FrontEnd) -> Bench {
    Bench::new(front_end, ModemSettings::instant(), cloud())
}

fn with_cloud(front_end: FrontEnd, change: impl FnOnce(&mut CloudSettings)) -> Bench {
    let mut settings = cloud();
    change(&mut settings);
    Bench::new(front_end, ModemSettings::instant(), settings)
}

fn register(client: &mut Client<'_>, registration: &DynamicRegistration<'static>) -> Result<Registered, Refused> {
    client.register_device(registration, &mut Kept::default())
}

/// What a client can keep for as long as it lives.
fn kept(registered: Registered) -> &'static Registered {
    Box::leak(Box::new(registered))
}

fn sign_in(registered: Registered) -> SignIn<'static> {
    kept(registered).sign_in(registrant()).unwrap().tls(tls())
}

/// The lines of one command that the driver has sent.
fn lines(bench: &Bench, command: &str) -> Vec<String> {
    let sent = String::from_utf8(bench.sent()).unwrap();
    sent.split(['\r', '\n']).filter(|line| line.starts_with(command)).map(String::from).collect()
}

fn last_refusal(bench: &Bench) -> Option<Refusal> {
    bench.with(|world| {
        world.cloud().unwrap().events().iter().rev().find_map(|event| match &event.kind {
            EventKind::ConnectRefused { reason, .. } => Some(reason.clone()),
            _ => None,
        })
    })
}

fn hears_from_the_console(bench: &Bench, client: &mut Client<'_>) {
    client.subscribe(rig::GET, QoS::AtLeastOnce).unwrap();
    bench.send(rig::GET, b"{}");
    assert!(rig::events(client).contains(&Seen::Message(rig::GET.into(), b"{}".to_vec())));
    client.publish(&Publish::new(rig::UPDATE, b"up").qos(QoS::AtLeastOnce)).unwrap();
    assert_eq!(bench.published().last().unwrap(), b"up");
}

fn a_pre_registered_device_gets_a_secret_and_signs_in_by_it(front_end: FrontEnd) {
    for method in [SignMethod::HMAC_SHA256, SignMethod::HMAC_SHA1, SignMethod::HMAC_MD5] {
        let bench = bench(front_end);
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let mut store = Kept::default();
        let registration = DynamicRegistration::new(registrant(), "123", method, tls()).unwrap();
        let registered = client.register_device(&registration, &mut store).unwrap();
        assert_eq!(store.0, Some(registered));
        // It is the one that the double made up, and no other.
        let secret = bench
            .with(|world| world.cloud().unwrap().device_secret(rig::PRODUCT_KEY, rig::DEVICE_NAME).unwrap().to_owned());
        assert_eq!(registered.expose_device_secret(), Some(&*secret));
        assert_ne!(secret, rig::DEVICE_SECRET);
        assert!(!client.is_connected());
        client.connect_aliyun(sign_in(registered)).expect("the modem signs");
        client.connect_aliyun(sign_in(registered).signed_by_host(Signing::new(method))).expect("the host signs");
        hears_from_the_console(&bench, &mut client);
    }
}

fn a_device_that_is_not_pre_registered_gets_a_token_and_signs_in_by_it(front_end: FrontEnd) {
    // Nobody has created the name.
    let bench = with_cloud(front_end, |cloud| cloud.devices.clear());
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let mut store = Kept::default();
    let registered = client.register_device(&registration().not_pre_registered(), &mut store).unwrap();
    assert_eq!(store.0, Some(registered));
    assert_eq!(registered.expose_device_secret(), None);
    let (client_id, token) = (registered.client_id().unwrap(), registered.expose_device_token().unwrap());
    client.connect_aliyun(sign_in(registered)).unwrap();
    let line = format!(
        "AT+LMQTTCONN=0,\"{client_id}|securemode=-2,authType=connwl|\",\"NT35E_06011&a1JszCpjS61\",\"{token}\""
    );
    assert_eq!(lines(&bench, "AT+LMQTTCONN=").last(), Some(&line));
    hears_from_the_console(&bench, &mut client);
    // A token stays one: it is not signed with, and goes with its client id.
    client.connect_aliyun(sign_in(registered).signed_by_host(Signing::new(SignMethod::HMAC_MD5))).unwrap();
    assert!(sign_in(registered).client_id("other").is_err());
    let other = Registered::with_token(client_id, &token.replace('^', "x")).unwrap();
    let refused = client.connect_aliyun(sign_in(other)).unwrap_err();
    assert_eq!(refused, Error::Connect(ConnectFailure::Refused(ReturnCode::BadCredentials)));
}

/// R1, R2 and R4 of `aliyun.md` §3, whose passwords are Python's `hmac`'s. R4 names its parameters in another order.
fn the_documented_lines_come_out_byte_for_byte(front_end: FrontEnd) {
    let documented = Registrant::new("al123456789", "device1", PRODUCT_SECRET).unwrap();
    let article = Registrant::new("a1JszCpjS61", "NT35E_06011", "productsecret").unwrap();
    for (registrant, random, method, client_id, line) in [
        (
            documented,
            "123",
            SignMethod::HMAC_SHA1,
            "device1",
            "AT+LMQTTCONN=0,\"device1|securemode=2,authType=register,random=123,signmethod=hmacsha1|\",\"device1&al123456789\",\"A5FEEDEDEB0481BA1E5B6AD86CB52C0F59A645A2\"",
        ),
        (
            documented,
            "123",
            SignMethod::HMAC_SHA256,
            "device1",
            "AT+LMQTTCONN=0,\"device1|securemode=2,authType=register,random=123,signmethod=hmacsha256|\",\"device1&al123456789\",\"C859505A3E1752F4828F8DBF5BECE22C7C4DEC29A8A2B5F38A292C3401FA7BFF\"",
        ),
        (
            article,
            RANDOM,
            SignMethod::HMAC_SHA256,
            "a1JszCpjS61.NT35E_06011",
            "AT+LMQTTCONN=0,\"a1JszCpjS61.NT35E_06011|securemode=2,authType=register,random=8Ygb7ULYh53B6OA,signmethod=hmacsha256|\",\"NT35E_06011&a1JszCpjS61\",\"520F888221FD04347B25D69D9A835F296900590A018BC1EC7DA59A2BE601ADF6\"",
        ),
    ] {
        let bench = with_cloud(front_end, |cloud| {
            let (key, name) = (registrant.product_key(), registrant.device_name());
            cloud.products = vec![Product::new(key, registrant.expose_product_secret())];
            cloud.devices = CloudSettings::with_device(key, name, rig::DEVICE_SECRET).devices;
        });
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let registration = DynamicRegistration::new(registrant, random, method, tls()).unwrap();
        register(&mut client, &registration.client_id(client_id).unwrap()).unwrap();
        assert_eq!(lines(&bench, "AT+LMQTTCONN="), [line]);
        assert_eq!(lines(&bench, "AT+LMQTTCFG=\"sslenable\""), ["AT+LMQTTCFG=\"sslenable\",0,1,1"]);
    }
}

fn an_instance_is_named_by_a_device_that_is_not_pre_registered(front_end: FrontEnd) {
    let bench = with_cloud(front_end, |cloud| cloud.instance = Some("iot-060a06ph".into()));
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let named = registration().instance("iot-060a06ph").unwrap();
    let registered = register(&mut client, &named.not_pre_registered()).unwrap();
    let line = lines(&bench, "AT+LMQTTCONN=").pop().unwrap();
    let expected = "\"NT35E_06011|securemode=-2,authType=regnwl,random=8Ygb7ULYh53B6OA,signmethod=hmacsha256,instanceId=iot-060a06ph|\"";
    assert!(line.contains(expected), "{line}");
    assert_eq!(
        lines(&bench, "AT+LMQTTOPEN=").pop().unwrap(),
        "AT+LMQTTOPEN=0,\"iot-060a06ph.mqtt.iothub.aliyuncs.com\",1883"
    );
    client.connect_aliyun(sign_in(registered).instance("iot-060a06ph").unwrap()).unwrap();
    // One that is pre-registered does not name it, and the platform does not miss it.
    register(&mut client, &named).unwrap();
    let line = lines(&bench, "AT+LMQTTCONN=").pop().unwrap();
    assert!(line.contains("|securemode=2,authType=register,") && !line.contains("instanceId"), "{line}");
    for wrong in [registration(), registration().instance("iot-other").unwrap()] {
        let refused = register(&mut client, &wrong.not_pre_registered());
        assert_eq!(refused, Err(RegisterError::Registration(RegistrationFailure::Parameters)));
        assert_eq!(last_refusal(&bench), Some(Refusal::Instance));
    }
}

fn the_topic_and_the_quality_of_the_message_do_not_matter(front_end: FrontEnd) {
    for registration_topic in [RegistrationTopic::OfKind, RegistrationTopic::Register] {
        for registration_qos in [nt35e_sim::aliyun::QoS::AtMostOnce, nt35e_sim::aliyun::QoS::AtLeastOnce] {
            let bench = with_cloud(front_end, |cloud| {
                cloud.open.registration_topic = registration_topic;
                cloud.open.registration_qos = registration_qos;
            });
            let mut memory = Memory::typical();
            let mut client = bench.client(&mut memory);
            let registered = register(&mut client, &registration().not_pre_registered()).unwrap();
            assert!(registered.expose_device_token().is_some());
            let registered = register(&mut client, &registration()).unwrap();
            assert!(registered.expose_device_secret().is_some());
        }
    }
}

fn nothing_is_subscribed_and_the_device_leaves_only_after_it_has_saved(front_end: FrontEnd) {
    /// Looks at the double when it is to save.
    struct Watch(Bench, Option<Vec<CloseReason>>);

    impl CredentialStore for Watch {
        type Error = Infallible;

        fn load(&mut self) -> Result<Option<Registered>, Infallible> {
            Ok(None)
        }

        fn save(&mut self, _registered: &Registered) -> Result<(), Infallible> {
            self.1 = Some(closed(&self.0));
            Ok(())
        }
    }

    fn closed(bench: &Bench) -> Vec<CloseReason> {
        bench.with(|world| world.cloud().unwrap().close_reasons().into_iter().cloned().collect())
    }

    let bench = bench(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let mut store = Watch(bench.clone(), None);
    client.register_device(&registration(), &mut store).unwrap();
    assert_eq!(store.1, Some(Vec::new()), "the connection was open while it was saved");
    assert_eq!(closed(&bench), [CloseReason::Disconnect]);
    assert_eq!(lines(&bench, "AT+LMQTTSUB"), [""; 0]);
    let registered = bench.with(|world| {
        let events = world.cloud().unwrap().events().iter();
        events.filter(|event| matches!(event.kind, EventKind::Registered { is_pre_registered: true, .. })).count()
    });
    assert_eq!(registered, 1, "it registers once");
}

fn a_new_secret_ends_the_one_before(front_end: FrontEnd) {
    let bench = bench(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let first = register(&mut client, &registration()).unwrap();
    let second = register(&mut client, &registration()).unwrap();
    assert_ne!(first, second);
    let refused = client.connect_aliyun(sign_in(first)).unwrap_err();
    assert_eq!(refused, Error::Connect(ConnectFailure::Refused(ReturnCode::BadCredentials)));
    client.connect_aliyun(sign_in(second)).unwrap();
}

fn a_modem_that_does_not_count_bytes_serves_too(front_end: FrontEnd) {
    let mut settings = ModemSettings::instant();
    settings.quirks.set("show_length", "refused").unwrap();
    let bench = Bench::new(front_end, settings, cloud());
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let registered = register(&mut client, &registration()).unwrap();
    client.connect_aliyun(sign_in(registered)).unwrap();
}

fn promise_9_no_secret_is_printed_on_the_way(front_end: FrontEnd) {
    let bench = bench(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let registration = registration();
    let registered = register(&mut client, &registration).unwrap();
    let sign_in = sign_in(registered);
    let secret = &registered.expose_device_secret().unwrap()[..6];
    let printed = format!(
        "{client:?}{registration:?}{registered:?}{sign_in:?}{:?}",
        registration.pending(nt35e::Instant::from_millis(0))
    );
    for secret in [secret, &PRODUCT_SECRET[..6], "520F88"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
    let sent = String::from_utf8(bench.sent()).unwrap();
    assert!(!sent.contains(PRODUCT_SECRET), "the secret of the product never leaves the host");
}

/// The main of a firmware: load, or else register and store; then a supervised life. The first life of a device registers, and no other.
#[test]
fn a_supervised_device_lives_by_what_it_got() {
    for is_pre_registered in [true, false] {
        let bench = bench(FrontEnd::Blocking);
        let mut store = Kept::default();
        for life in 1..=3 {
            let mut memory = Memory::typical();
            let mut client = nt35e::blocking::Client::new(bench.uart(usize::MAX), bench.clock(), memory.buffers());
            let registration = if is_pre_registered { registration() } else { registration().not_pre_registered() };
            let registered = match store.load().unwrap() {
                Some(registered) => registered,
                None => client.register_device(&registration, &mut store).unwrap(),
            };
            let subscriptions = [Subscription::new(rig::GET, QoS::AtLeastOnce).unwrap()];
            let sign_in = registered.sign_in(registrant()).unwrap().tls(tls());
            let desired = Desired::new(sign_in).subscriptions(&subscriptions).unwrap();
            let mut client = supervisor::blocking::Client::new(client, Setup::new(desired));
            // Twice, since a link is lost in between.
            for _ in 0..2 {
                let begin = bench.with(|world| world.now());
                while !matches!(client.next_event(Duration::from_secs(1)).unwrap(), Some(Event::Online)) {
                    let passed = bench.with(|world| world.now()) - begin;
                    assert!(passed.as_secs() < 600, "life {life} never came online");
                }
                bench.send(rig::GET, b"{}");
                bench.with(World::cut_link);
            }
            let registrations = bench.with(|world| {
                let events = world.cloud().unwrap().events().iter();
                events.filter(|event| matches!(event.kind, EventKind::Registered { .. })).count()
            });
            assert_eq!(registrations, 1, "in life {life}");
        }
    }
}

#[test]
fn the_texts_of_a_registration_are_checked() {
    let random = |random| DynamicRegistration::new(registrant(), random, SignMethod::HMAC_SHA256, tls()).is_ok();
    for (text, is_allowed) in [("1", true), (RANDOM, true), ("", false), ("a,b", false), ("a|", false), ("a=", false)] {
        assert_eq!(random(text), is_allowed, "{text}");
    }
    assert!(random(String::leak("x".repeat(32))));
    assert!(!random(String::leak("x".repeat(33))));
    assert!(Triple::new("a", "abcd", "s").is_ok());
}

/// The longest that there is still makes a client id that the modem takes.
#[test]
fn the_longest_registration_fits_in_the_modem() {
    let leak = |length| -> &'static str { String::leak("x".repeat(length)) };
    let instance: &'static str = leak(75);
    let bench = with_cloud(FrontEnd::Blocking, |cloud| {
        cloud.products = vec![Product::new(leak(20), leak(64))];
        cloud.instance = Some(instance.into());
    });
    let registrant = Registrant::new(leak(20), leak(32), leak(64)).unwrap();
    let registration = DynamicRegistration::new(registrant, leak(32), SignMethod::HMAC_SHA256, tls()).unwrap();
    let registration = registration.instance(instance).unwrap().client_id(leak(64)).unwrap().not_pre_registered();
    let enough = 180 + 64 + 32 + 20 + 32 + 75;
    let mut memory = Memory::new(256, enough, 512);
    register(&mut bench.client(&mut memory), &registration).unwrap();
    let line = lines(&bench, "AT+LMQTTCONN=").pop().unwrap();
    assert!(line.len() + 2 <= enough && line.split('"').nth(1).unwrap().len() <= 256, "{}", line.len());
}
