//! The demo as its users see it: a program with an exit status, and a last line that says how it went.

use core::time::Duration;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;

use nt35e_sim::aliyun::{Cloud, CloudServer, CloudSettings, CustomTopic, QoS, TopicRight};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::wire::{ModemServer, Resolve, ServerSettings};

const SIMULATED_SECRET: &str = "0123456789abcdef0123456789abcdef";
const PRODUCT_KEY: &str = "a1JszCpjS61";
const DEVICE_NAME: &str = "bench_1";
const DEVICE_SECRET: &str = "fedcba98765432100123456789abcdef";

#[test]
fn the_demo_does_the_main_job_and_proves_it() {
    let run = Run::of(&[]);
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    let proven = "demo: ok: 4 publishes arrived byte for byte (QoS 0: 1, QoS 1: 3), 2 subscriptions granted, \
                  1 property set answered with code 200, 1 message of 2000 bytes received whole";
    assert_eq!(run.last_line(), proven);
    assert!(run.stdout.contains("-> AT+LMQTTOPEN=0,") && run.stdout.contains("<- \\r\\n+LMQTTCONN: 0,0,0"));
    for shown in ["model: NT35E", "SIM: Ready", "registration: Home", "address: 10.0.0.17", "signal: -55 dBm"] {
        assert!(run.stdout.contains(&format!("   = {shown}\n")), "{shown}: {}", run.stdout);
    }
    assert!(run.stdout.contains(r#""aliauth",0,"a1JszCpjS61","NT35E_06011","********************************""#));
    assert!(!run.stdout.contains(SIMULATED_SECRET) && run.stderr.is_empty(), "{}", run.stderr);
    assert!(!run.stdout.contains('\x1b'), "no colour where there is no terminal");
    assert_eq!(run.stdout.lines().filter(|line| line.starts_with("demo: ")).count(), 1);
}

#[test]
fn without_the_traffic_the_steps_remain() {
    let run = Run::of(&["--quiet"]);
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    assert!(!run.stdout.contains(" -> AT"), "{}", run.stdout);
    assert!(run.stdout.contains("8. Disconnect") && run.last_line().starts_with("demo: ok: "));
}

#[test]
fn on_a_serial_port_what_comes_back_is_proven_and_the_rest_is_named() {
    let bench = Bench::new("proven", CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET));
    let run = thread::scope(|scope| {
        scope.spawn(|| {
            let subscribed = bench.cloud.wait_for(Duration::from_secs(20), |cloud| {
                cloud.subscriptions(PRODUCT_KEY, DEVICE_NAME).iter().any(|filter| filter.ends_with("property/set"))
            });
            assert!(subscribed);
            bench.cloud.cloud().set_property(PRODUCT_KEY, DEVICE_NAME, "{\"t\":1}").unwrap();
        });
        bench.run(&["--property-wait", "20"])
    });
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    let proven = "demo: ok: 4 messages came back through the cloud byte for byte (QoS 0: 1, QoS 1: 3), \
                  one of them of 2000 bytes in 8 pieces; 2 subscriptions granted; \
                  1 property set received, and the answer acknowledged by the broker; \
                  the cloud's own record was not checked";
    assert_eq!(run.last_line(), proven);
    assert!(!run.stdout.contains(DEVICE_SECRET) && run.stdout.contains(&"*".repeat(DEVICE_SECRET.len())));
    let cloud = bench.cloud.cloud();
    let replies = cloud.property_replies(PRODUCT_KEY, DEVICE_NAME);
    assert!(matches!(replies[..], [reply] if reply.code == Some(200)));
    let published = cloud.publishes_from(PRODUCT_KEY, DEVICE_NAME);
    assert!(published.iter().any(|record| record.payload.len() == 2000 && record.qos == QoS::AtLeastOnce));
}

#[test]
fn a_property_set_that_nobody_sends_is_skipped_and_said_to_be() {
    let bench = Bench::new("skipped", CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET));
    let run = bench.run(&["--property-wait", "1", "--topic", "user/COMMUTEST"]);
    assert_eq!(run.status, Some(0), "{}", run.stdout);
    assert!(run.last_line().contains("property sets were not checked, since none came within 1 s"));
}

#[test]
fn a_sign_in_that_the_cloud_refuses_is_a_failure() {
    let bench = Bench::new("refused", CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, SIMULATED_SECRET));
    bench.run(&[]).failed_with("step 2 (Sign in): the sign-in failed: ");
}

#[test]
fn a_topic_without_the_right_to_subscribe_is_named_with_its_remedy() {
    let mut settings = CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET);
    settings.custom_topics = vec![CustomTopic::new("user/update", TopicRight::Publish)];
    let run = Bench::new("right", settings).run(&[]);
    run.failed_with("step 3 (Subscribe): /a1JszCpjS61/bench_1/user/update: the subscription failed: ");
    assert!(run.last_line().ends_with("see --topic"));
}

