//! How decisions become commands: what every front-end of this module runs, each with its own way to move bytes and time.

use super::action::{Action, View};
use super::desired::Desired;
use super::event::{Event, PublishError};
use super::ladder::{Rung, Rungs};
use super::machine::Supervisor;
use super::outbox::{Full, Outbox, Ticket, Waiting};
use super::policy::Policy;
use super::problem::{Problem, may_have_arrived};
use super::recovery::Progress;
use super::work::{Ask, Press, Radio, Work, restarts};
use crate::aliyun;
use crate::at::Engine;
use crate::client::plan::{BringUp, Connect, Context, Next, Subscription, Teardown};
use crate::client::{Failure, Publish};
use crate::command::LONGEST_PROMPTED_PAYLOAD;
use crate::mqtt::Session;
use crate::time::{Duration, Instant};
use crate::urc::{self, ConnectionStatus};
use crate::value::{Field, InvalidField, QoS, Rule, Topic};

/// What a front-end is to do next.
#[derive(Clone, Copy)]
pub(super) enum Turn {
    /// Move bytes until the command in flight has ended, then say so by [`Conduct::finished`].
    Drive,
    /// Hand out an event of the modem if there is one, without waiting.
    Look,
    /// Hand out an event of the modem, or wait for one until then.
    Rest(Option<Instant>),
    /// Take the next step of this rung, and give the outcome to [`Conduct::pressed`].
    Press(Rung, Progress),
    /// Hand this out.
    Event(Event<'static>),
    /// Let the application take the answer to its command, and then call [`Conduct::answer_taken`].
    #[cfg(feature = "nb")]
    Answered,
}

/// What is wanted, and how far it has got.
pub(super) struct Conduct<'p, 'q> {
    desired: Desired<'p>,
    supervisor: Supervisor,
    outbox: Outbox<'q>,
    work: Option<Work<'p>>,
    /// The command in flight is the work's.
    is_driving: bool,
    /// Between two actions, an event may be handed out.
    look_due: bool,
    /// What is still to be told, in this order.
    news: Option<Event<'static>>,
    concern: Option<Event<'static>>,
    recovering: Option<Rung>,
    was_online: bool,
    was_closed_by_broker: bool,
    /// The radio may be off.
    radio_off: bool,
    /// A rung by hardware of which no restart was heard, and how many restarts there had been by its end.
    unverified: Option<(Rung, u32)>,
    /// Why the oldest message was not sent or confirmed at the last attempt.
    refusal: Failure,
    /// It was in this session, so that the broker may end it over this message.
    is_suspect: bool,
}

impl<'p, 'q> Conduct<'p, 'q> {
    pub(super) fn new(desired: Desired<'p>, policy: Policy, outbox: Outbox<'q>, rungs: Rungs) -> Self {
        Self {
            desired,
            supervisor: Supervisor::new(&desired, policy, rungs),
            outbox,
            work: None,
            is_driving: false,
            look_due: true,
            news: None,
            concern: None,
            recovering: None,
            was_online: false,
            was_closed_by_broker: false,
            radio_off: false,
            unverified: None,
            refusal: Failure::NotConnected,
            is_suspect: false,
        }
    }

    /// What to do now.
    pub(super) fn turn(&mut self, context: &mut Context<'_, '_>) -> Turn {
        loop {
            if let Some(event) = self.tell(context) {
                return Turn::Event(event);
            }
            if let Some(turn) = self.work_on(context) {
                return turn;
            }
            if self.has_news() {
                continue;
            }
            if self.look_due {
                self.look_due = false;
                return Turn::Look;
            }
            let action = self.supervisor.next(&self.view(context), context.now);
            self.note_setback(None);
            match action {
                Action::Rest { until } if !self.has_news() => return Turn::Rest(until),
                action => self.begin(action, context),
            }
        }
    }

    /// What the work that is under way takes; none once there is none.
    pub(super) fn work_on(&mut self, context: &mut Context<'_, '_>) -> Option<Turn> {
        // What was given up is sent to its end first.
        while !self.is_driving && !context.engine.is_busy() {
            match &mut self.work {
                None => return None,
                #[cfg(feature = "nb")]
                Some(Work::Command { .. }) => return Some(Turn::Answered),
                Some(Work::Press(press)) => {
                    return Some(Turn::Press(press.rung, press.progress(context.engine, context.now)));
                }
                Some(work) => match work.advance(&self.outbox, context) {
                    Ok(Next::Drive) => self.is_driving = true,
                    Ok(Next::Done(event)) => {
                        self.news = event;
                        self.ended(Ok(()), context);
                    }
                    Err(failure) => self.ended(Err(failure), context),
                },
            }
        }
        Some(Turn::Drive)
    }

    /// The command in flight has ended.
    pub(super) const fn finished(&mut self) {
        self.is_driving = false;
    }

    /// The payload of the command in flight.
    pub(super) fn payload(&self) -> &[u8] {
        match &self.work {
            Some(Work::Send(Some(sent))) if sent.is_prompted() => {
                self.outbox.oldest().map_or(&[], |oldest| oldest.message.payload)
            }
            _ => &[],
        }
    }

