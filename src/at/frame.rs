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
//!     │   ┌─────────▼────────┐  `"`  ┌───────┐  `",`  ┌────────┐  digits and a comma
//!     └───┤     Numbers      ├──────►│ Topic ├───────►│ Length ├────────────────────► Counted payload
//!         └─────────┬────────┘       └───┬───┘        └────┬───┘
//!                   │ anything else      │ not counted     │ anything else
//!               ┌───▼────────────────────▼─────────────────▼───┐
//!               │ Tail                                         ├──► Line (the payload is the rest of the line)
//!               └──────────────────────────────────────────────┘
//!   in Start, Head and Rest the boot banner ends what was there: ──► Banner, then its own tail is skipped
//! ```

use super::bytes::{after, before, between, find, is, strip};
use super::dialect::Dialect;
use super::fields::Fields;

/// The longest boot banner seen is 20 bytes (`protocol.md` §5.1); after this many the next output begins.
const LONGEST_BANNER_TAIL: u8 = 32;
/// More digits than any length has.
const MOST_DIGITS: usize = 5;

/// What the framer found in the bytes that it was shown, which begin with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// A line of so many bytes, without the byte that ends it.
    Line { length: usize },
    /// The modem asks for a payload.
    Prompt,
    /// The boot ROM's banner begins at `at`; what stood on its line before was cut off by the restart.
    Banner { at: usize },
    /// A message with a counted payload.
    Message(Place),
    /// The frame goes on.
    Nothing,
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    /// Where its header begins, behind the name.
    pub(crate) begin: usize,
    /// Where it ends, behind the quote that closes the topic.
    pub(crate) end: usize,
    /// Where its payload begins.
    pub(crate) next: usize,
    /// The length of the payload.
    pub(crate) length: usize,
}

impl Place {
    /// The header in the bytes that begin with the message.
    pub(crate) fn header(self, frame: &[u8]) -> &[u8] {
        between(frame, self.begin, self.end)
    }
}

/// Where the next byte stands: up to `Tail` in a line, or where one may still turn out to be one; from `Topic` to
/// `Numbers` in the header of a message, which ends with its line only if a restart cuts it off.
#[derive(Clone, Copy, Debug, Eq, PartialEq, PartialOrd)]
enum State {
    Start,
    /// In the line, before its first comma.
    Head,
    Rest,
    /// Behind the comma that follows the topic, where the length of the payload stands.
    Length,
    Tail,
    /// Inside the quotes of a message's topic.
    Topic,
    /// Behind a quote that ends the topic, if a comma follows.
    TopicQuote,
    /// In the connection and the message id before the topic.
    Numbers,
    BannerTail,
    BannerEnd,
}

impl State {
    /// Bytes above this one, but the first of the banner, mean nothing.
    const fn edge(self) -> u8 {
        match self {
            Self::Head | Self::Length => b',',
            Self::Numbers | Self::Topic => b'"',
            Self::Rest | Self::Tail => b' ' - 1,
            _ => u8::MAX,
        }
    }
}

/// Cuts the stream.
#[derive(Debug)]
pub(crate) struct Framer {
    dialect: &'static Dialect,
    state: State,
    /// Whether messages come with the length of their payload.
    pub(crate) counted: bool,
    /// Bytes of the banner's tail that were read.
    count: u8,
    /// The frame was looked at up to a byte with which it may end.
    pub(crate) may_end: bool,
    /// All that arrived of it was looked at, and what follows may be skimmed up to a byte that is not above this one.
    edge: u8,
    /// Bytes of the present frame that were looked at.
    scanned: usize,
    header_begin: usize,
    length_begin: usize,
    length: usize,
    /// Bytes of the present line that were dropped since they did not fit.
    overlong: usize,
}

impl Framer {
    pub(crate) const fn new(dialect: &'static Dialect) -> Self {
        Self {
            dialect,
            state: State::Start,
            counted: true,
            count: 0,
            may_end: false,
            edge: u8::MAX,
            scanned: 0,
            header_begin: 0,
            length_begin: 0,
            length: 0,
            overlong: 0,
        }
    }

    /// Looks at the one byte behind those that were looked at: true if it means nothing.
    #[inline(always)]
    pub(crate) fn skim(&mut self, byte: u8) -> bool {
        if byte <= self.edge || byte == b'^' {
            return false;
        }
        self.scanned = self.scanned.wrapping_add(1);
        true
    }

