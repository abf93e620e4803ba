//! A session that is signed in: messages both ways, subscriptions, resending, keep-alive.

use core::time::Duration;

use mqttbytes::QoS;
use mqttbytes::v4::{Packet, Publish, SubscribeReasonCode};

use super::in_flight::{InFlight, Stage};
use super::{Session, SessionEvent, codec};

impl Session {
    /// Sends a message; at QoS 0 that is all, otherwise [`SessionEvent::Published`] follows.
    pub(crate) fn publish(
        &mut self,
        packet_id: u16,
        qos: QoS,
        retain: bool,
        topic: &str,
        payload: Vec<u8>,
        now: Duration,
    ) {
        let publish = codec::publish(packet_id, qos, retain, topic, payload);
        self.last_sent = now;
        if qos == QoS::AtMostOnce {
            codec::write_publish(&publish, &mut self.output);
        } else {
            self.send(packet_id, Stage::Publish(publish), now);
        }
    }

    /// Asks for subscriptions.
    pub(crate) fn subscribe(&mut self, packet_id: u16, filters: Vec<(String, QoS)>, now: Duration) {
        self.send(packet_id, Stage::Subscribe(packet_id, filters), now);
    }

    /// Ends subscriptions.
    pub(crate) fn unsubscribe(&mut self, packet_id: u16, filters: Vec<String>, now: Duration) {
        self.send(packet_id, Stage::Unsubscribe(packet_id, filters), now);
    }

    /// Whether a packet with this id awaits its acknowledgement.
    pub(crate) fn is_in_flight(&self, packet_id: u16) -> bool {
        self.in_flight.contains_key(&packet_id)
    }

    fn send(&mut self, packet_id: u16, stage: Stage, now: Duration) {
        self.last_sent = now;
        let in_flight = InFlight::send(stage, &mut self.output, now);
        self.in_flight.insert(packet_id, in_flight);
    }

    pub(super) fn take_connected(&mut self, packet: Packet, now: Duration) {
        match packet {
            Packet::Publish(publish) => self.take_message(publish, now),
            Packet::PubRel(released) => {
                self.unreleased.remove(&released.pkid);
                codec::write_publish_complete(released.pkid, &mut self.output);
                self.last_sent = now;
            }
            Packet::PubAck(acknowledged) => {
                self.finish(
                    acknowledged.pkid,
                    |stage| matches!(stage, Stage::Publish(publish) if publish.qos == QoS::AtLeastOnce),
                );
            }
            Packet::PubRec(received) => {
                // Also for an id that is not known: the broker must come to an end with it.
                self.send(received.pkid, Stage::Release(received.pkid), now);
            }
            Packet::PubComp(completed) => {
                self.finish(completed.pkid, |stage| matches!(stage, Stage::Release(_)));
            }
            Packet::SubAck(acknowledged) => {
                if self.settle(acknowledged.pkid, |stage| matches!(stage, Stage::Subscribe(..))) {
                    let granted = acknowledged.return_codes.iter().map(|code| match code {
                        SubscribeReasonCode::Success(qos) => *qos as u8,
                        SubscribeReasonCode::Failure => 128,
                    });
                    self.events.push_back(SessionEvent::Subscribed(acknowledged.pkid, granted.collect()));
                }
            }
            Packet::UnsubAck(acknowledged) => {
                if self.settle(acknowledged.pkid, |stage| matches!(stage, Stage::Unsubscribe(..))) {
                    self.events.push_back(SessionEvent::Unsubscribed(acknowledged.pkid));
                }
            }
            Packet::PingResp => self.ping_sent = None,
            Packet::Connect(_)
            | Packet::ConnAck(_)
            | Packet::Subscribe(_)
            | Packet::Unsubscribe(_)
            | Packet::PingReq
            | Packet::Disconnect => self.end(SessionEvent::ProtocolError),
        }
    }

