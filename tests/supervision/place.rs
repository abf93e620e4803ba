//! Where a supervisor is put to the test: facts about modem, network and broker, that change at set times.

use nt35e::supervisor::{Action, Desired, Policy, Problem, Rung, Rungs, Setback, Subscription, Supervisor, View};
use nt35e::{Broker, Instant, QoS};

pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;
pub(crate) const WEEK: u64 = 7 * DAY;

/// What the documentation promises for the time until it wakes up again.
const LONGEST_REST: u64 = 2 * HOUR;

pub(crate) const EVERY_RUNG: Rungs = Rungs::COMMANDS.with(Rung::Reset).with(Rung::PowerKey).with(Rung::Supply);

/// What can be wrong for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The modem does not answer. A restart by hardware cures it.
    Hung,
    /// The modem refuses every sign-in by itself. A restart by hardware cures it.
    Confused,
    NoNetwork,
    /// The broker's host cannot be reached; this takes a second to find out, or more than two minutes.
    Unreachable {
        is_slow: bool,
    },
    Busy,
    Refused,
    /// Publishes have no result, though the modem believes in its session.
    Swallowing,
    SubscriptionRefused,
}

/// What can happen at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The broker closes the connection, and the modem says so.
    Closed,
    /// The session ends, and nobody says so.
    LostUnnoticed,
    /// The modem restarts, and says so.
    Restart,
    /// The application has something to send.
    Message,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Entry {
    /// A CONNECT reaches the broker, or would if it could.
    SignIn,
    Online,
    Recovered(Rung),
    Setback(Setback),
    Sent,
}

pub(crate) struct Place {
    pub(crate) supervisor: Supervisor,
    pub(crate) now: u64,
    pub(crate) view: View,
    /// Whether the broker knows of the session.
    is_signed_in: bool,
    pub(crate) waiting: usize,
    /// From when until when.
    faults: Vec<(u64, u64, Fault)>,
    mishaps: Vec<(u64, Mishap)>,
    cured_at: u64,
    attempts: u64,
    was_online: bool,
    pub(crate) log: Vec<(u64, Entry)>,
}

impl Place {
    pub(crate) fn new(policy: Policy, rungs: Rungs) -> Self {
        Self::named("meter-17", policy, rungs)
    }

    pub(crate) fn named(name: &str, policy: Policy, rungs: Rungs) -> Self {
        let subscriptions = [Subscription::new("a", QoS::AtLeastOnce), Subscription::new("b", QoS::AtLeastOnce)];
        let subscriptions = subscriptions.map(Result::unwrap);
        let desired = Desired::new(Broker::new("mqtt.example.com", name).unwrap());
        let desired = desired.subscriptions(&subscriptions).unwrap();
        Self {
            supervisor: Supervisor::new(&desired, policy, rungs),
            now: 0,
            view: View::default(),
            is_signed_in: false,
            waiting: 0,
            faults: Vec::new(),
            mishaps: Vec::new(),
            cured_at: 0,
            attempts: 0,
            was_online: false,
            log: Vec::new(),
        }
    }

    pub(crate) fn usual() -> Self {
        Self::new(Policy::default(), EVERY_RUNG)
    }

    pub(crate) fn fault(&mut self, from: u64, until: u64, fault: Fault) {
        self.faults.push((from, until, fault));
    }

    pub(crate) fn mishap(&mut self, at: u64, mishap: Mishap) {
        self.mishaps.push((at, mishap));
        self.mishaps.sort_by_key(|(at, _)| core::cmp::Reverse(*at));
    }

    pub(crate) fn is_online(&self) -> bool {
        self.is_signed_in && self.view.is_connected && self.supervisor.is_online()
    }

    /// Another device signs in with the same identity.
    pub(crate) fn kick(&mut self) {
        self.is_signed_in = false;
        if self.view.is_connected {
            self.view.is_connected = false;
            self.view.was_closed_by_broker = true;
        }
    }

    pub(crate) fn run_until(&mut self, end: u64) {
        while self.now < end {
            self.step(end);
        }
    }

    /// Runs until it is online, and says how long that took.
    pub(crate) fn run_until_online(&mut self, limit: u64) -> u64 {
        let begin = self.now;
        while !self.is_online() {
            assert!(self.now - begin < limit, "not online after {} s: {:?}", limit / SECOND, self.log.last());
            self.step(begin + limit);
        }
        self.now - begin
    }

    /// Takes one action, or rests until `end` at the longest.
    pub(crate) fn step(&mut self, end: u64) {
        self.view.has_message = self.waiting > 0;
        let action = self.supervisor.next(&self.view, Instant::from_millis(self.now));
        self.note();
        if let Action::Rest { until } = action {
            let until = until.expect("a session is wanted, so it wakes up again").as_millis();
            assert!((self.now..=self.now + LONGEST_REST).contains(&until), "{until} at {}", self.now);
            let until = until.min(end);
            // What happens in between may end it.
            let happens = self.mishaps.last().map_or(u64::MAX, |(at, _)| *at);
            return self.pass(until.min(happens).max(self.now + 1) - self.now);
        }
        let result = self.perform(action);
        self.supervisor.report(result, &self.view, Instant::from_millis(self.now));
        self.note();
    }

