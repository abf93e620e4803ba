//! A topic that was put together.

use crate::at::bytes::{after_mut, copy};
use crate::value::{Field, InvalidField, Rule};

/// The platform's limit for a topic in bytes (`aliyun.md` §5).
const LONGEST: usize = 128;

/// A topic or filter in a memory of its own. It is used as text: `client.subscribe(&text, …)`, `Publish::new(&text, …)`.
#[derive(Clone, Copy)]
pub struct TopicText {
    bytes: [u8; LONGEST],
    length: usize,
}

impl TopicText {
    /// The text.
    pub fn as_str(&self) -> &str {
        self.bytes.get(..self.length).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Puts pieces together.
    pub(super) fn join(field: Field, pieces: &[&str]) -> Result<Self, InvalidField> {
        let actual = pieces.iter().fold(0_usize, |length, piece| length.saturating_add(piece.len()));
        if actual > LONGEST {
            return Err(InvalidField::new(field, Rule::AtMost { limit: LONGEST, actual }));
        }
        let mut bytes = [0; LONGEST];
        let mut rest = &mut bytes[..];
        for piece in pieces {
            copy(rest, piece.as_bytes());
            rest = after_mut(rest, piece.len());
        }
        Ok(Self { bytes, length: actual })
    }
}

impl core::ops::Deref for TopicText {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl core::fmt::Debug for TopicText {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(self.as_str(), formatter)
    }
}

impl Eq for TopicText {}

impl PartialEq for TopicText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for TopicText {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "{=str}", self.as_str());
    }
}
