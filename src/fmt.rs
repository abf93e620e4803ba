//! One set of log macros: each message goes to defmt, to log, to both where both features are on, or nowhere.
//!
//! What moves on the line is logged at trace, the stages of commands at debug, restarts and losses at warn. No secret is
//! logged: see [`Discretion`].

macro_rules! message {
    ($level:ident, $text:literal $(, $argument:expr)* $(,)?) => {{
        #[cfg(feature = "defmt")]
        ::defmt::$level!($text $(, $argument)*);
        #[cfg(feature = "log")]
        ::log::$level!($text $(, $argument)*);
        // Never called, so that the arguments cost nothing and still count as used.
        #[cfg(not(any(feature = "defmt", feature = "log")))]
        let _ = || { $(let _ = &$argument;)* };
    }};
}

macro_rules! trace {
    ($($message:tt)*) => { message!(trace, $($message)*) };
}

macro_rules! debug {
    ($($message:tt)*) => { message!(debug, $($message)*) };
}

macro_rules! warning {
    ($($message:tt)*) => { message!(warn, $($message)*) };
}

/// Bytes from the line, logged as text with those that do not print escaped; or how many there are, if they may be
/// a secret.
#[cfg_attr(not(any(feature = "defmt", feature = "log")), allow(dead_code, reason = "nobody prints it"))]
pub(crate) struct Text<'a> {
    shown: &'a [u8],
    hidden: usize,
}

impl<'a> Text<'a> {
    /// All of it.
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { shown: bytes, hidden: 0 }
    }

    /// Its first bytes.
    #[cfg(any(feature = "defmt", feature = "log"))]
    fn cut(bytes: &'a [u8], at: usize) -> Self {
        let (shown, hidden) = bytes.split_at_checked(at).unwrap_or((bytes, &[]));
        Self { shown, hidden: hidden.len() }
    }

    /// A command line, up to its arguments.
    #[cfg(any(feature = "defmt", feature = "log"))]
    fn name_of(line: &'a [u8]) -> Self {
        Self::cut(line, line.iter().position(|&byte| byte == b'=').unwrap_or(line.len()))
    }
}

#[cfg(feature = "log")]
impl core::fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(formatter, "{}", self.shown.escape_ascii())?;
        if self.hidden > 0 {
            write!(formatter, " ({} bytes not shown)", self.hidden)?;
        }
        Ok(())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Text<'_> {
    fn format(&self, formatter: defmt::Formatter<'_>) {
        match self.hidden {
            0 => defmt::write!(formatter, "{=[u8]:a}", self.shown),
            hidden => defmt::write!(formatter, "{=[u8]:a} ({=usize} bytes not shown)", self.shown, hidden),
        }
    }
}

/// What has to be kept back from the log. Without a logger it is nothing.
///
/// A line with a secret in it is logged by its name alone. Its echo may come in pieces, late, or damaged; so from then
/// on, until the modem has accepted another command, what arrives is shown only if it has the form of an answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Discretion {
    /// The line in hand holds a secret.
    #[cfg(any(feature = "defmt", feature = "log"))]
    line: bool,
    /// A secret may come back as echo.
    #[cfg(any(feature = "defmt", feature = "log"))]
    echo: bool,
}

#[cfg(any(feature = "defmt", feature = "log"))]
impl Discretion {
    pub(crate) const fn new() -> Self {
        Self { line: false, echo: false }
    }

    /// The line in hand holds a secret.
    pub(crate) const fn need(&mut self) {
        self.line = true;
    }

    /// Another line is in hand.
    pub(crate) const fn begin(&mut self, line: Self) {
        self.line = line.line;
        self.echo |= line.line;
    }

    /// The modem has accepted the line in hand, and with it all before.
    pub(crate) const fn accepted(&mut self) {
        self.echo &= self.line;
    }

