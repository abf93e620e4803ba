//! Bytes as printable text and back.

use super::ParseErrorKind;

/// Writes bytes as a transcript does.
pub fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for (position, &byte) in bytes.iter().enumerate() {
        let at_edge = position == 0 || position + 1 == bytes.len();
        match byte {
            b'\r' => text.push_str("\\r"),
            b'\n' => text.push_str("\\n"),
            b'\\' => text.push_str("\\\\"),
            b' ' if at_edge => text.push_str("\\x20"),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text
}

/// Reads what [`escape`] wrote, and longer ways to write the same.
pub fn unescape(text: &str) -> Result<Vec<u8>, ParseErrorKind> {
    let text = text.as_bytes();
    let mut bytes = Vec::with_capacity(text.len());
    let mut position = 0;
    while let Some(&byte) = text.get(position) {
        let (meant, length) = match byte {
            b'\\' => match text.get(position + 1..) {
                Some([b'r', ..]) => (b'\r', 2),
                Some([b'n', ..]) => (b'\n', 2),
                Some([b'\\', ..]) => (b'\\', 2),
                Some([b'x', high, low, ..]) => {
                    let digit = |digit: &u8| char::from(*digit).to_digit(16).ok_or(ParseErrorKind::Escape(position));
                    ((digit(high)? * 16 + digit(low)?) as u8, 4)
                }
                _ => return Err(ParseErrorKind::Escape(position)),
            },
            b' '..=b'~' => (byte, 1),
            _ => return Err(ParseErrorKind::Unprintable(position)),
        };
        bytes.push(meant);
        position += length;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_comes_back_in_every_place() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unescape(&escape(&all)).unwrap(), all);
        for byte in 0..=255_u8 {
            let bytes = [byte, b'x', byte];
            assert_eq!(unescape(&escape(&bytes)).unwrap(), bytes);
        }
    }

    #[test]
    fn what_does_not_print_is_escaped_and_what_does_is_not() {
        assert_eq!(escape(b" a b\r\n\\\x1a\xff> "), "\\x20a b\\r\\n\\\\\\x1a\\xff>\\x20");
    }

    #[test]
    fn a_bad_escape_says_where() {
        assert_eq!(unescape("ab\\q"), Err(ParseErrorKind::Escape(2)));
        assert_eq!(unescape("\\x4"), Err(ParseErrorKind::Escape(0)));
        assert_eq!(unescape("a\\xg0"), Err(ParseErrorKind::Escape(1)));
        assert_eq!(unescape("a\tb"), Err(ParseErrorKind::Unprintable(1)));
        assert_eq!(unescape("é"), Err(ParseErrorKind::Unprintable(0)));
    }
}
