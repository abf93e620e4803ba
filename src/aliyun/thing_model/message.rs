//! Messages on their way out: what the device asks or tells, and how it answers.

use serde::Serialize;

use super::call::Call;
use super::code::Code;
use super::error::WriteError;
use super::id::Id;
use super::write::Writer;
use crate::aliyun::topics::TopicText;
use crate::value::{InvalidField, Triple};

/// How many properties or tags a message may have (`aliyun.md` §5).
pub(super) const MOST_ENTRIES: u16 = 200;

/// A message that is written: a topic, and a payload in the caller's buffer.
///
/// `Publish::from(&message)` is what `publish` takes. QoS 0 is what the platform's own software uses; an answer to a synchronous
/// call is taken at QoS 0 only.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Message<'b> {
    topic: TopicText,
    payload: &'b [u8],
}

impl<'b> Message<'b> {
    /// Where it goes.
    pub fn topic(&self) -> &str {
        self.topic.as_str()
    }

    /// What is in it.
    pub const fn payload(&self) -> &'b [u8] {
        self.payload
    }
}

/// Something that the device tells or asks, by a method of [`Thing`](super::Thing).
#[derive(Clone, Copy, Debug)]
#[must_use = "it is not written yet"]
pub struct Request<'a, P: ?Sized> {
    pub(super) id: Id,
    pub(super) topic: Result<TopicText, InvalidField>,
    /// The method in three pieces.
    pub(super) method: [&'a str; 3],
    /// What is before the parameters and behind them.
    pub(super) around: [&'static str; 2],
    pub(super) params: &'a P,
    pub(super) time: Option<u64>,
    pub(super) wants_reply: bool,
}

impl<P: Serialize + ?Sized> Request<'_, P> {
    /// What the reply will have: keep it until then.
    pub const fn id(&self) -> Id {
        self.id
    }

    /// Tells the platform not to reply (`sys.ack` 0).
    pub const fn without_reply(mut self) -> Self {
        self.wants_reply = false;
        self
    }

    /// Writes it.
    ///
    /// # Errors
    /// If the buffer is too small, there are more than 200 entries, the identifier does not make a topic, or the parameters have what
    /// the platform does not know.
    pub fn write<'b>(&self, buffer: &'b mut [u8]) -> Result<Message<'b>, WriteError> {
        let mut writer = Writer::new(buffer);
        let [before, behind] = self.around;
        writer.raw(b"{\"id\":\"");
        writer.integer(false, self.id.0.into());
        writer.pieces(&[b"\",\"version\":\"1.0\",\"params\":", before.as_bytes()]);
        writer.value(self.params, MOST_ENTRIES)?;
        if let Some(time) = self.time {
            writer.raw(b",\"time\":");
            writer.integer(false, time);
        }
        let [family, name, end] = self.method;
        writer.pieces(&[
            behind.as_bytes(),
            b",\"method\":\"thing.",
            family.as_bytes(),
            name.as_bytes(),
            end.as_bytes(),
        ]);
        writer.pieces(&[b"\",\"sys\":{\"ack\":", if self.wants_reply { b"1" } else { b"0" }, b"}}"]);
        finish(self.topic, writer)
    }
}

/// How the device answers a [`Call`].
#[derive(Clone, Copy, Debug)]
#[must_use = "it is not written yet"]
pub struct Answer<'a, D: ?Sized> {
    triple: Triple<'a>,
    call: Call<'a>,
    code: Code,
    data: &'a D,
}

/// Nothing: `{}`.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Serialize for Nothing {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        serializer.serialize_map(Some(0))?.end()
    }
}

impl<'a> Answer<'a, Nothing> {
    pub(super) const fn new(triple: Triple<'a>, call: Call<'a>, code: Code) -> Self {
        Self { triple, call, code, data: &Nothing }
    }

    /// Gives back what the service has found out, by the identifiers of its outputs.
    pub const fn with<D: Serialize + ?Sized>(self, outputs: &'a D) -> Answer<'a, D> {
        Answer { triple: self.triple, call: self.call, code: self.code, data: outputs }
    }
}

impl<D: Serialize + ?Sized> Answer<'_, D> {
    /// Writes it.
    ///
    /// # Errors
    /// If the buffer is too small, or the outputs have what the platform does not know.
    pub fn write<'b>(&self, buffer: &'b mut [u8]) -> Result<Message<'b>, WriteError> {
        let mut writer = Writer::new(buffer);
        // An id comes back as it came.
        writer.pieces(&[b"{\"id\":", self.call.id.as_json(), b",\"code\":"]);
        writer.integer(false, self.code.0.into());
        writer.raw(b",\"data\":");
        writer.value(self.data, u16::MAX)?;
        writer.raw(b"}");
        finish(self.call.answerable.topic(self.triple), writer)
    }
}

fn finish(topic: Result<TopicText, InvalidField>, writer: Writer<'_>) -> Result<Message<'_>, WriteError> {
    Ok(Message { topic: topic.map_err(WriteError::Topic)?, payload: writer.finish()? })
}
