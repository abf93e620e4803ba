//! The command line: what it takes, and what is done then.

use core::net::SocketAddr;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Args, Parser, Subcommand};

use crate::destination::host_and_port;
use crate::port::Place;
use crate::probe::ProbeOptions;
use crate::recording::{BROKEN_OFF, Recording};
use crate::shell::ShellOptions;
use crate::sign_in::SignInOptions;
use crate::tap::Log;
use crate::{broker, check, probe, replay, shell, show, sign_in};

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
  nt35e record check.at check --port /dev/ttyUSB0
  nt35e shell --port /dev/ttyUSB0
  nt35e probe --port /dev/ttyUSB0 --host broker.example
  nt35e show check.at
  nt35e replay check.at";

/// The exit status after Ctrl-C, as shells have it.
const INTERRUPTED: i32 = 130;

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

    /// Does one of these, and writes down what went over the line
    ///
    /// DeviceSecret, IMEI, ICCID and IMSI are masked in the file, in both directions. It is written whatever came of the
    /// task, and says `recorded` only if the port is the port of a machine, and not a simulator's.
    Record {
        /// The transcript; it must not exist yet
        file: PathBuf,
        #[command(subcommand)]
        task: Task,
    },

    /// Does a recorded task again on what the modem said then, and compares what comes of it
    ///
    /// Neither modem nor network is needed, and nothing is waited for. The exit status is 0 if the driver sends the same, and
    /// tells the same, as it did then; otherwise the first difference is shown.
    Replay {
        /// The transcript, as `nt35e record` wrote it
        file: PathBuf,
    },

    /// Prints a transcript for people
    Show {
        /// The transcript
        file: PathBuf,
        /// Draws it as a sequence diagram instead, into this file
        #[arg(long, value_name = "OUT.svg")]
        svg: Option<PathBuf>,
    },
}

/// What can be recorded, and but for the probe replayed.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Finds out whether module, SIM and network are fit for MQTT, and what to do if not
    Check(CheckOptions),
    /// Signs a device in at Alibaba Cloud IoT, and off again
    SignIn(Box<SignInOptions>),
    /// Takes orders and raw lines, explains each answer, and shows events as they come
    ///
    /// Standard input may be a terminal, with history and completion, or a script: one order a line, and the exit status is 0
    /// only if none failed.
    Shell(ShellOptions),
    /// Finds out what this module does where modules differ, by safe experiments, and leaves it as it was
    ///
    /// Each experiment is described before it runs. What needs a broker, somebody at the supply or time is skipped unless it is
    /// there: --host, --with-restarts, --silence. A broker that refuses and cuts the link on request is `nt35e broker`; with any
    /// other some points stay undecided. Findings are no failures: the exit status is 0 if the probe came to its end.
    Probe(Box<ProbeOptions>),
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

impl ModemOptions {
    /// The options as words, but for where the modem is.
    pub(crate) fn words(&self) -> Vec<String> {
        let line = if self.line.port.is_some() { ["--port", "recorded"] } else { ["--tcp", "recorded:1"] };
        let rate = self.baud_rate.map(|rate| ["--baud-rate".to_owned(), rate.to_string()]);
        let wait = ["--wait".to_owned(), self.wait.to_string()];
        line.map(str::to_owned).into_iter().chain(rate.into_iter().flatten()).chain(wait).collect()
    }

    pub(crate) fn place(&self) -> Place {
        match (&self.line.port, &self.line.tcp) {
            (Some(path), _) => Place::Serial { path: path.clone(), baud_rate: self.baud_rate },
            // clap has made sure that there is one of the two.
            (None, tcp) => Place::Tcp(tcp.clone().unwrap_or_default()),
        }
    }
}

/// The options of a recorded task.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct Recorded {
    #[command(subcommand)]
    task: Task,
}

impl Task {
    /// The task that a recording names.
    pub(crate) fn recorded(text: &str) -> Result<Self, String> {
        let words = shlex::split(text).ok_or("its task cannot be read")?;
        Recorded::try_parse_from(words).map(|recorded| recorded.task).map_err(|error| {
            format!("its task cannot be read: {}", error.to_string().lines().next().unwrap_or_default())
        })
    }

