//! Topics: where a message goes, what a subscription covers, and where a received message was sent to.

use super::{Field, InvalidField, Rule, check_text};

/// The modem's limit for a topic in bytes (`protocol.md` §3).
const LONGEST: usize = 256;

/// A topic that a message can be published to: 1 to 256 bytes, quotable, without wildcards.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Topic<'a>(&'a str);

impl<'a> Topic<'a> {
    /// Checks `topic`.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub const fn new(topic: &'a str) -> Result<Self, InvalidField> {
        tried!(check_text(Field::Topic, topic, LONGEST));
        let mut rest = topic.as_bytes();
        while let [byte, behind @ ..] = rest {
            if is_wildcard(*byte) {
                return Err(wildcard(Field::Topic, topic, rest));
            }
            rest = behind;
        }
        Ok(Self(topic))
    }

    /// The topic as text.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

/// What a subscription covers: a topic, or topics with `+` for one level and `#` for all further ones.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TopicFilter<'a>(&'a str);

impl<'a> TopicFilter<'a> {
    /// Checks `filter`: as for a [`Topic`], but a wildcard may stand alone in a level, and `#` in the last one.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub const fn new(filter: &'a str) -> Result<Self, InvalidField> {
        tried!(check_text(Field::TopicFilter, filter, LONGEST));
        let mut before = b'/';
        let mut rest = filter.as_bytes();
        while let [byte, behind @ ..] = rest {
            let is_alone = before == b'/' && matches!((*byte, behind), (_, []) | (b'+', [b'/', ..]));
            if is_wildcard(*byte) && !is_alone {
                return Err(wildcard(Field::TopicFilter, filter, rest));
            }
            before = *byte;
            rest = behind;
        }
        Ok(Self(filter))
    }

    /// The filter as text.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

/// The wildcard that `rest`, the end of `text`, begins with must not be there.
const fn wildcard(field: Field, text: &str, rest: &[u8]) -> InvalidField {
    InvalidField::new(field, Rule::Wildcard { position: text.len().wrapping_sub(rest.len()) })
}

const fn is_wildcard(byte: u8) -> bool {
    matches!(byte, b'+' | b'#')
}

/// The topic that a received message was sent to, as the modem gave it.
///
/// It compares with text directly; that it is UTF-8 is promised by MQTT, but not by the wire.
///
/// ```
/// use nt35e::ReceivedTopic;
/// let topic = ReceivedTopic::new(b"/a1JszCpjS61/NT35E_06011/user/get");
/// assert_eq!(topic, "/a1JszCpjS61/NT35E_06011/user/get");
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct ReceivedTopic<'a>(&'a [u8]);

impl<'a> ReceivedTopic<'a> {
    /// A topic from the wire.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The topic as text; none if it is not UTF-8.
    pub fn as_str(self) -> Option<&'a str> {
        core::str::from_utf8(self.0).ok()
    }
}

impl PartialEq<str> for ReceivedTopic<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for ReceivedTopic<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl core::fmt::Debug for ReceivedTopic<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "\"{}\"", self.0.escape_ascii())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for ReceivedTopic<'_> {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "{=[u8]:a}", self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::{ReceivedTopic, Topic, TopicFilter};
    use crate::value::{Field, InvalidField, Rule};

    #[test]
    fn a_topic_has_no_wildcard() {
        let wildcard = |position| Err(InvalidField::new(Field::Topic, Rule::Wildcard { position }));
        assert_eq!(Topic::new("a/+"), wildcard(2));
        assert_eq!(Topic::new("#"), wildcard(0));
        assert!(Topic::new("home/garden/fountain/2").is_ok());
        assert!(Topic::new("with space").is_ok());
    }

    #[test]
    fn a_topic_is_as_long_as_the_modem_takes() {
        let long = "t".repeat(257);
        assert!(Topic::new(&long[..256]).is_ok());
        let too_long = InvalidField::new(Field::Topic, Rule::AtMost { limit: 256, actual: 257 });
        assert_eq!(Topic::new(&long), Err(too_long));
    }

    #[test]
    fn a_wildcard_stands_alone_in_its_level() {
        for filter in ["#", "+", "a/#", "+/+/b", "/+", "a/+/b/#", "a"] {
            assert!(TopicFilter::new(filter).is_ok(), "{filter}");
        }
        for (filter, position) in [("a#", 1), ("a/#/b", 2), ("a/b+", 3), ("##", 0), ("+a/b", 0), ("#/", 0)] {
            let refused = InvalidField::new(Field::TopicFilter, Rule::Wildcard { position });
            assert_eq!(TopicFilter::new(filter), Err(refused), "{filter}");
        }
    }

    #[test]
    fn a_received_topic_need_not_be_text() {
        let topic = ReceivedTopic::new(b"a/\xff");
        assert_eq!(topic.as_str(), None);
        assert_eq!(std::format!("{topic:?}"), "\"a/\\xff\"");
        assert_eq!(ReceivedTopic::new(b"a/b"), "a/b");
        assert_ne!(ReceivedTopic::new(b"a/b"), "a/c");
    }
}
