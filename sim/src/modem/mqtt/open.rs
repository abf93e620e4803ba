//! `AT+LMQTTOPEN` and `AT+LMQTTCLOSE`: the connection under MQTT (`protocol.md` §3.2 and §3.6).

use core::time::Duration;

use super::{Context, Link, Mqtt, lines};
use crate::modem::at::{Arguments, Refusal};
use crate::modem::board::{Board, Reply, Task, Ticket};
use crate::modem::network::{NetworkRequest, OpenFailure};
use crate::modem::quirks::{OpenInUse, Quirks, TeardownResults, TlsContexts};

/// Longest host name, in bytes.
const LONGEST_HOST: usize = 100;

/// The manual's limit of the result is 160 s; a network that says nothing is given up before.
const OPEN_LIMIT: Duration = Duration::from_secs(150);

/// The `<extend>` of a failed open.
mod extend {
    pub(super) const IN_USE: u8 = 2;
    pub(super) const NO_BEARER: u8 = 3;
    pub(super) const DNS: u8 = 4;
    pub(super) const NETWORK: u8 = 5;
}

impl Mqtt {
    pub(super) fn open(
        &mut self,
        board: &mut Board,
        arguments: &[u8],
        attached: bool,
        now: Duration,
    ) -> Result<Reply, Refusal> {
        let mut arguments = Arguments::new(arguments);
        let id = self.connection_id(&mut arguments, &board.quirks)?;
        let host = arguments.text(LONGEST_HOST)?.to_owned();
        let port = arguments.integer(1..=65535)? as u16;
        arguments.end()?;
        if host.is_empty() {
            return Err(Refusal::NotAllowed);
        }
        let context = self.context.get_or_insert_with(|| Context::new(id, &board.quirks));
        if context.link.is_up() && board.quirks.open_in_use == OpenInUse::Error {
            return Err(Refusal::NotAllowed);
        }
        let ticket = board.ticket(now, board.delays.open);
        if context.link.is_up() {
            context.open_failed(board, ticket, extend::IN_USE, now);
        } else if !attached {
            context.open_failed(board, ticket, extend::NO_BEARER, now);
        } else if context.config.tls && board.quirks.tls_contexts == TlsContexts::Unprepared {
            let due = context.open_failed(board, ticket, extend::NETWORK, now);
            context.stats(board, "14", due);
        } else {
            let tls = context.config.tls;
            context.peer = Some((host.clone(), port));
            context.link = Link::Opening(ticket);
            board.network.push(NetworkRequest::Open { host, port, tls });
            board.agenda.add(now + OPEN_LIMIT, Task::OpenTimeLimit(ticket));
        }
        Ok(Reply::Accepted(ticket))
    }

    pub(super) fn read_open(&self, quirks: &Quirks) -> Reply {
        let open = self.context.as_ref().filter(|context| context.link.is_up());
        match open.and_then(|context| context.peer.as_ref().map(|peer| (context.id, peer))) {
            Some((id, (host, port))) => {
                Reply::line(lines::read_answer(quirks, "LMQTTOPEN", format_args!("{id},\"{host}\",{port}")))
            }
            None => Reply::OK,
        }
    }

    pub(super) fn close(&mut self, board: &mut Board, arguments: &[u8], now: Duration) -> Result<Reply, Refusal> {
        let mut arguments = Arguments::new(arguments);
        self.context_for(&mut arguments, &board.quirks)?;
        arguments.end()?;
        let Some(mut context) = self.context.take() else { return Err(Refusal::NotAllowed) };
        let was_up = context.link.is_up();
        if was_up {
            board.network.push(NetworkRequest::Close);
        }
        self.had_session |= context.session.is_some();
        context.abandon(board, now);
        let ticket = board.ticket(now, board.delays.close);
        context.teardown_result(board, ticket, "LMQTTCLOSE", was_up, now);
        Ok(Reply::Accepted(ticket))
    }

    /// The network has connected.
    pub(super) fn opened(&mut self, board: &mut Board, now: Duration) {
        if let Some((context, ticket)) = self.opening() {
            context.link = Link::Open;
            context.result(board, ticket, "LMQTTOPEN", "0", now);
        }
    }

    /// The network cannot connect.
    pub(super) fn not_opened(&mut self, board: &mut Board, failure: OpenFailure, now: Duration) {
        let Some((context, ticket)) = self.opening() else { return };
        context.link = Link::Ended;
        let extend = match failure {
            OpenFailure::Dns => extend::DNS,
            OpenFailure::Network | OpenFailure::Tls => extend::NETWORK,
        };
        let due = context.open_failed(board, ticket, extend, now);
        if failure == OpenFailure::Tls {
            context.stats(board, "14", due);
        }
    }

    /// The network has said nothing for too long.
    pub(crate) fn open_time_limit(&mut self, board: &mut Board, limited: Ticket, now: Duration) {
        if self.opening().is_some_and(|(_, ticket)| ticket == limited) {
            board.network.push(NetworkRequest::Close);
            self.not_opened(board, OpenFailure::Network, now);
        }
    }

    fn opening(&mut self) -> Option<(&mut Context, Ticket)> {
        let context = self.context.as_mut()?;
        match context.link {
            Link::Opening(ticket) => Some((context, ticket)),
            _ => None,
        }
    }
}

impl Context {
    fn open_failed(&self, board: &mut Board, ticket: Ticket, extend: u8, now: Duration) -> Duration {
        self.result(board, ticket, "LMQTTOPEN", &format!("-1,{extend}"), now)
    }

    /// The result of a disconnect or close, and the `STATS` that may follow it.
    pub(super) fn teardown_result(
        &self,
        board: &mut Board,
        ticket: Ticket,
        name: &str,
        link_was_up: bool,
        now: Duration,
    ) {
        let due = match board.quirks.teardown_results {
            TeardownResults::Printed => self.result(board, ticket, name, "0", now),
            TeardownResults::Absent => board.result(ticket, None, now),
        };
        if link_was_up && board.quirks.stats_after_teardown {
            self.stats(board, "1", due);
        }
    }
}
