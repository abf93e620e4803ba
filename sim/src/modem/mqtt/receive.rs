//! Messages from the broker: `+LMQTTURC: RECV` in its shapes, and `AT+LMQTTREAD` (`protocol.md` §4).

use core::fmt::Write as _;
use core::time::Duration;

use super::{Context, Mqtt, lines};
use crate::modem::at::{Arguments, Refusal};
use crate::modem::board::{Board, Reply};
use crate::modem::quirks::{HexLength, Quirks, Support};

/// How many messages are kept for `AT+LMQTTREAD`; the oldest is lost first.
const CACHE: usize = 32;

/// A message that waits for `AT+LMQTTREAD`.
#[derive(Debug)]
pub(super) struct CachedMessage {
    packet_id: u16,
    topic: String,
    payload: Vec<u8>,
}

impl Context {
    /// A message has come.
    pub(super) fn message(
        &mut self,
        board: &mut Board,
        packet_id: u16,
        topic: String,
        payload: Vec<u8>,
        now: Duration,
    ) {
        let due = self.messages_not_before.max(now);
        let head = format!("RECV,{},{packet_id}", self.id);
        if !self.config.cached {
            let mut line = lines::line(&board.quirks, "LMQTTURC", head);
            self.append_message(&mut line, &topic, &payload, &board.quirks);
            board.message(line, &topic, &payload, due);
            return;
        }
        if self.cached.len() == CACHE {
            self.cached.pop_front();
        }
        self.cached.push_back(CachedMessage { packet_id, topic, payload });
        board.urc(lines::line(&board.quirks, "LMQTTURC", head), due);
    }

    /// Topic, length if it is to be shown, payload. Nothing is escaped.
    fn append_message(&self, line: &mut Vec<u8>, topic: &str, payload: &[u8], quirks: &Quirks) {
        line.extend_from_slice(format!(",\"{topic}\",").as_bytes());
        let hex = self.config.receive_format.is_hex();
        if self.config.show_length {
            let digits = hex && quirks.hex_length == HexLength::Digits;
            let length = if digits { payload.len() * 2 } else { payload.len() };
            line.extend_from_slice(format!("{length},").as_bytes());
        }
        let quote: &[u8] = if quirks.payload_quotes { b"\"" } else { b"" };
        line.extend_from_slice(quote);
        if hex {
            line.extend_from_slice(hex_digits(payload).as_bytes());
        } else {
            line.extend_from_slice(payload);
        }
        line.extend_from_slice(quote);
    }
}

impl Mqtt {
    /// By analogy with Quectel's `AT+QMTRECV` (`protocol.md` §3.6).
    pub(super) fn read_cached(&mut self, quirks: &Quirks, arguments: &[u8]) -> Result<Reply, Refusal> {
        if quirks.cached_read == Support::Unknown {
            return Err(Refusal::Unknown);
        }
        let mut arguments = Arguments::new(arguments);
        let context = self.context_for(&mut arguments, quirks)?;
        let wanted = if arguments.is_empty() { None } else { Some(arguments.integer(0..=65535)? as u16) };
        arguments.end()?;
        let position = context.cached.iter().position(|message| wanted.is_none_or(|id| id == message.packet_id));
        let Some(message) = position.and_then(|position| context.cached.remove(position)) else {
            return Ok(Reply::OK);
        };
        let mut line = lines::line(quirks, "LMQTTREAD", format_args!("{},{}", context.id, message.packet_id));
        context.append_message(&mut line, &message.topic, &message.payload, quirks);
        Ok(Reply::line(line))
    }
}

fn hex_digits(payload: &[u8]) -> String {
    payload.iter().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02X}");
        digits
    })
}
