//! The two wires between host and modem: when each byte is there, and what a bad line does to it.

mod noise;
mod wire;

pub use noise::{Noise, UnknownNoise};
pub(crate) use wire::{Byte, Matter, Wire};
