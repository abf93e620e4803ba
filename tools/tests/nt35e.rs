//! The program as its users see it, on the simulated modem over TCP and over a pseudo-terminal.

mod bench;

use std::fs;
use std::thread;

use bench::{Bench, DEVICE_NAME, DEVICE_SECRET, PRODUCT_KEY, Run, temporary};
use nt35e_sim::modem::{ModemSettings, Registration};
use nt35e_sim::transcript::{Entry, Provenance, Transcript};

#[test]
fn a_modem_in_order_is_well_on_either_line() {
    for bench in [Bench::tcp(ModemSettings::instant()), Bench::pty(ModemSettings::instant())] {
        let run = bench.check(&["--show-numbers"]);
        assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
        assert!(run.json()["findings"].as_array().unwrap().iter().all(|finding| finding["verdict"] == "good"));
        for (name, value) in [
            ("model", "NT35E"),
            ("firmware", "NT35ECNA00NNA-L1020000"),
            ("IMEI", "860000000000017"),
            ("SIM number", "8986000000000000017D"),
            ("subscriber", "460000000000017"),
            ("address", "10.0.0.17"),
            ("signal", "-55 dBm"),
            ("clock", "2026-01-15T08:30:00+08:00"),
            ("MQTT", "AT+LMQTT"),
        ] {
            let found = run.finding(name)["value"].as_str().unwrap_or_default().to_owned();
            // The modem's clock runs while it is asked.
            assert!(found.starts_with(&value[..value.len().min(14)]), "{name}: {found}");
        }
        assert!(run.finding("echo")["words"].as_str().unwrap().starts_with("it was on"));
        let again = bench.check(&[]);
        assert!(again.finding("echo")["words"].as_str().unwrap().starts_with("it is off"));
        assert!(!again.stdout.contains("860000000000017"), "numbers are shown only if asked for");
    }
}

#[test]
fn people_read_lines_with_a_verdict_and_an_end() {
    let bench = Bench::tcp(ModemSettings::instant());
    let run = bench.run(&["check"], &[]);
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    assert!(run.stdout.contains("good      signal       -55 dBm: strong enough\n"), "{}", run.stdout);
    assert!(run.stdout.ends_with("\nnt35e: all is well for MQTT\n"));
}

#[test]
fn each_state_of_sim_and_network_has_its_verdict() {
    type Change = fn(&mut ModemSettings);
    let cases: [(Change, &str, &str, &str); 12] = [
        (|modem| modem.radio.sim = false, "SIM", "bad", "there is none"),
        (|modem| modem.radio.pin = Some("1234".to_owned()), "SIM", "bad", "waits for its PIN"),
        (locked, "SIM", "bad", "waits for its PUK"),
        (|modem| modem.radio.registration = Registration::Roaming, "registration", "doubtful", "another network"),
        (|modem| modem.radio.registration = Registration::Denied, "registration", "bad", "refuses"),
        (|modem| modem.radio.registration = Registration::Never, "registration", "bad", "finds none"),
        (|modem| modem.radio.registration = Registration::Unknown, "registration", "bad", "out of coverage"),
        (|modem| modem.radio.registration = Registration::MessagesHome, "registration", "bad", "short messages"),
        (|modem| modem.radio.registration = Registration::Emergency, "registration", "bad", "no data service"),
        (|modem| modem.radio.registration = Registration::Denied, "address", "bad", "no address"),
        (|modem| modem.radio.signal = 5, "signal", "doubtful", "weak"),
        (|modem| modem.radio.signal = 99, "signal", "doubtful", "does not know"),
    ];
    // At once, since most of them wait for something in vain.
    thread::scope(|scope| {
        for (change, name, verdict, words) in cases {
            scope.spawn(move || {
                let mut settings = ModemSettings::instant();
                change(&mut settings);
                Bench::tcp(settings).check(&["--wait", "1"]).found(name, verdict, words);
            });
        }
    });
}

fn locked(modem: &mut ModemSettings) {
    modem.radio.pin = Some("1234".to_owned());
    modem.radio.wrong_pins = modem.radio.pin_tries;
}

