//! Signal, registration and the clock that comes with it.
//!
//! ```text
//!        AT+CFUN=1, power-on, PIN         after the delay
//! Off ───────────────────────▶ Searching ─────────────────▶ Registered | Denied …
//!  ▲            AT+CFUN=0          │                              │
//!  └───────────────────────────────┴──────────────────────────────┘
//! ```

use core::time::Duration;

use super::card::Card;
use super::clock;
use super::packet::{Contexts, Packet};
use super::wishes::Wishes;
use crate::modem::at::{Arguments, Command, Form, Refusal};
use crate::modem::board::{Board, Reply, Task};
use crate::modem::quirks::PinAfterRadio;
use crate::modem::settings::{Radio, Registration};

const NOT_SEARCHING: u8 = 0;
const SEARCHING: u8 = 2;

/// Where the cell is, for `AT+CEREG=2`.
const CELL: &str = "\"1A2B\",\"00C3D4E5\",7";

/// The radio part of the device.
#[derive(Debug)]
pub(crate) struct RadioState {
    pub(crate) settings: Radio,
    card: Card,
    packet: Packet,
    wishes: Wishes,
    /// The `<stat>` of `+CEREG`.
    status: u8,
    /// The `<n>` of `AT+CEREG=<n>`.
    report: u32,
    on: bool,
    powered_on_at: Duration,
}

impl RadioState {
    pub(super) fn new(settings: &Radio, powered_on_at: Duration) -> Self {
        Self {
            settings: settings.clone(),
            card: Card::new(),
            packet: Packet::new(),
            wishes: Wishes::default(),
            status: NOT_SEARCHING,
            report: 0,
            on: true,
            powered_on_at,
        }
    }

    /// Whether the network has taken the modem in, for data.
    pub(crate) fn is_attached(&self) -> bool {
        matches!(self.status, 1 | 5 | 9 | 10)
    }

    /// Whether data can flow.
    pub(crate) fn has_address(&self, board: &Board, now: Duration) -> bool {
        self.packet.has_address(&self.settings, board, now)
    }

    /// Whether what needs no PIN can be read from the SIM.
    pub(super) fn sim_readable(&self, now: Duration) -> Result<(), Refusal> {
        self.card.readable(&self.settings, now)
    }

    /// Whether what needs the PIN can be read from the SIM.
    pub(super) fn sim_usable(&self, now: Duration) -> Result<(), Refusal> {
        self.card.usable(&self.settings, now)
    }

    /// What it does not forget without power.
    pub(crate) fn contexts(&self) -> Contexts {
        self.packet.contexts.clone()
    }

    /// Is as before it lost its power in this.
    pub(crate) fn keep_contexts(&mut self, contexts: Contexts) {
        self.packet.contexts = contexts;
    }

    /// The clock begins to count.
    pub(crate) fn powered_on(&mut self, now: Duration) {
        self.powered_on_at = now;
    }

    /// Reads the SIM, and begins the search for a network.
    pub(crate) fn search(&mut self, board: &mut Board, now: Duration) {
        self.card.read(board, now);
        let delay = board.delays.sim;
        self.search_after(delay, board, now);
    }

    fn search_after(&mut self, delay: Duration, board: &mut Board, now: Duration) {
        board.agenda.retain(|task| !matches!(task, Task::Register | Task::Registration(_)));
        let may_search = self.card.is_open(&self.settings) && self.wishes.allow(&self.settings);
        self.packet.lost();
        self.status = if may_search { SEARCHING } else { NOT_SEARCHING };
        if may_search {
            board.agenda.add(now + delay + board.delays.register, Task::Register);
            for (time, registration) in &self.settings.registration_course {
                board.agenda.add(now + *time, Task::Registration(*registration));
            }
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
        if self.on && self.card.is_open(&self.settings) && self.wishes.allow(&self.settings) {
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
            Registration::Home => 1,
            Registration::Never => SEARCHING,
            Registration::Denied => 3,
            Registration::Unknown => 4,
            Registration::Roaming => 5,
            Registration::MessagesHome => 6,
            Registration::MessagesRoaming => 7,
            Registration::Emergency => 8,
            Registration::DataHome => 9,
            Registration::DataRoaming => 10,
            Registration::Restricted => 11,
        }
    }

    fn set_status(&mut self, board: &mut Board, status: u8, now: Duration) {
        if self.status == status {
            return;
        }
        let was_attached = self.is_attached();
        self.status = status;
        match (was_attached, self.is_attached()) {
            (false, true) => self.packet.registered(now),
            (true, false) => self.packet.lost(),
            _ => {}
        }
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
        if let Some((reply, is_new)) = self.card.execute(&mut self.settings, board, command, now) {
            if is_new {
                self.search_after(Duration::ZERO, board, now);
            }
            return Some(reply);
        }
        if let Some(reply) = self.packet.execute(&self.settings, board, command, now) {
            return Some(reply);
        }
        if let Some((reply, is_new)) = self.wishes.execute(&self.settings, self.is_attached(), board, command) {
            return Some(if is_new { self.operator_chosen(board, now) } else { reply });
        }
        let line = match (command.name.as_str(), command.form) {
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
            ("+CCLK", Form::Read) => Ok(format!("+CCLK: {}", self.clock(board, now))),
            ("+CFUN", Form::Read) => Ok(format!("+CFUN: {}", u8::from(self.on))),
            ("+CFUN", Form::Test) => Ok("+CFUN: (0,1),(0,1)".to_owned()),
            ("+CFUN", Form::Set(arguments)) => return Some(self.set_function(board, arguments, now)),
            _ => return None,
        };
        Some(line.map(Reply::line))
    }

    /// Another operator was chosen: the one that is there, or one that is not.
    fn operator_chosen(&mut self, board: &mut Board, now: Duration) -> Result<Reply, Refusal> {
        if self.wishes.allow(&self.settings) {
            if self.on && !self.is_attached() {
                self.search_after(Duration::ZERO, board, now);
            }
            return Ok(Reply::OK);
        }
        board.agenda.retain(|task| !matches!(task, Task::Register | Task::Registration(_)));
        self.set_status(board, NOT_SEARCHING, now);
        Err(Refusal::NoNetworkService)
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
            if board.quirks.pin_after_radio == PinAfterRadio::Asked {
                self.card.lock();
            }
            board.agenda.retain(|task| !matches!(task, Task::Register | Task::Registration(_)));
            self.set_status(board, NOT_SEARCHING, now);
        }
        Ok(Reply::OK)
    }

    /// The network tells the time at registration; before it, the clock counts from long ago.
    fn clock(&self, board: &Board, now: Duration) -> String {
        let running = now.saturating_sub(self.powered_on_at).as_secs();
        let known = self.is_attached();
        let begin = if known { self.settings.clock } else { clock::epoch(board.quirks.clock_epoch) };
        let seconds = begin + running;
        clock::format(seconds, known, board.quirks.clock_format)
    }
}
