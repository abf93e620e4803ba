//! A command line on its way out: integers and quoted texts, and the refusal of what cannot be quoted.

use super::bytes::{after_mut, copy};
use crate::fmt::Discretion;
use crate::value::{Field, InvalidField, is_quotable};

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

/// Writes one command line into the TX buffer.
///
/// It goes on counting when the buffer is full, so that the error can say how much was needed.
pub struct Encoder<'b> {
    buffer: &'b mut [u8],
    length: usize,
    invalid: Option<Field>,
    discretion: Discretion,
}

impl<'b> Encoder<'b> {
    /// An empty line in `buffer`.
    pub const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, length: 0, invalid: None, discretion: Discretion::new() }
    }

    /// Appends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        copy(after_mut(self.buffer, self.length), bytes);
        self.length = self.length.saturating_add(bytes.len());
        self
    }

    fn byte(&mut self, byte: u8) -> &mut Self {
        if let Some(slot) = self.buffer.get_mut(self.length) {
            *slot = byte;
        }
        self.length = self.length.saturating_add(1);
        self
    }

    /// Appends an integer in decimal.
    pub fn integer(&mut self, value: u32) -> &mut Self {
        if value >= 10 {
            self.integer(value / 10);
        }
        self.byte(b'0'.wrapping_add((value % 10) as u8))
    }

    /// Appends a comma and an integer.
    pub fn next_integer(&mut self, value: u32) -> &mut Self {
        self.byte(b',').integer(value)
    }

    /// Appends a comma and a text in quotes, which `field` names in the error if it cannot be quoted.
    ///
    /// The modem knows no escapes (`protocol.md` §3.5), so a quote ends a text and CR, LF and NUL end a line.
    pub fn next_quoted(&mut self, field: Field, text: &str) -> &mut Self {
        self.byte(b',').quoted(field, text)
    }

    /// Appends a text in quotes, as [`Encoder::next_quoted`], without a comma.
    pub fn quoted(&mut self, field: Field, text: &str) -> &mut Self {
        if let Field::DeviceSecret | Field::Password = field {
            self.conceal();
        }
        if !is_quotable(text) {
            self.invalid.get_or_insert(field);
        }
        self.pieces(&[text])
    }

    /// Appends a comma and a text in quotes, which was checked when its type was made.
    pub(crate) fn next_checked(&mut self, text: &str) -> &mut Self {
        self.byte(b',').pieces(&[text])
    }

    /// Appends a text in quotes that is put together from pieces, which were checked.
    pub(crate) fn pieces(&mut self, pieces: &[&str]) -> &mut Self {
        self.byte(b'"');
        for piece in pieces {
            self.raw(piece.as_bytes());
        }
        self.byte(b'"')
    }

    /// Says that the line holds a secret, so that only its name is ever logged.
    pub const fn conceal(&mut self) -> &mut Self {
        self.discretion.need();
        self
    }

    /// How long the line is, if it can be sent at all; it may be longer than the buffer.
    pub(crate) fn finish(self) -> Line {
        Line { length: self.length, invalid: self.invalid, discretion: self.discretion }
    }
}

/// A line that was written.
pub(crate) struct Line {
    pub(crate) length: usize,
    /// The field that cannot be quoted.
    pub(crate) invalid: Option<Field>,
    pub(crate) discretion: Discretion,
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
    use crate::value::Field;

    fn encoded(write: impl FnOnce(&mut Encoder<'_>)) -> std::vec::Vec<u8> {
        let mut buffer = [0; 64];
        let mut encoder = Encoder::new(&mut buffer);
        write(&mut encoder);
        let line = encoder.finish();
        assert_eq!(line.invalid, None);
        buffer[..line.length].to_vec()
    }

    #[test]
    fn integers_come_out_in_decimal() {
        for value in [0, 1, 9, 10, 65_535, 1_000_000, u32::MAX] {
            assert_eq!(encoded(|line| _ = line.integer(value)), std::format!("{value}").into_bytes());
        }
    }

    #[test]
    fn texts_are_quoted_and_may_come_in_pieces() {
        let line = encoded(|line| _ = line.raw(b"AT+X=").integer(0).next_quoted(Field::Topic, "a,b"));
        assert_eq!(line, b"AT+X=0,\"a,b\"");
        assert_eq!(encoded(|line| _ = line.pieces(&["a", ".b"])), b"\"a.b\"");
    }

    #[test]
    fn promise_4_what_cannot_be_quoted_is_refused_and_named() {
        for text in ["a\"", "\r", "a\nb", "\0"] {
            let mut buffer = [0; 16];
            let mut encoder = Encoder::new(&mut buffer);
            encoder.next_quoted(Field::UserName, text);
            assert_eq!(encoder.finish().invalid, Some(Field::UserName));
        }
    }

    #[test]
    fn a_line_that_does_not_fit_is_counted_on() {
        let mut buffer = [0; 4];
        let mut encoder = Encoder::new(&mut buffer);
        encoder.raw(b"AT+").next_quoted(Field::Topic, "abc");
        assert_eq!(encoder.finish().length, 9);
    }
}
