//! A message to publish.

#[cfg(feature = "thing-model")]
use crate::aliyun::thing_model::Message;
use crate::value::QoS;

/// A message on its way out: QoS 0 and not retained, unless said otherwise.
///
/// ```
/// use nt35e::{Publish, QoS};
/// let message = Publish::new("/a1JszCpjS61/NT35E_06011/user/update", b"{\"t\":21}").qos(QoS::AtLeastOnce);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Publish<'a> {
    pub(crate) topic: &'a str,
    pub(crate) payload: &'a [u8],
    pub(crate) qos: QoS,
    pub(crate) retain: bool,
}

impl<'a> Publish<'a> {
    /// A message for `topic`. Both are checked when it is published, before a byte is sent.
    pub const fn new(topic: &'a str, payload: &'a [u8]) -> Self {
        Self { topic, payload, qos: QoS::AtMostOnce, retain: false }
    }

    /// Sends it at this level.
    #[must_use]
    pub const fn qos(mut self, qos: QoS) -> Self {
        self.qos = qos;
        self
    }

    /// Lets the broker keep it for later subscribers. Aliyun does not, and does not mind.
    #[must_use]
    pub const fn retain(mut self, retain: bool) -> Self {
        self.retain = retain;
        self
    }
}

#[cfg(feature = "thing-model")]
impl<'a> From<&'a Message<'_>> for Publish<'a> {
    /// A message of the thing model, at QoS 0.
    fn from(message: &'a Message<'_>) -> Self {
        Self::new(message.topic(), message.payload())
    }
}
