//! Why a command failed: which command, in which stage, from what cause.

use super::code::Refusal;
use super::encode::EncodeError;

/// The stage that a command was in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Stage {
    /// Getting back in step with the modem, before the command itself.
    Resync,
    /// Sending the command line.
    Send,
    /// Waiting for the prompt that asks for the payload.
    Prompt,
    /// Sending the payload.
    Payload,
    /// Waiting for `OK` or `ERROR`.
    Acceptance,
    /// Accepted; waiting for the result URC.
    Result,
}

/// What ended the command.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Cause {
    /// The stage took longer than it may.
    Timeout,
    /// The modem may be waiting for the rest of a payload whose owner has given it up, and would take a command for it.
    /// It has to be restarted, and if its boot banner may be missed, [`Engine::modem_restarted`](super::Engine::modem_restarted) has to be told.
    PayloadOwed,
    /// The modem refused.
    Refused(Refusal),
    /// The modem restarted or switched itself off.
    Restarted,
    /// The answer did not have the form that the command promises.
    Malformed,
    /// The answer was longer than half of the RX buffer.
    AnswerTooLong,
    /// The answer was asked for before there was one.
    Unfinished,
}

/// A command failed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CommandError {
    /// The name, as it follows `AT`; empty for a raw command.
    pub name: &'static str,
    /// The stage in which it failed.
    pub stage: Stage,
    /// Why.
    pub cause: Cause,
}

impl core::fmt::Display for CommandError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "AT{} failed in stage {:?}: {:?}", self.name, self.stage, self.cause)
    }
}

impl core::error::Error for CommandError {}

/// A command could not be started. Nothing was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SubmitError {
    /// The rest of an abandoned command is still being sent: poll on, then submit again.
    Busy,
    /// The command line could not be written.
    Encode(EncodeError),
}
