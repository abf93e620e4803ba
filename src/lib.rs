#![no_std]
#![forbid(unsafe_code)]
// Nothing that comes from the wire or from the caller may panic. These lints are here and not in the workspace table,
// because tests and host tools may.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]
//! A driver.

#[cfg(test)]
extern crate std;

pub mod at;
pub mod command;
mod time;
mod value;

pub use at::Buffers;
pub use time::{Clock, Duration, Instant};
pub use value::{
    ClientId, ConnectionId, Delivery, Field, Host, InvalidField, KeepAlive, MessageId, Password, QoS, ReceivedTopic,
    Rule, Topic, TopicFilter, Triple, UserName, Will,
};
