//! What was recorded is replayed: the driver sends the same and tells the same, without a modem, and a difference is shown.

mod bench;

use std::fs;

use bench::{Bench, DEVICE_NAME, DEVICE_SECRET, PRODUCT_KEY, Run, temporary};
use nt35e_sim::fault::Fault;
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::transcript::{Entry, Transcript};

const WRONG_SECRET: &str = "00000000000000000000000000000000";

/// What happens at the other end while the task is done.
type Play = fn(&Bench);

/// What is recorded, and what the recording must tell so that it is a recording of that.
struct Scenario {
    name: &'static str,
    modem: ModemSettings,
    task: &'static str,
    options: &'static [&'static str],
    device_secret: &'static str,
    play: Play,
    status: i32,
    tells: &'static [&'static str],
}

fn scenario(name: &'static str, task: &'static str, tells: &'static [&'static str]) -> Scenario {
    let modem = ModemSettings::instant();
    Scenario { name, modem, task, options: &[], device_secret: DEVICE_SECRET, play: |_| {}, status: 0, tells }
}

fn downlink() -> String {
    format!("/{PRODUCT_KEY}/{DEVICE_NAME}/user/get")
}

const LISTENING: &[&str] = &["--subscribe", "/a1JszCpjS61/bench_1/user/get", "--stay", "60"];

fn scenarios() -> Vec<Scenario> {
    let mut without_sim = ModemSettings::instant();
    without_sim.radio.sim = false;
    let mut booting = ModemSettings { already_running: false, ..ModemSettings::instant() };
    booting.quirks.set("power_on_noise", "yes").unwrap();
    let mut with_pin = ModemSettings::instant();
    with_pin.radio.pin = Some("4711".to_owned());
    vec![
        scenario("check", "check", &["nt35e: all is well for MQTT"]),
        Scenario { options: &["--show-numbers"], ..scenario("numbers", "check", &["***************: 15 digits"]) },
        Scenario { modem: booting, ..scenario("booting", "check", &["nt35e: all is well for MQTT"]) },
        Scenario {
            modem: without_sim,
            options: &["--wait", "1"],
            status: 1,
            ..scenario("no-sim", "check", &["bad       SIM          there is none", "nt35e: not well for MQTT: SIM"])
        },
        scenario("sign-in", "sign-in", &["signed in", "signed off"]),
        Scenario {
            options: &["--sign-by", "host"],
            ..scenario("sign-by-host", "sign-in", &["signed in", "signed off"])
        },
        Scenario { modem: with_pin, options: &["--pin-file", "PIN"], ..scenario("pin", "sign-in", &["signed in"]) },
        Scenario {
            device_secret: WRONG_SECRET,
            status: 1,
            ..scenario(
                "refusal",
                "sign-in",
                &["error: the sign-in failed: Refused(BadCredentials)", "  likely: a part of the triple"],
            )
        },
        Scenario {
            options: &["--subscribe", "/a1JszCpjS61/bench_1/user/get", "--stay", "2"],
            play: |bench| {
                for payload in [&b"{\"a\":1}"[..], b"\r\nOK\r\n", b"* 2 *"] {
                    bench.send(&downlink(), payload);
                }
            },
            ..scenario(
                "messages-in",
                "sign-in",
                &["user/get, 7 bytes: {\"a\":1}", "user/get, 6 bytes: \\r\\nOK\\r\\n", "5 bytes: * 2 *", "signed off"],
            )
        },
        Scenario {
            options: LISTENING,
            play: |bench| {
                bench.send(&downlink(), b"before");
                bench.acknowledged();
                bench.modem().cut_link().unwrap();
            },
            status: 1,
            ..scenario(
                "link-lost",
                "sign-in",
                &["6 bytes: before", "the session has ended: ", "error: the session ended before"],
            )
        },
        Scenario {
            options: LISTENING,
            play: |bench| {
                bench.send(&downlink(), b"before");
                bench.acknowledged();
                bench.modem().strike(None, Fault::RESTART).unwrap();
            },
            status: 1,
            ..scenario(
                "restart",
                "sign-in",
                &["6 bytes: before", "the modem has restarted", "error: the session ended before"],
            )
        },
    ]
}

fn record(scenario: &Scenario, bench: &Bench) -> (String, Run) {
    let file = temporary(&format!("{}.at", scenario.name));
    let _ = fs::remove_file(&file);
    let pin = temporary("pin");
    fs::write(&pin, "4711\n").unwrap();
    let options: Vec<_> =
        scenario.options.iter().map(|&option| if option == "PIN" { pin.as_str() } else { option }).collect();
    let order = ["record", file.as_str(), scenario.task];
    let running = match scenario.task {
        "check" => bench.begin(&order, &options),
        _ => bench.begin_sign_in(&order, &options, scenario.device_secret),
    };
    (scenario.play)(bench);
    let run = running.end();
    assert_eq!(run.status, Some(scenario.status), "{}: {}{}", scenario.name, run.stdout, run.stderr);
    (file, run)
}

