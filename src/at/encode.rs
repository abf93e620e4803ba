//! A command line on its way out: integers and quoted texts, and the refusal of what cannot be quoted.

use super::bytes::{after_mut, copy};
use super::fields::Fields;
use crate::fmt::Discretion;
use crate::time::Duration;
use crate::value::{Field, InvalidField, Rule, is_quotable};

/// Why a command line could not be written. Nothing was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum EncodeError {
    /// A field holds what the modem's grammar cannot carry.
    Invalid(InvalidField),
    /// The line needs more memory than the TX buffer has.
    TooLong {
        /// Bytes that the line needs.
        needed: usize,
        /// Bytes that the TX buffer has.
        available: usize,
    },
}

/// Writes one command line into the TX buffer: what follows the name, one argument after the other.
///
/// It goes on counting when the buffer is full, so that the error can say how much was needed.
#[repr(C)]
pub struct Encoder<'b> {
    /// How long the modem may take until `OK`, `ERROR` or the prompt.
    pub(crate) limit: Duration,
    pub(crate) buffer: &'b mut [u8],
    pub(crate) discretion: Discretion,
    /// How long the line is; it may be longer than the buffer.
    pub(crate) length: usize,
    key: Key,
    /// The field that cannot be quoted.
    pub(crate) invalid: Option<Field>,
    /// What stands before the next argument.
    separator: u8,
}

/// The integers that stand at the start of a result URC and tell whose result it is.
#[derive(Clone, Copy)]
struct Key {
    parts: [u16; 2],
    length: u8,
}

impl<'b> Encoder<'b> {
    /// An empty line in `buffer`.
    pub const fn new(buffer: &'b mut [u8]) -> Self {
        Self {
            buffer,
            length: 0,
            limit: Duration::from_millis(0),
            key: Key { parts: [0; 2], length: 0 },
            separator: b'=',
            invalid: None,
            discretion: Discretion::new(),
        }
    }

    /// Begins another line.
    pub(crate) fn begin(&mut self, name: &str, limit: Duration) {
        self.length = 0;
        self.limit = limit;
        self.key.length = 0;
        self.separator = b'=';
        self.invalid = None;
        self.discretion = Discretion::new();
        self.raw(b"AT").raw(name.as_bytes());
    }

    /// Appends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        copy(after_mut(self.buffer, self.length), bytes);
        self.length = self.length.wrapping_add(bytes.len());
        self
    }

    /// Appends an argument: an integer in decimal.
    pub fn integer(&mut self, value: u32) -> &mut Self {
        self.separate().digits(value)
    }

    /// Appends an argument: an integer that the result URC of this very command repeats, before anything else, so that it
    /// is known from those of others. At most two.
    pub fn key(&mut self, value: u16) -> &mut Self {
        if let Some(part) = self.key.parts.get_mut(usize::from(self.key.length)) {
            *part = value;
            self.key.length = self.key.length.wrapping_add(1);
        }
        self.integer(u32::from(value))
    }

    /// Appends an argument: a text in quotes, which `field` names in the error if it cannot be quoted.
    ///
    /// The modem knows no escapes (`protocol.md` §3.5), so a quote ends a text and CR, LF and NUL end a line.
    pub fn quoted(&mut self, field: Field, text: &str) -> &mut Self {
        if let Field::DeviceSecret | Field::Password = field {
            self.conceal();
        }
        if !is_quotable(text) {
            self.invalid.get_or_insert(field);
        }
        self.checked(text)
    }

    /// Appends an argument: a text in quotes, which was checked when its type was made.
    pub(crate) fn checked(&mut self, text: &str) -> &mut Self {
        self.pieces(&[text])
    }

    /// Appends an argument: a text in quotes that is put together from pieces, which were checked.
    pub(crate) fn pieces(&mut self, pieces: &[&str]) -> &mut Self {
        self.separate().byte(b'"');
        for piece in pieces {
            self.raw(piece.as_bytes());
        }
        self.byte(b'"')
    }

    /// Says how long the modem may take until `OK`, `ERROR` or the prompt, where the [`Spec`](super::Spec) cannot.
    pub const fn accepted_within(&mut self, limit: Duration) -> &mut Self {
        self.limit = limit;
        self
    }

    /// Says that the line holds a secret, so that only its name is ever logged.
    pub const fn conceal(&mut self) -> &mut Self {
        self.discretion.need();
        self
    }

    /// What follows the key in a result URC that has these `fields`; none if it is that of another command.
    pub(crate) fn behind_key<'a>(&self, mut fields: Fields<'a>) -> Option<Fields<'a>> {
        for &part in self.key.parts.iter().take(usize::from(self.key.length)) {
            if fields.any_integer() != Ok(i32::from(part)) {
                return None;
            }
        }
        Some(fields)
    }

    #[cfg(test)]
    pub(crate) const fn keys(&self) -> u8 {
        self.key.length
    }

    /// Whether the line can be sent.
    pub(crate) const fn is_valid(&self) -> bool {
        self.invalid.is_none() && self.length <= self.buffer.len()
    }

    /// Why it cannot.
    pub(crate) const fn error(&self) -> EncodeError {
        match self.invalid {
            Some(field) => EncodeError::Invalid(InvalidField::new(field, Rule::NotQuotable)),
            None => EncodeError::TooLong { needed: self.length, available: self.buffer.len() },
        }
    }

    #[inline(always)]
    fn separate(&mut self) -> &mut Self {
        let separator = core::mem::replace(&mut self.separator, b',');
        self.byte(separator)
    }

    fn digits(&mut self, value: u32) -> &mut Self {
        if value >= 10 {
            self.digits(value / 10);
        }
        self.byte(b'0'.wrapping_add((value % 10) as u8))
    }

    #[inline(never)]
    fn byte(&mut self, byte: u8) -> &mut Self {
        if let Some(slot) = self.buffer.get_mut(self.length) {
            *slot = byte;
        }
        self.length = self.length.wrapping_add(1);
        self
    }
}

