//! The MQTT session as the driver sees it, and what it takes to open one.

mod broker;
mod session;

pub use broker::{Broker, SignOn};
pub(crate) use broker::{Identity, checked_port};
pub(crate) use session::{Platform, Session, Unnamed};
