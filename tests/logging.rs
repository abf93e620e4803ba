//! What the features `log` and `defmt` put into a log, and what never gets there.

#![cfg(all(feature = "log", feature = "embedded-io"))]

mod front_end;
mod rig;

use std::sync::Mutex;

use front_end::FrontEnd;
use nt35e::command::Raw;
use nt35e::{Broker, Duration, Network, Publish, QoS};
use nt35e_sim::aliyun::{CloudSettings, Product};
use nt35e_sim::modem::ModemSettings;
use rig::{Bench, DEVICE_SECRET, Memory};

const PASSWORD: &str = "opensesame";
const PRODUCT_SECRET: &str = "h1nQFYPZS0mW0000";
const PIN: &str = "987654";
/// The password that the host computes for the device, as Python's `hmac` has it.
const SIGNATURE: &str = "70E3EEB161DFC953DC61619C3B9A9DB57C08ACD2EE456E00A98E215881B78BE1";

/// Keeps what is logged.
struct Capture(Mutex<Vec<String>>);

static CAPTURE: Capture = Capture(Mutex::new(Vec::new()));

impl log::Log for Capture {
    fn enabled(&self, _metadata: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.0.lock().unwrap().push(format!("{} {}", record.level(), record.args()));
    }

    fn flush(&self) {}
}

fn cloud() -> CloudSettings {
    CloudSettings { products: vec![Product::new(rig::PRODUCT_KEY, PRODUCT_SECRET)], ..rig::cloud() }
}

/// Signs in over a modem that repeats all it is sent, then does what has secrets in it.
fn use_secrets() -> Vec<String> {
    log::set_logger(&CAPTURE).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let bench = Bench::new(FrontEnd::Blocking, ModemSettings::instant(), cloud());
    for chunk in [usize::MAX, 1] {
        let mut memory = Memory::typical();
        let mut client = bench.client_in_chunks(&mut memory, chunk);
        client.execute(&Raw::new("ATE1", Duration::from_secs(1)).unwrap()).unwrap();
        client.connect_aliyun(rig::triple()).unwrap();
        client.publish(&Publish::new(rig::UPDATE, b"{}").qos(QoS::AtLeastOnce)).unwrap();
        #[cfg(feature = "sign-sha256")]
        {
            use nt35e::aliyun::{SignIn, sign::SignMethod, sign::Signing};
            let sign_in = SignIn::new(rig::triple()).signed_by_host(Signing::new(SignMethod::HMAC_SHA256));
            client.connect_aliyun(sign_in).unwrap();
            let sent = String::from_utf8(bench.sent()).unwrap();
            assert!(sent.contains(SIGNATURE), "it was sent, so that it could have been logged");
        }
        #[cfg(all(feature = "registration", feature = "sign-sha256"))]
        register(&bench, &mut client);
        client.connect(Broker::new("h", "c").unwrap().login("u", PASSWORD).unwrap()).unwrap_err();
        let pin = format!("AT+CPIN=\"{PIN}\"");
        client.execute(&Raw::new(&pin, Duration::from_secs(1)).unwrap()).unwrap_err();
        // An echo that comes when nobody waits for it, in pieces, with its head lost.
        bench.with(|world| world.inject(format!("\r\n\",\"{DEVICE_SECRET}\"\r\n").as_bytes()));
        bench.with(|world| world.inject(format!("AT+LMQTTCONN=0,\"c\",\"u\",\"{PASSWORD}\"\r\n").as_bytes()));
        rig::events(&mut client);
        bench.with(nt35e_sim::world::World::restart_modem);
        client.bring_up(&Network::default()).unwrap();
    }
    core::mem::take(&mut *CAPTURE.0.lock().unwrap())
}

/// What the cloud gives to a device that registers.
const TOKEN: &str = "tokenoftheplatform";

