//! Firmware updates: through the simulated modem from the platform's double, and message by message.

mod flash;
#[path = "../front_end/mod.rs"]
mod front_end;
mod messages;
#[path = "../rig/mod.rs"]
mod rig;
mod transfer;
