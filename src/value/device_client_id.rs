//! The client id that a device of Alibaba Cloud IoT chooses, without the parameters behind it.

use super::{Field, InvalidField, Rule, check_text};

/// What stands before the first `|` of an Aliyun client id: 1 to 64 bytes, without `|` and comma (`aliyun.md` §1).
///
/// The platform does not look at it; it advises something that is the device's own, such as its DeviceName.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DeviceClientId<'a>(&'a str);

impl<'a> DeviceClientId<'a> {
    /// Checks `text`.
    ///
    /// # Errors
    /// If it is empty or longer than 64 bytes, or has a `|` or a comma, which separate the parameters behind it.
    pub const fn new(text: &'a str) -> Result<Self, InvalidField> {
        tried!(check_text(Field::ClientId, text, 64));
        let mut rest = text.as_bytes();
        while let [byte, behind @ ..] = rest {
            if matches!(*byte, b'|' | b',') {
                let position = text.len().wrapping_sub(rest.len());
                return Err(InvalidField::new(Field::ClientId, Rule::IllegalCharacter { position }));
            }
            rest = behind;
        }
        Ok(Self(text))
    }

    /// A text whose own rules imply this one's.
    #[cfg(feature = "sign")]
    pub(crate) const fn of_checked(text: &'a str) -> Self {
        Self(text)
    }

    /// The text.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::DeviceClientId;
    use crate::value::{Field, InvalidField, Rule};

    #[test]
    fn it_leaves_room_for_the_parameters_behind_it() {
        let longest = "x".repeat(64);
        assert_eq!(DeviceClientId::new(&longest).unwrap().as_str(), longest);
        for (text, rule) in [
            ("", Rule::NotEmpty),
            (&"x".repeat(65), Rule::AtMost { limit: 64, actual: 65 }),
            ("a|b", Rule::IllegalCharacter { position: 1 }),
            ("ab,", Rule::IllegalCharacter { position: 2 }),
            ("a\"b", Rule::NotQuotable),
        ] {
            assert_eq!(DeviceClientId::new(text), Err(InvalidField::new(Field::ClientId, rule)), "{text}");
        }
    }
}
