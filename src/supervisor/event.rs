//! What the application is told.

use super::action::Setback;
use super::ladder::Rung;
use super::outbox::Ticket;
use crate::client::Connection;
use crate::command::Registration;
use crate::urc;
use crate::value::InvalidField;
use core::convert::Infallible;

/// Something that the application may want to know. None of it has to be answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event<'a> {
    /// What the modem says, such as a message. Of its restarts and of lost links the supervisor takes care.
    Modem(urc::Event<'a>),
    /// The modem answers, and the network has taken it in.
    BroughtUp(Registration),
    /// The broker has accepted the sign-in. Subscriptions come next.
    SignedIn(Connection),
    /// The broker does not grant a subscription. It is tried again, less and less often; all else goes on.
    SubscriptionRefused {
        /// Which one, counted from 0.
        index: usize,
        /// Why.
        error: crate::Error<Infallible>,
    },
    /// Every subscription was granted or refused: the device does its work. Comes once for each session.
    Online,
    /// Something has failed, and will be tried again.
    Setback {
        /// What it is, and when it is tried again.
        setback: Setback,
        /// What the front-end says of it; none for a session that ended by itself.
        error: Option<crate::Error<Infallible>>,
    },
    /// The modem is being brought back to reason.
    Recovering(Rung),
    /// The modem answers after this rung by hardware, but neither its banner nor its `NORMAL POWER DOWN` was heard. The
    /// pin may not reach it: a modem that was never restarted answers just as well.
    Unverified(Rung),
    /// The command that was begun has ended, and its answer waits, as everything else does until it was taken. Only of the
    /// non-blocking front-end.
    Answered,
    /// A message of the outbox has arrived: at QoS 1 and 2 the broker has confirmed it, at QoS 0 the modem has sent it.
    Delivered {
        /// Which one.
        ticket: Ticket,
        /// It was sent more than once, and the broker may have it more than once.
        may_be_repeated: bool,
    },
    /// A message of the outbox was given up: it breaks a rule, was refused too often, or was sent at QoS 0 without success.
    GivenUp {
        /// Which one.
        ticket: Ticket,
        /// Why, or for a message that was refused too often the last reason.
        error: crate::Error<Infallible>,
    },
}

/// A message was not taken into the outbox.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PublishError {
    /// It breaks a rule.
    Invalid(InvalidField),
    /// There is no room for it now. Nothing that waits is dropped for it.
    Full {
        /// Bytes that it needs.
        needed: usize,
        /// Bytes that are free.
        free: usize,
    },
}

impl core::fmt::Display for PublishError {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Invalid(invalid) => invalid.fmt(formatter),
            Self::Full { needed, free } => {
                write!(formatter, "the outbox has {free} bytes free, and the message needs {needed}")
            }
        }
    }
}

impl core::error::Error for PublishError {}

impl From<InvalidField> for PublishError {
    fn from(invalid: InvalidField) -> Self {
        Self::Invalid(invalid)
    }
}
