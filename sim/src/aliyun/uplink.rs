//! What a device publishes: whether the platform takes it, and whom it goes to.

use core::time::Duration;

use mqttbytes::QoS;
use mqttbytes::v4::{Packet, PubAck, Publish};

use super::{CloseReason, Cloud, ConnectionId, DeviceId, EventKind, ExactlyOncePublish, PublishOutcome, PublishRecord};

const SECOND: Duration = Duration::from_secs(1);

impl Cloud {
    /// Takes a PUBLISH from a device. Its retain flag is no fault and has no effect. `[D, C]`
    pub(super) fn take_publish(&mut self, connection: ConnectionId, device: &DeviceId, publish: &Publish) {
        let outcome = self.judge_publish(device, publish);
        self.note(
            Some(connection),
            EventKind::Published(PublishRecord {
                device: device.clone(),
                topic: publish.topic.clone(),
                payload: publish.payload.to_vec(),
                qos: publish.qos,
                retain: publish.retain,
                dup: publish.dup,
                packet_id: publish.pkid,
                outcome,
            }),
        );
        match outcome {
            PublishOutcome::Accepted => {
                let echo_first = self.settings.open.echo_before_acknowledgement;
                if echo_first {
                    self.route(device, publish);
                }
                self.acknowledge(connection, publish);
                if !echo_first {
                    self.route(device, publish);
                }
            }
            PublishOutcome::Topic(_) if self.settings.open.acknowledge_refused_publish => {
                self.acknowledge(connection, publish);
            }
            PublishOutcome::TooLarge => self.close(connection, CloseReason::TooLarge),
            PublishOutcome::ExactlyOnce if self.settings.open.exactly_once_publish == ExactlyOncePublish::Close => {
                self.close(connection, CloseReason::ExactlyOnce);
            }
            // Too fast: the platform only writes it into its own log. [D]
            PublishOutcome::Topic(_) | PublishOutcome::Rate | PublishOutcome::ExactlyOnce => {}
        }
    }

    fn judge_publish(&mut self, device: &DeviceId, publish: &Publish) -> PublishOutcome {
        let limits = &self.settings.limits;
        if limits.payload.is_some_and(|longest| publish.payload.len() > longest) {
            return PublishOutcome::TooLarge;
        }
        let as_qos1 = self.settings.open.exactly_once_publish == ExactlyOncePublish::AsAtLeastOnce;
        if publish.qos == QoS::ExactlyOnce && !as_qos1 {
            return PublishOutcome::ExactlyOnce;
        }
        if let Err(refusal) = self.rules(device).check_publish(&publish.topic) {
            return PublishOutcome::Topic(refusal);
        }
        if !self.may_publish_again(device, publish.qos) {
            return PublishOutcome::Rate;
        }
        PublishOutcome::Accepted
    }

    /// Counts a message against the limit per second of its QoS.
    fn may_publish_again(&mut self, device: &DeviceId, qos: QoS) -> bool {
        let Some((at_most_once, at_least_once)) = self.settings.limits.uplink_per_second else {
            return true;
        };
        let (index, limit) = if qos == QoS::AtMostOnce { (0, at_most_once) } else { (1, at_least_once) };
        let now = self.now;
        let uplinks = &mut self.devices.get_mut(device).expect("it is signed in").uplinks[index];
        while uplinks.front().is_some_and(|at| *at + SECOND <= now) {
            uplinks.pop_front();
        }
        let may = uplinks.len() < limit;
        if may {
            uplinks.push_back(now);
        }
        may
    }

    fn acknowledge(&mut self, connection: ConnectionId, publish: &Publish) {
        if publish.qos != QoS::AtMostOnce {
            self.send(connection, Packet::PubAck(PubAck::new(publish.pkid)));
        }
    }

    /// A custom topic goes to whoever subscribed to it, which can only be the device itself; every other topic ends at
    /// the platform, which may answer.
    fn route(&mut self, device: &DeviceId, publish: &Publish) {
        if self.rules(device).custom_part(&publish.topic).is_some() {
            let echo = Publish::from_bytes(publish.topic.clone(), publish.qos, publish.payload.clone());
            self.deliver(device, echo);
        } else {
            self.reply(device, publish);
        }
    }
}
