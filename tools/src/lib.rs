//! The program `nt35e`: whether a module is fit for MQTT, whether a device signs in, and a transcript of both to send in.
//!
//! ```text
//! cli.rs progress.rs         what to do, and what is waited for
//! line.rs port.rs tap.rs     the line to the modem, opened, and listened to
//! search.rs                  at which baud rate the modem answers
//! check.rs words.rs          what the driver finds out about it, and what that means
//! report.rs                  for people and for machines
//! destination.rs sign_in/    the main job, and the likely cause if it fails
//! probe/ broker.rs          what this module does where modules differ, and a broker for that
//! shell/                     the driver by hand
//! recording.rs               the transcript of any of these
//! mask.rs secrets.rs         without what identifies anybody
//! playback.rs replay.rs      a transcript, played to the driver once more
//! show/                      a transcript, for people
//! meaning.rs events.rs       what lines and events mean
//! ```
//!
//! [`mod@line`] and [`destination`] are the demo's too.

pub mod broker;
mod check;
mod cli;
pub mod destination;
mod events;
pub mod line;
mod mask;
mod meaning;
mod playback;
mod port;
mod probe;
mod progress;
mod recording;
mod replay;
mod report;
mod search;
mod secrets;
mod shell;
mod show;
mod sign_in;
mod tap;
mod words;

pub use cli::run;
