//! The push framer: cuts the byte stream into lines, counted payloads, prompts and boot banners.
//!
//! It looks at each byte once and keeps its place between calls, so that it does not matter how the stream was chunked.
//! It never copies: what it finds stays where it is, until it is used up.
//!
//! ```text
//!                 CR LF (skipped)
//!                  ┌──┐
//!              ┌───┴──▼──┐  ">" " "
//!     ┌────────┤  Start  ├───────────────────────► Prompt
//!     │        └────┬────┘
//!     │ CR or LF    │ any other byte
//!   Line        ┌───▼────┐  first comma, not a message   ┌────────┐
//!     ▲◄────────┤  Head  ├──────────────────────────────►│  Rest  ├──► Line
//!     │         └───┬────┘                               └────────┘
//!     │             │ first comma, after the message's name
//!     │   ┌─────────▼────────┐  `"`  ┌───────┐  `",`  ┌────────┐  digits and a comma
//!     └───┤     Numbers      ├──────►│ Topic ├───────►│ Length ├────────────────────► Message
//!         └─────────┬────────┘       └───┬───┘        └────┬───┘
//!                   │ anything else      │ not counted     │ anything else
//!               ┌───▼────────────────────▼─────────────────▼───┐
//!               │ Tail                                         ├──► Line (the payload is the rest of the line)
//!               └──────────────────────────────────────────────┘
//!   in Start, Head and Rest the boot banner ends what was there: ──► Banner, then its own tail is skipped
//! ```

use super::super::bytes::{after, find, is, strip};
use super::super::counters::Class;
use super::super::fields::Fields;
use super::{MessageForm, Stream};

/// The longest boot banner seen is 20 bytes (`protocol.md` §5.1); after this many the next output begins.
const LONGEST_BANNER_TAIL: u8 = 32;
/// No payload has more digits in its length.
const MOST_DIGITS: usize = 5;
const LONGEST_PAYLOAD: i32 = 99_999;

/// What the bytes that have arrived begin with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    /// A frame that goes on.
    Nothing,
    /// A line, which [`Stream::frame`] gives.
    Line,
    /// What asks for a payload, if one is awaited.
    Prompt,
    /// The boot ROM's banner, behind what [`Stream::frame`] gives, which was cut off by the restart.
    Banner,
    /// A message up to its payload, whose length is in [`Stream::payload`].
    Message,
}

/// Where the next byte stands: up to `Tail` in a line, or where one may still turn out to be one; from `Topic` to
/// `Numbers` in the header of a message, which ends with its line only if a restart cuts it off.
#[derive(Clone, Copy, Debug, Eq, PartialEq, PartialOrd)]
pub(super) enum State {
    Start,
    /// In the line, before its first comma.
    Head,
    Rest,
    /// Behind the comma that follows the topic, where the length of the payload stands.
    Length,
    Tail,
    /// Inside the quotes of a message's topic.
    Topic,
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

impl Stream<'_> {
    /// Looks for what the bytes that have arrived begin with. Until it is used up, the same is found again.
    #[inline(always)]
    pub(crate) fn scan(&mut self) -> Found {
        loop {
            let rest = self.ahead();
            let mut state = self.state;
            if state == State::Start {
                // Line ends between two frames go with the first of them, however they were chunked.
                let ends = rest.iter().take_while(|byte| is_line_end(**byte)).count();
                if ends > 0 {
                    self.drop(ends, self.last_class);
                    continue;
                }
                if !matches!(rest, [] | [b'>' | b'^', ..]) {
                    state = State::Head;
                }
            }
            let edge = state.edge();
            let mut plain: usize = 0;
            if state == State::Topic {
                // Topics are long: four bytes at once, while all of them are above `"`.
                for word in rest.as_chunks::<4>().0 {
                    let word = u32::from_ne_bytes(*word);
                    if word.wrapping_sub(0x2323_2323) & !word & 0x8080_8080 != 0 {
                        break;
                    }
                    plain = plain.wrapping_add(4);
                }
            }
            while rest.get(plain).is_some_and(|&byte| byte > edge && byte != b'^') {
                plain = plain.wrapping_add(1);
            }
            let next = rest.get(plain).copied();
            self.scanned = self.scanned.wrapping_add(plain);
            self.edge = edge;
            self.state = state;
            let Some(byte) = next else { return Found::Nothing };
            self.edge = u8::MAX;
            if let Some(found) = self.step(byte) {
                return found;
            }
        }
    }

