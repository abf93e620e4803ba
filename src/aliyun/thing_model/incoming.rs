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
        let reply = || Reply::read(payload);
        let call = |answerable| Call::read(payload, answerable).map(|(call, _method)| call).ok_or(ReadError::Malformed);
        Ok(match Downlink::of(topic, triple).ok_or(ReadError::AnotherTopic)? {
            Downlink::PropertySet => Self::PropertySet(call(Answerable::Set)?),
            Downlink::Service { identifier } => {
                Self::Service { identifier, call: call(Answerable::Service { identifier })? }
            }
            Downlink::ConfigPush => Self::ConfigPush(call(Answerable::ConfigPush)?),
            Downlink::RrpcRequest { message_id } => {
                let call = Call::read(payload, Answerable::Rrpc { message_id });
                let (call, method) = call.ok_or(ReadError::Malformed)?;
                let service = method.strip_prefix("thing.service.").ok_or(ReadError::Malformed)?;
                Self::synchronous(service, call)
            }
            Downlink::CustomRrpc { message_id, topic } => {
                let service = service_of(topic, triple).ok_or(ReadError::AnotherTopic)?;
                Self::synchronous(service, call(Answerable::CustomRrpc { message_id, topic })?)
            }
            Downlink::PropertyPostReply => Self::PropertyPostReply(reply()?),
            Downlink::EventPostReply { identifier } => Self::EventPostReply { identifier, reply: reply()? },
            Downlink::DesiredGetReply => Self::DesiredReply(reply()?),
            Downlink::DesiredDeleteReply => Self::DesiredClearReply(reply()?),
            Downlink::TagsUpdateReply => Self::TagsReply(reply()?),
            Downlink::TagsDeleteReply => Self::TagsRemoveReply(reply()?),
            Downlink::ConfigGetReply => Self::ConfigReply(reply()?),
            _ => return Err(ReadError::AnotherTopic),
        })
    }

    /// The method writes the setting of properties with a point, the topic with a slash.
    fn synchronous(service: &'m str, call: Call<'m>) -> Self {
        match service {
            "property.set" | "property/set" => Self::PropertySet(call),
            identifier => Self::Service { identifier, call },
        }
    }
}

/// What stands behind `sys/{ProductKey}/{DeviceName}/thing/service/`.
fn service_of<'m>(topic: &'m str, triple: Triple<'_>) -> Option<&'m str> {
    let rest = topic.strip_prefix("sys/")?.strip_prefix(triple.product_key())?.strip_prefix('/')?;
    rest.strip_prefix(triple.device_name())?.strip_prefix("/thing/service/")
}
