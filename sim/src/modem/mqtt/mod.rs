//! The MQTT commands `AT+LMQTT*` (`protocol.md` §3 and §4).
//!
//! ```text
//!              AT+LMQTTCFG, AT+LMQTTOPEN
//! no context ─────────────────────────────▶ context, link Closed
//!     ▲                                           │ AT+LMQTTOPEN
//!     │ AT+LMQTTCLOSE, restart: from anywhere     ▼
//!     └──────────────────────────────────────  Opening ──▶ Open ──AT+LMQTTCONN──▶ Connecting ──▶ Connected
//!                                                 ▲          │                        │               │
//!                               AT+LMQTTOPEN      │          ▼                        ▼               ▼
//!                                                 └──────── Ended ◀── peer, radio, AT+LMQTTDISC, refusal
//! ```

mod aliauth;
mod config;
mod connect;
mod events;
mod lines;
mod open;
mod publish;
mod receive;
mod subscribe;

use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use super::at::{Arguments, Command, Form, Refusal};
use super::board::{Board, Reply, Ticket};
use super::network::NetworkRequest;
use super::quirks::{Acceptance, Firmware, Quirks};
use super::session::Session;
use config::{Config, Setting};
use publish::Publish;
use receive::CachedMessage;

/// Longest topic, in bytes (`protocol.md` §3).
const LONGEST_TOPIC: usize = 256;

/// The MQTT part of the modem: one context, as the manual allows only id 0.
#[derive(Debug, Default)]
pub(crate) struct Mqtt {
    context: Option<Context>,
    /// A session has ended since power-on, so that there is an old link that can still be heard of.
    had_session: bool,
}

/// Everything that belongs to one connection id.
#[derive(Debug)]
struct Context {
    id: u32,
    config: Config,
    link: Link,
    /// Where the link leads, from `AT+LMQTTOPEN`.
    peer: Option<(String, u16)>,
    session: Option<Session>,
    /// Accepted commands without a result, by packet id.
    pending: BTreeMap<u16, Pending>,
    /// The publish whose payload the prompt asks for.
    prompted: Option<Publish>,
    cached: VecDeque<CachedMessage>,
    /// Messages are printed after the result of the sign-in.
    messages_not_before: Duration,
    last_own_packet_id: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Closed,
    Opening(Ticket),
    Open,
    Connecting(Ticket),
    Connected,
    Ended,
}

impl Link {
    /// Whether a connection exists or is being made.
    fn is_up(self) -> bool {
        !matches!(self, Self::Closed | Self::Ended)
    }
}

/// An accepted command that the broker has not answered.
#[derive(Clone, Copy, Debug)]
struct Pending {
    kind: PendingKind,
    ticket: Ticket,
    /// As the host gave it; the packet id may be another one.
    message_id: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PendingKind {
    Publish,
    Subscribe,
    Unsubscribe,
}

impl Mqtt {
    /// Answers a command whose name begins with `+LMQTT`.
    pub(crate) fn execute(
        &mut self,
        board: &mut Board,
        command: &Command<'_>,
        attached: bool,
        now: Duration,
    ) -> Result<Reply, Refusal> {
        if board.quirks.firmware == Firmware::Ecmt {
            return Err(Refusal::Unknown);
        }
        let reply = match (command.name.as_str(), command.form) {
            ("+LMQTTCFG", Form::Set(arguments)) => self.configure(board, arguments),
            ("+LMQTTCFG", Form::Test) => Ok(Self::list_settings(&board.quirks)),
            ("+LMQTTOPEN", Form::Set(arguments)) => self.open(board, arguments, attached, now),
            ("+LMQTTOPEN", Form::Read) => Ok(self.read_open(&board.quirks)),
            ("+LMQTTCONN", Form::Set(arguments)) => self.connect(board, arguments, now),
            ("+LMQTTCONN", Form::Read) => Ok(self.read_connect(&board.quirks)),
            ("+LMQTTSUBUNSUB", Form::Set(arguments)) => self.subscribe_or_unsubscribe(board, arguments, now),
            ("+LMQTTPUB", Form::Set(arguments)) => self.publish(board, arguments, now),
            ("+LMQTTREAD", Form::Set(arguments)) => self.read_cached(&board.quirks, arguments),
            ("+LMQTTDISC", Form::Set(arguments)) => self.disconnect(board, arguments, now),
            ("+LMQTTCLOSE", Form::Set(arguments)) => self.close(board, arguments, now),
            (name, Form::Test) => Self::test_form(&board.quirks, name),
            // Exists, but no source gives its syntax (`protocol.md` §8 no. 8); nor do these have other forms.
            (
                "+LMQTTPUBEX" | "+LMQTTCFG" | "+LMQTTOPEN" | "+LMQTTCONN" | "+LMQTTSUBUNSUB" | "+LMQTTPUB"
                | "+LMQTTREAD" | "+LMQTTDISC" | "+LMQTTCLOSE",
                _,
            ) => Err(Refusal::NotAllowed),
            _ => Err(Refusal::Unknown),
        };
        self.transmit(board);
        reply
    }