    /// Goes on in `frame`, which begins with the present one, up to a byte with which a frame may end: true if there is
    /// none.
    #[inline(always)]
    pub(crate) fn advance(&mut self, frame: &[u8]) -> bool {
        let mut state = self.state;
        let mut rest = after(frame, self.scanned);
        self.may_end = loop {
            let [byte, behind @ ..] = rest else { break false };
            if is_line_end(*byte) {
                break true;
            }
            self.scanned = frame.len().wrapping_sub(rest.len());
            state = match self.step(state, *byte, frame) {
                Some(state) => state,
                None => break true,
            };
            rest = after(behind, plain(behind, state.edge()));
        };
        self.state = state;
        self.scanned = frame.len().wrapping_sub(rest.len());
        self.edge = if self.may_end { u8::MAX } else { state.edge() };
        !self.may_end
    }

    /// Whether [`Framer::skip`] has to be asked first.
    pub(crate) const fn is_between(&self) -> bool {
        matches!(self.state, State::Start | State::BannerTail | State::BannerEnd)
    }

    /// How many of the first bytes belong to no frame, namely line ends between frames and the tail of a banner. The
    /// caller drops them before it looks for the next frame.
    pub(crate) fn skip(&mut self, bytes: &[u8]) -> usize {
        let mut skipped: usize = 0;
        while let Some(&byte) = bytes.get(skipped) {
            match self.state {
                State::Start if is_line_end(byte) => {}
                State::BannerTail => {
                    self.count = self.count.wrapping_add(1);
                    if byte == b'!' {
                        self.state = State::BannerEnd;
                    } else if is_line_end(byte) || self.count > LONGEST_BANNER_TAIL {
                        self.state = State::Start;
                    }
                }
                // Captures end with the two characters `\n` (`protocol.md` §5.1); a real line end is skipped anyway.
                State::BannerEnd if byte == b'\\' => {}
                State::BannerEnd => {
                    self.state = State::Start;
                    if byte != b'n' {
                        continue;
                    }
                }
                _ => break,
            }
            skipped = skipped.wrapping_add(1);
        }
        skipped
    }

    /// Tells what ends the frame that `frame` begins with, once [`Framer::advance`] has come to what may be its end.
    /// `prompt` tells whether one is awaited, and `echo` what was sent and has not come back. The caller drops what was
    /// found before it calls again.
    pub(crate) fn find(&mut self, frame: &[u8], prompt: bool, echo: &[u8]) -> Option<Found> {
        let byte = *frame.get(self.scanned)?;
        if is_line_end(byte) {
            // A header without its payload may have been cut off by a restart.
            let banner = if self.state > State::Tail { self.banner_in(frame) } else { None };
            return Some(banner.unwrap_or_else(|| self.end(Found::Line { length: self.scanned })));
        }
        match self.state {
            State::Start => {
                if byte == b'>' && prompt && *frame.get(1)? == b' ' {
                    return Some(self.end(Found::Prompt));
                }
                self.state = State::Head;
            }
            State::Length => {
                let end = self.length_begin.wrapping_sub(1);
                let next = self.scanned.wrapping_add(1);
                let place = Place { begin: self.header_begin, end, next, length: self.length };
                return Some(self.end(Found::Message(place)));
            }
            _ => {}
        }
        let banner = self.dialect.banner;
        let ahead = after(frame, self.scanned);
        if !banner.is_empty() && strip(ahead, banner).is_some() && !self.is_echo(frame, echo) {
            return Some(self.end_at_banner(self.scanned));
        }
        if ahead.len() < banner.len() && strip(banner, ahead).is_some() {
            return None;
        }
        self.scanned = self.scanned.wrapping_add(1);
        self.may_end = false;
        Some(Found::Nothing)
    }

