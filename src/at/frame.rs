//! The push framer: cuts the byte stream into lines, counted payloads, prompts and boot banners.
//!
//! It looks at each byte once and keeps its place between calls, so that it does not matter how the stream was chunked.
//! It never copies: what it finds is given as positions in the bytes that it was shown.
//!
//! ```text
//!                 CR LF (skipped)
//!                  ┌──┐
//!              ┌───┴──▼──┐  ">" " " if awaited
//!     ┌────────┤  Start  ├───────────────────────► Prompt
//!     │        └────┬────┘
//!     │ CR or LF    │ any other byte
//!   Line        ┌───▼────┐  first comma, not a message   ┌────────┐
//!     ▲◄────────┤  Head  ├──────────────────────────────►│  Rest  ├──► Line
//!     │         └───┬────┘                               └────────┘
//!     │             │ first comma, after the message's name
//!     │         ┌───▼─────┐  digits and a comma after the topic
//!     └─────────┤ Header  ├────────────────────────► Counted payload
//!               └───┬─────┘
//!                   │ anything else there
//!               ┌───▼──┐
//!               │ Tail ├──► Line (the payload is the rest of the line)
//!               └──────┘
//!   in Start, Head and Rest the boot banner ends what was there: ──► Banner, then its own tail is skipped
//! ```

use super::dialect::Dialect;
use super::fields::Fields;

/// The longest boot banner seen is 20 bytes (`protocol.md` §5.1); after this many the next output begins.
const LONGEST_BANNER_TAIL: u8 = 32;

/// What the command in flight lets expect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Awaited<'a> {
    /// A prompt.
    pub(crate) prompt: bool,
    /// What was sent, and has not come back as echo.
    pub(crate) echo: &'a [u8],
}

/// What the framer found. Positions count from the first byte that it was shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// A complete line in `start..end`; the next frame begins at `next`.
    Line { start: usize, end: usize, next: usize },
    /// The modem asks for a payload.
    Prompt { start: usize, next: usize },
    /// The boot ROM's banner begins at `banner`; what stood on its line before, from `start`, was cut off by the restart.
    Banner { start: usize, banner: usize, next: usize },
    /// A message whose header, up to the quote that closes its topic, is `start..end`, and whose payload of `length`
    /// bytes begins at `next`.
    Message { start: usize, end: usize, next: usize, length: usize },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Start,
    Head,
    Rest,
    Header(Header),
    Tail,
    BannerTail { left: u8 },
    BannerEnd,
}

/// How far the header of a message is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Header {
    /// Before the topic: connection and message id.
    Numbers,
    /// Inside the quotes of the topic; `quote` if the last byte was one.
    Topic { quote: bool },
    /// In the digits of the length, behind a topic that ended at `topic_end`.
    Length { topic_end: usize, digits: u8, length: usize },
}

/// Cuts the stream.
#[derive(Debug)]
pub(crate) struct Framer {
    dialect: &'static Dialect,
    state: State,
    /// Bytes of the present frame that were looked at.
    scanned: usize,
    start: usize,
    /// Whether messages come with the length of their payload.
    pub(crate) counted: bool,
    /// Bytes of the present line that were dropped since they did not fit.
    overlong: usize,
}

impl Framer {
    pub(crate) const fn new(dialect: &'static Dialect) -> Self {
        Self { dialect, state: State::Start, scanned: 0, start: 0, counted: true, overlong: 0 }
    }

    /// Looks for the next frame in `bytes`, which continue those of the last call. The caller drops what was found,
    /// up to `next`, before it calls again.
    #[inline]
    pub(crate) fn find(&mut self, bytes: &[u8], awaited: Awaited<'_>) -> Option<Found> {
        while let Some(&byte) = bytes.get(self.scanned) {
            match self.state {
                State::Start => {
                    if is_line_end(byte) {
                        self.scanned = self.scanned.wrapping_add(1);
                        continue;
                    }
                    self.start = self.scanned;
                    if byte == b'>' && awaited.prompt {
                        match bytes.get(self.scanned.wrapping_add(1)) {
                            None => return None,
                            Some(b' ') => {
                                let start = self.scanned;
                                self.begin(State::Start);
                                return Some(Found::Prompt { start, next: start.wrapping_add(2) });
                            }
                            Some(_) => {}
                        }
                    }
                    self.state = State::Head;
                }
                State::Head | State::Rest => {
                    if byte > b'^' || (byte > b',' && byte < b'^') {
                        self.scanned = self.scanned.wrapping_add(1);
                        continue;
                    }
                    if is_line_end(byte) {
                        return self.line();
                    }
                    if byte == b'^' {
                        let banner = self.dialect.banner;
                        let ahead = bytes.get(self.scanned..).unwrap_or_default();
                        if ahead.starts_with(banner) && !self.is_echo(bytes, awaited.echo) {
                            let (start, at) = (self.start, self.scanned);
                            self.begin(State::BannerTail { left: LONGEST_BANNER_TAIL });
                            return Some(Found::Banner { start, banner: at, next: at.wrapping_add(banner.len()) });
                        }
                        if ahead.len() < banner.len() && banner.starts_with(ahead) {
                            return None;
                        }
                    }
                    if byte == b',' && self.state == State::Head {
                        let head = bytes.get(self.start..self.scanned).unwrap_or_default();
                        let is_message = self.overlong == 0 && is_message(head, self.dialect.message);
                        self.state = if is_message { State::Header(Header::Numbers) } else { State::Rest };
                    }
                    self.scanned = self.scanned.wrapping_add(1);
                }
                State::Tail => {
                    if is_line_end(byte) {
                        return self.line();
                    }
                    self.scanned = self.scanned.wrapping_add(1);
                }
                State::Header(header) => {
                    if is_line_end(byte) {
                        // A header without its payload may have been cut off by a restart.
                        return self.banner_in_line(bytes).or_else(|| self.line());
                    }
                    if let (Header::Length { topic_end, digits: 1.., length }, b',') = (header, byte) {
                        let start = self.start;
                        let next = self.scanned.wrapping_add(1);
                        self.begin(State::Start);
                        return Some(Found::Message { start, end: topic_end, next, length });
                    }
                    self.state = self.header(header, byte);
                    self.scanned = self.scanned.wrapping_add(1);
                }
                State::BannerTail { left } => {
                    self.scanned = self.scanned.wrapping_add(1);
                    self.state = match (byte, left) {
                        (b'!', _) => State::BannerEnd,
                        (b'\r' | b'\n', _) | (_, 0) => State::Start,
                        _ => State::BannerTail { left: left.wrapping_sub(1) },
                    };
                }
                // Captures end with the two characters `\n` (`protocol.md` §5.1); a real line end is skipped anyway.
                State::BannerEnd => {
                    if byte == b'\\' || byte == b'n' {
                        self.scanned = self.scanned.wrapping_add(1);
                    }
                    if byte != b'\\' {
                        self.state = State::Start;
                    }
                }
            }
        }
        None
    }

