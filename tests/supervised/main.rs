//! The supervised clients over each front-end, on the simulated modem: what the pure decisions come to on a line.

#![cfg(all(feature = "async", feature = "nb", feature = "supervisor"))]

mod bring_up;
mod device;
#[path = "../front_end/mod.rs"]
mod front_end;
mod links;
mod messages;
mod misfortune;
#[path = "../rig/mod.rs"]
mod rig;
mod sign_ins;
