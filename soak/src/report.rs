//! What was survived, in numbers.

use core::fmt;
use core::time::Duration;
use std::collections::BTreeMap;

use crate::journal::Journal;

/// Of one life, or of all of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) lives: u64,
    pub(crate) faults: u64,
    /// Lives in which no byte was spoiled on the line, so that all books had to balance.
    pub(crate) faithful: u64,
    /// On the fake clock.
    simulated: Duration,
    /// After the last fault, until messages came through in both directions.
    longest_outage: Duration,
    attempts: usize,
    confirmed: usize,
    at_broker: usize,
    delivered: usize,
    heard: usize,
    lost: usize,
    errors: u64,
    sign_ins: u64,
    calls: BTreeMap<&'static str, (Duration, u64)>,
}

impl Report {
    pub(crate) fn of_life(
        journal: &Journal,
        faults: u64,
        simulated: Duration,
        longest_outage: Duration,
        is_faithful: bool,
        [delivered, at_broker]: [usize; 2],
    ) -> Self {
        Self {
            lives: 1,
            faults,
            faithful: is_faithful.into(),
            simulated,
            longest_outage,
            attempts: journal.attempts.len(),
            confirmed: journal.attempts.iter().filter(|attempt| attempt.is_confirmed).count(),
            at_broker,
            delivered,
            heard: journal.heard.len(),
            lost: journal.lost,
            errors: journal.errors,
            sign_ins: journal.sign_ins,
            calls: journal.calls.clone(),
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.lives += other.lives;
        self.faults += other.faults;
        self.faithful += other.faithful;
        self.simulated += other.simulated;
        self.longest_outage = self.longest_outage.max(other.longest_outage);
        self.attempts += other.attempts;
        self.confirmed += other.confirmed;
        self.at_broker += other.at_broker;
        self.delivered += other.delivered;
        self.heard += other.heard;
        self.lost += other.lost;
        self.errors += other.errors;
        self.sign_ins += other.sign_ins;
        for (call, (took, count)) in &other.calls {
            let (longest, counted) = self.calls.entry(call).or_default();
            *longest = (*longest).max(*took);
            *counted += count;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.simulated.as_secs_f64() / 86_400.0;
        let spoiled = self.lives - self.faithful;
        writeln!(f, "faults     {} in {} lives, {days:.1} days on the fake clock", self.faults, self.lives)?;
        writeln!(f, "books      balanced in {} lives; in {spoiled} the line spoiled bytes", self.faithful)?;
        writeln!(f, "sign-ins   {} tried, {} errors of calls in all", self.sign_ins, self.errors)?;
        let Self { attempts, confirmed, at_broker, delivered, heard, lost, .. } = self;
        writeln!(f, "published  {attempts} tried, {confirmed} confirmed, {at_broker} at the broker with repetitions")?;
        writeln!(f, "received   {delivered} handed to the modem, {heard} handed out, {lost} frames reported as lost")?;
        for (call, (longest, count)) in &self.calls {
            writeln!(f, "longest    {:>7.1} s of {count} calls of {call}", longest.as_secs_f64())?;
        }
        write!(f, "again      connected at most {:.1} s after the last fault", self.longest_outage.as_secs_f64())
    }
}
