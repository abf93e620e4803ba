//! The decisions: from what is wanted and what is the case, what to do next. No IO, no clock, no memory of its own.
//!
//! It asks the same questions from the top each time, so that it does not matter in which state it was interrupted:
//!
//! ```text
//!  is a pause over? ──no──► rest
//!  is a rung of the ladder due? ──► recover
//!  is the modem up? ──no──► bring up
//!  is there a session? ──no──► is the pause before a sign-in over? ──no──► rest
//!          │                                    └──► connect
//!  is something not subscribed? ──► subscribe
//!  does a message wait? ──► send
//!  was the session silent for long? ──► ask
//!  rest until then
//! ```

use super::action::{Action, Setback, View};
use super::back_off::{BackOff, Trouble};
use super::dice::Dice;
use super::ladder::{Evidence, Ladder, Rung, Rungs};
use super::policy::Policy;
use super::problem::Problem;
use crate::time::{Duration, Instant};

/// From the end of a sign-in to the beginning of the next: more than a fifth of a minute, so that the cloud never sees
/// more than five a minute, whatever happens (`aliyun.md` §5), with a reserve for what the network delays.
const BETWEEN_SIGN_INS: Duration = Duration::from_secs(15);
/// So many short sessions in a row are no accident.
const SHORT_SESSIONS: u8 = 3;
/// So many subscriptions can be kept track of.
pub(super) const MOST_SUBSCRIPTIONS: usize = 32;

/// Decides what to do next.
///
/// [`next`](Self::next) says what, and [`report`](Self::report) is told what came of it. Whoever has a front-end of
/// their own drives it like this; the [clients](super) of this module do it for everyone else.
///
/// ```
/// use nt35e::{Instant, Broker};
/// use nt35e::supervisor::{Action, Desired, Policy, Problem, Rungs, Supervisor, View};
///
/// let desired = Desired::new(Broker::new("mqtt.example.com", "meter-17")?);
/// let mut supervisor = Supervisor::new(&desired, Policy::default(), Rungs::COMMANDS);
/// let (mut view, now) = (View::default(), Instant::from_millis(0));
/// assert_eq!(supervisor.next(&view, now), Action::BringUp);
/// supervisor.report(Ok(()), &view, now);
/// assert_eq!(supervisor.next(&view, now), Action::Connect);
/// supervisor.report(Err(Problem::Busy), &view, now);
/// // Not at once, and not at the same time as everyone else.
/// assert!(matches!(supervisor.next(&view, now), Action::Rest { until: Some(until) } if until > now));
/// # Ok::<(), nt35e::InvalidField>(())
/// ```
#[derive(Clone, Debug)]
pub struct Supervisor {
    policy: Policy,
    rungs: Rungs,
    dice: Dice,
    back_off: BackOff,
    ladder: Ladder,
    is_wanted: bool,
    /// Something else is wanted than when the session was made.
    is_outdated: bool,
    has_begun: bool,
    doing: Action,
    /// The rung that is due.
    due: Option<Rung>,
    /// How many restarts there had been when the modem was brought up; none if it was not.
    up: Option<u32>,
    /// Since when there is a session.
    session: Option<Instant>,
    /// Since when it is known to be well: the first sign of life since something failed.
    calm_since: Option<Instant>,
    /// The last sign of life of it.
    heard_at: Instant,
    /// Nothing at all is done until then.
    rest_until: Instant,
    /// No sign-in begins until then, for what has failed, and until then, for the cloud's limit.
    sign_in_after: Instant,
    next_sign_in: Instant,
    short_sessions: u8,
    subscriptions: u8,
    keeps_subscriptions: bool,
    /// A bit for each subscription.
    granted: u32,
    refused: u32,
    subscribe_again_at: Instant,
    setback: Option<Setback>,
}

impl Supervisor {
    pub(super) const fn of(
        subscriptions: usize,
        keeps_subscriptions: bool,
        dice: Dice,
        policy: Policy,
        rungs: Rungs,
    ) -> Self {
        let start = Instant::from_millis(0);
        Self {
            policy,
            rungs,
            dice,
            back_off: BackOff::new(),
            ladder: Ladder::new(),
            is_wanted: true,
            is_outdated: false,
            has_begun: false,
            doing: Action::Rest { until: None },
            due: None,
            up: None,
            session: None,
            calm_since: None,
            heard_at: start,
            rest_until: start,
            sign_in_after: start,
            next_sign_in: start,
            short_sessions: 0,
            subscriptions: subscriptions as u8,
            keeps_subscriptions,
            granted: 0,
            refused: 0,
            subscribe_again_at: start,
            setback: None,
        }
    }

