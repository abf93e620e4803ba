//! AT commands over a byte stream: bytes to frames to the one command in flight.
//!
//! This layer is pure: it does no IO, owns no clock and knows no command by name. What it needs to know of a modem's
//! language is in a [`Dialect`], what of a command in its [`Spec`].

mod answer;
pub(crate) mod bytes;
mod code;
mod command;
mod counters;
mod dialect;
mod encode;
mod engine;
mod error;
mod event;
mod fields;
mod inbox;
mod stream;

pub use answer::Answer;
pub use code::{CmeError, Refusal};
pub use command::{Command, Spec};
pub use counters::{Bytes, Counters};
pub use dialect::Dialect;
pub use encode::{EncodeError, Encoder};
pub use engine::{Engine, Push, Step};
pub use error::{Cause, CommandError, Stage, SubmitError};
pub use event::{Buffers, Event, Piece, Restart};
pub use fields::{Fields, Malformed};
pub use inbox::Loss;
pub use stream::MessageForm;
