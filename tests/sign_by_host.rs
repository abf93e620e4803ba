//! Signing in with a signature by the host: what is sent, what the double of the cloud makes of it, and of the usual mistakes.

mod front_end;
mod rig;

use front_end::FrontEnd;
use nt35e::aliyun::SignIn;
use nt35e::aliyun::sign::{Parameters, SignMethod, Signing, Timestamp};
use nt35e::at::Cause;
use nt35e::command::{ConnectFailure, OpenFailure, ReturnCode, Tls, TlsContext};
use nt35e::{Broker, Error, Publish, QoS, Triple};
use nt35e_sim::aliyun::CloudSettings;
use nt35e_sim::modem::ModemSettings;
use rig::{Bench, Memory, Seen};

front_end::each_front_end!(
    each_method_is_accepted,
    promise_9_the_secret_is_never_on_the_wire,
    a_wrong_secret_is_refused,
    the_usual_mistakes_are_refused,
    both_secure_modes_are_what_the_connection_is,
    an_account_without_plain_tcp_takes_tls,
    a_modem_that_signs_for_tcp_alone_is_helped_by_the_host,
    a_tls_context_that_is_not_there_is_named,
    topics_are_held_to_the_rules_of_the_platform,
    host_and_modem_take_turns,
    a_modem_that_takes_only_48_bytes_is_served_with_a_short_client_id,
    a_transmit_buffer_that_is_too_short_is_named_with_what_is_needed,
);

const SHA256: Signing<'static> = Signing::new(SignMethod::HMAC_SHA256);

