//! A simulated module on a pseudo-terminal with the probe's broker behind it, and somebody at its supply.

use core::time::Duration;
use std::collections::BTreeMap;
use std::io::{BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use nt35e_sim::modem::{Modem, ModemSettings};
use nt35e_sim::wire::{Direction, ModemServer, Resolve, ServerSettings};
use nt35e_tools::broker;
use serde_json::Value;

const FREE: &str = "127.0.0.1:0";
const PIN: &str = "1234";

/// Options for every experiment.
pub(crate) const ALL: &[&str] =
    &["--host", "broker", "--tls-port", "8883", "--sim-pin", PIN, "--with-restarts", "--silence", "2", "--wait", "20"];

/// A module.
pub(crate) struct Module {
    modem: Arc<ModemServer>,
    from_host: Arc<Mutex<Vec<u8>>>,
}

/// What a run left.
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Module {
    /// A module with these quirks, that has been running for a while.
    pub(crate) fn start(quirks: &[(&str, &str)]) -> Self {
        let mut settings = ModemSettings::instant();
        for (name, value) in quirks {
            settings.quirks.set(name, value).unwrap();
        }
        settings.radio.pin = Some(PIN.to_owned());
        let delays = &mut settings.delays;
        // Long enough to tell an `OK` at once from one that waits for its result, on a busy machine too.
        delays.open = Duration::from_millis(600);
        delays.sim = Duration::from_millis(500);
        delays.boot = Duration::from_millis(50);
        let listener = TcpListener::bind(FREE).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || broker::serve(&listener));
        let mut server = ServerSettings::new(settings, Resolve::All(address));
        server.tls_in_clear = true;
        let from_host = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&from_host);
        server.observer = Some(Box::new(move |traffic| {
            if traffic.direction == Direction::FromHost {
                seen.lock().unwrap().extend_from_slice(traffic.bytes);
            }
        }));
        Self { modem: Arc::new(ModemServer::start_pty(server).unwrap()), from_host }
    }

    pub(crate) fn port(&self) -> String {
        self.modem.path().unwrap().display().to_string()
    }

    pub(crate) fn quirk(&self, name: &str) -> String {
        let name = name.to_owned();
        self.modem.control(move |modem, _| modem.quirks().get(&name).unwrap()).unwrap()
    }

    /// The modem's answers to what can be asked about its settings.
    pub(crate) fn settings(&self) -> BTreeMap<&'static str, String> {
        let asked = ["AT+CMEE?", "AT+CEREG?", "AT+CFUN?", "AT+CGDCONT?", "AT+LMQTTCONN?", "AT+LMQTTOPEN?"];
        asked
            .into_iter()
            .map(|line| {
                let ask = move |modem: &mut Modem, now| {
                    // What may have been lost to sleep.
                    modem.write(b"AT\r\n", now);
                    modem.read(now);
                    modem.write(format!("{line}\r\n").as_bytes(), now);
                    modem.read(now)
                };
                let answer = self.modem.control(ask).unwrap();
                let answer = answer.escape_ascii().to_string();
                // The state of the registration is the network's. The echo is a part of the answer.
                let kept = if line == "AT+CEREG?" { answer.split(',').next().unwrap() } else { &answer };
                (line, kept.to_owned())
            })
            .collect()
    }

    /// Runs the probe.
    pub(crate) fn run(&self, options: &[&str]) -> Run {
        self.begin(options).end()
    }

    /// Waits until the host has sent this.
    pub(crate) fn wait_for(&self, sent: &str) {
        let is_sent = || self.from_host.lock().unwrap().windows(sent.len()).any(|part| part == sent.as_bytes());
        while !is_sent() {
            thread::sleep(Duration::from_millis(2));
        }
    }

    pub(crate) fn begin(&self, options: &[&str]) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nt35e"));
        command.args(["probe", "--port", &self.port()]).args(options);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (stdin, stderr) = (child.stdin.take().unwrap(), child.stderr.take().unwrap());
        let modem = Arc::clone(&self.modem);
        let helper = thread::spawn(move || help(&modem, BufReader::new(stderr), stdin));
        Running { child, helper }
    }

    /// Runs the probe for machines, which must come to its end.
    pub(crate) fn report(&self, options: &[&str]) -> Value {
        let run = self.run(&[options, &["--json"]].concat());
        assert_eq!(run.status, Some(0), "{}{}", run.stdout, run.stderr);
        let json = run.stdout.lines().find(|line| line.starts_with('{')).unwrap();
        serde_json::from_str(json).unwrap()
    }
}

/// A run that has begun.
pub(crate) struct Running {
    child: Child,
    helper: thread::JoinHandle<String>,
}

impl Running {
    /// Ctrl-C.
    pub(crate) fn interrupt(&self) {
        let kill = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        assert!(kill.success());
    }

    pub(crate) fn end(mut self) -> Run {
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        let status = self.child.wait().unwrap().code();
        Run { status, stdout, stderr: self.helper.join().unwrap() }
    }
}

/// Does to the module what the probe asks for; what it has said.
fn help(modem: &ModemServer, asked: impl std::io::BufRead, mut stdin: ChildStdin) -> String {
    let mut said = String::new();
    for line in asked.lines() {
        let line = line.unwrap();
        let is_asked = |name: &str| line.starts_with(&format!("please [{name}]"));
        let done = if is_asked("restart") || is_asked("reset") {
            modem.control(Modem::restart)
        } else if is_asked("power key") {
            modem.control(Modem::power_down);
            modem.control(Modem::restart)
        } else if is_asked("short cut") {
            modem.control(|modem, now| {
                modem.set_supply(false, now);
                modem.set_supply(true, now);
            })
        } else {
            None
        };
        if done.is_some() {
            stdin.write_all(b"\n").unwrap();
        }
        said += &line;
        said.push('\n');
    }
    said
}
