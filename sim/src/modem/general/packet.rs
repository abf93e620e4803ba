//! The packet service: the contexts, whether the modem is attached, and its address.

use core::time::Duration;
use std::collections::BTreeMap;

use crate::modem::at::{Arguments, Command, Form, Refusal};
use crate::modem::board::{Board, Reply};
use crate::modem::quirks::{NoAddress, Support};
use crate::modem::settings::Radio;

/// The context of the default bearer, by EigenComm's numbering (`protocol.md` §5.2).
const DEFAULT_CONTEXT: u32 = 0;
const MOST_CONTEXTS: u32 = 15;
const KINDS: [&str; 3] = ["IP", "IPV6", "IPV4V6"];

/// The kind of address and the access point of each context.
pub(in crate::modem) type Contexts = BTreeMap<u32, (String, String)>;

#[derive(Debug)]
pub(super) struct Packet {
    pub(super) contexts: Contexts,
    /// Since when the modem is registered, and with which access point.
    registered: Option<(Duration, String)>,
    /// The host has detached it.
    detached: bool,
}

impl Packet {
    pub(super) fn new() -> Self {
        Self { contexts: default_contexts(), registered: None, detached: false }
    }

    /// The modem has registered: it attaches with what its context says now.
    pub(super) fn registered(&mut self, now: Duration) {
        let apn = self.contexts.get(&DEFAULT_CONTEXT).map(|(_, apn)| apn.clone()).unwrap_or_default();
        self.registered = Some((now, apn));
    }

    pub(super) fn lost(&mut self) {
        self.registered = None;
    }

    fn is_attached(&self, radio: &Radio, board: &Board, now: Duration) -> bool {
        !self.detached
            && self.registered.as_ref().is_some_and(|(since, apn)| {
                now >= *since + board.delays.attach && radio.apn.as_ref().is_none_or(|asked| asked == apn)
            })
    }

    pub(super) fn has_address(&self, radio: &Radio, board: &Board, now: Duration) -> bool {
        let since = self.registered.as_ref().map(|(since, _)| *since);
        self.is_attached(radio, board, now)
            && since.is_some_and(|since| now >= since + board.delays.attach + board.delays.address)
    }

    /// `None` if the command asks for something else.
    pub(super) fn execute(
        &mut self,
        radio: &Radio,
        board: &Board,
        command: &Command<'_>,
        now: Duration,
    ) -> Option<Result<Reply, Refusal>> {
        let is_known = board.quirks.packet_queries == Support::Accepted;
        Some(match (command.name.as_str(), command.form) {
            ("+CGATT" | "+CGPADDR", _) if !is_known => Err(Refusal::Unknown),
            ("+CGATT", Form::Read) => {
                Ok(Reply::line(format!("+CGATT: {}", u8::from(self.is_attached(radio, board, now)))))
            }
            ("+CGATT", Form::Set(state)) => Arguments::new(state).integer(0..=1).map(|state| {
                self.detached = state == 0;
                Reply::OK
            }),
            ("+CGPADDR", Form::Execute) => Ok(self.address(radio, board, now)),
            ("+CGDCONT", Form::Read) => Ok(self.list()),
            ("+CGDCONT", Form::Set(arguments)) => self.define(arguments),
            _ => return None,
        })
    }

    fn address(&self, radio: &Radio, board: &Board, now: Duration) -> Reply {
        if self.has_address(radio, board, now) {
            return Reply::line(format!("+CGPADDR: {DEFAULT_CONTEXT},\"{}\"", radio.address));
        }
        match board.quirks.no_address {
            NoAddress::NoLine => Reply::OK,
            NoAddress::BareLine => Reply::line(format!("+CGPADDR: {DEFAULT_CONTEXT}")),
            NoAddress::Zeros => Reply::line(format!("+CGPADDR: {DEFAULT_CONTEXT},\"0.0.0.0\"")),
        }
    }

    fn list(&self) -> Reply {
        let line = |(context, (kind, apn)): (&u32, &(String, String))| {
            format!("+CGDCONT: {context},\"{kind}\",\"{apn}\",\"0.0.0.0\",0,0").into_bytes()
        };
        Reply::Done(self.contexts.iter().map(line).collect())
    }

    fn define(&mut self, arguments: &[u8]) -> Result<Reply, Refusal> {
        let mut arguments = Arguments::new(arguments);
        let context = arguments.integer(0..=MOST_CONTEXTS)?;
        if arguments.is_empty() {
            self.contexts.remove(&context);
            return Ok(Reply::OK);
        }
        let kind = arguments.text(10)?;
        let apn = if arguments.is_empty() { "" } else { arguments.text(100)? };
        if !KINDS.contains(&kind) {
            return Err(Refusal::NotAllowed);
        }
        self.contexts.insert(context, (kind.to_owned(), apn.to_owned()));
        Ok(Reply::OK)
    }
}

fn default_contexts() -> Contexts {
    Contexts::from([(DEFAULT_CONTEXT, ("IP".to_owned(), String::new()))])
}
