//! Faults on purpose: what goes wrong, when, and how both are written down.
//!
//! A [`Fault`] is a value with a text form, so that what happened can be printed, copied and repeated. It is part of an
//! [`Incident`], which says when it strikes, and incidents make up a [`Schedule`], by hand or by chance.
//!
//! ```text
//! incident = time [ " " place ] " " fault      "12.5s <17 restart": 12.5 s after the start, the next 17 bytes from the
//! place    = ( "<" | ">" ) count               modem still arrive, then it restarts
//! ```
//!
//! Nothing here makes anything go wrong. The modem, the network and the cloud each do that for the faults of their own.
//!
//! ```
//! use nt35e_sim::fault::{Fault, Schedule};
//!
//! let schedule: Schedule = "5s kick; 9.25s <17 restart".parse()?;
//! assert_eq!(schedule.incidents[1].fault, Fault::RESTART);
//! assert_eq!(schedule.to_string(), "5s kick; 9.25s <17 restart");
//! # Ok::<(), nt35e_sim::fault::WrongFault>(())
//! ```

mod chance;
mod list;
mod read;
mod schedule;
mod span;
mod write;

use core::time::Duration;

pub use crate::direction::Direction;
pub use chance::Mix;
pub use list::{FaultEntry, LIST};
pub use read::WrongFault;
pub use schedule::{Incident, Place, Schedule};
pub use span::{read_span, write_span};

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// In the modem, or on its serial line.
    Modem(ModemFault),
    /// On the way between modem and broker.
    Network(NetworkFault),
    /// At the broker: the Aliyun double.
    Cloud(CloudFault),
}

/// What goes wrong in the modem, or on its serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModemFault {
    /// Something happens to the next bytes of one direction.
    Bytes {
        /// Which way they go.
        direction: Direction,
        /// How many.
        count: u32,
        /// What happens to each.
        harm: Harm,
    },
    /// No byte arrives for so long; then those that were held back do.
    Hold {
        /// Which way they go.
        direction: Direction,
        /// How long.
        time: Duration,
    },
    /// The modem has another baud rate than the host for so long: what arrives on either side is something else.
    WrongBaud(Duration),
    /// No byte passes in either direction for so long, and none is kept, as with a loose plug.
    Silence(Duration),
    /// Lines that answer nothing.
    Storm {
        /// How many.
        count: u32,
        /// From one to the next.
        gap: Duration,
    },
    /// So many commands are carried out and get no answer at all: neither lines nor prompt, `OK` nor result.
    LoseAnswers(u32),
    /// So many commands with a result get no `OK`, but the result.
    LoseOks(u32),
    /// So many commands with a result get their `OK`, and no result.
    LoseResults(u32),
    /// The modem starts anew.
    Restart,
    /// It says `NORMAL POWER DOWN`, stops, and is switched on again after so long; never without a time.
    PowerDown(Option<Duration>),
    /// The SIM is out for so long.
    PullSim(Duration),
    /// The network does not know the modem for so long.
    Deregister(Duration),
}

/// What happens to a byte on the serial line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// It is lost.
    Drop,
    /// It comes twice.
    Repeat,
    /// The bits of this mask are flipped.
    Corrupt(u8),
    /// There is a pause before the one behind it.
    Split(Duration),
}

/// What goes wrong on the way between modem and broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFault {
    /// The connection is reset.
    Cut,
    /// The connection is reset, and for so long every new one is refused.
    BrokerGone(Duration),
    /// For so long nothing passes, and nobody says so; then it does.
    BrokerSilent(Duration),
    /// For so long everything takes longer.
    BrokerSlow {
        /// By how much.
        latency: Duration,
        /// How long.
        time: Duration,
    },
    /// For so long no host name is known.
    NoNames(Duration),
}

/// What goes wrong at the broker, for each of its devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloudFault {
    /// Every sign-in of the next so long is refused.
    Refuse {
        /// The code of the CONNACK, 1 to 5; with 0 the connection is closed without one.
        code: u8,
        /// How long.
        time: Duration,
    },
    /// The devices are disabled for so long, and those that are signed in are signed out.
    Disable(Duration),
    /// The devices have other secrets for so long.
    WrongSecret(Duration),
    /// The connections of the devices end without a packet.
    Kick,
    /// Somebody signs in with the same triple, from elsewhere.
    SecondSignIn,
    /// Each device is sent messages at QoS 1, one right after the other.
    Flood {
        /// How many.
        count: u32,
        /// Bytes of each.
        length: u32,
    },
}

impl Fault {
    /// The modem starts anew.
    pub const RESTART: Self = Self::Modem(ModemFault::Restart);
    /// The connection to the broker is reset.
    pub const CUT: Self = Self::Network(NetworkFault::Cut);

    /// How long it lasts; no time for what only happens.
    pub fn lasts(&self) -> Duration {
        match *self {
            Self::Modem(fault) => fault.lasts(),
            Self::Network(fault) => fault.lasts(),
            Self::Cloud(fault) => fault.lasts(),
        }
    }

    /// Whether bytes on the serial line are lost, doubled or changed by it.
    pub const fn spoils_bytes(&self) -> bool {
        match self {
            Self::Modem(ModemFault::Bytes { harm, .. }) => !matches!(harm, Harm::Split(_)),
            Self::Modem(ModemFault::WrongBaud(_) | ModemFault::Silence(_)) => true,
            _ => false,
        }
    }
}

impl ModemFault {
    pub(crate) fn lasts(self) -> Duration {
        match self {
            Self::Hold { time, .. }
            | Self::WrongBaud(time)
            | Self::Silence(time)
            | Self::PullSim(time)
            | Self::Deregister(time) => time,
            Self::PowerDown(time) => time.unwrap_or_default(),
            Self::Storm { count, gap } | Self::Bytes { harm: Harm::Split(gap), count, .. } => gap * count,
            Self::Bytes { .. } | Self::LoseAnswers(_) | Self::LoseOks(_) | Self::LoseResults(_) | Self::Restart => {
                Duration::ZERO
            }
        }
    }
}

impl NetworkFault {
    const fn lasts(self) -> Duration {
        match self {
            Self::Cut => Duration::ZERO,
            Self::BrokerGone(time) | Self::BrokerSilent(time) | Self::BrokerSlow { time, .. } | Self::NoNames(time) => {
                time
            }
        }
    }
}

impl CloudFault {
    const fn lasts(self) -> Duration {
        match self {
            Self::Refuse { time, .. } | Self::Disable(time) | Self::WrongSecret(time) => time,
            Self::Kick | Self::SecondSignIn | Self::Flood { .. } => Duration::ZERO,
        }
    }
}
