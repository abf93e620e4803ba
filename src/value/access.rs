//! What the network and the SIM ask for: the name of an access point, a PIN, an operator.

use super::{Field, InvalidField, Redacted, Rule, check_text};

/// The name of an access point: 1 to 100 bytes (3GPP TS 23.003 §9.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Apn<'a>(&'a str);

impl<'a> Apn<'a> {
    /// Checks `text`.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub const fn new(text: &'a str) -> Result<Self, InvalidField> {
        tried!(check_text(Field::Apn, text, 100));
        Ok(Self(text))
    }

    /// The text.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

/// The PIN of a SIM: 4 to 8 digits (3GPP TS 31.101 §9.5.1). It is never printed.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct SimPin<'a>(&'a str);

impl<'a> SimPin<'a> {
    /// Checks `digits`.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub const fn new(digits: &'a str) -> Result<Self, InvalidField> {
        tried!(check_digits(Field::SimPin, digits, 4, 8));
        Ok(Self(digits))
    }

    /// The secret itself.
    pub const fn expose(self) -> &'a str {
        self.0
    }
}

impl SimPin<'_> {
    /// What another PIN never has: its digits behind a one, so that leading zeros count.
    pub(crate) fn fingerprint(self) -> PinFingerprint {
        let append = |number: u32, digit: u8| number.wrapping_mul(10).wrapping_add(u32::from(digit.wrapping_sub(b'0')));
        PinFingerprint(self.0.bytes().fold(1, append))
    }
}

impl core::fmt::Debug for SimPin<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_tuple("SimPin").field(&Redacted).finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for SimPin<'_> {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "SimPin(<redacted>)");
    }
}

/// A PIN to be compared with others. It is never printed either.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) struct PinFingerprint(u32);

impl core::fmt::Debug for PinFingerprint {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_tuple("PinFingerprint").field(&Redacted).finish()
    }
}

/// An operator by its number: country code and network code, 5 or 6 digits, such as `46000`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Plmn<'a>(&'a str);

impl<'a> Plmn<'a> {
    /// Checks `digits`.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub const fn new(digits: &'a str) -> Result<Self, InvalidField> {
        tried!(check_digits(Field::Plmn, digits, 5, 6));
        Ok(Self(digits))
    }

    /// The digits.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

/// Checks that there are so many digits, and nothing else.
const fn check_digits(field: Field, text: &str, least: usize, most: usize) -> Result<(), InvalidField> {
    let actual = text.len();
    if actual < least {
        return Err(InvalidField::new(field, Rule::AtLeast { limit: least, actual }));
    }
    if actual > most {
        return Err(InvalidField::new(field, Rule::AtMost { limit: most, actual }));
    }
    let mut rest = text.as_bytes();
    while let [byte, behind @ ..] = rest {
        if !byte.is_ascii_digit() {
            return Err(InvalidField::new(field, Rule::Form));
        }
        rest = behind;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Apn, Plmn, SimPin};
    use crate::value::{Field, InvalidField, Rule};
    use std::string::String;

    #[test]
    fn promise_4_an_access_point_is_a_text_that_can_be_quoted() {
        let refused = |text, rule| assert_eq!(Apn::new(text), Err(InvalidField::new(Field::Apn, rule)));
        let longest = String::from_iter(['a'; 100]);
        assert_eq!(Apn::new(&longest).unwrap().as_str(), longest);
        assert!(Apn::new("cmnet.mnc000.mcc460.gprs").is_ok());
        let too_long = String::from_iter(['a'; 101]);
        refused(&too_long, Rule::AtMost { limit: 100, actual: 101 });
        refused("", Rule::NotEmpty);
        refused("a\"", Rule::NotQuotable);
        refused("a\r", Rule::NotQuotable);
    }

    #[test]
    fn promise_4_a_pin_is_four_to_eight_digits() {
        let refused = |text, rule| assert_eq!(SimPin::new(text), Err(InvalidField::new(Field::SimPin, rule)));
        for digits in ["0000", "12345678"] {
            assert_eq!(SimPin::new(digits).unwrap().expose(), digits);
        }
        refused("123", Rule::AtLeast { limit: 4, actual: 3 });
        refused("123456789", Rule::AtMost { limit: 8, actual: 9 });
        for text in ["12 4", "123a", "12\"4", "１2"] {
            refused(text, Rule::Form);
        }
    }

    #[test]
    fn promise_9_a_pin_is_not_printed() {
        let pin = SimPin::new("4711").unwrap();
        assert_eq!(std::format!("{pin:?}"), "SimPin(<redacted>)");
        assert_eq!(std::format!("{:?}", pin.fingerprint()), "PinFingerprint(<redacted>)");
    }

    #[test]
    fn two_pins_are_told_apart() {
        let fingerprint = |digits| SimPin::new(digits).unwrap().fingerprint();
        assert_eq!(fingerprint("0000"), fingerprint("0000"));
        let pins = ["0000", "0001", "1000", "00000", "10000", "11000", "00000000", "99999999"];
        for (number, pin) in pins.iter().enumerate() {
            for other in &pins[..number] {
                assert_ne!(fingerprint(pin), fingerprint(other), "{pin} and {other}");
            }
        }
    }

    #[test]
    fn an_operator_is_five_or_six_digits() {
        let refused = |text, rule| assert_eq!(Plmn::new(text), Err(InvalidField::new(Field::Plmn, rule)));
        for digits in ["46000", "310410"] {
            assert_eq!(Plmn::new(digits).unwrap().as_str(), digits);
        }
        refused("4600", Rule::AtLeast { limit: 5, actual: 4 });
        refused("4600000", Rule::AtMost { limit: 6, actual: 7 });
        refused("460-0", Rule::Form);
    }
}
