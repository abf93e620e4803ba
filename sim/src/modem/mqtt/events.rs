//! What network, radio, broker and time do to the connection.

use core::time::Duration;

use super::{Context, Link, Mqtt, PendingKind};
use crate::modem::board::Board;
use crate::modem::network::{NetworkEvent, NetworkRequest};
use crate::modem::quirks::ResultsAfterLoss;
use crate::modem::session::{Session, SessionEvent};

/// The `<stats>` of `+LMQTTURC: STATS`.
mod stats {
    pub(super) const CLOSED_BY_PEER: &str = "1";
    pub(super) const PROTOCOL: &str = "4";
    pub(super) const TIME_LIMIT: &str = "8";
}

impl Mqtt {
    pub(crate) fn network_event(&mut self, board: &mut Board, event: NetworkEvent, now: Duration) {
        match event {
            NetworkEvent::Opened => self.opened(board, now),
            NetworkEvent::OpenFailed(failure) => self.not_opened(board, failure, now),
            NetworkEvent::Received(bytes) => {
                if let Some(session) = self.context.as_mut().and_then(|context| context.session.as_mut()) {
                    session.receive(&bytes, now);
                    self.take_events(board, now);
                }
            }
            NetworkEvent::ClosedByPeer => self.lose_link(board, stats::CLOSED_BY_PEER, now),
        }
    }

    /// The radio was switched off, or the network has gone.
    pub(crate) fn radio_lost(&mut self, board: &mut Board, now: Duration) {
        if self.context.as_ref().is_some_and(|context| context.link.is_up()) {
            board.network.push(NetworkRequest::Close);
            self.lose_link(board, stats::CLOSED_BY_PEER, now);
        }
    }

    /// The modem restarts: nothing is said, and nothing is left.
    pub(crate) fn reset(&mut self, board: &mut Board) {
        if self.context.as_ref().is_some_and(|context| context.link.is_up()) {
            board.network.push(NetworkRequest::Close);
        }
        *self = Self::default();
    }

    /// When [`tick`](Self::tick) next has something to do.
    pub(crate) fn next_due(&self) -> Option<Duration> {
        self.context.as_ref()?.session.as_ref()?.next_due()
    }

    pub(crate) fn tick(&mut self, board: &mut Board, now: Duration) {
        if let Some(session) = self.context.as_mut().and_then(|context| context.session.as_mut()) {
            session.tick(now);
            self.take_events(board, now);
        }
    }

    fn take_events(&mut self, board: &mut Board, now: Duration) {
        self.transmit(board);
        while let Some(event) = self.next_session_event() {
            self.take_event(board, event, now);
        }
    }

    fn next_session_event(&mut self) -> Option<SessionEvent> {
        self.context.as_mut()?.session.as_mut().and_then(Session::next_event)
    }

    fn take_event(&mut self, board: &mut Board, event: SessionEvent, now: Duration) {
        match event {
            SessionEvent::Accepted => self.accepted(board, now),
            SessionEvent::Refused(code) => self.refused(board, code, now),
            SessionEvent::NoAnswer | SessionEvent::KeepAliveLost => {
                board.network.push(NetworkRequest::Close);
                self.lose_link(board, stats::TIME_LIMIT, now);
            }
            SessionEvent::ProtocolError => {
                board.network.push(NetworkRequest::Close);
                self.lose_link(board, stats::PROTOCOL, now);
            }
            SessionEvent::Message { packet_id, topic, payload } => {
                if let Some(context) = &mut self.context {
                    context.message(board, packet_id, topic, payload, now);
                }
            }
            SessionEvent::Published(packet_id)
            | SessionEvent::Subscribed(packet_id, _)
            | SessionEvent::Unsubscribed(packet_id)
            | SessionEvent::GivenUp(packet_id)
            | SessionEvent::SentAgain(packet_id) => {
                if let Some(context) = &mut self.context {
                    context.take_answer(board, packet_id, &event, now);
                }
            }
        }
    }

    /// The connection is gone.
    fn lose_link(&mut self, board: &mut Board, stats: &str, now: Duration) {
        let Some(context) = &mut self.context else { return };
        // A result that is still held back by its delay comes before the news that the link is gone.
        let mut due = context.messages_not_before.max(now);
        match context.link {
            Link::Closed | Link::Ended => return,
            Link::Opening(ticket) => {
                context.result(board, ticket, "LMQTTOPEN", "-1,5", now);
                context.link = Link::Ended;
                return;
            }
            Link::Connecting(ticket) => due = context.result(board, ticket, "LMQTTCONN", "2", now),
            Link::Open | Link::Connected => {}
        }
        if board.quirks.results_after_loss == ResultsAfterLoss::Failed {
            due = due.max(context.fail_pending(board, now));
        }
        self.had_session |= context.session.is_some();
        context.abandon(board, now);
        context.stats(board, stats, due);
    }
}

impl Context {
    fn take_answer(&mut self, board: &mut Board, packet_id: u16, event: &SessionEvent, now: Duration) {
        let Some(pending) = self.pending.get(&packet_id).copied() else { return };
        match (pending.kind, event) {
            (PendingKind::Publish, SessionEvent::SentAgain(_)) => {
                // What `<notice>` means is known from Quectel only (`protocol.md` §3.1).
                if self.config.notice {
                    let ticket = board.ticket(now, Duration::ZERO);
                    self.publish_result(board, super::Pending { ticket, ..pending }, "1", now);
                }
                return;
            }
            (_, SessionEvent::SentAgain(_)) => return,
            (PendingKind::Publish, SessionEvent::Published(_)) => self.published(board, pending, now),
            (PendingKind::Publish, _) => self.unacknowledged(board, pending, now),
            (PendingKind::Subscribe, SessionEvent::Subscribed(_, granted)) => {
                self.subscribed(board, pending, granted, now);
            }
            (PendingKind::Unsubscribe, SessionEvent::Unsubscribed(_)) => self.unsubscribed(board, pending, "0", now),
            (PendingKind::Subscribe | PendingKind::Unsubscribe, _) => {
                self.unsubscribed(board, pending, "1,6", now);
            }
        }
        self.pending.remove(&packet_id);
    }

    /// Prints the failure of every pending command, and tells when the last of them is printed.
    fn fail_pending(&mut self, board: &mut Board, now: Duration) -> Duration {
        let mut last = now;
        for pending in core::mem::take(&mut self.pending).into_values() {
            last = last.max(pending.ticket.due(now));
            match pending.kind {
                PendingKind::Publish => self.publish_result(board, pending, "2", now),
                PendingKind::Subscribe | PendingKind::Unsubscribe => self.unsubscribed(board, pending, "1,6", now),
            }
        }
        last
    }

    /// Forgets the session and what it owes. A command that waits with its `OK` for the result gets its `OK`.
    pub(super) fn abandon(&mut self, board: &mut Board, now: Duration) {
        for pending in core::mem::take(&mut self.pending).into_values() {
            board.result(pending.ticket, None, now);
        }
        if let Link::Opening(ticket) | Link::Connecting(ticket) = self.link {
            board.result(ticket, None, now);
        }
        self.session = None;
        self.link = Link::Ended;
    }
}
