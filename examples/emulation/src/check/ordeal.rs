//! A life under faults, one after the other, while messages are sent to the device. Afterwards it is back, and does its job.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use nt35e_sim::aliyun::{Cloud, EventKind, Packet, QoS};
use nt35e_sim::fault::{Mix, Schedule};
use nt35e_sim::modem::Modem;

use super::payloads;
use super::schedule::{FAULTS, LIVES, kinds, schedule};
use super::wire::Wire;
use crate::board::Board;
use crate::failure::Failure;
use crate::firmware::{self, GET};
use crate::rig::{Pace, Rig, published};

/// How long the first sign-in may take.
const START_LIMIT: Duration = Duration::from_secs(240);
/// After the last fault the device is online again within 15 minutes, as the supervisor promises. Refusals take longer only
/// where there were more of them than can be in such a short time.
const RETURN_LIMIT: Duration = Duration::from_secs(15 * 60);
/// How long a device that is back may take for a message.
const ECHO_LIMIT: Duration = Duration::from_secs(60);
/// While the device is away, it is sent a message so often.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// The platform takes five sign-ins a minute.
const MOST_SIGN_INS: usize = 5;
const MINUTE: Duration = Duration::from_secs(60);
/// How many messages have to come back in the end.
const FRESH: u8 = 20;
/// Who the fault `second-sign-in` signs in as.
const RIVAL: &str = "elsewhere";

/// A firmware on its way.
pub(super) struct Ordeal {
    rig: Rig,
    mix: Mix,
    seed: u64,
    schedule: Schedule,
    greeting: Vec<u8>,
    started: Instant,
    asked: u32,
}

impl Ordeal {
    pub(super) fn start(board: &Board, image: &Path, life: usize, wire: &Arc<Wire>) -> Result<Self, Failure> {
        let rig = Rig::start(board, image, Pace::Baud, wire.observer())?;
        let greeting = firmware::greeting(board);
        let (seed, schedule) = schedule(life);
        Ok(Self { rig, mix: LIVES[life], seed, schedule, greeting, started: Instant::now(), asked: 0 })
    }

    /// All of it; tells what was proven, or how to do it again.
    pub(super) fn run(mut self) -> Result<String, Failure> {
        let outcome = self.perform();
        let Self { seed, schedule, .. } = &self;
        outcome.map_err(|failure| Failure::new(format!("{failure}; seed {seed}, schedule `{schedule}`")))
    }

    fn perform(&mut self) -> Result<String, Failure> {
        let greeting = self.greeting.clone();
        if !self.rig.wait_for(START_LIMIT, |cloud| has_published(cloud, 0, &greeting))? {
            return Err(Failure::new(format!("the device did not sign in within {START_LIMIT:?}")));
        }
        let while_online = self.suffer()?;
        let over = Instant::now();
        self.come_back()?;
        let back = over.elapsed();
        self.echo_fresh_messages()?;
        let cloud = self.rig.cloud.cloud();
        let sign_ins = sign_ins(&cloud);
        spread(&sign_ins)?;
        if self.mix == Mix::FaithfulLine {
            nothing_is_made_up(&cloud, &self.greeting)?;
        }
        Ok(format!(
            "{FAULTS} faults, {while_online} of them in a session; back {:.0} s after the last, and {FRESH} of {FRESH} messages \
             came back; {} sign-ins, never more than {MOST_SIGN_INS} in a minute; {}",
            back.as_secs_f64(),
            sign_ins.len(),
            counted(&self.schedule)
        ))
    }

    /// Lets every fault strike; tells how many did so while the device was signed in.
    fn suffer(&mut self) -> Result<usize, Failure> {
        self.started = Instant::now();
        let messages = payloads::many(FAULTS);
        let mut while_online = 0;
        for (incident, message) in self.schedule.incidents.clone().into_iter().zip(messages) {
            self.pass_until(incident.at)?;
            self.rig.cloud.cloud().publish_to(GET, &message, QoS::AtLeastOnce);
            while_online += usize::from(self.is_online());
            self.rig
                .modem
                .strike(incident.place, incident.fault)
                .ok_or_else(|| Failure::new("the simulated modem has stopped"))?;
        }
        self.pass_until(self.schedule.ends_at())?;
        // Some wait for a byte that comes only with a session.
        let limit = Instant::now() + RETURN_LIMIT;
        while self.rig.control(|modem, _| modem.armed())? > 0 {
            if Instant::now() > limit {
                return Err(Failure::new(format!("faults still wait for their byte after {RETURN_LIMIT:?}")));
            }
            self.ask();
            self.rig.wait_for(ASK_EVERY, |_| false)?;
        }
        // Answers that are still to be lost, and the like.
        self.rig.control(Modem::calm)?;
        Ok(while_online)
    }

