//! The platform's topics as types (`aliyun.md` §6): built from a triple, and recognized when a message arrives.
//!
//! [`Uplink`] is what a device publishes to, [`Downlink`] what it subscribes to and receives:
//!
//! ```
//! # #[cfg(feature = "embedded-io")]
//! # mod example {
//! use embedded_io::{Read, ReadReady, Write};
//! use nt35e::aliyun::topics::{Downlink, Uplink};
//! use nt35e::{Clock, Duration, Error, Event, Publish, QoS, Triple, blocking};
//!
//! fn serve<U: Read + ReadReady + Write, C: Clock>(
//!     client: &mut blocking::Client<'_, U, C>,
//!     triple: Triple<'_>,
//! ) -> Result<(), Error<U::Error>> {
//!     client.subscribe(&Downlink::PropertySet.filter(triple)?, QoS::AtLeastOnce)?;
//!     client.subscribe(&Downlink::RrpcRequest { message_id: "+" }.filter(triple)?, QoS::AtLeastOnce)?;
//!     client.publish(&Publish::new(&Uplink::PropertyPost.topic(triple)?, b"{\"id\":\"1\",\"params\":{\"t\":21}}"))?;
//!     while let Some(event) = client.next_event(Duration::from_secs(60))? {
//!         let Event::Message { topic, .. } = event else { continue };
//!         match Downlink::of(topic, triple) {
//!             Some(Downlink::PropertySet) => {} // the payload has the properties
//!             Some(Downlink::RrpcRequest { message_id }) => {
//!                 let answer = Uplink::RrpcResponse { message_id }.topic(triple)?;
//!                 client.publish(&Publish::new(&answer, b"{}"))?;
//!             }
//!             _ => {} // another topic, or another device's
//!         }
//!     }
//!     Ok(())
//! }
//! # }
//! ```
//!
//! What is built keeps the platform's limits: 128 bytes, and 7 levels where a path is of one's own choice. A wildcard may stand for a name
//! where a filter is built, and nowhere else.

mod form;
mod text;

use form::{Form, Kind, Place};

use crate::value::{Field, InvalidField, ReceivedTopic, Triple};
pub use text::TopicText;

