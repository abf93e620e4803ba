//! `AT+LMQTTCONN` and `AT+LMQTTDISC`: signing in and out (`protocol.md` §3.3 and §3.6).

use core::time::Duration;

use super::{Context, Link, Mqtt, aliauth, lines};
use crate::modem::at::{Arguments, Refusal};
use crate::modem::board::{Board, Reply, Ticket};
use crate::modem::network::NetworkRequest;
use crate::modem::quirks::{LoginLengths, Quirks, RefusedLogin};
use crate::modem::session::{Login, Session, SessionSettings};

/// Longest client id, user name and password, in bytes.
const fn longest(lengths: LoginLengths) -> [usize; 3] {
    match lengths {
        LoginLengths::Manual => [256; 3],
        LoginLengths::Ancestor => [48, 48, 96],
    }
}

/// How long the result is held back so that queued messages come with it, where a quirk asks for that.
const BURST: Duration = Duration::from_millis(20);

impl Mqtt {
    pub(super) fn connect(&mut self, board: &mut Board, arguments: &[u8], now: Duration) -> Result<Reply, Refusal> {
        let mut arguments = Arguments::new(arguments);
        let context = self.context_for(&mut arguments, &board.quirks)?;
        let mut texts = [const { None }; 3];
        for (text, longest) in texts.iter_mut().zip(longest(board.quirks.login_lengths)) {
            if !arguments.is_empty() {
                *text = Some(arguments.text(longest)?.to_owned());
            }
        }
        arguments.end()?;
        if context.link != Link::Open {
            return Err(Refusal::NotAllowed);
        }
        let [client_id, username, password] = texts;
        let login = match aliauth::triple(&context.config) {
            Some(triple) if username.is_none() => {
                aliauth::login(triple, client_id.as_deref(), context.config.tls, &board.quirks)
            }
            _ => Login {
                client_id: client_id.unwrap_or_default(),
                username: username.unwrap_or_default(),
                password: password.unwrap_or_default(),
            },
        };
        let config = &context.config;
        let settings = SessionSettings {
            version: config.version,
            login,
            clean: config.clean_session,
            keep_alive: config.keep_alive,
            will: config.will.clone(),
            packet_limit: Duration::from_secs(config.packet_limit.into()),
            tries: config.tries,
        };
        let ticket = board.ticket(now, board.delays.connect);
        context.session = Some(Session::connect(settings, now));
        context.link = Link::Connecting(ticket);
        Ok(Reply::Accepted(ticket))
    }

    pub(super) fn read_connect(&self, quirks: &Quirks) -> Reply {
        let Some(context) = &self.context else { return Reply::OK };
        let state = match context.link {
            Link::Closed | Link::Opening(_) | Link::Open => 1,
            Link::Connecting(_) => 2,
            Link::Connected => 3,
            Link::Ended => 4,
        };
        Reply::line(lines::read_answer(quirks, "LMQTTCONN", format_args!("{},{state}", context.id)))
    }

    pub(super) fn disconnect(&mut self, board: &mut Board, arguments: &[u8], now: Duration) -> Result<Reply, Refusal> {
        let mut arguments = Arguments::new(arguments);
        let context = self.context_for(&mut arguments, &board.quirks)?;
        arguments.end()?;
        let session = match context.link {
            Link::Connecting(_) | Link::Connected => context.session.as_mut().ok_or(Refusal::NotAllowed)?,
            _ => return Err(Refusal::NotAllowed),
        };
        session.disconnect();
        board.network.push(NetworkRequest::Send(session.transmit()));
        board.network.push(NetworkRequest::Close);
        context.abandon(board, now);
        let ticket = board.ticket(now, board.delays.disconnect);
        context.teardown_result(board, ticket, "LMQTTDISC", true, now);
        self.had_session = true;
        Ok(Reply::Accepted(ticket))
    }

    /// The broker has answered CONNECT with 0.
    pub(super) fn accepted(&mut self, board: &mut Board, now: Duration) {
        let stale_stats = self.had_session && board.quirks.stale_stats;
        let Some((context, ticket)) = self.connecting() else { return };
        context.link = Link::Connected;
        let now = if board.quirks.session_burst { now + BURST } else { now };
        if stale_stats {
            context.stats(board, "1", ticket.due(now));
        }
        context.messages_not_before = context.result(board, ticket, "LMQTTCONN", "0,0", now);
    }

    /// The broker has answered CONNECT with another code.
    pub(super) fn refused(&mut self, board: &mut Board, code: u8, now: Duration) {
        let Some((context, ticket)) = self.connecting() else { return };
        board.network.push(NetworkRequest::Close);
        let stats = format!("15,{code}");
        let due = ticket.due(now);
        if board.quirks.refused_login == RefusedLogin::StatsThenResult {
            context.stats(board, &stats, due);
        }
        context.result(board, ticket, "LMQTTCONN", &format!("0,{code}"), now);
        if board.quirks.refused_login == RefusedLogin::ResultThenStats {
            context.stats(board, &stats, due);
        }
        context.link = Link::Ended;
        context.session = None;
        self.had_session = true;
    }

    pub(super) fn connecting(&mut self) -> Option<(&mut Context, Ticket)> {
        let context = self.context.as_mut()?;
        match context.link {
            Link::Connecting(ticket) => Some((context, ticket)),
            _ => None,
        }
    }
}
