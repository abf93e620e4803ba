//! The arguments of a command, taken from the left one at a time.

use core::ops::RangeInclusive;

use super::answer::Refusal;

/// The arguments not yet taken.
#[derive(Clone, Debug)]
pub(crate) struct Arguments<'line> {
    /// `None` once the last argument is taken; empty for one empty argument.
    rest: Option<&'line [u8]>,
}

impl<'line> Arguments<'line> {
    pub(crate) fn new(text: &'line [u8]) -> Self {
        Self { rest: Some(text) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_none()
    }

    /// Whether the next argument begins with a quote.
    pub(crate) fn text_is_next(&self) -> bool {
        self.rest.is_some_and(|rest| rest.starts_with(b"\""))
    }

    /// A number in this range.
    pub(crate) fn integer(&mut self, range: RangeInclusive<u32>) -> Result<u32, Refusal> {
        let field = self.bare()?;
        if field.is_empty() || !field.iter().all(u8::is_ascii_digit) {
            return Err(Refusal::NotAllowed);
        }
        let text = core::str::from_utf8(field).map_err(|_| Refusal::NotAllowed)?;
        text.parse().ok().filter(|number| range.contains(number)).ok_or(Refusal::NotAllowed)
    }

    /// A quoted string of UTF-8, at most `longest` bytes; it cannot hold a quote.
    pub(crate) fn text(&mut self, longest: usize) -> Result<&'line str, Refusal> {
        let [b'"', inside @ ..] = self.rest.ok_or(Refusal::NotAllowed)? else {
            return Err(Refusal::NotAllowed);
        };
        let end = inside.iter().position(|&byte| byte == b'"').ok_or(Refusal::NotAllowed)?;
        self.rest = match &inside[end + 1..] {
            [] => None,
            [b',', rest @ ..] => Some(rest),
            _ => return Err(Refusal::NotAllowed),
        };
        core::str::from_utf8(&inside[..end]).ok().filter(|text| text.len() <= longest).ok_or(Refusal::NotAllowed)
    }

    /// A word with or without quotes.
    pub(crate) fn word(&mut self, quotes_needed: bool) -> Result<&'line str, Refusal> {
        if quotes_needed || self.text_is_next() {
            return self.text(usize::MAX);
        }
        core::str::from_utf8(self.bare()?).map_err(|_| Refusal::NotAllowed)
    }

    /// Everything that is left, or `None` if nothing was.
    pub(crate) fn remainder(&mut self) -> Option<&'line [u8]> {
        self.rest.take()
    }

    /// Makes sure that nothing is left.
    pub(crate) fn end(&self) -> Result<(), Refusal> {
        if self.is_empty() { Ok(()) } else { Err(Refusal::NotAllowed) }
    }

    fn bare(&mut self) -> Result<&'line [u8], Refusal> {
        let rest = self.rest.ok_or(Refusal::NotAllowed)?;
        let comma = rest.iter().position(|&byte| byte == b',');
        self.rest = comma.map(|comma| &rest[comma + 1..]);
        Ok(&rest[..comma.unwrap_or(rest.len())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_strings_in_turn() {
        let mut arguments = Arguments::new(br#"0,"a,b",65535"#);
        assert_eq!(arguments.integer(0..=4), Ok(0));
        assert_eq!(arguments.text(256), Ok("a,b"));
        assert_eq!(arguments.integer(1..=65535), Ok(65535));
        assert!(arguments.is_empty());
        assert_eq!(arguments.integer(0..=1), Err(Refusal::NotAllowed));
    }

    #[test]
    fn range_and_length_are_checked() {
        assert_eq!(Arguments::new(b"5").integer(0..=4), Err(Refusal::NotAllowed));
        assert_eq!(Arguments::new(b"").integer(0..=4), Err(Refusal::NotAllowed));
        assert_eq!(Arguments::new(b"+1").integer(0..=4), Err(Refusal::NotAllowed));
        assert_eq!(Arguments::new(b"99999999999").integer(0..=u32::MAX), Err(Refusal::NotAllowed));
        assert_eq!(Arguments::new(b"\"abc\"").text(2), Err(Refusal::NotAllowed));
        assert_eq!(Arguments::new(b"abc").text(9), Err(Refusal::NotAllowed));
        assert_eq!(Arguments::new(b"\"abc").text(9), Err(Refusal::NotAllowed));
        assert_eq!(Arguments::new(b"\"a\"c\"").text(9), Err(Refusal::NotAllowed));
    }

    #[test]
    fn a_trailing_comma_is_an_empty_argument() {
        let mut arguments = Arguments::new(b"0,");
        assert_eq!(arguments.integer(0..=0), Ok(0));
        assert!(!arguments.is_empty());
        assert_eq!(arguments.end(), Err(Refusal::NotAllowed));
        assert_eq!(arguments.remainder(), Some(&b""[..]));
    }
}
