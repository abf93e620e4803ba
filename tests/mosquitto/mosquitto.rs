//! A mosquitto process with ports, a configuration and a password file of its own, all gone when it is dropped.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Where the broker listens.
pub(crate) const HOST: &str = "127.0.0.1";

/// Who may sign in at the port that asks.
pub(crate) const USER_NAME: &str = "meter 17";
pub(crate) const PASSWORD: &str = "p,w=open sesame";

/// How long anything may take. Nothing takes so long unless it has failed.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// A running broker.
pub(crate) struct Mosquitto {
    ports: Ports,
    process: Child,
    log: Log,
    // Dropped after the process has ended.
    folder: Folder,
}

/// What the broker has said so far.
type Log = Arc<Mutex<String>>;

#[derive(Clone, Copy)]
struct Ports {
    open: u16,
    guarded: u16,
}

impl Mosquitto {
    /// Starts a broker on free ports, and waits until it accepts connections.
    pub(crate) fn start() -> Self {
        let folder = Folder::new();
        write_password_file(&folder);
        let log = Log::default();
        let (ports, process) = until_it_works("a broker on free ports", || {
            let ports = Ports { open: free_port(), guarded: free_port() };
            run(&folder, ports, &log).map(|process| (ports, process))
        });
        Self { ports, process, log, folder }
    }

    /// The port that lets everyone in.
    pub(crate) fn port(&self) -> u16 {
        self.ports.open
    }

    /// The port that asks for [`USER_NAME`] and [`PASSWORD`].
    pub(crate) fn guarded_port(&self) -> u16 {
        self.ports.guarded
    }

    /// Ends the process at once, as a crash would.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts it again on the same ports.
    pub(crate) fn restart(&mut self) {
        self.process = until_it_works("the broker on its ports", || run(&self.folder, self.ports, &self.log));
    }

    /// Waits until the broker has logged `text`.
    pub(crate) fn wait_for_log(&self, text: &str) {
        until_it_works(text, || read(&self.log).contains(text).then_some(()));
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("mosquitto logged:\n{}", read(&self.log));
        }
    }
}

/// Starts a process, and waits until it listens; none if it ends instead, since a port was taken meanwhile.
fn run(folder: &Folder, Ports { open, guarded }: Ports, log: &Log) -> Option<Child> {
    let configuration = folder.0.join("mosquitto.conf");
    let passwords = folder.passwords();
    // `user` matters only to a broker that is started by root: it would become another user, who cannot read the files.
    let text = format!(
        "user root\nper_listener_settings true\nlog_dest stderr\nlog_type all\n\
         listener {open} {HOST}\nallow_anonymous true\n\
         listener {guarded} {HOST}\nallow_anonymous false\npassword_file {}\n",
        passwords.display()
    );
    fs::write(&configuration, text).unwrap();
    let mut command = Command::new(installed("mosquitto"));
    command.arg("-c").arg(&configuration).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let (running, is_running) = channel();
    let lines = process.stderr.take().unwrap();
    let log = Arc::clone(log);
    std::thread::spawn(move || keep_log(lines, &log, &running));
    match is_running.recv_timeout(LIMIT) {
        Ok(()) => return Some(process),
        Err(RecvTimeoutError::Disconnected) => {}
        Err(RecvTimeoutError::Timeout) => process.kill().unwrap(),
    }
    process.wait().unwrap();
    None
}

/// Reads on until the process ends, so that it never waits for a reader; tells when it listens.
fn keep_log(lines: impl Read, log: &Log, running: &Sender<()>) {
    let mut running = Some(running.clone());
    for line in BufReader::new(lines).lines().map_while(Result::ok) {
        if let Some(running) = running.take_if(|_| line.ends_with(" running")) {
            let _ = running.send(());
        }
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_str(&line);
        log.push('\n');
    }
}

fn read(log: &Log) -> String {
    log.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn until_it_works<R>(what: &str, mut attempt: impl FnMut() -> Option<R>) -> R {
    let started = Instant::now();
    loop {
        if let Some(result) = attempt() {
            return result;
        }
        assert!(started.elapsed() < LIMIT, "no sign of: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A port that nobody listens on, and that no other broker of these tests was ever given.
fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    loop {
        let port = TcpListener::bind((HOST, 0)).unwrap().local_addr().unwrap().port();
        if GIVEN.lock().unwrap_or_else(PoisonError::into_inner).insert(port) {
            return port;
        }
    }
}

/// A folder that is removed with all that is in it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("nt35e-mosquitto-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn passwords(&self) -> PathBuf {
        self.0.join("passwords")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn write_password_file(folder: &Folder) {
    let mut command = Command::new(installed("mosquitto_passwd"));
    let output = command.args(["-c", "-b"]).arg(folder.passwords()).args([USER_NAME, PASSWORD]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Where a program of the package is. Debian keeps servers in /usr/sbin, which is not in every user's PATH.
fn installed(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = places.find_map(|place| Some(place.join(program)).filter(|file| Path::is_file(file)));
    found.unwrap_or_else(|| panic!("`{program}` is missing: run `apt-get install mosquitto`"))
}
