//! The async front-end: the same job as by the blocking one, dropped calls, sizes of futures.

#![cfg(feature = "async")]

mod bench;
#[cfg(feature = "defmt")]
mod board;
mod calls;
mod drops;
#[path = "../front_end/mod.rs"]
mod front_end;
#[path = "../rig/mod.rs"]
mod rig;
mod sizes;
mod timers;