    fn take_message(&mut self, publish: Publish, now: Duration) {
        let packet_id = publish.pkid;
        let mut is_new = true;
        match publish.qos {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce => codec::write_publish_acknowledged(packet_id, &mut self.output),
            QoS::ExactlyOnce => {
                is_new = self.unreleased.insert(packet_id);
                codec::write_publish_received(packet_id, &mut self.output);
            }
        }
        if publish.qos != QoS::AtMostOnce {
            self.last_sent = now;
        }
        if is_new {
            self.events.push_back(SessionEvent::Message {
                packet_id,
                topic: publish.topic,
                payload: publish.payload.to_vec(),
            });
        }
    }

    /// Ends a publish, if one with this id is at this stage.
    fn finish(&mut self, packet_id: u16, at_stage: impl FnOnce(&Stage) -> bool) {
        if self.settle(packet_id, at_stage) {
            self.events.push_back(SessionEvent::Published(packet_id));
        }
    }

    /// Forgets a packet, if one with this id is at this stage.
    fn settle(&mut self, packet_id: u16, at_stage: impl FnOnce(&Stage) -> bool) -> bool {
        let settled = self.in_flight.get(&packet_id).is_some_and(|in_flight| at_stage(&in_flight.stage));
        if settled {
            self.in_flight.remove(&packet_id);
        }
        settled
    }

    pub(super) fn connected_due(&self) -> Option<Duration> {
        let limit = self.settings.packet_limit;
        let resend = self.in_flight.values().map(|in_flight| in_flight.due(limit)).min();
        [resend, self.ping_due()].into_iter().flatten().min()
    }

    pub(super) fn tick_connected(&mut self, now: Duration) {
        self.resend(now);
        if self.ping_due().is_none_or(|due| now < due) {
            return;
        }
        if self.ping_sent.is_some() {
            self.end(SessionEvent::KeepAliveLost);
        } else {
            codec::write_ping(&mut self.output);
            self.last_sent = now;
            self.ping_sent = Some(now);
        }
    }

    fn resend(&mut self, now: Duration) {
        let (limit, tries) = (self.settings.packet_limit, self.settings.tries);
        let mut given_up = Vec::new();
        for (packet_id, in_flight) in &mut self.in_flight {
            if now < in_flight.due(limit) {
                continue;
            }
            if in_flight.send_again(tries, &mut self.output, now) {
                self.last_sent = now;
                self.events.push_back(SessionEvent::SentAgain(*packet_id));
            } else {
                given_up.push(*packet_id);
            }
        }
        for packet_id in given_up {
            self.in_flight.remove(&packet_id);
            self.events.push_back(SessionEvent::GivenUp(packet_id));
        }
    }

