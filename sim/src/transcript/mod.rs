//! The `.at` format: who said what on the serial line, and when, as text.
//!
//! A transcript is UTF-8 text in lines that end with LF. Its grammar, `␠` being one space:
//!
//! ```text
//! transcript = { header } { entry | empty }
//! header     = "#␠" key ":␠" value        above the first entry and the first empty line; in key: A-Z a-z 0-9 - _
//! comment    = "#" text                   any other line that begins with #
//! entry      = from-host | from-modem | action | expectation | comment
//! from-host  = ">␠" [ time "␠" ] data     host to modem
//! from-modem = "<␠" [ time "␠" ] data     modem to host
//! action     = "!␠" text                  what the host does, for the runner
//! expect     = "=␠" text                  what the host must have seen by then, for the runner
//! time       = digits [ "." digits ] "ms" since the start; never less than before; the same as before if left out
//! data       = { printable | escape }
//! escape     = "\r" | "\n" | "\\" | "\x" hex hex
//! ```
//!
//! Printable is every ASCII character from space to `~` but the backslash; a space at the end of a line is written
//! `\x20`, and so is one at its beginning. Every byte has one written form, so that a file is as its writer wrote it: `\x41`
//! is read as `A`, and written as `A`. Data that looks like a time needs a time before it, which the writer always writes.
//!
//! The headers are `source`, `module`, `firmware`, and `provenance`, which is one of `recorded` (from hardware), `manual`,
//! `field-derived` and `simulated`; others may follow.
//!
//! ```
//! use nt35e_sim::transcript::{Entry, Transcript};
//!
//! let text = [
//!     r"# source: the fact sheet",
//!     r"# provenance: simulated",
//!     r"",
//!     r"! signal()",
//!     r"> 0ms AT+CSQ\r\n",
//!     r"< 7ms \r\n+CSQ: 29,0\r\n\r\nOK\r\n",
//!     r"= signal 29",
//! ];
//! let transcript: Transcript = text.join("\n").parse()?;
//! assert_eq!(transcript.header("source"), Some("the fact sheet"));
//! assert_eq!(transcript.entries[3], Entry::Expect("signal 29".to_owned()));
//! # Ok::<(), nt35e_sim::transcript::ParseError>(())
//! ```

mod escape;
mod read;
mod record;
mod write;

use core::fmt;
use core::str::FromStr;
use core::time::Duration;

pub use escape::{escape, unescape};
pub use record::Recorder;

/// A transcript: its headers and what happened, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// `key: value`, in the order of the file.
    pub headers: Vec<(String, String)>,
    /// What happened.
    pub entries: Vec<Entry>,
}

/// One line of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Bytes from the host to the modem.
    FromHost {
        /// Time since the start.
        at: Duration,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Bytes from the modem to the host.
    FromModem {
        /// Time since the start.
        at: Duration,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// What the host does; the runner knows what it means.
    Action(String),
    /// What the host must have seen; the runner knows what it means.
    Expect(String),
    /// A remark, without its `#`.
    Comment(String),
}

/// Where the bytes of a transcript come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// From hardware.
    Recorded,
    /// From a manual.
    Manual,
    /// Put together from what field code sends and waits for.
    FieldDerived,
    /// From the simulated modem.
    Simulated,
}

impl Provenance {
    /// The word in the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Manual => "manual",
            Self::FieldDerived => "field-derived",
            Self::Simulated => "simulated",
        }
    }
}

impl FromStr for Provenance {
    type Err = ParseErrorKind;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Recorded, Self::Manual, Self::FieldDerived, Self::Simulated]
            .into_iter()
            .find(|provenance| provenance.as_str() == word)
            .ok_or(ParseErrorKind::Provenance)
    }
}

impl Transcript {
    /// The value of the first header with this key.
    pub fn header(&self, key: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// What the `provenance` header says.
    pub fn provenance(&self) -> Option<Provenance> {
        self.header("provenance").and_then(|word| word.parse().ok())
    }
}

/// Why a text is no transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: ParseErrorKind,
}

/// What can be wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// It begins with none of `#`, `>`, `<`, `!`, `=`.
    Mark,
    /// No space follows the mark.
    Space,
    /// The time is no number of milliseconds.
    Time,
    /// The time is earlier than that of an entry before.
    TimeGoesBack,
    /// A backslash is followed by something else than `r`, `n`, `\` or `x` and two digits; at this byte of the data.
    Escape(usize),
    /// A character that must be escaped is not; at this byte of the data.
    Unprintable(usize),
    /// The provenance is none of the four words.
    Provenance,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mark => f.write_str("a line begins with one of # > < ! ="),
            Self::Space => f.write_str("a space must follow the first character"),
            Self::Time => f.write_str("the time is not a number of milliseconds, as in 12.5ms"),
            Self::TimeGoesBack => f.write_str("the time is earlier than on a line before"),
            Self::Escape(at) => {
                write!(f, "byte {at} of the data: only \\r, \\n, \\\\ and \\xNN can follow a backslash")
            }
            Self::Unprintable(at) => write!(f, "byte {at} of the data must be written as \\xNN"),
            Self::Provenance => f.write_str("the provenance is one of recorded, manual, field-derived and simulated"),
        }
    }
}

impl core::error::Error for ParseError {}

impl core::error::Error for ParseErrorKind {}
