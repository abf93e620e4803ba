//! Reads JSON (RFC 8259) where it stands: strictly, without recursion and without memory of its own.
//!
//! What the platform wraps its messages in is read by it, and whatever else is in them is checked and left out. 31 brackets may be
//! open at a time; what is deeper is refused, so that no payload decides how much stack is used.

use crate::at::bytes::{before, find};

/// A value as it stands in the text, without the white space around it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Value<'t>(&'t [u8]);

impl<'t> Value<'t> {
    /// What stands for a member that is not there.
    #[cfg(feature = "thing-model")]
    pub(crate) const EMPTY_OBJECT: Self = Self(b"{}");

    /// What stands for text that is not there.
    #[cfg(feature = "thing-model")]
    pub(crate) const EMPTY_TEXT: Self = Self(b"\"\"");

    /// A whole text that is one value.
    #[cfg(test)]
    pub(crate) fn of(text: &'t [u8]) -> Option<Self> {
        let mut text = Text(text);
        let value = text.value()?;
        text.peek().is_none().then_some(value)
    }

    /// The value's text.
    #[cfg(any(test, feature = "ota", feature = "thing-model"))]
    pub(crate) const fn as_bytes(self) -> &'t [u8] {
        self.0
    }

    /// What stands between the quotes of a string, with its escapes as they are.
    pub(crate) fn string(self) -> Option<&'t [u8]> {
        self.0.strip_prefix(b"\"")?.strip_suffix(b"\"")
    }

    /// A number without sign, fraction and exponent, as it is or as text.
    pub(crate) fn unsigned(self) -> Option<u64> {
        let digits = self.string().unwrap_or(self.0);
        let (first, rest) = digits.split_first()?;
        let mut number = digit(*first)?;
        for byte in rest {
            if number == 0 {
                // JSON has no zeros in front.
                return None;
            }
            number = number.checked_mul(10)?.checked_add(digit(*byte)?)?;
        }
        Some(number)
    }
}

/// Reads an object, and puts the value of the member with each of the names into the place with the same index.
///
/// A name that is wanted and stands there twice makes the object ambiguous: there is nothing to be picked from it. Nor is there if a name
/// has escapes, by which it could be the same.
pub(crate) fn pick<'t>(object: &'t [u8], names: &[&str], values: &mut [Option<Value<'t>>]) -> Option<()> {
    let mut text = Text(object);
    text.expect(b'{')?;
    if text.peek()? == b'}' {
        text.byte()?;
    } else {
        loop {
            let name = text.name()?;
            if find(name, b"\\").is_some() {
                return None;
            }
            let value = text.value()?;
            for (wanted, place) in names.iter().zip(values.iter_mut()) {
                if wanted.as_bytes() == name && place.replace(value).is_some() {
                    return None;
                }
            }
            match text.token()? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
    }
    text.peek().is_none().then_some(())
}

/// What is still to be read.
pub(crate) struct Text<'t>(&'t [u8]);

impl<'t> Text<'t> {
    /// All of it is still to be read.
    #[cfg(feature = "thing-model")]
    pub(crate) const fn new(text: &'t [u8]) -> Self {
        Self(text)
    }

    /// A value.
    ///
    /// ```text
    ///        ┌─────── `[`, `{` name, `,`, `,` name ───────┐
    ///        ▼                                            │
    ///   a value is due ── scalar, `{}`, `[]` ──► it has ended ◄─┐
    ///                                              │      └─────┘ `}`, `]`
    ///                                              ▼ nothing is open
    ///                                            done
    /// ```
    pub(crate) fn value(&mut self) -> Option<Value<'t>> {
        self.peek()?;
        let all = self.0;
        // Behind a leading one, a bit for each open bracket: set if it is a square one.
        let mut open = 1_u32;
        loop {
            match self.token()? {
                b'"' => drop(self.string()?),
                bracket @ (b'{' | b'[') => {
                    if open.leading_zeros() == 0 {
                        return None;
                    }
                    open = open << 1 | u32::from(bracket == b'[');
                    if self.peek()? != closing(open) {
                        self.name_if_due(open)?;
                        continue;
                    }
                    self.byte()?;
                    open >>= 1;
                }
                b't' => self.expect_all(b"rue")?,
                b'f' => self.expect_all(b"alse")?,
                b'n' => self.expect_all(b"ull")?,
                first => self.number(first)?,
            }
            while open != 1 {
                match self.token()? {
                    b',' => {
                        self.name_if_due(open)?;
                        break;
                    }
                    byte if byte == closing(open) => open >>= 1,
                    _ => return None,
                }
            }
            if open == 1 {
                return Some(Value(before(all, all.len().wrapping_sub(self.0.len()))));
            }
        }
    }

    /// The name of a member and its colon, if the innermost bracket is that of an object.
    fn name_if_due(&mut self, open: u32) -> Option<()> {
        if open & 1 == 0 {
            self.name()?;
        }
        Some(())
    }

    /// The name of a member, and its colon.
    pub(crate) fn name(&mut self) -> Option<&'t [u8]> {
        self.expect(b'"')?;
        let name = self.string()?;
        self.expect(b':')?;
        Some(name)
    }

    /// The rest of a string, behind its first quote, with its escapes as they are.
    fn string(&mut self) -> Option<&'t [u8]> {
        let all = self.0;
        loop {
            let rest = self.0.len();
            match self.byte()? {
                b'"' => return Some(before(all, all.len().wrapping_sub(rest))),
                b'\\' => match self.byte()? {
                    b'u' => {
                        for _ in 0..4 {
                            self.byte().filter(u8::is_ascii_hexdigit)?;
                        }
                    }
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    _ => return None,
                },
                0..b' ' => return None,
                _ => {}
            }
        }
    }

    /// The rest of a number.
    fn number(&mut self, first: u8) -> Option<()> {
        let first = if first == b'-' { self.byte()? } else { first };
        // JSON has no zeros in front.
        if digit(first)? != 0 {
            self.skip(|byte| byte.is_ascii_digit());
        }
        if self.skip_one(|byte| byte == b'.') {
            self.digits()?;
        }
        if self.skip_one(|byte| matches!(byte, b'e' | b'E')) {
            self.skip_one(|byte| matches!(byte, b'+' | b'-'));
            self.digits()?;
        }
        Some(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Option<()> {
        digit(self.byte()?)?;
        self.skip(|byte| byte.is_ascii_digit());
        Some(())
    }

    fn skip(&mut self, kind: fn(u8) -> bool) {
        while self.skip_one(kind) {}
    }

    fn skip_one(&mut self, kind: fn(u8) -> bool) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if kind(*first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn expect_all(&mut self, wanted: &[u8]) -> Option<()> {
        self.0 = self.0.strip_prefix(wanted)?;
        Some(())
    }

    fn expect(&mut self, wanted: u8) -> Option<()> {
        (self.token()? == wanted).then_some(())
    }

    /// The next byte that is not white space.
    pub(crate) fn token(&mut self) -> Option<u8> {
        self.peek()?;
        self.byte()
    }

    /// The next byte that is not white space, which stays.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        self.skip(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        self.0.first().copied()
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }
}

/// What closes the innermost open bracket.
const fn closing(open: u32) -> u8 {
    if open & 1 == 1 { b']' } else { b'}' }
}

fn digit(byte: u8) -> Option<u64> {
    byte.is_ascii_digit().then(|| u64::from(byte.wrapping_sub(b'0')))
}

#[cfg(test)]
mod tests;
