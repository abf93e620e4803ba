//! The simulated modem.
