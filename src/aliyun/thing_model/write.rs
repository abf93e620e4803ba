//! Writes serde's data as the JSON of the thing model.
//!
//! It differs from JSON elsewhere as the platform does: a bool is `0` or `1`, a variant whose name is a number is that number, and a
//! member that is `None` is left out.

mod entries;

use core::fmt::Write as _;

use serde::ser::{self, Impossible, Serialize};

use entries::Entries;

use super::decimal;
use super::error::WriteError;
use crate::at::bytes::{after, after_mut, between, copy};

/// A value that the platform does not know. While there is nothing else to say, the way back costs the least.
#[derive(Debug)]
pub(super) struct Unsupported;

impl ser::Error for Unsupported {
    fn custom<T: core::fmt::Display>(_message: T) -> Self {
        Self
    }
}

impl core::fmt::Display for Unsupported {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(&WriteError::Unsupported, formatter)
    }
}

impl core::error::Error for Unsupported {}

/// What is written so far. Beyond the end of the buffer it only counts, so that it can be said how much room it takes.
pub(super) struct Writer<'b> {
    buffer: &'b mut [u8],
    length: usize,
    /// How many brackets are open.
    depth: u8,
    /// What is directly within the outermost brackets that were opened since this was last set to none.
    entries: u16,
    /// What the last value was.
    last: Last,
    /// How many digits of the next number stand behind its point.
    fraction: u8,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Last {
    Nothing,
    Text,
    Other,
}

impl<'b> Writer<'b> {
    pub(super) const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, length: 0, depth: 0, entries: 0, last: Last::Other, fraction: 0 }
    }

    /// What was written, if it has fit.
    pub(super) fn finish(self) -> Result<&'b [u8], WriteError> {
        let needed = self.length;
        self.buffer.get(..needed).ok_or(WriteError::TooSmall { needed })
    }

    #[inline(never)]
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        copy(after_mut(self.buffer, self.length), bytes);
        self.length = self.length.saturating_add(bytes.len());
    }

    /// A value of the user's, with at most so many entries.
    pub(super) fn value<T: Serialize + ?Sized>(&mut self, value: &T, limit: u16) -> Result<(), WriteError> {
        (self.depth, self.entries) = (0, 0);
        match value.serialize(&mut *self) {
            Ok(()) if self.entries > limit => Err(WriteError::TooMany { limit }),
            Ok(()) => Ok(()),
            Err(Unsupported) => Err(WriteError::Unsupported),
        }
    }

    /// Without a division of 64 bits, which an MCU would have to link.
    #[inline(never)]
    pub(super) fn integer(&mut self, is_negative: bool, magnitude: u64) {
        let fraction = usize::from(core::mem::take(&mut self.fraction));
        let mut digits = [b'0'; 20];
        let mut first = digits.len();
        let mut bytes = magnitude.to_be_bytes();
        for (index, place) in digits.iter_mut().enumerate().rev() {
            let mut rest = 0;
            for byte in &mut bytes {
                let whole = rest << 8 | u32::from(*byte);
                *byte = (whole / 10) as u8;
                rest = whole % 10;
            }
            *place = b'0'.wrapping_add(rest as u8);
            first = index;
            if bytes == [0; 8] {
                break;
            }
        }
        if is_negative {
            self.raw(b"-");
        }
        let point = digits.len().saturating_sub(fraction);
        self.raw(between(&digits, first.min(point.saturating_sub(1)), point));
        if fraction > 0 {
            self.raw(b".");
            self.raw(after(&digits, point));
        }
        self.last = Last::Other;
    }

    #[inline(never)]
    fn text(&mut self, text: &str) {
        self.raw(b"\"");
        self.escaped(text);
        self.raw(b"\"");
        self.last = Last::Text;
    }

    fn escaped(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                b'"' | b'\\' => self.raw(&[b'\\', byte]),
                0..b' ' => {
                    let digit = b"0123456789abcdef".get(usize::from(byte & 15)).copied().unwrap_or_default();
                    self.raw(&[b'\\', b'u', b'0', b'0', b'0' | byte >> 4, digit]);
                }
                _ => self.raw(&[byte]),
            }
        }
    }

    #[inline(never)]
    fn open(&mut self, bracket: u8) {
        self.raw(&[bracket]);
        self.depth = self.depth.saturating_add(1);
    }

    #[inline(never)]
    fn close(&mut self, bracket: u8) {
        self.raw(&[bracket]);
        self.depth = self.depth.saturating_sub(1);
        self.last = Last::Other;
    }
}

