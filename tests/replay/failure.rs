//! Where and why a replay failed.

use core::fmt;

/// A line of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: usize,
}

/// A replay failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    place: Place,
    chunk: Option<usize>,
    text: String,
}

impl Failure {
    pub(crate) fn new(place: &Place, text: impl Into<String>) -> Self {
        Self { place: place.clone(), chunk: None, text: text.into() }
    }

    pub(crate) fn in_chunks_of(self, chunk: usize) -> Self {
        Self { chunk: Some(chunk), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { file, line } = &self.place;
        write!(formatter, "{file}.at:{line}: ")?;
        match self.chunk {
            Some(usize::MAX) => formatter.write_str("(in one piece) ")?,
            Some(chunk) => write!(formatter, "(in chunks of {chunk}) ")?,
            None => {}
        }
        formatter.write_str(&self.text)
    }
}
