//! What an action takes: one of the plans, or a few commands of its own.

use super::event::Event;
use super::ladder::Rung;
use super::outbox::Outbox;
use super::recovery::Progress;
use crate::at::Engine;
use crate::client::Failure;
use crate::client::plan::{BringUp, Connect, Context, Next, Plan, Sent, ShownBringUp, Subscription, Teardown};
use crate::command::{ConnectionQuery, ConnectionState, Raw};
use crate::time::{Duration, Instant};

/// Leaving the network takes a while.
const RADIO_WITHIN: Duration = Duration::from_secs(30);
/// How long the radio stays off; working products wait half a second to one (`protocol.md` §5.1).
const RADIO_OFF_FOR: Duration = Duration::from_secs(1);
const RADIO_OFF: &str = "AT+CFUN=0";
const RADIO_ON: &str = "AT+CFUN=1";

/// Something that is under way.
pub(super) enum Work<'p> {
    Ask(Ask),
    Close(Teardown),
    Radio(Radio),
    Press(Press),
    BringUp(BringUp),
    WholeBringUp(ShownBringUp<'p>),
    Connect(Connect<'p>),
    Subscribe(Subscription<'p>, usize),
    /// The oldest message of the outbox; none until it was submitted.
    Send(Option<Sent>),
    /// A command of the application, which takes its answer.
    #[cfg(feature = "nb")]
    Command {
        is_told: bool,
    },
}

impl Work<'_> {
    /// Goes on, and has what there is to tell once it is done.
    pub(super) fn advance(
        &mut self,
        outbox: &Outbox<'_>,
        context: &mut Context<'_, '_>,
    ) -> Result<Next<Option<Event<'static>>>, Failure> {
        let next = match self {
            Self::Ask(plan) => plan.advance(context)?.map(|()| None),
            Self::Close(plan) => plan.advance(context)?.map(|()| None),
            Self::Radio(plan) => plan.advance(context)?.map(|()| None),
            Self::BringUp(plan) => plan.advance(context)?.map(|registration| Some(Event::BroughtUp(registration))),
            Self::WholeBringUp(plan) => plan.advance(context)?.map(|registration| Some(Event::BroughtUp(registration))),
            Self::Connect(plan) => plan.advance(context)?.map(|connection| Some(Event::SignedIn(connection))),
            Self::Subscribe(plan, _) => plan.advance(context)?.map(|()| None),
            Self::Send(Some(sent)) => sent.finish(context).map(|()| Next::Done(None))?,
            Self::Send(sent) => {
                let Some(oldest) = outbox.oldest() else { return Ok(Next::Done(None)) };
                *sent = Some(Sent::submit(&oldest.message, context)?);
                Next::Drive
            }
            Self::Press(_) => Next::Done(None),
            #[cfg(feature = "nb")]
            Self::Command { .. } => Next::Done(None),
        };
        Ok(next)
    }
}

/// Asks whether the session is still there.
pub(super) struct Ask {
    is_asked: bool,
}

impl Ask {
    pub(super) const fn new() -> Self {
        Self { is_asked: false }
    }

    fn advance(&mut self, context: &mut Context<'_, '_>) -> Result<Next<()>, Failure> {
        let query = ConnectionQuery::default();
        if !self.is_asked {
            self.is_asked = true;
            return context.submit(&query);
        }
        match context.finish(&query)? {
            Some(ConnectionState::Connected) => Ok(Next::Done(())),
            _ => {
                context.session.closed();
                Err(Failure::NotConnected)
            }
        }
    }
}

/// Switches the radio off and on. Once it may be off, it has to be switched on, whatever else fails.
///
/// ```text
///  Off ──accepted or not──► Pause ──► On ──accepted──► done
/// ```
#[derive(Clone, Copy)]
pub(super) enum Radio {
    Begin,
    Off,
    Pause,
    On,
}

impl Radio {
    /// Only switches it on.
    pub(super) const ON: Self = Self::Pause;

    fn advance(&mut self, context: &mut Context<'_, '_>) -> Result<Next<()>, Failure> {
        match self {
            Self::Begin => {
                context.session.closed();
                *self = Self::Off;
                context.submit(&Raw::new(RADIO_OFF, RADIO_WITHIN)?)
            }
            Self::Off => {
                let _ = context.finish(&Raw::new(RADIO_OFF, RADIO_WITHIN)?);
                *self = Self::Pause;
                context.pause(RADIO_OFF_FOR)
            }
            Self::Pause => {
                *self = Self::On;
                context.submit(&Raw::new(RADIO_ON, RADIO_WITHIN)?)
            }
            Self::On => {
                let _ = context.finish(&Raw::new(RADIO_ON, RADIO_WITHIN)?)?;
                Ok(Next::Done(()))
            }
        }
    }
}

/// A rung by hardware.
#[derive(Clone, Copy)]
pub(super) struct Press {
    pub(super) rung: Rung,
    pub(super) steps: u8,
    /// Boots and power-downs that had been noticed before it.
    pub(super) before: [u32; 2],
}

impl Press {
    pub(super) fn progress(&self, engine: &Engine<'_>, now: Instant) -> Progress {
        let ([boots, power_downs], [boots_before, power_downs_before]) = (restarts(engine), self.before);
        Progress {
            steps: self.steps,
            boots: boots.wrapping_sub(boots_before),
            power_downs: power_downs.wrapping_sub(power_downs_before),
            now,
        }
    }
}

/// Boots and power-downs so far.
pub(super) fn restarts(engine: &Engine<'_>) -> [u32; 2] {
    let counters = engine.counters();
    [counters.boots, counters.power_downs]
}
