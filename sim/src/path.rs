//! The way between modem and broker: whether there is one, how long it takes, and what is on it.

use core::time::Duration;
use std::collections::VecDeque;

use crate::fault::NetworkFault;
use crate::modem::{NetworkEvent, OpenFailure};

/// What is on its way in both directions, of the one connection that the modem has.
#[derive(Debug, Default)]
pub(crate) struct Path {
    gone_until: Duration,
    silent_until: Duration,
    nameless_until: Duration,
    slow_until: Duration,
    latency: Duration,
    to_broker: VecDeque<(Duration, Vec<u8>)>,
    to_modem: VecDeque<(Duration, NetworkEvent)>,
}

impl Path {
    /// Lets a fault strike; true if the connection that stands is reset by it.
    pub(crate) fn strike(&mut self, fault: NetworkFault, now: Duration) -> bool {
        match fault {
            NetworkFault::Cut => {}
            NetworkFault::BrokerGone(time) => self.gone_until = self.gone_until.max(now + time),
            NetworkFault::BrokerSilent(time) => {
                self.silent_until = self.silent_until.max(now + time);
                // What is on its way now arrives no earlier either.
                for (due, _) in &mut self.to_broker {
                    *due = (*due).max(self.silent_until);
                }
                for (due, _) in &mut self.to_modem {
                    *due = (*due).max(self.silent_until);
                }
            }
            NetworkFault::BrokerSlow { latency, time } => {
                self.latency = latency;
                self.slow_until = now + time;
            }
            NetworkFault::NoNames(time) => self.nameless_until = self.nameless_until.max(now + time),
        }
        matches!(fault, NetworkFault::Cut | NetworkFault::BrokerGone(_))
    }

    /// Why no connection can be opened now, if none can.
    pub(crate) fn obstacle(&self, now: Duration) -> Option<OpenFailure> {
        if now < self.nameless_until {
            Some(OpenFailure::Dns)
        } else if now < self.gone_until {
            Some(OpenFailure::Network)
        } else {
            None
        }
    }

    pub(crate) fn send(&mut self, bytes: Vec<u8>, now: Duration) {
        let due = self.arrival(now).max(self.to_broker.back().map_or(now, |(due, _)| *due));
        self.to_broker.push_back((due, bytes));
    }

    pub(crate) fn receive(&mut self, event: NetworkEvent, now: Duration) {
        let due = self.arrival(now).max(self.to_modem.back().map_or(now, |(due, _)| *due));
        self.to_modem.push_back((due, event));
    }

    /// What has reached the broker by now.
    pub(crate) fn take_sent(&mut self, now: Duration) -> Option<Vec<u8>> {
        take_due(&mut self.to_broker, now)
    }

    /// What has reached the modem by now.
    pub(crate) fn take_received(&mut self, now: Duration) -> Option<NetworkEvent> {
        take_due(&mut self.to_modem, now)
    }

    /// When the next thing arrives.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        let to_broker = self.to_broker.front().map(|(due, _)| *due);
        let to_modem = self.to_modem.front().map(|(due, _)| *due);
        [to_broker, to_modem].into_iter().flatten().min()
    }

    /// The connection has ended, and with it what was on its way.
    pub(crate) fn clear(&mut self) {
        self.to_broker.clear();
        self.to_modem.clear();
    }

    fn arrival(&self, now: Duration) -> Duration {
        let latency = if now < self.slow_until { self.latency } else { Duration::ZERO };
        self.silent_until.max(now) + latency
    }
}

fn take_due<T>(queue: &mut VecDeque<(Duration, T)>, now: Duration) -> Option<T> {
    let is_due = queue.front().is_some_and(|(due, _)| *due <= now);
    if is_due { queue.pop_front().map(|(_, item)| item) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn received(path: &mut Path, now: u64) -> bool {
        path.take_received(seconds(now)).is_some()
    }

    #[test]
    fn without_a_fault_everything_arrives_at_once() {
        let mut path = Path::default();
        path.send(b"x".to_vec(), seconds(1));
        path.receive(NetworkEvent::Opened, seconds(1));
        assert_eq!(path.take_sent(seconds(1)), Some(b"x".to_vec()));
        assert_eq!(path.take_received(seconds(1)), Some(NetworkEvent::Opened));
        assert_eq!(path.obstacle(seconds(1)), None);
        assert_eq!(path.next_due(), None);
    }

    #[test]
    fn a_silent_broker_is_heard_afterwards() {
        let mut path = Path::default();
        path.receive(NetworkEvent::Opened, seconds(1));
        assert!(!path.strike(NetworkFault::BrokerSilent(seconds(10)), seconds(1)));
        path.receive(NetworkEvent::ClosedByPeer, seconds(2));
        assert!(!received(&mut path, 10));
        assert_eq!(path.next_due(), Some(seconds(11)));
        assert_eq!(path.take_received(seconds(11)), Some(NetworkEvent::Opened));
        assert_eq!(path.take_received(seconds(11)), Some(NetworkEvent::ClosedByPeer));
    }

    #[test]
    fn a_slow_broker_keeps_the_order_also_when_it_is_fast_again() {
        let mut path = Path::default();
        path.strike(NetworkFault::BrokerSlow { latency: seconds(5), time: seconds(2) }, seconds(0));
        path.receive(NetworkEvent::Opened, seconds(1));
        path.receive(NetworkEvent::ClosedByPeer, seconds(3));
        assert!(!received(&mut path, 5));
        assert_eq!(path.take_received(seconds(6)), Some(NetworkEvent::Opened));
        assert_eq!(path.take_received(seconds(6)), Some(NetworkEvent::ClosedByPeer));
    }

    #[test]
    fn obstacles_pass() {
        let mut path = Path::default();
        assert!(path.strike(NetworkFault::BrokerGone(seconds(9)), seconds(0)));
        path.strike(NetworkFault::NoNames(seconds(5)), seconds(0));
        let obstacles = [4, 8, 9].map(|now| path.obstacle(seconds(now)));
        assert_eq!(obstacles, [Some(OpenFailure::Dns), Some(OpenFailure::Network), None]);
    }
}
