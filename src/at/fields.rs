//! The argument list of one complete line, read from left to right.

use super::bytes::{after, before, find, strip};

/// The line did not have the form that its name promises: a broken number, a missing field or one too many.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Malformed;

/// What is left of an argument list. Each reader takes one field and the comma behind it.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of `rest`, which begins at a field.
    pub const fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    /// The fields behind `name:` and any number of spaces; none if `line` has another name.
    ///
    /// The modem's ancestor leaves the space out in read answers (`protocol.md` §2).
    pub fn after(line: &'a [u8], name: &[u8]) -> Option<Self> {
        let mut rest = strip(strip(line, name)?, b":")?;
        while let [b' ', after @ ..] = rest {
            rest = after;
        }
        Some(Self { rest })
    }

    /// The fields behind `word`, if they begin with it.
    #[inline(always)]
    pub fn behind(self, word: &[u8]) -> Option<Self> {
        strip(self.rest, word).map(Self::new)
    }

    /// What stands before `separator` and behind it; none if it is not there.
    pub fn split(self, separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
        let at = find(self.rest, separator)?;
        Some((before(self.rest, at), after(self.rest, at.wrapping_add(separator.len()))))
    }

    /// Takes an integer that another field follows.
    #[inline(always)]
    pub fn integer(&mut self) -> Result<i32, Malformed> {
        match self.number()? {
            (value, true) => Ok(value),
            _ => Err(Malformed),
        }
    }

    /// Takes the integer that ends the list.
    #[inline(always)]
    pub fn last_integer(&mut self) -> Result<i32, Malformed> {
        match self.number()? {
            (value, false) => Ok(value),
            _ => Err(Malformed),
        }
    }

    /// Takes an integer that may be followed by another field or by the end.
    pub fn any_integer(&mut self) -> Result<i32, Malformed> {
        self.number().map(|(value, _)| value)
    }

    /// Takes an integer where one may be: none at the end of the list.
    pub fn optional_integer(&mut self) -> Result<Option<i32>, Malformed> {
        if self.rest.is_empty() { Ok(None) } else { self.any_integer().map(Some) }
    }

    /// Takes a text in quotes and what separates it from the next field. The text has no quote inside.
    pub fn quoted(&mut self) -> Result<&'a [u8], Malformed> {
        let [b'"', inside @ ..] = self.rest else { return Err(Malformed) };
        let (text, behind) = split_before(inside, |byte| byte == b'"');
        self.rest = match behind {
            [b'"', b',', rest @ ..] => rest,
            [b'"'] => &[],
            _ => return Err(Malformed),
        };
        Ok(text)
    }

    /// Takes a text with or without quotes, up to a comma or the end.
    pub fn text(&mut self) -> Result<&'a [u8], Malformed> {
        if let Some(b'"') = self.rest.first() {
            return self.quoted();
        }
        let (text, behind) = split_before(self.rest, |byte| byte == b',' || byte == b'"');
        self.rest = match behind {
            _ if text.is_empty() => return Err(Malformed),
            [] => &[],
            [b',', rest @ ..] => rest,
            _ => return Err(Malformed),
        };
        Ok(text)
    }

    /// Takes the rest, whatever it holds.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// Checks that nothing is left.
    pub fn end(self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    /// Takes an integer and what separates it from the next field; true if a comma does.
    fn number(&mut self) -> Result<(i32, bool), Malformed> {
        let sign = usize::from(matches!(self.rest, [b'-', ..]));
        let mut end = sign;
        let mut value: u32 = 0;
        while let Some(&byte @ b'0'..=b'9') = self.rest.get(end) {
            if value > i32::MAX as u32 / 10 {
                return Err(Malformed);
            }
            value = value.wrapping_mul(10).wrapping_add(u32::from(byte.wrapping_sub(b'0')));
            end = end.wrapping_add(1);
        }
        // Negative numbers go one further than positive ones.
        if end == sign || value > (i32::MAX as u32).wrapping_add(sign as u32) {
            return Err(Malformed);
        }
        if sign > 0 {
            value = value.wrapping_neg();
        }
        let behind = after(self.rest, end);
        let (rest, is_followed) = match behind {
            [b',', rest @ ..] => (rest, true),
            [] => (behind, false),
            _ => return Err(Malformed),
        };
        self.rest = rest;
        Ok((value.cast_signed(), is_followed))
    }
}

/// What is before the first byte that `ends` the text, and what begins with it.
fn split_before(text: &[u8], ends: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let length = text.iter().take_while(|&&byte| !ends(byte)).count();
    text.split_at_checked(length).unwrap_or((text, &[]))
}

#[cfg(test)]
mod tests {
    use super::{Fields, Malformed};

    #[test]
    fn a_name_matches_as_a_whole() {
        assert!(Fields::after(b"+LMQTTPUB: 0,1,0", b"+LMQTTPUB").is_some());
        assert!(Fields::after(b"+LMQTTPUB:0,1,0", b"+LMQTTPUB").is_some());
        assert!(Fields::after(b"+LMQTTPUBEX: 0", b"+LMQTTPUB").is_none());
        assert!(Fields::after(b"+LMQTT", b"+LMQTTPUB").is_none());
    }

    #[test]
    fn integers_are_read_with_sign_and_limits() {
        let mut fields = Fields::new(b"0,-1,2147483647");
        assert_eq!(fields.integer(), Ok(0));
        assert_eq!(fields.integer(), Ok(-1));
        assert_eq!(fields.last_integer(), Ok(i32::MAX));
        assert_eq!(fields.optional_integer(), Ok(None));
        assert_eq!(Fields::new(b"-2147483648").last_integer(), Ok(i32::MIN));
        for broken in [&b""[..], b"-", b"1x", b"2147483648", b"99999999999999999999", b" 1", b"+1", b"\0"] {
            assert_eq!(Fields::new(broken).last_integer(), Err(Malformed), "{broken:?}");
        }
    }

    #[test]
    fn a_field_too_few_or_too_many_is_malformed() {
        assert_eq!(Fields::new(b"1").integer(), Err(Malformed));
        assert_eq!(Fields::new(b"1,2").last_integer(), Err(Malformed));
        assert_eq!(Fields::new(b"1").end(), Err(Malformed));
    }

    #[test]
    fn a_text_in_quotes_may_hold_commas() {
        let mut fields = Fields::new(b"\"a,b\",\"\",7");
        assert_eq!(fields.quoted(), Ok(&b"a,b"[..]));
        assert_eq!(fields.quoted(), Ok(&b""[..]));
        assert_eq!(fields.any_integer(), Ok(7));
        assert_eq!(Fields::new(b"\"open").quoted(), Err(Malformed));
        assert_eq!(Fields::new(b"\"a\"b").quoted(), Err(Malformed));
    }

    #[test]
    fn a_text_reads_with_and_without_quotes() {
        let mut fields = Fields::new(b"861326070275653,\"x\"");
        assert_eq!(fields.text(), Ok(&b"861326070275653"[..]));
        assert_eq!(fields.text(), Ok(&b"x"[..]));
    }
}
