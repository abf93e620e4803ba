//! What is wrong with a value that the caller gave: the field, and the rule that it breaks.

/// A field of a command that the caller fills in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Field {
    /// The topic of a message.
    Topic,
    /// The topic filter of a subscription.
    TopicFilter,
    /// The payload of a message.
    Payload,
    /// The broker's host name or address.
    Host,
    /// The broker's port.
    Port,
    /// The MQTT client identifier.
    ClientId,
    /// The MQTT user name.
    UserName,
    /// The MQTT password.
    Password,
    /// The topic of the will.
    WillTopic,
    /// The message of the will.
    WillMessage,
    /// The keep-alive interval.
    KeepAlive,
    /// The quality of service.
    QoS,
    /// Aliyun's ProductKey.
    ProductKey,
    /// Aliyun's DeviceName.
    DeviceName,
    /// Aliyun's DeviceSecret.
    DeviceSecret,
    /// Aliyun's ProductSecret.
    ProductSecret,
    /// The random text of a registration at Aliyun.
    Random,
    /// The identifier of an Aliyun instance.
    InstanceId,
    /// An Aliyun region.
    Region,
    /// The name of an access point.
    Apn,
    /// The PIN of a SIM.
    SimPin,
    /// The number of an operator.
    Plmn,
    /// The timestamp of an Aliyun signature.
    Timestamp,
    /// Further parameters in an Aliyun client id.
    Parameters,
    /// The version of a firmware.
    Version,
    /// A module of a device that is updated on its own.
    Module,
    /// A numeric argument of a setting.
    Setting,
    /// A command line that the caller wrote.
    RawCommand,
}

/// The rule that a field breaks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Rule {
    /// It must not be empty.
    NotEmpty,
    /// It holds `"`, CR, LF or NUL, which an AT command line cannot carry.
    NotQuotable,
    /// It is longer than allowed; lengths in bytes.
    AtMost {
        /// The most that is allowed.
        limit: usize,
        /// What was given.
        actual: usize,
    },
    /// It is shorter than allowed; lengths in bytes.
    AtLeast {
        /// The least that is allowed.
        limit: usize,
        /// What was given.
        actual: usize,
    },
    /// A number outside of its range.
    Between {
        /// The smallest allowed.
        least: u32,
        /// The largest allowed.
        most: u32,
        /// What was given.
        actual: u32,
    },
    /// A character that is not allowed there, such as a space in an Aliyun topic.
    IllegalCharacter {
        /// Its place, in bytes from the start.
        position: usize,
    },
    /// A wildcard where none is allowed, or not alone in its level.
    Wildcard {
        /// Its place, in bytes from the start.
        position: usize,
    },
    /// Not of the required form.
    Form,
    /// The other end does not support this.
    Unsupported,
}

/// A value was refused before a byte was sent.
///
/// It names the field and the rule, and never repeats the value, since that may be a secret.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidField {
    /// The field.
    pub field: Field,
    /// The rule that it breaks.
    pub rule: Rule,
}

impl InvalidField {
    pub(crate) const fn new(field: Field, rule: Rule) -> Self {
        Self { field, rule }
    }
}

impl core::fmt::Display for InvalidField {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{:?}: ", self.field)?;
        match self.rule {
            Rule::NotEmpty => formatter.write_str("must not be empty"),
            Rule::NotQuotable => formatter.write_str("must not hold a quote, CR, LF or NUL"),
            Rule::AtMost { limit, actual } => write!(formatter, "at most {limit} bytes, not {actual}"),
            Rule::AtLeast { limit, actual } => write!(formatter, "at least {limit} bytes, not {actual}"),
            Rule::Between { least, most, actual } => write!(formatter, "from {least} to {most}, not {actual}"),
            Rule::IllegalCharacter { position } => write!(formatter, "illegal character at byte {position}"),
            Rule::Wildcard { position } => write!(formatter, "misplaced wildcard at byte {position}"),
            Rule::Form => formatter.write_str("not of the required form"),
            Rule::Unsupported => formatter.write_str("not supported by the other end"),
        }
    }
}

impl core::error::Error for InvalidField {}

/// Checks the rules that every text on a command line keeps: not empty, at most `limit` bytes, quotable.
#[inline(always)]
pub(crate) const fn check_text(field: Field, text: &str, limit: usize) -> Result<(), InvalidField> {
    let rule = if text.is_empty() {
        Rule::NotEmpty
    } else if text.len() > limit {
        Rule::AtMost { limit, actual: text.len() }
    } else if !is_quotable(text) {
        Rule::NotQuotable
    } else {
        return Ok(());
    };
    Err(InvalidField { field, rule })
}

/// Whether nothing in `text` would end a quoted text or the line.
///
/// The modem knows no escapes (`protocol.md` §3.5).
pub(crate) const fn is_quotable(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let [byte, behind @ ..] = rest {
        if *byte <= b'"' && matches!(*byte, b'"' | b'\r' | b'\n' | 0) {
            return false;
        }
        rest = behind;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{Field, InvalidField, Rule, check_text};

    #[test]
    fn promise_4_each_rule_of_a_text_is_named_with_its_field() {
        let refused =
            |text, rule| assert_eq!(check_text(Field::Host, text, 4), Err(InvalidField::new(Field::Host, rule)));
        refused("", Rule::NotEmpty);
        refused("abcde", Rule::AtMost { limit: 4, actual: 5 });
        for text in ["a\"", "\r", "a\n", "\0b"] {
            refused(text, Rule::NotQuotable);
        }
        assert_eq!(check_text(Field::Host, "abcd", 4), Ok(()));
    }

    #[test]
    fn an_error_reads_as_field_and_rule() {
        let error = InvalidField::new(Field::Payload, Rule::AtMost { limit: 8_000, actual: 8_001 });
        assert_eq!(std::format!("{error}"), "Payload: at most 8000 bytes, not 8001");
    }
}
