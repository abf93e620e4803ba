//! A command line on its way out: integers and quoted texts, and the refusal of what cannot be quoted.

use crate::fmt::Discretion;
use crate::value::{Field, InvalidField, Rule, is_unquotable};

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
    invalid: Option<InvalidField>,
    discretion: Discretion,
}

impl<'b> Encoder<'b> {
    /// An empty line in `buffer`.
    pub const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, length: 0, invalid: None, discretion: Discretion::new() }
    }

    /// Appends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        let end = self.length.saturating_add(bytes.len());
        if let Some(slot) = self.buffer.get_mut(self.length..end) {
            slot.copy_from_slice(bytes);
        }
        self.length = end;
        self
    }

    /// Appends an integer in decimal.
    pub fn integer(&mut self, mut value: u32) -> &mut Self {
        let mut digits = [0; 10];
        let mut written: usize = 0;
        for slot in digits.iter_mut().rev() {
            *slot = b'0'.wrapping_add((value % 10) as u8);
            written = written.wrapping_add(1);
            value /= 10;
            if value == 0 {
                break;
            }
        }
        let start = digits.len().saturating_sub(written);
        self.raw(digits.get(start..).unwrap_or_default())
    }

    /// Appends a comma and an integer.
    pub fn next_integer(&mut self, value: u32) -> &mut Self {
        self.raw(b",").integer(value)
    }

    /// Appends a comma and a text in quotes, which `field` names in the error if it cannot be quoted.
    ///
    /// The modem knows no escapes (`protocol.md` §3.5), so a quote ends a text and CR, LF and NUL end a line.
    pub fn next_quoted(&mut self, field: Field, text: &str) -> &mut Self {
        self.raw(b",").quoted(field, &[text])
    }

    /// Appends a text in quotes that is put together from pieces.
    pub fn quoted(&mut self, field: Field, pieces: &[&str]) -> &mut Self {
        if let Field::DeviceSecret | Field::Password = field {
            self.conceal();
        }
        self.raw(b"\"");
        for piece in pieces {
            if piece.bytes().any(is_unquotable) {
                self.invalid.get_or_insert(InvalidField { field, rule: Rule::NotQuotable });
            }
            self.raw(piece.as_bytes());
        }
        self.raw(b"\"")
    }

    /// Says that the line holds a secret, so that only its name is ever logged.
    pub const fn conceal(&mut self) -> &mut Self {
        self.discretion.need();
        self
    }

    pub(crate) const fn discretion(&self) -> Discretion {
        self.discretion
    }

    /// The length of the finished line.
    pub(crate) fn finish(self) -> Result<usize, EncodeError> {
        if let Some(invalid) = self.invalid {
            return Err(EncodeError::Invalid(invalid));
        }
        let available = self.buffer.len();
        if self.length > available {
            return Err(EncodeError::TooLong { needed: self.length, available });
        }
        Ok(self.length)
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
    use super::{EncodeError, Encoder};
    use crate::value::{Field, InvalidField, Rule};

    fn encoded(write: impl FnOnce(&mut Encoder<'_>)) -> std::vec::Vec<u8> {
        let mut buffer = [0; 64];
        let mut encoder = Encoder::new(&mut buffer);
        write(&mut encoder);
        let length = encoder.finish().unwrap();
        buffer[..length].to_vec()
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
        assert_eq!(encoded(|line| _ = line.quoted(Field::Host, &["a", ".b"])), b"\"a.b\"");
    }

    #[test]
    fn promise_4_what_cannot_be_quoted_is_refused_and_named() {
        for text in ["a\"", "\r", "a\nb", "\0"] {
            let mut buffer = [0; 16];
            let mut encoder = Encoder::new(&mut buffer);
            encoder.quoted(Field::UserName, &[text]);
            let invalid = InvalidField { field: Field::UserName, rule: Rule::NotQuotable };
            assert_eq!(encoder.finish(), Err(EncodeError::Invalid(invalid)));
        }
    }

    #[test]
    fn a_line_that_does_not_fit_says_how_much_it_needs() {
        let mut buffer = [0; 4];
        let mut encoder = Encoder::new(&mut buffer);
        encoder.raw(b"AT+").quoted(Field::Topic, &["abc"]);
        assert_eq!(encoder.finish(), Err(EncodeError::TooLong { needed: 8, available: 4 }));
    }
}
