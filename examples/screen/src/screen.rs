//! What is shown: steps, traffic, events and the end, in colour where the terminal has it, and never the secret.

use core::fmt::{self, Display};
use core::time::Duration;
use std::io::{self, Write};
use std::time::Instant;

use anstyle::{AnsiColor, Style};

use crate::mask::Mask;
use crate::traffic::Direction;

const STEP: Style = Style::new().bold();
const TO_MODEM: Style = AnsiColor::Cyan.on_default();
const FROM_MODEM: Style = AnsiColor::BrightBlue.on_default();
const RESULT: Style = AnsiColor::Green.on_default();
const EVENT: Style = AnsiColor::Yellow.on_default();
const OK: Style = AnsiColor::Green.on_default().bold();
const FAILED: Style = AnsiColor::Red.on_default().bold();

/// Longer pieces of traffic are shown by their two ends.
const LONGEST_SHOWN: usize = 240;
const HEAD: usize = 120;
const TAIL: usize = 20;

/// Standard output, or what a test puts in its place.
pub struct Screen {
    out: Box<dyn Write + Send>,
    mask: Mask,
    started: Instant,
    quiet: bool,
    step: Option<(usize, &'static str)>,
}

impl Screen {
    /// Standard output; `secret` is never shown, and the traffic only if not `quiet`.
    pub fn new(secret: &str, quiet: bool) -> Self {
        Self::on(Box::new(anstream::stdout()), secret, quiet)
    }

    /// Somewhere else, such as where a test looks.
    pub fn on(out: Box<dyn Write + Send>, secret: &str, quiet: bool) -> Self {
        Self { out, mask: Mask::new(secret), started: Instant::now(), quiet, step: None }
    }

    /// A mask for a stream of its own.
    pub(crate) fn mask(&self) -> Mask {
        self.mask.clone()
    }

    /// The time that pieces of traffic are given.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Something to know beforehand.
    pub fn note(&mut self, text: &str) {
        self.line(Style::new(), format_args!("{text}"));
    }

    /// The next step begins: what is done, and what it proves.
    pub fn step(&mut self, title: &'static str, proves: &str) {
        let number = self.step.map_or(1, |(number, _)| number + 1);
        self.step = Some((number, title));
        self.line(Style::new(), format_args!(""));
        self.line(STEP, format_args!("{number}. {title}"));
        self.line(Style::new(), format_args!("   {proves}"));
    }

    /// What happened, with the step that was being done.
    pub fn in_step(&self, what: impl Display) -> String {
        let text = match self.step {
            Some((number, title)) => format!("step {number} ({title}): {what}"),
            None => what.to_string(),
        };
        self.mask.text(&text)
    }

    /// What came of a step.
    pub fn result(&mut self, text: &str) {
        self.line(RESULT, format_args!("   = {text}"));
    }

    /// Something that no step waited for.
    pub fn event(&mut self, text: &str) {
        self.line(EVENT, format_args!("   ! {text}"));
    }

    /// A piece of traffic, already masked.
    pub(crate) fn traffic(&mut self, direction: Direction, at: Duration, piece: &[u8]) {
        if !self.quiet {
            let (style, arrow) = match direction {
                Direction::ToModem => (TO_MODEM, "->"),
                Direction::FromModem => (FROM_MODEM, "<-"),
            };
            self.line(style, format_args!("{:>8} {arrow} {}", at.as_millis(), Shortened(piece)));
        }
    }

    fn line(&mut self, style: Style, text: fmt::Arguments<'_>) {
        let text = self.mask.text(&text.to_string());
        // Whoever has closed the output does not want to read; the exit status stays true.
        let _ = writeln!(self.out, "{style}{text}{style:#}");
    }
}

/// The last line of a program: whether all went well, and what was proven or why not.
///
/// # Errors
/// If nobody reads standard output.
pub fn conclude(program: &str, ok: bool, text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    let (style, word) = if ok { (OK, "ok") } else { (FAILED, "failed") };
    writeln!(out, "\n{style}{program}: {word}:{style:#} {text}")?;
    out.flush()
}

/// Bytes that do not print are shown as `\r`, `\n` or `\xNN`, a backslash as `\\`.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(
    /// The bytes.
    pub &'a [u8],
);

impl fmt::Debug for Screen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Screen").field("step", &self.step).finish_non_exhaustive()
    }
}

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for &byte in self.0 {
            match byte {
                b'\r' => formatter.write_str("\\r")?,
                b'\n' => formatter.write_str("\\n")?,
                b'\\' => formatter.write_str("\\\\")?,
                b' '..=b'~' => write!(formatter, "{}", char::from(byte))?,
                _ => write!(formatter, "\\x{byte:02x}")?,
            }
        }
        Ok(())
    }
}

/// As [`Escaped`], with the middle of many bytes as a count.
#[derive(Clone, Copy, Debug)]
pub struct Shortened<'a>(
    /// The bytes.
    pub &'a [u8],
);

impl Display for Shortened<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.len() <= LONGEST_SHOWN {
            return Escaped(self.0).fmt(formatter);
        }
        let (head, rest) = self.0.split_at(HEAD);
        let (middle, tail) = rest.split_at(rest.len() - TAIL);
        write!(formatter, "{} [... {} bytes ...] {}", Escaped(head), middle.len(), Escaped(tail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_do_not_print_are_escaped() {
        let shown = Escaped(b"\r\nOK\0\x1b[0m\xe4\\r").to_string();
        assert_eq!(shown, r"\r\nOK\x00\x1b[0m\xe4\\r");
    }

    #[test]
    fn a_long_piece_is_shown_by_its_ends_and_a_count() {
        assert_eq!(Shortened(&[b'x'; 240]).to_string(), "x".repeat(240));
        let shown = Shortened(&[b'x'; 2000]).to_string();
        assert_eq!(shown, format!("{} [... 1860 bytes ...] {}", "x".repeat(120), "x".repeat(20)));
    }
}
