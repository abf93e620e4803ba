//! What a firmware is put through. Whatever it is sent has to come back once, in order, and byte for byte.

use core::time::Duration;
use std::path::Path;
use std::sync::Arc;

use nt35e_sim::aliyun::{Cloud, EventKind, QoS, Refusal};
use nt35e_sim::modem::Modem;

use super::payloads;
use super::record::{Found, compare};
use super::wire::Wire;
use crate::board::{Board, SPARES_CLOUD_FOR};
use crate::failure::Failure;
use crate::firmware::{self, DEVICE_NAME, GET, PRODUCT_KEY};
use crate::rig::{Pace, Rig, published};

const MESSAGES: usize = 100;
/// How long anything may take: the longest takes a minute, which is the pause after a refused sign-in.
const LIMIT: Duration = Duration::from_secs(240);
/// How long the modem holds a command back that something is to happen to.
const HOLD: Duration = Duration::from_secs(2);
/// How long to wait for what must not come.
const AFTERMATH: Duration = Duration::from_secs(1);

/// A firmware on its way.
pub(super) struct Course<'a> {
    board: &'a Board,
    rig: Rig,
    wire: Arc<Wire>,
    greeting: Vec<u8>,
    /// All that was sent to the device.
    sent: Vec<Vec<u8>>,
    /// How long the modem usually takes to answer a command.
    acknowledge: Duration,
}

impl<'a> Course<'a> {
    pub(super) fn start(board: &'a Board, image: &Path, pace: Pace, wire: &Arc<Wire>) -> Result<Self, Failure> {
        let rig = Rig::start(board, image, pace, wire.observer())?;
        let acknowledge = pace.delays().acknowledge;
        let greeting = firmware::greeting(board);
        Ok(Self { board, rig, wire: Arc::clone(wire), greeting, sent: Vec::new(), acknowledge })
    }

    /// All of it; tells what was proven.
    pub(super) fn run(mut self) -> Result<String, Failure> {
        self.sign_in()?;
        self.echo_many()?;
        self.echo_a_burst()?;
        self.lose_the_link()?;
        self.restart_the_modem()?;
        self.disable_the_device()?;
        self.end()
    }

    fn sign_in(&mut self) -> Result<(), Failure> {
        let greeting = &self.greeting;
        let has_greeted = |cloud: &Cloud| published(cloud).iter().any(|record| record.payload == *greeting);
        if self.rig.wait_for(LIMIT, has_greeted)? {
            return Ok(());
        }
        Err(Failure::new(format!("the device did not sign in within {} s", LIMIT.as_secs())))
    }

    /// With never more on its way than the firmware promises to keep.
    fn echo_many(&mut self) -> Result<(), Failure> {
        for payload in payloads::many(MESSAGES) {
            self.send(payload)?;
            self.wait_for_echoes((self.sent.len() + 1).saturating_sub(self.board.burst))?;
        }
        self.wait_for_all()
    }

    /// As many of the longest messages as the firmware promises to keep, all at once.
    fn echo_a_burst(&mut self) -> Result<(), Failure> {
        let messages: Vec<Vec<u8>> = (0..self.board.burst).map(|turn| payloads::every_byte(100 + turn as u8)).collect();
        {
            // Nothing goes out before all of them wait.
            let mut cloud = self.rig.cloud.cloud();
            for message in &messages {
                cloud.publish_to(GET, message, QoS::AtLeastOnce);
            }
        }
        self.sent.extend(messages);
        self.wait_for_all()
    }

    /// While a message is in the device's RAM, and others are sent while the device is away.
    fn lose_the_link(&mut self) -> Result<(), Failure> {
        self.hold(b"received before the link was lost \r\nERROR\r\n")?;
        self.rig.modem.cut_link().ok_or_else(|| Failure::new("the simulated modem has stopped"))?;
        self.let_go()?;
        self.expect("the end of the connection", |cloud| cloud.connection_of(PRODUCT_KEY, DEVICE_NAME).is_none())?;
        self.send(b"sent while the link was lost".to_vec())?;
        self.send(payloads::every_byte(200))?;
        self.wait_for_all()
    }

    fn restart_the_modem(&mut self) -> Result<(), Failure> {
        self.hold(b"received before the modem restarted \r\nOK\r\n")?;
        self.rig.control(Modem::restart)?;
        self.let_go()?;
        self.wait_for_all()?;
        self.send(b"sent after the modem restarted".to_vec())?;
        self.wait_for_all()
    }

