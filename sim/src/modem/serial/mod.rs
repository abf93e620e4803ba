//! The two wires between host and modem: when each byte is there, and what a bad line does to it.

mod faults;
mod wire;

pub use faults::{Faults, UnknownFault};
pub(crate) use wire::Wire;
