//! PWRKEY, RESET and the supply, as a board works them (`protocol.md` §5.1).
//!
//! ```text
//!  PWRKEY  held while off ──start_after──▶ boots        held while on ──stop_after──▶ NORMAL POWER DOWN, off
//!  RESET   pulled while on ──reset_after──▶ dead ──released──▶ boots
//!  supply  off ──discharge──▶ dead ──on──▶ off, or boots if PWRKEY is tied
//!          off, and on before that ──▶ as the quirk `short_supply_cut` says
//! ```
//! A press does one thing, however long it lasts.

use core::time::Duration;

use super::Modem;
use super::board::Task;
use super::quirks::ShortSupplyCut;
use super::run::Phase;

/// How long each has to be worked. Only how long working products do so is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// From pressing PWRKEY to the boot.
    pub start_after: Duration,
    /// From pressing PWRKEY to the power-down.
    pub stop_after: Duration,
    /// From pulling RESET until it counts.
    pub reset_after: Duration,
    /// From cutting the supply until the modem is dead.
    pub discharge: Duration,
    /// PWRKEY is tied, so that the modem starts with its supply.
    pub starts_with_supply: bool,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            start_after: Duration::from_millis(3_000),
            stop_after: Duration::from_millis(3_500),
            reset_after: Duration::from_millis(300),
            discharge: Duration::from_secs(5),
            starts_with_supply: false,
        }
    }
}

/// What is being worked now.
#[derive(Debug)]
pub(super) struct Inputs {
    power_key: bool,
    reset: Reset,
    supply: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Reset {
    Released,
    /// Not for long enough yet.
    Pulled,
    /// The modem starts when it is released.
    Held,
}

impl Inputs {
    pub(super) fn new() -> Self {
        Self { power_key: false, reset: Reset::Released, supply: true }
    }
}

impl Modem {
    /// Presses PWRKEY, or releases it.
    pub fn set_power_key(&mut self, pressed: bool, now: Duration) {
        self.run(now);
        if self.inputs.power_key == pressed {
            return;
        }
        self.inputs.power_key = pressed;
        if pressed && self.inputs.supply {
            let Keys { start_after, stop_after, .. } = self.settings.keys;
            let delay = if self.phase == Phase::Off { start_after } else { stop_after };
            self.board.agenda.add(now + delay, Task::KeyHeld);
        } else {
            self.board.agenda.retain(|task| !matches!(task, Task::KeyHeld));
        }
        self.run(now);
    }

    /// Pulls RESET, or releases it.
    pub fn set_reset(&mut self, pulled: bool, now: Duration) {
        self.run(now);
        match (&self.inputs.reset, pulled) {
            (Reset::Released, true) if self.inputs.supply && self.phase != Phase::Off => {
                self.inputs.reset = Reset::Pulled;
                self.board.agenda.add(now + self.settings.keys.reset_after, Task::ResetHeld);
            }
            (Reset::Pulled, false) => {
                self.inputs.reset = Reset::Released;
                self.board.agenda.retain(|task| !matches!(task, Task::ResetHeld));
            }
            (Reset::Held, false) => {
                self.inputs.reset = Reset::Released;
                self.power_on(now);
            }
            _ => {}
        }
        self.run(now);
    }

    /// Switches the supply on or off.
    pub fn set_supply(&mut self, on: bool, now: Duration) {
        self.run(now);
        if self.inputs.supply == on {
            return;
        }
        self.inputs.supply = on;
        if !on {
            self.board.agenda.add(now + self.settings.keys.discharge, Task::Discharged);
        } else if self.is_discharging() {
            self.board.agenda.retain(|task| !matches!(task, Task::Discharged));
            if self.board.quirks.short_supply_cut == ShortSupplyCut::Hangs && self.phase != Phase::Off {
                self.die(now);
                self.phase = Phase::Hung;
            }
        } else if self.settings.keys.starts_with_supply {
            self.power_on(now);
        }
        self.run(now);
    }

    /// Whether it has power, be it from its capacitors, and runs or boots.
    pub fn is_on(&self) -> bool {
        self.phase != Phase::Off
    }

    pub(super) fn key_held(&mut self, now: Duration) {
        match self.phase {
            Phase::Off if self.inputs.supply => self.power_on(now),
            // What hangs does not look at its key.
            Phase::Off | Phase::Hung => {}
            _ => self.power_down(now),
        }
    }

    pub(super) fn reset_held(&mut self, now: Duration) {
        self.die(now);
        self.inputs.reset = Reset::Held;
    }

    pub(super) fn discharged(&mut self, now: Duration) {
        self.die(now);
    }

    fn is_discharging(&self) -> bool {
        self.board.agenda.any(|task| matches!(task, Task::Discharged))
    }
}
