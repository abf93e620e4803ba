//! What can be wrong with a message of the thing model, on its way in and on its way out.

use core::fmt::{Display, Formatter};

use serde::de::{self, Expected, Unexpected};

use crate::value::InvalidField;

/// Why a message gives nothing, or not what was asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ReadError {
    /// The topic is not one of the thing model, or not this device's.
    AnotherTopic,
    /// The payload is not JSON in UTF-8 with at most 31 brackets open at a time, or id, code, method or parameters are missing, stand there
    /// twice or are no such thing.
    Malformed,
    /// A value is of another kind than the type wants, such as text for a number, or a number with a fraction for an integer.
    WrongType,
    /// A number is beyond what its type holds, or has more digits behind the point.
    OutOfRange,
    /// A member that has to be there is not.
    MissingMember,
    /// A member stands there twice.
    DuplicateMember,
    /// The type refuses the value: a variant that it does not know, a member with `deny_unknown_fields`, text or a list of another length than it
    /// takes, or text with escapes.
    Refused,
}

impl Display for ReadError {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::AnotherTopic => "not a topic of the thing model of this device",
            Self::Malformed => "not a message of the thing model",
            Self::WrongType => "a value of another kind",
            Self::OutOfRange => "a number that is out of range",
            Self::MissingMember => "a member is missing",
            Self::DuplicateMember => "a member stands there twice",
            Self::Refused => "the type refuses a value",
        })
    }
}

impl core::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: Display>(_message: T) -> Self {
        Self::Refused
    }

    fn invalid_type(_unexpected: Unexpected<'_>, _expected: &dyn Expected) -> Self {
        Self::WrongType
    }

    fn invalid_value(unexpected: Unexpected<'_>, _expected: &dyn Expected) -> Self {
        match unexpected {
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => Self::OutOfRange,
            _ => Self::Refused,
        }
    }

    fn invalid_length(_length: usize, _expected: &dyn Expected) -> Self {
        Self::Refused
    }

    fn unknown_variant(_variant: &str, _expected: &'static [&'static str]) -> Self {
        Self::Refused
    }

    fn unknown_field(_field: &str, _expected: &'static [&'static str]) -> Self {
        Self::Refused
    }

    fn missing_field(_field: &'static str) -> Self {
        Self::MissingMember
    }

    fn duplicate_field(_field: &'static str) -> Self {
        Self::DuplicateMember
    }
}

/// Why a message cannot be written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WriteError {
    /// The buffer is too small for it.
    TooSmall {
        /// How many bytes the payload takes.
        needed: usize,
    },
    /// There are more entries than the platform takes in a message.
    TooMany {
        /// How many it takes (`aliyun.md` §5).
        limit: u16,
    },
    /// An identifier does not make a topic.
    Topic(InvalidField),
    /// The platform has no such value: bytes, a variant with fields, a float that is not finite, a map with other keys than text, or
    /// parameters that are neither an object nor a list.
    Unsupported,
}

impl Display for WriteError {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::TooSmall { needed } => write!(formatter, "the buffer is too small for {needed} bytes"),
            Self::TooMany { limit } => write!(formatter, "more than {limit} entries"),
            Self::Topic(invalid) => write!(formatter, "{invalid}"),
            Self::Unsupported => formatter.write_str("a value that the platform does not know"),
        }
    }
}

impl core::error::Error for WriteError {}
