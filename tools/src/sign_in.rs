//! The main job: sign in, sign off; and if it fails, the likely cause.

use nt35e::aliyun::SignIn;
use nt35e::command::{ConnectFailure, OpenFailure, ReturnCode};
use nt35e::{BringUp, Duration, Error, Network, Progress, Triple};

use crate::check::{self, Memory};
use crate::cli::SignInOptions;
use crate::destination;
use crate::line::LineError;
use crate::mask;
use crate::report::Report;
use crate::tap::Log;

/// Signs the device in and off again.
pub(crate) fn run(options: &SignInOptions, log: &Log) -> Result<(), String> {
    let device_secret = destination::read_secret(&options.device_secret_file)?;
    mask::pieces(device_secret.as_bytes()).iter().for_each(|piece| log.conceal(piece));
    let triple = Triple::new(&options.product_key, &options.device_name, &device_secret)
        .map_err(|invalid| format!("{}: {invalid}", destination::option_of(invalid)))?;
    let mut sign_in = SignIn::new(triple).region(options.region);
    if let Some((host, port)) = &options.host {
        sign_in = sign_in.host(host, *port).map_err(|invalid| format!("--host: {invalid}"))?;
    }

    let tap = check::reach(&options.modem, log, &mut Report::new(false))
        .ok_or_else(|| "the modem was not reached".to_owned())?;
    let mut memory = Memory::new();
    let mut modem = memory.driver(tap);
    let wait = Duration::from_secs(options.modem.wait);
    let network = Network::default().registered_within(wait);
    modem
        .bring_up_with(&BringUp::new(network).attached_within(wait), |progress| show(progress, log))
        .map_err(|error| format!("{error}; `nt35e check` says what to do"))?;

    println!("signing in as {} of {}", options.device_name, options.product_key);
    let connection = modem.connect_aliyun(sign_in).map_err(|error| explain(&error))?;
    println!("signed in");
    let refused: Vec<_> = connection.refused().collect();
    if !refused.is_empty() {
        println!("the modem refused the settings {}; the driver does without", refused.join(", "));
    }
    modem.disconnect().map_err(|error| format!("signed in, but not off again: {error}"))?;
    println!("signed off");
    Ok(())
}

/// Shows what there is to show on the way, but for what stands for somebody.
fn show(progress: Progress<'_>, log: &Log) {
    match progress {
        Progress::Imei(number) | Progress::SimNumber(number) | Progress::Subscriber(number) => log.conceal(number),
        Progress::Model(name) => log.name_module(&check::text(name)),
        Progress::Firmware(name) => log.name_firmware(&check::text(name)),
        _ => println!("{progress}"),
    }
}

/// The failure, with its likely cause.
fn explain(error: &Error<LineError>) -> String {
    match likely_cause(error) {
        Some(cause) => format!("{error}\n  likely: {cause}"),
        None => error.to_string(),
    }
}

/// The platform's reasons are those of `aliyun.md` §2 and §5.
fn likely_cause(error: &Error<LineError>) -> Option<&'static str> {
    Some(match error {
        Error::Open(OpenFailure::Dns) => {
            "the host's name is wrong (--region, --host), or the access point has no way to the internet"
        }
        Error::Open(OpenFailure::PdpActivation | OpenFailure::NetworkDown) => {
            "the network carries no data (`nt35e check` says what to do), or nobody listens at this host and port"
        }
        Error::Open(_) => {
            "nobody listens there: wrong host or port, or the operator's SIM reaches chosen hosts alone; an instance with an \
             identifier of its own has its host in the console (--host)"
        }
        Error::Connect(ConnectFailure::Refused(ReturnCode::BadCredentials)) => {
            "a part of the triple is wrong, or the device is in another region or instance (--region, --host); compare all three \
             with the console"
        }
        Error::Connect(ConnectFailure::Refused(ReturnCode::ClientId)) => {
            "the platform does not take this kind of sign-in: accounts and instances opened since August 2022 may refuse plain TCP; \
             a keep-alive outside 30 to 1200 s is refused like this too, but is not what was asked for here"
        }
        Error::Connect(ConnectFailure::Refused(ReturnCode::NotAuthorized)) => {
            "the device is disabled or deleted in the console"
        }
        Error::Connect(ConnectFailure::Refused(ReturnCode::ServerUnavailable)) => {
            "the platform is busy, or more than five sign-ins came within a minute: wait, and try again"
        }
        Error::Connect(_) => {
            "the connection broke during the sign-in: weak signal, or plain TCP closed for this account"
        }
        Error::Command(_) => {
            "the firmware does not know a command of the sign-in: `nt35e check` names its MQTT commands"
        }
        _ => return None,
    })
}