#[test]
fn each_kind_of_firmware_is_reported_as_it_is() {
    for (quirk, value, name, verdict, words) in [
        ("firmware", "ecmt", "MQTT", "bad", "no MQTT commands"),
        ("identities", "unknown", "IMEI", "doubtful", "refuses to say"),
        ("identities", "unknown", "model", "doubtful", "refuses to say"),
        ("packet_queries", "unknown", "attachment", "doubtful", "refuses to say"),
        ("product", "nt26_kcn", "model", "good", "written for"),
        ("quoted_identity", "yes", "IMEI", "good", "15 digits"),
        ("quoted_identity", "yes", "subscriber", "good", "15 digits"),
        ("clock_format", "gmt", "clock", "good", "told the time"),
        ("prefix_space", "never", "registration", "good", "home network"),
        ("error_style", "plain", "SIM", "good", "can be used"),
        ("first_line_lost", "yes", "baud rate", "good", "answers"),
        ("power_on_noise", "yes", "baud rate", "good", "answers"),
    ] {
        let mut settings = ModemSettings { already_running: false, ..ModemSettings::instant() };
        settings.quirks.set(quirk, value).unwrap();
        Bench::tcp(settings).check(&["--wait", "5"]).found(name, verdict, words);
    }
}

#[test]
fn the_ancestors_commands_are_recognized() {
    let mut settings = ModemSettings::instant();
    settings.quirks.set("firmware", "ecmt").unwrap();
    let bench =
        Bench::tcp(settings).with_answer("AT+ECMTCFG=?\r\n", "\r\n+ECMTCFG:\"keepalive\",(0),(0-3600)\r\n\r\nOK\r\n");
    let run = bench.check(&[]);
    run.found("MQTT", "bad", "the ancestor's commands");
    assert_eq!(run.finding("MQTT")["value"], "AT+ECMT");
}

#[test]
fn a_question_without_an_answer_does_not_end_the_check() {
    let answering = |command, answer| Bench::tcp(ModemSettings::instant()).with_answer(command, answer);
    thread::scope(|scope| {
        scope.spawn(|| {
            let run = answering("AT+LGMR\r\n", "").check(&["--wait", "1"]);
            run.found("firmware", "doubtful", "does not answer this question");
            run.found("MQTT", "good", "the driver speaks");
        });
        scope.spawn(|| {
            answering("AT+LMQTTCFG=?\r\n", "").check(&[]).found("MQTT", "unchecked", "does not answer this question");
        });
        scope.spawn(|| {
            let run = answering("AT+CEREG?\r\n", "\r\nERROR\r\n").check(&["--wait", "1"]);
            run.found("registration", "unchecked", "refuses to say");
            assert_eq!(run.status, Some(1), "nobody knows whether it is registered");
        });
    });
}

#[cfg(target_os = "linux")]
#[test]
fn the_baud_rate_is_found_among_garbage() {
    let bench = Bench::pty_at(9600, ModemSettings::instant());
    let run = bench.check(&[]);
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    assert_eq!(run.finding("baud rate")["value"], "9600");
}

#[test]
fn a_line_without_a_modem_is_named_with_what_to_do() {
    Run::of(&["check", "--json", "--port", "/dev/no-such-port"]).found("port", "bad", "No such file or directory");
    let file = temporary("no-port");
    fs::write(&file, "").unwrap();
    Run::of(&["check", "--json", "--port", &file]).found("port", "bad", &file);
    Run::of(&["check", "--json", "--tcp", &bench::nobody()]).found("port", "bad", "refused");
    Run::of(&["check", "--json", "--tcp", &bench::closing()]).found("baud rate", "bad", "the line broke");
    let run = Run::of(&["check", "--port", "/dev/no-such-port"]);
    assert!(run.stdout.contains("\nnt35e: not well for MQTT: port\n"), "{}", run.stdout);
}

#[test]
fn a_port_in_use_is_named() {
    let bench = Bench::pty(ModemSettings::instant());
    let other = serialport::new(bench.port(), 115_200).open().unwrap();
    bench.check(&[]).found("port", "bad", "another program has it open");
    drop(other);
    assert_eq!(bench.check(&[]).status, Some(0), "the port is free again");
}

