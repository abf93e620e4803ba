//! How a host signs for a device of Alibaba Cloud IoT: which method, and what else goes into the client id.

use super::{Field, InvalidField, Redacted, Rule, check_text};

/// How the host signs: by which method, and what else stands in the client id. The device itself is a
/// [`Triple`](crate::Triple).
///
/// Without a timestamp and without parameters unless they are added; the platform needs neither.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Signing<'a> {
    pub(crate) method: SignMethod,
    pub(crate) timestamp: Option<Timestamp<'a>>,
    pub(crate) parameters: Option<Parameters<'a>>,
}

impl<'a> Signing<'a> {
    /// By this method.
    pub const fn new(method: SignMethod) -> Self {
        Self { method, timestamp: None, parameters: None }
    }

    /// With a timestamp, which is signed too.
    #[must_use]
    pub const fn timestamp(mut self, timestamp: Timestamp<'a>) -> Self {
        self.timestamp = Some(timestamp);
        self
    }

    /// With further parameters, which are not signed.
    #[must_use]
    pub const fn parameters(mut self, parameters: Parameters<'a>) -> Self {
        self.parameters = Some(parameters);
        self
    }
}

/// An HMAC by which the platform lets devices sign, by its name there. Each is behind a feature of its own, and the
/// firmware holds the code only of those that it names.
#[derive(Clone, Copy)]
pub struct SignMethod(pub(crate) &'static Algorithm);

/// What a [`SignMethod`] is made of.
#[allow(dead_code, reason = "without a method there is none")]
pub(crate) struct Algorithm {
    pub(crate) name: &'static str,
    /// Signs the pieces, one after the other, with a secret.
    pub(crate) sign: fn(secret: &str, content: &[&str]) -> Signature,
}

impl SignMethod {
    /// The method's name in a client id, such as `hmacsha256`.
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// Signs a content that is put together from pieces, keyed with a secret, which is taken as it is printed.
    ///
    /// The credentials of a device are signed by `Signing::credentials`. This here is for whatever else the platform
    /// wants signed, such as a registration with a ProductSecret.
    #[must_use]
    pub fn sign(self, secret: &str, content: &[&str]) -> Signature {
        (self.0.sign)(secret, content)
    }
}

impl Eq for SignMethod {}

impl PartialEq for SignMethod {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl core::fmt::Debug for SignMethod {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for SignMethod {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "{=str}", self.name());
    }
}

/// A signature in upper-case hex. It serves as a password, and is never printed.
#[derive(Clone, Copy)]
pub struct Signature {
    hex: [u8; 64],
    length: usize,
}

impl Signature {
    /// Of a MAC of at most 32 bytes. Each byte gives two digits, also one whose first digit is 0.
    #[allow(dead_code, reason = "without a method nothing is signed")]
    pub(crate) fn of(mac: &[u8]) -> Self {
        let mut signature = Self { hex: [0; 64], length: 0 };
        let (pairs, _) = signature.hex.as_chunks_mut::<2>();
        for (pair, byte) in pairs.iter_mut().zip(mac) {
            *pair = [digit(byte >> 4), digit(byte & 0xf)];
            signature.length = signature.length.wrapping_add(2);
        }
        signature
    }

    /// The digits: 64 of HMAC-SHA256, 40 of HMAC-SHA1, 32 of HMAC-MD5.
    pub fn expose(&self) -> &str {
        core::str::from_utf8(self.expose_bytes()).unwrap_or_default()
    }

    /// The digits as bytes.
    pub fn expose_bytes(&self) -> &[u8] {
        self.hex.get(..self.length).unwrap_or_default()
    }
}

impl core::fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_tuple("Signature").field(&Redacted).finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Signature {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "Signature(<redacted>)");
    }
}

#[allow(dead_code, reason = "without a method nothing is signed")]
const fn digit(value: u8) -> u8 {
    if value < 10 { value.wrapping_add(b'0') } else { value.wrapping_add(b'A' - 10) }
}

/// The `timestamp` of a signature, in milliseconds since 1970: 1 to 20 digits, which are signed as they stand.
///
/// The platform does not compare it with its own time (`aliyun.md` §3), so a host without a clock leaves it out.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Timestamp<'a>(&'a str);

impl<'a> Timestamp<'a> {
    /// The 1st of January 2050, which the vendor's own SDKs send always.
    pub const OF_THE_SDKS: Timestamp<'static> = Timestamp("2524608000000");

    /// Checks `digits`.
    ///
    /// # Errors
    /// If there are none, more than 20, or other characters.
    pub const fn new(digits: &'a str) -> Result<Self, InvalidField> {
        tried!(check_text(Field::Timestamp, digits, 20));
        let mut rest = digits.as_bytes();
        while let [byte, behind @ ..] = rest {
            if !byte.is_ascii_digit() {
                let position = digits.len().wrapping_sub(rest.len());
                return Err(InvalidField::new(Field::Timestamp, Rule::IllegalCharacter { position }));
            }
            rest = behind;
        }
        Ok(Self(digits))
    }

