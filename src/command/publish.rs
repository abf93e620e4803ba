//! `AT+LMQTTPUB`: a message, with its payload in the line or after a prompt.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::time::Duration;
use crate::value::{ConnectionId, Delivery, Field, InvalidField, Rule, Topic, codes};

/// The longest payload in the command line, in bytes (`protocol.md` §3.5).
const LONGEST_INLINE_PAYLOAD: usize = 1024;
/// The longest payload after a prompt, in bytes (`protocol.md` §3.5).
pub const LONGEST_PROMPTED_PAYLOAD: usize = 8000;

codes! {
    /// Why the modem could not send a message, or its acknowledgement was wrong (`protocol.md` §3.5).
    SendFailure {
        6 SendFailed "6: the packet could not be sent.",
        7 Parameter "7: parameter error.",
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PublishOutcome {
    /// 0: sent, and at QoS 1 or 2 acknowledged by the broker.
    Delivered,
    /// 1: sent, but the acknowledgement was wrong or did not come. The broker may have the message or not.
    Unconfirmed(Option<SendFailure>),
    /// 2: not sent.
    Failed(Option<SendFailure>),
    /// A result that the manual does not name.
    Other(i32),
}

/// What both forms of the command say before the payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PublishHead<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// The quality of service, with the message id by which the result is known.
    pub delivery: Delivery,
    /// Whether the broker keeps the message for later subscribers. Aliyun does not.
    pub retain: bool,
    /// Where it goes.
    pub topic: Topic<'a>,
}

/// A payload that can stand in a command line: at most 1024 bytes, printable ASCII, no quote at either end.
///
/// The modem takes the rest of the line as it is, without any escape, so that a line end cannot be part of it. Whether
/// other control characters could is not known, and it strips quotes around the whole (`protocol.md` §3.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InlinePayload<'a>(&'a [u8]);

impl<'a> InlinePayload<'a> {
    /// The payload, if it can stand in a command line.
    #[inline(never)]
    pub const fn new(payload: &'a [u8]) -> Option<Self> {
        if payload.len() > LONGEST_INLINE_PAYLOAD || matches!(payload, [b'"', ..] | [.., b'"']) {
            return None;
        }
        let mut rest = payload;
        while let [byte, behind @ ..] = rest {
            if !matches!(*byte, b' '..=b'~') {
                return None;
            }
            rest = behind;
        }
        Some(Self(payload))
    }
}

/// `AT+LMQTTPUB=<id>,<message id>,<qos>,<retain>,"<topic>",<length>,"<payload>"`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PublishInline<'a> {
    /// Everything before the payload.
    pub head: PublishHead<'a>,
    /// The payload.
    pub payload: InlinePayload<'a>,
}

/// `AT+LMQTTPUB=<id>,<message id>,<qos>,<retain>,"<topic>",<length>`, and the payload after a prompt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PublishPrompted<'a> {
    head: PublishHead<'a>,
    payload: &'a [u8],
}

impl<'a> PublishPrompted<'a> {
    /// A message with any bytes as its payload.
    ///
    /// # Errors
    /// If the payload is longer than 8000 bytes, or empty: a prompt for nothing is not defined.
    pub const fn new(head: PublishHead<'a>, payload: &'a [u8]) -> Result<Self, InvalidField> {
        let rule = match payload.len() {
            1..=LONGEST_PROMPTED_PAYLOAD => return Ok(Self { head, payload }),
            0 => Rule::NotEmpty,
            actual => Rule::AtMost { limit: LONGEST_PROMPTED_PAYLOAD, actual },
        };
        Err(InvalidField::new(Field::Payload, rule))
    }
}

impl<'a> PublishPrompted<'a> {
    /// Everything before the payload.
    pub const fn head(&self) -> &PublishHead<'a> {
        &self.head
    }
}

impl Command for PublishInline<'_> {
    const SPEC: Spec =
        Spec::named("+LMQTTPUB").accepted_within(Duration::from_secs(5)).result_within(Duration::from_secs(30));
    type Response<'r> = PublishOutcome;

    fn encode(&self, line: &mut Encoder<'_>) {
        let InlinePayload(payload) = self.payload;
        self.head.encode(line, payload.len());
        line.raw(b",\"").raw(payload).raw(b"\"");
    }

    fn decode(&self, answer: Answer<'_>) -> Result<PublishOutcome, Malformed> {
        decode(answer)
    }
}

impl Command for PublishPrompted<'_> {
    const SPEC: Spec = PublishInline::SPEC.payload_after_prompt();
    type Response<'r> = PublishOutcome;

    fn encode(&self, line: &mut Encoder<'_>) {
        self.head.encode(line, self.payload.len());
    }

    fn payload(&self) -> &[u8] {
        self.payload
    }

    fn decode(&self, answer: Answer<'_>) -> Result<PublishOutcome, Malformed> {
        decode(answer)
    }
}

/// Either form of the command, once it was submitted: only its answer is still to be read. It is not submitted itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublishAnswer;

impl Command for PublishAnswer {
    const SPEC: Spec = PublishInline::SPEC;
    type Response<'r> = PublishOutcome;

