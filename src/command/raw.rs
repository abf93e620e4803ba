//! Any other command, as a line that the caller wrote.

use crate::at::{Answer, Command, Encoder, Malformed, Spec};
use crate::time::Duration;
use crate::value::{Field, InvalidField, Rule};

/// A command line that this crate does not know.
///
/// It goes through the same engine as all others, so that its `OK` cannot be mistaken for that of another command. Its
/// answer is every line that begins with its own name, and every line without `+` or `^` at the start.
///
/// ```
/// use nt35e::Duration;
/// use nt35e::command::Raw;
/// let signal_quality = Raw::new("AT+CSQ", Duration::from_secs(5))?;
/// # Ok::<(), nt35e::InvalidField>(())
/// ```
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Raw<'a> {
    behind_at: &'a str,
    acceptance: Duration,
}

impl<'a> Raw<'a> {
    /// The command `line`, which begins with `AT` and has no line end, to be accepted within `acceptance`.
    ///
    /// # Errors
    /// If it is empty, does not begin with `AT`, or holds CR, LF or NUL.
    pub fn new(line: &'a str, acceptance: Duration) -> Result<Self, InvalidField> {
        let invalid = |rule| InvalidField::new(Field::RawCommand, rule);
        let behind_at = line.strip_prefix("AT").ok_or(invalid(Rule::Form))?;
        if behind_at.bytes().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return Err(invalid(Rule::NotQuotable));
        }
        Ok(Self { behind_at, acceptance })
    }
}

impl Raw<'_> {
    /// The line without its arguments, which may hold a secret.
    fn name(&self) -> &str {
        self.behind_at.split(['=', '?']).next().unwrap_or_default()
    }
}

impl core::fmt::Debug for Raw<'_> {
    /// Prints the name alone.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_tuple("Raw").field(&self.name()).finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Raw<'_> {
    /// Prints the name alone.
    fn format(&self, formatter: defmt::Formatter<'_>) {
        defmt::write!(formatter, "Raw({=str})", self.name());
    }
}

impl Command for Raw<'_> {
    const SPEC: Spec = Spec::named("").answered_by_text();
    type Response<'r> = Answer<'r>;

    fn encode(&self, line: &mut Encoder<'_>) {
        line.conceal().accepted_within(self.acceptance).raw(self.behind_at.as_bytes());
    }

    fn decode<'r>(&self, answer: Answer<'r>) -> Result<Answer<'r>, Malformed> {
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::Raw;
    use crate::command::testing::line;
    use crate::time::Duration;
    use crate::value::{Field, InvalidField, Rule};

    #[test]
    fn the_line_goes_out_as_written() {
        let raw = Raw::new("AT+LHTTPCFG=\"requestheader\",0", Duration::from_secs(5)).unwrap();
        assert_eq!(line(&raw), "AT+LHTTPCFG=\"requestheader\",0");
    }

    #[test]
    fn promise_4_a_line_cannot_hold_a_second_one() {
        for (text, rule) in
            [("AT\r\nAT+X", Rule::NotQuotable), ("AT\0", Rule::NotQuotable), ("", Rule::Form), ("+CSQ", Rule::Form)]
        {
            assert_eq!(Raw::new(text, Duration::from_secs(1)).unwrap_err(), InvalidField::new(Field::RawCommand, rule));
        }
    }

    #[test]
    fn promise_9_the_arguments_are_not_printed() {
        let raw = Raw::new("AT+CPWD=\"SC\",\"1234\"", Duration::from_secs(5)).unwrap();
        assert_eq!(std::format!("{raw:?}"), "Raw(\"+CPWD\")");
    }
}
