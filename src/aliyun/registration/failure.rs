//! Why a device was not registered.

use crate::command::ReturnCode;

/// Why the platform did not register a device, or why its answer is of no use. After each of these nothing was saved.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RegistrationFailure {
    /// CONNACK 2: a parameter is missing or wrong, such as the instance id, or the connection is not over TLS.
    Parameters,
    /// CONNACK 3: the platform is busy or fails. Try again later.
    Busy,
    /// CONNACK 4: a wrong ProductSecret, ProductKey or DeviceName, the switch in the console is off, or the device has been activated
    /// already, which ends its registrations until it is reset in the console. Trying again does not help.
    Denied,
    /// CONNACK 5: the device is disabled or deleted, or the instance takes no such connection.
    NotAuthorized,
    /// The platform accepted the sign-in and sent no credentials for 15 s, after which it closes.
    NoMessage,
    /// The message with the credentials is not a JSON object that holds them, each once and of an allowed form.
    Malformed,
    /// The message with the credentials does not fit in the inbox.
    TooLarge {
        /// Bytes of its payload.
        length: usize,
    },
    /// The credentials are those of another device.
    AnotherDevice,
    /// The session ended before the credentials came: the link was lost, or the modem has restarted.
    LinkLost,
}

impl RegistrationFailure {
    /// What a refusal of the sign-in means here, if it means anything.
    #[cfg_attr(
        not(any(feature = "async", feature = "embedded-io", feature = "nb")),
        allow(dead_code, reason = "without a front-end nobody signs in")
    )]
    pub(crate) const fn of_refusal(code: ReturnCode) -> Option<Self> {
        match code {
            ReturnCode::ClientId => Some(Self::Parameters),
            ReturnCode::ServerUnavailable => Some(Self::Busy),
            ReturnCode::BadCredentials => Some(Self::Denied),
            ReturnCode::NotAuthorized => Some(Self::NotAuthorized),
            _ => None,
        }
    }
}

impl core::fmt::Display for RegistrationFailure {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::Parameters => "a parameter of the registration is wrong, or it was not over TLS",
            Self::Busy => "the platform is busy",
            Self::Denied => "the platform denies the registration",
            Self::NotAuthorized => "the device may not sign in",
            Self::NoMessage => "the platform sent no credentials",
            Self::Malformed => "the platform's credentials cannot be read",
            Self::TooLarge { length } => {
                return write!(formatter, "the platform's credentials have {length} bytes, more than the inbox");
            }
            Self::AnotherDevice => "the platform sent the credentials of another device",
            Self::LinkLost => "the link was lost before the credentials came",
        })
    }
}

impl core::error::Error for RegistrationFailure {}