    /// Sends messages until one comes back.
    fn come_back(&mut self) -> Result<(), Failure> {
        let before = published(&self.rig.cloud.cloud()).len();
        let limit = Instant::now() + RETURN_LIMIT;
        let first = self.asked;
        while Instant::now() < limit {
            self.ask();
            let asked = first + 1..=self.asked;
            let questions: Vec<Vec<u8>> = asked.map(question).collect();
            let is_back = |cloud: &Cloud| questions.iter().any(|question| has_published(cloud, before, question));
            if self.rig.wait_for(ASK_EVERY, is_back)? {
                return Ok(());
            }
        }
        Err(Failure::new(format!("the device was not back within {RETURN_LIMIT:?} after the last fault")))
    }

    /// Each comes back byte for byte before the next is sent.
    fn echo_fresh_messages(&mut self) -> Result<(), Failure> {
        for number in 0..FRESH {
            let message = payloads::every_byte(100 + number);
            let before = published(&self.rig.cloud.cloud()).len();
            self.rig.cloud.cloud().publish_to(GET, &message, QoS::AtLeastOnce);
            if !self.rig.wait_for(ECHO_LIMIT, |cloud| has_published(cloud, before, &message))? {
                return Err(Failure::new(format!(
                    "message {} of {FRESH} after the faults did not come back",
                    number + 1
                )));
            }
        }
        Ok(())
    }

    fn ask(&mut self) {
        self.asked += 1;
        self.rig.cloud.cloud().publish_to(GET, &question(self.asked), QoS::AtLeastOnce);
    }

    fn is_online(&self) -> bool {
        let cloud = self.rig.cloud.cloud();
        let own = cloud.events().iter().rev().find_map(|event| match &event.kind {
            EventKind::ConnectAccepted { client_id, .. } if client_id != RIVAL => event.connection,
            _ => None,
        });
        own.is_some_and(|connection| cloud.is_open(connection))
    }

    fn pass_until(&mut self, at: Duration) -> Result<(), Failure> {
        self.rig.wait_for(at.saturating_sub(self.started.elapsed()), |_| false).map(drop)
    }
}

fn question(number: u32) -> Vec<u8> {
    format!("are you there? {number}").into_bytes()
}

/// Whether this is among what was published after so many.
fn has_published(cloud: &Cloud, before: usize, payload: &[u8]) -> bool {
    published(cloud).iter().skip(before).any(|record| record.payload == payload)
}

/// When the device has tried to sign in, successfully or not.
fn sign_ins(cloud: &Cloud) -> Vec<Duration> {
    let is_its_own = |kind: &EventKind| match kind {
        EventKind::Received(Packet::Connect(connect)) => !connect.client_id.starts_with(RIVAL),
        _ => false,
    };
    cloud.events().iter().filter(|event| is_its_own(&event.kind)).map(|event| event.at).collect()
}

fn spread(sign_ins: &[Duration]) -> Result<(), Failure> {
    let mut too_many = sign_ins.windows(MOST_SIGN_INS + 1).filter(|window| window[MOST_SIGN_INS] - window[0] < MINUTE);
    match too_many.next() {
        None => Ok(()),
        Some(window) => Err(Failure::new(format!("{} sign-ins in a minute, at {window:?}", window.len()))),
    }
}

/// On a line that spoils no byte the device publishes nothing that it was not sent.
fn nothing_is_made_up(cloud: &Cloud, greeting: &[u8]) -> Result<(), Failure> {
    let sent = cloud.events().iter().filter_map(|event| match &event.kind {
        EventKind::Sent(Packet::Publish(publish)) => Some(publish.payload.as_ref()),
        _ => None,
    });
    let sent: BTreeSet<&[u8]> = sent.chain([greeting]).collect();
    match published(cloud).iter().find(|record| !sent.contains(record.payload.as_slice())) {
        None => Ok(()),
        Some(record) => Err(Failure::new(format!("the device has made this up: `{}`", record.payload.escape_ascii()))),
    }
}

fn counted(schedule: &Schedule) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for kind in kinds(schedule) {
        *counts.entry(kind).or_default() += 1;
    }
    counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sixth_sign_in_within_a_minute_is_found_out() {
        let at = |seconds: &[u64]| seconds.iter().map(|second| Duration::from_secs(*second)).collect::<Vec<_>>();
        assert!(spread(&at(&[0, 15, 30, 45, 59])).is_ok());
        assert!(spread(&at(&[0, 15, 30, 45, 50, 60])).is_ok());
        assert!(spread(&at(&[0, 15, 30, 45, 50, 59, 200])).is_err());
    }
}
