//! SUBSCRIBE and UNSUBSCRIBE.

use mqttbytes::QoS;
use mqttbytes::v4::{Packet, SubAck, Subscribe, SubscribeReasonCode, UnsubAck, Unsubscribe};

use super::topics::Rules;
use super::{Cloud, ConnectionId, DeviceId, EventKind, TopicRefusal};

impl Cloud {
    /// Answers a SUBSCRIBE. A filter is granted at QoS 1 whatever was asked for. `[C]`
    pub(super) fn subscribe(&mut self, connection: ConnectionId, device: &DeviceId, subscribe: &Subscribe) {
        let limit = self.settings.limits.filters_per_subscribe;
        let too_many = limit.is_some_and(|limit| subscribe.filters.len() > limit);
        let mut codes = Vec::new();
        for filter in &subscribe.filters {
            let verdict =
                if too_many { Err(TopicRefusal::TooManyFilters) } else { self.may_subscribe(device, &filter.path) };
            let (device, filter, requested) = (device.clone(), filter.path.clone(), filter.qos);
            let kind = match verdict {
                Ok(()) => {
                    // The SUBACK comes at once, the messages up to 10 s later. [D]
                    let effective_at = self.now + self.settings.subscribe_delay;
                    let state = self.devices.get_mut(&device).expect("it is signed in");
                    state.session.subscribe(&filter, effective_at);
                    codes.push(SubscribeReasonCode::Success(QoS::AtLeastOnce));
                    EventKind::Subscribed { device, filter, requested }
                }
                Err(reason) => {
                    codes.push(SubscribeReasonCode::Failure);
                    EventKind::SubscribeRefused { device, filter, reason }
                }
            };
            self.note(Some(connection), kind);
        }
        self.send(connection, Packet::SubAck(SubAck::new(subscribe.pkid, codes)));
    }

    /// Answers an UNSUBSCRIBE, which is always granted.
    pub(super) fn unsubscribe(&mut self, connection: ConnectionId, device: &DeviceId, unsubscribe: &Unsubscribe) {
        for filter in &unsubscribe.topics {
            let state = self.devices.get_mut(device).expect("it is signed in");
            if state.session.unsubscribe(filter) {
                self.note(Some(connection), EventKind::Unsubscribed { device: device.clone(), filter: filter.clone() });
            }
        }
        self.send(connection, Packet::UnsubAck(UnsubAck::new(unsubscribe.pkid)));
    }

    /// The topics of a device.
    pub(super) fn rules<'a>(&'a self, device: &'a DeviceId) -> Rules<'a> {
        let own = self.settings.product_topics.get(&device.product_key);
        Rules {
            device,
            custom: own.unwrap_or(&self.settings.custom_topics),
            limits: &self.settings.limits,
            own_wildcards: self.settings.open.own_wildcards,
            server_subscribes_custom_rrpc: self.settings.open.server_subscribes_custom_rrpc,
        }
    }

    fn may_subscribe(&self, device: &DeviceId, filter: &str) -> Result<(), TopicRefusal> {
        self.rules(device).check_subscribe(filter)?;
        let session = &self.devices[device].session;
        let limit = self.settings.limits.subscriptions;
        if limit.is_some_and(|limit| session.filters().len() >= limit) && !session.has(filter) {
            return Err(TopicRefusal::TooManySubscriptions);
        }
        Ok(())
    }
}