    /// What to do now. `now` must not go backwards.
    pub fn next(&mut self, view: &View, now: Instant) -> Action {
        if !self.has_begun {
            self.has_begun = true;
            self.sign_in_after = now + self.dice.up_to(self.policy.start_within);
        }
        if self.session.is_some() && !view.is_connected {
            self.session_ended(view, now);
        }
        self.doing = self.decide(view, now);
        match self.doing {
            // Also if nobody says what comes of it.
            Action::Connect => self.next_sign_in = now + BETWEEN_SIGN_INS,
            // What ends it now is no setback.
            Action::Recover(rung) if rung > Rung::Resync => self.session = None,
            Action::Disconnect => self.session = None,
            _ => {}
        }
        self.doing
    }

    /// What came of what [`next`](Self::next) said last.
    pub fn report(&mut self, result: Result<(), Problem>, view: &View, now: Instant) {
        match result {
            Ok(()) => self.succeeded(view, now),
            Err(problem) => self.failed(problem, view, now),
        }
    }

    /// A message has come, or something else that proves the session to be alive.
    pub fn heard(&mut self, now: Instant) {
        self.heard_at = now;
        self.calm_since.get_or_insert(now);
    }

    /// What has failed since this was asked last.
    pub const fn take_setback(&mut self) -> Option<Setback> {
        self.setback.take()
    }

    /// Whether the device is signed in, and each of its subscriptions was granted or refused.
    pub const fn is_online(&self) -> bool {
        self.session.is_some() && self.granted | self.refused == self.all()
    }

    /// The subscriptions that the broker has refused, a bit for each.
    pub const fn refused_subscriptions(&self) -> u32 {
        self.refused
    }

    pub(super) const fn doing(&self) -> Action {
        self.doing
    }

    pub(super) const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether a session is wanted at all, which it is at first.
    pub const fn want_session(&mut self, is_wanted: bool) {
        self.is_wanted = is_wanted;
    }

    /// Something else is wanted from now on. A session that there is ends, and pauses after refusals with it.
    pub(super) const fn renew(&mut self, subscriptions: usize, keeps_subscriptions: bool) {
        self.subscriptions = subscriptions as u8;
        self.keeps_subscriptions = keeps_subscriptions;
        self.granted = 0;
        self.refused = 0;
        if let Action::Subscribe(_) = self.doing {
            // It means another one now.
            self.doing = Action::Rest { until: None };
        }
        self.is_outdated = true;
        self.back_off = BackOff::new();
        self.short_sessions = 0;
        self.sign_in_after = Instant::from_millis(0);
    }

    fn decide(&mut self, view: &View, now: Instant) -> Action {
        if now < self.rest_until {
            return Action::Rest { until: Some(self.rest_until) };
        }
        if view.is_connected && (self.is_outdated || !self.is_wanted) {
            return Action::Disconnect;
        }
        self.is_outdated = false;
        if !self.is_wanted {
            return Action::Rest { until: None };
        }
        if let Some(rung) = self.due {
            return Action::Recover(rung);
        }
        if self.up != Some(view.restarts) {
            return Action::BringUp;
        }
        if !view.is_connected {
            let from = self.sign_in_after.max(self.next_sign_in);
            return if now < from { Action::Rest { until: Some(from) } } else { Action::Connect };
        }
        if self.refused != 0 && now >= self.subscribe_again_at {
            self.refused = 0;
        }
        let missing = self.all() & !(self.granted | self.refused);
        if missing != 0 {
            return Action::Subscribe(missing.trailing_zeros() as usize);
        }
        if view.has_message {
            return Action::Send;
        }
        let ask_at = self.heard_at + self.policy.ask_after;
        if now >= ask_at {
            return Action::Ask;
        }
        let again_at = if self.refused == 0 { ask_at } else { self.subscribe_again_at };
        Action::Rest { until: Some(ask_at.min(again_at)) }
    }

    fn succeeded(&mut self, view: &View, now: Instant) {
        match self.doing {
            Action::Recover(rung) => {
                self.due = None;
                if rung >= Rung::Radio {
                    self.up = None;
                }
                if rung == Rung::Resync {
                    self.heard(now);
                }
            }
            Action::BringUp => self.up = Some(view.restarts),
            Action::Connect => {
                self.next_sign_in = now + BETWEEN_SIGN_INS;
                self.session = Some(now);
                self.calm_since = Some(now);
                self.heard_at = now;
                self.refused = 0;
                if !self.keeps_subscriptions {
                    self.granted = 0;
                }
            }
            Action::Subscribe(index) => {
                self.granted |= bit(index);
                self.progressed(now);
            }
            Action::Send => self.progressed(now),
            Action::Ask => self.heard(now),
            Action::Disconnect | Action::Rest { .. } => {}
        }
    }

