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
mod invalid;
mod keep_alive;
mod login;
mod qos;
mod secret;
mod topic;
mod triple;
mod will;

pub(crate) use access::PinFingerprint;
pub use access::{Apn, Plmn, SimPin};
#[cfg(test)]
pub(crate) use codes::check_codes;
pub(crate) use codes::codes;
pub use connection::ConnectionId;
pub use invalid::{Field, InvalidField, Rule};
pub(crate) use invalid::{check_text, is_quotable};
pub use keep_alive::KeepAlive;
pub use login::{ClientId, Host, Password, UserName};
pub use qos::{Delivery, MessageId, QoS};
pub(crate) use secret::Redacted;
pub use topic::{ReceivedTopic, Topic, TopicFilter};
pub use triple::Triple;
pub use will::Will;
