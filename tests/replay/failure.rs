//! Where and why a replay failed.

use core::fmt;

use crate::front_end::FrontEnd;

/// A line of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: usize,
}

/// One of the ways in which a transcript is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) front_end: FrontEnd,
    pub(crate) chunk: usize,
}

/// A replay failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    place: Place,
    run: Option<Run>,
    text: String,
}

impl Failure {
    pub(crate) fn new(place: &Place, text: impl Into<String>) -> Self {
        Self { place: place.clone(), run: None, text: text.into() }
    }

    pub(crate) fn in_run(self, run: Run) -> Self {
        Self { run: Some(run), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { file, line } = &self.place;
        write!(formatter, "{file}.at:{line}: ")?;
        if let Some(run) = self.run {
            write!(formatter, "({run}) ")?;
        }
        formatter.write_str(&self.text)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { front_end, chunk } = self;
        match chunk {
            &usize::MAX => write!(formatter, "{front_end:?}, in one piece"),
            chunk => write!(formatter, "{front_end:?}, in chunks of {chunk}"),
        }
    }
}