    /// How many of the first bytes shown belong to no frame, namely line ends between frames and the tail of a banner. The
    /// caller drops them.
    pub(crate) fn skipped(&mut self) -> usize {
        if let State::Start | State::BannerTail { .. } | State::BannerEnd = self.state {
            return core::mem::take(&mut self.scanned);
        }
        if let State::Header(Header::Length { topic_end, .. }) = &mut self.state {
            *topic_end = topic_end.wrapping_sub(self.start);
        }
        self.scanned = self.scanned.wrapping_sub(self.start);
        core::mem::take(&mut self.start)
    }

    /// The memory is full: forgets the `shown` bytes of the present line, and goes on reading it without them.
    pub(crate) fn drop_line(&mut self, shown: usize) {
        self.overlong = self.overlong.wrapping_add(shown.wrapping_sub(self.start));
        self.start = 0;
        if let State::Header(Header::Length { topic_end, .. }) = &mut self.state {
            *topic_end = 0;
        }
        self.scanned = 0;
    }

    /// How many bytes the frame that was found last has lost to [`Framer::drop_line`].
    pub(crate) fn take_overlong(&mut self) -> usize {
        core::mem::take(&mut self.overlong)
    }

    /// Whether the banner that begins here is only the echo of one that was sent, in a payload for example.
    fn is_echo(&self, bytes: &[u8], echo: &[u8]) -> bool {
        let end = self.scanned.wrapping_add(self.dialect.banner.len());
        bytes.get(self.start..end).is_some_and(|line| echo.starts_with(line))
    }

    fn begin(&mut self, state: State) {
        self.state = state;
        self.scanned = 0;
    }

    fn banner_in_line(&mut self, bytes: &[u8]) -> Option<Found> {
        let (start, length) = (self.start, self.dialect.banner.len());
        let line = bytes.get(start..self.scanned)?;
        let at = line.windows(length).position(|window| window == self.dialect.banner)?;
        let banner = start.wrapping_add(at);
        self.begin(State::BannerTail { left: LONGEST_BANNER_TAIL });
        Some(Found::Banner { start, banner, next: banner.wrapping_add(length) })
    }

    fn line(&mut self) -> Option<Found> {
        let end = self.scanned;
        self.begin(State::Start);
        Some(Found::Line { start: self.start, end, next: end.wrapping_add(1) })
    }

    fn header(&self, header: Header, byte: u8) -> State {
        State::Header(match (header, byte) {
            (Header::Numbers, b'"') => Header::Topic { quote: false },
            (Header::Numbers, b'0'..=b'9' | b',' | b'-') => Header::Numbers,
            (Header::Topic { quote: true }, b',') => {
                if !self.counted {
                    return State::Tail;
                }
                Header::Length { topic_end: self.scanned, digits: 0, length: 0 }
            }
            (Header::Topic { .. }, byte) => Header::Topic { quote: byte == b'"' },
            (Header::Length { topic_end, digits: digits @ 0..5, length }, b'0'..=b'9') => Header::Length {
                topic_end,
                digits: digits.wrapping_add(1),
                length: length.wrapping_mul(10).wrapping_add(usize::from(byte.wrapping_sub(b'0'))),
            },
            _ => return State::Tail,
        })
    }
}

/// Whether `head`, which ends before the first comma, is the name and first word of a message.
fn is_message(head: &[u8], message: [&[u8]; 2]) -> bool {
    let [name, word] = message;
    Fields::after(head, name).is_some_and(|mut fields| fields.rest() == word)
}

const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}
