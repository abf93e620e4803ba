//! A simulated modem with a double of the cloud behind it, and runs of the program against it.

#![allow(dead_code, reason = "each of the test programs uses a part of it")]

mod run;

use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::time::Duration;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use nt35e_sim::aliyun::{Cloud, CloudServer, CloudSettings, EventKind, QoS};
use nt35e_sim::modem::ModemSettings;
use nt35e_sim::wire::{Direction, ModemServer, Resolve, ServerSettings};
use serialport::{SerialPort as _, TTYPort};

pub(crate) use run::{Run, Running};

pub(crate) const PRODUCT_KEY: &str = "a1JszCpjS61";
pub(crate) const DEVICE_NAME: &str = "bench_1";
pub(crate) const DEVICE_SECRET: &str = "fedcba98765432100123456789abcdef";

const FREE: &str = "127.0.0.1:0";
/// How long something may take on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// A modem, and how the program reaches it.
pub(crate) struct Bench {
    // First, so that it ends before the modem does.
    between: Option<Between>,
    line: [String; 2],
    modem: ModemServer,
    cloud: CloudServer,
    traffic: Arc<Mutex<[Vec<u8>; 2]>>,
}

impl Bench {
    /// A modem behind TCP.
    pub(crate) fn tcp(modem: ModemSettings) -> Self {
        Self::start(modem, |cloud| cloud, |settings| ModemServer::start_tcp(FREE.parse().unwrap(), settings).unwrap())
    }

    /// A modem on a pseudo-terminal.
    pub(crate) fn pty(modem: ModemSettings) -> Self {
        Self::start(modem, |cloud| cloud, |settings| ModemServer::start_pty(settings).unwrap())
    }

    /// A modem whose connections lead where nobody listens.
    pub(crate) fn without_cloud(modem: ModemSettings) -> Self {
        let nobody = nobody().parse().unwrap();
        Self::start(modem, |_| nobody, |settings| ModemServer::start_tcp(FREE.parse().unwrap(), settings).unwrap())
    }

    fn start(
        modem: ModemSettings,
        lead: impl FnOnce(SocketAddr) -> SocketAddr,
        serve: impl FnOnce(ServerSettings) -> ModemServer,
    ) -> Self {
        let cloud = CloudServer::start(CloudSettings::with_device(PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET)).unwrap();
        let mut settings = ServerSettings::new(modem, Resolve::All(lead(cloud.address())));
        let traffic = Arc::new(Mutex::new([Vec::new(), Vec::new()]));
        let seen = Arc::clone(&traffic);
        settings.observer = Some(Box::new(move |traffic| {
            let index = usize::from(traffic.direction == Direction::FromModem);
            seen.lock().unwrap()[index].extend_from_slice(traffic.bytes);
        }));
        let modem = serve(settings);
        let line = match (modem.address(), modem.path()) {
            (Some(address), _) => ["--tcp".to_owned(), address.to_string()],
            (None, path) => ["--port".to_owned(), path.unwrap().display().to_string()],
        };
        Self { between: None, line, modem, cloud, traffic }
    }

    /// Answers one command in the modem's place.
    pub(crate) fn with_answer(mut self, command: &'static str, answer: &'static str) -> Self {
        let listener = TcpListener::bind(FREE).unwrap();
        self.line[1] = listener.local_addr().unwrap().to_string();
        let modem = self.modem.address().unwrap();
        self.between = Some(Between::start(move |stopped| {
            let (mut host, _) = listener.accept().unwrap();
            let mut modem = TcpStream::connect(modem).unwrap();
            host.set_nonblocking(true).unwrap();
            modem.set_nonblocking(true).unwrap();
            let mut line = Vec::new();
            while !stopped.load(Ordering::SeqCst) {
                line.extend(received(&mut host));
                while let Some(end) = line.iter().position(|&byte| byte == b'\n') {
                    let said: Vec<u8> = line.drain(..=end).collect();
                    if said == command.as_bytes() {
                        host.write_all(answer.as_bytes()).unwrap();
                    } else {
                        modem.write_all(&said).unwrap();
                    }
                }
                let said = received(&mut modem);
                // The program may have gone by now.
                let _ = host.write_all(&said);
            }
        }));
        self
    }

