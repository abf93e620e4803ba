//! Where to sign in, and as whom.

use super::{Field, InvalidField, Redacted, Rule, check_text};

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $field:ident, $limit:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        pub struct $name<'a>(&'a str);

        impl<'a> $name<'a> {
            /// Checks `text`.
            ///
            /// # Errors
            /// The rule that it breaks.
            pub const fn new(text: &'a str) -> Result<Self, InvalidField> {
                tried!(check_text(Field::$field, text, $limit));
                Ok(Self(text))
            }

            /// A text that is made of parts whose own rules imply this one's.
            #[allow(dead_code, reason = "not every kind of text is made of checked parts")]
            pub(crate) const fn of_checked(text: &'a str) -> Self {
                Self(text)
            }

            /// The text.
            pub const fn as_str(self) -> &'a str {
                self.0
            }
        }
    };
}

text! {
    /// An MQTT client identifier: 1 to 256 bytes (`protocol.md` §3).
    ClientId, ClientId, 256
}
text! {
    /// An MQTT user name: 1 to 256 bytes (`protocol.md` §3).
    UserName, UserName, 256
}

/// An MQTT password: 1 to 256 bytes. It is never printed.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Password<'a>(&'a str);

impl<'a> Password<'a> {
    /// Checks `text`.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub const fn new(text: &'a str) -> Result<Self, InvalidField> {
        tried!(check_text(Field::Password, text, 256));
        Ok(Self(text))
    }

    /// The secret itself.
    pub const fn expose(self) -> &'a str {
        self.0
    }
}

impl core::fmt::Debug for Password<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_tuple("Password").field(&Redacted).finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Password<'_> {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "Password(<redacted>)");
    }
}

/// A broker's host name or address, 1 to 100 bytes (`protocol.md` §3), which may be put together from pieces.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Host<'a> {
    pieces: [&'a str; 4],
}

impl<'a> Host<'a> {
    /// Checks `name`.
    ///
    /// # Errors
    /// The rule that it breaks; a space is not allowed either.
    pub const fn new(name: &'a str) -> Result<Self, InvalidField> {
        Self::from_pieces([name, "", "", ""])
    }

    /// A host whose name is these pieces one after the other, so that no memory is needed to join them.
    pub(crate) const fn from_pieces(pieces: [&'a str; 4]) -> Result<Self, InvalidField> {
        let mut length: usize = 0;
        let mut left = pieces.as_slice();
        while let [piece, others @ ..] = left {
            if !piece.is_empty() {
                tried!(check_text(Field::Host, piece, 100));
            }
            let mut rest = piece.as_bytes();
            while let [byte, behind @ ..] = rest {
                if byte.is_ascii_whitespace() {
                    return Err(InvalidField::new(Field::Host, Rule::IllegalCharacter { position: length }));
                }
                length = length.wrapping_add(1);
                rest = behind;
            }
            left = others;
        }
        let rule = match length {
            0 => Rule::NotEmpty,
            1..=100 => return Ok(Self { pieces }),
            actual => Rule::AtMost { limit: 100, actual },
        };
        Err(InvalidField::new(Field::Host, rule))
    }

    /// A host made of pieces whose own rules imply those of a host.
    pub(crate) const fn of_checked_pieces(pieces: [&'a str; 4]) -> Self {
        Self { pieces }
    }

    /// The pieces of the name; those not needed are empty.
    pub const fn pieces(&self) -> &[&'a str; 4] {
        &self.pieces
    }
}

impl core::fmt::Display for Host<'_> {
    /// The name in one piece.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.pieces.iter().try_for_each(|piece| formatter.write_str(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientId, Host, Password, UserName};
    use crate::value::{Field, InvalidField, Rule};

    #[test]
    fn each_text_names_itself_when_it_is_refused() {
        let refused = |field| InvalidField::new(field, Rule::NotQuotable);
        assert_eq!(ClientId::new("a\""), Err(refused(Field::ClientId)));
        assert_eq!(UserName::new("a\r"), Err(refused(Field::UserName)));
        assert_eq!(Password::new("a\n"), Err(refused(Field::Password)));
        assert_eq!(Host::new("a\0"), Err(refused(Field::Host)));
    }

    #[test]
    fn texts_are_as_long_as_the_modem_takes() {
        let long = "x".repeat(257);
        assert!(ClientId::new(&long[..256]).is_ok());
        assert!(ClientId::new(&long).is_err());
        assert!(UserName::new(&long).is_err());
        assert!(Password::new(&long).is_err());
        assert!(Host::new(&long[..100]).is_ok());
        assert!(Host::new(&long[..101]).is_err());
        assert!(Host::from_pieces([&long[..50], &long[..50], "x", ""]).is_err());
    }

    #[test]
    fn an_empty_host_or_one_with_a_space_is_refused() {
        assert_eq!(Host::new(""), Err(InvalidField::new(Field::Host, Rule::NotEmpty)));
        let space = InvalidField::new(Field::Host, Rule::IllegalCharacter { position: 2 });
        assert_eq!(Host::new("a. b"), Err(space));
    }

    #[test]
    fn promise_9_a_password_is_not_printed() {
        let password = Password::new("opensesame").unwrap();
        assert_eq!(std::format!("{password:?}"), "Password(<redacted>)");
    }
}
