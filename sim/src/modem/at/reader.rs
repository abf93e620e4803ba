//! Bytes from the host to lines and payloads.
//!
//! ```text
//!            CR                 expect_payload(length)
//! Line ───────────▶ Line    Line ─────────────────────▶ Payload ── last byte ──▶ [0x1A if needed] ──▶ Line
//! ```

/// A line longer than this is refused whole; the longest legal one is a publish of 1460 bytes in hex.
const LONGEST_LINE: usize = 4096;

const CARRIAGE_RETURN: u8 = b'\r';
const LINE_FEED: u8 = b'\n';
const CTRL_Z: u8 = 0x1A;
const ESCAPE: u8 = 0x1B;

/// What the host has said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A line, without its end.
    Line(Vec<u8>),
    /// A line that did not fit.
    LongLine,
    /// The payload that the prompt asked for.
    Payload(Vec<u8>),
    /// The payload was given up with 0x1B.
    Cancelled,
}

/// Puts the host's bytes together.
#[derive(Debug)]
pub(crate) struct Reader {
    state: State,
    bytes: Vec<u8>,
    /// The last line ended with CR, so that an LF still belongs to it, even if a prompt came in between.
    line_feed_may_follow: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Line,
    Payload { length: usize, needs_ctrl_z: bool, escape_cancels: bool },
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self { state: State::Line, bytes: Vec::new(), line_feed_may_follow: false }
    }

    /// Takes the next `length` bytes as a payload, whatever they are.
    pub(crate) fn expect_payload(&mut self, length: usize, needs_ctrl_z: bool, escape_cancels: bool) {
        self.state = State::Payload { length, needs_ctrl_z, escape_cancels };
        self.bytes.clear();
    }

    pub(crate) fn feed(&mut self, byte: u8) -> Option<Input> {
        let after_carriage_return = core::mem::take(&mut self.line_feed_may_follow);
        if after_carriage_return && byte == LINE_FEED {
            return None;
        }
        match self.state {
            State::Line => self.feed_line(byte),
            State::Payload { length, needs_ctrl_z, escape_cancels } => {
                if escape_cancels && byte == ESCAPE {
                    self.state = State::Line;
                    self.bytes.clear();
                    return Some(Input::Cancelled);
                }
                if self.bytes.len() < length {
                    self.bytes.push(byte);
                    if self.bytes.len() < length || needs_ctrl_z {
                        return None;
                    }
                } else if byte != CTRL_Z {
                    return None;
                }
                self.state = State::Line;
                Some(Input::Payload(core::mem::take(&mut self.bytes)))
            }
        }
    }

    fn feed_line(&mut self, byte: u8) -> Option<Input> {
        match byte {
            CARRIAGE_RETURN => {
                self.line_feed_may_follow = true;
                let line = core::mem::take(&mut self.bytes);
                match line.len() {
                    0 => None,
                    length if length > LONGEST_LINE => Some(Input::LongLine),
                    _ => Some(Input::Line(line)),
                }
            }
            LINE_FEED => None,
            _ => {
                if self.bytes.len() <= LONGEST_LINE {
                    self.bytes.push(byte);
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed_all(reader: &mut Reader, bytes: &[u8]) -> Vec<Input> {
        bytes.iter().filter_map(|&byte| reader.feed(byte)).collect()
    }

    #[test]
    fn a_line_ends_at_cr_with_or_without_lf() {
        let mut reader = Reader::new();
        let inputs = feed_all(&mut reader, b"AT\r\n\r\nATE0\rATI\r");
        assert_eq!(inputs, [Input::Line(b"AT".into()), Input::Line(b"ATE0".into()), Input::Line(b"ATI".into())]);
    }

    #[test]
    fn a_payload_is_counted_and_may_hold_anything() {
        let mut reader = Reader::new();
        reader.expect_payload(9, false, false);
        let inputs = feed_all(&mut reader, b"\r\nOK\r\n\x1a\x1b\0AT\r");
        assert_eq!(inputs, [Input::Payload(b"\r\nOK\r\n\x1a\x1b\0".into()), Input::Line(b"AT".into())]);
    }

    #[test]
    fn the_line_feed_of_the_command_is_no_payload() {
        let mut reader = Reader::new();
        assert_eq!(feed_all(&mut reader, b"AT+X\r"), [Input::Line(b"AT+X".into())]);
        reader.expect_payload(2, false, false);
        assert_eq!(feed_all(&mut reader, b"\nab"), [Input::Payload(b"ab".into())]);
    }

    #[test]
    fn ctrl_z_can_be_needed_and_escape_can_cancel() {
        let mut reader = Reader::new();
        reader.expect_payload(2, true, true);
        assert_eq!(feed_all(&mut reader, b"ab"), []);
        assert_eq!(feed_all(&mut reader, b"\x1a"), [Input::Payload(b"ab".into())]);
        reader.expect_payload(2, true, true);
        assert_eq!(feed_all(&mut reader, b"a\x1bAT\r"), [Input::Cancelled, Input::Line(b"AT".into())]);
    }

    #[test]
    fn a_line_too_long_is_dropped_whole() {
        let mut reader = Reader::new();
        let mut bytes = vec![b'A'; LONGEST_LINE + 1];
        bytes.extend_from_slice(b"\r\nAT\r\n");
        assert_eq!(feed_all(&mut reader, &bytes), [Input::LongLine, Input::Line(b"AT".into())]);
    }
}
