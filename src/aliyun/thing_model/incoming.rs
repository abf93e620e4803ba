//! What the platform sends to the device.

use super::call::{Answerable, Call, Reply};
use super::error::ReadError;
use crate::aliyun::topics::Downlink;
use crate::value::{ReceivedTopic, Triple};

/// A message of the thing model, by what it is.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Incoming<'m> {
    /// Properties are to be set.
    PropertySet(Call<'m>),
    /// A service is called.
    Service {
        /// Which one.
        identifier: &'m str,
        /// The call.
        call: Call<'m>,
    },
    /// There is a remote configuration: its parameters are a [`RemoteConfig`](super::RemoteConfig).
    ConfigPush(Call<'m>),
    /// The reply to [`Thing::post`](super::Thing::post).
    PropertyPostReply(Reply<'m>),
    /// The reply to [`Thing::event`](super::Thing::event).
    EventPostReply {
        /// Of which event.
        identifier: &'m str,
        /// The reply.
        reply: Reply<'m>,
    },
    /// The reply to [`Thing::ask_desired`](super::Thing::ask_desired): its data has a [`Desired`](super::Desired) for each property.
    DesiredReply(Reply<'m>),
    /// The reply to [`Thing::clear_desired`](super::Thing::clear_desired).
    DesiredClearReply(Reply<'m>),
    /// The reply to [`Thing::set_tags`](super::Thing::set_tags).
    TagsReply(Reply<'m>),
    /// The reply to [`Thing::remove_tags`](super::Thing::remove_tags).
    TagsRemoveReply(Reply<'m>),
    /// The reply to [`Thing::ask_config`](super::Thing::ask_config): its data is a [`RemoteConfig`](super::RemoteConfig).
    ConfigReply(Reply<'m>),
}

impl<'m> Incoming<'m> {
    pub(super) fn read(topic: ReceivedTopic<'m>, payload: &'m [u8], triple: Triple<'_>) -> Result<Self, ReadError> {
        let topic = Downlink::of(topic, triple).ok_or(ReadError::AnotherTopic)?;
        match Answerable::of(topic, triple) {
            Some(answerable) => Self::call(topic, payload, answerable).ok_or(ReadError::Malformed),
            None => Self::reply(topic, payload),
        }
    }

    fn call(topic: Downlink<'m>, payload: &'m [u8], answerable: Answerable<'m>) -> Option<Self> {
        let (call, method) = Call::read(payload, answerable)?;
        let service = match (topic, answerable) {
            (Downlink::ConfigPush, _) => return Some(Self::ConfigPush(call)),
            (Downlink::Service { identifier }, _) => identifier,
            (_, Answerable::CustomRrpc { service, .. }) => service,
            (Downlink::RrpcRequest { .. }, _) => method.strip_prefix("thing.service.")?,
            _ => "property/set",
        };
        Some(match service {
            // The method has a point where the topic has a slash.
            "property.set" | "property/set" => Self::PropertySet(call),
            identifier => Self::Service { identifier, call },
        })
    }

    fn reply(topic: Downlink<'m>, payload: &'m [u8]) -> Result<Self, ReadError> {
        let reply = Reply::read(payload);
        let wrap = match topic {
            Downlink::EventPostReply { identifier } => return Ok(Self::EventPostReply { identifier, reply: reply? }),
            Downlink::PropertyPostReply => Self::PropertyPostReply,
            Downlink::DesiredGetReply => Self::DesiredReply,
            Downlink::DesiredDeleteReply => Self::DesiredClearReply,
            Downlink::TagsUpdateReply => Self::TagsReply,
            Downlink::TagsDeleteReply => Self::TagsRemoveReply,
            Downlink::ConfigGetReply => Self::ConfigReply,
            _ => return Err(ReadError::AnotherTopic),
        };
        reply.map(wrap)
    }
}

impl<'m> Answerable<'m> {
    /// Where a message of this topic is answered to, if it is a call.
    fn of(topic: Downlink<'m>, triple: Triple<'_>) -> Option<Self> {
        Some(match topic {
            Downlink::PropertySet => Self::Set,
            Downlink::Service { identifier } => Self::Service { identifier },
            Downlink::ConfigPush => Self::ConfigPush,
            Downlink::RrpcRequest { message_id } => Self::Rrpc { message_id },
            Downlink::CustomRrpc { message_id, topic } => {
                Self::CustomRrpc { message_id, topic, service: service_of(topic, triple)? }
            }
            _ => return None,
        })
    }
}

/// What stands behind `sys/{ProductKey}/{DeviceName}/thing/service/`.
fn service_of<'m>(topic: &'m str, triple: Triple<'_>) -> Option<&'m str> {
    let rest = topic.strip_prefix("sys/")?.strip_prefix(triple.product_key())?.strip_prefix('/')?;
    rest.strip_prefix(triple.device_name())?.strip_prefix("/thing/service/")
}
