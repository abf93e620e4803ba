//! The front-ends: each a short loop that moves bytes and time between a UART and the engine, and runs the plans.

#[cfg(feature = "embedded-io")]
pub mod blocking;
mod connection;
mod error;
#[cfg(feature = "nb")]
pub mod nonblocking;
mod plan;
mod publish;

pub use connection::Connection;
pub use error::Error;
pub use publish::Publish;
