//! The MQTT session as the driver sees it, and what it takes to open one.

mod broker;
mod session;

pub(crate) use broker::Identity;
pub use broker::{Broker, SignOn};
pub(crate) use session::{Platform, Session, Unnamed};
