//! What a client that keeps its work to itself can be in the middle of.

use super::{BringUp, Connect, Context, Next, Plan, Send, Sent, Subscription, Teardown, WholeBringUp};
use crate::client::connection::Connection;
use crate::client::error::Failure;
use crate::client::progress::Progress;
use crate::command::Registration;
use crate::network;

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

/// What is called with each [`Progress`]: a function, or a closure that may be shared, as the client may be in RTIC. One
/// that captures nothing is `'static`.
pub type Show<'p> = &'p (dyn Fn(Progress<'_>) + Sync);

/// One of the plans, or a single command.
pub(crate) enum Operation<'p> {
    BringUp(BringUp),
    WholeBringUp(WholeBringUp<'p, Show<'p>>, AdvanceWhole),
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
            Self::WholeBringUp(plan, advance) => reported(advance(plan, context), Outcome::BroughtUp),
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

/// How the whole bring-up goes on. Being called only through this, it is linked only where it is begun.
type AdvanceWhole = fn(&mut WholeBringUp<'_, Show<'_>>, &mut Context<'_, '_>) -> Result<Next<Registration>, Failure>;

impl<'p> Operation<'p> {
    pub(crate) fn whole_bring_up(settings: network::BringUp<'p>, show: Show<'p>) -> Self {
        let advance: AdvanceWhole = |plan, context| plan.advance(context);
        Self::WholeBringUp(WholeBringUp::new(settings, show), advance)
    }
}

fn reported<T>(next: Result<Next<T>, Failure>, outcome: impl FnOnce(T) -> Outcome) -> Result<Next<Outcome>, Failure> {
    Ok(next?.map(outcome))
}
