//! Whatever is wrong with the line: a clear message, an exit status that is not 0, and a port that is free again; for each task.

mod bench;

use core::time::Duration;
use std::fs;
use std::thread;
use std::time::Instant;

use bench::{Bench, DEVICE_NAME, DEVICE_SECRET, PRODUCT_KEY, Run, temporary};
use nt35e_sim::fault::{Fault, ModemFault};
use nt35e_sim::modem::{ModemSettings, Registration};

/// How long something may take on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// Every task, without its line.
fn tasks() -> Vec<Vec<String>> {
    let secret = temporary("secret");
    fs::write(&secret, DEVICE_SECRET).unwrap();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let sign_in = words(&format!(
        "sign-in --product-key {PRODUCT_KEY} --device-name {DEVICE_NAME} --device-secret-file {secret}"
    ));
    let record = |task: &[String]| [words(&format!("record {}", fresh("refused.at"))), task.to_vec()].concat();
    vec![
        words("check"),
        sign_in.clone(),
        words("shell"),
        record(&words("check")),
        record(&sign_in),
        record(&words("shell")),
    ]
}

fn fresh(name: &str) -> String {
    let file = temporary(name);
    let _ = fs::remove_file(&file);
    file
}

/// Every task fails, and says this.
fn all_fail(line: impl Fn() -> Vec<String>, complaint: &str) {
    // At once, since a search for a silent modem takes its time.
    let running = tasks().into_iter().map(|task| {
        let options = [task, line()].concat();
        let run = Run::begin(&options.iter().map(String::as_str).collect::<Vec<_>>());
        (options, run)
    });
    for (options, run) in running.collect::<Vec<_>>() {
        let run = run.end();
        assert_eq!(run.status, Some(1), "{options:?}: {}{}", run.stdout, run.stderr);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains(complaint), "{options:?}: {complaint}: {said}");
        assert!(said.contains(" -> "), "{options:?} says what to do: {said}");
    }
}

#[test]
fn a_line_without_a_modem_is_named_by_every_task() {
    let tcp = |address: fn() -> String| move || vec!["--tcp".to_owned(), address()];
    thread::scope(|scope| {
        scope.spawn(|| all_fail(|| vec!["--port".into(), "/dev/no-such-port".into()], "No such file or directory"));
        scope.spawn(|| all_fail(|| vec!["--port".into(), "/".into()], "/: "));
        scope.spawn(|| all_fail(tcp(bench::nobody), "refused"));
        scope.spawn(|| all_fail(tcp(bench::silent), "the modem is silent: not a byte came back"));
        scope.spawn(|| all_fail(tcp(bench::noisy), "bytes came back, but no answer to AT among them"));
        scope.spawn(|| all_fail(tcp(bench::closing), "the line broke: "));
    });
}

#[test]
fn a_port_in_use_is_named_by_every_task() {
    let bench = Bench::pty(ModemSettings::instant());
    let other = serialport::new(bench.port(), 115_200).open().unwrap();
    all_fail(|| bench.line().to_vec(), "another program has it open");
    drop(other);
    assert_eq!(bench.check(&[]).status, Some(0), "the port is free again");
}

#[cfg(target_os = "linux")]
#[test]
fn a_wrong_baud_rate_is_named() {
    let bench = Bench::pty_at(9600, ModemSettings::instant());
    let run = bench.check(&["--baud-rate", "57600"]);
    run.found("baud rate", "bad", "no answer to AT among them");
    assert_eq!(bench.check(&[]).status, Some(0), "the port is free again");
}

/// A step to break off: how the modem is, and what is said once the step has begun.
struct Step {
    task: &'static str,
    name: &'static str,
    change: fn(&mut ModemSettings),
    /// So many results are lost from the start.
    lost_results: u32,
    options: &'static [&'static str],
    begun: &'static str,
}

const STEPS: [Step; 7] = [
    Step {
        task: "check",
        name: "waiting for the network",
        change: |modem| modem.radio.registration = Registration::Never,
        lost_results: 0,
        options: &[],
        begun: "echo",
    },
    Step {
        task: "sign-in",
        name: "waiting for the SIM",
        change: |modem| modem.radio.sim = false,
        lost_results: 0,
        options: &[],
        begun: "SIM: ",
    },
    Step {
        task: "sign-in",
        name: "waiting for the network",
        change: |modem| modem.radio.registration = Registration::Never,
        lost_results: 0,
        options: &[],
        begun: "registration: ",
    },
    Step { task: "sign-in", name: "connecting", change: |_| {}, lost_results: 9, options: &[], begun: "signing in" },
    Step {
        task: "sign-in",
        name: "staying",
        change: |_| {},
        lost_results: 0,
        options: &["--stay", "600"],
        begun: "signed in",
    },
    Step {
        task: "shell",
        name: "waiting for orders",
        change: |_| {},
        lost_results: 0,
        options: &[],
        begun: "help says",
    },
    Step {
        task: "shell",
        name: "showing events",
        change: |_| {},
        lost_results: 0,
        options: &[],
        begun: "showing events",
    },
];

#[test]
fn ctrl_c_in_the_middle_of_each_step_frees_the_port_and_keeps_the_recording() {
    thread::scope(|scope| {
        for step in &STEPS {
            scope.spawn(|| break_off(step));
        }
    });
}

fn break_off(step: &Step) {
    for recorded in [false, true] {
        let name = format!("{}, {}, recorded: {recorded}", step.task, step.name);
        let mut settings = ModemSettings::instant();
        (step.change)(&mut settings);
        let bench = Bench::pty(settings);
        bench.modem().strike(None, Fault::Modem(ModemFault::LoseResults(step.lost_results))).unwrap();
        let file = fresh("broken-off.at");
        let order: Vec<&str> = if recorded { vec!["record", &file, step.task] } else { vec![step.task] };
        let running = match step.task {
            "sign-in" => bench.begin_sign_in(&order, step.options, DEVICE_SECRET),
            "shell" => bench.begin_kept_open(&order, "wait 600\n"),
            _ => bench.begin(&order, step.options),
        };
        running.wait_for_line(step.begun);
        running.interrupt();
        let run = running.end();
        assert_eq!(run.status, Some(130), "{name}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains("error: broken off"), "{name}: {}", run.stderr);
        let since = Instant::now();
        while let Err(error) = serialport::new(bench.port(), 115_200).open() {
            assert!(since.elapsed() < LONG, "{name}: the port is not free: {error}");
            thread::sleep(Duration::from_millis(5));
        }
        if recorded {
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.ends_with("! broken off\n") && text.contains(step.begun), "{name}: {text}");
            let replayed = Run::of(&["replay", &file]);
            assert_eq!(replayed.status, Some(0), "{name}: {}{}", replayed.stdout, replayed.stderr);
        }
    }
}
