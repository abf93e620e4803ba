//! What recovery can do beside commands: pins and a supply, as far as there are any.

use super::ladder::{Rung, Rungs};
#[cfg(feature = "power")]
use crate::power::{Line, Maneuver, Power, Seen, Wire};
use crate::time::{Duration, Instant};

/// How far a rung has got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Progress {
    /// How many steps of it were taken.
    pub steps: u8,
    /// How often the modem was seen to boot since the first of them: its banner proves that a reset has reached it.
    pub boots: u32,
    /// How often it was seen to switch itself off since then: its `NORMAL POWER DOWN` proves that it ended in good order.
    pub power_downs: u32,
    /// The time now. A wait ends early when the modem is seen to boot or to switch itself off.
    pub now: Instant,
}

/// Restarts the modem by hardware, step by step: nothing here waits, so that the same pins serve every front-end.
///
/// [`Power`](crate::power::Power) is one, with the feature `power`. Other means are a few lines:
///
/// ```
/// use embedded_hal::digital::OutputPin;
/// use nt35e::Duration;
/// use nt35e::supervisor::{Progress, Recovery, Rung, Rungs};
///
/// /// High pulls RESET of the modem low, through a transistor.
/// struct ResetPin<P>(P);
///
/// impl<P: OutputPin> Recovery for ResetPin<P> {
///     fn rungs(&self) -> Rungs {
///         Rungs::COMMANDS.with(Rung::Reset)
///     }
///
///     fn take_step(&mut self, _: Rung, progress: Progress) -> Option<Duration> {
///         match progress.steps {
///             0 => self.0.set_high().ok().map(|()| Duration::from_millis(400)),
///             _ => {
///                 let _ = self.0.set_low();
///                 None
///             }
///         }
///     }
/// }
/// ```
pub trait Recovery {
    /// Which rungs there are: those by commands, and those that this can do.
    fn rungs(&self) -> Rungs;

    /// Takes the next step of `rung`, and says how long to wait until the one after it; none if it was the last. Then the
    /// modem counts as restarted. After 255 waits it is ended.
    ///
    /// It is only asked for rungs that [`rungs`](Self::rungs) has, and not for those by commands.
    fn take_step(&mut self, rung: Rung, progress: Progress) -> Option<Duration>;
}

/// The rungs are those whose pins are wired, and each is the maneuver of its name.
#[cfg(feature = "power")]
impl<K: Wire, R: Wire, S: Wire> Recovery for Power<K, R, S> {
    fn rungs(&self) -> Rungs {
        let rungs = [(Line::Reset, Rung::Reset), (Line::PowerKey, Rung::PowerKey), (Line::Supply, Rung::Supply)];
        let wired = rungs.into_iter().filter(|(line, _)| self.has(*line));
        wired.fold(Rungs::COMMANDS, |rungs, (_, rung)| rungs.with(rung))
    }

    fn take_step(&mut self, rung: Rung, progress: Progress) -> Option<Duration> {
        let maneuver = match rung {
            Rung::Reset => Maneuver::Reset,
            Rung::PowerKey => Maneuver::RestartByKey,
            Rung::Supply => Maneuver::CutSupply,
            Rung::Resync | Rung::Reopen | Rung::Radio => return None,
        };
        let Progress { steps, boots, power_downs, now } = progress;
        self.step(maneuver, steps, Seen { boots, power_downs }, now)
    }
}

/// No pins at all: nothing but commands.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CommandsOnly;

impl Recovery for CommandsOnly {
    fn rungs(&self) -> Rungs {
        Rungs::COMMANDS
    }

    fn take_step(&mut self, _: Rung, _: Progress) -> Option<Duration> {
        None
    }
}
