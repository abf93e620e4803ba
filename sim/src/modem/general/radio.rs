//! SIM, signal, registration and the clock that comes with it.
//!
//! ```text
//!        AT+CFUN=1, power-on              after the delay
//! Off ───────────────────────▶ Searching ─────────────────▶ Registered | Denied
//!  ▲            AT+CFUN=0          │                              │
//!  └───────────────────────────────┴──────────────────────────────┘
//! ```

use core::time::Duration;

use super::clock;
use crate::modem::at::{Arguments, Command, Form, Refusal};
use crate::modem::board::{Board, Reply, Task};
use crate::modem::settings::{Radio, Registration};

const NOT_SEARCHING: u8 = 0;
const HOME: u8 = 1;
const SEARCHING: u8 = 2;
const DENIED: u8 = 3;
const ROAMING: u8 = 5;

/// Where the cell is, for `AT+CEREG=2`.
const CELL: &str = "\"1A2B\",\"00C3D4E5\",7";

/// The radio part of the device.
#[derive(Debug)]
pub(crate) struct RadioState {
    pub(crate) settings: Radio,
    /// The `<stat>` of `+CEREG`.
    status: u8,
    /// The `<n>` of `AT+CEREG=<n>`.
    report: u32,
    on: bool,
    powered_on_at: Duration,
}

impl RadioState {
    pub(super) fn new(settings: &Radio, powered_on_at: Duration) -> Self {
        Self { settings: settings.clone(), status: NOT_SEARCHING, report: 0, on: true, powered_on_at }
    }

    /// Whether data can flow.
    pub(crate) fn is_attached(&self) -> bool {
        matches!(self.status, HOME | ROAMING)
    }

    /// Begins the search for a network.
    pub(crate) fn search(&mut self, board: &mut Board, now: Duration) {
        self.status = if self.settings.sim { SEARCHING } else { NOT_SEARCHING };
        board.agenda.retain(|task| !matches!(task, Task::Register));
        if self.settings.sim {
            board.agenda.add(now + board.delays.register, Task::Register);
        }
    }

    /// Ends the search, the way the settings say.
    pub(crate) fn register(&mut self, board: &mut Board, now: Duration) {
        if self.status != SEARCHING {
            return;
        }
        self.set_status(board, self.outcome(), now);
    }

    /// Lets the network change its mind; takes effect at once if the radio is on.
    pub(crate) fn set_registration(&mut self, board: &mut Board, registration: Registration, now: Duration) {
        self.settings.registration = registration;
        if self.on && self.settings.sim {
            self.set_status(board, self.outcome(), now);
        }
    }

    /// Puts the SIM in or takes it out; the search for a network begins or ends if the modem runs.
    pub(crate) fn insert_sim(&mut self, board: &mut Board, is_in: bool, is_running: bool, now: Duration) {
        if core::mem::replace(&mut self.settings.sim, is_in) == is_in || !is_running || !self.on {
            return;
        }
        if is_in {
            self.search(board, now);
        } else {
            self.set_status(board, NOT_SEARCHING, now);
        }
    }

    fn outcome(&self) -> u8 {
        match self.settings.registration {
            Registration::Home => HOME,
            Registration::Roaming => ROAMING,
            Registration::Denied => DENIED,
            Registration::Never => SEARCHING,
        }
    }

    fn set_status(&mut self, board: &mut Board, status: u8, now: Duration) {
        if self.status == status {
            return;
        }
        self.status = status;
        match self.report {
            0 => {}
            2 if self.is_attached() => board.urc(format!("+CEREG: {status},{CELL}"), now),
            _ => board.urc(format!("+CEREG: {status}"), now),
        }
    }

    /// `None` if the command asks for something else.
    pub(super) fn execute(
        &mut self,
        board: &mut Board,
        command: &Command<'_>,
        now: Duration,
    ) -> Option<Result<Reply, Refusal>> {
        let line = match (command.name.as_str(), command.form) {
            ("+CPIN", Form::Read) => self.with_sim("+CPIN: READY".to_owned()),
            ("+CSQ", Form::Execute) if self.on => {
                Ok(format!("+CSQ: {},{}", self.settings.signal, self.settings.bit_errors))
            }
            ("+CSQ", Form::Execute) => Ok("+CSQ: 99,99".to_owned()),
            ("+CEREG", Form::Read) => Ok(match self.report {
                2 if self.is_attached() => format!("+CEREG: 2,{},{CELL}", self.status),
                report => format!("+CEREG: {report},{}", self.status),
            }),
            ("+CEREG", Form::Test) => Ok("+CEREG: (0-2)".to_owned()),
            ("+CEREG", Form::Set(report)) => return Some(self.set_report(report)),
            ("+CGATT", Form::Read) => Ok(format!("+CGATT: {}", u8::from(self.is_attached()))),
            // Context 0 by EigenComm's numbering (`protocol.md` §5.2).
            ("+CGPADDR", Form::Execute) if self.is_attached() => {
                Ok(format!("+CGPADDR: 0,\"{}\"", self.settings.address))
            }
            ("+CGPADDR", Form::Execute) => return Some(Ok(Reply::OK)),
            ("+CCLK", Form::Read) => Ok(format!("+CCLK: {}", self.clock(board, now))),
            ("+CFUN", Form::Read) => Ok(format!("+CFUN: {}", u8::from(self.on))),
            ("+CFUN", Form::Test) => Ok("+CFUN: (0,1),(0,1)".to_owned()),
            ("+CFUN", Form::Set(arguments)) => return Some(self.set_function(board, arguments, now)),
            _ => return None,
        };
        Some(line.map(Reply::line))
    }

    fn with_sim(&self, line: String) -> Result<String, Refusal> {
        if self.settings.sim { Ok(line) } else { Err(Refusal::SimNotInserted) }
    }

    fn set_report(&mut self, report: &[u8]) -> Result<Reply, Refusal> {
        self.report = Arguments::new(report).integer(0..=2)?;
        Ok(Reply::OK)
    }

    fn set_function(&mut self, board: &mut Board, arguments: &[u8], now: Duration) -> Result<Reply, Refusal> {
        let mut arguments = Arguments::new(arguments);
        let on = arguments.integer(0..=1)? == 1;
        let restart = !arguments.is_empty() && arguments.integer(0..=1)? == 1;
        arguments.end()?;
        if restart {
            // `AT+CFUN=0,1` is used as a reboot in the field (`protocol.md` §5.1).
            board.agenda.add(now, Task::Restart);
        } else if on && !self.on {
            self.on = true;
            self.search(board, now);
        } else if !on {
            self.on = false;
            self.set_status(board, NOT_SEARCHING, now);
        }
        Ok(Reply::OK)
    }

    /// The network tells the time at registration; before it, the clock counts from 1970.
    fn clock(&self, board: &Board, now: Duration) -> String {
        let running = now.saturating_sub(self.powered_on_at).as_secs();
        let known = self.is_attached();
        let seconds = if known { self.settings.clock + running } else { running };
        clock::format(seconds, known, board.quirks.clock_format)
    }
}