    /// A step of a rung was taken: how long to wait until the next, if there is one.
    pub(super) fn pressed(&mut self, wait: Option<Duration>, context: &mut Context<'_, '_>) {
        let Some(Work::Press(press)) = &mut self.work else { return };
        press.steps = press.steps.saturating_add(1);
        let Press { rung, steps, before } = *press;
        let span = wait.filter(|_| steps < u8::MAX);
        if span.is_some_and(|span| context.pause::<()>(span).is_ok()) {
            self.is_driving = true;
            return;
        }
        self.unverified = None;
        if restarts(context.engine) == before {
            // Its banner may have been lost, or is still to come.
            context.engine.modem_restarted();
            self.unverified = Some((rung, context.engine.restarts()));
        }
        context.session.closed();
        self.radio_off = false;
        self.ended(Ok(()), context);
    }

    /// An event of the modem, which is about to be handed out.
    pub(super) fn observed<'a>(&mut self, event: urc::Event<'a>, now: Instant) -> Event<'a> {
        match event {
            urc::Event::Message { .. } | urc::Event::LargeMessage { .. } => self.supervisor.heard(now),
            urc::Event::Disconnected(report) => {
                let status = report.status;
                self.was_closed_by_broker = matches!(status, ConnectionStatus::ClosedByPeer | ConnectionStatus::Closed);
                if self.was_closed_by_broker && self.is_suspect {
                    self.outbox.refused();
                    self.is_suspect = false;
                }
            }
            _ => {}
        }
        Event::Modem(event)
    }

    /// Takes a message into the outbox.
    pub(super) fn publish(&mut self, message: &Publish<'_>) -> Result<Ticket, PublishError> {
        let topic = Topic::new(message.topic)?;
        if self.desired.is_at_aliyun() {
            aliyun::check(Field::Topic, topic.as_str())?;
            if message.qos == QoS::ExactlyOnce {
                return Err(InvalidField::new(Field::QoS, Rule::Unsupported).into());
            }
        }
        let actual = message.payload.len();
        if actual > LONGEST_PROMPTED_PAYLOAD {
            let rule = Rule::AtMost { limit: LONGEST_PROMPTED_PAYLOAD, actual };
            return Err(InvalidField::new(Field::Payload, rule).into());
        }
        self.outbox.push(message).map_err(|Full { needed, free }| PublishError::Full { needed, free })
    }

    pub(super) const fn outbox(&self) -> &Outbox<'q> {
        &self.outbox
    }

    pub(super) fn is_online(&self, session: &Session, engine: &Engine<'_>) -> bool {
        self.supervisor.is_online() && session.is_connected(engine)
    }

    /// Whether the command in flight is that of what is under way.
    #[cfg(feature = "nb")]
    pub(super) const fn is_driving(&self) -> bool {
        self.is_driving
    }

    /// Whether nothing is under way: a command in flight is the application's, or was.
    pub(super) const fn is_free(&self) -> bool {
        self.work.is_none()
    }

    /// A command of the application was submitted.
    #[cfg(feature = "nb")]
    pub(super) fn command_begun(&mut self) {
        self.work = Some(Work::Command { is_told: false });
        self.is_driving = true;
        self.look_due = true;
    }

    /// Whether a command of the application has ended, and its answer was not taken.
    #[cfg(feature = "nb")]
    pub(super) const fn is_answered(&self) -> bool {
        matches!(self.work, Some(Work::Command { .. })) && !self.is_driving
    }

    /// Whether that is still to be told.
    #[cfg(feature = "nb")]
    pub(super) const fn tell_answered(&mut self) -> bool {
        match &mut self.work {
            Some(Work::Command { is_told }) => !core::mem::replace(is_told, true),
            _ => false,
        }
    }

    #[cfg(feature = "nb")]
    pub(super) fn answer_taken(&mut self) {
        self.work = None;
    }

    pub(super) const fn want_session(&mut self, is_wanted: bool) {
        self.supervisor.want_session(is_wanted);
    }

    pub(super) fn set_desired(&mut self, desired: Desired<'p>) {
        self.desired = desired;
        let keeps_subscriptions = desired.keeps_subscriptions(self.supervisor.policy());
        self.supervisor.renew(desired.subscriptions.len(), keeps_subscriptions);
    }

    const fn has_news(&self) -> bool {
        self.news.is_some() || self.concern.is_some() || self.recovering.is_some()
    }

    /// What is to be told next.
    fn tell(&mut self, context: &Context<'_, '_>) -> Option<Event<'static>> {
        let told = self.news.take().or_else(|| self.concern.take());
        if told.is_some() {
            return told;
        }
        if let Some(rung) = self.recovering.take() {
            return Some(Event::Recovering(rung));
        }
        let is_online = self.is_online(context.session, context.engine);
        let has_come = is_online && !self.was_online;
        self.was_online = is_online;
        has_come.then_some(Event::Online)
    }

    fn view(&self, context: &Context<'_, '_>) -> View {
        View {
            is_connected: context.session.is_connected(context.engine),
            was_closed_by_broker: self.was_closed_by_broker,
            restarts: context.engine.restarts(),
            has_message: !self.outbox.is_empty(),
        }
    }

    fn begin(&mut self, action: Action, context: &Context<'_, '_>) {
        self.look_due = true;
        self.work = match action {
            Action::Recover(rung) => {
                self.recovering = Some(rung);
                Some(match rung {
                    Rung::Resync => Work::Ask(Ask::new()),
                    Rung::Reopen => Work::Close(Teardown::new()),
                    Rung::Radio => {
                        self.radio_off = true;
                        Work::Radio(Radio::Begin)
                    }
                    rung => Work::Press(Press { rung, steps: 0, before: restarts(context.engine) }),
                })
            }
            Action::BringUp if self.radio_off => Some(Work::Radio(Radio::ON)),
            Action::BringUp => Some(match self.desired.shown {
                Some(shown) => Work::WholeBringUp(shown.begin()),
                None => Work::BringUp(BringUp::new(self.desired.network)),
            }),
            Action::Connect => {
                self.was_closed_by_broker = false;
                self.is_suspect = false;
                Some(Work::Connect(Connect::new(self.desired.sign_on)))
            }
            Action::Disconnect => Some(Work::Close(Teardown::new())),
            Action::Subscribe(index) => self.desired.subscriptions.get(index).map(|subscription| {
                Work::Subscribe(Subscription::new(subscription.filter.as_str(), Some(subscription.qos)), index)
            }),
            Action::Send => self.begin_sending(),
            Action::Ask => Some(Work::Ask(Ask::new())),
            Action::Rest { .. } => None,
        };
    }

    /// Sends the oldest message, unless it was refused too often.
    fn begin_sending(&mut self) -> Option<Work<'p>> {
        let Waiting { ticket, refusals, .. } = self.outbox.oldest()?;
        if refusals < self.supervisor.policy().most_refusals {
            return Some(Work::Send(None));
        }
        self.give_up(ticket, self.refusal);
        None
    }

    fn give_up(&mut self, ticket: Ticket, error: Failure) {
        self.outbox.pop();
        self.is_suspect = false;
        self.news = Some(Event::GivenUp { ticket, error });
    }

    /// What was under way has ended.
    fn ended(&mut self, result: Result<(), Failure>, context: &Context<'_, '_>) {
        let problem = result.map_err(|failure| Problem::of(&failure));
        match (self.work.take(), result) {
            (Some(Work::Radio(_)), Ok(())) => {
                self.radio_off = false;
                if self.supervisor.doing() == Action::BringUp {
                    // It was only to be switched on before.
                    return self.begin(Action::BringUp, context);
                }
            }
            (Some(Work::BringUp(_)), Ok(())) => {
                let still = |(_, restarts): &(Rung, u32)| *restarts == context.engine.restarts();
                self.concern = self.unverified.take().filter(still).map(|(rung, _)| Event::Unverified(rung));
            }
            (Some(Work::Send(_)), result) => self.sent(result),
            (Some(Work::Subscribe(_, index)), Err(error))
                if matches!(problem, Err(Problem::Refused | Problem::Invalid)) =>
            {
                self.news = Some(Event::SubscriptionRefused { index, error });
            }
            _ => {}
        }
        self.supervisor.report(problem, &self.view(context), context.now);
        self.note_setback(result.err());
    }

    /// What has come of sending the oldest message: whether it stays.
    fn sent(&mut self, result: Result<(), Failure>) {
        let Some(Waiting { ticket, message, may_repeat, .. }) = self.outbox.oldest() else { return };
        let is_unconfirmed_by_nature = message.qos == QoS::AtMostOnce;
        let Err(error) = result else {
            self.outbox.pop();
            self.is_suspect = false;
            self.news = Some(Event::Delivered { ticket, may_be_repeated: may_repeat });
            return;
        };
        let may_have_arrived = may_have_arrived(&error);
        match Problem::of(&error) {
            Problem::Invalid => self.give_up(ticket, error),
            _ if is_unconfirmed_by_nature && may_have_arrived => self.give_up(ticket, error),
            problem => {
                if may_have_arrived {
                    self.outbox.may_repeat();
                }
                self.refusal = error;
                if problem == Problem::Rejected {
                    self.outbox.refused();
                } else {
                    self.is_suspect = true;
                }
            }
        }
    }

    fn note_setback(&mut self, error: Option<Failure>) {
        if let Some(setback) = self.supervisor.take_setback() {
            self.concern = Some(Event::Setback { setback, error });
        }
    }
}

impl core::fmt::Debug for Conduct<'_, '_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { desired, supervisor, outbox, .. } = self;
        formatter
            .debug_struct("Conduct")
            .field("desired", desired)
            .field("supervisor", supervisor)
            .field("outbox", outbox)
            .finish_non_exhaustive()
    }
}
