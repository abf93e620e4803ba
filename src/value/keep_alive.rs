//! How often a connection shows that it lives.

use super::{Field, InvalidField, Rule};

/// The MQTT keep-alive interval: 1 to 3600 s, or never.
///
/// A broker drops a connection that was silent for one and a half times this long. The modem sends the pings by itself.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct KeepAlive(u16);

impl KeepAlive {
    /// No keep-alive: a dead connection may stay unnoticed for ever.
    pub const NEVER: Self = Self(0);

    /// 300 s, which Aliyun advises; a plain broker takes it as well.
    pub const DEFAULT: Self = Self(300);

    /// An interval of `seconds`, from 1 to 3600 (`protocol.md` §3.1).
    ///
    /// # Errors
    /// If it is out of that range.
    pub const fn from_secs(seconds: u16) -> Result<Self, InvalidField> {
        if seconds >= 1 && seconds <= 3600 {
            Ok(Self(seconds))
        } else {
            let rule = Rule::Between { least: 1, most: 3600, actual: seconds as u32 };
            Err(InvalidField::new(Field::KeepAlive, rule))
        }
    }

    /// The interval in seconds; 0 for never.
    pub const fn as_secs(self) -> u16 {
        self.0
    }
}

impl Default for KeepAlive {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::KeepAlive;

    #[test]
    fn a_keep_alive_out_of_range_is_not_expressible() {
        assert!(KeepAlive::from_secs(0).is_err());
        assert!(KeepAlive::from_secs(3601).is_err());
        assert_eq!(KeepAlive::from_secs(1).unwrap().as_secs(), 1);
        assert_eq!(KeepAlive::from_secs(3600).unwrap().as_secs(), 3600);
        assert_eq!(KeepAlive::NEVER.as_secs(), 0);
    }
}
