//! Registering over real TLS: the double of the cloud listens with it, and the simulated modem's link speaks it.

#[path = "mosquitto/serial_line.rs"]
#[allow(dead_code, reason = "the tests with a real broker use the rest")]
mod serial_line;

use core::convert::Infallible;
use core::net::SocketAddr;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use nt35e::aliyun::registration::{CredentialStore, DynamicRegistration, Registered, Registrant, RegistrationFailure};
use nt35e::aliyun::sign::SignMethod;
use nt35e::command::{OpenFailure, Tls, TlsContext};
use nt35e::{Buffers, Error, Event, Publish, QoS, RegisterError, blocking};
use nt35e_sim::aliyun::{self, Channel, CloudServer, CloudSettings, EventKind, Product, RegistrationAnswer};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::tls::{Identity, Trust};
use nt35e_sim::wire::{ModemServer, Resolve, ServerSettings};
use serial_line::{Dam, Uart, WallClock};

const KEY: &str = "a1JszCpjS61";
const NAME: &str = "NT35E_06011";
const PRODUCT_SECRET: &str = "h1nQFYPZS0mW0000";
const LOCAL: &str = "127.0.0.1:0";
const GET: &str = "/a1JszCpjS61/NT35E_06011/user/get";
const UPDATE: &str = "/a1JszCpjS61/NT35E_06011/user/update";

type Client<'b> = blocking::Client<'b, Uart, WallClock>;

struct Ram(Option<Registered>);

impl CredentialStore for Ram {
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
    Registrant::new(KEY, NAME, PRODUCT_SECRET).unwrap()
}

fn tls() -> Tls {
    Tls::On(TlsContext::new(1).unwrap())
}

fn registration(tls: Tls) -> DynamicRegistration<'static> {
    DynamicRegistration::new(registrant(), "8Ygb7ULYh53B6OA", SignMethod::HMAC_SHA256, tls).unwrap()
}

fn settings() -> CloudSettings {
    let products = vec![Product::new(KEY, PRODUCT_SECRET)];
    CloudSettings { products, ..CloudSettings::with_device(KEY, NAME, "0123456789abcdef0123456789abcdef") }
}

/// A modem whose connections all lead to one address, and which trusts somebody or nobody.
fn modem(address: SocketAddr, trust: Option<Trust>) -> ModemServer {
    let mut settings = ServerSettings::new(ModemSettings::instant(), Resolve::All(address));
    settings.trust = trust;
    ModemServer::start_tcp(LOCAL.parse().unwrap(), settings).unwrap()
}

