//! Why a call of a front-end failed.

#[cfg(feature = "registration")]
use crate::aliyun::registration::RegistrationFailure;
use crate::at::{Cause, CommandError, EncodeError, Refusal, SubmitError};
use crate::command::{ConnectFailure, OpenFailure, Registration, SendFailure, SimStatus, SubscribeFailure};
use crate::value::{InvalidField, MessageId};
use core::convert::Infallible;

/// A call failed. `E` is the error of the UART.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error<E> {
    /// The UART failed. The next call gets back in step with the modem.
    Uart(E),
    /// The UART has come to its end: it read or wrote no byte without having failed. None of a chip does.
    Closed,
    /// A value breaks a rule. Nothing was sent.
    Invalid(InvalidField),
    /// The command line does not fit in the TX buffer. Nothing was sent.
    TxTooSmall {
        /// Bytes that the line needs.
        needed: usize,
        /// Bytes that the buffer has.
        available: usize,
    },
    /// A command failed, in the stage and for the reason that it names.
    Command(CommandError),
    /// The network did not take the modem in in time. This is the last state seen, if any was.
    NotRegistered(Option<Registration>),
    /// The modem could not be brought up, for another reason than its registration.
    BringUp(BringUpFailure),
    /// The broker could not be reached.
    Open(OpenFailure),
    /// The broker did not accept the sign-in.
    Connect(ConnectFailure),
    /// The broker or the modem refused to subscribe or unsubscribe.
    Subscribe(SubscribeFailure),
    /// There is no session: connect first.
    NotConnected,
    /// The message was sent, but nothing proves that the broker has it. Sending it again may duplicate it.
    ///
    /// At QoS 0 this comes after an earlier message at QoS 0 had no result in time: results at QoS 0 bear no number, so
    /// that the late one could be taken for this one. Connecting again ends the doubt.
    Unconfirmed {
        /// The message id that it was sent under; none at QoS 0.
        message_id: Option<MessageId>,
    },
    /// The modem could not send the message.
    NotSent(Option<SendFailure>),
    /// The modem reported a result that its manual does not name.
    UnknownResult(i32),
    /// The rest of a large message did not arrive in time.
    PayloadTimeout,
    /// A large message did not end as its length said. What was read of it is not to be trusted.
    PayloadBroken,
    /// The modem could not be switched on or off, or reset.
    #[cfg(feature = "power")]
    Power(crate::power::Failure),
}

/// What bringing the modem up waited for in vain, and what was seen of it last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum BringUpFailure {
    /// The modem did not answer `AT` in time.
    NoAnswer {
        /// How many bytes came nevertheless: with none it is off, or not wired; with some, the baud rate may be wrong.
        received: u32,
        /// How the last attempt ended.
        cause: Cause,
    },
    /// The SIM could not be used in time, waits for a PIN and none was given, or waits for its PUK.
    Sim(SimStatus),
    /// The SIM refused the PIN. Without a refusal: it may have refused this PIN before, so that it was not sent again.
    SimPin(Option<Refusal>),
    /// The network has taken the modem in, but did not carry packets in time.
    NotAttached,
    /// The network did not give the modem an address in time.
    NoAddress,
}

/// What fails without a UART.
pub(crate) type Failure = Error<Infallible>;

impl Failure {
    /// The same failure, as that of a front-end over a UART.
    pub(crate) fn of_uart<E>(self) -> Error<E> {
        match self {
            Self::Uart(never) => match never {},
            Self::Closed => Error::Closed,
            Self::Invalid(invalid) => Error::Invalid(invalid),
            Self::TxTooSmall { needed, available } => Error::TxTooSmall { needed, available },
            Self::Command(command) => Error::Command(command),
            Self::NotRegistered(state) => Error::NotRegistered(state),
            Self::BringUp(failure) => Error::BringUp(failure),
            Self::Open(failure) => Error::Open(failure),
            Self::Connect(failure) => Error::Connect(failure),
            Self::Subscribe(failure) => Error::Subscribe(failure),
            Self::NotConnected => Error::NotConnected,
            Self::Unconfirmed { message_id } => Error::Unconfirmed { message_id },
            Self::NotSent(failure) => Error::NotSent(failure),
            Self::UnknownResult(result) => Error::UnknownResult(result),
            Self::PayloadTimeout => Error::PayloadTimeout,
            Self::PayloadBroken => Error::PayloadBroken,
            #[cfg(feature = "power")]
            Self::Power(failure) => Error::Power(failure),
        }
    }
}