    fn configure(&mut self, board: &Board, arguments: &[u8]) -> Result<Reply, Refusal> {
        let quirks = &board.quirks;
        let mut arguments = Arguments::new(arguments);
        let key = Setting::named(arguments.word(quirks.unquoted_key == Acceptance::Refused)?, quirks)?;
        let id = self.connection_id(&mut arguments, quirks)?;
        if arguments.is_empty() {
            let context = self.context.as_ref().ok_or(Refusal::NotAllowed)?;
            return Ok(Reply::line(lines::read_answer(quirks, "LMQTTCFG", context.config.query(&key))));
        }
        match &mut self.context {
            Some(context) => {
                let is_open = context.link.is_up();
                context.config.set(&key, &mut arguments, quirks, is_open)?;
            }
            None => {
                let mut context = Context::new(id, quirks);
                context.config.set(&key, &mut arguments, quirks, false)?;
                self.context = Some(context);
            }
        }
        Ok(Reply::OK)
    }

    fn list_settings(quirks: &Quirks) -> Reply {
        Reply::Done(Setting::all(quirks).map(|key| lines::line(quirks, "LMQTTCFG", key.test_line())).collect())
    }

    /// What the ancestor answers (`protocol.md` §10).
    fn test_form(quirks: &Quirks, name: &str) -> Result<Reply, Refusal> {
        let text = match name {
            "+LMQTTOPEN" => "(0),<host_name>,<port>",
            "+LMQTTCONN" => "(0),\"<clientID>\"[,\"<username>\"[,\"<password>\"]]",
            "+LMQTTSUBUNSUB" => "(0),(0,1),<msgID>,\"<topic>\",<qos>",
            "+LMQTTPUB" => "(0),<msgID>,<qos>,<retain>,\"<topic>\",<msglen>[,\"<msg>\"]",
            "+LMQTTDISC" | "+LMQTTCLOSE" => "(0)",
            "+LMQTTREAD" | "+LMQTTPUBEX" => return Err(Refusal::NotAllowed),
            _ => return Err(Refusal::Unknown),
        };
        Ok(Reply::line(lines::line(quirks, &name[1..], text)))
    }

    /// The connection id of a command: 0, unless a quirk allows others, and never another than that of the context.
    fn connection_id(&self, arguments: &mut Arguments<'_>, quirks: &Quirks) -> Result<u32, Refusal> {
        let highest = if quirks.other_ids == Acceptance::Accepted { 4 } else { 0 };
        let id = arguments.integer(0..=highest)?;
        match &self.context {
            Some(context) if context.id != id => Err(Refusal::NotAllowed),
            _ => Ok(id),
        }
    }

    /// The context of a command that needs one.
    fn context_for(&mut self, arguments: &mut Arguments<'_>, quirks: &Quirks) -> Result<&mut Context, Refusal> {
        self.connection_id(arguments, quirks)?;
        self.context.as_mut().ok_or(Refusal::NotAllowed)
    }

    /// Hands the session's bytes to the network.
    fn transmit(&mut self, board: &mut Board) {
        let session = self.context.as_mut().and_then(|context| context.session.as_mut());
        let bytes = session.map(Session::transmit).unwrap_or_default();
        if !bytes.is_empty() {
            board.network.push(NetworkRequest::Send(bytes));
        }
    }
}

impl Context {
    fn new(id: u32, quirks: &Quirks) -> Self {
        Self {
            id,
            config: Config::new(quirks),
            link: Link::Closed,
            peer: None,
            session: None,
            pending: BTreeMap::new(),
            prompted: None,
            cached: VecDeque::new(),
            messages_not_before: Duration::ZERO,
            last_own_packet_id: 0,
        }
    }

    /// The session, if it is signed in.
    fn connected(&mut self) -> Result<&mut Session, Refusal> {
        match (self.link, &mut self.session) {
            (Link::Connected, Some(session)) => Ok(session),
            _ => Err(Refusal::NotAllowed),
        }
    }

    /// Prints a result, unless `"urc"` hides it, and tells when.
    fn result(&self, board: &mut Board, ticket: Ticket, name: &str, text: &str, now: Duration) -> Duration {
        let line =
            self.config.results_shown.then(|| lines::line(&board.quirks, name, format_args!("{},{text}", self.id)));
        board.result(ticket, line, now)
    }

    /// Prints `STATS`.
    fn stats(&self, board: &mut Board, text: &str, due: Duration) {
        let line = lines::line(&board.quirks, "LMQTTURC", format_args!("STATS,{},{text}", self.id));
        board.urc(line, due);
    }

    /// The packet id for a message id that needs one.
    fn packet_id(&mut self, message_id: u16, quirks: &Quirks) -> Result<u16, Refusal> {
        if message_id != 0 {
            let free = self.session.as_ref().is_some_and(|session| !session.is_in_flight(message_id));
            return if free { Ok(message_id) } else { Err(Refusal::NotAllowed) };
        }
        if quirks.message_id_zero == Acceptance::Refused {
            return Err(Refusal::NotAllowed);
        }
        loop {
            self.last_own_packet_id = self.last_own_packet_id.checked_sub(1).filter(|id| *id > 0).unwrap_or(u16::MAX);
            let packet_id = self.last_own_packet_id;
            if self.session.as_ref().is_none_or(|session| !session.is_in_flight(packet_id)) {
                return Ok(packet_id);
            }
        }
    }
}
