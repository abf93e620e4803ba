//! Why a sign-in fails: the likely cause of each failure.

use nt35e::command::{ConnectFailure, OpenFailure, ReturnCode, SimStatus};
use nt35e::{BringUpFailure, Error};

use crate::line::LineError;

/// The failure, with its likely cause.
pub(crate) fn explain(error: &Error<LineError>) -> String {
    match likely_cause(error) {
        Some(cause) => format!("{error}\n  likely: {cause}"),
        None => error.to_string(),
    }
}

/// The platform's reasons are those of `aliyun.md` §2 and §5.
fn likely_cause(error: &Error<LineError>) -> Option<&'static str> {
    Some(match error {
        Error::BringUp(BringUpFailure::Sim(SimStatus::PinNeeded)) => "the SIM wants a PIN: give it by --pin-file",
        Error::BringUp(BringUpFailure::SimPin(_)) => {
            "this is not the PIN of this SIM; three wrong ones lock it, so look at what is left before another try"
        }
        Error::BringUp(BringUpFailure::NotAttached | BringUpFailure::NoAddress) => {
            "the operator wants an access point of its own: give it by --apn"
        }
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
