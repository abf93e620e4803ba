//! `AT+LMQTTPUB`, inline and by prompt (`protocol.md` §3.5).

use core::time::Duration;

use super::config::Format;
use super::{Context, LONGEST_TOPIC, Mqtt, Pending, PendingKind};
use crate::modem::at::{Arguments, Refusal};
use crate::modem::board::{Board, Reply};
use crate::modem::quirks::{Acceptance, PublishedResult, Quirks, Unacknowledged};
use crate::modem::session::QoS;

/// A publish without its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Publish {
    message_id: u16,
    qos: QoS,
    retain: bool,
    topic: String,
    length: usize,
}

impl Mqtt {
    pub(super) fn publish(&mut self, board: &mut Board, arguments: &[u8], now: Duration) -> Result<Reply, Refusal> {
        let mut arguments = Arguments::new(arguments);
        let context = self.context_for(&mut arguments, &board.quirks)?;
        let publish = Publish {
            message_id: arguments.integer(0..=65535)? as u16,
            qos: quality(&mut arguments)?,
            retain: arguments.integer(0..=1)? == 1,
            topic: arguments.text(LONGEST_TOPIC)?.to_owned(),
            length: arguments.integer(0..=u32::MAX)? as usize,
        };
        if publish.qos == QoS::AtMostOnce && publish.message_id != 0 {
            return Err(Refusal::NotAllowed);
        }
        context.connected()?;
        match arguments.remainder() {
            Some(rest) => {
                let payload = inline_payload(rest, publish.length, &board.quirks)?;
                context.send(board, &publish, payload, now)
            }
            None if publish.length > board.quirks.prompt_limit as usize => Err(Refusal::NotAllowed),
            None if publish.length == 0 => context.send(board, &publish, b"", now),
            None => {
                if publish.qos != QoS::AtMostOnce {
                    context.packet_id(publish.message_id, &board.quirks)?;
                }
                let length = publish.length;
                context.prompted = Some(publish);
                Ok(Reply::Prompt(length))
            }
        }
    }

    /// The payload that a prompt asked for is complete.
    pub(crate) fn payload(&mut self, board: &mut Board, payload: &[u8], now: Duration) -> Result<Reply, Refusal> {
        let context = self.context.as_mut().ok_or(Refusal::NotAllowed)?;
        let publish = context.prompted.take().ok_or(Refusal::NotAllowed)?;
        let reply = context.send(board, &publish, payload, now);
        self.transmit(board);
        reply
    }

    /// The payload will not come.
    pub(crate) fn payload_cancelled(&mut self) {
        if let Some(context) = &mut self.context {
            context.prompted = None;
        }
    }
}

/// The rest of the line, without the quotes around it if there are any; nothing in it is escaped.
fn inline_payload<'line>(rest: &'line [u8], length: usize, quirks: &Quirks) -> Result<&'line [u8], Refusal> {
    let payload = match rest {
        [b'"', inside @ .., b'"'] if inside.len() == length => inside,
        _ if rest.len() == length => rest,
        _ => return Err(Refusal::NotAllowed),
    };
    let has_control = payload.iter().any(|byte| matches!(byte, 0x1A | 0x1B));
    if payload.len() > quirks.inline_limit as usize || has_control && quirks.inline_control == Acceptance::Refused {
        return Err(Refusal::NotAllowed);
    }
    Ok(payload)
}

pub(super) fn quality(arguments: &mut Arguments<'_>) -> Result<QoS, Refusal> {
    Ok(match arguments.integer(0..=2)? {
        0 => QoS::AtMostOnce,
        1 => QoS::AtLeastOnce,
        _ => QoS::ExactlyOnce,
    })
}

impl Context {
    fn send(&mut self, board: &mut Board, publish: &Publish, payload: &[u8], now: Duration) -> Result<Reply, Refusal> {
        let payload = decode(self.config.send_format, payload)?;
        self.connected()?;
        let packet_id = match publish.qos {
            QoS::AtMostOnce => 0,
            _ => self.packet_id(publish.message_id, &board.quirks)?,
        };
        let ticket = board.ticket(now, board.delays.publish);
        let session = self.connected()?;
        session.publish(packet_id, publish.qos, publish.retain, &publish.topic, payload, now);
        let pending = Pending { kind: PendingKind::Publish, ticket, message_id: publish.message_id };
        if publish.qos == QoS::AtMostOnce {
            self.published(board, pending, now);
        } else {
            self.pending.insert(packet_id, pending);
        }
        Ok(Reply::Accepted(ticket))
    }

