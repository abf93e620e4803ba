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
#![cfg_attr(
    not(feature = "embedded-io"),
    allow(dead_code, unused_imports, reason = "without a front-end nothing runs the plans")
)]
//! A driver.

#[cfg(test)]
extern crate std;

pub mod aliyun;
pub mod at;
mod client;
pub mod command;
mod mqtt;
mod network;
mod time;
mod urc;
mod value;

pub use at::{Buffers, Counters, Loss, Restart};
#[cfg(feature = "embedded-io")]
pub use client::blocking;
pub use client::{Connection, Error, Publish};
pub use mqtt::{Broker, SignOn};
pub use network::Network;
pub use time::{Clock, Duration, Instant};
pub use urc::{ConnectionStatus, DIALECT, Event, StatusReport};
pub use value::{
    ClientId, ConnectionId, Delivery, Field, Host, InvalidField, KeepAlive, MessageId, Password, QoS, ReceivedTopic,
    Rule, Topic, TopicFilter, Triple, UserName, Will,
};
