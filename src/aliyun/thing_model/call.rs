//! What the platform asks of the device, and what it replies.

use serde::Deserialize;

use super::code::Code;
use super::deadline::Deadline;
use super::error::ReadError;
use super::id::{Id, ReceivedId};
use super::read::Reader;
use crate::aliyun::json::{Value, pick};
use crate::aliyun::topics::{TopicText, Uplink};
use crate::time::Instant;
use crate::value::{InvalidField, Triple};

/// A call of the platform's: properties to be set, a service, or a configuration. [`Thing::answer`](super::Thing::answer) answers it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'m> {
    pub(super) id: ReceivedId<'m>,
    params: Value<'m>,
    pub(super) answerable: Answerable<'m>,
}

/// Where the answer goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answerable<'m> {
    Set,
    Service { identifier: &'m str },
    ConfigPush,
    Rrpc { message_id: &'m str },
    CustomRrpc { message_id: &'m str, topic: &'m str, service: &'m str },
}

impl Answerable<'_> {
    #[inline(never)]
    pub(super) fn topic(self, triple: Triple<'_>) -> Result<TopicText, InvalidField> {
        match self {
            Self::Set => Uplink::PropertySetReply.topic(triple),
            Self::Service { identifier } => Uplink::ServiceReply { identifier }.topic(triple),
            Self::ConfigPush => Uplink::ConfigPushReply.topic(triple),
            Self::Rrpc { message_id } => Uplink::RrpcResponse { message_id }.topic(triple),
            Self::CustomRrpc { message_id, topic, .. } => Uplink::CustomRrpc { message_id, topic }.topic(triple),
        }
    }
}

impl<'m> Call<'m> {
    /// The call, and its method.
    #[inline(never)]
    pub(super) fn read(payload: &'m [u8], answerable: Answerable<'m>) -> Option<(Self, &'m str)> {
        let [id, method, params, ..] = members(payload)?;
        let method = method.unwrap_or(Value::EMPTY_TEXT).string()?;
        let call = Self { id: ReceivedId::of(id?)?, params: params.unwrap_or(Value::EMPTY_OBJECT), answerable };
        Some((call, core::str::from_utf8(method).ok()?))
    }

    /// The parameters: what is to be set, or the inputs of the service. Borrows from the payload.
    ///
    /// ```
    /// use nt35e::aliyun::thing_model::{Incoming, ReadError, Thing};
    /// use nt35e::{ReceivedTopic, Triple};
    /// use serde::Deserialize;
    ///
    /// /// The console may set some of them, or all.
    /// #[derive(Debug, Default, Deserialize, PartialEq)]
    /// #[serde(default, rename_all = "PascalCase")]
    /// struct Settings {
    ///     light_switch: Option<bool>,
    ///     interval: Option<u16>,
    /// }
    ///
    /// let thing = Thing::new(Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef")?);
    /// let topic = ReceivedTopic::new(b"/sys/a1JszCpjS61/NT35E_06011/thing/service/property/set");
    /// let payload = br#"{"method":"thing.service.property.set","id":"160500006","params":{"LightSwitch":0},"version":"1.0.0"}"#;
    /// let Ok(Incoming::PropertySet(call)) = thing.read(topic, payload) else { panic!() };
    /// assert_eq!(call.params::<Settings>(), Ok(Settings { light_switch: Some(false), interval: None }));
    ///
    /// let payload = br#"{"id":"1","params":{"Interval":70000}}"#;
    /// let Ok(Incoming::PropertySet(call)) = thing.read(topic, payload) else { panic!() };
    /// assert_eq!(call.params::<Settings>(), Err(ReadError::OutOfRange));
    /// # Ok::<(), nt35e::InvalidField>(())
    /// ```
    ///
    /// # Errors
    /// If they are not what the type wants; see [`ReadError`]. [`Code::BAD_PARAMETERS`] tells the platform.
    pub fn params<T: Deserialize<'m>>(&self) -> Result<T, ReadError> {
        T::deserialize(Reader(self.params))
    }

    /// The parameters as they came.
    pub const fn params_as_json(&self) -> &'m [u8] {
        self.params.as_bytes()
    }

    /// By when it has to be answered, if somebody waits for that: only if the call is synchronous.
    pub fn deadline(&self, received: Instant) -> Option<Deadline> {
        match self.answerable {
            Answerable::Rrpc { .. } | Answerable::CustomRrpc { .. } => Some(Deadline::after(received)),
            _ => None,
        }
    }
}

/// A reply of the platform's to a [`Request`](super::Request).
#[derive(Clone, Copy, Debug)]
pub struct Reply<'m> {
    id: ReceivedId<'m>,
    code: Code,
    data: Value<'m>,
}

impl<'m> Reply<'m> {
    /// Reads the payload of a reply, for those whose topics are not among [`Incoming`](super::Incoming).
    ///
    /// # Errors
    /// [`ReadError::Malformed`] if it is none.
    #[inline(never)]
    pub fn read(payload: &'m [u8]) -> Result<Self, ReadError> {
        Self::found(payload).ok_or(ReadError::Malformed)
    }

    fn found(payload: &'m [u8]) -> Option<Self> {
        let [id, .., code, data] = members(payload)?;
        let code = Code(u32::try_from(code?.unsigned()?).ok()?);
        Some(Self { id: ReceivedId::of(id?)?, code, data: data.unwrap_or(Value::EMPTY_OBJECT) })
    }

    /// Whether it is the reply to the request with this id.
    pub fn answers(&self, id: Id) -> bool {
        self.id.is(id)
    }

    /// What the platform thinks of it.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// What the platform gives back. Borrows from the payload.
    ///
    /// # Errors
    /// If it is not what the type wants; see [`ReadError`].
    pub fn data<T: Deserialize<'m>>(&self) -> Result<T, ReadError> {
        T::deserialize(Reader(self.data))
    }

    /// What the platform gives back, as it came.
    pub const fn data_as_json(&self) -> &'m [u8] {
        self.data.as_bytes()
    }
}

/// The members of a call or a reply.
fn members(payload: &[u8]) -> Option<[Option<Value<'_>>; 5]> {
    let mut values = [None; 5];
    // Also of what nobody reads, so that all of it is the text that it says it is.
    core::str::from_utf8(payload).ok()?;
    pick(payload, &["id", "method", "params", "code", "data"], &mut values)?;
    Some(values)
}
