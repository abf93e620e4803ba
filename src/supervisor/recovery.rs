//! What recovery can do beside commands: pins and a supply, as far as there are any.

use super::ladder::{Rung, Rungs};
use crate::time::Duration;

/// How far a rung has got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Progress {
    /// How many steps of it were taken.
    pub steps: u8,
    /// How often the modem was seen to restart or to switch itself off since the first of them: its banner proves that a
    /// reset has reached it, and its `NORMAL POWER DOWN` that it has ended in good order.
    pub restarts: u32,
}

/// Restarts the modem by hardware, step by step: nothing here waits, so that the same pins serve every front-end.
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
