//! What the platform remembers of a device: its subscriptions, and the messages it has not acknowledged.

use core::time::Duration;
use std::collections::VecDeque;

use mqttbytes::QoS;
use mqttbytes::v4::Publish;

use super::topics;

/// The memory of one device. It outlives the connection if the device asked for that.
#[derive(Debug, Default)]
pub(super) struct Session {
    subscriptions: Vec<Subscription>,
    in_flight: VecDeque<InFlight>,
    waiting: VecDeque<Waiting>,
    last_packet_id: u16,
    /// The device did not ask for a clean session.
    pub(super) persistent: bool,
    /// The device asked the platform to subscribe to the platform's own topics (`_ss=1`).
    pub(super) server_subscribed: bool,
    /// The device takes calls by RRPC on topics of its own (`ext=1`).
    pub(super) custom_rrpc: bool,
}

#[derive(Debug)]
struct Subscription {
    filter: String,
    effective_at: Duration,
}

#[derive(Debug)]
struct InFlight {
    message: Publish,
    sent_at: Duration,
}

#[derive(Debug)]
struct Waiting {
    message: Publish,
    since: Duration,
}

impl Session {
    /// Adds a subscription, or keeps the one there is.
    pub(super) fn subscribe(&mut self, filter: &str, effective_at: Duration) {
        if !self.has(filter) {
            self.subscriptions.push(Subscription { filter: filter.into(), effective_at });
        }
    }

    /// Removes a subscription; false if there is none.
    pub(super) fn unsubscribe(&mut self, filter: &str) -> bool {
        let before = self.subscriptions.len();
        self.subscriptions.retain(|subscription| subscription.filter != filter);
        self.subscriptions.len() < before
    }

    /// Whether this very filter is subscribed to.
    pub(super) fn has(&self, filter: &str) -> bool {
        self.subscriptions.iter().any(|subscription| subscription.filter == filter)
    }

    /// The filters, in the order in which they were subscribed to.
    pub(super) fn filters(&self) -> impl ExactSizeIterator<Item = &str> {
        self.subscriptions.iter().map(|subscription| subscription.filter.as_str())
    }

    /// Whether a message to this topic is for the device by now.
    pub(super) fn hears(&self, topic: &str, now: Duration) -> bool {
        let effective = self.subscriptions.iter().filter(|subscription| subscription.effective_at <= now);
        effective.into_iter().any(|subscription| topics::matches(&subscription.filter, topic))
    }

    /// Keeps a message until the device can take it.
    pub(super) fn wait(&mut self, message: Publish, now: Duration) {
        self.waiting.push_back(Waiting { message, since: now });
    }

    /// Prepares a message for sending: at QoS 1 it gets an id and is kept until it is acknowledged. `None` if more than
    /// `window` messages would be without acknowledgement; the message then waits.
    pub(super) fn send(&mut self, mut message: Publish, now: Duration, window: usize) -> Option<Publish> {
        if message.qos == QoS::AtMostOnce {
            return Some(message);
        }
        if self.in_flight.len() >= window || !self.waiting.is_empty() {
            self.wait(message, now);
            return None;
        }
        message.pkid = self.next_packet_id();
        self.in_flight.push_back(InFlight { message: message.clone(), sent_at: now });
        Some(message)
    }

    /// The next of the waiting messages that may be sent.
    pub(super) fn next_waiting(&mut self, now: Duration, window: usize) -> Option<Publish> {
        if self.in_flight.len() >= window {
            return None;
        }
        let mut message = self.waiting.pop_front()?.message;
        message.pkid = self.next_packet_id();
        self.in_flight.push_back(InFlight { message: message.clone(), sent_at: now });
        Some(message)
    }

    /// Takes an acknowledgement; false if no message has this id.
    pub(super) fn acknowledge(&mut self, packet_id: u16) -> bool {
        let before = self.in_flight.len();
        self.in_flight.retain(|entry| entry.message.pkid != packet_id);
        self.in_flight.len() < before
    }

    /// What was sent before `limit` and not acknowledged, to be sent once more, marked as such.
    pub(super) fn again(&mut self, limit: Duration, now: Duration) -> Vec<Publish> {
        let late = self.in_flight.iter_mut().filter(|entry| entry.sent_at <= limit);
        late.map(|entry| {
            entry.sent_at = now;
            entry.message.dup = true;
            entry.message.clone()
        })
        .collect()
    }

