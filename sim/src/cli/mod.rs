//! The command line: what it takes, what it starts, what it shows.

mod console;
mod list;
mod options;
mod orders;
mod traffic;

use core::fmt;
use core::time::Duration;
use std::fs::File;
use std::io::{self, BufRead as _, ErrorKind, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use nt35e_sim::aliyun::{Channel, CloudServer, CloudSettings};
use nt35e_sim::fault::{Incident, Schedule};
use nt35e_sim::modem::{ModemSettings, Noise, Radio};
#[cfg(feature = "tls")]
use nt35e_sim::tls::Identity;
use nt35e_sim::wire::{CloudStriker, ModemServer, Resolve, ServerSettings};

pub(crate) use options::Options;
use options::{DEVICE, Faults};
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
    let (said, orders) = channel();
    listen_to_user(&said)?;
    let seed = options.seed.unwrap_or_else(|| since_1970().as_secs());
    let schedule = options.schedule(seed);
    #[cfg(feature = "tls")]
    let identity = options.tls.then(Identity::of_the_platform).transpose().map_err(Failure::Cloud)?;
    let cloud = start_cloud(
        options,
        #[cfg(feature = "tls")]
        identity.as_ref(),
    )?;
    let cloud = cloud.map(Arc::new);
    let resolve = match (&cloud, options.broker) {
        (Some(cloud), _) => Resolve::All(cloud.address()),
        (None, Some(broker)) => Resolve::All(broker),
        (None, None) => Resolve::System,
    };
    let traffic = TrafficLog::start(create_transcript(options)?).map_err(Failure::Output)?;
    let mut settings = ServerSettings::new(modem_settings(options, seed), resolve);
    settings.tls_in_clear = options.tls_in_clear;
    settings.observer = Some(traffic.observer());
    #[cfg(feature = "tls")]
    if let Some(identity) = identity {
        settings.trust = Some(identity.trust().map_err(Failure::Cloud)?);
    }
    let server = start_modem(options, settings, cloud.as_ref())?;
    introduce(options, &server).map_err(Failure::Output)?;
    announce(options, seed, &schedule).map_err(Failure::Output)?;
    std::thread::spawn(move || follow(&schedule, &said));
    if let Some(cloud) = &cloud {
        let cloud = Arc::clone(cloud);
        std::thread::spawn(move || console::watch(&cloud));
    }
    obey(&orders, &server, cloud.as_deref());
    drop(server);
    traffic.finish().map_err(Failure::Output)
}

/// What is to be done.
enum Said {
    /// A line that the user has typed.
    Typed(String),
    /// What the schedule has for now.
    Due(Incident),
}

/// Passes on what the user types; Ctrl-C is the line `quit`.
fn listen_to_user(said: &Sender<Said>) -> Result<(), Failure> {
    let (typed, on_signal) = (said.clone(), said.clone());
    ctrlc::set_handler(move || {
        let _ = on_signal.send(Said::Typed("quit".to_owned()));
    })
    .map_err(Failure::Signal)?;
    // Nothing can wake a thread that waits for the keyboard; it ends with the program.
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if typed.send(Said::Typed(line)).is_err() {
                return;
            }
        }
    });
    Ok(())
}

/// Gives the orders of the schedule when they are due. Like the thread above, it ends with the program.
fn follow(schedule: &Schedule, said: &Sender<Said>) {
    let start = Instant::now();
    for incident in &schedule.incidents {
        std::thread::sleep(incident.at.saturating_sub(start.elapsed()));
        if said.send(Said::Due(*incident)).is_err() {
            return;
        }
    }
}

/// Does what it is told, until that is to stop.
fn obey(orders: &Receiver<Said>, server: &ModemServer, cloud: Option<&CloudServer>) {
    for order in orders {
        let answer = match order {
            Said::Typed(line) => match Order::parse(&line) {
                Ok(Order::Quit) => return,
                Ok(order) => order.perform(server, cloud),
                Err(wrong) => Some(wrong),
            },
            Said::Due(incident) => {
                let answer = Order::Fault(incident.place, incident.fault).perform(server, cloud);
                traffic::show_fault(&incident);
                answer
            }
        };
        if let Some(answer) = answer {
            anstream::println!("{answer}");
        }
    }
}

/// The built-in cloud, unless the connections lead elsewhere.
fn start_cloud(
    options: &Options,
    #[cfg(feature = "tls")] identity: Option<&Identity>,
) -> Result<Option<CloudServer>, Failure> {
    if options.broker.is_some() || options.dns {
        return Ok(None);
    }
    let channel = if options.tls_in_clear { Channel::Tls } else { Channel::Plain };
    let epoch = since_1970().as_millis() as u64;
    let (devices, products) = (options.devices(), options.product.clone());
    let mut settings = CloudSettings { devices, products, epoch, ..CloudSettings::default() };
    // Names and values were checked when the command line was read.
    for (name, value) in &options.cloud {
        let _ = settings.set(name, value);
    }
    #[cfg(feature = "tls")]
    if let Some(identity) = identity {
        return CloudServer::start_tls("127.0.0.1:0", identity.clone(), settings).map(Some).map_err(Failure::Cloud);
    }
    CloudServer::start_on("127.0.0.1:0", channel, settings).map(Some).map_err(Failure::Cloud)
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn start_modem(
    options: &Options,
    mut settings: ServerSettings,
    cloud: Option<&Arc<CloudServer>>,
) -> Result<ModemServer, Failure> {
    settings.cloud = cloud.map(|cloud| -> CloudStriker {
        let cloud = Arc::clone(cloud);
        Box::new(move |fault| cloud.cloud().strike(fault, cloud.now()))
    });
    if options.pty {
        ModemServer::start_pty(settings).map_err(Failure::Pty)
    } else {
        ModemServer::start_tcp(options.listen, settings)
            .map_err(|error| Failure::Listen(options.listen.to_string(), error))
    }
}

/// Names and values were checked when the command line was read.
fn modem_settings(options: &Options, seed: u64) -> ModemSettings {
    let mut settings = ModemSettings {
        baud_rate: options.baud_rate,
        radio: Radio { clock: since_1970().as_secs(), ..Radio::default() },
        noise: Noise { seed, ..Noise::default() },
        already_running: options.already_running,
        ..ModemSettings::default()
    };
    for (name, value) in &options.quirk {
        let _ = settings.quirks.set(name, value);
    }
    for (name, delay) in &options.delay {
        settings.delays.set(name, *delay);
    }
    for (name, number) in &options.noise {
        let _ = settings.noise.set(name, *number);
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
    for product in &options.product {
        writeln!(out, "product  {}, whose devices can register", product.product_key)?;
    }
    for (name, value) in &options.cloud {
        writeln!(out, "cloud    {name}={value}")?;
    }
    for (name, value) in &options.quirk {
        writeln!(out, "quirk    {name}={value}")?;
    }
    Ok(())
}

/// Says what is going to go wrong, so that it can be repeated, and what is to be seen below.
fn announce(options: &Options, seed: u64, schedule: &Schedule) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    if matches!(options.faults, Some(Faults::Random(_))) || !options.noise.is_empty() {
        writeln!(out, "seed     {seed}")?;
    }
    for incident in &schedule.incidents {
        writeln!(out, "fault    {incident}")?;
    }
    let faults = if schedule.incidents.is_empty() { "" } else { ", ! a fault" };
    let cloud = if options.broker.is_none() && !options.dns { ", * at the cloud" } else { "" };
    writeln!(
        out,
        "Ctrl-C stops; help and Enter lists what can be typed. Below: seconds, > from the host, < from the modem{cloud}{faults}."
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
