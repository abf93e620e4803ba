//! At which baud rate the modem answers, and whether it echoes: `AT` at one rate after the other.

use core::fmt;

use embedded_io::{Read as _, ReadReady as _, Write as _};
use nt35e::{Clock as _, Duration};

use crate::line::LineError;
use crate::tap::Tap;

/// How long an answer may take. The modem takes 7 ms (`protocol.md` §3.7); at 4800 baud the bytes take 30 ms more.
const ANSWER: Duration = Duration::from_millis(400);
/// How often to ask at each of several rates: what was sent at a wrong rate may have left half a line with the modem.
const ATTEMPTS: usize = 3;
/// How often to ask where there is one rate alone: a module takes 15 s from power-on to its first answer at most.
const ATTEMPTS_ALONE: usize = 20;

/// The modem answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Found {
    /// At this rate; none where the line has none.
    pub(crate) baud_rate: Option<u32>,
    /// Whether it repeated what it was sent.
    pub(crate) echo: bool,
}

/// The modem does not answer.
#[derive(Debug)]
pub(crate) enum NotFound {
    /// Nothing came at any rate.
    Silent,
    /// Bytes came, and no `OK` among them.
    Garbage,
    /// The line broke.
    Broken(LineError),
}

/// Asks at each rate in turn.
pub(crate) fn search(tap: &mut Tap, baud_rates: &[u32]) -> Result<Found, NotFound> {
    let mut received = 0;
    if let &[] | &[_] = baud_rates {
        if let Some(echo) = ask(tap, ATTEMPTS_ALONE, &mut received)? {
            return Ok(Found { baud_rate: baud_rates.first().copied(), echo });
        }
    } else {
        for &baud_rate in baud_rates {
            tap.line().set_baud_rate(baud_rate)?;
            if let Some(echo) = ask(tap, ATTEMPTS, &mut received)? {
                return Ok(Found { baud_rate: Some(baud_rate), echo });
            }
        }
    }
    Err(if received == 0 { NotFound::Silent } else { NotFound::Garbage })
}

/// Whether the modem echoes, once it answers.
fn ask(tap: &mut Tap, attempts: usize, received: &mut usize) -> Result<Option<bool>, LineError> {
    let mut clock = tap.clock();
    let mut heard = Vec::new();
    for _ in 0..attempts {
        write_all(tap, b"AT\r\n")?;
        let until = clock.now() + ANSWER;
        while clock.now() < until {
            if !tap.read_ready()? {
                clock.idle();
                continue;
            }
            let mut buffer = [0; 256];
            let count = tap.read(&mut buffer)?;
            *received += count;
            heard.extend_from_slice(&buffer[..count]);
            if let Some(echo) = echo_before_ok(&heard) {
                return Ok(Some(echo));
            }
        }
    }
    Ok(None)
}

fn write_all(tap: &mut Tap, mut bytes: &[u8]) -> Result<(), LineError> {
    while !bytes.is_empty() {
        let count = tap.write(bytes)?;
        bytes = &bytes[count..];
    }
    tap.flush()
}

/// Whether `AT` was repeated before the first line that is `OK`, if there is one.
fn echo_before_ok(heard: &[u8]) -> Option<bool> {
    let end = heard.iter().rposition(|&byte| byte == b'\r')?;
    let lines: Vec<&[u8]> = heard[..end].split(|byte| b"\r\n".contains(byte)).collect();
    let ok = lines.iter().position(|line| *line == b"OK")?;
    Some(lines[..ok].iter().any(|line| line.ends_with(b"AT")))
}

impl From<LineError> for NotFound {
    fn from(error: LineError) -> Self {
        Self::Broken(error)
    }
}

impl NotFound {
    /// What to do about it.
    pub(crate) const fn remedy(&self) -> &'static str {
        match self {
            Self::Silent => {
                "check power, PWRKEY, ground, and that TX and RX are crossed; is this the port of the module's main UART?"
            }
            Self::Garbage => {
                "give the rate with --baud-rate if it is another one; check levels and ground; is this the modem?"
            }
            Self::Broken(_) => "check the cable; did the adapter lose its USB port?",
        }
    }
}

impl fmt::Display for NotFound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => formatter.write_str("the modem is silent: not a byte came back"),
            Self::Garbage => formatter.write_str("bytes came back, but no answer to AT among them"),
            Self::Broken(error) => write!(formatter, "the line broke: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::echo_before_ok;

    #[test]
    fn an_echo_comes_before_the_answer() {
        for (heard, echo) in [
            (&b"AT\r\r\nOK\r\n"[..], Some(true)),
            (b"\r\nOK\r\n", Some(false)),
            (b"\xff\xfeAT\r\r\nERROR\r\nAT\r\r\nOK\r", Some(true)),
            (b"^boot.romAT\r\r\nOK\r\n", Some(true)),
            (b"\r\nOK", None),
            (b"AT\r\r\nERROR\r\n", None),
            (b"\x80BOOK\r\n", None),
            (b"", None),
        ] {
            assert_eq!(echo_before_ok(heard), echo, "{}", heard.escape_ascii());
        }
    }
}
