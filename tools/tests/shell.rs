//! The shell: by a script, on a terminal, and in a recording.

mod bench;

use core::time::Duration;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::Instant;

use bench::{Bench, DEVICE_NAME, DEVICE_SECRET, PRODUCT_KEY, Run, temporary};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::transcript::Transcript;
use serialport::{SerialPort as _, TTYPort};

/// How long something may take on a busy machine.
const LONG: Duration = Duration::from_secs(60);

fn secret(text: &str) -> String {
    let file = temporary("secret");
    fs::write(&file, format!("{text}\n")).unwrap();
    file
}

#[test]
fn a_script_gets_each_answer_with_what_it_means() {
    let bench = Bench::tcp(ModemSettings::instant());
    let script = "at\nsignal\nregistration\nimei\nAT+CSQ\nat+cpin?\n\nsession\nbring-up\ncounters\nquit\nmodel\n";
    let run = bench.script(&["shell"], script);
    assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
    for line in [
        "OK   (the modem is there)",
        "-55 dBm: strong enough",
        "the home network has taken the modem in",
        "860000000000017",
        "+CSQ: 29,0   (-55 dBm)",
        "+CPIN: READY   (the SIM can be used)",
        "the modem knows of no session",
        "model: NT35E",
    ] {
        assert!(run.stdout.lines().any(|said| said == line), "{line} in {}", run.stdout);
    }
    assert!(!run.stdout.contains("nt35e>"), "a script has no prompt");
    assert!(!run.stdout.contains("one that the driver is written for"), "what follows quit is not done");
}

#[test]
fn what_fails_is_explained_and_counts() {
    let mut settings = ModemSettings::instant();
    settings.radio.sim = false;
    let bench = Bench::tcp(settings);
    for (order, complaint) in [
        ("sim-number", "! refused: +CME ERROR: 10   (there is no SIM)"),
        ("AT+NONSENSE", "! refused: "),
        ("fly", "! fly is no order: help says what is"),
        ("publish t", "! publish TOPIC PAYLOAD: publish, at QoS 1"),
        ("publish t x", "! not connected"),
        ("subscribe \"t", "! a quote is not closed"),
        ("wait long", "! wait SECONDS: "),
        ("pin /dev/no-such-file", "! pin /dev/no-such-file: No such file"),
        ("sign-in a1JszCpjS61 bench_1 /dev/null", "! DeviceSecret: "),
    ] {
        let run = bench.script(&["shell"], &format!("AT+CMEE=1\n{order}\n"));
        assert_eq!(run.status, Some(1), "{order}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.lines().any(|line| line.starts_with(complaint)), "{complaint} in {}", run.stdout);
    }
    let bench = Bench::tcp(ModemSettings::instant());
    let wrong = secret("00000000000000000000000000000000");
    let run = bench.script(&["shell"], &format!("sign-in {PRODUCT_KEY} {DEVICE_NAME} {wrong}\n"));
    assert!(run.stdout.contains("!   likely: a part of the triple is wrong"), "{}", run.stdout);
}

fn session(file: &str) -> String {
    let get = format!("/{PRODUCT_KEY}/{DEVICE_NAME}/user/get");
    let update = format!("/{PRODUCT_KEY}/{DEVICE_NAME}/user/update");
    format!(
        "bring-up\nsign-in {PRODUCT_KEY} {DEVICE_NAME} {file}\nsubscribe {get}\npublish {update} {{\"a\": 1}}\nsession\nwait 60\n"
    )
}

#[test]
fn a_recorded_session_replays_with_its_events() {
    let bench = Bench::tcp(ModemSettings::instant());
    let file = temporary("shell.at");
    let _ = fs::remove_file(&file);
    let secret = secret(DEVICE_SECRET);
    let running = bench.begin_script(&["record", &file, "shell"], &session(&secret));
    running.wait_for_line("showing events");
    bench.send(&format!("/{PRODUCT_KEY}/{DEVICE_NAME}/user/get"), b"hello");
    bench.acknowledged();
    running.wait_for_line("5 bytes: hello");
    bench.modem().cut_link().unwrap();
    let recorded = running.end();
    assert_eq!(recorded.status, Some(0), "{}{}", recorded.stdout, recorded.stderr);
    assert!(recorded.stdout.contains("* the session has ended: "), "{}", recorded.stdout);
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains(DEVICE_SECRET) && !text.contains(&secret), "{text}");
    assert!(text.contains(",8,\"{\"a\": 1}\"\\r\\n\n"), "a payload keeps its quotes: {text}");

    drop(bench);
    fs::remove_file(&secret).unwrap();
    let replayed = Run::of(&["replay", &file]);
    assert_eq!(replayed.status, Some(0), "{}{}", replayed.stdout, replayed.stderr);
    assert!(replayed.stderr.ends_with("\nas recorded\n"), "{}", replayed.stderr);
    let said: Vec<_> = replayed.stdout.lines().filter(|line| !line.starts_with("nt35e> ")).collect();
    assert_eq!(said, recorded.stdout.lines().collect::<Vec<_>>());
}

