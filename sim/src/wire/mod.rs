//! The simulated modem in real time: on a TCP port or a pseudo-terminal, with real connections to a broker.
//!
//! One thread owns the modem and does everything to it; the others only wait for bytes and pass them on.
//!
//! ```text
//! host program ── TCP or pty ── host_*.rs ──▶ runner.rs (the modem) ◀── broker.rs ── TCP ── broker
//! ```

mod broker;
mod host_pty;
mod host_tcp;
mod link;
mod resolve;
mod runner;
mod server;

pub use crate::direction::Direction;
pub use resolve::Resolve;
pub use runner::{CloudStriker, Observer, Traffic};
pub use server::{ModemServer, ServerSettings};
