//! The thing model (物模型, Alink JSON): properties, events and services as ordinary Rust types.
//!
//! [`Thing`] writes what the device tells into a buffer, and reads what the platform sends into one enum:
//!
//! ```
//! # #[cfg(feature = "embedded-io")]
//! # mod example {
//! use embedded_io::{Read, ReadReady, Write};
//! use nt35e::aliyun::thing_model::{Code, Decimal, Incoming, Thing};
//! use nt35e::{Clock, Duration, Error, Event, Publish, Triple, blocking};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize)]
//! #[serde(rename_all = "PascalCase")]
//! struct Properties {
//!     light_switch: bool,
//!     temperature: Decimal<1>,
//! }
//!
//! #[derive(Default, Deserialize)]
//! #[serde(default, rename_all = "PascalCase")]
//! struct Settings {
//!     light_switch: Option<bool>,
//! }
//!
//! fn serve<U: Read + ReadReady + Write, C: Clock>(
//!     client: &mut blocking::Client<'_, U, C>,
//!     triple: Triple<'_>,
//! ) -> Result<(), Error<U::Error>> {
//!     let mut thing = Thing::new(triple);
//!     let mut buffer = [0; 256];
//!     let properties = Properties { light_switch: true, temperature: Decimal::from_units(215) };
//!     let post = thing.post(&properties);
//!     let Ok(message) = post.write(&mut buffer) else { return Ok(()) };
//!     client.publish(&Publish::from(&message))?;
//!     while let Some(event) = client.next_event(Duration::from_secs(60))? {
//!         let Event::Message { topic, payload, .. } = event else { continue };
//!         let answer = match thing.read(topic, payload) {
//!             Ok(Incoming::PropertyPostReply(reply)) if reply.answers(post.id()) => {
//!                 let _is_on_the_chart = reply.code() == Code::SUCCESS;
//!                 continue;
//!             }
//!             Ok(Incoming::PropertySet(call)) => match call.params::<Settings>() {
//!                 Ok(_settings) => thing.answer(&call, Code::SUCCESS).write(&mut buffer),
//!                 Err(_) => thing.answer(&call, Code::BAD_PARAMETERS).write(&mut buffer),
//!             },
//!             _ => continue,
//!         };
//!         if let Ok(message) = answer {
//!             client.publish(&Publish::from(&message))?;
//!         }
//!     }
//!     Ok(())
//! }
//! # }
//! ```
//!
//! What has to be subscribed to is said by [`Downlink`](super::topics::Downlink).
//!
//! # How Rust types look to the platform
//!
//! | the platform's | in Rust |
//! |---|---|
//! | int32 | any integer type; a number that it does not hold is an error |
//! | float, double | [`Decimal`], in a few hundred bytes of flash; `f32` and `f64` take much more |
//! | bool | `bool`: written as `0` or `1`, read from these and from `true` and `false` |
//! | enum | an enum without fields, with the number as name: `#[serde(rename = "1")]` |
//! | text, date | `&str`, if it has no escapes, or `heapless::String` |
//! | struct | a struct |
//! | array | a slice or an array to write, an array or `heapless::Vec` to read |
//!
//! A member that is `None` is not written. To read what may have only some of the properties, make them `Option`, with `#[serde(default)]`.
//!
//! What is read is all of it or nothing: there is an error where anything in the payload is not JSON, where a member that is wanted stands there
//! twice, and where a value is not what its type wants, and never a part of a property or another one.

mod call;
mod code;
mod data;
mod deadline;
mod decimal;
mod error;
mod id;
mod incoming;
mod message;
mod read;
mod write;

use serde::Serialize;

use super::topics::Uplink;
use crate::value::{ReceivedTopic, Triple};
use message::{Envelope, Kind};

pub use call::{Call, Reply};
pub use code::Code;
pub use data::{ConfigQuery, Desired, RemoteConfig, Tag, TagKey, Timed, Version};
pub use deadline::Deadline;
pub use decimal::Decimal;
pub use error::{ReadError, WriteError};
pub use id::Id;
pub use incoming::Incoming;
pub use message::{Answer, Message, Nothing, Request};

/// A device as the platform models it: it has an identity, and counts its requests.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Thing<'t> {
    triple: Triple<'t>,
    next: Id,
}

impl<'t> Thing<'t> {
    /// The device of this triple. Its first request has the id 1.
    pub const fn new(triple: Triple<'t>) -> Self {
        Self { triple, next: Id(1) }
    }

    /// Gives the next request this id: after a restart, one that was not used lately, so that no late reply is mistaken.
    #[must_use]
    pub const fn counting_from(mut self, id: Id) -> Self {
        self.next = id;
        self
    }

