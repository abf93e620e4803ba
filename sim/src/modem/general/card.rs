//! The SIM: it is read first, and then ready, or waits for its PIN.
//!
//! ```text
//!  Busy ──after the delay──▶ PinNeeded ──right PIN──▶ Ready
//!                              │  └ wrong PIN, three times ──▶ PukNeeded
//!                              └ no PIN is asked for ──▶ Ready
//! ```

use core::time::Duration;

use crate::modem::at::{Arguments, Command, Form, Refusal};
use crate::modem::board::{Board, Reply};
use crate::modem::quirks::SimWhileRead;
use crate::modem::settings::Radio;

/// What of the SIM belongs to the modem; what belongs to the SIM itself is in [`Radio`].
#[derive(Debug)]
pub(super) struct Card {
    read_at: Duration,
    unlocked: bool,
}

impl Card {
    pub(super) fn new() -> Self {
        Self { read_at: Duration::ZERO, unlocked: false }
    }

    /// The modem begins to read it.
    pub(super) fn read(&mut self, board: &Board, now: Duration) {
        self.read_at = now + board.delays.sim;
    }

    /// It is asked for its PIN again.
    pub(super) fn lock(&mut self) {
        self.unlocked = false;
    }

    /// Whether it can be used, once it was read.
    pub(super) fn is_open(&self, radio: &Radio) -> bool {
        radio.sim && (self.unlocked || radio.pin.is_none()) && !is_blocked(radio)
    }

    /// Whether what needs no PIN can be read.
    pub(super) fn readable(&self, radio: &Radio, now: Duration) -> Result<(), Refusal> {
        if !radio.sim {
            return Err(Refusal::SimNotInserted);
        }
        if now < self.read_at { Err(Refusal::SimBusy) } else { Ok(()) }
    }

    /// Whether what needs the PIN can be read.
    pub(super) fn usable(&self, radio: &Radio, now: Duration) -> Result<(), Refusal> {
        self.readable(radio, now)?;
        if is_blocked(radio) {
            return Err(Refusal::SimPukRequired);
        }
        if self.is_open(radio) { Ok(()) } else { Err(Refusal::SimPinRequired) }
    }

    /// `None` if the command asks for something else; true if the SIM has just become usable.
    pub(super) fn execute(
        &mut self,
        radio: &mut Radio,
        board: &Board,
        command: &Command<'_>,
        now: Duration,
    ) -> Option<(Result<Reply, Refusal>, bool)> {
        match (command.name.as_str(), command.form) {
            ("+CPIN", Form::Read) => Some((self.state(radio, board, now), false)),
            ("+CPIN", Form::Set(pin)) => {
                let entered = self.enter(radio, pin, now);
                let is_new = entered.is_ok();
                Some((entered.map(|()| Reply::OK), is_new))
            }
            _ => None,
        }
    }

    fn state(&self, radio: &Radio, board: &Board, now: Duration) -> Result<Reply, Refusal> {
        match (self.usable(radio, now), board.quirks.sim_while_read) {
            (Ok(()), _) => Ok(Reply::line("+CPIN: READY")),
            (Err(Refusal::SimPinRequired), _) => Ok(Reply::line("+CPIN: SIM PIN")),
            (Err(Refusal::SimPukRequired), _) => Ok(Reply::line("+CPIN: SIM PUK")),
            (Err(Refusal::SimBusy), SimWhileRead::Absent) => Err(Refusal::SimNotInserted),
            (Err(Refusal::SimBusy), SimWhileRead::Failed) => Err(Refusal::SimFailure),
            (Err(Refusal::SimBusy), SimWhileRead::NotReady) => Ok(Reply::line("+CPIN: NOT READY")),
            (Err(refusal), _) => Err(refusal),
        }
    }

    fn enter(&mut self, radio: &mut Radio, arguments: &[u8], now: Duration) -> Result<(), Refusal> {
        let mut arguments = Arguments::new(arguments);
        let pin = arguments.text(8)?;
        arguments.end()?;
        match self.usable(radio, now) {
            Err(Refusal::SimPinRequired) => {}
            Err(refusal) => return Err(refusal),
            Ok(()) => return Err(Refusal::NotAllowed),
        }
        if radio.pin.as_deref() != Some(pin) {
            radio.wrong_pins += 1;
            return Err(Refusal::IncorrectPassword);
        }
        radio.wrong_pins = 0;
        self.unlocked = true;
        Ok(())
    }
}

fn is_blocked(radio: &Radio) -> bool {
    radio.pin.is_some() && radio.wrong_pins >= radio.pin_tries
}
