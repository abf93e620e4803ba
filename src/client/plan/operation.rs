//! What a client that keeps its work to itself can be in the middle of.

use super::{BringUp, Connect, Context, Next, Plan, Send, Sent, ShownBringUp, Subscription, Teardown};
use crate::client::connection::Connection;
use crate::client::error::Failure;
use crate::command::Registration;

/// How an operation ended well.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Outcome {
    /// The modem answers, and the network has taken it in.
    BroughtUp(Registration),
    /// The broker has accepted the sign-in.
    Connected(Connection),
    /// The broker has granted the subscription.
    Subscribed,
    /// The subscription has ended.
    Unsubscribed,
    /// At QoS 1 and 2 the broker has acknowledged the message; at QoS 0 the modem has sent it.
    Published,
    /// The session has ended, and the connection is closed.
    Disconnected,
    /// A command has ended: its answer waits, and so does everything else until it was taken or given up.
    Answered,
}

/// One of the plans, or a single command.
pub(crate) enum Operation<'p> {
    BringUp(BringUp),
    WholeBringUp(ShownBringUp<'p>),
    Connect(Connect<'p>),
    Subscribe(Subscription<'p>),
    Unsubscribe(Subscription<'p>),
    /// A message whose payload stays where it is.
    Send(Send<'p>),
    /// A message that stands in TX.
    Sent(Sent),
    Disconnect(Teardown),
    /// A command that stands in TX; whoever began it knows which, and takes its answer.
    Command,
}

impl Plan for Operation<'_> {
    type Output = Outcome;

    fn advance(&mut self, context: &mut Context<'_, '_>) -> Result<Next<Outcome>, Failure> {
        match self {
            Self::BringUp(plan) => reported(plan.advance(context), Outcome::BroughtUp),
            Self::WholeBringUp(plan) => reported(plan.advance(context), Outcome::BroughtUp),
            Self::Connect(plan) => reported(plan.advance(context), Outcome::Connected),
            Self::Subscribe(plan) => reported(plan.advance(context), |()| Outcome::Subscribed),
            Self::Unsubscribe(plan) => reported(plan.advance(context), |()| Outcome::Unsubscribed),
            Self::Send(plan) => reported(plan.advance(context), |()| Outcome::Published),
            Self::Sent(sent) => sent.finish(context).map(|()| Next::Done(Outcome::Published)),
            Self::Disconnect(plan) => reported(plan.advance(context), |()| Outcome::Disconnected),
            Self::Command => Ok(Next::Done(Outcome::Answered)),
        }
    }

    fn payload(&self) -> &[u8] {
        match self {
            Self::Send(plan) => plan.payload(),
            _ => &[],
        }
    }
}

fn reported<T>(next: Result<Next<T>, Failure>, outcome: impl FnOnce(T) -> Outcome) -> Result<Next<Outcome>, Failure> {
    Ok(next?.map(outcome))
}