#[test]
fn every_scenario_replays_with_the_same_answers_and_events() {
    for (number, scenario) in scenarios().into_iter().enumerate() {
        let name = scenario.name;
        // Each on one kind of line, and both kinds of line.
        let modem = scenario.modem.clone();
        let bench = if number % 2 == 0 { Bench::tcp(modem) } else { Bench::pty(modem) };
        let (file, recorded) = record(&scenario, &bench);
        drop(bench);
        let transcript: Transcript = fs::read_to_string(&file).unwrap().parse().unwrap();
        let told: Vec<_> = transcript
            .entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Expect(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        for tells in scenario.tells {
            assert!(told.iter().any(|line| line.contains(tells)), "{name}: {tells} in {told:#?}");
        }

        let replayed = Run::of(&["replay", &file]);
        assert_eq!(replayed.status, Some(0), "{name}: {}{}", replayed.stdout, replayed.stderr);
        assert!(replayed.stderr.ends_with("\nas recorded\n"), "{name}: {}", replayed.stderr);
        if name != "numbers" {
            assert_eq!(replayed.stdout, recorded.stdout, "{name}");
        }
    }
}

/// Records a check of what is no modem in order; gives the file.
fn record_check(name: &str, line: &[&str]) -> (String, Run) {
    let file = temporary(name);
    let _ = fs::remove_file(&file);
    let run = Run::of(&[&["record", &file, "check"], line].concat());
    assert_eq!(run.status, Some(1), "{}{}", run.stdout, run.stderr);
    (file, run)
}

fn replays(file: &str, recorded: &Run) {
    let replayed = Run::of(&["replay", file]);
    assert_eq!(replayed.status, Some(0), "{}{}", replayed.stdout, replayed.stderr);
    assert_eq!(replayed.stdout, recorded.stdout);
}

#[test]
fn a_modem_that_is_silent_replays() {
    let (file, recorded) = record_check("silent.at", &["--tcp", &bench::silent()]);
    assert!(recorded.stdout.contains("not a byte came back"));
    replays(&file, &recorded);
}

#[test]
fn a_line_that_breaks_or_was_never_there_replays() {
    let (file, recorded) = record_check("closing.at", &["--tcp", &bench::closing()]);
    assert!(recorded.stdout.contains("the line broke"), "{}", recorded.stdout);
    replays(&file, &recorded);
}

#[cfg(target_os = "linux")]
#[test]
fn the_search_for_the_baud_rate_replays() {
    let bench = Bench::pty_at(9600, ModemSettings::instant());
    let file = temporary("search.at");
    let _ = fs::remove_file(&file);
    let recorded = bench.run(&["record", &file, "check"], &[]);
    assert_eq!(recorded.status, Some(0), "{}{}", recorded.stdout, recorded.stderr);
    replays(&file, &recorded);
}

#[test]
fn a_recording_that_was_broken_off_replays_up_to_there() {
    let file = temporary("broken-off.at");
    let _ = fs::remove_file(&file);
    let bench = Bench::tcp(ModemSettings::instant());
    let running = bench.begin_sign_in(&["record", &file, "sign-in"], LISTENING, DEVICE_SECRET);
    bench.send(&downlink(), b"once");
    bench.acknowledged();
    running.wait_for_line("4 bytes: once");
    running.interrupt();
    assert_eq!(running.end().status, Some(130));
    let replayed = Run::of(&["replay", &file]);
    assert_eq!(replayed.status, Some(0), "{}{}", replayed.stdout, replayed.stderr);
    assert!(replayed.stderr.ends_with("\nas recorded, up to where it was broken off\n"), "{}", replayed.stderr);
    assert!(replayed.stdout.contains("4 bytes: once\n"), "{}", replayed.stdout);
}

#[test]
fn the_first_line_that_differs_is_shown() {
    let file = temporary("difference.at");
    let _ = fs::remove_file(&file);
    assert_eq!(Bench::tcp(ModemSettings::instant()).sign_in_recorded(&file).status, Some(0));
    let text = fs::read_to_string(&file).unwrap();
    let line_of = |part: &str| text.lines().position(|line| line.contains(part)).unwrap() + 1;
    for (from, to, place, complaint) in [
        // The driver of then sent something else.
        ("\"keepalive\",0,300", "\"keepalive\",0,301", "\"keepalive\"", "expected: AT+LMQTTCFG=\"keepalive\",0,301"),
        // The modem said something else.
        ("+LMQTTCONN: 0,0,0", "+LMQTTCONN: 0,0,5", "= signed in", "now:      error: the sign-in failed"),
        // People were told something else.
        ("= signed off", "= signed on", "= signed off", "expected: signed on\n  now:      signed off"),
        // There was more.
        ("= signed off\n", "= signed off\n= and on again\n", "= signed off", "this was never said: and on again"),
        ("= signed off\n", "= signed off\n> 99999999ms AT\\r\\n\n", "= signed off", "this never happened: AT"),
        // There was less.
        ("= signed off\n", "", "", "expected: nothing more"),
    ] {
        assert!(text.contains(from), "{from}");
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        let run = Run::of(&["replay", &file]);
        run.failed_with(complaint);
        if !place.is_empty() {
            // What was added stands one line below.
            let line = line_of(place) + usize::from(to.starts_with(from));
            run.failed_with(&format!("not as recorded: line {line}:"));
        }
    }
}

#[test]
fn what_cannot_be_replayed_is_named() {
    let file = temporary("other.at");
    for (text, complaint) in [
        ("Dear Sir", "no transcript: line 1"),
        ("# source: somebody\n\n> 0ms AT\\r\\n\n", "it does not say what was done"),
        ("\n! fly\n> 0ms AT\\r\\n\n", "its task cannot be read"),
        ("\n! check --tcp recorded:1\n! land\n", "line 3: this was done by something else"),
    ] {
        fs::write(&file, text).unwrap();
        Run::of(&["replay", &file]).failed_with(complaint);
    }
    Run::of(&["replay", "/dev/no-such-file"]).failed_with("No such file");
}
