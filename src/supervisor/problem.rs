//! What an error means for what comes next.

use super::back_off::Trouble;
use super::ladder::Evidence;
use crate::at::{Cause, CommandError, Stage};
use crate::client::{BringUpFailure, Error, Failure};
use crate::command::{ConnectFailure, OpenFailure, ReturnCode, SubscribeFailure};

/// What stands in the way.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Problem {
    /// The modem does not answer.
    Silent,
    /// The modem waits for the rest of a payload, and hears no command until it is restarted.
    Deaf,
    /// The modem restarted in the middle of it.
    Restarted,
    /// The modem refuses what works otherwise, or answers what makes no sense.
    Rejected,
    /// The SIM is absent, broken or locked. Someone may have to see to it.
    NoSim,
    /// The network does not take the modem in.
    NoNetwork,
    /// The broker cannot be reached, or does not answer.
    Unreachable,
    /// The broker has no time now.
    Busy,
    /// The broker does not want this device: wrong credentials, or a device that is disabled. Someone has to see to it.
    Refused,
    /// What was asked for breaks a rule. The firmware has to be changed.
    Invalid,
    /// The session has ended.
    Lost,
    /// The broker has ended several sessions soon after they began, as it does when another device signs in with the same
    /// identity.
    Contended,
}

impl Problem {
    /// What an error of a front-end means.
    pub fn of<E>(error: &Error<E>) -> Self {
        match error {
            Error::Command(error) => Self::of_command(error),
            Error::NotRegistered(_) | Error::BringUp(BringUpFailure::NotAttached | BringUpFailure::NoAddress) => {
                Self::NoNetwork
            }
            Error::BringUp(BringUpFailure::NoAnswer { cause: Cause::Timeout, .. }) => Self::Silent,
            Error::BringUp(BringUpFailure::Sim(_) | BringUpFailure::SimPin(_)) => Self::NoSim,
            Error::Open(OpenFailure::Parameter) | Error::Invalid(_) | Error::TxTooSmall { .. } => Self::Invalid,
            Error::Open(_) | Error::Subscribe(SubscribeFailure::SendFailed) => Self::Unreachable,
            Error::Connect(failure) => Self::of_sign_in(*failure),
            Error::Subscribe(_) => Self::Refused,
            Error::NotConnected => Self::Lost,
            _ => Self::Rejected,
        }
    }

    const fn of_command(error: &CommandError) -> Self {
        match error.cause {
            Cause::PayloadOwed => Self::Deaf,
            Cause::Restarted => Self::Restarted,
            // The modem has accepted it, and waits for others.
            Cause::Timeout if matches!(error.stage, Stage::Result) => Self::Unreachable,
            Cause::Timeout => Self::Silent,
            _ => Self::Rejected,
        }
    }

    const fn of_sign_in(failure: ConnectFailure) -> Self {
        match failure {
            ConnectFailure::Refused(ReturnCode::ServerUnavailable) => Self::Busy,
            ConnectFailure::Refused(code) if !matches!(code, ReturnCode::SendFailed) => Self::Refused,
            _ => Self::Unreachable,
        }
    }

    /// What the pause is for.
    pub(super) const fn trouble(self) -> Trouble {
        match self {
            Self::Silent | Self::Deaf | Self::Restarted | Self::Rejected | Self::NoSim | Self::NoNetwork => {
                Trouble::Local
            }
            Self::Unreachable | Self::Busy | Self::Lost => Trouble::Link,
            Self::Refused | Self::Invalid => Trouble::Refused,
            Self::Contended => Trouble::Contended,
        }
    }

    /// What it says of the modem, if it may be the modem's fault.
    pub(super) const fn evidence(self) -> Option<Evidence> {
        match self {
            Self::Silent => Some(Evidence::Silence),
            Self::Deaf => Some(Evidence::Deaf),
            Self::Rejected | Self::NoSim | Self::NoNetwork | Self::Unreachable => Some(Evidence::Stuck),
            // Whether a lost session was the modem's fault, the next sign-in will tell.
            Self::Restarted | Self::Busy | Self::Refused | Self::Invalid | Self::Lost | Self::Contended => None,
        }
    }

    /// Whether the broker has answered, so that nothing can be wrong with the modem.
    pub(super) const fn is_answer_of_broker(self) -> bool {
        matches!(self, Self::Busy | Self::Refused)
    }
}

/// Whether the broker may have a message although this was said of it.
pub(super) const fn may_have_arrived(error: &Failure) -> bool {
    match error {
        Failure::NotConnected | Failure::Invalid(_) | Failure::TxTooSmall { .. } => false,
        Failure::Command(CommandError { stage, cause, .. }) => match (stage, cause) {
            // Not sent to its end, or refused before the broker had a part in it.
            (Stage::Resync | Stage::Send, _) | (Stage::Prompt | Stage::Acceptance, Cause::Refused(_)) => false,
            _ => true,
        },
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::Problem;
    use crate::at::{Cause, CommandError, Stage};
    use crate::client::Failure;
    use crate::command::{ConnectFailure, OpenFailure, Registration, ReturnCode, SubscribeFailure};

    #[test]
    fn each_error_has_its_meaning() {
        let command = |stage, cause| Failure::Command(CommandError { name: "+LMQTTPUB", stage, cause });
        let refused = |code| Failure::Connect(ConnectFailure::Refused(code));
        for (error, problem) in [
            (command(Stage::Resync, Cause::Timeout), Problem::Silent),
            (command(Stage::Acceptance, Cause::Timeout), Problem::Silent),
            (command(Stage::Prompt, Cause::Timeout), Problem::Silent),
            (command(Stage::Result, Cause::Timeout), Problem::Unreachable),
            (command(Stage::Resync, Cause::PayloadOwed), Problem::Deaf),
            (command(Stage::Result, Cause::Restarted), Problem::Restarted),
            (command(Stage::Acceptance, Cause::Malformed), Problem::Rejected),
            (Failure::NotRegistered(Some(Registration::Searching)), Problem::NoNetwork),
            (Failure::Open(OpenFailure::Dns), Problem::Unreachable),
            (Failure::Open(OpenFailure::Parameter), Problem::Invalid),
            (refused(ReturnCode::BadCredentials), Problem::Refused),
            (refused(ReturnCode::NotAuthorized), Problem::Refused),
            (refused(ReturnCode::ClientId), Problem::Refused),
            (refused(ReturnCode::Other(77)), Problem::Refused),
            (refused(ReturnCode::ServerUnavailable), Problem::Busy),
            (refused(ReturnCode::SendFailed), Problem::Unreachable),
            (Failure::Connect(ConnectFailure::Unconfirmed), Problem::Unreachable),
            (Failure::Subscribe(SubscribeFailure::Refused), Problem::Refused),
            (Failure::Subscribe(SubscribeFailure::SendFailed), Problem::Unreachable),
            (Failure::NotConnected, Problem::Lost),
            (Failure::Unconfirmed { message_id: None }, Problem::Rejected),
            (Failure::NotSent(None), Problem::Rejected),
            (Failure::TxTooSmall { needed: 9, available: 8 }, Problem::Invalid),
        ] {
            assert_eq!(Problem::of(&error), problem, "{error:?}");
        }
    }
}
