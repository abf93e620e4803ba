//! What goes over a serial line, cut into lines and payloads to be shown, and what was sent, to be compared.

use core::fmt;
use core::ops::{Deref, DerefMut};
use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::mask::Mask;
use crate::screen::Screen;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// From the host.
    ToModem,
    /// To the host.
    FromModem,
}

/// The screen and what has gone over the line, shared by whoever sees the bytes and whoever tells the steps.
#[derive(Clone)]
pub struct Traffic(Arc<Mutex<Inner>>);

struct Inner {
    screen: Screen,
    to_modem: Pending,
    from_modem: Pending,
    /// Sent since the step began, as it was: only to be compared, never to be shown.
    sent: Vec<u8>,
}

impl Traffic {
    /// Nothing has gone over the line yet.
    pub fn new(screen: Screen) -> Self {
        let (to_modem, from_modem) = (Pending::new(screen.mask()), Pending::new(screen.mask()));
        Self(Arc::new(Mutex::new(Inner { screen, to_modem, from_modem, sent: Vec::new() })))
    }

    /// Bytes went to the modem.
    pub fn sent(&self, bytes: &[u8]) {
        self.inner().sent(bytes);
    }

    /// Bytes came from the modem.
    pub fn received(&self, bytes: &[u8]) {
        self.inner().received(bytes);
    }

    /// The screen, after all traffic so far was shown on it. No traffic is shown while it is held.
    pub fn screen(&self) -> impl DerefMut<Target = Screen> {
        let mut inner = self.inner();
        inner.show_rest(Direction::ToModem);
        inner.show_rest(Direction::FromModem);
        Held(inner)
    }

    /// Whether all that has gone over the line was shown, and the screen would not cut a line in two.
    pub fn is_shown(&self) -> bool {
        let inner = self.inner();
        inner.to_modem.is_at_line_end() && inner.from_modem.is_at_line_end()
    }

    /// The next step begins.
    pub fn step(&self, title: &'static str, proves: &str) {
        self.screen().step(title, proves);
        self.inner().sent.clear();
    }

    /// What was sent to the modem since the step began.
    pub fn take_sent(&self) -> Vec<u8> {
        core::mem::take(&mut self.inner().sent)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Traffic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Traffic").finish_non_exhaustive()
    }
}

/// The screen inside.
struct Held<'a>(MutexGuard<'a, Inner>);

impl Deref for Held<'_> {
    type Target = Screen;

    fn deref(&self) -> &Screen {
        &self.0.screen
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut Screen {
        &mut self.0.screen
    }
}

impl Inner {
    fn sent(&mut self, bytes: &[u8]) {
        if self.to_modem.bytes.is_empty() {
            self.show_rest(Direction::FromModem);
        }
        self.sent.extend_from_slice(bytes);
        self.to_modem.push(bytes, self.screen.now());
        // What goes to the modem is shown when a line or, in case it ends like one, a payload has gone.
        if bytes.ends_with(b"\n") {
            self.show_rest(Direction::ToModem);
        }
    }

    fn received(&mut self, bytes: &[u8]) {
        self.from_modem.push(bytes, self.screen.now());
        while let Some(length) = first_piece(&self.from_modem.bytes) {
            self.show_rest(Direction::ToModem);
            let rest = self.from_modem.bytes.split_off(length);
            let piece = core::mem::replace(&mut self.from_modem.bytes, rest);
            self.screen.traffic(Direction::FromModem, self.from_modem.since, &piece);
            self.from_modem.since = self.screen.now();
        }
    }

    fn show_rest(&mut self, direction: Direction) {
        let pending = match direction {
            Direction::ToModem => &mut self.to_modem,
            // The driver acts on a CR, and need not have read the LF: that one waits for the next line.
            Direction::FromModem if self.from_modem.is_at_line_end() => return,
            Direction::FromModem => &mut self.from_modem,
        };
        let rest = core::mem::take(&mut pending.bytes);
        if !rest.is_empty() {
            self.screen.traffic(direction, pending.since, &rest);
        }
    }
}