/// With the length of the message, and without.
#[cfg(all(feature = "registration", feature = "sign-sha256"))]
fn register(bench: &Bench, client: &mut rig::Client<'_>) {
    use nt35e::aliyun::registration::{CredentialStore, DynamicRegistration, Registered, Registrant};
    use nt35e::aliyun::sign::SignMethod;
    use nt35e::command::{Tls, TlsContext};

    struct Nowhere;

    impl CredentialStore for Nowhere {
        type Error = ();

        fn load(&mut self) -> Result<Option<Registered>, ()> {
            Ok(None)
        }

        fn save(&mut self, _registered: &Registered) -> Result<(), ()> {
            Ok(())
        }
    }

    let payload =
        format!(r#"{{"productKey":"a1JszCpjS61","deviceName":"NT35E_06011","clientId":"c","deviceToken":"{TOKEN}"}}"#);
    let answer = nt35e_sim::aliyun::RegistrationAnswer::Payload(payload.into_bytes());
    bench.with(|world| world.cloud().unwrap().answer_registrations_with(Some(answer)));
    let registrant = Registrant::new(rig::PRODUCT_KEY, rig::DEVICE_NAME, PRODUCT_SECRET).unwrap();
    let tls = Tls::On(TlsContext::new(1).unwrap());
    let registration = DynamicRegistration::new(registrant, "123", SignMethod::HMAC_SHA256, tls).unwrap();
    for show_length in ["accepted", "refused"] {
        bench.with(|world| world.modem().quirks().set("show_length", show_length).unwrap());
        let registered = client.register_device(&registration.not_pre_registered(), &mut Nowhere).unwrap();
        assert_eq!(registered.expose_device_token(), Some(TOKEN), "it came, so that it could have been logged");
        client.connect_aliyun(Box::leak(Box::new(registered)).sign_in(registrant).unwrap().tls(tls)).unwrap_err();
    }
    bench.with(|world| world.modem().quirks().set("show_length", "accepted").unwrap());
}

#[test]
fn promise_9_the_log_holds_the_traffic_and_no_secret() {
    let lines = use_secrets();
    let text = lines.join("\n");
    for expected in [
        "TRACE > AT+LMQTTCFG (",
        "TRACE < AT+LMQTTCFG (",
        "TRACE > AT+LMQTTCFG=\"keepalive\",0,",
        "TRACE > AT+LMQTTCONN=0,\"NT35E_06011\"\n",
        "TRACE > AT+LMQTTCONN (",
        "TRACE > AT+CPIN (",
        "TRACE < +LMQTTCONN: 0,0,0\n",
        "TRACE < OK\n",
        "DEBUG AT+LMQTTPUB: Result\n",
        "DEBUG AT+LMQTTPUB: Ok(())\n",
        "WARN the modem has gone away: Booted\n",
    ] {
        assert!(text.contains(expected) || text.contains(&expected.replace('"', "\\\"")), "{expected} in\n{text}");
    }
    for secret in [DEVICE_SECRET, PASSWORD, PIN, SIGNATURE, PRODUCT_SECRET, TOKEN] {
        for form in forms(&secret.as_bytes()[..6]) {
            assert!(!text.contains(&form), "{form} in\n{text}");
        }
    }
    #[cfg(feature = "defmt")]
    promise_9_defmt_sends_no_secret();
}

/// How a log may spell bytes.
fn forms(secret: &[u8]) -> Vec<String> {
    let decimal = format!("{secret:?}");
    let hexadecimal = format!("{secret:x?}");
    let unbroken: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = String::from_utf8(secret.to_vec()).unwrap();
    let lists = [&decimal[1..decimal.len() - 1], &hexadecimal[1..hexadecimal.len() - 1]].map(str::to_owned);
    lists.into_iter().chain([text, unbroken.to_uppercase(), unbroken]).collect()
}

/// On the same run: texts and byte lists go over the wire of defmt as they are, before any framing.
#[cfg(feature = "defmt")]
fn promise_9_defmt_sends_no_secret() {
    let bytes = defmt::export::fetch_bytes();
    for secret in [DEVICE_SECRET, PASSWORD, PIN, SIGNATURE, PRODUCT_SECRET, TOKEN] {
        assert!(!bytes.windows(6).any(|window| window == &secret.as_bytes()[..6]), "{secret}");
    }
}
