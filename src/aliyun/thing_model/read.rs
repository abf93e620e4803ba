//! Reads what serde asks for out of JSON that was checked, as strictly as serde_json.
//!
//! It differs from JSON elsewhere as the platform does: a bool is `0` or `1` as well, and a variant may be named by a number. It goes as deep
//! as the type does, which the firmware chose, and never as deep as the payload.

use serde::de::{self, DeserializeSeed, Visitor};
use serde::forward_to_deserialize_any;

use super::decimal;
use super::error::ReadError;
use crate::aliyun::json::{Text, Value};

/// A value that is to be read.
pub(super) struct Reader<'t>(pub(super) Value<'t>);

impl<'t> Reader<'t> {
    /// The sign of an integer, and the rest of it.
    #[inline(never)]
    fn integer(&self) -> Result<(bool, u64), ReadError> {
        let text = self.0.as_bytes();
        let (is_negative, digits) = match text.strip_prefix(b"-") {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        // It is JSON, so that what consists of digits has no zeros in front. JSON has a negative zero, and integers have not.
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) || text == b"-0" {
            return Err(ReadError::WrongType);
        }
        let add = |number: u64, byte: &u8| number.checked_mul(10)?.checked_add(u64::from(byte.wrapping_sub(b'0')));
        Ok((is_negative, digits.iter().try_fold(0, add).ok_or(ReadError::OutOfRange)?))
    }

    fn unsigned(&self) -> Result<u64, ReadError> {
        match self.integer()? {
            (false, magnitude) => Ok(magnitude),
            (true, _) => Err(ReadError::OutOfRange),
        }
    }

    fn signed(&self) -> Result<i64, ReadError> {
        let (is_negative, magnitude) = self.integer()?;
        let limit = i64::MAX.unsigned_abs().wrapping_add(u64::from(is_negative));
        if magnitude > limit {
            return Err(ReadError::OutOfRange);
        }
        Ok(if is_negative { (magnitude as i64).wrapping_neg() } else { magnitude as i64 })
    }

    /// A number as it stands there.
    #[inline(never)]
    fn number(&self) -> Result<&'t str, ReadError> {
        let text = self.0.as_bytes();
        match text.first() {
            Some(b'-' | b'0'..=b'9') => core::str::from_utf8(text).map_err(|_invalid| ReadError::Malformed),
            _ => Err(ReadError::WrongType),
        }
    }

    /// What stands between quotes, if it has no escapes.
    #[inline(never)]
    fn text(&self) -> Result<&'t str, ReadError> {
        let text = self.0.string().ok_or(ReadError::WrongType)?;
        unescaped(text).ok_or(ReadError::Refused)
    }

    #[inline(never)]
    fn boolean(&self) -> Result<bool, ReadError> {
        // It is JSON, so that the first letter of a word tells all of it.
        match self.0.as_bytes() {
            [b'0'] | [b'f', ..] => Ok(false),
            [b'1'] | [b't', ..] => Ok(true),
            [b'-' | b'0'..=b'9', ..] => Err(ReadError::OutOfRange),
            _ => Err(ReadError::WrongType),
        }
    }

    fn is_null(&self) -> bool {
        self.0.as_bytes().first() == Some(&b'n')
    }

    /// What stands between brackets.
    fn entries(&self, opening: u8) -> Result<Entries<'t>, ReadError> {
        let mut text = Text::new(self.0.as_bytes());
        if text.token() != Some(opening) {
            return Err(ReadError::WrongType);
        }
        Ok(Entries { text, closing: if opening == b'[' { b']' } else { b'}' }, is_first: true })
    }

    fn sequence<V: Visitor<'t>>(&self, visitor: V) -> Result<V::Value, ReadError> {
        let mut entries = self.entries(b'[')?;
        let value = visitor.visit_seq(&mut entries)?;
        entries.expect_end()?;
        Ok(value)
    }

    fn object<V: Visitor<'t>>(&self, visitor: V) -> Result<V::Value, ReadError> {
        let mut entries = self.entries(b'{')?;
        let value = visitor.visit_map(&mut entries)?;
        entries.expect_end()?;
        Ok(value)
    }
}

/// Text as it stands there, if it needs no translation.
fn unescaped(text: &[u8]) -> Option<&str> {
    if text.contains(&b'\\') { None } else { core::str::from_utf8(text).ok() }
}

macro_rules! numbers {
    ($($deserialize:ident, $read:ident, $visit:ident;)*) => {
        $(fn $deserialize<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
            visitor.$visit(self.$read()?)
        })*
    };
}

macro_rules! alike {
    ($read:ident: $($deserialize:ident($($_name:ident: $type:ty),*))*) => {
        $(fn $deserialize<V: Visitor<'t>>(self, $($_name: $type,)* visitor: V) -> Result<V::Value, ReadError> {
            self.$read(visitor)
        })*
    };
}