    /// Goes over `byte`, the next one that may mean something, or finds something with it.
    ///
    /// A function of its own, so that the compiler does not keep for the next turn what the next turn does not need.
    #[inline(never)]
    fn step(&mut self, byte: u8) -> Option<Found> {
        let is_end = is_line_end(byte);
        let state = match self.state {
            State::BannerTail => {
                self.banner_tail = self.banner_tail.wrapping_add(1);
                return self.skip(match byte {
                    b'!' => State::BannerEnd,
                    _ if is_end || self.banner_tail > LONGEST_BANNER_TAIL => State::Start,
                    _ => State::BannerTail,
                });
            }
            // Captures end with the two characters `\n` (`protocol.md` §5.1); a real line end is skipped anyway.
            State::BannerEnd if matches!(byte, b'\\' | b'n') => return self.skip(State::BannerEnd),
            State::BannerEnd => {
                self.state = State::Start;
                return None;
            }
            state if is_end => {
                // A header without its payload may have been cut off by a restart.
                if state > State::Tail
                    && let Some(at) = find(self.frame(), self.dialect.banner)
                {
                    self.scanned = at;
                    return Some(Found::Banner);
                }
                return Some(Found::Line);
            }
            State::Start | State::Head | State::Rest if byte == b'^' => {
                let (ahead, banner) = (self.ahead(), self.dialect.banner);
                if !banner.is_empty() {
                    if strip(ahead, banner).is_some() {
                        return Some(Found::Banner);
                    }
                    if strip(banner, ahead).is_some() {
                        return Some(Found::Nothing);
                    }
                }
                return self.pass_over();
            }
            State::Start => {
                if byte == b'>' {
                    match self.unread() {
                        [_] => return Some(Found::Nothing),
                        [_, b' ', ..] => return Some(Found::Prompt),
                        _ => {}
                    }
                }
                State::Head
            }
            State::Head if byte == b',' => {
                self.header_begin = self.scanned.wrapping_add(1);
                let [name, word] = self.dialect.message;
                let is_message = self.overlong == 0
                    && Fields::after(self.frame(), name).is_some_and(|mut fields| is(fields.rest(), word));
                if is_message { State::Numbers } else { State::Rest }
            }
            State::Numbers if byte == b'"' => {
                let is_of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b',' | b'-');
                let are_numbers = after(self.frame(), self.header_begin).iter().all(is_of_number);
                if are_numbers { State::Topic } else { State::Tail }
            }
            State::Topic if byte == b'"' => match self.ahead() {
                [_] => return Some(Found::Nothing),
                [_, b',', ..] => {
                    self.scanned = self.scanned.wrapping_add(1);
                    self.length_begin = self.scanned.wrapping_add(1);
                    if self.form == MessageForm::Bare { State::Tail } else { State::Length }
                }
                _ => State::Topic,
            },
            State::Length if byte == b',' => match Fields::new(after(self.frame(), self.length_begin)).last_integer() {
                Ok(length @ 0..=LONGEST_PAYLOAD) => {
                    self.payload = length as usize;
                    return Some(Found::Message);
                }
                _ => State::Tail,
            },
            state => state,
        };
        self.state = state;
        self.scanned = self.scanned.wrapping_add(1);
        None
    }

    /// What was found is not what it looks like.
    #[inline(never)]
    pub(crate) fn pass_over(&mut self) -> Option<Found> {
        if self.state == State::Start {
            self.state = State::Head;
        }
        self.scanned = self.scanned.wrapping_add(1);
        None
    }

    /// The banner that was found is used up.
    pub(crate) fn consume_banner(&mut self) {
        self.drop(self.dialect.banner.len(), Class::Event);
        self.state = State::BannerTail;
        self.banner_tail = 0;
    }

    /// How many bytes the frame that was found has lost since it did not fit in RX.
    pub(crate) fn take_overlong(&mut self) -> usize {
        core::mem::take(&mut self.overlong)
    }

    /// RX is full of the present frame: drops what was looked at, but for the length of a payload that is being read.
    pub(super) fn drop_part(&mut self) {
        let digits = self.scanned.wrapping_sub(self.length_begin);
        let kept = if self.state == State::Length && digits <= MOST_DIGITS { digits } else { 0 };
        let dropped = self.scanned.wrapping_sub(kept);
        let state = self.state;
        self.overlong = self.overlong.wrapping_add(dropped);
        self.drop(dropped, Class::Lost);
        self.state = state;
        self.scanned = kept;
        self.header_begin = 0;
        self.length_begin = 0;
    }

    /// The byte is part of no frame.
    #[inline(always)]
    fn skip(&mut self, next: State) -> Option<Found> {
        self.drop(1, self.last_class);
        self.state = next;
        None
    }
}

const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}