#[cfg(feature = "registration")]
impl<E> Error<E> {
    /// Why the platform refused a registration, if this is what came of one that it refused.
    pub const fn registration_failure(&self) -> Option<RegistrationFailure> {
        match self {
            Self::Connect(ConnectFailure::Refused(code)) => RegistrationFailure::of_refusal(*code),
            _ => None,
        }
    }
}

impl<E> From<InvalidField> for Error<E> {
    fn from(invalid: InvalidField) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<BringUpFailure> for Failure {
    fn from(failure: BringUpFailure) -> Self {
        Self::BringUp(failure)
    }
}

impl<E> From<CommandError> for Error<E> {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}

impl<E> From<EncodeError> for Error<E> {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::Invalid(invalid) => Self::Invalid(invalid),
            EncodeError::TooLong { needed, available } => Self::TxTooSmall { needed, available },
        }
    }
}

#[cfg(feature = "power")]
impl<E> From<crate::power::Failure> for Error<E> {
    fn from(failure: crate::power::Failure) -> Self {
        Self::Power(failure)
    }
}

/// Whether the modem has answered a command at all, be it by a refusal.
#[cfg(feature = "power")]
pub(super) const fn answers_at_all(answer: &Result<(), CommandError>) -> bool {
    match answer {
        Ok(()) => true,
        Err(CommandError { cause, .. }) => !matches!(cause, Cause::Timeout | Cause::PayloadOwed | Cause::Restarted),
    }
}

impl From<SubmitError> for Failure {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Encode(error) => error.into(),
            // A front-end lets an abandoned command end before it runs a plan.
            SubmitError::Busy => Self::NotConnected,
        }
    }
}

impl<E: core::fmt::Debug> core::fmt::Display for Error<E> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Uart(error) => write!(formatter, "the UART failed: {error:?}"),
            Self::Closed => formatter.write_str("the UART has come to its end"),
            Self::Invalid(invalid) => invalid.fmt(formatter),
            Self::TxTooSmall { needed, available } => {
                write!(formatter, "the TX buffer has {available} bytes, and the command needs {needed}")
            }
            Self::Command(error) => error.fmt(formatter),
            Self::NotRegistered(Some(state)) => write!(formatter, "not registered in the network: {state:?}"),
            Self::NotRegistered(None) => formatter.write_str("not registered in the network"),
            Self::BringUp(failure) => failure.fmt(formatter),
            Self::Open(failure) => write!(formatter, "the broker could not be reached: {failure:?}"),
            Self::Connect(failure) => write!(formatter, "the sign-in failed: {failure:?}"),
            Self::Subscribe(failure) => write!(formatter, "the subscription failed: {failure:?}"),
            Self::NotConnected => formatter.write_str("not connected"),
            Self::Unconfirmed { .. } => formatter.write_str("sent, but not confirmed by the broker"),
            Self::NotSent(_) => formatter.write_str("the modem could not send the message"),
            Self::UnknownResult(result) => write!(formatter, "the modem reported the unknown result {result}"),
            Self::PayloadBroken => formatter.write_str("a large message did not end as its length said"),
            Self::PayloadTimeout => formatter.write_str("the rest of a large message did not arrive"),
            #[cfg(feature = "power")]
            Self::Power(failure) => failure.fmt(formatter),
        }
    }
}

impl<E: core::fmt::Debug> core::error::Error for Error<E> {}

impl core::fmt::Display for BringUpFailure {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoAnswer { received, cause } => {
                write!(formatter, "the modem did not answer AT, but sent {received} bytes; last: {cause:?}")
            }
            Self::Sim(status) => write!(formatter, "the SIM cannot be used: {status:?}"),
            Self::SimPin(Some(refusal)) => write!(formatter, "the SIM refused the PIN: {refusal:?}"),
            Self::SimPin(None) => formatter.write_str("the PIN was not sent, since the SIM may have refused it before"),
            Self::NotAttached => formatter.write_str("the network carries no packets for the modem"),
            Self::NoAddress => formatter.write_str("the network gave the modem no address"),
        }
    }
}
