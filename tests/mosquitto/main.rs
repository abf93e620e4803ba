//! The blocking front-end and the simulated modem against a real broker, which each test starts for itself.
//!
//! ```text
//! driver ── TCP as UART ── simulated modem ── MQTT ── mosquitto ── MQTT ── peer
//! ```
//!
//! Time is real here, so that nothing may be concluded from it: every wait ends as soon as its condition holds, and has a
//! limit far above what it takes. Where something must not arrive, a later message on the same way proves it.

mod bench;
mod mosquitto;
mod peer;
mod serial_line;

mod every_combination;
mod loss;
mod publishing;
mod receiving;
mod session;
mod sign_in;
mod topics;
mod will;
