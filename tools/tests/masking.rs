//! No recording holds what identifies somebody, in any form in which it went over the wire.

mod bench;

use core::time::Duration;
use std::fs;

use bench::{Bench, DEVICE_NAME, DEVICE_SECRET, PRODUCT_KEY, temporary};
use nt35e::Triple;
use nt35e::aliyun::DeviceClientId;
use nt35e::aliyun::sign::{SecureMode, SignMethod, Signing};
use nt35e_sim::fault::{Direction, Fault, Harm, ModemFault};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::transcript::{Entry, Transcript};

const IMEI: &str = "860000000000017";
const ICCID: &str = "8986000000000000017D";
const IMSI: &str = "460000000000017";
const PIN: &str = "4711";
const USER_NAME: &str = "somebody@factory";
const PASSWORD: &str = "pass,w0rd 9!";

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// As it is, and as a payload in the hex format has it.
fn forms(secret: &str) -> [String; 3] {
    [secret.to_owned(), hex(secret), hex(secret).to_uppercase()]
}

/// What went each way, since a secret may be cut by the end of an entry, and all that is in the file but for its times, which
/// have any digits.
fn streams(file: &str) -> [String; 3] {
    let text = fs::read_to_string(file).unwrap();
    let mut transcript: Transcript = text.parse().unwrap();
    for entry in &mut transcript.entries {
        if let Entry::FromHost { at, .. } | Entry::FromModem { at, .. } = entry {
            *at = Duration::ZERO;
        }
    }
    let said = |host: bool| -> String {
        let bytes = transcript.entries.iter().flat_map(|entry| match entry {
            Entry::FromHost { bytes, .. } if host => bytes.clone(),
            Entry::FromModem { bytes, .. } if !host => bytes.clone(),
            _ => Vec::new(),
        });
        String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
    };
    [said(true), said(false), transcript.to_string()]
}

/// The secrets went over the wire, in either direction as is said, and none of them is in the recording.
fn masked(file: &str, bench: &Bench, went: &[(&str, [bool; 2])]) {
    let sent = bench.traffic().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    for (secret, directions) in went {
        for (direction, went) in directions.iter().enumerate() {
            let did = forms(secret).iter().any(|form| sent[direction].contains(form));
            assert!(did || !went, "{secret} did not go over the wire, direction {direction}: {}", sent[direction]);
        }
    }
    let streams = streams(file);
    for secret in [DEVICE_SECRET, IMEI, ICCID, IMSI, PIN, USER_NAME, PASSWORD, &signature()] {
        for form in forms(secret) {
            for stream in &streams {
                assert!(!stream.contains(&form), "{form} in {stream}");
            }
        }
    }
}

/// What the host makes of the DeviceSecret.
fn signature() -> String {
    let triple = Triple::new(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET).unwrap();
    let client_id = DeviceClientId::new(DEVICE_NAME).unwrap();
    let signing = Signing::new(SignMethod::HMAC_SHA256);
    signing.credentials(triple, client_id, SecureMode::Plain).expose_password().to_owned()
}

fn file(name: &str) -> String {
    let file = temporary(name);
    let _ = fs::remove_file(&file);
    file
}

#[test]
fn a_sign_in_by_either_side_is_masked_and_so_are_messages_with_secrets_in_them() {
    let pin = temporary("pin");
    fs::write(&pin, PIN).unwrap();
    for by in ["modem", "host"] {
        let mut settings = ModemSettings::instant();
        settings.radio.pin = Some(PIN.to_owned());
        let bench = Bench::pty(settings);
        let file = file("sign-in.at");
        let topic = format!("/{PRODUCT_KEY}/{DEVICE_NAME}/user/get");
        let options = ["--pin-file", &pin, "--sign-by", by, "--subscribe", &topic, "--stay", "60"];
        let running = bench.begin_sign_in(&["record", &file, "sign-in"], &options, DEVICE_SECRET);
        for form in forms(DEVICE_SECRET).iter().chain(&forms(IMEI)).chain(&forms(ICCID)).chain(&forms(PIN)) {
            bench.send(&topic, format!("{{\"x\":\"{form}\"}}").as_bytes());
        }
        bench.send(&topic, b"the last");
        running.wait_for_line("the last");
        bench.modem().cut_link().unwrap();
        assert_eq!(running.end().status, Some(1));
        let signature = signature();
        let from_modem = [false, true];
        let mut went = vec![(IMEI, from_modem), (ICCID, from_modem), (IMSI, from_modem), (PIN, [true, true])];
        went.push(if by == "host" { (&signature, [true, false]) } else { (DEVICE_SECRET, [true, true]) });
        masked(&file, &bench, &went);
        let name = format!("{DEVICE_NAME}&{PRODUCT_KEY}");
        assert!(streams(&file).iter().all(|stream| !stream.contains(&name)), "the user name of {by}");
    }
}

#[test]
fn what_is_typed_is_masked_in_its_echo_too_even_where_that_comes_byte_by_byte() {
    let password = temporary("password");
    fs::write(&password, PASSWORD).unwrap();
    let bench = Bench::tcp(ModemSettings::instant());
    let harm = Harm::Split(Duration::from_millis(5));
    let slow = ModemFault::Bytes { direction: Direction::FromModem, count: 300, harm };
    bench.modem().strike(None, Fault::Modem(slow)).unwrap();
    let file = file("typed.at");
    let lines = [
        format!("AT+LMQTTCFG=\"aliauth\",0,\"{PRODUCT_KEY}\",\"{DEVICE_NAME}\",\"{DEVICE_SECRET}\""),
        format!("AT+CPIN=\"{PIN}\""),
        "imei\nsim-number\nsubscriber\nAT+CIMI".to_owned(),
        format!("at+lmqttconn=0,\"client\",\"{USER_NAME}\",\"{PASSWORD}\""),
        format!("connect localhost:1883 client {USER_NAME} {password}"),
    ];
    let _ = bench.script(&["record", &file, "shell"], &(lines.join("\n") + "\n"));
    let both = [true, true];
    let from_modem = [false, true];
    masked(
        &file,
        &bench,
        &[
            (DEVICE_SECRET, both),
            (PIN, both),
            (USER_NAME, both),
            (PASSWORD, both),
            (IMEI, from_modem),
            (ICCID, from_modem),
            (IMSI, from_modem),
        ],
    );
    let pieces = fs::read_to_string(&file).unwrap().lines().filter(|line| line.starts_with("< ")).count();
    assert!(pieces > 20, "the echo came in {pieces} pieces");
}
