//! A number with a fixed count of digits behind its point, so that a meter needs no floats.

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number with `DIGITS` digits behind its point, up to nine: it counts tenths, hundredths and so on in an `i32`.
///
/// In the platform's messages it is a number like any other. Reading is exact: `21.55` is no `Decimal<1>`, `21.50` is one, and an exponent is
/// refused. With other formats than the thing model's it is not meant to be used.
///
/// ```
/// use nt35e::aliyun::thing_model::Decimal;
///
/// let temperature = Decimal::<1>::from_units(215); // 21.5
/// assert_eq!(temperature.units(), 215);
/// assert_eq!(temperature.to_string(), "21.5");
/// assert_eq!(Decimal::<2>::from_units(-5).to_string(), "-0.05");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decimal<const DIGITS: usize>(i32);

/// By these a writer and a reader know it among the user's types; the last byte is the count of digits.
const NAMES: [&str; 10] = [
    "nt35e::Decimal0",
    "nt35e::Decimal1",
    "nt35e::Decimal2",
    "nt35e::Decimal3",
    "nt35e::Decimal4",
    "nt35e::Decimal5",
    "nt35e::Decimal6",
    "nt35e::Decimal7",
    "nt35e::Decimal8",
    "nt35e::Decimal9",
];

/// The count of digits behind the point, if the type of this name is a [`Decimal`].
pub(super) fn digits_of(name: &str) -> Option<u8> {
    match name.strip_prefix("nt35e::Decimal")?.as_bytes() {
        [digit] => Some(digit.wrapping_sub(b'0')),
        _ => None,
    }
}

impl<const DIGITS: usize> Decimal<DIGITS> {
    /// More than nine digits do not compile: no `i32` holds them.
    #[allow(clippy::indexing_slicing, reason = "it is the compiler that would panic")]
    const NAME: &str = NAMES[DIGITS];

    /// The number that is so many of the last digit's units.
    pub const fn from_units(units: i32) -> Self {
        Self(units)
    }

    /// How many of the last digit's units it is.
    pub const fn units(self) -> i32 {
        self.0
    }
}

impl<const DIGITS: usize> core::fmt::Display for Decimal<DIGITS> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let one = 10_u32.saturating_pow(DIGITS as u32);
        let magnitude = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (magnitude.checked_div(one), magnitude.checked_rem(one));
        write!(formatter, "{sign}{}", whole.unwrap_or_default())?;
        if DIGITS > 0 { write!(formatter, ".{:0DIGITS$}", rest.unwrap_or_default()) } else { Ok(()) }
    }
}

impl<const DIGITS: usize> Serialize for Decimal<DIGITS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(Self::NAME, &self.0)
    }
}

impl<'de, const DIGITS: usize> Deserialize<'de> for Decimal<DIGITS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(Self::NAME, Digits::<DIGITS>)
    }
}

struct Digits<const DIGITS: usize>;

impl<const DIGITS: usize> Visitor<'_> for Digits<DIGITS> {
    type Value = Decimal<DIGITS>;

    fn expecting(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("a number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal<DIGITS>, E> {
        match units(text.as_bytes(), DIGITS) {
            Some(units) => Ok(Decimal(units)),
            None => Err(E::invalid_value(de::Unexpected::Float(0.0), &self)),
        }
    }
}

/// A number of JSON as units of its last digit; none if that is not exact.
fn units(text: &[u8], digits: usize) -> Option<i32> {
    let (is_negative, text) = text.strip_prefix(b"-").map_or((false, text), |rest| (true, rest));
    let mut units = 0_i32;
    // How many digits may still follow, once there was the point.
    let mut left = None;
    let mut add = |byte: u8, left: &mut Option<usize>| {
        let digit = i32::from(byte.wrapping_sub(b'0'));
        match left {
            Some(0) => return (digit == 0).then_some(()),
            Some(left) => *left = left.saturating_sub(1),
            None => {}
        }
        units = units.checked_mul(10)?;
        units = if is_negative { units.checked_sub(digit)? } else { units.checked_add(digit)? };
        Some(())
    };
    for byte in text {
        match byte {
            b'.' if left.is_none() => left = Some(digits),
            b'0'..=b'9' => add(*byte, &mut left)?,
            _ => return None,
        }
    }
    for _ in 0..left.unwrap_or(digits) {
        add(b'0', &mut Some(1))?;
    }
    Some(units)
}