impl<'t> de::Deserializer<'t> for Reader<'t> {
    type Error = ReadError;

    /// Who does not say what it wants gets nothing: whatever comes would decide the type.
    fn deserialize_any<V: Visitor<'t>>(self, _visitor: V) -> Result<V::Value, ReadError> {
        Err(ReadError::Refused)
    }

    numbers! {
        deserialize_bool, boolean, visit_bool;
        deserialize_i8, signed, visit_i64;
        deserialize_i16, signed, visit_i64;
        deserialize_i32, signed, visit_i64;
        deserialize_i64, signed, visit_i64;
        deserialize_u8, unsigned, visit_u64;
        deserialize_u16, unsigned, visit_u64;
        deserialize_u32, unsigned, visit_u64;
        deserialize_u64, unsigned, visit_u64;
        deserialize_char, text, visit_borrowed_str;
        deserialize_str, text, visit_borrowed_str;
        deserialize_string, text, visit_borrowed_str;
    }

    fn deserialize_f32<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.number()?.parse::<f32>() {
            Ok(number) if number.is_finite() => visitor.visit_f32(number),
            _ => Err(ReadError::OutOfRange),
        }
    }

    fn deserialize_f64<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match self.number()?.parse::<f64>() {
            Ok(number) if number.is_finite() => visitor.visit_f64(number),
            _ => Err(ReadError::OutOfRange),
        }
    }

    alike! { deserialize_any: deserialize_bytes() deserialize_byte_buf() deserialize_identifier() }
    alike! { sequence: deserialize_seq() deserialize_tuple(_length: usize) deserialize_tuple_struct(_name: &'static str, _length: usize) }
    alike! { object: deserialize_map() deserialize_struct(_name: &'static str, _fields: &'static [&'static str]) }

    fn deserialize_option<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.is_null() { visitor.visit_unit() } else { Err(ReadError::WrongType) }
    }

    fn deserialize_unit_struct<V: Visitor<'t>>(self, _name: &'static str, visitor: V) -> Result<V::Value, ReadError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'t>>(self, name: &'static str, visitor: V) -> Result<V::Value, ReadError> {
        match decimal::digits_of(name) {
            Some(_) => visitor.visit_borrowed_str(self.number()?),
            None => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'t>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        visitor.visit_enum(Name(self.number().or_else(|_no_number| self.text())?))
    }

    /// It was checked when the message was.
    fn deserialize_ignored_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_unit()
    }
}

/// What stands between two brackets, and is still to be read.
struct Entries<'t> {
    text: Text<'t>,
    closing: u8,
    is_first: bool,
}

impl<'t> Entries<'t> {
    /// Whether there is another one.
    #[inline(never)]
    fn next(&mut self) -> Result<bool, ReadError> {
        if core::mem::take(&mut self.is_first) && self.text.peek() != Some(self.closing) {
            return Ok(true);
        }
        match self.text.token() {
            Some(b',') => Ok(true),
            Some(byte) if byte == self.closing => {
                // It stays, for whoever asks again.
                self.is_first = true;
                self.text = Text::new(if byte == b']' { b"]" } else { b"}" });
                Ok(false)
            }
            _ => Err(ReadError::Malformed),
        }
    }

    #[inline(never)]
    fn value(&mut self) -> Result<Reader<'t>, ReadError> {
        self.text.value().map(Reader).ok_or(ReadError::Malformed)
    }

    /// A name with escapes could be another's twin, so there may be none.
    #[inline(never)]
    fn name(&mut self) -> Result<Name<'t>, ReadError> {
        self.text.name().and_then(unescaped).map(Name).ok_or(ReadError::Malformed)
    }

    /// A list may be longer than who reads it wants.
    fn expect_end(&mut self) -> Result<(), ReadError> {
        if self.next()? { Err(ReadError::Refused) } else { Ok(()) }
    }
}

impl<'t> de::SeqAccess<'t> for &mut Entries<'t> {
    type Error = ReadError;

    fn next_element_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<Option<S::Value>, ReadError> {
        if !self.next()? {
            return Ok(None);
        }
        seed.deserialize(self.value()?).map(Some)
    }
}

impl<'t> de::MapAccess<'t> for &mut Entries<'t> {
    type Error = ReadError;

    fn next_key_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<Option<S::Value>, ReadError> {
        if !self.next()? {
            return Ok(None);
        }
        seed.deserialize(self.name()?).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<S::Value, ReadError> {
        seed.deserialize(self.value()?)
    }
}

/// The name of a member or of a variant.
struct Name<'t>(&'t str);

impl<'de> de::Deserializer<'de> for Name<'de> {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_borrowed_str(self.0)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'t> de::EnumAccess<'t> for Name<'t> {
    type Error = ReadError;
    type Variant = NoFields;

    fn variant_seed<S: DeserializeSeed<'t>>(self, seed: S) -> Result<(S::Value, NoFields), ReadError> {
        Ok((seed.deserialize(self)?, NoFields))
    }
}

/// The platform's enums are numbers or names, and carry nothing.
struct NoFields;

impl<'t> de::VariantAccess<'t> for NoFields {
    type Error = ReadError;

    fn unit_variant(self) -> Result<(), ReadError> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'t>>(self, _seed: S) -> Result<S::Value, ReadError> {
        Err(ReadError::WrongType)
    }

    fn tuple_variant<V: Visitor<'t>>(self, _length: usize, _visitor: V) -> Result<V::Value, ReadError> {
        Err(ReadError::WrongType)
    }

    fn struct_variant<V: Visitor<'t>>(
        self,
        _fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, ReadError> {
        Err(ReadError::WrongType)
    }
}
