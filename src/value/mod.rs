//! What the fields of a command may hold: each a type, checked once when it is made.

/// What `?` does, also in a `const fn`.
macro_rules! tried {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Err(error),
        }
    };
}

mod access;
mod codes;
mod connection;
mod device_client_id;
mod invalid;
mod keep_alive;
mod login;
mod qos;
#[cfg(feature = "registration")]
mod registrant;
mod secret;
#[cfg(feature = "sign")]
mod signing;
mod topic;
mod triple;
mod will;

pub(crate) use access::PinFingerprint;
pub use access::{Apn, Plmn, SimPin};
#[cfg(test)]
pub(crate) use codes::check_codes;
pub(crate) use codes::codes;
pub use connection::ConnectionId;
pub use device_client_id::DeviceClientId;
pub use invalid::{Field, InvalidField, Rule};
pub(crate) use invalid::{check_text, is_quotable};
pub use keep_alive::KeepAlive;
pub use login::{ClientId, Host, Password, UserName};
pub use qos::{Delivery, MessageId, QoS};
#[cfg(feature = "registration")]
pub(crate) use registrant::Registering;
#[cfg(feature = "registration")]
pub use registrant::Registrant;
pub(crate) use secret::Redacted;
#[cfg(any(feature = "sign-md5", feature = "sign-sha1", feature = "sign-sha256"))]
pub(crate) use signing::Algorithm;
#[cfg(feature = "sign")]
pub use signing::{Parameters, SignMethod, Signature, Signing, Timestamp};
pub use topic::{ReceivedTopic, Topic, TopicFilter};
pub use triple::Triple;
#[cfg(feature = "registration")]
pub(crate) use triple::check_secret;
pub use will::Will;
