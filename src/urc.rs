//! Every unsolicited line of the modem, as one borrowed enum.

use crate::at::{self, Dialect, Fields, Loss, Restart};
use crate::command::ReturnCode;
use crate::value::{MessageId, ReceivedTopic, codes};

/// How the bytes of an NT35E are cut into frames, and brought back in step.
///
/// `AT+CSQ` is the marker, since every source uses it, it needs no state, and nothing answers it unasked.
pub static DIALECT: Dialect = Dialect {
    message: [b"+LMQTTURC", b"RECV"],
    banner: b"^boot.rom",
    booted: b"Lierda",
    powered_down: b"NORMAL POWER DOWN",
    marker: b"AT+CSQ",
};

codes! {
    /// What the modem says about a connection (`protocol.md` §4). The numbers are those of its HTTP client.
    ConnectionStatus {
        0 Ok "0: nothing is wrong.",
        1 ClosedByPeer "1: closed or reset by the broker.",
        2 Url "2: wrong URL.",
        3 Dns "3: the host's name could not be resolved.",
        4 Protocol "4: protocol error.",
        7 Http "7: an HTTP status.",
        8 ConnectTimeout "8: connecting took too long.",
        9 ConnectFailed "9: connecting failed.",
        10 Fatal "10: fatal error.",
        11 Closed "11: closed.",
        12 MoreDataNeeded "12: more data needed.",
        13 CacheOverflow "13: the modem's buffer overflowed.",
        14 TlsFailed "14: TLS failed.",
        15 Refused "15: the broker refused the sign-in.",
    }
}

/// A status with its supplement.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct StatusReport {
    /// The status.
    pub status: ConnectionStatus,
    /// For [`ConnectionStatus::Refused`] the broker's [`ReturnCode`], for [`ConnectionStatus::Http`] the HTTP status.
    pub extend: Option<i32>,
}

impl StatusReport {
    /// Why the broker refused, if it did and the modem says so.
    pub fn return_code(self) -> Option<ReturnCode> {
        self.extend.filter(|_| self.status == ConnectionStatus::Refused).map(ReturnCode::from_number)
    }
}

/// Something that happened without being asked for.
#[derive(Clone, Copy, Eq, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A message on a subscribed topic.
    Message {
        /// Where it was sent to.
        topic: ReceivedTopic<'a>,
        /// The message id; none at QoS 0.
        message_id: Option<MessageId>,
        /// The payload, byte for byte.
        payload: &'a [u8],
    },
    /// A message that is larger than the inbox. Its payload waits to be read in pieces. The next call that does something
    /// else skips what was not read, and that is reported as lost.
    LargeMessage {
        /// Where it was sent to.
        topic: ReceivedTopic<'a>,
        /// The message id; none at QoS 0.
        message_id: Option<MessageId>,
        /// Bytes of the payload.
        length: usize,
    },
    /// The modem keeps a message for itself (`cache` 1, which this driver does not ask for).
    CachedMessage {
        /// The message id.
        message_id: Option<MessageId>,
    },
    /// The session has ended; nothing is subscribed any more.
    Disconnected(StatusReport),
    /// A status that ends nothing: there was no session, or it belongs to the one before.
    Status(StatusReport),
    /// The modem went away, and with it the session and all settings.
    Restarted(Restart),
    /// Lines or messages were lost.
    Lost(Loss),
    /// Any other line, such as `RDY`, `+CEREG: 1` or the late result of a command that was given up.
    Line(&'a [u8]),
}

impl<'a> Event<'a> {
    /// Reads what the engine reports. A line that does not have the form that its name promises stays a line.
    #[inline(always)]
    pub fn from_engine(event: at::Event<'a>) -> Self {
        match event {
            at::Event::Line { line, .. } => report(line).unwrap_or(Self::Line(line)),
            at::Event::Message { header, payload } => match topic(header) {
                Some((message_id, topic)) => Self::Message { topic, message_id, payload },
                None => Self::Line(header),
            },
            at::Event::LargeMessage { header, length } => match topic(header) {
                Some((message_id, topic)) => Self::LargeMessage { topic, message_id, length },
                None => Self::Line(header),
            },
            at::Event::Lost(loss) => Self::Lost(loss),
            at::Event::Restarted(restart) => Self::Restarted(restart),
        }
    }
}