#[test]
fn secrets_that_are_typed_are_masked_in_a_recording() {
    let file = temporary("typed.at");
    let _ = fs::remove_file(&file);
    let lines = [
        "AT+LMQTTCFG=\"aliauth\",0,\"a1JszCpjS61\",\"bench_1\",\"fedcba98765432100123456789abcdef\"",
        "AT+LMQTTCONN=0,\"client\",\"somebody\",\"pass,word-9\"",
        "AT+CPIN=\"4711\"",
    ];
    let bench = Bench::tcp(ModemSettings::instant());
    let run = bench.script(&["record", &file, "shell"], &(lines.join("\n") + "\n"));
    assert!(run.status.is_some());
    let text = fs::read_to_string(&file).unwrap();
    for secret in ["fedcba98765432100123456789abcdef", "somebody", "pass,word-9", "4711"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(
        text.matches("\"aliauth\",0,\"a1JszCpjS61\",\"bench_1\",\"********************************\"").count(),
        3,
        "typed, sent, echoed: {text}"
    );
    assert!(text.parse::<Transcript>().is_ok());
}

/// A terminal with the shell in it.
struct Terminal {
    master: TTYPort,
    /// Kept open, since what was last shown would be lost with the last who has it open.
    _slave: TTYPort,
    child: std::process::Child,
    shown: String,
}

impl Terminal {
    fn open(bench: &Bench, history: &str) -> Self {
        let (mut master, mut slave) = TTYPort::pair().unwrap();
        slave.set_exclusive(false).unwrap();
        let path = slave.name().unwrap();
        let end = || Stdio::from(File::options().read(true).write(true).open(&path).unwrap());
        let mut command = Command::new(env!("CARGO_BIN_EXE_nt35e"));
        command.args(["shell", "--history", history]).args(bench.line()).env("TERM", "xterm");
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        master.set_timeout(Duration::from_millis(5)).unwrap();
        Self { master, _slave: slave, child, shown: String::new() }
    }

    /// Waits until this is shown, and forgets what came before its end.
    fn wait_for(&mut self, text: &str) {
        self.wait(0, text);
        let end = self.shown.find(text).unwrap() + text.len();
        self.shown.drain(..end);
    }

    /// Waits until this is shown behind what was shown before.
    fn wait(&mut self, before: usize, text: &str) {
        let since = Instant::now();
        while !self.shown[before..].contains(text) {
            assert!(since.elapsed() < LONG, "{text} was not shown, but {:?}", self.shown);
            let mut buffer = [0; 1024];
            match self.master.read(&mut buffer) {
                Ok(count) => self.shown.push_str(&String::from_utf8_lossy(&buffer[..count])),
                Err(error) if error.kind() == ErrorKind::TimedOut => {}
                Err(error) => panic!("{error}: {:?}", self.shown),
            }
        }
    }

    /// Types key by key, as people do: rustyline 18 leaves a key that comes with another one until the next.
    fn type_in(&mut self, keys: &str) {
        for key in keys.chars() {
            let before = self.shown.len();
            self.master.write_all(key.to_string().as_bytes()).unwrap();
            let shown = match key {
                '\r' => "\n".to_owned(),
                key => key.to_string(),
            };
            self.wait(before, &shown);
        }
    }

    /// Presses a key that sends several bytes.
    fn press(&mut self, key: &str) {
        self.master.write_all(key.as_bytes()).unwrap();
    }
}

#[test]
fn a_terminal_has_history_and_completion_but_keeps_no_secret() {
    let bench = Bench::tcp(ModemSettings::instant());
    let history = temporary("history");
    let _ = fs::remove_file(&history);
    let secret = secret(DEVICE_SECRET);
    let mut terminal = Terminal::open(&bench, &history);
    terminal.wait_for("nt35e> ");
    // Tab completes.
    terminal.type_in("sig");
    terminal.press("\t");
    terminal.wait_for("signal");
    terminal.type_in("\r");
    terminal.wait_for("-55 dBm: strong enough");
    terminal.wait_for("nt35e> ");
    terminal.type_in("regis");
    terminal.press("\t");
    terminal.wait_for("tration");
    terminal.type_in("\r");
    terminal.wait_for("the home network has taken the modem in");
    terminal.wait_for("nt35e> ");
    for line in [
        "AT+LMQTTCFG=\"aliauth\",0,\"a1JszCpjS61\",\"bench_1\",\"fedcba98765432100123456789abcdef\"",
        "at+lmqttconn=0,\"client\",\"somebody\",\"password-9\"",
        "AT+CPIN=\"4711\"",
    ] {
        terminal.type_in(&format!("{line}\r"));
        terminal.wait_for("nt35e> ");
    }
    // A terminal brackets what is pasted.
    terminal.press("\u{1b}[200~AT+CGATT?\u{1b}[201~");
    terminal.wait_for("AT+CGATT?");
    terminal.type_in("\r");
    terminal.wait_for("the network carries packets");
    terminal.wait_for("nt35e> ");
    terminal.type_in("registration\r");
    terminal.wait_for("the home network has taken the modem in");
    terminal.wait_for("nt35e> ");
    // The arrow brings back the last line that is kept.
    terminal.press("\u{1b}[A");
    terminal.wait_for("registration");
    terminal.type_in("\r");
    terminal.wait_for("the home network has taken the modem in");
    terminal.wait_for("nt35e> ");
    terminal.type_in(&format!("sign-in {PRODUCT_KEY} {DEVICE_NAME} {secret}\r"));
    terminal.wait_for("signed in");
    terminal.wait_for("nt35e> ");
    // An event appears above the prompt, whatever is half typed.
    terminal.type_in("subscribe /a1JszCpjS61/bench_1/user/get\r");
    terminal.wait_for("\nsubscribed");
    terminal.wait_for("nt35e> ");
    terminal.type_in("qu");
    bench.send(&format!("/{PRODUCT_KEY}/{DEVICE_NAME}/user/get"), b"hello");
    terminal.wait_for("5 bytes: hello");
    terminal.wait_for("nt35e> qu");
    terminal.type_in("it\r");
    terminal.wait_for("signed off");
    assert!(terminal.child.wait().unwrap().success());

    let kept = fs::read_to_string(&history).unwrap();
    assert!(kept.contains("signal\n") && kept.contains("registration\n"), "{kept}");
    for secret in ["fedcba98", "4711", "somebody", "password", "aliauth"] {
        assert!(!kept.contains(secret), "{secret} in {kept}");
    }
}