    /// When the message that was sent longest ago was sent.
    pub(super) fn oldest_sent(&self) -> Option<Duration> {
        self.in_flight.iter().map(|entry| entry.sent_at).min()
    }

    /// When the message that has waited longest began to wait.
    pub(super) fn oldest_waiting(&self) -> Option<Duration> {
        self.waiting.front().map(|entry| entry.since)
    }

    /// Gives up the messages that have waited since `limit` or longer.
    pub(super) fn expire(&mut self, limit: Duration) -> Vec<Publish> {
        let expired = self.waiting.iter().take_while(|entry| entry.since <= limit).count();
        self.waiting.drain(..expired).map(|entry| entry.message).collect()
    }

    /// Forgets everything but, if they are to stay, the subscriptions.
    pub(super) fn clear(&mut self, keep_subscriptions: bool) {
        let subscriptions = core::mem::take(&mut self.subscriptions);
        *self = Self::default();
        if keep_subscriptions {
            self.subscriptions = subscriptions;
        }
    }

    fn next_packet_id(&mut self) -> u16 {
        loop {
            self.last_packet_id = self.last_packet_id.checked_add(1).unwrap_or(1);
            if self.in_flight.iter().all(|entry| entry.message.pkid != self.last_packet_id) {
                return self.last_packet_id;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::ZERO;

    fn message(payload: &str) -> Publish {
        Publish::new("/t", QoS::AtLeastOnce, payload)
    }

    #[test]
    fn a_subscription_is_heard_from_its_time_on() {
        let mut session = Session::default();
        session.subscribe("/a/+", Duration::from_secs(10));
        assert!(!session.hears("/a/b", Duration::from_secs(9)));
        assert!(session.hears("/a/b", Duration::from_secs(10)));
        assert!(!session.hears("/b/b", Duration::from_secs(10)));
    }

    #[test]
    fn subscribing_again_does_not_put_it_off() {
        let mut session = Session::default();
        session.subscribe("/a", START);
        session.subscribe("/a", Duration::from_secs(10));
        assert!(session.hears("/a", START));
        assert_eq!(session.filters().len(), 1);
    }

    #[test]
    fn the_window_holds_and_opens_in_order() {
        let mut session = Session::default();
        assert_eq!(session.send(message("1"), START, 2).unwrap().pkid, 1);
        assert_eq!(session.send(message("2"), START, 2).unwrap().pkid, 2);
        assert!(session.send(message("3"), START, 2).is_none());
        assert!(session.next_waiting(START, 2).is_none());
        assert!(session.acknowledge(1));
        assert!(!session.acknowledge(1));
        // A later message does not overtake the waiting one.
        assert!(session.send(message("4"), START, 2).is_none());
        let next = session.next_waiting(START, 2).unwrap();
        assert_eq!((&next.payload[..], next.pkid, next.dup), (&b"3"[..], 3, false));
    }

    #[test]
    fn unacknowledged_messages_come_again_marked_and_in_order() {
        let mut session = Session::default();
        session.send(message("1"), START, 9);
        session.send(message("2"), START, 9);
        session.acknowledge(1);
        session.send(message("3"), START, 9);
        let again = session.again(START, START);
        let again: Vec<_> = again.iter().map(|message| (message.pkid, message.dup)).collect();
        assert_eq!(again, [(2, true), (3, true)]);
    }

    #[test]
    fn packet_ids_wrap_without_zero_and_spare_those_in_flight() {
        let mut session = Session::default();
        assert_eq!(session.send(message("1"), START, 9).unwrap().pkid, 1);
        session.last_packet_id = u16::MAX;
        assert_eq!(session.send(message("2"), START, 9).unwrap().pkid, 2);
    }

    #[test]
    fn waiting_messages_expire_oldest_first() {
        let mut session = Session::default();
        session.wait(message("1"), Duration::from_secs(1));
        session.wait(message("2"), Duration::from_secs(2));
        let expired = session.expire(Duration::from_secs(1));
        assert_eq!(expired.len(), 1);
        assert_eq!(&expired[0].payload[..], b"1");
        assert_eq!(session.oldest_waiting(), Some(Duration::from_secs(2)));
    }

    #[test]
    fn a_clear_forgets_the_messages_and_perhaps_the_subscriptions() {
        let mut session = Session::default();
        session.subscribe("/a", START);
        session.send(message("1"), START, 9);
        session.clear(true);
        assert!(session.again(START, START).is_empty());
        assert!(session.has("/a"));
        session.clear(false);
        assert!(!session.has("/a"));
    }
}