impl core::fmt::Write for Writer<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.escaped(text);
        Ok(())
    }
}

/// Whether a variant is named by a number, as those of the platform's enums are.
fn is_number(name: &str) -> bool {
    let digits = name.strip_prefix('-').unwrap_or(name);
    let zero = digits.starts_with('0');
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && (!zero || name == "0")
}

impl<'w, 'b> ser::Serializer for &'w mut Writer<'b> {
    type Ok = ();
    type Error = Unsupported;
    type SerializeSeq = Entries<'w, 'b>;
    type SerializeTuple = Entries<'w, 'b>;
    type SerializeTupleStruct = Entries<'w, 'b>;
    type SerializeTupleVariant = Impossible<(), Unsupported>;
    type SerializeMap = Entries<'w, 'b>;
    type SerializeStruct = Entries<'w, 'b>;
    type SerializeStructVariant = Impossible<(), Unsupported>;

    fn serialize_bool(self, value: bool) -> Result<(), Unsupported> {
        self.integer(false, value.into());
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Unsupported> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Unsupported> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Unsupported> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Unsupported> {
        self.integer(value < 0, value.unsigned_abs());
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Unsupported> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Unsupported> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Unsupported> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unsupported> {
        self.integer(false, value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unsupported> {
        if !value.is_finite() {
            return Err(Unsupported);
        }
        self.last = Last::Other;
        write!(self, "{value:?}").map_err(|_error| Unsupported)
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unsupported> {
        if !value.is_finite() {
            return Err(Unsupported);
        }
        self.last = Last::Other;
        write!(self, "{value:?}").map_err(|_error| Unsupported)
    }

    fn serialize_char(self, value: char) -> Result<(), Unsupported> {
        self.text(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Unsupported> {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result<(), Unsupported> {
        Err(Unsupported)
    }

    fn serialize_none(self) -> Result<(), Unsupported> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unsupported> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unsupported> {
        self.raw(b"null");
        self.last = Last::Nothing;
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Unsupported> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Unsupported> {
        if is_number(variant) {
            self.raw(variant.as_bytes());
            self.last = Last::Other;
        } else {
            self.text(variant);
        }
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Unsupported> {
        self.fraction = decimal::digits_of(name).unwrap_or_default();
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<(), Unsupported> {
        Err(Unsupported)
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Entries<'w, 'b>, Unsupported> {
        self.open(b'[');
        Ok(Entries::new(self, b']'))
    }

    fn serialize_tuple(self, length: usize) -> Result<Entries<'w, 'b>, Unsupported> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _name: &'static str, length: usize) -> Result<Entries<'w, 'b>, Unsupported> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeTupleVariant, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Entries<'w, 'b>, Unsupported> {
        self.open(b'{');
        Ok(Entries::new(self, b'}'))
    }

    fn serialize_struct(self, _name: &'static str, length: usize) -> Result<Entries<'w, 'b>, Unsupported> {
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _length: usize,
    ) -> Result<Self::SerializeStructVariant, Unsupported> {
        Err(Unsupported)
    }

    fn collect_str<T: core::fmt::Display + ?Sized>(self, value: &T) -> Result<(), Unsupported> {
        self.raw(b"\"");
        write!(self, "{value}").map_err(|_error| Unsupported)?;
        self.raw(b"\"");
        self.last = Last::Text;
        Ok(())
    }
}
