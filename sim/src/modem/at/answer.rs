//! Lines towards the host: how they are framed, how errors are written.

use crate::modem::quirks::{BlankLines, ErrorStyle};

/// Why a command is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No such command: always plain `ERROR`.
    Unknown,
    /// Code 3: wrong state, range, length or form (`protocol.md` §3).
    NotAllowed,
    /// Code 10.
    SimNotInserted,
    /// Code 11.
    SimPinRequired,
    /// Code 12.
    SimPukRequired,
    /// Code 13.
    SimFailure,
    /// Code 14.
    SimBusy,
    /// Code 16.
    IncorrectPassword,
    /// Code 30.
    NoNetworkService,
}

impl Refusal {
    fn line(self, style: ErrorStyle) -> String {
        let (number, text) = match self {
            Self::Unknown => return "ERROR".to_owned(),
            Self::NotAllowed => (3, "operation not allowed"),
            Self::SimNotInserted => (10, "SIM not inserted"),
            Self::SimPinRequired => (11, "SIM PIN required"),
            Self::SimPukRequired => (12, "SIM PUK required"),
            Self::SimFailure => (13, "SIM failure"),
            Self::SimBusy => (14, "SIM busy"),
            Self::IncorrectPassword => (16, "incorrect password"),
            Self::NoNetworkService => (30, "no network service"),
        };
        match style {
            ErrorStyle::Plain => "ERROR".to_owned(),
            ErrorStyle::Numeric => format!("+CME ERROR: {number}"),
            ErrorStyle::Text => format!("+CME ERROR: {text}"),
        }
    }
}

/// Frames lines the way the modem does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer {
    pub(crate) blank_lines: BlankLines,
    pub(crate) error_style: ErrorStyle,
}

impl Writer {
    /// One line, whatever it says.
    pub(crate) fn line(self, text: &[u8]) -> Vec<u8> {
        let before: &[u8] = match self.blank_lines {
            BlankLines::One => b"\r\n",
            BlankLines::None => b"",
            BlankLines::Two => b"\r\n\r\n",
        };
        [before, text, b"\r\n"].concat()
    }

    pub(crate) fn ok(self) -> Vec<u8> {
        self.line(b"OK")
    }

    pub(crate) fn refusal(self, refusal: Refusal) -> Vec<u8> {
        self.line(refusal.line(self.error_style).as_bytes())
    }
}

/// The prompt for a payload: no line end follows it (`protocol.md` §2).
pub(crate) const PROMPT: &[u8] = b"\r\n> ";

#[cfg(test)]
mod tests {
    use super::*;

    const WRITER: Writer = Writer { blank_lines: BlankLines::One, error_style: ErrorStyle::Numeric };

    #[test]
    fn an_answer_with_information_is_four_lines_two_of_them_empty() {
        assert_eq!([WRITER.line(b"+CSQ: 29,0"), WRITER.ok()].concat(), b"\r\n+CSQ: 29,0\r\n\r\nOK\r\n");
    }

    #[test]
    fn blank_lines_can_be_more_or_fewer() {
        assert_eq!(Writer { blank_lines: BlankLines::None, ..WRITER }.ok(), b"OK\r\n");
        assert_eq!(Writer { blank_lines: BlankLines::Two, ..WRITER }.ok(), b"\r\n\r\nOK\r\n");
    }

    #[test]
    fn errors_in_the_three_styles() {
        let written = |style, refusal| Writer { error_style: style, ..WRITER }.refusal(refusal);
        assert_eq!(written(ErrorStyle::Plain, Refusal::NotAllowed), b"\r\nERROR\r\n");
        assert_eq!(written(ErrorStyle::Numeric, Refusal::NotAllowed), b"\r\n+CME ERROR: 3\r\n");
        assert_eq!(written(ErrorStyle::Text, Refusal::NotAllowed), b"\r\n+CME ERROR: operation not allowed\r\n");
        assert_eq!(written(ErrorStyle::Numeric, Refusal::SimNotInserted), b"\r\n+CME ERROR: 10\r\n");
        assert_eq!(written(ErrorStyle::Numeric, Refusal::Unknown), b"\r\nERROR\r\n");
    }
}