fn signed(signing: Signing<'static>) -> SignIn<'static> {
    SignIn::new(rig::triple()).client_id("NT35E").unwrap().signed_by_host(signing)
}

fn tls() -> Tls {
    Tls::On(TlsContext::new(1).unwrap())
}

fn refused<E>(code: ReturnCode) -> Error<E> {
    Error::Connect(ConnectFailure::Refused(code))
}

/// The line by which the driver signed in last.
fn sign_in_line(bench: &Bench) -> String {
    let sent = String::from_utf8(bench.sent()).unwrap();
    // The modem may have answered at the CR; the LF is then owed until the next command.
    sent.split(['\r', '\n']).rfind(|line| line.starts_with("AT+LMQTTCONN=")).unwrap().into()
}

fn each_method_is_accepted(front_end: FrontEnd) {
    let parameters = Parameters::new("ext=1,_v=nt35e").unwrap();
    for (signing, line) in [
        (
            SHA256,
            "AT+LMQTTCONN=0,\"NT35E|securemode=3,signmethod=hmacsha256|\",\"NT35E_06011&a1JszCpjS61\",\"D3932157F7ADCF2036046D08926A6FC28333D47028B2638D44E7DD00690839E2\"",
        ),
        (
            Signing::new(SignMethod::HMAC_SHA1),
            "AT+LMQTTCONN=0,\"NT35E|securemode=3,signmethod=hmacsha1|\",\"NT35E_06011&a1JszCpjS61\",\"182DD9EA34CF9259512E7D3365BDFE76BF45C5B5\"",
        ),
        (
            Signing::new(SignMethod::HMAC_MD5),
            "AT+LMQTTCONN=0,\"NT35E|securemode=3,signmethod=hmacmd5|\",\"NT35E_06011&a1JszCpjS61\",\"2EA8A89A27FDA1AA3705D3166F00EE17\"",
        ),
        (
            SHA256.timestamp(Timestamp::OF_THE_SDKS).parameters(parameters),
            "AT+LMQTTCONN=0,\"NT35E|securemode=3,signmethod=hmacsha256,timestamp=2524608000000,ext=1,_v=nt35e|\",\"NT35E_06011&a1JszCpjS61\",\"446EDB8E66BDF9C25E684925182C06B96CA3870AFD6D831EFD63A3843952981A\"",
        ),
    ] {
        let bench = Bench::plain(front_end);
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let connection = client.connect_aliyun(signed(signing)).unwrap();
        assert_eq!(connection.refused().count(), 0);
        assert_eq!(sign_in_line(&bench), line);
        client.subscribe(rig::GET, QoS::AtLeastOnce).unwrap();
        bench.send(rig::GET, b"{}");
        assert!(rig::events(&mut client).contains(&Seen::Message(rig::GET.into(), b"{}".to_vec())));
    }
}

fn promise_9_the_secret_is_never_on_the_wire(front_end: FrontEnd) {
    // With its echo on, the modem would send it back as well.
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    client.connect_aliyun(signed(SHA256)).unwrap();
    let sent = String::from_utf8(bench.sent()).unwrap();
    assert!(!sent.contains(&rig::DEVICE_SECRET[..8]), "{sent}");
    assert!(!sent.contains("aliauth"), "{sent}");
    let printed = format!("{client:?}");
    assert!(!printed.contains("D3932157") && !printed.contains(&rig::DEVICE_SECRET[..8]), "{printed}");
}

fn a_wrong_secret_is_refused(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let wrong = Triple::new(rig::PRODUCT_KEY, rig::DEVICE_NAME, "ffffffffffffffffffffffffffffffff").unwrap();
    let error = client.connect_aliyun(SignIn::new(wrong).signed_by_host(SHA256)).unwrap_err();
    assert_eq!(error, refused(ReturnCode::BadCredentials));
    assert_eq!(client.publish(&Publish::new(rig::UPDATE, b"x")), Err(Error::NotConnected));
    client.connect_aliyun(signed(SHA256)).expect("the right one works afterwards");
}

/// Each as Python's `hmac` computes it, for the same device. The right one differs, and is accepted.
fn the_usual_mistakes_are_refused(front_end: FrontEnd) {
    let with_timestamp = "NT35E|securemode=3,signmethod=hmacsha256,timestamp=2524608000000|";
    let without = "NT35E|securemode=3,signmethod=hmacsha256|";
    let right = "446EDB8E66BDF9C25E684925182C06B96CA3870AFD6D831EFD63A3843952981A";
    let leading_zero = "07FE9E37512052E97AE7CF986C5E9FB477F306706BFF27F6071E4C73818FFE1A";
    let with_leading_zero = "NT35E14|securemode=3,signmethod=hmacsha256,timestamp=2524608000000|";
    let whole_id = "E27FE3289D13FF30E4214F0C2995B29DEAE73DBE17F698EBA0BEF2F77A5BA29F";
    let decoded_secret = "F46ED8690074AF2664652E85248A596AD4FF1ABED6F871A10D3A3D73DAF40011";
    let names_swapped = "604E6FB74D8E9BAE73708630C80C5D86DEF6BCE93FBF91F1D4430D5137AF3066";
    let not_signed = "D3932157F7ADCF2036046D08926A6FC28333D47028B2638D44E7DD00690839E2";
    for (mistake, client_id, password, is_right) in [
        ("none", with_timestamp, right, true),
        ("none, in lower case", with_timestamp, &right.to_lowercase(), true),
        ("none, with a leading zero", with_leading_zero, leading_zero, true),
        ("the leading zero is lost", with_leading_zero, &leading_zero[1..], false),
        ("the whole client id is signed", with_timestamp, whole_id, false),
        ("the secret is decoded from hex", with_timestamp, decoded_secret, false),
        ("the names are swapped", with_timestamp, names_swapped, false),
        ("the timestamp is signed alone", without, right, false),
        ("the timestamp is in the client id alone", with_timestamp, not_signed, false),
        ("another method signed", "NT35E|securemode=3,signmethod=hmacsha1,timestamp=2524608000000|", right, false),
    ] {
        let bench = Bench::plain(front_end);
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        let (client_id, password): (&str, &str) = (client_id.to_owned().leak(), password.to_owned().leak());
        let broker = Broker::new("h", client_id).unwrap().login("NT35E_06011&a1JszCpjS61", password).unwrap();
        let outcome = client.connect(broker).map(|_| ());
        let expected = if is_right { Ok(()) } else { Err(refused(ReturnCode::BadCredentials)) };
        assert_eq!(outcome, expected, "{mistake}");
    }
}

fn both_secure_modes_are_what_the_connection_is(front_end: FrontEnd) {
    for (sign_in, mode, other_mode) in [(signed(SHA256), '3', '2'), (signed(SHA256).tls(tls()), '2', '3')] {
        let bench = Bench::plain(front_end);
        let mut memory = Memory::typical();
        let mut client = bench.client(&mut memory);
        client.connect_aliyun(sign_in).unwrap();
        assert!(sign_in_line(&bench).contains(&format!("securemode={mode},")));
        // The mode is not signed, so the same password would do, and yet the other mode is refused on this connection.
        let password = "D3932157F7ADCF2036046D08926A6FC28333D47028B2638D44E7DD00690839E2";
        let client_id: &str = format!("NT35E|securemode={other_mode},signmethod=hmacsha256|").leak();
        let broker = Broker::new("h", client_id).unwrap().login("NT35E_06011&a1JszCpjS61", password).unwrap();
        let broker = if mode == '2' { broker.tls(tls()) } else { broker };
        assert_eq!(client.connect(broker).unwrap_err(), refused(ReturnCode::ClientId));
    }
}

fn an_account_without_plain_tcp_takes_tls(front_end: FrontEnd) {
    let cloud = CloudSettings { plain_tcp: false, ..rig::cloud() };
    let bench = Bench::new(front_end, ModemSettings::instant(), cloud);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    assert_eq!(client.connect_aliyun(signed(SHA256)).unwrap_err(), refused(ReturnCode::NotAuthorized));
    client.connect_aliyun(signed(SHA256).tls(tls())).unwrap();
    let sent = String::from_utf8(bench.sent()).unwrap();
    assert!(sent.contains("AT+LMQTTCFG=\"sslenable\",0,1,1\r\n"), "{sent}");
    client.connect_aliyun(SignIn::new(rig::triple()).tls(tls())).expect("the modem can sign for TLS, too");
}

fn a_modem_that_signs_for_tcp_alone_is_helped_by_the_host(front_end: FrontEnd) {
    let mut settings = ModemSettings::instant();
    settings.quirks.set("aliauth_secure_mode", "plain").unwrap();
    let bench = Bench::new(front_end, settings, rig::cloud());
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let by_modem = SignIn::new(rig::triple()).tls(tls());
    assert_eq!(client.connect_aliyun(by_modem).unwrap_err(), refused(ReturnCode::ClientId));
    client.connect_aliyun(by_modem.signed_by_host(SHA256)).unwrap();
}

fn a_tls_context_that_is_not_there_is_named(front_end: FrontEnd) {
    let mut settings = ModemSettings::instant();
    settings.quirks.set("tls_contexts", "unprepared").unwrap();
    let bench = Bench::new(front_end, settings, rig::cloud());
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let error = client.connect_aliyun(signed(SHA256).tls(tls())).unwrap_err();
    assert_eq!(error, Error::Open(OpenFailure::NetworkDown));
    client.connect_aliyun(signed(SHA256)).expect("without TLS it is not needed");
}

fn topics_are_held_to_the_rules_of_the_platform(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    client.connect_aliyun(signed(SHA256)).unwrap();
    let refused = client.publish(&Publish::new("/a1JszCpjS61/ NT35E_06011 /user/update", b"x"));
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
}

fn host_and_modem_take_turns(front_end: FrontEnd) {
    let bench = Bench::plain(front_end);
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    for _ in 0..2 {
        client.connect_aliyun(rig::triple()).unwrap();
        assert_eq!(sign_in_line(&bench), "AT+LMQTTCONN=0,\"NT35E_06011\"");
        client.connect_aliyun(signed(SHA256)).unwrap();
        assert!(sign_in_line(&bench).contains("signmethod=hmacsha256"));
    }
    let sent = String::from_utf8(bench.sent()).unwrap();
    assert_eq!(sent.matches("AT+LMQTTCFG=\"cloud\",0,2,1\r\n").count(), 2);
    assert_eq!(sent.matches("AT+LMQTTCFG=\"cloud\",0,0,1\r\n").count(), 2);
}

fn a_modem_that_takes_only_48_bytes_is_served_with_a_short_client_id(front_end: FrontEnd) {
    let mut settings = ModemSettings::instant();
    settings.quirks.set("login_lengths", "ancestor").unwrap();
    let bench = Bench::new(front_end, settings, rig::cloud());
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    let named = |client_id, signing| SignIn::new(rig::triple()).client_id(client_id).unwrap().signed_by_host(signing);
    let sha1 = Signing::new(SignMethod::HMAC_SHA1);
    for (fits, too_long) in [
        (named("123456789012", SHA256), named("1234567890123", SHA256)),
        (named("12345678901234", sha1), named("123456789012345", sha1)),
    ] {
        client.connect_aliyun(fits).unwrap();
        match client.connect_aliyun(too_long).unwrap_err() {
            Error::Command(error) => assert!(matches!(error.cause, Cause::Refused(_)), "{error:?}"),
            error => panic!("{error:?}"),
        }
    }
}

fn a_transmit_buffer_that_is_too_short_is_named_with_what_is_needed(front_end: FrontEnd) {
    // What the documentation asks for: 140 and the client id, DeviceName and ProductKey.
    let enough = 140 + "NT35E".len() + rig::DEVICE_NAME.len() + rig::PRODUCT_KEY.len();
    let bench = Bench::plain(front_end);
    let mut memory = Memory::new(256, enough, 512);
    bench.client(&mut memory).connect_aliyun(signed(SHA256)).unwrap();
    let mut memory = Memory::new(256, enough - 40, 512);
    let error = bench.client(&mut memory).connect_aliyun(signed(SHA256)).unwrap_err();
    let Error::TxTooSmall { needed, available } = error else { panic!("{error:?}") };
    assert!((sign_in_line(&bench).len()..=enough).contains(&needed), "{needed}");
    assert_eq!(available, enough - 40);
    let mut memory = Memory::new(256, needed, 512);
    bench.client(&mut memory).connect_aliyun(signed(SHA256)).unwrap();
    let mut memory = Memory::new(256, needed - 1, 512);
    bench.client(&mut memory).connect_aliyun(signed(SHA256)).unwrap_err();
}
