//! The identity of a device at Alibaba Cloud IoT.

use super::{Field, InvalidField, Redacted, Rule, check_text};

/// ProductKey, DeviceName and DeviceSecret of one device, as the console shows them.
///
/// The DeviceSecret is never printed.
///
/// ```
/// use nt35e::Triple;
/// let triple = Triple::new("a1JszCpjS61", "NT35E_06011", "0123456789abcdef0123456789abcdef")?;
/// assert!(!format!("{triple:?}").contains("0123456789abcdef"));
/// # Ok::<(), nt35e::InvalidField>(())
/// ```
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Triple<'a> {
    product_key: &'a str,
    device_name: &'a str,
    device_secret: &'a str,
}

impl<'a> Triple<'a> {
    /// Checks the three parts, so that a slip in copying shows at once and not as a refused sign-in.
    ///
    /// | part | rule (`aliyun.md` §1) |
    /// |---|---|
    /// | ProductKey | 1 to 20 letters and digits |
    /// | DeviceName | 4 to 32 letters, digits, and `-` `_` `@` `.` `:` |
    /// | DeviceSecret | 1 to 64 letters and digits |
    ///
    /// # Errors
    /// The first part that breaks its rule.
    pub const fn new(product_key: &'a str, device_name: &'a str, device_secret: &'a str) -> Result<Self, InvalidField> {
        tried!(check(Field::ProductKey, product_key, 20, false));
        tried!(check(Field::DeviceName, device_name, 32, true));
        if device_name.len() < 4 {
            let rule = Rule::AtLeast { limit: 4, actual: device_name.len() };
            return Err(InvalidField::new(Field::DeviceName, rule));
        }
        tried!(check(Field::DeviceSecret, device_secret, 64, false));
        Ok(Self { product_key, device_name, device_secret })
    }

    /// The ProductKey.
    pub const fn product_key(&self) -> &'a str {
        self.product_key
    }

    /// The DeviceName.
    pub const fn device_name(&self) -> &'a str {
        self.device_name
    }

    /// The DeviceSecret itself.
    pub const fn expose_device_secret(&self) -> &'a str {
        self.device_secret
    }
}

impl core::fmt::Debug for Triple<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("Triple")
            .field("product_key", &self.product_key)
            .field("device_name", &self.device_name)
            .field("device_secret", &Redacted)
            .finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Triple<'_> {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        let Self { product_key, device_name, .. } = self;
        defmt::write!(
            formatter,
            "Triple {{ product_key: {=str}, device_name: {=str}, device_secret: <redacted> }}",
            product_key,
            device_name
        );
    }
}

/// Checks a secret: 1 to 64 letters and digits.
#[cfg(feature = "registration")]
pub(crate) const fn check_secret(field: Field, text: &str) -> Result<(), InvalidField> {
    check(field, text, 64, false)
}

/// Checks for letters and digits alone, and for a name's other characters if those are allowed too.
const fn check(field: Field, text: &str, limit: usize, is_name: bool) -> Result<(), InvalidField> {
    tried!(check_text(field, text, limit));
    let mut rest = text.as_bytes();
    while let [byte, behind @ ..] = rest {
        let is_in_name = is_name && matches!(*byte, b'-' | b'_' | b'@' | b'.' | b':');
        if !byte.is_ascii_alphanumeric() && !is_in_name {
            let position = text.len().wrapping_sub(rest.len());
            return Err(InvalidField::new(field, Rule::IllegalCharacter { position }));
        }
        rest = behind;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Triple;
    use crate::value::{Field, InvalidField, Rule};

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_part_that_was_copied_wrongly_is_named() {
        let refused = |parts: [&str; 3], field, rule| {
            let [product_key, device_name, device_secret] = parts;
            let expected = InvalidField::new(field, rule);
            assert_eq!(Triple::new(product_key, device_name, device_secret), Err(expected));
        };
        refused(["", "NT35E_06011", SECRET], Field::ProductKey, Rule::NotEmpty);
        refused(["a1\"", "NT35E_06011", SECRET], Field::ProductKey, Rule::NotQuotable);
        refused(["a1Jsz CpjS61", "NT35E_06011", SECRET], Field::ProductKey, Rule::IllegalCharacter { position: 5 });
        refused(["a1", " NT35E_06011 ", SECRET], Field::DeviceName, Rule::IllegalCharacter { position: 0 });
        refused(["a1", "NT3", SECRET], Field::DeviceName, Rule::AtLeast { limit: 4, actual: 3 });
        let long = "d".repeat(65);
        refused(["a1", &long[..33], SECRET], Field::DeviceName, Rule::AtMost { limit: 32, actual: 33 });
        refused(["a1", "NT35E_06011", "abc\n"], Field::DeviceSecret, Rule::NotQuotable);
        refused(["a1", "NT35E_06011", &long], Field::DeviceSecret, Rule::AtMost { limit: 64, actual: 65 });
    }

    #[test]
    fn every_letter_of_a_device_name_is_accepted() {
        assert!(Triple::new("a1JszCpjS61", "aZ09-_@.:", SECRET).is_ok());
    }

    #[test]
    fn promise_9_a_triple_prints_without_its_secret() {
        let printed = std::format!("{:?}", Triple::new("a1JszCpjS61", "NT35E_06011", SECRET).unwrap());
        assert!(printed.contains("NT35E_06011") && printed.contains("<redacted>"));
        assert!(!printed.contains(SECRET));
    }
}
