//! What takes one command in a session: a message, a subscription or its end.

use super::{Context, Next, Plan, is_refusal};
use crate::aliyun;
use crate::client::error::Failure;
use crate::client::publish::Publish;
use crate::command::{
    InlinePayload, PublishAnswer, PublishHead, PublishInline, PublishOutcome, PublishPrompted, Subscribe, Unsubscribe,
};
use crate::mqtt::{Platform, Unnamed};
use crate::value::{ConnectionId, Delivery, Field, InvalidField, MessageId, QoS, Rule, Topic, TopicFilter};

/// A message, in the line if its bytes allow it, else after a prompt.
pub(crate) struct Send<'a> {
    message: Publish<'a>,
    sent: Option<Sent>,
}

impl<'a> Send<'a> {
    pub(crate) const fn new(message: Publish<'a>) -> Self {
        Self { message, sent: None }
    }

    /// What has to be sent, also once the plan was given up.
    #[cfg(feature = "nb")]
    pub(crate) const fn message_payload(&self) -> &'a [u8] {
        self.message.payload
    }
}

impl Plan for Send<'_> {
    type Output = ();

    fn advance(&mut self, context: &mut Context<'_, '_>) -> Result<Next<()>, Failure> {
        match self.sent {
            None => {
                self.sent = Some(Sent::submit(&self.message, context)?);
                Ok(Next::Drive)
            }
            Some(sent) => sent.finish(context).map(Next::Done),
        }
    }

    fn payload(&self) -> &[u8] {
        match self.sent {
            Some(Sent { is_prompted: true, .. }) => self.message.payload,
            _ => &[],
        }
    }
}

/// A message that was submitted: what it takes to understand its result.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    delivery: Delivery,
    is_prompted: bool,
}

impl Sent {
    pub(crate) fn submit(message: &Publish<'_>, context: &mut Context<'_, '_>) -> Result<Self, Failure> {
        let Publish { topic, payload, qos, retain } = *message;
        let topic = Topic::new(topic)?;
        if context.session.platform() == Platform::Aliyun {
            aliyun::check(Field::Topic, topic.as_str())?;
            // The platform closes the connection, or ignores the message (`aliyun.md` §5).
            if qos == QoS::ExactlyOnce {
                return Err(InvalidField::new(Field::QoS, Rule::Unsupported).into());
            }
        }
        if !context.session.is_connected(context.engine) {
            return Err(Failure::NotConnected);
        }
        let delivery = match qos {
            QoS::AtMostOnce => Delivery::AtMostOnce,
            qos => Delivery::new(qos, context.session.take_message_id()),
        };
        let head = PublishHead { connection: ConnectionId::FIRST, delivery, retain, topic };
        let sent = Self { delivery, is_prompted: submit(head, payload, context)? };
        if delivery == Delivery::AtMostOnce {
            context.session.begin(Unnamed::Message, context.engine);
        }
        Ok(sent)
    }

    /// Whether the payload is sent after a prompt, out of its owner's memory unless TX holds it.
    #[cfg(feature = "supervisor")]
    pub(crate) const fn is_prompted(&self) -> bool {
        self.is_prompted
    }

    pub(crate) fn finish(self, context: &mut Context<'_, '_>) -> Result<(), Failure> {
        let Self { delivery, .. } = self;
        let outcome = context.finish(&PublishAnswer);
        context.session.end();
        let is_numbered = delivery != Delivery::AtMostOnce;
        context.session.unnumbered_result_due |= !is_numbered && outcome.is_err_and(|error| !is_refusal(&error));
        match outcome? {
            PublishOutcome::Delivered if !is_numbered && context.session.unnumbered_result_due => {
                Err(Failure::Unconfirmed { message_id: None })
            }
            PublishOutcome::Delivered => Ok(()),
            PublishOutcome::Unconfirmed(_) => {
                Err(Failure::Unconfirmed { message_id: MessageId::new(delivery.wire_id()) })
            }
            PublishOutcome::Failed(failure) => Err(Failure::NotSent(failure)),
            PublishOutcome::Other(result) => Err(Failure::UnknownResult(result)),
        }
    }
}

/// Submits a message in the form that suits its payload; true if that is by prompt.
fn submit(head: PublishHead<'_>, payload: &[u8], context: &mut Context<'_, '_>) -> Result<bool, Failure> {
    if let Some(inline) = InlinePayload::new(payload) {
        match context.submit::<_, ()>(&PublishInline { head, payload: inline }) {
            // A smaller TX buffer is no reason to refuse: by prompt the payload need not fit in it.
            Err(Failure::TxTooSmall { .. }) if !payload.is_empty() => {}
            result => return result.map(|_| false),
        }
    }
    context.submit::<_, ()>(&PublishPrompted::new(head, payload)?)?;
    Ok(true)
}

/// A subscription, or with no quality of service the end of one.
pub(crate) struct Subscription<'a> {
    filter: &'a str,
    qos: Option<QoS>,
    sent: Option<(TopicFilter<'a>, MessageId)>,
}

impl<'a> Subscription<'a> {
    pub(crate) const fn new(filter: &'a str, qos: Option<QoS>) -> Self {
        Self { filter, qos, sent: None }
    }
}

impl Plan for Subscription<'_> {
    type Output = ();

    fn advance(&mut self, context: &mut Context<'_, '_>) -> Result<Next<()>, Failure> {
        let connection = ConnectionId::FIRST;
        let is_new = self.sent.is_none();
        let (filter, message_id) = match self.sent {
            Some(sent) => sent,
            None => {
                let filter = TopicFilter::new(self.filter)?;
                if context.session.platform() == Platform::Aliyun {
                    aliyun::check(Field::TopicFilter, filter.as_str())?;
                }
                if !context.session.is_connected(context.engine) {
                    return Err(Failure::NotConnected);
                }
                *self.sent.insert((filter, context.session.take_message_id()))
            }
        };
        let outcome = match self.qos {
            Some(qos) => {
                let subscribe = Subscribe { connection, message_id, filter, qos };
                if is_new {
                    return context.submit(&subscribe);
                }
                context.finish(&subscribe)?
            }
            None => {
                let unsubscribe = Unsubscribe { connection, message_id, filter };
                if is_new {
                    return context.submit(&unsubscribe);
                }
                context.finish(&unsubscribe)?
            }
        };
        outcome.map(Next::Done).map_err(Failure::Subscribe)
    }
}
