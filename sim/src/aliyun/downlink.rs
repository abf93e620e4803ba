//! What goes to a device: at the publisher's QoS, now, later or never.

use core::time::Duration;

use mqttbytes::QoS;
use mqttbytes::v4::{Packet, Publish};

use super::{Cloud, ConnectionId, DeviceId, EventKind, Undelivered};

impl Cloud {
    /// Whether a message to this topic is for the device.
    pub(super) fn listens(&self, device: &DeviceId, topic: &str) -> bool {
        let session = &self.devices[device].session;
        session.hears(topic, self.now) || session.server_subscribed && self.rules(device).is_server_subscribed(topic)
    }

    /// Sends a message to a device that subscribed to its topic, at the message's own QoS `[D]`, but never at QoS 2. At
    /// QoS 1 it is kept for an offline device that has a persistent session. Tells whether the message is sent or kept.
    pub(super) fn deliver(&mut self, device: &DeviceId, mut message: Publish) -> bool {
        if message.qos == QoS::ExactlyOnce {
            message.qos = QoS::AtLeastOnce;
        }
        let undelivered =
            |reason| EventKind::NotDelivered { device: device.clone(), topic: message.topic.clone(), reason };
        if !self.listens(device, &message.topic) {
            self.note(None, undelivered(Undelivered::NotSubscribed));
            return false;
        }
        self.dispatch(device, message)
    }

    /// Sends a message to a device whether it subscribed or not.
    pub(super) fn dispatch(&mut self, device: &DeviceId, message: Publish) -> bool {
        let undelivered =
            |reason| EventKind::NotDelivered { device: device.clone(), topic: message.topic.clone(), reason };
        let (now, window) = (self.now, self.settings.limits.unacknowledged);
        let state = self.devices.get_mut(device).expect("it is registered");
        let kept = message.qos == QoS::AtLeastOnce && state.session.persistent;
        let queued = EventKind::Queued { device: device.clone(), topic: message.topic.clone() };
        match state.connection {
            Some(connection) => match state.session.send(message, now, window) {
                Some(message) => self.send(connection, Packet::Publish(message)),
                None => self.note(None, queued),
            },
            None if kept => {
                state.session.wait(message, now);
                self.note(None, queued);
            }
            None => {
                self.note(None, undelivered(Undelivered::Offline));
                return false;
            }
        }
        true
    }

    /// Sends what a device missed: first what it did not acknowledge, marked as sent before, then what was kept.
    pub(super) fn resume(&mut self, connection: ConnectionId, device: &DeviceId) {
        let state = self.devices.get_mut(device).expect("it is signed in");
        for message in state.session.again(Duration::MAX, self.now) {
            self.send(connection, Packet::Publish(message));
        }
        self.send_waiting(connection, device);
    }

    /// Takes a PUBACK from a device; another message may now go.
    pub(super) fn take_acknowledgement(&mut self, connection: ConnectionId, device: &DeviceId, packet_id: u16) {
        let state = self.devices.get_mut(device).expect("it is signed in");
        let expected = state.session.acknowledge(packet_id);
        self.note(Some(connection), EventKind::Acknowledged { device: device.clone(), packet_id, expected });
        self.send_waiting(connection, device);
    }

    /// Gives up messages that have waited too long, and sends again what is late, if the settings say so.
    pub(super) fn tend_sessions(&mut self) {
        let devices: Vec<DeviceId> = self.devices.keys().cloned().collect();
        for device in devices {
            let state = self.devices.get_mut(&device).expect("it is one of them");
            let expired = match self.now.checked_sub(self.settings.limits.offline_kept) {
                Some(limit) => state.session.expire(limit),
                None => Vec::new(),
            };
            let limit = self.settings.open.retry_after.and_then(|after| self.now.checked_sub(after));
            let late = match (limit, state.connection) {
                (Some(limit), Some(connection)) => Some((connection, state.session.again(limit, self.now))),
                _ => None,
            };
            for Publish { topic, .. } in expired {
                let reason = Undelivered::Expired;
                self.note(None, EventKind::NotDelivered { device: device.clone(), topic, reason });
            }
            if let Some((connection, messages)) = late {
                for message in messages {
                    self.send(connection, Packet::Publish(message));
                }
            }
        }
    }

    /// When [`Cloud::tend_sessions`] next has something to do.
    pub(super) fn sessions_due(&self) -> impl Iterator<Item = Duration> {
        self.devices.values().flat_map(|state| {
            let expiry = state.session.oldest_waiting().map(|since| since + self.settings.limits.offline_kept);
            let after = self.settings.open.retry_after.filter(|_| state.connection.is_some());
            let retry = after.and_then(|after| state.session.oldest_sent().map(|sent| sent + after));
            [expiry, retry].into_iter().flatten()
        })
    }

    fn send_waiting(&mut self, connection: ConnectionId, device: &DeviceId) {
        let window = self.settings.limits.unacknowledged;
        loop {
            let state = self.devices.get_mut(device).expect("it is signed in");
            let Some(message) = state.session.next_waiting(self.now, window) else {
                return;
            };
            self.send(connection, Packet::Publish(message));
        }
    }
}