    /// When to ping, or when to give the broker up: half a keep-alive after the ping, as the broker does it with us.
    fn ping_due(&self) -> Option<Duration> {
        let keep_alive = Duration::from_secs(self.settings.keep_alive.into());
        match self.ping_sent {
            _ if keep_alive.is_zero() => None,
            Some(sent) => Some(sent + keep_alive / 2),
            None => Some(self.last_sent + keep_alive),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{connected, events};
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    const NOW: Duration = Duration::ZERO;

    #[test]
    fn qos_0_is_sent_and_forgotten() {
        let mut session = connected(NOW);
        session.publish(0, QoS::AtMostOnce, true, "t", b"x".to_vec(), NOW);
        assert_eq!(session.transmit(), b"\x31\x04\0\x01tx");
        assert!(!session.is_in_flight(0));
    }

    #[test]
    fn qos_1_ends_with_puback_of_its_own_id() {
        let mut session = connected(NOW);
        session.publish(5, QoS::AtLeastOnce, false, "t", b"x".to_vec(), NOW);
        assert_eq!(session.transmit(), b"\x32\x06\0\x01t\0\x05x");
        session.receive(b"\x40\x02\0\x06", NOW);
        assert_eq!(events(&mut session), []);
        session.receive(b"\x40\x02\0\x05", NOW);
        assert_eq!(events(&mut session), [SessionEvent::Published(5)]);
        session.receive(b"\x40\x02\0\x05", NOW);
        assert_eq!(events(&mut session), []);
    }

    #[test]
    fn qos_2_takes_two_round_trips() {
        let mut session = connected(NOW);
        session.publish(5, QoS::ExactlyOnce, false, "t", b"x".to_vec(), NOW);
        assert_eq!(session.transmit(), b"\x34\x06\0\x01t\0\x05x");
        session.receive(b"\x50\x02\0\x05", NOW);
        assert_eq!(session.transmit(), b"\x62\x02\0\x05");
        assert_eq!(events(&mut session), []);
        session.receive(b"\x70\x02\0\x05", NOW);
        assert_eq!(events(&mut session), [SessionEvent::Published(5)]);
    }

    #[test]
    fn messages_are_acknowledged_by_their_quality_and_qos_2_comes_once() {
        let message = |packet_id| SessionEvent::Message { packet_id, topic: "t".to_owned(), payload: b"x".to_vec() };
        let mut session = connected(NOW);
        session.receive(b"\x30\x04\0\x01tx", NOW);
        assert_eq!((session.transmit(), events(&mut session)), (b"".to_vec(), vec![message(0)]));
        session.receive(b"\x32\x06\0\x01t\0\x07x", NOW);
        assert_eq!((session.transmit(), events(&mut session)), (b"\x40\x02\0\x07".to_vec(), vec![message(7)]));
        session.receive(b"\x34\x06\0\x01t\0\x09x\x3c\x06\0\x01t\0\x09x", NOW);
        let received = b"\x50\x02\0\x09\x50\x02\0\x09".to_vec();
        assert_eq!((session.transmit(), events(&mut session)), (received, vec![message(9)]));
        session.receive(b"\x62\x02\0\x09", NOW);
        assert_eq!((session.transmit(), events(&mut session)), (b"\x70\x02\0\x09".to_vec(), vec![]));
        session.receive(b"\x34\x06\0\x01t\0\x09x", NOW);
        assert_eq!(events(&mut session), [message(9)]);
    }

    #[test]
    fn subscriptions_tell_what_was_granted() {
        let mut session = connected(NOW);
        let filters = vec![("a".to_owned(), QoS::ExactlyOnce), ("b".to_owned(), QoS::AtMostOnce)];
        session.subscribe(1, filters, NOW);
        assert_eq!(session.transmit(), b"\x82\x0a\0\x01\0\x01a\x02\0\x01b\0");
        session.receive(b"\x90\x04\0\x01\x01\x80", NOW);
        session.unsubscribe(2, vec!["a".to_owned()], NOW);
        assert_eq!(session.transmit(), b"\xa2\x05\0\x02\0\x01a");
        session.receive(b"\xb0\x02\0\x02", NOW);
        assert_eq!(events(&mut session), [SessionEvent::Subscribed(1, vec![1, 128]), SessionEvent::Unsubscribed(2)]);
    }

    #[test]
    fn an_unacknowledged_packet_is_sent_again_and_given_up() {
        let mut session = connected(NOW);
        session.publish(5, QoS::AtLeastOnce, false, "t", b"x".to_vec(), NOW);
        session.transmit();
        for second in [10, 20] {
            assert_eq!(session.next_due(), Some(seconds(second)));
            session.tick(seconds(second));
            assert_eq!(session.transmit(), b"\x3a\x06\0\x01t\0\x05x");
            assert_eq!(events(&mut session), [SessionEvent::SentAgain(5)]);
        }
        session.tick(seconds(30));
        assert_eq!(events(&mut session), [SessionEvent::GivenUp(5)]);
        assert!(!session.is_in_flight(5));
    }

    #[test]
    fn a_quiet_session_pings_and_notices_a_dead_broker() {
        let mut session = connected(NOW);
        assert_eq!(session.next_due(), Some(seconds(60)));
        session.tick(seconds(60));
        assert_eq!(session.transmit(), b"\xc0\0");
        session.receive(b"\xd0\0", seconds(61));
        assert_eq!(session.next_due(), Some(seconds(120)));
        session.tick(seconds(120));
        session.tick(seconds(149));
        assert_eq!(events(&mut session), []);
        session.tick(seconds(150));
        assert_eq!(events(&mut session), [SessionEvent::KeepAliveLost]);
    }
}
