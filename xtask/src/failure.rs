//! Why a chore did not get done, in one line and with the command that shows it again.

use core::fmt;

#[derive(Debug)]
pub(crate) struct Failure {
    reason: String,
    command: Option<String>,
}

impl Failure {
    /// A failure that no command of ours shows: something is missing or wrong, and the reason says what to do.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), command: None }
    }

    /// A failure of a command that can be repeated as it stands from the root of the repository.
    pub(crate) fn of_command(reason: impl Into<String>, command: String) -> Self {
        Self { reason: reason.into(), command: Some(command) }
    }

    /// For errors of the system: what was being tried, and what it said.
    pub(crate) fn while_trying(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::new(format!("{what}: {error}"))
    }

    pub(crate) fn command(&self) -> Option<&str> {
        self.command.as_deref()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.reason)
    }
}
