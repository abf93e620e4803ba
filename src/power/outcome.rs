//! What can be done with the pins, what proves that it was, and how it fails.

use crate::at::Counters;
use crate::time::Instant;
use embedded_hal::digital::ErrorKind;

/// A line of the modem beside its UART.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Line {
    /// PWRKEY: held for some seconds, it switches the modem on, or off.
    PowerKey,
    /// RESET: the modem is dead while it is pulled, and boots when it is released.
    Reset,
    /// The switch of its supply.
    Supply,
}

/// Something to do with the pins.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Maneuver {
    /// Switches the modem on. Since PWRKEY would switch one off that runs, it is asked first, and only a silent one is
    /// switched on. Takes PWRKEY, or a supply, for a modem whose PWRKEY is tied.
    ///
    /// One that runs and cannot hear, such as at another baud rate, is taken for off. If the press has switched it off, it
    /// is pressed again.
    Start,
    /// Switches it off in good order by PWRKEY. If it does not say so in time, or does not answer in the first place, its
    /// supply is cut, if there is a switch, and stays off until the next [`Start`](Self::Start). Takes either.
    ///
    /// Sign off before: the broker would take it for a lost link.
    PowerDown,
    /// Restarts it by RESET, whatever it is doing. One that is off stays off.
    Reset,
    /// Restarts it by PWRKEY: switches it off and on. One that was off is on then.
    RestartByKey,
    /// Restarts it by its supply, whatever it is doing: switches it off and on, and then the modem by PWRKEY, unless it
    /// boots by itself.
    CutSupply,
}

impl Maneuver {
    /// The lines of which it takes one at least.
    pub(super) const fn lines(self) -> &'static [Line] {
        match self {
            Self::Start | Self::PowerDown => &[Line::PowerKey, Line::Supply],
            Self::Reset => &[Line::Reset],
            Self::RestartByKey => &[Line::PowerKey],
            Self::CutSupply => &[Line::Supply],
        }
    }
}

/// What proves that a maneuver has done what it was to do.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub enum Proof {
    /// The modem answered before anything was done to it, so that nothing was.
    AlreadyRunning,
    /// It has printed its boot banner.
    Booted,
    /// It answers, and did not before; its banner was not heard.
    Answers,
    /// It has said `NORMAL POWER DOWN`.
    PoweredDown,
    /// Its supply is off, and was for long enough. It did not say that it has ended in good order.
    SupplyOff,
    /// It does not answer. It has not said that it has ended, so that it may as well hang.
    Silent,
}

impl Proof {
    /// Whether the modem is gone without having said so.
    #[cfg(any(feature = "async", feature = "embedded-io", feature = "nb"))]
    pub(crate) const fn is_unheard(self) -> bool {
        matches!(self, Self::Answers | Self::SupplyOff | Self::Silent)
    }
}

/// What was heard of the modem.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Sign {
    /// An answer to `AT`.
    Answer,
    /// No answer, although it was asked again and again.
    Silence,
    /// Its boot banner.
    Boot,
    /// `NORMAL POWER DOWN`.
    PowerDown,
}

/// How often the modem was seen to boot and to power down since the start.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Seen {
    /// Boot banners.
    pub boots: u32,
    /// Notices of a power-down.
    pub power_downs: u32,
}

impl From<Counters> for Seen {
    fn from(counters: Counters) -> Self {
        let Counters { boots, power_downs, .. } = counters;
        Self { boots, power_downs }
    }
}

/// What a maneuver waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Turn {
    /// Until then, or until more was seen. What arrives has to be read meanwhile.
    Wait(Instant),
    /// For the answer to `AT`: [`Power::answered`](super::Power::answered) is to be told whether there is one.
    Ask,
    /// For nothing: it has ended.
    Done(Proof),
}

/// Why a maneuver has failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Failure {
    /// It takes a pin at this line, and there is none.
    NotWired(Line),
    /// The pin at this line failed.
    Pin(Line, #[cfg_attr(feature = "defmt", defmt(Debug2Format))] ErrorKind),
    /// What was waited for did not come in time.
    NotSeen {
        /// What was waited for: a boot, or a power-down.
        awaited: Sign,
        /// What was heard last; none if the modem has neither spoken nor been asked.
        last: Option<Sign>,
    },
    /// No maneuver is under way.
    NotBegun,
}

impl core::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NotWired(line) => write!(formatter, "there is no pin at {line:?}"),
            Self::Pin(line, kind) => write!(formatter, "the pin at {line:?} failed: {kind:?}"),
            Self::NotSeen { awaited, last } => {
                write!(formatter, "the modem was awaited to show {awaited:?}; the last of it was {last:?}")
            }
            Self::NotBegun => formatter.write_str("no maneuver is under way"),
        }
    }
}

impl core::error::Error for Failure {}