impl core::fmt::Debug for Encoder<'_> {
    /// Prints no content, which may be a secret.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Encoder").field("length", &self.length).finish_non_exhaustive()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Encoder<'_> {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "Encoder {{ length: {=usize}, .. }}", self.length);
    }
}

#[cfg(test)]
mod tests {
    use super::Encoder;
    use crate::at::Fields;
    use crate::value::Field;

    fn encoded(write: impl FnOnce(&mut Encoder<'_>)) -> std::vec::Vec<u8> {
        let mut buffer = [0; 64];
        let mut encoder = Encoder::new(&mut buffer);
        write(&mut encoder);
        assert_eq!(encoder.invalid, None);
        let length = encoder.length;
        buffer[..length].to_vec()
    }

    #[test]
    fn integers_come_out_in_decimal() {
        for value in [0, 1, 9, 10, 65_535, 1_000_000, u32::MAX] {
            assert_eq!(encoded(|line| _ = line.integer(value)), std::format!("={value}").into_bytes());
        }
    }

    #[test]
    fn texts_are_quoted_and_may_come_in_pieces() {
        let line = encoded(|line| _ = line.raw(b"AT+X").integer(0).quoted(Field::Topic, "a,b"));
        assert_eq!(line, b"AT+X=0,\"a,b\"");
        assert_eq!(encoded(|line| _ = line.pieces(&["a", ".b"])), b"=\"a.b\"");
    }

    #[test]
    fn a_result_is_known_by_its_key() {
        let mut buffer = [0; 64];
        let mut line = Encoder::new(&mut buffer);
        line.key(0).integer(1).key(65_535);
        let behind = |text| line.behind_key(Fields::new(text)).map(|mut fields| fields.rest());
        assert_eq!(behind(b"0,65535,0,1"), Some(&b"0,1"[..]));
        for other in [&b"1,65535,0"[..], b"0,6553,0", b"0", b"", b"x"] {
            assert_eq!(behind(other), None);
        }
    }

    #[test]
    fn promise_4_what_cannot_be_quoted_is_refused_and_named() {
        for text in ["a\"", "\r", "a\nb", "\0"] {
            let mut buffer = [0; 16];
            let mut encoder = Encoder::new(&mut buffer);
            encoder.quoted(Field::UserName, text);
            assert_eq!(encoder.invalid, Some(Field::UserName));
        }
    }

    #[test]
    fn a_line_that_does_not_fit_is_counted_on() {
        let mut buffer = [0; 4];
        let mut encoder = Encoder::new(&mut buffer);
        encoder.raw(b"AT+X").quoted(Field::Topic, "abc");
        assert_eq!(encoder.length, 10);
    }
}