/// Bytes of one direction that are no complete piece yet, masked.
struct Pending {
    mask: Mask,
    bytes: Vec<u8>,
    since: Duration,
}

impl Pending {
    const fn new(mask: Mask) -> Self {
        Self { mask, bytes: Vec::new(), since: Duration::ZERO }
    }

    fn push(&mut self, bytes: &[u8], now: Duration) {
        if self.is_at_line_end() {
            self.since = now;
        }
        self.bytes.extend(self.mask.feed(bytes));
    }

    /// Whether there is nothing but the end of an earlier line.
    fn is_at_line_end(&self) -> bool {
        self.bytes.iter().all(|byte| b"\r\n".contains(byte))
    }
}

/// How long the first piece of what the modem says is, if it is complete: a line with the line ends before it, a message
/// with its payload, or a prompt.
fn first_piece(bytes: &[u8]) -> Option<usize> {
    let start = bytes.iter().position(|byte| !b"\r\n".contains(byte))?;
    let text = &bytes[start..];
    if text == b"> " {
        return Some(bytes.len());
    }
    let length = match counted_length(text) {
        Some(length) => length + 2,
        None => text.iter().position(|&byte| byte == b'\n')? + 1,
    };
    (length <= text.len()).then_some(start + length)
}

/// The length of a message up to the end of its payload, if it says how long that is.
fn counted_length(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"+LMQTTURC: RECV,")?;
    let topic = rest.iter().position(|&byte| byte == b'"')?;
    let after_topic = topic + 1 + rest[topic + 1..].windows(2).position(|pair| pair == b"\",")? + 2;
    let digits = rest[after_topic..].iter().position(|&byte| byte == b',')?;
    let count = core::str::from_utf8(&rest[after_topic..after_topic + digits]).ok()?.parse::<usize>().ok()?;
    // A payload without a length may begin like one, and such a count must not hold back what follows for long.
    let payload = text.len() - rest.len() + after_topic + digits + 1;
    (count <= 16_384).then_some(payload + count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn lines_messages_and_prompts_are_pieces_of_their_own() {
        let message = b"\r\n+LMQTTURC: RECV,0,1,\"t\",6,\r\nOK\r\n\r\n";
        for complete in [&b"\r\nOK\r\n"[..], b"AT\r\r\n", b"\r\n> ", message, b"\r\n+LMQTTURC: STATS,0,1\r\n"] {
            let longer = [complete, b"\r\n"].concat();
            assert_eq!(first_piece(&longer[..complete.len()]), Some(complete.len()));
            if !complete.ends_with(b"> ") {
                assert_eq!(first_piece(&longer), Some(complete.len()));
            }
            for part in 0..complete.len() - 1 {
                // Only the head of a message, before its length is known, could be taken for a line: it has no line end.
                assert_eq!(first_piece(&complete[..part]), None, "{part} of {}", complete.escape_ascii());
            }
        }
    }

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_secret_goes_to_the_modem_and_not_to_the_screen() {
        let paper = Paper::default();
        let traffic = Traffic::new(Screen::on(Box::new(paper.clone()), SECRET, false));
        let line = format!("AT+LMQTTCFG=\"aliauth\",0,\"pk\",\"name\",\"{SECRET}\"\r\n");
        line.as_bytes().chunks(5).for_each(|bytes| traffic.sent(bytes));
        assert_eq!(traffic.take_sent(), line.as_bytes());
        line.as_bytes().chunks(7).for_each(|bytes| traffic.received(bytes));
        traffic.screen().event(&format!("late line: {line}"));
        let shown = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        let masked = "AT+LMQTTCFG=\"aliauth\",0,\"pk\",\"name\",\"********************************\"";
        assert_eq!(shown.matches(masked).count(), 3, "sent, echoed and told: {shown}");
        assert!(!shown.contains("0123456789"));
    }
}