impl core::fmt::Debug for Event<'_> {
    /// Prints bytes as text, with those that do not print escaped. The credentials of a device that registers are left out.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Message { topic, message_id, .. } if brings_credentials(*topic) => {
                write!(formatter, "Message({topic:?}, {message_id:?}, <redacted>)")
            }
            Self::Message { topic, message_id, payload } => {
                write!(formatter, "Message({topic:?}, {message_id:?}, \"{}\")", payload.escape_ascii())
            }
            Self::LargeMessage { topic, message_id, length } => {
                write!(formatter, "LargeMessage({topic:?}, {message_id:?}, {length} bytes)")
            }
            Self::CachedMessage { message_id } => write!(formatter, "CachedMessage({message_id:?})"),
            Self::Disconnected(report) => write!(formatter, "Disconnected({report:?})"),
            Self::Status(report) => write!(formatter, "Status({report:?})"),
            Self::Restarted(restart) => write!(formatter, "Restarted({restart:?})"),
            Self::Lost(loss) => write!(formatter, "Lost({loss:?})"),
            Self::Line(line) => write!(formatter, "Line(\"{}\")", line.escape_ascii()),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Event<'_> {
    #[allow(clippy::match_same_arms, reason = "the texts differ, but not for clippy, which sees what is left of them")]
    fn format(&self, formatter: defmt::Formatter<'_>) {
        match self {
            Self::Message { topic, message_id, .. } if brings_credentials(*topic) => {
                defmt::write!(formatter, "Message({}, {}, <redacted>)", topic, message_id);
            }
            Self::Message { topic, message_id, payload } => {
                defmt::write!(formatter, "Message({}, {}, {=[u8]:a})", topic, message_id, payload);
            }
            Self::LargeMessage { topic, message_id, length } => {
                defmt::write!(formatter, "LargeMessage({}, {}, {=usize} bytes)", topic, message_id, length);
            }
            Self::CachedMessage { message_id } => defmt::write!(formatter, "CachedMessage({})", message_id),
            Self::Disconnected(report) => defmt::write!(formatter, "Disconnected({})", report),
            Self::Status(report) => defmt::write!(formatter, "Status({})", report),
            Self::Restarted(restart) => defmt::write!(formatter, "Restarted({})", restart),
            Self::Lost(loss) => defmt::write!(formatter, "Lost({})", loss),
            Self::Line(line) => defmt::write!(formatter, "Line({=[u8]:a})", line),
        }
    }
}

/// Whether the message is the platform's answer to a registration (`aliyun.md` §4).
fn brings_credentials(topic: ReceivedTopic<'_>) -> bool {
    topic.as_bytes().starts_with(b"/ext/reg")
}

/// The message id, and what stands behind it, after the name of a message.
#[inline(always)]
fn message(mut fields: Fields<'_>) -> Option<(Option<MessageId>, &[u8])> {
    fields.integer().ok()?;
    let message_id = u16::try_from(fields.any_integer().ok()?).ok()?;
    Some((MessageId::new(message_id), fields.rest()))
}

/// Message id and topic of a header, which ends at the quote that closes the topic.
fn topic(header: &[u8]) -> Option<(Option<MessageId>, ReceivedTopic<'_>)> {
    let (message_id, rest) = message(Fields::new(header))?;
    match rest {
        [b'"', topic @ .., b'"'] => Some((message_id, ReceivedTopic::new(topic))),
        _ => None,
    }
}

/// What a line of this name says: a message whose payload is the rest of the line, or stays in the modem, or a status.
fn report(line: &[u8]) -> Option<Event<'_>> {
    let fields = Fields::after(line, b"+LMQTTURC")?;
    if let Some(fields) = fields.behind(b"RECV,") {
        return message_line(fields);
    }
    status(fields.behind(b"STATS,")?)
}