    fn perform(&mut self, action: Action) -> Result<(), Problem> {
        match action {
            Action::Ask | Action::Recover(Rung::Resync) => {
                self.note_rung(action);
                self.command(SECOND / 10, 10 * SECOND)?;
                if self.is_signed_in {
                    return Ok(());
                }
                self.view.is_connected = false;
                Err(Problem::Lost)
            }
            Action::Recover(Rung::Reopen | Rung::Radio) | Action::Disconnect => {
                self.note_rung(action);
                self.end_session();
                self.command(3 * SECOND, 10 * SECOND)
            }
            Action::Recover(_) => {
                self.note_rung(action);
                self.pass(4 * SECOND);
                self.end_session();
                self.view.restarts += 1;
                self.cured_at = self.now;
                Ok(())
            }
            Action::BringUp => {
                self.command(4 * SECOND, 30 * SECOND)?;
                if self.has(Fault::NoNetwork) {
                    self.pass(180 * SECOND);
                    return Err(Problem::NoNetwork);
                }
                Ok(())
            }
            Action::Connect => self.connect(),
            Action::Subscribe(_) => {
                self.command(SECOND, 10 * SECOND)?;
                match self.is_signed_in && !self.is_cut_off() {
                    true if self.has(Fault::SubscriptionRefused) => Err(Problem::Refused),
                    true => Ok(()),
                    false => self.no_result(),
                }
            }
            Action::Send => {
                self.command(SECOND, 10 * SECOND)?;
                if !self.is_signed_in || self.is_cut_off() || self.has(Fault::Swallowing) {
                    return self.no_result();
                }
                self.waiting -= 1;
                self.log.push((self.now, Entry::Sent));
                Ok(())
            }
            other => panic!("{other:?}"),
        }
    }

    fn connect(&mut self) -> Result<(), Problem> {
        self.end_session();
        self.view.was_closed_by_broker = false;
        // By turns at once and at the very end, as close together as it can be.
        self.attempts += 1;
        let is_early = self.attempts.is_multiple_of(2);
        if is_early {
            self.log.push((self.now, Entry::SignIn));
        }
        let result = self.sign_in();
        if !is_early {
            self.log.push((self.now, Entry::SignIn));
        }
        result
    }

    fn sign_in(&mut self) -> Result<(), Problem> {
        self.command(2 * SECOND, 10 * SECOND)?;
        if self.has(Fault::Confused) {
            return Err(Problem::Rejected);
        }
        if self.is_cut_off() {
            let is_slow = self.has(Fault::Unreachable { is_slow: true });
            self.pass(if is_slow { 150 * SECOND } else { SECOND });
            return Err(Problem::Unreachable);
        }
        if self.has(Fault::Busy) {
            return Err(Problem::Busy);
        }
        if self.has(Fault::Refused) {
            return Err(Problem::Refused);
        }
        self.is_signed_in = true;
        self.view.is_connected = true;
        Ok(())
    }

    /// A command that the modem answers after a while, or does not.
    fn command(&mut self, takes: u64, limit: u64) -> Result<(), Problem> {
        let restarts = self.view.restarts;
        if self.has(Fault::Hung) {
            self.pass(limit);
            return Err(Problem::Silent);
        }
        self.pass(takes);
        if self.view.restarts == restarts { Ok(()) } else { Err(Problem::Restarted) }
    }

    fn no_result(&mut self) -> Result<(), Problem> {
        self.pass(30 * SECOND);
        Err(Problem::Unreachable)
    }

    fn end_session(&mut self) {
        self.is_signed_in = false;
        self.view.is_connected = false;
    }

    fn is_cut_off(&self) -> bool {
        self.has(Fault::NoNetwork)
            || self.has(Fault::Unreachable { is_slow: true })
            || self.has(Fault::Unreachable { is_slow: false })
    }

    fn has(&self, fault: Fault) -> bool {
        self.faults.iter().any(|(from, until, kind)| {
            let is_cured = matches!(kind, Fault::Hung | Fault::Confused) && *from <= self.cured_at && self.cured_at > 0;
            *kind == fault && (*from..*until).contains(&self.now) && !is_cured
        })
    }

    fn pass(&mut self, time: u64) {
        let end = self.now + time;
        while self.mishaps.last().is_some_and(|(at, _)| *at <= end) {
            let Some((at, mishap)) = self.mishaps.pop() else { break };
            self.now = self.now.max(at);
            match mishap {
                Mishap::Closed => self.kick(),
                Mishap::LostUnnoticed => self.is_signed_in = false,
                Mishap::Restart => {
                    self.view.restarts += 1;
                    self.end_session();
                }
                Mishap::Message => self.waiting += 1,
            }
        }
        self.now = end;
    }

    fn note_rung(&mut self, action: Action) {
        if let Action::Recover(rung) = action {
            self.log.push((self.now, Entry::Recovered(rung)));
        }
    }

    fn note(&mut self) {
        if let Some(setback) = self.supervisor.take_setback() {
            self.log.push((self.now, Entry::Setback(setback)));
        }
        let is_online = self.is_online();
        if is_online && !self.was_online {
            self.log.push((self.now, Entry::Online));
        }
        self.was_online = is_online;
    }

    pub(crate) fn sign_ins(&self) -> Vec<u64> {
        self.log.iter().filter(|(_, entry)| matches!(entry, Entry::SignIn)).map(|(at, _)| *at).collect()
    }

    pub(crate) fn rungs(&self) -> Vec<(u64, Rung)> {
        let rung = |(at, entry): &(u64, Entry)| match entry {
            Entry::Recovered(rung) => Some((*at, *rung)),
            _ => None,
        };
        self.log.iter().filter_map(rung).collect()
    }

    pub(crate) fn problems(&self) -> Vec<(u64, Problem)> {
        let problem = |(at, entry): &(u64, Entry)| match entry {
            Entry::Setback(setback) => Some((*at, setback.problem)),
            _ => None,
        };
        self.log.iter().filter_map(problem).collect()
    }
}

/// Checks that no minute has more than five sign-ins.
pub(crate) fn check_sign_ins(times: &[u64]) {
    for window in times.windows(6) {
        assert!(window[5] - window[0] > MINUTE, "six sign-ins within a minute: {window:?}");
    }
}