    /// A modem on a pseudo-terminal, which understands one baud rate alone, and answers garbage at any other.
    pub(crate) fn pty_at(baud_rate: u32, modem: ModemSettings) -> Self {
        let mut bench = Self::tcp(modem);
        let (mut master, mut slave) = TTYPort::pair().unwrap();
        slave.set_exclusive(false).unwrap();
        let path = slave.name().unwrap();
        // Kept open without a lock, so that the line stays up between two programs.
        let held = File::open(&path).unwrap();
        drop(slave);
        master.set_timeout(Duration::from_millis(2)).unwrap();
        bench.line = ["--port".to_owned(), path];
        let modem = bench.modem.address().unwrap();
        bench.between = Some(Between::start(move |stopped| {
            let _held = held;
            let mut modem = TcpStream::connect(modem).unwrap();
            modem.set_nonblocking(true).unwrap();
            while !stopped.load(Ordering::SeqCst) {
                let said = received(&mut master);
                if !said.is_empty() {
                    // The line's settings are those of the other end.
                    match master.baud_rate() {
                        Ok(rate) if rate == baud_rate => modem.write_all(&said).unwrap(),
                        _ => master.write_all(b"\xf8\x80\xfe").unwrap(),
                    }
                }
                master.write_all(&received(&mut modem)).unwrap();
            }
        }));
        bench
    }

    /// What the program finds, for machines.
    pub(crate) fn check(&self, options: &[&str]) -> Run {
        self.run(&["check", "--json"], options)
    }

    pub(crate) fn run(&self, order: &[&str], options: &[&str]) -> Run {
        self.begin(order, options).end()
    }

    /// A run that has begun.
    pub(crate) fn begin(&self, order: &[&str], options: &[&str]) -> Running {
        Run::begin(&[order, &[&self.line[0], &self.line[1]], options].concat())
    }

    /// What the program does with these lines on its standard input.
    pub(crate) fn script(&self, order: &[&str], lines: &str) -> Run {
        self.begin_script(order, lines).end()
    }

    /// The same, once it has begun.
    pub(crate) fn begin_script(&self, order: &[&str], lines: &str) -> Running {
        let file = temporary("script");
        fs::write(&file, lines).unwrap();
        Run::begin_with(&[order, &[&self.line[0], &self.line[1]]].concat(), File::open(file).unwrap().into())
    }

    /// A script that has more to say, but does not say it.
    pub(crate) fn begin_kept_open(&self, order: &[&str], lines: &str) -> Running {
        let running = Run::begin_with(&[order, &[&self.line[0], &self.line[1]]].concat(), Stdio::piped());
        running.kept_open(lines)
    }

    /// The options that name the line.
    pub(crate) const fn line(&self) -> &[String; 2] {
        &self.line
    }

    /// Signs in with a secret, from a file as an editor leaves it.
    pub(crate) fn sign_in(&self, options: &[&str], device_secret: &str) -> Run {
        self.sign_in_as(&["sign-in"], options, device_secret)
    }

    /// Signs in and writes a transcript.
    pub(crate) fn sign_in_recorded(&self, file: &str) -> Run {
        self.sign_in_as(&["record", file, "sign-in"], &[], DEVICE_SECRET)
    }

    pub(crate) fn sign_in_as(&self, order: &[&str], options: &[&str], device_secret: &str) -> Run {
        self.begin_sign_in(order, options, device_secret).end()
    }

    /// A sign-in that has begun.
    pub(crate) fn begin_sign_in(&self, order: &[&str], options: &[&str], device_secret: &str) -> Running {
        let file = temporary("secret");
        fs::write(&file, format!("{device_secret}\n")).unwrap();
        let device = ["--product-key", PRODUCT_KEY, "--device-name", DEVICE_NAME, "--device-secret-file", &file];
        Run::begin(&[order, &[&self.line[0], &self.line[1]], &device, options].concat())
    }