    /// The state behind `byte`, the next of `frame` and not a line end: none if a frame may end with it or at it.
    #[inline(always)]
    fn step(&mut self, state: State, byte: u8, frame: &[u8]) -> Option<State> {
        Some(match state {
            State::Start if byte == b'>' || byte == b'^' => return None,
            State::Start => State::Head,
            State::Head | State::Rest if byte == b'^' => return None,
            State::Head if byte == b',' => {
                let head = before(frame, self.scanned);
                self.header_begin = self.scanned.wrapping_add(1);
                let is_message = self.overlong == 0 && is_message(head, self.dialect.message);
                if is_message { State::Numbers } else { State::Rest }
            }
            State::Numbers if byte == b'"' => {
                let numbers = between(frame, self.header_begin, self.scanned);
                let is_of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b',' | b'-');
                if numbers.iter().all(is_of_number) { State::Topic } else { State::Tail }
            }
            State::TopicQuote if byte == b',' => {
                self.length_begin = self.scanned.wrapping_add(1);
                if self.counted { State::Length } else { State::Tail }
            }
            State::Topic | State::TopicQuote if byte == b'"' => State::TopicQuote,
            State::Topic | State::TopicQuote => State::Topic,
            State::Length if byte == b',' => {
                if let Some(length) = length(between(frame, self.length_begin, self.scanned)) {
                    self.length = length;
                    return None;
                }
                State::Tail
            }
            state => state,
        })
    }

    /// The memory is full of the present line: forgets it but for the length that is being read, and goes on without
    /// what was before. Tells how many of the `shown` bytes were forgotten.
    pub(crate) fn drop_line(&mut self, shown: usize) -> usize {
        let digits = shown.wrapping_sub(self.length_begin);
        let kept = if self.state == State::Length && digits <= MOST_DIGITS { digits } else { 0 };
        let dropped = shown.wrapping_sub(kept);
        self.overlong = self.overlong.wrapping_add(dropped);
        self.header_begin = 0;
        self.length_begin = 0;
        self.scanned = kept;
        dropped
    }

    /// How many bytes the frame that was found last has lost to [`Framer::drop_line`].
    pub(crate) fn take_overlong(&mut self) -> usize {
        core::mem::take(&mut self.overlong)
    }

    /// Whether the banner that begins here is only the echo of one that was sent, in a payload for example.
    fn is_echo(&self, frame: &[u8], echo: &[u8]) -> bool {
        let end = self.scanned.wrapping_add(self.dialect.banner.len());
        frame.get(..end).is_some_and(|line| strip(echo, line).is_some())
    }

    fn banner_in(&mut self, frame: &[u8]) -> Option<Found> {
        let banner = self.dialect.banner;
        let at = find(frame.get(..self.scanned)?, banner)?;
        Some(self.end_at_banner(at))
    }

    fn end_at_banner(&mut self, at: usize) -> Found {
        self.end(Found::Banner { at });
        self.state = State::BannerTail;
        self.count = 0;
        Found::Banner { at }
    }

    /// The present frame ends; another begins.
    const fn end(&mut self, found: Found) -> Found {
        self.state = State::Start;
        self.may_end = false;
        self.scanned = 0;
        found
    }
}

/// How many of the first bytes are above `edge` and do not begin a banner; four at a time, as most of a header is.
fn plain(bytes: &[u8], edge: u8) -> usize {
    const ONES: u32 = u32::from_ne_bytes([1; 4]);
    const HIGH: u32 = ONES << 7;
    const BANNER: u32 = u32::from_ne_bytes([b'^'; 4]);
    if edge == u8::MAX {
        return 0;
    }
    let least = ONES.wrapping_mul(u32::from(edge).wrapping_add(1));
    let (words, _) = bytes.as_chunks();
    let plain_words = words.iter().take_while(|&&word| {
        let word = u32::from_ne_bytes(word);
        let banner = word ^ BANNER;
        // Whether a byte of the word is under the least, or one of `banner` is 0.
        let low = word.wrapping_sub(least) & !word;
        (low | (banner.wrapping_sub(ONES) & !banner)) & HIGH == 0
    });
    let begin = plain_words.count().wrapping_mul(4);
    let is_plain = |byte: &&u8| **byte > edge && **byte != b'^';
    begin.wrapping_add(after(bytes, begin).iter().take_while(is_plain).count())
}

/// The length of a payload: none if it is no length.
fn length(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > MOST_DIGITS {
        return None;
    }
    digits.iter().try_fold(0_usize, |length, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit <= 9).then(|| length.wrapping_mul(10).wrapping_add(usize::from(digit)))
    })
}

/// Whether `head`, which ends before the first comma, is the name and first word of a message.
fn is_message(head: &[u8], message: [&[u8]; 2]) -> bool {
    let [name, word] = message;
    Fields::after(head, name).is_some_and(|mut fields| is(fields.rest(), word))
}

const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}
