//! The supervisor's decisions over simulated weeks, against a modem, a network and a broker that exist as a few facts.

#![cfg(feature = "supervisor")]

mod decisions;
mod fight;
mod place;
mod properties;
mod weeks;
