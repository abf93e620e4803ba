//! The command line: what it takes, and what is done then.

use core::net::SocketAddr;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Args, Parser, Subcommand};
use nt35e::aliyun::Region;

use crate::destination::{host_and_port, region_parser};
use crate::port::Place;
use crate::recording::Recording;
use crate::tap::Log;
use crate::{broker, check, probe, show, sign_in};

/// Whether a Lierda NT35E or NT26E module is fit for MQTT, before a line of firmware is written.
///
/// It runs the nt35e driver on this machine, over a serial port, so that what it proves is proven of the driver.
#[derive(Debug, Parser)]
#[command(name = "nt35e", version, after_help = AFTER_HELP)]
struct Options {
    #[command(subcommand)]
    order: Order,
}

const AFTER_HELP: &str = "\
Exit status: 0 all is well, 1 something is not, 2 wrong options.

  nt35e check --port /dev/ttyUSB0
  nt35e sign-in --port /dev/ttyUSB0 --product-key … --device-name … --device-secret-file secret.txt
  nt35e probe --port /dev/ttyUSB0 --host broker.example.com
  nt35e record check.at check --port /dev/ttyUSB0
  nt35e show check.at";

/// The exit status after Ctrl-C, as shells have it.
const BROKEN_OFF: i32 = 130;

#[derive(Debug, Subcommand)]
enum Order {
    #[command(flatten)]
    Task(Task),

    /// A broker for `probe`, on a machine that the modem reaches; it refuses, keeps silent and cuts the link on request
    Broker {
        /// Where it listens; whoever reaches it may use it, so stop it (Ctrl-C) when the probe is done
        #[arg(long, value_name = "ADDRESS:PORT", default_value = "0.0.0.0:1883")]
        listen: SocketAddr,
    },

    /// Does one of the three, and writes down what went over the line
    ///
    /// DeviceSecret, IMEI, ICCID and IMSI are masked in the file, in both directions. It is written whatever came of the
    /// task, and says `recorded` only if the port is the port of a machine, and not a simulator's.
    Record {
        /// The transcript; it must not exist yet
        file: PathBuf,
        #[command(subcommand)]
        task: Task,
    },

    /// Prints a transcript for people
    Show {
        /// The transcript
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Finds out whether module, SIM and network are fit for MQTT, and what to do if not
    Check(CheckOptions),
    /// Signs a device in at Alibaba Cloud IoT, and off again
    SignIn(SignInOptions),
    /// Finds out what this module does where modules differ, by safe experiments, and leaves it as it was
    ///
    /// Each experiment is described before it runs. What needs a broker, somebody at the supply or time is skipped unless it is
    /// there: --host, --with-restarts, --silence. A broker that refuses and cuts the link on request is `nt35e broker`; with any
    /// other some points stay undecided. Findings are no failures: the exit status is 0 if the probe came to its end.
    Probe(ProbeOptions),
}

/// What `check` takes.
#[derive(Args, Debug)]
pub(crate) struct CheckOptions {
    #[command(flatten)]
    pub(crate) modem: ModemOptions,

    /// For machines: one JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,

    /// Shows IMEI, SIM number and subscriber, instead of how long they are
    #[arg(long)]
    pub(crate) show_numbers: bool,
}

/// Where the modem is.
#[derive(Args, Clone, Debug)]
pub(crate) struct ModemOptions {
    #[command(flatten)]
    line: LineOptions,

    /// The only baud rate to try, where it is known
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "tcp")]
    pub(crate) baud_rate: Option<u32>,

    /// How long the network may take to take the modem in
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub(crate) wait: u32,
}

#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
struct LineOptions {
    /// Serial port, such as /dev/ttyUSB0
    #[arg(long, value_name = "PATH")]
    port: Option<String>,

    /// A modem behind a TCP port, such as that of nt35e-sim
    #[arg(long, value_name = "HOST:PORT", value_parser = host_and_port)]
    tcp: Option<(String, u16)>,
}

/// What `sign-in` takes.
#[derive(Args, Debug)]
pub(crate) struct SignInOptions {
    #[command(flatten)]
    pub(crate) modem: ModemOptions,

    /// ProductKey of the device, from the console
    #[arg(long, value_name = "KEY")]
    pub(crate) product_key: String,

    /// DeviceName of the device, from the console
    #[arg(long, value_name = "NAME")]
    pub(crate) device_name: String,

    /// File that holds the DeviceSecret and nothing else, so that the secret is in no list of processes and no history
    #[arg(long, value_name = "FILE")]
    pub(crate) device_secret_file: PathBuf,

    /// Region of the product on the public instance
    #[arg(long, default_value = "cn-shanghai", value_parser = region_parser())]
    pub(crate) region: Region,

    /// MQTT host of the instance, instead of a region
    #[arg(long, conflicts_with = "region", value_name = "HOST:PORT", value_parser = host_and_port)]
    pub(crate) host: Option<(String, u16)>,
}

