//! The simulated modem as a program.
fn main() {}