    /// The digits.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

/// Parameters in the client id beside those of the signature: `key=value`, separated by commas, at most 124 bytes.
///
/// With the longest of everything else, that makes a client id of 256 bytes, which is the most that the modem takes.
///
/// | parameter (`aliyun.md` §3) | meaning |
/// |---|---|
/// | `ext=1` | RRPC with topics of one's own, `/ext/rrpc/…`; 2 adds notices, 3 is both |
/// | `_ss=1` | the platform subscribes its own topics for the device |
/// | `_v`, `lan`, `os`, `region`, `pid`, `mid` and the like | information only |
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Parameters<'a>(&'a str);

impl<'a> Parameters<'a> {
    /// Checks `text`.
    ///
    /// # Errors
    /// If it is empty, longer than 124 bytes, not of the form `key=value,key=value`, or names what the signature itself sets:
    /// `securemode`, `signmethod` and `timestamp`.
    pub const fn new(text: &'a str) -> Result<Self, InvalidField> {
        tried!(check_text(Field::Parameters, text, 124));
        let mut left = Some(text.as_bytes());
        while let Some(items) = left {
            let (item, behind) = split_once(items, b',');
            let (key, value) = split_once(item, b'=');
            let Some(value) = value else { return Self::malformed() };
            if key.is_empty() || is_reserved(key) || holds_bar(key) || holds_bar(value) {
                return Self::malformed();
            }
            left = behind;
        }
        Ok(Self(text))
    }

    /// The text.
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    const fn malformed() -> Result<Self, InvalidField> {
        Err(InvalidField::new(Field::Parameters, Rule::Form))
    }
}

/// What stands before the first `separator`, and what behind it, if there is one.
const fn split_once(text: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    let mut rest = text;
    let mut length: usize = 0;
    while let [byte, behind @ ..] = rest {
        if *byte == separator {
            let before = match text.split_at_checked(length) {
                Some((before, _)) => before,
                None => text,
            };
            return (before, Some(behind));
        }
        length = length.wrapping_add(1);
        rest = behind;
    }
    (text, None)
}

const fn holds_bar(text: &[u8]) -> bool {
    split_once(text, b'|').1.is_some()
}

const fn is_reserved(key: &[u8]) -> bool {
    matches!(key, b"securemode" | b"signmethod" | b"timestamp")
}

#[cfg(test)]
mod tests {
    use super::{Parameters, Signature, Timestamp};
    use crate::value::{Field, InvalidField, Rule};

    #[test]
    fn every_byte_gives_two_digits() {
        assert_eq!(Signature::of(&[0x00, 0x0f, 0xa0, 0x9f]).expose(), "000FA09F");
        assert_eq!(Signature::of(&[0xff; 32]).expose(), "F".repeat(64));
    }

    #[test]
    fn a_timestamp_is_1_to_20_digits() {
        for digits in ["0", "2524608000000", &"9".repeat(20)] {
            assert_eq!(Timestamp::new(digits).unwrap().as_str(), digits);
        }
        for (digits, rule) in [
            ("", Rule::NotEmpty),
            (&"9".repeat(21), Rule::AtMost { limit: 20, actual: 21 }),
            ("12a", Rule::IllegalCharacter { position: 2 }),
            ("-1", Rule::IllegalCharacter { position: 0 }),
        ] {
            assert_eq!(Timestamp::new(digits), Err(InvalidField::new(Field::Timestamp, rule)));
        }
    }

    #[test]
    fn parameters_are_keys_with_values() {
        let longest = std::format!("_v={}", "x".repeat(121));
        for text in ["ext=1", "_ss=1,ext=3,_v=nt35e", "k=", "securemodes=1", "k=a=b", &longest] {
            assert_eq!(Parameters::new(text).unwrap().as_str(), text);
        }
        for text in ["ext", "=1", "ext=1,", ",ext=1", "a=1,,b=2", "a=|", "|=1", "securemode=2", "a=1,timestamp=1"] {
            assert_eq!(Parameters::new(text), Err(InvalidField::new(Field::Parameters, Rule::Form)), "{text}");
        }
        let too_long = Rule::AtMost { limit: 124, actual: 125 };
        let refused = Parameters::new(&std::format!("{longest}x")).unwrap_err();
        assert_eq!(refused, InvalidField::new(Field::Parameters, too_long));
        assert_eq!(Parameters::new("a=\"").unwrap_err().rule, Rule::NotQuotable);
    }

    #[test]
    fn promise_9_a_signature_is_not_printed() {
        let printed = std::format!("{:?}", Signature::of(&[0xab; 16]));
        assert_eq!(printed, "Signature(<redacted>)");
    }
}