/// What `probe` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct ProbeOptions {
    #[command(flatten)]
    pub(crate) modem: ModemOptions,

    /// For machines: one JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,

    /// A broker that the modem reaches
    #[arg(long)]
    pub(crate) host: Option<String>,

    /// The broker's port
    #[arg(long, value_name = "PORT", default_value_t = 1883)]
    pub(crate) broker_port: u16,

    /// The broker's port for TLS; skipped without
    #[arg(long, value_name = "PORT")]
    pub(crate) tls_port: Option<u16>,

    /// User name at the broker; anonymous without
    #[arg(long)]
    pub(crate) username: Option<String>,

    /// Password at the broker
    #[arg(long, requires = "username")]
    pub(crate) password: Option<String>,

    /// How client ids begin
    #[arg(long, value_name = "PREFIX", default_value = "nt35e-", value_parser = plain)]
    pub(crate) client_id: String,

    /// How topics begin
    #[arg(long, value_name = "PREFIX", default_value = "nt35e-probe", value_parser = plain)]
    pub(crate) topic: String,

    /// PIN of the SIM, if it has one
    #[arg(long, value_name = "PIN", value_parser = plain)]
    pub(crate) sim_pin: Option<String>,

    /// Asks you to cut the supply and to press keys
    #[arg(long)]
    pub(crate) with_restarts: bool,

    /// Looks for sleep after pauses of up to so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) silence: Option<u32>,

    /// Only these experiments
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) only: Vec<String>,

    /// Names the experiments, and does none
    #[arg(long)]
    pub(crate) list: bool,
}

/// Takes what can stand in a command line of the modem.
fn plain(text: &str) -> Result<String, &'static str> {
    let is_plain = text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    if is_plain { Ok(text.to_owned()) } else { Err("up to 32 printable characters, without spaces and quotes") }
}

impl ModemOptions {
    pub(crate) fn place(&self) -> Place {
        match (&self.line.port, &self.line.tcp) {
            (Some(path), _) => Place::Serial { path: path.clone(), baud_rate: self.baud_rate },
            // clap has made sure that there is one of the two.
            (None, tcp) => Place::Tcp(tcp.clone().unwrap_or_default()),
        }
    }
}

impl Task {
    fn modem(&self) -> &ModemOptions {
        match self {
            Self::Check(options) => &options.modem,
            Self::SignIn(options) => &options.modem,
            Self::Probe(options) => &options.modem,
        }
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Check(_) => "check",
            Self::SignIn(_) => "sign-in",
            Self::Probe(_) => "probe",
        }
    }

    /// Does it; false if something is not well.
    fn run(&self, log: &Log) -> Result<bool, String> {
        match self {
            Self::Check(options) => Ok(check::run(options, log)),
            Self::SignIn(options) => sign_in::run(options, log).map(|()| true),
            Self::Probe(options) => probe::run(options, log),
        }
    }

    /// Whether it tidies up after Ctrl-C, and ends by itself.
    const fn tidies_up(&self) -> bool {
        matches!(self, Self::Probe(_))
    }
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let options = Options::parse();
    let done = match options.order {
        Order::Task(task) => alone(&task),
        Order::Broker { listen } => serve(listen),
        Order::Record { file, task } => record(file, &task),
        Order::Show { file } => show::run(&file).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn alone(task: &Task) -> Result<bool, String> {
    if task.tidies_up() {
        ctrlc::set_handler(probe::interrupt).map_err(|error| error.to_string())?;
    }
    task.run(&Log::new())
}

fn serve(listen: SocketAddr) -> Result<bool, String> {
    let listener = TcpListener::bind(listen).map_err(|error| format!("{listen}: {error}"))?;
    println!("listening on {listen}");
    broker::serve(&listener).map(|()| true).map_err(|error| error.to_string())
}

/// Does a task, and writes the transcript whatever came of it; after Ctrl-C, what there is by then.
fn record(file: PathBuf, task: &Task) -> Result<bool, String> {
    let (name, provenance) = (task.name(), task.modem().place().provenance());
    let recording = Arc::new(Mutex::new(Some(Recording::create(file)?)));
    let log = Log::new();
    let write = {
        let log = log.clone();
        move || {
            // Held while it writes, so that nobody ends the program meanwhile.
            let mut recording = recording.lock().unwrap_or_else(PoisonError::into_inner);
            recording.take().map_or(Ok(()), |recording| recording.write(&log, name, provenance))
        }
    };
    let on_signal = write.clone();
    let tidies_up = task.tidies_up();
    let handler = move || {
        if tidies_up {
            probe::interrupt();
            return;
        }
        if let Err(failure) = on_signal() {
            eprintln!("error: {failure}");
        }
        std::process::exit(BROKEN_OFF);
    };
    ctrlc::set_handler(handler).map_err(|error| error.to_string())?;
    let done = task.run(&log);
    write()?;
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(words: &str) -> clap::error::ErrorKind {
        Options::try_parse_from(words.split(' ')).unwrap_err().kind()
    }

    #[test]
    fn a_modem_is_at_a_port_or_behind_tcp_and_not_at_both() {
        use clap::error::ErrorKind;
        assert_eq!(refusal("nt35e check"), ErrorKind::MissingRequiredArgument);
        assert_eq!(refusal("nt35e check --port COM3 --tcp localhost:1"), ErrorKind::ArgumentConflict);
        assert_eq!(refusal("nt35e check --tcp localhost:1 --baud-rate 9600"), ErrorKind::ArgumentConflict);
        assert_eq!(refusal("nt35e sign-in --port COM3"), ErrorKind::MissingRequiredArgument);
        let options =
            Options::try_parse_from("nt35e record x.at check --port COM3 --baud-rate 9600".split(' ')).unwrap();
        let Order::Record { task, .. } = options.order else { panic!("a recording") };
        let Place::Serial { path, baud_rate } = task.modem().place() else { panic!("a port") };
        assert_eq!((path.as_str(), baud_rate), ("COM3", Some(9600)));
    }
}