/// An enum of topics, each with its form: among which topics it is, what follows there, and the part that differs if there is one.
macro_rules! topics {
    (
        $(#[$about:meta])*
        $enum:ident, $field:expr;
        $($(#[$doc:meta])* $topic:ident $({ $part:ident: $kind:ident, $back:literal })? = $place:ident, $front:literal;)*
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum $enum<'a> {
            $($(#[$doc])* $topic $({
                /// What the dots of the topic stand for.
                $part: &'a str,
            })?,)*
            /// `/ext/rrpc/{message id}/{topic}`: a call by a topic of the application's choice. The answer goes to the same
            /// topic, at QoS 0 and within 8 s.
            ///
            /// The platform does so for a device that signs in with `ext=1` among its parameters.
            CustomRrpc {
                /// The number of the call.
                message_id: &'a str,
                /// The topic of the call: `/{ProductKey}/{DeviceName}/…` with or without its first slash, or `sys/{ProductKey}/{DeviceName}/…`.
                topic: &'a str,
            },
        }

        impl<'a> $enum<'a> {
            fn recognized(text: &'a str, triple: Triple<'_>) -> Option<Self> {
                $({
                    let form = const { &Form::fixed(Place::$place, $front)$(.with(Kind::$kind, $back))? };
                    if let Some(_found) = form.part_of(text, triple) {
                        return Some(Self::$topic $({ $part: _found })?);
                    }
                })*
                let (message_id, topic) = form::custom_rrpc_of(text, triple)?;
                Some(Self::CustomRrpc { message_id, topic })
            }

            /// Inlined, so that a topic which is known when it is compiled brings its own form and no other.
            #[inline(always)]
            fn built(self, triple: Triple<'_>) -> Result<TopicText, InvalidField> {
                match self.form() {
                    Ok((form, part)) => form.build($field, part, triple),
                    Err((message_id, topic)) => form::custom_rrpc($field, message_id, topic, triple),
                }
            }

            /// The form and the part that differs, or message id and topic of a call by a topic of the application's choice.
            #[inline(always)]
            fn form(self) -> Result<(&'static Form, &'a str), (&'a str, &'a str)> {
                match self {
                    $(Self::$topic $({ $part })? => Ok((
                        const { &Form::fixed(Place::$place, $front)$(.with(Kind::$kind, $back))? },
                        part!($($part)?),
                    )),)*
                    Self::CustomRrpc { message_id, topic } => Err((message_id, topic)),
                }
            }

            /// One of each, for the tests that look at all of them.
            #[cfg(test)]
            fn each() -> std::vec::Vec<(Self, &'static str)> {
                std::vec![$((
                    Self::$topic $({ $part: Kind::$kind.example() })?,
                    stringify!($topic),
                )),*]
            }
        }
    };
}

/// The part of a topic that has one, and nothing.
macro_rules! part {
    () => {
        ""
    };
    ($part:ident) => {
        $part
    };
}

topics! {
    /// Where a device publishes. `…` in a topic stands for `{ProductKey}/{DeviceName}`.
    Uplink, Field::Topic;
    /// `/…/user/{path}`: a topic of the product's own, as the console defines it.
    Custom { path: Path, "" } = User, "";
    /// `/sys/…/thing/event/property/post`: properties.
    PropertyPost = Thing, "event/property/post";
    /// `/sys/…/thing/event/property/batch/post`: properties and events, each with its times.
    PropertyBatchPost = Thing, "event/property/batch/post";
    /// `/sys/…/thing/event/property/history/post`: what was not sent in its time.
    PropertyHistoryPost = Thing, "event/property/history/post";
    /// `/sys/…/thing/service/property/set_reply`: the answer to [`Downlink::PropertySet`].
    PropertySetReply = Thing, "service/property/set_reply";
    /// `/sys/…/thing/event/{identifier}/post`: an event.
    EventPost { identifier: Event, "/post" } = Thing, "event/";
    /// `/sys/…/thing/service/{identifier}_reply`: the answer to [`Downlink::Service`].
    ServiceReply { identifier: Level, "_reply" } = Thing, "service/";
    /// `/sys/…/thing/model/up_raw`: bytes that a script of the product translates.
    RawUp = Thing, "model/up_raw";
    /// `/sys/…/thing/model/down_raw_reply`: the answer to [`Downlink::RawDown`].
    RawDownReply = Thing, "model/down_raw_reply";
    /// `/sys/…/thing/property/desired/get`: asks for desired properties.
    DesiredGet = Thing, "property/desired/get";
    /// `/sys/…/thing/property/desired/delete`: clears desired properties.
    DesiredDelete = Thing, "property/desired/delete";
    /// `/sys/…/thing/deviceinfo/update`: sets tags.
    TagsUpdate = Thing, "deviceinfo/update";
    /// `/sys/…/thing/deviceinfo/delete`: removes tags.
    TagsDelete = Thing, "deviceinfo/delete";
    /// `/sys/…/thing/config/get`: asks for the remote configuration.
    ConfigGet = Thing, "config/get";
    /// `/sys/…/thing/config/push_reply`: the answer to [`Downlink::ConfigPush`].
    ConfigPushReply = Thing, "config/push_reply";
    /// `/sys/…/rrpc/response/{message id}`: the answer to [`Downlink::RrpcRequest`], due within 8 s.
    RrpcResponse { message_id: Level, "" } = Sys, "/rrpc/response/";
    /// `/ext/ntp/…/request`: asks for the time, at QoS 0 only.
    NtpRequest = Ntp, "/request";
    /// `/ota/device/inform/…`: the version that runs.
    OtaInform = OtaInform, "";
    /// `/ota/device/progress/…`: how far an update has come.
    OtaProgress = OtaProgress, "";
    /// `/sys/…/thing/ota/firmware/get`: asks for an update.
    OtaGet = Thing, "ota/firmware/get";
    /// `/sys/…/thing/file/download`: asks for a block of an update by MQTT.
    FileDownload = Thing, "file/download";
    /// `/shadow/update/…`: reports to the shadow, or asks for it.
    ShadowUpdate = ShadowUpdate, "";
}

topics! {
    /// Where the platform publishes to a device. `…` in a topic stands for `{ProductKey}/{DeviceName}`.
    Downlink, Field::TopicFilter;
    /// `/…/user/{path}`: a topic of the product's own, as the console defines it.
    Custom { path: Path, "" } = User, "";
    /// `/sys/…/thing/event/property/post_reply`: the answer to [`Uplink::PropertyPost`].
    PropertyPostReply = Thing, "event/property/post_reply";
    /// `/sys/…/thing/event/property/batch/post_reply`: the answer to [`Uplink::PropertyBatchPost`].
    PropertyBatchPostReply = Thing, "event/property/batch/post_reply";
    /// `/sys/…/thing/event/property/history/post_reply`: the answer to [`Uplink::PropertyHistoryPost`].
    PropertyHistoryPostReply = Thing, "event/property/history/post_reply";
    /// `/sys/…/thing/service/property/set`: properties to be set.
    PropertySet = Thing, "service/property/set";
    /// `/sys/…/thing/event/{identifier}/post_reply`: the answer to [`Uplink::EventPost`]. With `+` for the identifier, the filter
    /// covers [`PropertyPostReply`](Self::PropertyPostReply) as well.
    EventPostReply { identifier: Event, "/post_reply" } = Thing, "event/";
    /// `/sys/…/thing/service/{identifier}`: a service is called, and the platform does not wait for the answer.
    Service { identifier: Level, "" } = Thing, "service/";
    /// `/sys/…/thing/model/up_raw_reply`: the answer to [`Uplink::RawUp`].
    RawUpReply = Thing, "model/up_raw_reply";
    /// `/sys/…/thing/model/down_raw`: bytes that a script of the product made.
    RawDown = Thing, "model/down_raw";
    /// `/sys/…/thing/property/desired/get_reply`: the answer to [`Uplink::DesiredGet`].
    DesiredGetReply = Thing, "property/desired/get_reply";
    /// `/sys/…/thing/property/desired/delete_reply`: the answer to [`Uplink::DesiredDelete`].
    DesiredDeleteReply = Thing, "property/desired/delete_reply";
    /// `/sys/…/thing/deviceinfo/update_reply`: the answer to [`Uplink::TagsUpdate`].
    TagsUpdateReply = Thing, "deviceinfo/update_reply";
    /// `/sys/…/thing/deviceinfo/delete_reply`: the answer to [`Uplink::TagsDelete`].
    TagsDeleteReply = Thing, "deviceinfo/delete_reply";
    /// `/sys/…/thing/config/get_reply`: the answer to [`Uplink::ConfigGet`].
    ConfigGetReply = Thing, "config/get_reply";
    /// `/sys/…/thing/config/push`: a new remote configuration.
    ConfigPush = Thing, "config/push";
    /// `/sys/…/rrpc/request/{message id}`: a call whose caller waits 8 s for [`Uplink::RrpcResponse`].
    RrpcRequest { message_id: Level, "" } = Sys, "/rrpc/request/";
    /// `/sys/…/broadcast/request/{message id}`: to all devices of the product that are online. It comes without a subscription.
    BroadcastToAll { message_id: Level, "" } = Sys, "/broadcast/request/";
    /// `/broadcast/{ProductKey}/{path}`: to all devices of the product that are subscribed.
    Broadcast { path: Path, "" } = Broadcast, "";
    /// `/ext/ntp/…/response`: the answer to [`Uplink::NtpRequest`].
    NtpResponse = Ntp, "/response";
    /// `/ota/device/upgrade/…`: there is an update.
    OtaUpgrade = OtaUpgrade, "";
    /// `/sys/…/thing/ota/firmware/get_reply`: the answer to [`Uplink::OtaGet`].
    OtaGetReply = Thing, "ota/firmware/get_reply";
    /// `/sys/…/thing/file/download_reply`: the answer to [`Uplink::FileDownload`].
    FileDownloadReply = Thing, "file/download_reply";
    /// `/shadow/get/…`: the shadow, or the answer to [`Uplink::ShadowUpdate`].
    Shadow = ShadowGet, "";
}

impl<'a> Uplink<'a> {
    /// The topic, for the device of this triple.
    ///
    /// # Errors
    /// If an identifier, message id or path is empty, has a character or wildcard that is not allowed there, or makes the topic
    /// longer than 128 bytes or deeper than 7 levels. Without one of these it cannot fail.
    #[inline(always)]
    pub fn topic(self, triple: Triple<'_>) -> Result<TopicText, InvalidField> {
        self.built(triple)
    }

    /// Which topic this is, if it is one that the device of this triple publishes to: for tests of what it has sent.
    pub fn of(topic: ReceivedTopic<'a>, triple: Triple<'_>) -> Option<Self> {
        Self::recognized(topic.as_str()?, triple)
    }
}

impl<'a> Downlink<'a> {
    /// The topic, or the filter if a name in it is a wildcard, for the device of this triple.
    ///
    /// # Errors
    /// As for [`Uplink::topic`], but a `+` may stand for an identifier or message id, and both wildcards in a path.
    #[inline(always)]
    pub fn filter(self, triple: Triple<'_>) -> Result<TopicText, InvalidField> {
        self.built(triple)
    }

    /// Which topic this is, if it is one of these and belongs to the device of this triple.
    ///
    /// What is recognized is exactly what [`filter`](Self::filter) builds, without wildcards.
    pub fn of(topic: ReceivedTopic<'a>, triple: Triple<'_>) -> Option<Self> {
        Self::recognized(topic.as_str()?, triple)
    }

    /// Whether a received topic is this one: a fraction of the code that tells which of all it is.
    #[cfg(feature = "ota")]
    #[inline(always)]
    pub(crate) fn is(self, topic: ReceivedTopic<'_>, triple: Triple<'_>) -> bool {
        self.form().is_ok_and(|(form, part)| form.is(topic.as_bytes(), part, triple))
    }
}

#[cfg(test)]
mod tests;