#[test]
fn a_device_signs_in_and_off() {
    for bench in [Bench::tcp(ModemSettings::instant()), Bench::pty(ModemSettings::instant())] {
        let run = bench.sign_in(&[], DEVICE_SECRET);
        assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.ends_with("signed in\nsigned off\n"), "{}", run.stdout);
        assert_eq!(bench.sign_ins(), 1, "the cloud's own books");
    }
}

#[test]
fn a_refused_sign_in_has_a_likely_cause() {
    let bench = Bench::tcp(ModemSettings::instant());
    let wrong = bench.sign_in(&[], "00000000000000000000000000000000");
    wrong.failed_with("likely: a part of the triple is wrong");
    assert_eq!(bench.sign_ins(), 0);
    bench.sign_in(&[], "my secret").failed_with("--device-secret-file: DeviceSecret: illegal character");
    Bench::without_cloud(ModemSettings::instant())
        .sign_in(&[], DEVICE_SECRET)
        .failed_with("or nobody listens at this host and port");
    let mut settings = ModemSettings::instant();
    settings.radio.sim = false;
    Bench::tcp(settings).sign_in(&["--wait", "1"], DEVICE_SECRET).failed_with("`nt35e check` says what to do");
}

#[test]
fn a_recording_holds_everything_but_what_identifies_somebody() {
    let file = temporary("sign-in.at");
    for bench in [Bench::tcp(ModemSettings::instant()), Bench::pty(ModemSettings::instant())] {
        let _ = fs::remove_file(&file);
        let run = bench.sign_in_recorded(&file);
        assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
        let text = fs::read_to_string(&file).unwrap();
        for secret in [DEVICE_SECRET, "860000000000017", "8986000000000000017", "460000000000017"] {
            let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            for form in [secret, &hex, &hex.to_uppercase()] {
                for half in [&form[..form.len() / 2], &form[form.len() / 2..]] {
                    assert!(!half.is_empty() && !text.contains(form), "{form} in {text}");
                    assert!(secret != DEVICE_SECRET || !text.contains(half), "{half} in {text}");
                }
            }
        }
        let transcript: Transcript = text.parse().unwrap();
        assert_eq!(transcript.provenance(), Some(Provenance::Simulated));
        assert_eq!(
            (transcript.header("module"), transcript.header("firmware")),
            (Some("NT35E"), Some("NT35ECNA00NNA-L1020000"))
        );
        let said = |host: bool| -> Vec<u8> {
            let bytes = transcript.entries.iter().filter_map(|entry| match entry {
                Entry::FromHost { bytes, .. } if host => Some(bytes.clone()),
                Entry::FromModem { bytes, .. } if !host => Some(bytes.clone()),
                _ => None,
            });
            bytes.flatten().collect()
        };
        let (host, modem) = (String::from_utf8(said(true)).unwrap(), String::from_utf8(said(false)).unwrap());
        let aliauth = format!("\"aliauth\",0,\"{PRODUCT_KEY}\",\"{DEVICE_NAME}\",\"{}\"\r\n", "*".repeat(32));
        assert!(host.contains(&aliauth), "{host}");
        for answer in [
            "+CGSN: ***************\r\n",
            "+LCCID: ********************\r\n",
            "\r\n***************\r\n",
            "+LMQTTCONN: 0,0,0\r\n",
        ] {
            assert!(modem.contains(answer), "{answer:?} in {modem}");
        }
        // Byte for byte what went over the line, by the simulator's own books, but for the stars.
        let [from_host, from_modem] = bench.traffic();
        for (recorded, sent) in [(host.as_bytes(), from_host), (modem.as_bytes(), from_modem)] {
            let same = |(left, right): (&u8, &u8)| left == right || *left == b'*';
            assert!(recorded.len() <= sent.len() && recorded.iter().zip(&sent).all(same));
        }
        let shown = Run::of(&["show", &file]);
        assert_eq!(shown.status, Some(0));
        assert!(shown.stdout.contains("<- +LMQTTCONN: 0,0,0   (the broker accepts)\n"), "{}", shown.stdout);
    }
}