    fn modem(&self) -> &ModemOptions {
        match self {
            Self::Check(options) => &options.modem,
            Self::SignIn(options) => &options.modem,
            Self::Shell(options) => &options.modem,
            Self::Probe(options) => &options.modem,
        }
    }

    /// What a recording says of it.
    fn words(&self) -> String {
        let words = match self {
            Self::Check(options) => {
                [options.modem.words(), options.show_numbers.then(|| "--show-numbers".to_owned()).into_iter().collect()]
                    .concat()
            }
            Self::Shell(options) => options.modem.words(),
            // Nothing else of it is wanted, since it is not replayed.
            Self::Probe(options) => options.modem.words(),
            Self::SignIn(options) => options.secrets().map(|secrets| options.words(&secrets)).unwrap_or_default(),
        };
        [vec![self.name().to_owned()], words]
            .concat()
            .iter()
            .map(|word| shlex::try_quote(word).unwrap_or_default())
            .collect::<Vec<_>>()
            .join(" ")
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Check(_) => "check",
            Self::SignIn(_) => "sign-in",
            Self::Shell(_) => "shell",
            Self::Probe(_) => "probe",
        }
    }

    /// Whether it tidies up after Ctrl-C, and ends by itself.
    const fn tidies_up(&self) -> bool {
        matches!(self, Self::Probe(_))
    }

    /// Does it; false if something is not well.
    pub(crate) fn run(&self, log: &Log) -> Result<bool, String> {
        let done = match self {
            Self::Check(options) => Ok(check::run(options, log)),
            Self::SignIn(options) => sign_in::run(options, log).map(|()| true),
            Self::Shell(options) => shell::run(options, log),
            Self::Probe(options) => probe::run(options, log),
        };
        done.map_err(|failure| {
            let lines: Vec<_> = format!("error: {failure}").lines().map(|line| log.note(line)).collect();
            lines.join("\n").trim_start_matches("error: ").to_owned()
        })
    }
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let options = Options::parse();
    let done = match options.order {
        Order::Task(task) => on_interrupt(&task, || {}).and_then(|()| task.run(&Log::new())),
        Order::Broker { listen } => serve(listen),
        Order::Record { file, task } => record(file, &task),
        Order::Replay { file } => replay::run(&file),
        Order::Show { file, svg } => show::run(&file, svg.as_deref()).map(|()| true),
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

/// Does a task, and writes the transcript whatever came of it; after Ctrl-C, what there is by then.
fn record(file: PathBuf, task: &Task) -> Result<bool, String> {
    let (name, provenance) = (task.name(), task.modem().place().provenance());
    let recording = Arc::new(Mutex::new(Some(Recording::create(file)?)));
    let log = Log::new();
    log.act(&task.words());
    let write = {
        let log = log.clone();
        move || {
            // Held while it writes, so that nobody ends the program meanwhile.
            let mut recording = recording.lock().unwrap_or_else(PoisonError::into_inner);
            recording.take().map_or(Ok(()), |recording| recording.write(&log, name, provenance))
        }
    };
    let (on_signal, signalled) = (write.clone(), log.clone());
    let handler = move || {
        signalled.act(BROKEN_OFF);
        if let Err(failure) = on_signal() {
            eprintln!("error: {failure}");
        }
    };
    on_interrupt(task, handler)?;
    let done = task.run(&log);
    write()?;
    done
}

/// Ends the program on Ctrl-C, which frees the port, once something is done; or lets the task end.
fn on_interrupt(task: &Task, work: impl Fn() + Send + 'static) -> Result<(), String> {
    let tidies_up = task.tidies_up();
    let handler = move || {
        if tidies_up {
            probe::interrupt();
            return;
        }
        work();
        eprintln!("error: broken off");
        std::process::exit(INTERRUPTED);
    };
    ctrlc::set_handler(handler).map_err(|error| error.to_string())
}

fn serve(listen: SocketAddr) -> Result<bool, String> {
    let listener = TcpListener::bind(listen).map_err(|error| format!("{listen}: {error}"))?;
    println!("listening on {listen}");
    broker::serve(&listener).map(|()| true).map_err(|error| error.to_string())
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