    fn encode(&self, _line: &mut Encoder<'_>) {}

    fn decode(&self, answer: Answer<'_>) -> Result<PublishOutcome, Malformed> {
        decode(answer)
    }
}

impl PublishHead<'_> {
    fn encode(&self, line: &mut Encoder<'_>, length: usize) {
        line.key(u16::from(self.connection.get())).key(self.delivery.wire_id()).integer(self.delivery.qos() as u32);
        line.integer(u32::from(self.retain)).checked(self.topic.as_str()).integer(length as u32);
    }
}

fn decode(answer: Answer<'_>) -> Result<PublishOutcome, Malformed> {
    let (result, extend) = answer.result()?;
    let extend = extend.map(SendFailure::from_number);
    Ok(match result {
        0 => PublishOutcome::Delivered,
        1 => PublishOutcome::Unconfirmed(extend),
        2 => PublishOutcome::Failed(extend),
        other => PublishOutcome::Other(other),
    })
}

#[cfg(test)]
mod tests {
    use super::{InlinePayload, PublishHead, PublishInline, PublishOutcome, PublishPrompted, SendFailure};
    use crate::at::{Command, Malformed};
    use crate::command::testing::{decoded, line};
    use crate::value::{ConnectionId, Delivery, Field, InvalidField, MessageId, Rule, Topic, check_codes};

    fn head(delivery: Delivery) -> PublishHead<'static> {
        let topic = Topic::new("/a1JszCpjS61/NT35E_06011/user/COMMUTEST").unwrap();
        PublishHead { connection: ConnectionId::default(), delivery, retain: true, topic }
    }

    #[test]
    fn the_line_of_the_article() {
        let payload = InlinePayload::new(b"1122334455").unwrap();
        let publish = PublishInline { head: head(Delivery::AtMostOnce), payload };
        let expected = "AT+LMQTTPUB=0,0,0,1,\"/a1JszCpjS61/NT35E_06011/user/COMMUTEST\",10,\"1122334455\"";
        assert_eq!(line(&publish), expected);
    }

    #[test]
    fn by_prompt_the_payload_is_not_in_the_line() {
        let publish = PublishPrompted::new(head(Delivery::AtLeastOnce(MessageId::FIRST)), b"\0\r\nOK\r\n").unwrap();
        assert_eq!(line(&publish), "AT+LMQTTPUB=0,1,1,1,\"/a1JszCpjS61/NT35E_06011/user/COMMUTEST\",7");
        assert_eq!(publish.payload(), b"\0\r\nOK\r\n");
    }

    #[test]
    fn promise_3_only_a_safe_payload_goes_inline() {
        for safe in [&b""[..], b"{\"t\":21,\"u\":[1,2]}", b"a\"b", b" "] {
            assert!(InlinePayload::new(safe).is_some(), "{safe:?}");
        }
        for unsafe_inline in [&b"\r"[..], b"a\nb", b"\0", b"\x1a", b"\x1b", b"\x7f", b"\xe4", b"\"a\"", b"a\"", b"\"a"]
        {
            assert!(InlinePayload::new(unsafe_inline).is_none(), "{unsafe_inline:?}");
        }
        assert!(InlinePayload::new(&[b'x'; 1024]).is_some());
        assert!(InlinePayload::new(&[b'x'; 1025]).is_none());
    }

    #[test]
    fn a_payload_over_the_limit_is_refused_with_both_numbers() {
        let bytes = [b'x'; 8001];
        let refused = |rule| Err(InvalidField::new(Field::Payload, rule));
        assert!(PublishPrompted::new(head(Delivery::AtMostOnce), &bytes[..8000]).is_ok());
        let too_long = refused(Rule::AtMost { limit: 8000, actual: 8001 });
        assert_eq!(PublishPrompted::new(head(Delivery::AtMostOnce), &bytes), too_long);
        assert_eq!(PublishPrompted::new(head(Delivery::AtMostOnce), b""), refused(Rule::NotEmpty));
    }

    #[test]
    fn every_failure_has_a_name() {
        check_codes!(SendFailure);
    }

    #[test]
    fn promise_1_a_wrong_acknowledgement_is_not_success() {
        let publish = PublishPrompted::new(head(Delivery::AtMostOnce), b"x").unwrap();
        let send_failed = Some(SendFailure::SendFailed);
        for (answer, response) in [
            ("+LMQTTPUB: 0,5,0", Ok(PublishOutcome::Delivered)),
            ("+LMQTTPUB: 0,7,1,6", Ok(PublishOutcome::Unconfirmed(send_failed))),
            ("+LMQTTPUB: 0,7,1", Ok(PublishOutcome::Unconfirmed(None))),
            ("+LMQTTPUB: 0,9,2", Ok(PublishOutcome::Failed(None))),
            ("+LMQTTPUB: 0,9,2,6", Ok(PublishOutcome::Failed(send_failed))),
            ("+LMQTTPUB: 0,9,-1", Ok(PublishOutcome::Other(-1))),
            ("+LMQTTPUB: 0,9", Err(Malformed)),
            ("+LMQTTPUB: 0,9,0,0,0", Err(Malformed)),
        ] {
            decoded(&publish, &[answer], |decoded| assert_eq!(decoded, response, "{answer}"));
        }
    }
}
