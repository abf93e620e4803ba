//! Pins of the MCU at the lines of the simulated modem.

use core::cell::Cell;
use core::time::Duration as Time;
use std::rc::Rc;

use embedded_hal::digital::{ErrorKind, ErrorType, OutputPin};
use nt35e::power::{Line, Power};

use super::rig::Bench;

/// A pin of the MCU at a line of the simulated modem.
#[derive(Clone)]
pub(crate) struct Pin {
    pub(crate) bench: Bench,
    pub(crate) line: Line,
    /// Whether the line is worked when the pin is low.
    pub(crate) is_inverted: bool,
    pub(crate) worked: Rc<Cell<Worked>>,
}

/// What was done to a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Worked {
    pub(crate) is_high: bool,
    /// How often it has gone high.
    pub(crate) times: u32,
    /// How long it was as it was before.
    pub(crate) last: Time,
    pub(crate) since: Time,
    pub(crate) fails: bool,
}

impl Pin {
    pub(crate) fn new(bench: &Bench, line: Line) -> Self {
        // The supply is on, and no key is held.
        let worked = Worked { is_high: line == Line::Supply, ..Worked::default() };
        Self { bench: bench.clone(), line, is_inverted: false, worked: Rc::new(Cell::new(worked)) }
    }

    pub(crate) fn set(&self, is_high: bool) -> Result<(), Broken> {
        let mut worked = self.worked.get();
        if worked.fails {
            return Err(Broken);
        }
        let is_worked = is_high != self.is_inverted;
        let now = self.bench.with(|world| {
            match self.line {
                Line::PowerKey => world.set_power_key(is_worked),
                Line::Reset => world.set_reset(is_worked),
                Line::Supply => world.set_supply(is_worked),
            }
            world.now()
        });
        if worked.is_high != is_high {
            worked.times += u32::from(is_high);
            worked.last = now - worked.since;
            worked.since = now;
            worked.is_high = is_high;
        }
        self.worked.set(worked);
        Ok(())
    }
}

#[derive(Debug)]
pub(crate) struct Broken;

impl embedded_hal::digital::Error for Broken {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl ErrorType for Pin {
    type Error = Broken;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Broken> {
        self.set(false)
    }

    fn set_high(&mut self) -> Result<(), Broken> {
        self.set(true)
    }
}

/// The pins at a modem, of which a test keeps a copy to look at.
pub(crate) struct Pins {
    pub(crate) power_key: Pin,
    pub(crate) reset: Pin,
    pub(crate) supply: Pin,
}

impl Pins {
    pub(crate) fn new(bench: &Bench) -> Self {
        let [power_key, reset, supply] = [Line::PowerKey, Line::Reset, Line::Supply].map(|line| Pin::new(bench, line));
        Self { power_key, reset, supply }
    }

    pub(crate) fn keys(&self) -> Power<Pin, Pin> {
        Power::new().power_key(self.power_key.clone()).reset(self.reset.clone())
    }

    pub(crate) fn all(&self) -> Power<Pin, Pin, Pin> {
        self.keys().supply(self.supply.clone())
    }

    pub(crate) fn presses(&self) -> u32 {
        self.power_key.worked.get().times
    }

    pub(crate) fn are_released(&self) -> bool {
        !self.power_key.worked.get().is_high && !self.reset.worked.get().is_high
    }
}
