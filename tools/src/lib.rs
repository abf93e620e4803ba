//! The program `nt35e`: whether a module is fit for MQTT, whether a device signs in, and a transcript of both to send in.
//!
//! ```text
//! cli.rs                     what to do
//! line.rs  port.rs  tap.rs   the line to the modem, opened, and listened to
//! search.rs                  at which baud rate the modem answers
//! check.rs  words.rs         what the driver finds out about it, and what that means
//! report.rs                  for people and for machines
//! destination.rs sign_in.rs  the main job, and the likely cause if it fails
//! probe/  broker.rs          what this module does where modules differ, and a broker for that
//! recording.rs  mask.rs      the transcript, without what identifies anybody
//! show.rs                    a transcript, for people
//! ```
//!
//! [`mod@line`] and [`destination`] are the demo's too.

pub mod broker;
mod check;
mod cli;
pub mod destination;
pub mod line;
mod mask;
mod port;
mod probe;
mod recording;
mod report;
mod search;
mod show;
mod sign_in;
mod tap;
mod words;

pub use cli::run;
