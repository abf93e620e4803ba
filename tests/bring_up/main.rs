//! Bringing the modem up with everything that there is to show, over what a modem, its SIM and its network may be like.

mod attempt;
#[path = "../front_end/mod.rs"]
mod front_end;
mod network;
#[path = "../rig/mod.rs"]
mod rig;
mod settings;
mod silence;
mod sim_card;
