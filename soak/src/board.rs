//! What a supervised firmware has to restart the modem with: some of the pins, all of them, or none.

use core::convert::Infallible;
use core::fmt;

use embedded_hal::digital::{ErrorType, OutputPin};
use nt35e::Duration;
use nt35e::power::{Line, Power};
use nt35e::supervisor::{Progress, Recovery, Rung, Rungs};
use nt35e_sim::random::Random;

use crate::bench::Bench;

/// Which of the modem's lines the board reaches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lines(&'static [Rung]);

impl Lines {
    pub(crate) fn by_chance(random: &mut Random) -> Self {
        let lines: &[&'static [Rung]] = &[
            &[],
            &[Rung::Reset],
            &[Rung::Reset],
            &[Rung::Reset, Rung::PowerKey],
            &[Rung::Reset, Rung::PowerKey, Rung::Supply],
            &[Rung::Supply],
        ];
        Self(random.pick(lines))
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("no pin") } else { write!(f, "{:?}", self.0) }
    }
}

/// The driver's own maneuvers on the pins that there are.
pub(crate) struct Board {
    lines: Lines,
    power: Power<Pin, Pin, Pin>,
}

impl Board {
    pub(crate) fn new(bench: &Bench, lines: Lines) -> Self {
        let pin = |line| Pin { bench: bench.clone(), line };
        let power = Power::new().power_key(pin(Line::PowerKey)).reset(pin(Line::Reset)).supply(pin(Line::Supply));
        Self { lines, power }
    }
}

impl Recovery for Board {
    fn rungs(&self) -> Rungs {
        self.lines.0.iter().fold(Rungs::COMMANDS, |rungs, rung| rungs.with(*rung))
    }

    fn take_step(&mut self, rung: Rung, progress: Progress) -> Option<Duration> {
        assert!(self.lines.0.contains(&rung), "there is no pin for {rung:?}");
        self.power.take_step(rung, progress)
    }
}

/// A pin of the MCU at a line of the simulated modem.
struct Pin {
    bench: Bench,
    line: Line,
}

impl Pin {
    fn set(&self, is_worked: bool) {
        self.bench.with(|world| match self.line {
            Line::PowerKey => world.set_power_key(is_worked),
            Line::Reset => world.set_reset(is_worked),
            Line::Supply => world.set_supply(is_worked),
        });
    }
}

impl ErrorType for Pin {
    type Error = Infallible;
}

impl OutputPin for Pin {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.set(false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.set(true);
        Ok(())
    }
}
