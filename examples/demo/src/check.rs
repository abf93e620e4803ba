//! The check: what arrived against what was meant to be sent.

use core::fmt;

use nt35e::QoS;
use nt35e_screen::{Escaped, Shortened};
use nt35e_sim::aliyun::{self, CloseReason, Cloud, DeviceReply, EventKind, PublishOutcome, PublishRecord};

/// A message as it was meant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) qos: QoS,
}

/// Everything that the device meant to do.
#[derive(Debug)]
pub(crate) struct Meant {
    pub(crate) product_key: &'static str,
    pub(crate) device_name: &'static str,
    pub(crate) filters: Vec<(String, QoS)>,
    pub(crate) messages: Vec<Message>,
    /// The id of the property set that the device answered.
    pub(crate) property_set: String,
}

/// What was found at the broker.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Found {
    pub(crate) messages: Messages,
    pub(crate) subscriptions: usize,
    pub(crate) property_replies: usize,
}

/// Messages that arrived as they were meant.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Messages {
    pub(crate) at_most_once: usize,
    pub(crate) at_least_once: usize,
}

/// What was meant and what was found differ.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Difference(String);

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Compares what the broker has recorded, and not what the driver believes, with what was meant.
pub(crate) fn at_broker(meant: &Meant, cloud: &Cloud) -> Result<Found, Difference> {
    signed_in_once(cloud)?;
    Ok(Found {
        messages: messages(&meant.messages, &cloud.publishes_from(meant.product_key, meant.device_name))?,
        subscriptions: subscriptions(&meant.filters, cloud)?,
        property_replies: replies(&meant.property_set, &cloud.property_replies(meant.product_key, meant.device_name))?,
    })
}

/// Whether a payload went as it had to: in the command line, or by the prompt. `sent` is everything sent for it.
pub(crate) fn went_by_prompt(sent: &[u8], payload: &[u8]) -> Result<bool, Difference> {
    let inline = [b",\"", payload, b"\"\r\n"].concat();
    let by_prompt = [format!(",{}\r\n", payload.len()).as_bytes(), payload].concat();
    if sent.ends_with(&by_prompt) {
        Ok(true)
    } else if sent.ends_with(&inline) {
        Ok(false)
    } else {
        Err(Difference(format!("the payload went neither inline nor by the prompt: {}", Shortened(sent))))
    }
}

/// Compares a payload, byte for byte.
pub(crate) fn payload(meant: &[u8], found: &[u8]) -> Result<(), Difference> {
    if meant == found {
        return Ok(());
    }
    let same = meant.iter().zip(found).take_while(|(meant, found)| meant == found).count();
    let from = |bytes: &[u8]| Escaped(&bytes[same..bytes.len().min(same + 8)]).to_string();
    let lengths = match (meant.len(), found.len()) {
        (meant, found) if meant == found => format!("{meant} bytes"),
        (meant, found) => format!("{found} bytes instead of {meant}"),
    };
    Err(Difference(format!("{lengths}, different from byte {same} on: `{}` instead of `{}`", from(found), from(meant))))
}

fn signed_in_once(cloud: &Cloud) -> Result<(), Difference> {
    let accepted =
        cloud.events().iter().filter(|event| matches!(event.kind, EventKind::ConnectAccepted { .. })).count();
    let reasons = cloud.close_reasons();
    if accepted != 1 || reasons != [&CloseReason::Disconnect] {
        return Err(Difference(format!(
            "the broker accepted {accepted} sign-ins, and their connections ended by {reasons:?}; \
             one and DISCONNECT were meant"
        )));
    }
    Ok(())
}

fn messages(meant: &[Message], recorded: &[&PublishRecord]) -> Result<Messages, Difference> {
    if meant.len() != recorded.len() {
        let difference = format!("the broker has {} messages instead of {}", recorded.len(), meant.len());
        return Err(Difference(difference));
    }
    let mut found = Messages::default();
    for (number, (meant, recorded)) in (1..).zip(meant.iter().zip(recorded)) {
        let differs = |what: String| Difference(format!("message {number} at the broker: {what}"));
        payload(&meant.payload, &recorded.payload).map_err(|difference| differs(difference.0))?;
        if recorded.topic != meant.topic {
            return Err(differs(format!("topic {} instead of {}", recorded.topic, meant.topic)));
        }
        if recorded.qos != at_cloud(meant.qos) {
            return Err(differs(format!("{:?} instead of {:?}", recorded.qos, meant.qos)));
        }
        if recorded.outcome != PublishOutcome::Accepted || recorded.dup || recorded.retain {
            let PublishRecord { outcome, dup, retain, .. } = recorded;
            return Err(differs(format!("{outcome:?}, dup {dup}, retain {retain}")));
        }
        found.count(meant.qos);
    }
    Ok(found)
}

fn subscriptions(meant: &[(String, QoS)], cloud: &Cloud) -> Result<usize, Difference> {
    let mut granted = Vec::new();
    for event in cloud.events() {
        match &event.kind {
            EventKind::Subscribed { filter, requested, .. } => granted.push((filter, *requested)),
            EventKind::SubscribeRefused { filter, reason, .. } => {
                return Err(Difference(format!("the broker refused the subscription to {filter}: {reason:?}")));
            }
            _ => {}
        }
    }
    let meant: Vec<_> = meant.iter().map(|(filter, qos)| (filter, at_cloud(*qos))).collect();
    if granted != meant {
        return Err(Difference(format!("the broker granted {granted:?} instead of {meant:?}")));
    }
    Ok(granted.len())
}

fn replies(meant: &str, recorded: &[&DeviceReply]) -> Result<usize, Difference> {
    match recorded {
        [reply] if reply.id == meant && reply.code == Some(200) => Ok(1),
        _ => {
            let found: Vec<_> = recorded.iter().map(|reply| (&reply.id, reply.code)).collect();
            Err(Difference(format!("property set {meant} was answered by {found:?} instead of code 200")))
        }
    }
}

fn at_cloud(qos: QoS) -> aliyun::QoS {
    match qos {
        QoS::AtMostOnce => aliyun::QoS::AtMostOnce,
        QoS::AtLeastOnce => aliyun::QoS::AtLeastOnce,
        QoS::ExactlyOnce => aliyun::QoS::ExactlyOnce,
    }
}

impl Messages {
    /// One more has arrived.
    pub(crate) fn count(&mut self, qos: QoS) {
        match qos {
            QoS::AtMostOnce => self.at_most_once += 1,
            QoS::AtLeastOnce | QoS::ExactlyOnce => self.at_least_once += 1,
        }
    }

    pub(crate) fn total(self) -> usize {
        self.at_most_once + self.at_least_once
    }
}

#[cfg(test)]
mod tests;