    /// The broker has answered in a session: modem and network do their work.
    fn progressed(&mut self, now: Instant) {
        self.heard(now);
        self.ladder.descend();
    }

    fn failed(&mut self, problem: Problem, view: &View, now: Instant) {
        let problem = if problem == Problem::Lost && view.is_connected { Problem::Rejected } else { problem };
        match (self.doing, problem) {
            // Not the session has failed, but this alone.
            (Action::Subscribe(index), Problem::Refused | Problem::Invalid) => {
                self.refused |= bit(index);
                let pause = self.back_off.pause(Trouble::Subscription, &self.policy, &mut self.dice);
                self.subscribe_again_at = now + pause;
                return;
            }
            (Action::Send, Problem::Refused | Problem::Invalid) | (Action::Rest { .. }, _) => return,
            // The view shows it as well. Nobody had said so before, and the modem may have restarted unnoticed.
            (_, Problem::Lost) => {
                self.up = None;
                self.due = None;
                return;
            }
            (Action::Connect, _) => self.next_sign_in = now + BETWEEN_SIGN_INS,
            (Action::BringUp, _) => self.ladder.has_resynced(),
            _ => {}
        }
        self.settle(now);
        if problem.is_answer_of_broker() {
            self.ladder.descend();
        }
        self.due = None;
        if let Some(evidence) = problem.evidence() {
            self.recover(evidence, view, now);
        }
        self.set_back(Some(self.doing), problem, now);
    }

    /// Finds out what to try next.
    fn recover(&mut self, evidence: Evidence, view: &View, now: Instant) {
        let due = self.ladder.climb(evidence, self.rungs, self.policy.patience, now);
        self.due = match due {
            // A session that may be well is not given up for that.
            None if view.is_connected && evidence != Evidence::Deaf => Some(Rung::Resync),
            // Without a session, bringing up and signing in do just that.
            Some(Rung::Resync | Rung::Reopen) if !view.is_connected => None,
            due => due,
        };
        if self.due.is_none() {
            self.up = None;
        }
    }

    fn session_ended(&mut self, view: &View, now: Instant) {
        let length = self.session.map_or(Duration::from_millis(0), |since| now - since);
        if !self.back_off.is_contended(length, &self.policy) {
            self.short_sessions = 0;
        } else if view.was_closed_by_broker {
            self.short_sessions = self.short_sessions.saturating_add(1);
        }
        self.settle(now);
        self.session = None;
        self.due = self.due.filter(|rung| *rung > Rung::Reopen);
        let has_restarted = self.up.is_some_and(|restarts| restarts != view.restarts);
        let problem = match self.short_sessions {
            _ if has_restarted => Problem::Restarted,
            SHORT_SESSIONS.. => Problem::Contended,
            _ => Problem::Lost,
        };
        self.set_back(None, problem, now);
    }

    /// A session that has gone well until now has put an end to what led up to it.
    fn settle(&mut self, now: Instant) {
        let calm = self.calm_since.take().map_or(Duration::from_millis(0), |since| now - since);
        if self.session.is_some() && calm >= self.policy.good_session {
            self.back_off.settle(calm, &self.policy);
            self.ladder.descend();
        }
    }

    fn set_back(&mut self, during: Option<Action>, problem: Problem, now: Instant) {
        let trouble = problem.trouble();
        let until = now + self.back_off.pause(trouble, &self.policy, &mut self.dice);
        // While the broker is to be spared, the modem may be looked after.
        let concerns_broker = matches!(during, None | Some(Action::Connect)) && trouble != Trouble::Local;
        let pause = if concerns_broker { &mut self.sign_in_after } else { &mut self.rest_until };
        *pause = until.max(*pause);
        self.setback = Some(Setback { during, problem, until: *pause });
    }

    const fn all(&self) -> u32 {
        match u32::MAX.checked_shl(self.subscriptions as u32) {
            Some(others) => !others,
            None => u32::MAX,
        }
    }
}

/// The bit of a subscription; none for one that does not exist.
const fn bit(index: usize) -> u32 {
    match 1_u32.checked_shl(index as u32) {
        Some(bit) => bit,
        None => 0,
    }
}