    /// A refused sign-in must not be hammered at.
    fn disable_the_device(&mut self) -> Result<(), Failure> {
        self.rig.cloud.cloud().disable_device(PRODUCT_KEY, DEVICE_NAME);
        self.expect("a refused sign-in", |cloud| refusals(cloud) == 1)?;
        let pause = SPARES_CLOUD_FOR;
        if self.rig.wait_for(pause, |cloud| refusals(cloud) > 1)? {
            return Err(Failure::new(format!("the device signs in again within {pause:?} after it was refused")));
        }
        self.send(b"sent while the device was disabled".to_vec())?;
        self.rig.cloud.cloud().enable_device(PRODUCT_KEY, DEVICE_NAME);
        self.wait_for_all()?;
        self.send(b"sent after the device was enabled".to_vec())?;
        self.wait_for_all()
    }

    fn end(mut self) -> Result<String, Failure> {
        let (sent, greeting) = (&self.sent, &self.greeting);
        self.rig.wait_for(AFTERMATH, |cloud| compare(sent, greeting, &published(cloud)).is_err())?;
        let cloud = self.rig.cloud.cloud();
        let Found { echoes, greetings } = compare(sent, greeting, &published(&cloud))?;
        let sign_ins =
            cloud.events().iter().filter(|event| matches!(event.kind, EventKind::ConnectAccepted { .. })).count();
        if greetings != sign_ins {
            return Err(Failure::new(format!("{greetings} greetings after {sign_ins} sign-ins")));
        }
        let bytes: usize = sent.iter().map(Vec::len).sum();
        Ok(format!(
            "{echoes} of {} messages came back, {bytes} bytes, {} at once, over {sign_ins} sign-ins after a lost link, \
             a restart of the modem and {} refused sign-in",
            sent.len(),
            self.board.burst,
            refusals(&cloud)
        ))
    }

    fn send(&mut self, payload: Vec<u8>) -> Result<(), Failure> {
        let receivers = self.rig.cloud.cloud().publish_to(GET, &payload, QoS::AtLeastOnce);
        if receivers != 1 {
            return Err(Failure::new(format!("message {} is for nobody", self.sent.len() + 1)));
        }
        self.sent.push(payload);
        Ok(())
    }

    /// Sends a message, and waits until the device has told the modem to publish it, which the modem has yet to do.
    fn hold(&mut self, payload: &[u8]) -> Result<(), Failure> {
        self.rig.control(|modem, _| modem.delays().acknowledge = HOLD)?;
        self.wire.forget();
        self.send(payload.to_vec())?;
        if !self.wire.wait_for_host(b"AT+LMQTTPUB", LIMIT) {
            return Err(Failure::new("the device did not publish what it was sent"));
        }
        // The modem has acknowledged it by now, and the cloud will not send it again.
        let sent = self.sent.len();
        self.expect("an acknowledgement", |cloud| acknowledgements(cloud) == sent)
    }

    /// From now on the modem answers as usual. What was held has not been published.
    fn let_go(&mut self) -> Result<(), Failure> {
        let acknowledge = self.acknowledge;
        self.rig.control(move |modem, _| modem.delays().acknowledge = acknowledge)?;
        let Found { echoes, .. } = compare(&self.sent, &self.greeting, &published(&self.rig.cloud.cloud()))?;
        if echoes + 1 == self.sent.len() {
            return Ok(());
        }
        Err(Failure::new(format!("this machine was too slow: a command that was held for {HOLD:?} was carried out")))
    }

    fn wait_for_all(&mut self) -> Result<(), Failure> {
        self.wait_for_echoes(self.sent.len())
    }

    /// Waits until so many messages have come back, or something else has.
    fn wait_for_echoes(&mut self, count: usize) -> Result<(), Failure> {
        let (sent, greeting) = (&self.sent, &self.greeting);
        let mut outcome = Ok(Found::default());
        self.rig.wait_for(LIMIT, |cloud| {
            outcome = compare(sent, greeting, &published(cloud));
            outcome.as_ref().map_or(true, |found| found.echoes >= count)
        })?;
        let Found { echoes, .. } = outcome?;
        if echoes >= count {
            return Ok(());
        }
        Err(Failure::new(format!(
            "{echoes} of {} messages came back, and no more for {} s",
            sent.len(),
            LIMIT.as_secs()
        )))
    }

    fn expect(&mut self, what: &str, condition: impl FnMut(&Cloud) -> bool) -> Result<(), Failure> {
        if self.rig.wait_for(LIMIT, condition)? {
            return Ok(());
        }
        Err(Failure::new(format!("the cloud has not seen {what} within {} s", LIMIT.as_secs())))
    }
}

/// Sign-ins that were refused because the device is disabled.
fn refusals(cloud: &Cloud) -> usize {
    let is_refusal = |kind: &EventKind| matches!(kind, EventKind::ConnectRefused { reason: Refusal::Disabled, .. });
    cloud.events().iter().filter(|event| is_refusal(&event.kind)).count()
}

/// Messages to the device that were acknowledged.
fn acknowledgements(cloud: &Cloud) -> usize {
    cloud.events().iter().filter(|event| matches!(event.kind, EventKind::Acknowledged { expected: true, .. })).count()
}
