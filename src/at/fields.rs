//! The argument list of one complete line, read from left to right.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::char;
use nom::combinator::{eof, opt, recognize, verify};
use nom::sequence::{delimited, preceded, terminated};

/// The line did not have the form that its name promises: a broken number, a missing field or one too many.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Malformed;

type Parsed<'a, T> = nom::IResult<&'a [u8], T, ()>;

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
        let mut head = (tag::<_, _, ()>(name), char(':'), take_while(|byte| byte == b' '));
        head.parse(line).ok().map(|(rest, _)| Self { rest })
    }

    /// Takes an integer that another field follows.
    pub fn integer(&mut self) -> Result<i32, Malformed> {
        self.take(terminated(integer, char(',')))
    }

    /// Takes the integer that ends the list.
    pub fn last_integer(&mut self) -> Result<i32, Malformed> {
        self.take(terminated(integer, eof))
    }

    /// Takes an integer that may be followed by another field or by the end.
    pub fn any_integer(&mut self) -> Result<i32, Malformed> {
        self.take(terminated(integer, separator))
    }

    /// Takes an integer where one may be: none at the end of the list.
    pub fn optional_integer(&mut self) -> Result<Option<i32>, Malformed> {
        if self.rest.is_empty() { Ok(None) } else { self.any_integer().map(Some) }
    }

    /// Takes a text in quotes and what separates it from the next field. The text has no quote inside.
    pub fn quoted(&mut self) -> Result<&'a [u8], Malformed> {
        self.take(terminated(delimited(char('"'), take_while(|byte| byte != b'"'), char('"')), separator))
    }

    /// Takes a text with or without quotes, up to a comma or the end.
    pub fn text(&mut self) -> Result<&'a [u8], Malformed> {
        let quoted = delimited(char('"'), take_while(|byte| byte != b'"'), char('"'));
        let bare = take_while1(|byte| byte != b',' && byte != b'"');
        self.take(terminated(alt((quoted, bare)), separator))
    }

    /// Takes the rest, whatever it holds.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// Checks that nothing is left.
    pub fn end(self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    fn take<T>(&mut self, mut parser: impl Parser<&'a [u8], Output = T, Error = ()>) -> Result<T, Malformed> {
        let (rest, value) = parser.parse(self.rest).map_err(|_| Malformed)?;
        self.rest = rest;
        Ok(value)
    }
}

fn separator(input: &[u8]) -> Parsed<'_, ()> {
    alt((char(',').map(|_| ()), eof.map(|_| ()))).parse(input)
}

fn integer(input: &[u8]) -> Parsed<'_, i32> {
    let digits = verify(take_while1(|byte: u8| byte.is_ascii_digit()), |digits: &[u8]| digits.len() <= 10);
    let (rest, text) = recognize(preceded(opt(char('-')), digits)).parse(input)?;
    let negative = text.first() == Some(&b'-');
    let mut value: i64 = 0;
    for digit in text.iter().filter(|byte| byte.is_ascii_digit()) {
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit.wrapping_sub(b'0')));
    }
    let signed = if negative { value.wrapping_neg() } else { value };
    i32::try_from(signed).map(|value| (rest, value)).map_err(|_| nom::Err::Error(()))
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