#[test]
fn a_number_that_looks_like_any_other_is_masked_once_the_modem_has_told_it() {
    let file = temporary("subscriber.at");
    let _ = fs::remove_file(&file);
    let mut settings = ModemSettings::instant();
    settings.identity.imsi = "46000123456".to_owned();
    let run = Bench::tcp(settings).run(&["record", &file, "check"], &[]);
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains("46000123456") && text.contains("\\r\\n***********\\r\\n"), "{text}");
}

#[test]
fn a_recording_overwrites_nothing_and_keeps_a_failure() {
    let file = temporary("failure.at");
    let _ = fs::remove_file(&file);
    let mut settings = ModemSettings::instant();
    settings.radio.sim = false;
    let bench = Bench::tcp(settings);
    let run = bench.run(&["record", &file, "check"], &["--wait", "1"]);
    assert_eq!(run.status, Some(1), "{}", run.stdout);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("+CME ERROR: 10\\r\\n"), "{text}");
    let run = bench.run(&["record", &file, "check"], &[]);
    run.failed_with("File exists");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    Run::of(&["show", "/dev/no-such-file"]).failed_with("No such file");
    fs::write(&file, "Dear Sir").unwrap();
    Run::of(&["show", &file]).failed_with("no transcript: line 1");
}

#[test]
fn a_recording_that_is_broken_off_keeps_what_there_is() {
    let file = temporary("broken-off.at");
    let _ = fs::remove_file(&file);
    let (address, heard) = bench::listening();
    let running = Run::begin(&["record", &file, "check", "--tcp", &address]);
    // What is sent is written down before more is sent.
    heard.recv().unwrap();
    heard.recv().unwrap();
    running.interrupt();
    let run = running.end();
    assert_eq!(run.status, Some(130), "{}{}", run.stdout, run.stderr);
    let transcript: Transcript = fs::read_to_string(&file).unwrap().parse().unwrap();
    assert!(
        transcript.entries.iter().any(|entry| matches!(entry, Entry::FromHost { bytes, .. } if bytes == b"AT\r\n"))
    );
}

#[test]
fn wrong_options_are_named() {
    for (options, name) in
        [(&["check"][..], "--port"), (&["sign-in", "--port", "x"], "--product-key"), (&["fly"], "fly")]
    {
        let run = Run::of(options);
        assert_eq!(run.status, Some(2), "{options:?}");
        assert!(run.stderr.contains(name), "{}", run.stderr);
    }
}

#[test]
fn a_recording_is_drawn_with_every_line_of_it() {
    let (file, picture) = (temporary("drawn.at"), temporary("drawn.svg"));
    let _ = fs::remove_file(&file);
    assert_eq!(Bench::tcp(ModemSettings::instant()).sign_in_recorded(&file).status, Some(0));
    let run = Run::of(&["show", &file, "--svg", &picture]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
    let svg = fs::read_to_string(&picture).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    let drawn: Vec<String> = document
        .descendants()
        .filter(|node| ["said", "tells", "do"].contains(&node.attribute("class").unwrap_or_default()))
        .map(|node| node.descendants().filter(roxmltree::Node::is_text).filter_map(|node| node.text()).collect())
        .collect();
    let transcript: Transcript = fs::read_to_string(&file).unwrap().parse().unwrap();
    let lines = |bytes: &[u8]| -> Vec<String> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.split(['\r', '\n']).filter(|line| !line.is_empty()).map(|line| line.replace("> ", ">\\x20")).collect()
    };
    let expected: Vec<String> = transcript
        .entries
        .iter()
        .flat_map(|entry| match entry {
            Entry::FromHost { bytes, .. } | Entry::FromModem { bytes, .. } => lines(bytes),
            Entry::Action(text) | Entry::Expect(text) => vec![text.clone()],
            Entry::Comment(_) => Vec::new(),
        })
        .collect();
    assert_eq!(drawn, expected);
    Run::of(&["show", &file, "--svg", "/dev/no-such-folder/x.svg"]).failed_with("/dev/no-such-folder/x.svg");
}