    /// The message is on its way at QoS 0, or acknowledged.
    pub(super) fn published(&self, board: &mut Board, pending: Pending, now: Duration) {
        let result = match board.quirks.published_result {
            PublishedResult::Zero => "0",
            PublishedResult::One => "1",
            PublishedResult::OneWithExtend => "1,6",
        };
        self.publish_result(board, pending, result, now);
    }

    /// Nobody has acknowledged the message.
    pub(super) fn unacknowledged(&self, board: &mut Board, pending: Pending, now: Duration) {
        match board.quirks.unacknowledged {
            Unacknowledged::One => self.publish_result(board, pending, "1", now),
            Unacknowledged::Two => self.publish_result(board, pending, "2", now),
            Unacknowledged::Silent => {
                board.result(pending.ticket, None, now);
            }
        }
    }

    pub(super) fn publish_result(&self, board: &mut Board, pending: Pending, result: &str, now: Duration) {
        let text = format!("{},{result}", pending.message_id);
        self.result(board, pending.ticket, "LMQTTPUB", &text, now);
    }
}

/// The bytes that a payload on the serial line stands for. Its length counts the characters on the line.
fn decode(format: Format, payload: &[u8]) -> Result<Vec<u8>, Refusal> {
    if !format.is_hex() {
        return Ok(payload.to_vec());
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(Refusal::NotAllowed);
    let (pairs, rest) = payload.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Refusal::NotAllowed);
    }
    pairs.iter().map(|[high, low]| Ok((digit(*high)? * 16 + digit(*low)?) as u8)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inline_payload_is_the_rest_of_the_line() {
        let quirks = Quirks::default();
        let parse = |rest: &'static [u8], length| inline_payload(rest, length, &quirks);
        assert_eq!(parse(b"\"1122334455\"", 10), Ok(&b"1122334455"[..]));
        assert_eq!(parse(b"1122334455", 10), Ok(&b"1122334455"[..]));
        assert_eq!(parse(b"\"{\"a\":1,\"b\":\"c\"}\"", 15), Ok(&b"{\"a\":1,\"b\":\"c\"}"[..]));
        assert_eq!(parse(b"\"abc\"", 5), Ok(&b"\"abc\""[..]));
        assert_eq!(parse(b"\"\"", 0), Ok(&b""[..]));
        assert_eq!(parse(b"", 0), Ok(&b""[..]));
        assert_eq!(parse(b"\"abc\"", 4), Err(Refusal::NotAllowed));
    }

    #[test]
    fn the_inline_limit_and_control_bytes_are_quirks() {
        let long = [b'x'; 1460];
        let mut quirks = Quirks::default();
        assert_eq!(inline_payload(&long[..1024], 1024, &quirks), Ok(&long[..1024]));
        assert_eq!(inline_payload(&long[..1025], 1025, &quirks), Err(Refusal::NotAllowed));
        quirks.inline_limit = 1460;
        assert_eq!(inline_payload(&long, 1460, &quirks), Ok(&long[..]));
        assert_eq!(inline_payload(b"a\x1a", 2, &quirks), Ok(&b"a\x1a"[..]));
        quirks.inline_control = Acceptance::Refused;
        assert_eq!(inline_payload(b"a\x1a", 2, &quirks), Err(Refusal::NotAllowed));
    }

    #[test]
    fn hex_payloads_are_decoded() {
        assert_eq!(decode(Format::Text, b"4"), Ok(b"4".to_vec()));
        assert_eq!(decode(Format::HexMode, b"00fF41"), Ok(vec![0, 255, b'A']));
        assert_eq!(decode(Format::HexText, b"0"), Err(Refusal::NotAllowed));
        assert_eq!(decode(Format::HexText, b"0g"), Err(Refusal::NotAllowed));
    }
}
