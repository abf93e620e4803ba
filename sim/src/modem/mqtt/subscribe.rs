//! `AT+LMQTTSUBUNSUB` (`protocol.md` §3.4).

use core::time::Duration;

use super::{Context, LONGEST_TOPIC, Mqtt, Pending, PendingKind};
use crate::modem::at::{Arguments, Refusal};
use crate::modem::board::{Board, Reply};
use crate::modem::quirks::{Acceptance, RefusedSubscription, SubscribedField, UnsubscribedName};
use crate::modem::session::QoS;

/// What SUBACK says for a filter that was not granted.
const NOT_GRANTED: u8 = 128;

impl Mqtt {
    pub(super) fn subscribe_or_unsubscribe(
        &mut self,
        board: &mut Board,
        arguments: &[u8],
        now: Duration,
    ) -> Result<Reply, Refusal> {
        let mut arguments = Arguments::new(arguments);
        let context = self.context_for(&mut arguments, &board.quirks)?;
        let unsubscribes = arguments.integer(0..=1)? == 1;
        let message_id = arguments.integer(0..=65535)? as u16;
        let filters = filters(&mut arguments)?;
        if filters.len() > 1 && board.quirks.several_topics == Acceptance::Refused {
            return Err(Refusal::NotAllowed);
        }
        context.connected()?;
        let packet_id = context.packet_id(message_id, &board.quirks)?;
        let ticket = board.ticket(now, board.delays.subscribe);
        let session = context.connected()?;
        let kind = if unsubscribes {
            let filters = filters.into_iter().map(|(filter, _)| filter).collect();
            session.unsubscribe(packet_id, filters, now);
            PendingKind::Unsubscribe
        } else {
            session.subscribe(packet_id, filters, now);
            PendingKind::Subscribe
        };
        let pending = Pending { kind, ticket, message_id };
        context.pending.insert(packet_id, pending);
        Ok(Reply::Accepted(ticket))
    }
}

/// `"topic"[,qos]` once or several times; the quality is 0 if it is left out.
fn filters(arguments: &mut Arguments<'_>) -> Result<Vec<(String, QoS)>, Refusal> {
    let mut filters = Vec::new();
    while filters.is_empty() || !arguments.is_empty() {
        let filter = arguments.text(LONGEST_TOPIC)?.to_owned();
        let qos = if arguments.is_empty() || arguments.text_is_next() {
            QoS::AtMostOnce
        } else {
            super::publish::quality(arguments)?
        };
        filters.push((filter, qos));
    }
    Ok(filters)
}

impl Context {
    /// The broker has answered SUBSCRIBE.
    pub(super) fn subscribed(&self, board: &mut Board, pending: Pending, granted: &[u8], now: Duration) {
        let id = pending.message_id;
        let refused = granted.contains(&NOT_GRANTED);
        let text = match (board.quirks.refused_subscription, board.quirks.subscribed_field) {
            (RefusedSubscription::Failed, _) if refused => format!("{id},1"),
            (RefusedSubscription::Granted128, _) if refused => format!("{id},0,{}", list(granted)),
            (_, SubscribedField::Granted) => format!("{id},0,{}", list(granted)),
            (_, SubscribedField::One) => format!("{id},0,1"),
            (_, SubscribedField::Absent) => format!("{id},0"),
        };
        self.result(board, pending.ticket, "LMQTTSUBUNSUB", &text, now);
    }

    /// The result of unsubscribing, or of a subscription that nobody answered.
    pub(super) fn unsubscribed(&self, board: &mut Board, pending: Pending, result: &str, now: Duration) {
        let misspelt = board.quirks.unsubscribed_name == UnsubscribedName::Misspelt;
        let name = if misspelt && pending.kind == PendingKind::Unsubscribe { "LMQTTUNSUNSUB" } else { "LMQTTSUBUNSUB" };
        self.result(board, pending.ticket, name, &format!("{},{result}", pending.message_id), now);
    }
}

fn list(granted: &[u8]) -> String {
    let granted: Vec<String> = granted.iter().map(u8::to_string).collect();
    granted.join(",")
}
