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
    pub(super) envelope: Envelope<'a>,
    pub(super) params: &'a P,
}

/// All of a request but its parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope<'a> {
    pub(super) triple: Triple<'a>,
    pub(super) id: Id,
    pub(super) kind: &'static Kind,
    /// Of an event.
    pub(super) identifier: &'a str,
    pub(super) time: Option<u64>,
    pub(super) wants_reply: bool,
}

/// What it is.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) topic: fn(&str, Triple<'_>) -> Result<TopicText, InvalidField>,
    /// What stands before the parameters and their time.
    pub(super) before: &'static str,
    /// What stands behind them, up to the identifier, and from there on.
    pub(super) behind: [&'static str; 2],
}

impl<P: Serialize + ?Sized> Request<'_, P> {
    /// What the reply will have: keep it until then.
    pub const fn id(&self) -> Id {
        self.envelope.id
    }

    /// Tells the platform not to reply (`sys.ack` 0).
    pub const fn without_reply(mut self) -> Self {
        self.envelope.wants_reply = false;
        self
    }

    /// Writes it.
    ///
    /// # Errors
    /// If the buffer is too small, there are more than 200 entries, the identifier does not make a topic, or the parameters have what
    /// the platform does not know.
    pub fn write<'b>(&self, buffer: &'b mut [u8]) -> Result<Message<'b>, WriteError> {
        let mut writer = Writer::new(buffer);
        self.envelope.open(&mut writer);
        writer.value(self.params, MOST_ENTRIES)?;
        self.envelope.close(writer)
    }
}

impl Envelope<'_> {
    #[inline(never)]
    fn open(&self, writer: &mut Writer<'_>) {
        writer.raw(b"{\"id\":\"");
        writer.integer(false, self.id.0.into());
        writer.raw(b"\",\"version\":\"1.0\",\"params\":");
        writer.raw(self.kind.before.as_bytes());
    }

    #[inline(never)]
    fn close<'b>(&self, mut writer: Writer<'b>) -> Result<Message<'b>, WriteError> {
        if let Some(time) = self.time {
            writer.raw(b",\"time\":");
            writer.integer(false, time);
        }
        let [before, behind] = self.kind.behind;
        for piece in [before, self.identifier, behind] {
            writer.raw(piece.as_bytes());
        }
        writer.raw(b"\",\"sys\":{\"ack\":");
        writer.integer(false, self.wants_reply.into());
        writer.raw(b"}}");
        finish((self.kind.topic)(self.identifier, self.triple), writer)
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
        open_answer(&mut writer, self.call.id.as_json(), self.code);
        writer.value(self.data, u16::MAX)?;
        close_answer(writer, &self.call, self.triple)
    }
}

#[inline(never)]
fn open_answer(writer: &mut Writer<'_>, id: &[u8], code: Code) {
    // An id comes back as it came.
    for piece in [b"{\"id\":", id, b",\"code\":"] {
        writer.raw(piece);
    }
    writer.integer(false, code.0.into());
    writer.raw(b",\"data\":");
}

#[inline(never)]
fn close_answer<'b>(mut writer: Writer<'b>, call: &Call<'_>, triple: Triple<'_>) -> Result<Message<'b>, WriteError> {
    writer.raw(b"}");
    finish(call.answerable.topic(triple), writer)
}

fn finish(topic: Result<TopicText, InvalidField>, writer: Writer<'_>) -> Result<Message<'_>, WriteError> {
    let payload = writer.finish()?;
    Ok(Message { topic: topic.map_err(WriteError::Topic)?, payload })
}
