//! `AT+LMQTTSUBUNSUB`: subscribing to topics, and ending that.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::time::Duration;
use crate::value::{ConnectionId, MessageId, QoS, TopicFilter, codes};

codes! {
    /// Why a subscription was not made, or not ended (`protocol.md` §3.4).
    SubscribeFailure {
        1 Refused "1: failed, usually because the broker refused.",
        6 SendFailed "6: the modem could not send the packet.",
        7 Parameter "7: parameter error.",
    }
}

/// The manual's own example misspells the result of an unsubscribe (`protocol.md` §3.4).
const SPEC: Spec = Spec::named("+LMQTTSUBUNSUB")
    .accepted_within(Duration::from_secs(5))
    .result_within(Duration::from_secs(30))
    .result_also_named("+LMQTTUNSUNSUB");

/// `AT+LMQTTSUBUNSUB=<id>,0,<message id>,"<topic filter>",<qos>`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Subscribe<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// By which the result is known.
    pub message_id: MessageId,
    /// What to subscribe to. One per command: several are allowed by syntax, and nobody has tried (`protocol.md` §8).
    pub filter: TopicFilter<'a>,
    /// The highest quality of service wanted.
    pub qos: QoS,
}

/// `AT+LMQTTSUBUNSUB=<id>,1,<message id>,"<topic filter>",0`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Unsubscribe<'a> {
    /// The connection.
    pub connection: ConnectionId,
    /// By which the result is known.
    pub message_id: MessageId,
    /// What was subscribed to.
    pub filter: TopicFilter<'a>,
}

impl Command for Subscribe<'_> {
    const SPEC: Spec = SPEC;
    type Response<'r> = Result<(), SubscribeFailure>;

    #[inline(always)]
    fn encode(&self, line: &mut Encoder<'_>) {
        encode(line, [u16::from(self.connection.get()), 0, self.message_id.get()], self.filter, self.qos);
    }

    fn decode(&self, answer: Answer<'_>) -> Result<Result<(), SubscribeFailure>, Malformed> {
        decode(answer)
    }
}

impl Command for Unsubscribe<'_> {
    const SPEC: Spec = SPEC;
    type Response<'r> = Result<(), SubscribeFailure>;

    fn encode(&self, line: &mut Encoder<'_>) {
        // The quality of service means nothing here, but working code sends it (`protocol.md` §3.4).
        encode(line, [u16::from(self.connection.get()), 1, self.message_id.get()], self.filter, QoS::AtMostOnce);
    }

    fn decode(&self, answer: Answer<'_>) -> Result<Result<(), SubscribeFailure>, Malformed> {
        decode(answer)
    }
}

#[inline(always)]
fn encode(line: &mut Encoder<'_>, [connection, direction, message_id]: [u16; 3], filter: TopicFilter<'_>, qos: QoS) {
    line.key(connection).integer(u32::from(direction)).key(message_id);
    line.checked(filter.as_str()).integer(qos as u32);
}

fn decode(answer: Answer<'_>) -> Result<Result<(), SubscribeFailure>, Malformed> {
    Ok(match answer.result()? {
        // With the result 0, the last field may be the granted QoS or a constant 1, which mean nothing more. 128 is no
        // QoS but MQTT's own code for a refusal.
        (0, Some(128)) => Err(SubscribeFailure::Refused),
        (0, _) => Ok(()),
        (result, extend) => Err(SubscribeFailure::from_number(extend.unwrap_or(result))),
    })
}

#[cfg(test)]
mod tests {
    use super::{Subscribe, SubscribeFailure, Unsubscribe};
    use crate::at::Malformed;
    use crate::command::testing::{decoded, line};
    use crate::value::{ConnectionId, MessageId, QoS, TopicFilter, check_codes};

    fn subscribe(filter: &str) -> Subscribe<'_> {
        Subscribe {
            connection: ConnectionId::default(),
            message_id: MessageId::FIRST,
            filter: TopicFilter::new(filter).unwrap(),
            qos: QoS::ExactlyOnce,
        }
    }

    #[test]
    fn the_line_of_the_article() {
        let expected = "AT+LMQTTSUBUNSUB=0,0,1,\"/a1JszCpjS61/NT35E_06011/user/COMMUTEST\",2";
        assert_eq!(line(&subscribe("/a1JszCpjS61/NT35E_06011/user/COMMUTEST")), expected);
    }

    #[test]
    fn an_unsubscribe_has_its_own_flag() {
        let Subscribe { connection, filter, .. } = subscribe("t/#");
        let unsubscribe = Unsubscribe { connection, message_id: MessageId::new(65_535).unwrap(), filter };
        assert_eq!(line(&unsubscribe), "AT+LMQTTSUBUNSUB=0,1,65535,\"t/#\",0");
    }

    #[test]
    fn every_failure_has_a_name() {
        check_codes!(SubscribeFailure);
    }

    #[test]
    fn promise_1_a_refused_subscription_is_no_success() {
        for (answer, response) in [
            ("+LMQTTSUBUNSUB: 0,1,0,1", Ok(Ok(()))),
            ("+LMQTTSUBUNSUB: 0,1,0,0", Ok(Ok(()))),
            ("+LMQTTSUBUNSUB: 0,1,0", Ok(Ok(()))),
            ("+LMQTTUNSUNSUB: 0,1,0", Ok(Ok(()))),
            ("+LMQTTSUBUNSUB: 0,1,0,128", Ok(Err(SubscribeFailure::Refused))),
            ("+LMQTTSUBUNSUB: 0,1,1", Ok(Err(SubscribeFailure::Refused))),
            ("+LMQTTSUBUNSUB: 0,1,1,7", Ok(Err(SubscribeFailure::Parameter))),
            ("+LMQTTUNSUNSUB: 0,1,1,6", Ok(Err(SubscribeFailure::SendFailed))),
            ("+LMQTTSUBUNSUB: 0,1,128", Ok(Err(SubscribeFailure::Other(128)))),
            ("+LMQTTSUBUNSUB: 0,1", Err(Malformed)),
            ("+LMQTTSUBUNSUB: 0,1,0,1,1", Err(Malformed)),
        ] {
            decoded(&subscribe("t"), &[answer], |decoded| assert_eq!(decoded, response, "{answer}"));
        }
    }
}