    /// What may be shown of the line that was sent.
    pub(crate) fn sent(self, line: &[u8]) -> Text<'_> {
        if self.line { Text::name_of(line) } else { Text::new(line) }
    }

    /// What may be shown of a line that was received.
    pub(crate) fn received(self, line: &[u8]) -> Text<'_> {
        if line.starts_with(b"AT") {
            Text::name_of(line)
        } else if self.echo && !is_answer(line) {
            Text::cut(line, 0)
        } else if let Some(begin) = credentials(line) {
            Text::cut(line, begin)
        } else {
            Text::new(line)
        }
    }
}

#[cfg(not(any(feature = "defmt", feature = "log")))]
impl Discretion {
    pub(crate) const fn new() -> Self {
        Self {}
    }

    pub(crate) const fn need(&mut self) {}

    pub(crate) const fn begin(&mut self, _line: Self) {}

    pub(crate) const fn accepted(&mut self) {}

    pub(crate) const fn sent(self, line: &[u8]) -> Text<'_> {
        Text::new(line)
    }

    pub(crate) const fn received(self, line: &[u8]) -> Text<'_> {
        Text::new(line)
    }
}

/// Where a message with the credentials of a device begins, if the line is one: it was sent to the topics of registrations
/// (`aliyun.md` §4), and the modem does not say how long it is.
#[cfg(any(feature = "defmt", feature = "log"))]
fn credentials(line: &[u8]) -> Option<usize> {
    const TOPIC: &[u8] = b"\"/ext/reg";
    let begin = line.windows(TOPIC.len()).position(|window| window == TOPIC)?;
    Some(begin.wrapping_add(TOPIC.len()))
}

/// Whether the line has a form that no piece of a command line has.
#[cfg(any(feature = "defmt", feature = "log"))]
fn is_answer(line: &[u8]) -> bool {
    let name = line.split(|&byte| byte == b':').next().unwrap_or_default();
    let is_named = name.len() < line.len()
        && name.first() == Some(&b'+')
        && name.iter().all(|byte| byte.is_ascii_uppercase() || b"+ ".contains(byte));
    is_named || line == b"OK" || line == b"ERROR"
}

#[cfg(all(test, feature = "log"))]
mod tests {
    use super::{Discretion, Text};
    use std::string::ToString;

    #[test]
    fn bytes_are_shown_as_text() {
        assert_eq!(Text::new(b"\"a\"\r\n\0\xff").to_string(), r#"\"a\"\r\n\x00\xff"#);
    }

    #[test]
    fn promise_9_a_line_with_a_secret_is_shown_by_its_name_and_so_is_its_echo() {
        let secret = b"AT+LMQTTCFG=\"aliauth\",0,\"a1\",\"d\",\"0123456789abcdef\"";
        let mut confidential = Discretion::new();
        confidential.need();
        let mut discretion = Discretion::new();
        discretion.begin(confidential);
        assert_eq!(discretion.sent(secret).to_string(), "AT+LMQTTCFG (40 bytes not shown)");
        for cut in 0..secret.len() {
            let echo = discretion.received(&secret[cut..]).to_string();
            assert!(!echo.contains("ef") && !echo.contains("01"), "{echo}");
        }
        for answer in ["OK", "ERROR", "+CME ERROR: 3", "+LMQTTCONN: 0,0,0"] {
            assert_eq!(discretion.received(answer.as_bytes()).to_string(), answer);
        }
        discretion.accepted();
        assert_eq!(discretion.received(b"0123").to_string(), " (4 bytes not shown)");
        discretion.begin(Discretion::new());
        discretion.accepted();
        assert_eq!(discretion.received(b"0123").to_string(), "0123");
        assert_eq!(discretion.received(secret).to_string(), "AT+LMQTTCFG (40 bytes not shown)");
    }

    #[test]
    fn promise_9_a_message_with_credentials_is_shown_by_its_topic() {
        let line = b"+LMQTTURC: RECV,0,0,\"/ext/register\",{\"deviceSecret\":\"0123\"}";
        let shown = Discretion::new().received(line).to_string();
        assert_eq!(shown, r#"+LMQTTURC: RECV,0,0,\"/ext/reg (30 bytes not shown)"#);
    }
}
