//! What every chapter of commands shares: quirks, delays, what is still to come, and the way to the network.

use core::time::Duration;

use super::agenda::Agenda;
use super::at::Input;
use super::network::NetworkRequest;
use super::quirks::Quirks;
use super::record::Record;
use super::serial::Matter;
use super::settings::{Delays, Registration};

/// The shared part of a modem.
#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) quirks: Quirks,
    pub(crate) delays: Delays,
    pub(crate) agenda: Agenda<Task>,
    pub(crate) network: Vec<NetworkRequest>,
    pub(crate) record: Record,
    last_ticket: u64,
}

/// Something still to be done.
#[derive(Debug)]
pub(crate) enum Task {
    /// The firmware has started.
    Booted,
    /// The search for a network ends.
    Register,
    /// The network changes its mind about the registration.
    Registration(Registration),
    /// PWRKEY was held for long enough.
    KeyHeld,
    /// RESET was held for long enough.
    ResetHeld,
    /// The supply was off for long enough.
    Discharged,
    /// A complete input is to be answered.
    Answer(Input),
    /// A line that answers nothing, and what it is.
    Urc(Vec<u8>, Matter),
    /// The result of an accepted command; without a line where it is not printed.
    Result { ticket: Ticket, line: Option<Vec<u8>> },
    /// A connection that did not come up by now never will.
    OpenTimeLimit(Ticket),
    /// The modem starts anew.
    Restart,
}

/// Connects an accepted command with its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    number: u64,
    /// The result is not printed earlier.
    not_before: Duration,
}

impl Ticket {
    /// When a result that is known now is printed.
    pub(crate) fn due(self, now: Duration) -> Duration {
        self.not_before.max(now)
    }
}

/// What a command that was not refused gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// These lines, then `OK`.
    Done(Vec<Vec<u8>>),
    /// `OK`, and a result with this ticket later.
    Accepted(Ticket),
    /// A prompt for this many bytes.
    Prompt(usize),
}

impl Reply {
    /// Just `OK`.
    pub(crate) const OK: Self = Self::Done(Vec::new());

    /// One line and `OK`.
    pub(crate) fn line(text: impl Into<Vec<u8>>) -> Self {
        Self::Done(vec![text.into()])
    }
}

impl Board {
    pub(crate) fn new(quirks: Quirks, delays: Delays) -> Self {
        Self { quirks, delays, agenda: Agenda::new(), network: Vec::new(), record: Record::default(), last_ticket: 0 }
    }

    /// A ticket for a command accepted now, whose result takes at least this long.
    pub(crate) fn ticket(&mut self, now: Duration, delay: Duration) -> Ticket {
        self.last_ticket += 1;
        Ticket { number: self.last_ticket, not_before: now + delay }
    }

    /// Prints a result as soon as its delay allows, and tells when that is.
    pub(crate) fn result(&mut self, ticket: Ticket, line: Option<Vec<u8>>, now: Duration) -> Duration {
        let due = ticket.due(now);
        self.agenda.add(due, Task::Result { ticket, line });
        due
    }

    /// Prints a line that answers nothing.
    pub(crate) fn urc(&mut self, line: impl Into<Vec<u8>>, due: Duration) {
        self.agenda.add(due, Task::Urc(line.into(), Matter::Other));
    }

    /// Prints a message from the broker.
    pub(crate) fn message(&mut self, line: Vec<u8>, topic: &str, payload: &[u8], due: Duration) {
        let matter = self.record.handed(topic, payload);
        self.agenda.add(due, Task::Urc(line, matter));
    }
}