#[test]
fn a_modem_that_goes_away_is_a_failure() {
    let mut bench = Bench::new("gone", CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET));
    let modem = bench.modem.take().unwrap();
    let port = modem.path().unwrap().to_owned();
    let run = thread::scope(|scope| {
        scope.spawn(|| {
            let published = |cloud: &Cloud| cloud.publishes_from(PRODUCT_KEY, DEVICE_NAME).len() == 4;
            assert!(bench.cloud.wait_for(Duration::from_secs(20), published));
            // Until the demo waits for a property set.
            thread::sleep(Duration::from_millis(500));
            drop(modem);
        });
        bench.run_on(&port, &["--property-wait", "3"])
    });
    // Either the system reports the end of the line at once, or nobody answers any more.
    run.failed_with("step ");
    let last_line = run.last_line();
    assert!(last_line.contains("the UART failed") || last_line.ends_with("Timeout"), "{last_line}");
}

#[test]
fn a_port_that_cannot_be_opened_is_named() {
    let bench = Bench::new("port", CloudSettings::default());
    let absent = Path::new("/dev/no-such-port");
    bench.run_on(absent, &[]).failed_with("--serial /dev/no-such-port: No such file or directory");
    let no_port = bench.secret_file.clone();
    bench.run_on(&no_port, &[]).failed_with(&format!("--serial {}: ", no_port.display()));
}

#[test]
fn a_secret_that_cannot_be_used_is_named_and_not_shown() {
    let bench = Bench::new("secret", CloudSettings::default());
    for (secret, complaint) in [("", "must not be empty"), ("my secret\n", "illegal character at byte 2")] {
        fs::write(&bench.secret_file, secret).unwrap();
        let run = bench.run(&[]);
        run.failed_with(&format!("--device-secret-file: DeviceSecret: {complaint}"));
        assert!(!run.stdout.contains("my secret"));
    }
    fs::remove_file(&bench.secret_file).unwrap();
    let run = bench.run(&[]);
    run.failed_with(&format!("--device-secret-file {}: No such file", bench.secret_file.display()));
}

#[test]
fn wrong_options_are_named() {
    for (options, name) in [
        (&["--no-such-option"][..], "--no-such-option"),
        (&["--serial", "COM3"], "--product-key"),
        (&["--product-key", "pk"], "--serial"),
        (&["--serial", "COM3", "--region", "moon"], "--region"),
        (&["--serial", "COM3", "--baud-rate", "0"], "--baud-rate"),
        (&["--serial", "COM3", "--host", "example.com"], "--host"),
    ] {
        let run = Run::of(options);
        assert_eq!(run.status, Some(2), "{options:?}");
        assert!(run.stderr.contains(name), "{options:?}: {}", run.stderr);
    }
    let help = Run::of(&["--help"]);
    assert_eq!(help.status, Some(0));
    assert!(help.stdout.contains("--device-secret-file <FILE>") && help.stdout.contains("cargo demo --"));
}

/// A simulated modem on a pseudo-terminal, which stands for a serial port, with a double of the cloud behind it.
struct Bench {
    cloud: CloudServer,
    modem: Option<ModemServer>,
    secret_file: PathBuf,
}

impl Bench {
    fn new(name: &str, settings: CloudSettings) -> Self {
        let cloud = CloudServer::start(settings).unwrap();
        let resolve = Resolve::All(cloud.address());
        let modem = ModemServer::start_pty(ServerSettings::new(ModemSettings::instant(), resolve)).unwrap();
        let secret_file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("secret-{name}"));
        // As an editor leaves it.
        fs::write(&secret_file, format!("{DEVICE_SECRET}\n")).unwrap();
        Self { cloud, modem: Some(modem), secret_file }
    }

    fn run(&self, options: &[&str]) -> Run {
        self.run_on(self.modem.as_ref().unwrap().path().unwrap(), options)
    }

    fn run_on(&self, port: &Path, options: &[&str]) -> Run {
        let (port, secret_file) = (port.to_str().unwrap(), self.secret_file.to_str().unwrap());
        let device = ["--product-key", PRODUCT_KEY, "--device-name", DEVICE_NAME, "--device-secret-file", secret_file];
        Run::of(&[&["--serial", port], &device[..], options].concat())
    }
}

/// What a run of the demo left.
struct Run {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Run {
    fn of(options: &[&str]) -> Self {
        let Output { status, stdout, stderr } =
            Command::new(env!("CARGO_BIN_EXE_nt35e-demo")).args(options).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { status: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    fn last_line(&self) -> &str {
        self.stdout.lines().last().unwrap_or_default()
    }

    fn failed_with(&self, complaint: &str) {
        assert_eq!(self.status, Some(1), "{}{}", self.stdout, self.stderr);
        let expected = format!("demo: failed: {complaint}");
        assert!(self.last_line().starts_with(&expected), "{} instead of {expected}", self.last_line());
    }
}
