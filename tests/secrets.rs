//! Promise 9: secrets stay secret, whatever is printed and whatever goes wrong.

mod front_end;
mod rig;

use core::fmt::Debug;

use front_end::FrontEnd;
use nt35e::aliyun::SignIn;
use nt35e::at::{Command, Encoder};
use nt35e::command::{Configure, Connect, Login, Setting};
use nt35e::{Broker, Buffers, ClientId, ConnectionId, InvalidField, Password, Triple, UserName};
use nt35e_sim::modem::ModemSettings;
use rig::{Bench, DEVICE_SECRET, Memory};

front_end::each_front_end!(promise_9_a_client_in_use_prints_no_secret,);

const PASSWORD: &str = "opensesame";

/// Checks that no form of a secret is in what `value` prints, in any notation that a Debug might use.
fn check(value: &impl Debug) {
    for printed in [format!("{value:?}"), format!("{value:#?}").split_whitespace().collect()] {
        for secret in [DEVICE_SECRET, PASSWORD] {
            let bytes = &secret.as_bytes()[..6];
            let decimal = format!("{bytes:?}");
            let hexadecimal = format!("{bytes:x?}");
            let forms = [&secret[..6], &decimal[1..decimal.len() - 1], &hexadecimal[1..hexadecimal.len() - 1]];
            for form in forms {
                let squeezed: String = form.split_whitespace().collect();
                assert!(!printed.contains(form) && !printed.contains(&squeezed), "{form} in {printed}");
            }
        }
    }
}

#[test]
fn promise_9_no_value_prints_its_secret() {
    let triple = rig::triple();
    check(&triple);
    check(&SignIn::new(triple));
    check(&Setting::aliyun_device(triple));
    let configure = Configure { connection: ConnectionId::FIRST, setting: Setting::aliyun_device(triple) };
    check(&configure);
    let password = Password::new(PASSWORD).unwrap();
    check(&password);
    let login = Login { user_name: UserName::new("u").unwrap(), password: Some(password) };
    check(&login);
    let client_id = ClientId::new("c").unwrap();
    check(&Connect { connection: ConnectionId::FIRST, client_id, login: Some(login) });
    check(&Broker::new("h", "c").unwrap().login("u", PASSWORD).unwrap());
    let mut line = [0; 200];
    let mut encoder = Encoder::new(&mut line);
    configure.encode(&mut encoder);
    check(&encoder);
    let mut used = DEVICE_SECRET.as_bytes().to_vec();
    check(&Buffers::new(&mut used, &mut [], &mut []));
}

#[cfg(feature = "sign-sha256")]
#[test]
fn promise_9_no_signature_is_printed() {
    use nt35e::aliyun::DeviceClientId;
    use nt35e::aliyun::sign::{SecureMode, SignMethod, Signing};
    let signing = Signing::new(SignMethod::HMAC_SHA256);
    let sign_in = SignIn::new(rig::triple()).signed_by_host(signing);
    check(&sign_in);
    check(&nt35e::SignOn::from(sign_in));
    let client_id = DeviceClientId::new("NT35E").unwrap();
    let credentials = signing.credentials(rig::triple(), client_id, SecureMode::Tls);
    let signature = SignMethod::HMAC_SHA256.sign(DEVICE_SECRET, &["clientId", "NT35E"]);
    for printed in [format!("{credentials:?}"), format!("{signature:#?}")] {
        assert!(printed.contains("<redacted>"), "{printed}");
        assert!(!printed.contains(&credentials.expose_password()[..8]), "{printed}");
        assert!(!printed.contains(&signature.expose()[..8]), "{printed}");
    }
}

#[test]
fn promise_9_an_error_does_not_repeat_the_value() {
    let broken = format!("{DEVICE_SECRET}\"");
    let refused: InvalidField = Triple::new("a1", "NT35E_06011", &broken).unwrap_err();
    check(&refused);
    assert!(!refused.to_string().contains(&DEVICE_SECRET[..6]));
    let refused = Password::new("opensesame\n").unwrap_err();
    check(&refused);
    assert!(!refused.to_string().contains(PASSWORD));
}

fn promise_9_a_client_in_use_prints_no_secret(front_end: FrontEnd) {
    // With its echo on, the modem sends the secret back as well.
    let bench = Bench::new(front_end, ModemSettings::instant(), rig::cloud());
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    client.connect_aliyun(rig::triple()).unwrap();
    check(&client);
    let wrong = Triple::new(rig::PRODUCT_KEY, rig::DEVICE_NAME, "ffffffffffffffffffffffffffffffff").unwrap();
    let error = client.connect_aliyun(wrong).unwrap_err();
    check(&error);
    assert!(!error.to_string().contains("ffffff"));
    client.connect(Broker::new("h", "c").unwrap().login("u", PASSWORD).unwrap()).unwrap_err();
    check(&client);
}