fn message_line(fields: Fields<'_>) -> Option<Event<'_>> {
    let (message_id, rest) = message(fields)?;
    if rest.is_empty() {
        return Some(Event::CachedMessage { message_id });
    }
    let (topic, payload) = Fields::new(rest).behind(b"\"")?.split(b"\",")?;
    Some(Event::Message { topic: ReceivedTopic::new(topic), message_id, payload })
}

fn status(mut fields: Fields<'_>) -> Option<Event<'_>> {
    fields.integer().ok()?;
    let status = ConnectionStatus::from_number(fields.any_integer().ok()?);
    let extend = fields.optional_integer().ok()?;
    fields.end().ok()?;
    Some(Event::Status(StatusReport { status, extend }))
}

#[cfg(test)]
mod tests {
    use super::{ConnectionStatus, Event, StatusReport};
    use crate::at;
    use crate::command::ReturnCode;
    use crate::value::{MessageId, ReceivedTopic, check_codes};

    fn line(line: &str) -> Event<'_> {
        Event::from_engine(at::Event::Line { line: line.as_bytes(), era: 0 })
    }

    #[test]
    fn a_message_comes_in_three_shapes() {
        let topic = ReceivedTopic::new(b"a,b/c");
        let message_id = MessageId::new(1);
        let header = b"0,1,\"a,b/c\"";
        let payload = b"\r\nOK\r\n";
        let counted = Event::from_engine(at::Event::Message { header, payload });
        assert_eq!(counted, Event::Message { topic, message_id, payload });
        let bare = line("+LMQTTURC: RECV,0,1,\"a,b/c\",{\"control\":1,\"id\":\"t1\"}");
        assert_eq!(bare, Event::Message { topic, message_id, payload: b"{\"control\":1,\"id\":\"t1\"}" });
        assert_eq!(line("+LMQTTURC: RECV,0,5"), Event::CachedMessage { message_id: MessageId::new(5) });
    }

    #[test]
    fn a_message_at_qos_0_has_no_id() {
        let event = line("+LMQTTURC:RECV,0,0,\"t\",x");
        assert_eq!(event, Event::Message { topic: ReceivedTopic::new(b"t"), message_id: None, payload: b"x" });
    }

    #[test]
    fn promise_9_a_message_with_credentials_is_not_printed() {
        let event = line("+LMQTTURC: RECV,0,0,\"/ext/regnwl\",{\"deviceToken\":\"opensesame\"}");
        assert_eq!(std::format!("{event:?}"), "Message(\"/ext/regnwl\", None, <redacted>)");
        let event = line("+LMQTTURC: RECV,0,0,\"/ext/ntp\",x");
        assert_eq!(std::format!("{event:?}"), "Message(\"/ext/ntp\", None, \"x\")");
    }

    #[test]
    fn promise_3_a_payload_without_length_stays_as_it_came() {
        for payload in ["", "\"quoted\"", "5,hello", "\",", "a\",b"] {
            let text = std::format!("+LMQTTURC: RECV,0,1,\"t\",{payload}");
            let expected = Event::Message {
                topic: ReceivedTopic::new(b"t"),
                message_id: MessageId::new(1),
                payload: payload.as_bytes(),
            };
            assert_eq!(line(&text), expected);
        }
    }

    #[test]
    fn a_status_has_a_name_and_a_supplement() {
        check_codes!(ConnectionStatus);
        let report = |status, extend| Event::Status(StatusReport { status, extend });
        assert_eq!(line("+LMQTTURC: STATS,0,1"), report(ConnectionStatus::ClosedByPeer, None));
        assert_eq!(line("+LMQTTURC: STATS,0,15,4"), report(ConnectionStatus::Refused, Some(4)));
        let refused = StatusReport { status: ConnectionStatus::Refused, extend: Some(4) };
        assert_eq!(refused.return_code(), Some(ReturnCode::BadCredentials));
        let http = StatusReport { status: ConnectionStatus::Http, extend: Some(4) };
        assert_eq!(http.return_code(), None);
    }

    #[test]
    fn a_broken_line_stays_a_line() {
        for text in [
            "+LMQTTURC: STATS,0",
            "+LMQTTURC: STATS,0,x",
            "+LMQTTURC: STATS,0,1,2,3",
            "+LMQTTURC: RECV",
            "+LMQTTURC: RECV,0",
            "+LMQTTURC: RECV,0,99999,\"t\",x",
            "+LMQTTURC: RECV,0,1,t,x",
            "+LMQTTURC: RECV,0,1,\"t",
            "+LMQTTURC: NEWS,0",
            "+LMQTTPUB: 0,5,0",
            "RDY",
            "\0\0",
        ] {
            assert_eq!(line(text), Event::Line(text.as_bytes()));
        }
        let header = b"0,99999,\"t\"";
        let event = at::Event::Message { header, payload: b"x" };
        assert_eq!(Event::from_engine(event), Event::Line(header));
    }
}