    /// Tells properties, by their identifiers.
    pub fn post<'a, P: Serialize + ?Sized>(&mut self, properties: &'a P) -> Request<'a, P>
    where
        't: 'a,
    {
        const KIND: &Kind = &Kind {
            topic: |_, triple| Uplink::PropertyPost.topic(triple),
            before: "",
            behind: [",\"method\":\"thing.event.property.post", ""],
        };
        self.request(KIND, "", properties)
    }

    /// Tells an event, with its outputs.
    ///
    /// ```
    /// use nt35e::aliyun::thing_model::Thing;
    /// use nt35e::Triple;
    /// use serde::Serialize;
    ///
    /// #[derive(Serialize)]
    /// struct Alarm {
    ///     reason: u8,
    /// }
    ///
    /// let mut thing = Thing::new(Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef")?);
    /// let mut buffer = [0; 128];
    /// let event = thing.event("alarm", &Alarm { reason: 3 });
    /// let message = event.write(&mut buffer).unwrap();
    /// assert_eq!(message.topic(), "/sys/a1JszCpjS61/NT35E_06011/thing/event/alarm/post");
    /// let payload = br#"{"id":"1","version":"1.0","params":{"value":{"reason":3}},"method":"thing.event.alarm.post","sys":{"ack":1}}"#;
    /// assert_eq!(message.payload(), payload);
    /// # Ok::<(), nt35e::InvalidField>(())
    /// ```
    pub fn event<'a, O: Serialize + ?Sized>(&mut self, identifier: &'a str, outputs: &'a O) -> Request<'a, O>
    where
        't: 'a,
    {
        const KIND: &Kind = &Kind {
            topic: |identifier, triple| Uplink::EventPost { identifier }.topic(triple),
            before: "{\"value\":",
            behind: ["},\"method\":\"thing.event.", ".post"],
        };
        self.request(KIND, identifier, outputs)
    }

    /// The same with the time at which it happened, in milliseconds since the start of 1970, UTC.
    pub fn event_at<'a, O: Serialize + ?Sized>(
        &mut self,
        identifier: &'a str,
        outputs: &'a O,
        unix_millis: u64,
    ) -> Request<'a, O>
    where
        't: 'a,
    {
        let mut event = self.event(identifier, outputs);
        event.envelope.time = Some(unix_millis);
        event
    }

    /// Asks which values of these properties somebody wants.
    pub fn ask_desired<'a>(&mut self, properties: &'a [&'a str]) -> Request<'a, [&'a str]>
    where
        't: 'a,
    {
        const KIND: &Kind = &Kind {
            topic: |_, triple| Uplink::DesiredGet.topic(triple),
            before: "",
            behind: [",\"method\":\"thing.property.desired.get", ""],
        };
        self.request(KIND, "", properties)
    }

    /// Clears desired values: a [`Version`] for each property, by its identifier.
    pub fn clear_desired<'a, P: Serialize + ?Sized>(&mut self, versions: &'a P) -> Request<'a, P>
    where
        't: 'a,
    {
        const KIND: &Kind = &Kind {
            topic: |_, triple| Uplink::DesiredDelete.topic(triple),
            before: "",
            behind: [",\"method\":\"thing.property.desired.delete", ""],
        };
        self.request(KIND, "", versions)
    }

    /// Sets tags.
    pub fn set_tags<'a>(&mut self, tags: &'a [Tag<'a>]) -> Request<'a, [Tag<'a>]>
    where
        't: 'a,
    {
        const KIND: &Kind = &Kind {
            topic: |_, triple| Uplink::TagsUpdate.topic(triple),
            before: "",
            behind: [",\"method\":\"thing.deviceinfo.update", ""],
        };
        self.request(KIND, "", tags)
    }

    /// Removes tags.
    pub fn remove_tags<'a>(&mut self, keys: &'a [TagKey<'a>]) -> Request<'a, [TagKey<'a>]>
    where
        't: 'a,
    {
        const KIND: &Kind = &Kind {
            topic: |_, triple| Uplink::TagsDelete.topic(triple),
            before: "",
            behind: [",\"method\":\"thing.deviceinfo.delete", ""],
        };
        self.request(KIND, "", keys)
    }

    /// Asks for the remote configuration of the product.
    pub fn ask_config(&mut self) -> Request<'t, ConfigQuery> {
        const KIND: &Kind = &Kind {
            topic: |_, triple| Uplink::ConfigGet.topic(triple),
            before: "",
            behind: [",\"method\":\"thing.config.get", ""],
        };
        self.request(KIND, "", &ConfigQuery::PRODUCT_FILE)
    }

    /// Answers a call. [`Answer::with`] adds the outputs of a service.
    pub const fn answer<'a>(&self, call: &Call<'a>, code: Code) -> Answer<'a, Nothing>
    where
        't: 'a,
    {
        Answer::new(self.triple, *call, code)
    }

    /// What a message is.
    ///
    /// # Errors
    /// If its topic is not one of the thing model of this device, or the payload is not what belongs there.
    pub fn read<'m>(&self, topic: ReceivedTopic<'m>, payload: &'m [u8]) -> Result<Incoming<'m>, ReadError> {
        Incoming::read(topic, payload, self.triple)
    }

    fn request<'a, P: ?Sized>(&mut self, kind: &'static Kind, identifier: &'a str, params: &'a P) -> Request<'a, P>
    where
        't: 'a,
    {
        let id = self.next;
        self.next = id.next();
        let envelope = Envelope { triple: self.triple, id, kind, identifier, time: None, wants_reply: true };
        Request { envelope, params }
    }
}

#[cfg(test)]
mod tests;
