//! What the broker publishes when the connection is lost.

use super::{Field, InvalidField, QoS, Topic, check_text};

/// A will: a message that the broker publishes if this client goes away without saying so.
///
/// Aliyun ignores it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Will<'a> {
    topic: Topic<'a>,
    message: &'a str,
    qos: QoS,
    retain: bool,
}

impl<'a> Will<'a> {
    /// A will at QoS 0, not retained. The topic and the message are 1 to 255 bytes that can be quoted
    /// (`protocol.md` §3.1, by analogy).
    ///
    /// # Errors
    /// The field that breaks a rule.
    pub const fn new(topic: &'a str, message: &'a str) -> Result<Self, InvalidField> {
        tried!(check_text(Field::WillTopic, topic, 255));
        tried!(check_text(Field::WillMessage, message, 255));
        match Topic::new(topic) {
            Ok(topic) => Ok(Self { topic, message, qos: QoS::AtMostOnce, retain: false }),
            Err(invalid) => Err(InvalidField::new(Field::WillTopic, invalid.rule)),
        }
    }

    /// Publishes the will at this level.
    #[must_use]
    pub const fn qos(mut self, qos: QoS) -> Self {
        self.qos = qos;
        self
    }

    /// Lets the broker retain the will.
    #[must_use]
    pub const fn retain(mut self, retain: bool) -> Self {
        self.retain = retain;
        self
    }

    pub(crate) const fn parts(&self) -> (QoS, bool, Topic<'a>, &'a str) {
        (self.qos, self.retain, self.topic, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::Will;
    use crate::value::{Field, Rule};

    #[test]
    fn a_will_names_the_field_that_is_wrong() {
        assert_eq!(Will::new("", "x").unwrap_err().field, Field::WillTopic);
        assert_eq!(Will::new("t", "").unwrap_err().field, Field::WillMessage);
        let wildcard = Will::new("t/#", "x").unwrap_err();
        assert_eq!((wildcard.field, wildcard.rule), (Field::WillTopic, Rule::Wildcard { position: 2 }));
    }
}
