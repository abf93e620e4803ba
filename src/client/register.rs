//! Why a device has not registered, on the front-ends whose call for it returns when it is done.

use super::error::Error;
use crate::aliyun::registration::RegistrationFailure;
use crate::value::InvalidField;

/// A device has not registered, or what it got is lost. `E` is the error of the UART, `S` that of the store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RegisterError<E, S> {
    /// The platform did not register it, or its answer is of no use.
    Registration(RegistrationFailure),
    /// It registered, and the store did not save what it got. A device that is pre-registered can register again.
    NotSaved(S),
    /// The platform was not reached, or the modem failed.
    Client(Error<E>),
}

impl<E, S> From<Error<E>> for RegisterError<E, S> {
    fn from(error: Error<E>) -> Self {
        error.registration_failure().map_or(Self::Client(error), Self::Registration)
    }
}

impl<E, S> From<RegistrationFailure> for RegisterError<E, S> {
    fn from(failure: RegistrationFailure) -> Self {
        Self::Registration(failure)
    }
}

impl<E, S> From<InvalidField> for RegisterError<E, S> {
    fn from(invalid: InvalidField) -> Self {
        Self::Client(Error::Invalid(invalid))
    }
}

impl<E: core::fmt::Debug, S: core::fmt::Debug> core::fmt::Display for RegisterError<E, S> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Registration(failure) => failure.fmt(formatter),
            Self::NotSaved(error) => write!(formatter, "the credentials were not saved: {error:?}"),
            Self::Client(error) => error.fmt(formatter),
        }
    }
}

impl<E: core::fmt::Debug, S: core::fmt::Debug> core::error::Error for RegisterError<E, S> {}
