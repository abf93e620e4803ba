//! What the demo and the emulation show: steps, and the AT traffic of both directions, without the secret.
//!
//! ```text
//! screen.rs   lines on a terminal, in colour where it has it
//! traffic.rs  bytes of both directions, cut into lines and payloads
//! mask.rs     a secret in a stream of bytes
//! ```

mod mask;
mod screen;
mod traffic;

pub use screen::{Escaped, Screen, Shortened, conclude};
pub use traffic::{Direction, Traffic};
