//! Text to transcript.

use core::str::FromStr;
use core::time::Duration;

use super::{Entry, ParseError, ParseErrorKind, Provenance, Transcript, unescape};

impl FromStr for Transcript {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut transcript = Self::default();
        let mut clock = Duration::ZERO;
        let mut in_headers = true;
        for (number, line) in text.lines().enumerate() {
            let error = |kind| ParseError { line: number + 1, kind };
            in_headers = in_headers && transcript.read_header(line).map_err(error)?;
            if !in_headers {
                transcript.read_entry(line, &mut clock).map_err(error)?;
            }
        }
        Ok(transcript)
    }
}

impl Transcript {
    /// False if the line is no header, and thus ends them.
    fn read_header(&mut self, line: &str) -> Result<bool, ParseErrorKind> {
        let header = line.strip_prefix("# ").and_then(|text| text.split_once(": "));
        let Some((key, value)) = header.filter(|(key, _)| is_key(key)) else {
            return Ok(false);
        };
        if key == "provenance" {
            value.parse::<Provenance>()?;
        }
        self.headers.push((key.to_owned(), value.to_owned()));
        Ok(true)
    }

    fn read_entry(&mut self, line: &str, clock: &mut Duration) -> Result<(), ParseErrorKind> {
        let mut characters = line.chars();
        let Some(mark) = characters.next() else { return Ok(()) };
        let rest = characters.as_str();
        if mark == '#' {
            self.entries.push(Entry::Comment(rest.to_owned()));
            return Ok(());
        }
        if !matches!(mark, '>' | '<' | '!' | '=') {
            return Err(ParseErrorKind::Mark);
        }
        let text = rest.strip_prefix(' ').ok_or(ParseErrorKind::Space)?;
        let entry = match mark {
            '!' => Entry::Action(text.to_owned()),
            '=' => Entry::Expect(text.to_owned()),
            _ => {
                let (time, data) = split_time(text)?;
                let at = time.unwrap_or(*clock);
                if at < *clock {
                    return Err(ParseErrorKind::TimeGoesBack);
                }
                *clock = at;
                let bytes = unescape(data)?;
                if mark == '>' { Entry::FromHost { at, bytes } } else { Entry::FromModem { at, bytes } }
            }
        };
        self.entries.push(entry);
        Ok(())
    }
}

fn is_key(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
}

/// The time at the start of a data line, if there is one, and the rest.
fn split_time(text: &str) -> Result<(Option<Duration>, &str), ParseErrorKind> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, rest) = text.split_at(digits);
    let data = match rest.strip_prefix("ms") {
        Some("") => "",
        Some(rest) if rest.starts_with(' ') => &rest[1..],
        _ => return Ok((None, text)),
    };
    if number.is_empty() {
        return Ok((None, text));
    }
    Ok((Some(time(number)?), data))
}

/// Milliseconds with at most six digits after the point, which is as fine as a [`Duration`] is.
fn time(number: &str) -> Result<Duration, ParseErrorKind> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if fraction.is_empty() || fraction.len() > 6 {
        return Err(ParseErrorKind::Time);
    }
    let milliseconds: u64 = whole.parse().map_err(|_| ParseErrorKind::Time)?;
    let nanoseconds: u64 = format!("{fraction:0<6}").parse().map_err(|_| ParseErrorKind::Time)?;
    Ok(Duration::from_millis(milliseconds) + Duration::from_nanos(nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Transcript>().unwrap_err().to_string()
    }

    fn from_host(microseconds: u64, bytes: &[u8]) -> Entry {
        Entry::FromHost { at: Duration::from_micros(microseconds), bytes: bytes.to_vec() }
    }

    #[test]
    fn times_may_be_left_out_and_have_fractions() {
        let transcript: Transcript = "> AT\\r\n> 7.25ms AT\\r\n> AT\\r\n> 9ms\n".parse().unwrap();
        let expected =
            [from_host(0, b"AT\r"), from_host(7250, b"AT\r"), from_host(7250, b"AT\r"), from_host(9000, b"")];
        assert_eq!(transcript.entries, expected);
    }

    #[test]
    fn after_the_headers_everything_with_a_hash_is_a_comment() {
        let comment = |text: &str| Entry::Comment(text.to_owned());
        let transcript: Transcript = "# a: b\n! go\n# c: d\n#plain\n".parse().unwrap();
        assert_eq!(transcript.headers, [("a".to_owned(), "b".to_owned())]);
        assert_eq!(transcript.entries, [Entry::Action("go".to_owned()), comment(" c: d"), comment("plain")]);
        let transcript: Transcript = "\n# a: b".parse().unwrap();
        assert_eq!(transcript.entries, [comment(" a: b")]);
    }

    #[test]
    fn errors_name_the_line() {
        assert_eq!(error("# a: b\n\nAT\n"), "line 3: a line begins with one of # > < ! =");
        assert_eq!(error(">AT"), "line 1: a space must follow the first character");
        assert_eq!(error("> 1.ms AT"), "line 1: the time is not a number of milliseconds, as in 12.5ms");
        assert_eq!(error("> 5ms AT\n< 4ms OK"), "line 2: the time is earlier than on a line before");
        assert_eq!(
            error("> AT\\q"),
            "line 1: byte 2 of the data: only \\r, \\n, \\\\ and \\xNN can follow a backslash"
        );
        assert_eq!(error("< a\tb"), "line 1: byte 1 of the data must be written as \\xNN");
        assert_eq!(
            error("# provenance: dreamt"),
            "line 1: the provenance is one of recorded, manual, field-derived and simulated"
        );
    }
}
