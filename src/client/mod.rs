//! The front-ends: each a short loop that moves bytes and time between a UART and the engine, and runs the plans.

#[cfg(feature = "async")]
pub mod asynch;
#[cfg(feature = "embedded-io")]
pub mod blocking;
mod connection;
mod counters;
#[cfg(feature = "embedded-io-06")]
mod embedded_io_06;
mod error;
#[cfg(feature = "nb")]
pub mod nonblocking;
pub(crate) mod plan;
mod progress;
mod publish;
#[cfg(feature = "registration")]
mod register;
#[cfg(feature = "async")]
mod timer;

pub use connection::Connection;
pub use counters::Counters;
#[cfg(feature = "embedded-io-06")]
pub use embedded_io_06::{Error06, FromEmbeddedIo06};
#[cfg(feature = "supervisor")]
pub(crate) use error::Failure;
pub use error::{BringUpFailure, Error};
pub use progress::Progress;
pub use publish::Publish;
#[cfg(feature = "registration")]
pub use register::RegisterError;
