//! The plans: what takes more than one command, written once as state machines and run by every front-end.
//!
//! A front-end asks [`Plan::advance`] what to do, drives the engine until the command in flight has ended, and asks
//! again. A plan does no IO and knows no front-end.

mod bring_up;
mod connect;
mod message;
#[cfg(feature = "nb")]
mod operation;
mod teardown;

pub(crate) use bring_up::BringUp;
#[cfg(any(feature = "nb", feature = "supervisor"))]
pub use bring_up::Show;
#[cfg(any(feature = "async", feature = "embedded-io"))]
pub(crate) use bring_up::WholeBringUp;
#[cfg(any(feature = "nb", feature = "supervisor"))]
pub(crate) use bring_up::{Shown, ShownBringUp};
pub(crate) use connect::Connect;
#[cfg(any(feature = "nb", feature = "supervisor"))]
pub(crate) use message::Sent;
pub(crate) use message::{Send, Subscription};
#[cfg(feature = "nb")]
pub(crate) use operation::Operation;
#[cfg(feature = "nb")]
pub use operation::Outcome;
pub(crate) use teardown::Teardown;

use super::error::Failure;
use crate::at::{Cause, Command, CommandError, Engine};
use crate::mqtt::Session;
use crate::time::{Duration, Instant};

/// What a plan is to do next.
pub(crate) enum Next<T> {
    /// A command was submitted: drive the engine until it has ended.
    Drive,
    /// The plan has ended.
    Done(T),
}

#[cfg(any(feature = "nb", feature = "supervisor"))]
impl<T> Next<T> {
    /// The same, with what comes of it told in another way.
    pub(crate) fn map<O>(self, tell: impl FnOnce(T) -> O) -> Next<O> {
        match self {
            Self::Drive => Next::Drive,
            Self::Done(output) => Next::Done(tell(output)),
        }
    }
}

/// A sequence of commands.
pub(crate) trait Plan {
    type Output;

    /// Takes the answer to the command in flight, if there is one, and submits the next.
    fn advance(&mut self, context: &mut Context<'_, '_>) -> Result<Next<Self::Output>, Failure>;

    /// The payload of the command in flight.
    fn payload(&self) -> &[u8] {
        &[]
    }
}

/// What a plan works with.
pub(crate) struct Context<'c, 'b> {
    pub(crate) engine: &'c mut Engine<'b>,
    pub(crate) session: &'c mut Session,
    pub(crate) now: Instant,
}

impl Context<'_, '_> {
    pub(crate) fn submit<C: Command, T>(&mut self, command: &C) -> Result<Next<T>, Failure> {
        self.session.give_up(self.engine);
        self.engine.submit(command)?;
        Ok(Next::Drive)
    }

    #[inline(always)]
    pub(crate) fn pause<T>(&mut self, span: Duration) -> Result<Next<T>, Failure> {
        self.engine.pause(span)?;
        Ok(Next::Drive)
    }

    #[inline(always)]
    pub(crate) fn finish<C: Command>(&mut self, command: &C) -> Result<C::Response<'_>, CommandError> {
        self.engine.finish(command)
    }
}

/// Whether the modem said no, as opposed to being silent or gone.
fn is_refusal(error: &CommandError) -> bool {
    matches!(error.cause, Cause::Refused(_))
}

/// Success, also where the modem said no to something that can be done without.
fn tolerate_refusal<T>(answer: Result<T, CommandError>) -> Result<(), CommandError> {
    answer.map(|_| ()).or_else(|error| if is_refusal(&error) { Ok(()) } else { Err(error) })
}