    /// Sends a message to the device, once it has subscribed to the topic.
    pub(crate) fn send(&self, topic: &str, payload: &[u8]) {
        let subscribed = |cloud: &Cloud| !cloud.subscriptions(PRODUCT_KEY, DEVICE_NAME).is_empty();
        assert!(self.cloud.wait_for(LONG, subscribed), "nobody has subscribed");
        let mut cloud = self.cloud.cloud();
        assert_eq!(cloud.publish_to(topic, payload, QoS::AtLeastOnce), 1);
    }

    /// Waits until the device has acknowledged a message.
    pub(crate) fn acknowledged(&self) {
        let arrived =
            |cloud: &Cloud| cloud.events().iter().any(|event| matches!(event.kind, EventKind::Acknowledged { .. }));
        assert!(self.cloud.wait_for(LONG, arrived), "no message has arrived");
    }

    /// The simulated modem.
    pub(crate) const fn modem(&self) -> &ModemServer {
        &self.modem
    }

    /// The double of the cloud.
    pub(crate) fn cloud(&self) -> MutexGuard<'_, Cloud> {
        self.cloud.cloud()
    }

    /// The serial port of a modem on a pseudo-terminal.
    pub(crate) fn port(&self) -> &str {
        &self.line[1]
    }

    /// How many sign-ins the cloud has accepted.
    pub(crate) fn sign_ins(&self) -> usize {
        let cloud = self.cloud.cloud();
        cloud.events().iter().filter(|event| matches!(event.kind, EventKind::ConnectAccepted { .. })).count()
    }

    /// What went over the line from the host and from the modem, by the modem's books.
    pub(crate) fn traffic(&self) -> [Vec<u8>; 2] {
        self.traffic.lock().unwrap().clone()
    }
}

/// A thread between program and modem.
struct Between {
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Between {
    fn start(work: impl FnOnce(&AtomicBool) + Send + 'static) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        Self { stopped, thread: Some(thread::spawn(move || work(&stop))) }
    }
}

impl Drop for Between {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What has come, if anything has.
fn received(line: &mut impl Read) -> Vec<u8> {
    let mut buffer = [0; 4096];
    match line.read(&mut buffer) {
        Ok(count) => buffer[..count].to_vec(),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            thread::sleep(Duration::from_micros(200));
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// An address where nobody listens.
pub(crate) fn nobody() -> String {
    TcpListener::bind(FREE).unwrap().local_addr().unwrap().to_string()
}

/// An address where somebody listens and says nothing.
pub(crate) fn silent() -> String {
    serve(|mut line| while line.read(&mut [0; 64]).is_ok_and(|count| count > 0) {})
}

/// An address where somebody says nothing either, but tells when the first byte has come.
pub(crate) fn listening() -> (String, Receiver<()>) {
    let (heard, hears) = channel();
    let address = serve(move |mut line| {
        while line.read(&mut [0; 64]).is_ok_and(|count| count > 0) {
            let _ = heard.send(());
        }
    });
    (address, hears)
}

/// An address where somebody answers by noise.
pub(crate) fn noisy() -> String {
    serve(|mut line| {
        while line.read(&mut [0; 64]).is_ok_and(|count| count > 0) && line.write_all(b"\x00\xf8OK\x80\r\n").is_ok() {}
    })
}

/// An address where everybody is turned away.
pub(crate) fn closing() -> String {
    serve(drop)
}

/// The thread ends with its one guest.
fn serve(work: impl FnOnce(TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind(FREE).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || work(listener.accept().unwrap().0));
    address
}

/// A file that no other test uses.
pub(crate) fn temporary(name: &str) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("{}-{name}", COUNT.fetch_add(1, Ordering::Relaxed));
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).display().to_string()
}