fn with_client<R>(modem: &ModemServer, act: impl FnOnce(&mut Client<'_>) -> R) -> R {
    let (mut rx, mut tx, mut inbox) = ([0; 256], [0; 256], [0; 512]);
    let uart = Uart::connect(modem.address().unwrap(), Dam::default());
    act(&mut Client::new(uart, WallClock::start(), Buffers::new(&mut rx, &mut tx, &mut inbox)))
}

#[test]
fn both_kinds_register_over_tls_and_sign_in_by_what_they_got() {
    let identity = Identity::of_the_platform().unwrap();
    let cloud = CloudServer::start_tls(LOCAL, identity.clone(), settings()).unwrap();
    let tap = Tap::start(cloud.address());
    let modem = modem(tap.address, Some(identity.trust().unwrap()));
    for registration in [registration(tls()), registration(tls()).not_pre_registered()] {
        with_client(&modem, |client| {
            let mut store = Ram(None);
            let registered = client.register_device(&registration, &mut store).unwrap();
            assert_eq!(store.0, Some(registered));
            client.connect_aliyun(registered.sign_in(registrant()).unwrap().tls(tls())).unwrap();
            client.subscribe(GET, QoS::AtLeastOnce).unwrap();
            client.publish(&Publish::new(UPDATE, b"up").qos(QoS::AtLeastOnce)).unwrap();
            assert_eq!(cloud.cloud().publish_to(GET, b"down", aliyun::QoS::AtLeastOnce), 1);
            let limit = nt35e::Duration::from_secs(60);
            let is_down = |event: Event<'_>| matches!(event, Event::Message { payload: b"down", .. });
            while !is_down(client.next_event(limit).unwrap().expect("it comes")) {}
            client.disconnect().unwrap();
        });
    }
    let connections =
        cloud.cloud().events().iter().filter(|event| event.kind == EventKind::Opened(Channel::Tls)).count();
    assert_eq!(connections, 4);
    // What went over the network is TLS, and none of it can be read.
    let seen = tap.seen();
    assert_eq!(seen.first(), Some(&0x16), "a handshake");
    for word in ["securemode", NAME, "deviceSecret", "deviceToken", "/ext/reg"] {
        assert!(!seen.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
    }
}

#[test]
fn a_certificate_that_is_not_trusted_is_no_connection() {
    let identity = Identity::of_the_platform().unwrap();
    let other = Identity::of_the_platform().unwrap();
    let cloud = CloudServer::start_tls(LOCAL, identity.clone(), settings()).unwrap();
    let refused = RegisterError::Client(Error::Open(OpenFailure::NetworkDown));
    let attempt = |trust, registration: DynamicRegistration<'static>| {
        let modem = modem(cloud.address(), trust);
        with_client(&modem, |client| client.register_device(&registration, &mut Ram(None)).map(|_| ()))
    };
    let trust = Some(identity.trust().unwrap());
    assert_eq!(attempt(Some(other.trust().unwrap()), registration(tls())), Err(refused));
    assert_eq!(attempt(trust.clone(), registration(tls()).host("example.com", 1883).unwrap()), Err(refused));
    assert_eq!(attempt(None, registration(tls())), Err(refused), "no context");
    // Without TLS the double does not understand a word.
    assert!(attempt(trust.clone(), registration(Tls::Off)).is_err());
    assert!(!cloud.cloud().events().iter().any(|event| matches!(event.kind, EventKind::Received(_))));
    assert_eq!(attempt(trust, registration(tls())), Ok(()));
}

#[test]
fn without_tls_the_platform_refuses() {
    let cloud = CloudServer::start(settings()).unwrap();
    let modem = modem(cloud.address(), None);
    let outcome = with_client(&modem, |client| client.register_device(&registration(Tls::Off), &mut Ram(None)));
    assert_eq!(outcome, Err(RegisterError::Registration(RegistrationFailure::Parameters)));
}

#[test]
fn a_platform_that_closes_without_a_word_is_named() {
    let identity = Identity::of_the_platform().unwrap();
    let mut settings = settings();
    settings.limits.registration_kept = core::time::Duration::from_millis(50);
    let cloud = CloudServer::start_tls(LOCAL, identity.clone(), settings).unwrap();
    cloud.cloud().answer_registrations_with(Some(RegistrationAnswer::Silence));
    let modem = modem(cloud.address(), Some(identity.trust().unwrap()));
    let outcome = with_client(&modem, |client| client.register_device(&registration(tls()), &mut Ram(None)));
    assert_eq!(outcome, Err(RegisterError::Registration(RegistrationFailure::LinkLost)));
}

/// Passes bytes on in both directions, and keeps them. Its threads end with the connections.
struct Tap {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Tap {
    fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind(LOCAL).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(to) else { return };
                let (back, forth) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let (one, other) = (Arc::clone(&kept), Arc::clone(&kept));
                thread::spawn(move || pass_on(client, server, &one));
                thread::spawn(move || pass_on(back, forth, &other));
            }
        });
        Self { address, seen }
    }

    fn seen(&self) -> Vec<u8> {
        self.seen.lock().unwrap().clone()
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, seen: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        seen.lock().unwrap().extend_from_slice(&buffer[..count]);
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
