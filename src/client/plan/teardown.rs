//! Signing off and closing, which always ends in the closed state, whatever the modem says.
//!
//! There may be nothing to end, and working products ignore every failure of it (`protocol.md` §3.6). Only a modem that
//! does not answer at all, or is gone, is an error.

use super::{Context, Next, Plan, tolerate_refusal};
use crate::client::error::Failure;
use crate::command::{Close, Disconnect};
use crate::value::ConnectionId;

/// The only connection that works at present (`protocol.md` §3).
pub(super) const CONNECTION: ConnectionId = ConnectionId::FIRST;
const DISCONNECT: Disconnect = Disconnect { connection: CONNECTION };
const CLOSE: Close = Close { connection: CONNECTION };

#[derive(Clone, Copy)]
enum Step {
    Start,
    Disconnect,
    Close,
}

pub(crate) struct Teardown {
    step: Step,
}

impl Teardown {
    pub(crate) const fn new() -> Self {
        Self { step: Step::Start }
    }
}

impl Plan for Teardown {
    type Output = ();

    fn advance(&mut self, context: &mut Context<'_, '_>) -> Result<Next<()>, Failure> {
        match self.step {
            Step::Start => {
                context.session.closed();
                self.step = Step::Disconnect;
                context.submit(&DISCONNECT)
            }
            Step::Disconnect => {
                tolerate_refusal(context.finish(&DISCONNECT))?;
                self.step = Step::Close;
                context.submit(&CLOSE)
            }
            Step::Close => {
                tolerate_refusal(context.finish(&CLOSE))?;
                Ok(Next::Done(()))
            }
        }
    }
}
