//! The command line: what it takes, what it starts, what it shows.

mod list;
mod options;
mod orders;
mod traffic;

use core::fmt;
use std::fs::File;
use std::io::{self, BufRead as _, ErrorKind, Write as _};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{SystemTime, UNIX_EPOCH};

use nt35e_sim::aliyun::{Channel, CloudServer, CloudSettings};
use nt35e_sim::modem::{ModemSettings, Radio};
use nt35e_sim::wire::{ModemServer, Observer, Resolve, ServerSettings};

use options::DEVICE;
pub(crate) use options::Options;
use orders::Order;
use traffic::TrafficLog;

/// Serves the modem until Ctrl-C or `quit`.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    if options.list_quirks {
        return match list::print_all(&mut anstream::stdout().lock()) {
            // Whoever reads, as `head` does, has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            printed => printed.map_err(Failure::Output),
        };
    }
    let lines = listen_to_user()?;
    let cloud = start_cloud(options)?;
    let resolve = match (&cloud, options.broker) {
        (Some(cloud), _) => Resolve::All(cloud.address()),
        (None, Some(broker)) => Resolve::All(broker),
        (None, None) => Resolve::System,
    };
    let traffic = TrafficLog::start(create_transcript(options)?).map_err(Failure::Output)?;
    let server = start_modem(options, resolve, traffic.observer())?;
    introduce(options, &server).map_err(Failure::Output)?;
    obey(&lines, &server, cloud.as_ref());
    drop(server);
    traffic.finish().map_err(Failure::Output)
}

/// Lines that the user types; Ctrl-C is the line `quit`.
fn listen_to_user() -> Result<Receiver<String>, Failure> {
    let (typed, lines) = channel();
    let on_signal = typed.clone();
    ctrlc::set_handler(move || {
        let _ = on_signal.send("quit".to_owned());
    })
    .map_err(Failure::Signal)?;
    // Nothing can wake a thread that waits for the keyboard; it ends with the program.
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if typed.send(line).is_err() {
                return;
            }
        }
    });
    Ok(lines)
}

/// Does what the user types, until told to stop.
fn obey(lines: &Receiver<String>, server: &ModemServer, cloud: Option<&CloudServer>) {
    for line in lines {
        let said = match Order::parse(&line) {
            Ok(Order::Quit) => return,
            Ok(order) => order.perform(server, cloud),
            Err(wrong) => Some(wrong),
        };
        if let Some(said) = said {
            anstream::println!("{said}");
        }
    }
}

/// The built-in cloud, unless the connections lead elsewhere.
fn start_cloud(options: &Options) -> Result<Option<CloudServer>, Failure> {
    if options.broker.is_some() || options.dns {
        return Ok(None);
    }
    let channel = if options.tls_in_clear { Channel::Tls } else { Channel::Plain };
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let settings =
        CloudSettings { devices: options.devices(), epoch: since_1970.as_millis() as u64, ..CloudSettings::default() };
    CloudServer::start_on("127.0.0.1:0", channel, settings).map(Some).map_err(Failure::Cloud)
}

fn start_modem(options: &Options, resolve: Resolve, observer: Observer) -> Result<ModemServer, Failure> {
    let mut settings = ServerSettings::new(modem_settings(options), resolve);
    settings.tls_in_clear = options.tls_in_clear;
    settings.observer = Some(observer);
    if options.pty {
        ModemServer::start_pty(settings).map_err(Failure::Pty)
    } else {
        ModemServer::start_tcp(options.listen, settings)
            .map_err(|error| Failure::Listen(options.listen.to_string(), error))
    }
}

/// Names and values were checked when the command line was read.
fn modem_settings(options: &Options) -> ModemSettings {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut settings = ModemSettings {
        baud_rate: options.baud_rate,
        radio: Radio { clock: since_1970.as_secs(), ..Radio::default() },
        already_running: options.already_running,
        ..ModemSettings::default()
    };
    for (name, value) in &options.quirk {
        let _ = settings.quirks.set(name, value);
    }
    for (name, delay) in &options.delay {
        settings.delays.set(name, *delay);
    }
    for (name, number) in &options.fault {
        let _ = settings.faults.set(name, *number);
    }
    settings
}

fn create_transcript(options: &Options) -> Result<Option<File>, Failure> {
    let Some(path) = &options.transcript else { return Ok(None) };
    File::create(path).map(Some).map_err(|error| Failure::Transcript(path.clone(), error))
}

/// Says where everything is.
fn introduce(options: &Options, server: &ModemServer) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match (server.address(), server.path()) {
        (Some(address), _) => writeln!(out, "modem    TCP {address}")?,
        (None, Some(path)) => writeln!(out, "modem    serial port {}", path.display())?,
        (None, None) => {}
    }
    match options.broker {
        Some(broker) => writeln!(out, "network  every host name leads to the broker at {broker}")?,
        None if options.dns => writeln!(out, "network  host names lead where they say")?,
        None => writeln!(out, "network  every host name leads to the built-in double of Alibaba Cloud IoT")?,
    }
    if options.broker.is_none() && !options.dns && options.device.is_empty() {
        writeln!(out, "device   {}", DEVICE.join(","))?;
    }
    for device in &options.device {
        writeln!(out, "device   {},{}", device.id.product_key, device.id.device_name)?;
    }
    for (name, value) in &options.quirk {
        writeln!(out, "quirk    {name}={value}")?;
    }
    writeln!(
        out,
        "Ctrl-C stops; help and Enter lists what can be typed. Below: seconds, > from the host, < from the modem."
    )?;
    out.flush()
}

/// Why the program stops early; it names the option that is to blame.
#[derive(Debug)]
pub(crate) enum Failure {
    Listen(String, io::Error),
    Pty(io::Error),
    Cloud(io::Error),
    Transcript(PathBuf, io::Error),
    Signal(ctrlc::Error),
    Output(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen(address, error) => write!(f, "--listen {address}: {error}"),
            Self::Pty(error) => write!(f, "--pty: {error}"),
            Self::Cloud(error) => write!(f, "cannot start the built-in cloud: {error}"),
            Self::Transcript(path, error) => write!(f, "--transcript {}: {error}", path.display()),
            Self::Signal(error) => write!(f, "cannot wait for Ctrl-C: {error}"),
            Self::Output(error) => write!(f, "cannot write: {error}"),
        }
    }
}
