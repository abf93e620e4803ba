//! The probe tells every setting of every quirk of the simulated modem, over a pseudo-terminal, and leaves it as it was.

mod module;

use std::collections::BTreeMap;
use std::thread;

use module::{ALL, Module};
use nt35e_sim::modem::Quirks;

/// What cannot be seen from the serial line and a broker.
const UNSEEN: [&str; 1] = ["session_burst"];

/// Numbers that are tried.
const NUMBERS: [(&str, [&str; 2]); 3] =
    [("inline_limit", ["1024", "1460"]), ("prompt_limit", ["8000", "1460"]), ("sleeps_after", ["0", "2"])];

/// Settings that hide what others do, and so are tried by themselves.
const APART: [(&str, &str); 10] = [
    ("firmware", "ecmt"),
    ("identities", "unknown"),
    ("packet_queries", "unknown"),
    ("urc_key", "refused"),
    ("cache_key", "refused"),
    ("show_length", "refused"),
    ("tls_key", "refused"),
    ("tls_contexts", "unprepared"),
    ("blank_lines", "none"),
    ("sleeps_after", "2"),
];

/// The most values that any quirk has.
const ROUNDS: usize = 4;

#[test]
fn every_quirk_has_an_experiment_or_a_reason() {
    let report = Module::start(&[]).report(&["--only", "foreign_line"]);
    let unseen: Vec<&str> =
        report["unseen"].as_array().unwrap().iter().map(|unseen| unseen["name"].as_str().unwrap()).collect();
    assert_eq!(unseen, UNSEEN);
    let list = Module::start(&[]).run(&["--list"]);
    assert_eq!(list.status, Some(0), "{}", list.stderr);
    let mut named: Vec<&str> = list.stdout.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    let all = Quirks::all();
    let mut quirks: Vec<&str> = all.iter().map(|quirk| quirk.name).collect();
    named.sort_unstable();
    quirks.sort_unstable();
    assert_eq!(named, quirks);
}

#[test]
fn every_setting_of_every_quirk_is_told() {
    let rounds: Vec<_> = (0..ROUNDS).map(|round| thread::spawn(move || told(&round_of(round), ALL))).collect();
    let apart: Vec<_> = APART
        .map(|(name, value)| {
            let only =
                ["--only", name, "--host", "broker", "--tls-port", "8883", "--silence", "2", "--sim-pin", "1234"];
            thread::spawn(move || told(&BTreeMap::from([(name, value)]), &only))
        })
        .into();
    let mut seen: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    // All are awaited before one is judged, so that a failure says all.
    let runs: Vec<_> = rounds.into_iter().chain(apart).map(thread::JoinHandle::join).collect();
    for run in runs {
        for (name, value) in run.unwrap() {
            seen.entry(name).or_default().push(value);
        }
    }
    // It cannot be luck: each value was set once at least, and told.
    for quirk in Quirks::all().iter().filter(|quirk| !UNSEEN.contains(&quirk.name)) {
        let values = seen.get(quirk.name).unwrap_or_else(|| panic!("{} was never looked at", quirk.name));
        let wanted = values_of(quirk.name, quirk.values);
        assert!(wanted.len() > 1, "{}", quirk.name);
        for value in wanted {
            assert!(values.contains(&value), "{}: {value} was never told, but {values:?}", quirk.name);
        }
    }
}

#[test]
fn a_probe_that_is_broken_off_leaves_the_modem_as_it_was() {
    let places = [
        "AT+CMEE=1\r\n",
        "AT+CFUN=0\r\n",
        "AT+LMQTTOPEN=",
        "AT+LMQTTCONN=0,",
        "ATE1\r\n",
        "/later\"",
        "/discard\",2\r\n",
        "AT+CGDCONT=7",
    ];
    let runs: Vec<_> = places.map(|place| thread::spawn(move || broken_off(place))).into();
    // All are awaited before one is judged.
    let runs: Vec<_> = runs.into_iter().map(thread::JoinHandle::join).collect();
    runs.into_iter().for_each(|run| run.unwrap());
}

/// Ctrl-C as soon as the probe has sent this.
fn broken_off(place: &str) {
    // Not what the probe sets, so that it shows if that stays.
    let module = Module::start(&[("error_style", "plain")]);
    let before = module.settings();
    let running = module.begin(ALL);
    module.wait_for(place);
    running.interrupt();
    let run = running.end();
    assert_eq!(run.status, Some(1), "{place}: {}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("broken off; the modem is as it was"), "{place}: {}", run.stderr);
    assert_eq!(module.settings(), before, "{place}");
    // The port is free again.
    module.report(&["--only", "foreign_line"]);
}

#[test]
fn what_cannot_be_done_is_skipped_with_a_reason() {
    let report = Module::start(&[]).report(&["--wait", "1"]);
    let skipped: Vec<_> =
        report["points"].as_array().unwrap().iter().filter(|point| point["state"] == "skipped").collect();
    for (name, reason) in [
        ("result_order", "needs a broker: --host"),
        ("tls_contexts", "needs a broker with TLS"),
        ("contexts", "--with-restarts"),
        ("sleeps_after", "--silence"),
        ("pin_after_radio", "--sim-pin"),
    ] {
        let point = skipped.iter().find(|point| point["name"] == name).unwrap();
        assert!(point["reason"].as_str().unwrap().contains(reason), "{point}");
    }
    assert!(!report.to_string().contains("860000000000017"), "the IMEI is in no report");
    let wrong = Module::start(&[]).run(&["--only", "session_burst"]);
    assert_eq!(wrong.status, Some(1));
    assert!(wrong.stderr.contains("cannot be seen from here"), "{}", wrong.stderr);
}

/// What each quirk is in a round: its values in turn, but for those that are tried apart.
fn round_of(round: usize) -> BTreeMap<&'static str, &'static str> {
    let mut set = BTreeMap::new();
    for quirk in Quirks::all() {
        let values: Vec<String> = values_of(quirk.name, quirk.values)
            .into_iter()
            .filter(|value| !APART.contains(&(quirk.name, value.as_str())))
            .collect();
        let value: &'static str = values[round % values.len()].clone().leak();
        set.insert(quirk.name, value);
    }
    set
}

fn values_of(name: &str, values: &str) -> Vec<String> {
    match NUMBERS.iter().find(|(number, _)| *number == name) {
        Some((_, numbers)) => numbers.iter().map(ToString::to_string).collect(),
        None => values.split('|').map(str::to_owned).collect(),
    }
}

/// Probes a modem with these quirks; what was told of each, which is how it was set.
fn told(quirks: &BTreeMap<&'static str, &'static str>, options: &[&str]) -> Vec<(&'static str, String)> {
    let set: Vec<_> = quirks.iter().map(|(name, value)| (*name, *value)).collect();
    let module = Module::start(&set);
    let before = module.settings();
    let report = module.report(options);
    assert_eq!(module.settings(), before, "the modem is as it was");
    let mut told = Vec::new();
    let mut wrong = Vec::new();
    for point in report["points"].as_array().unwrap() {
        let name = Quirks::all().iter().find(|quirk| point["name"] == quirk.name).unwrap().name;
        let is = module.quirk(name);
        if point["finding"] == is.as_str() {
            told.push((name, is));
        } else {
            wrong.push(format!("{name} is {is}, not {}: {} {}", point["finding"], point["reason"], point["saw"]));
        }
    }
    assert!(wrong.is_empty(), "{}\nwith {quirks:?}", wrong.join("\n"));
    told
}
