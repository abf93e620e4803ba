//! How long something is, as text: `500ms`, `12.5s`, `1h`.

use core::time::Duration;

/// Reads a span: a number with `ms`, `s`, `min` or `h` behind it. A number with a unit above milliseconds may have a
/// fraction, down to milliseconds.
pub fn read_span(text: &str) -> Option<Duration> {
    let end = text.find(|byte: char| byte.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(end);
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 3 {
        return None;
    }
    let whole: u64 = whole.parse().ok()?;
    let thousandths: u64 = format!("{fraction:0<3}").parse().ok()?;
    let fraction = thousandths * milliseconds;
    if !fraction.is_multiple_of(1_000) {
        return None;
    }
    Some(Duration::from_millis(whole.checked_mul(milliseconds)?.checked_add(fraction / 1_000)?))
}

/// Writes a span as [`read_span`] reads it, to the millisecond.
pub fn write_span(span: Duration) -> String {
    let milliseconds = span.as_millis();
    match (milliseconds / 1_000, milliseconds % 1_000) {
        (0, 0) => "0s".to_owned(),
        (0, rest) => format!("{rest}ms"),
        (seconds, 0) if seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        (seconds, 0) => format!("{seconds}s"),
        (seconds, rest) => format!("{seconds}.{}s", format!("{rest:03}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_with_their_unit() {
        let cases =
            [("500ms", 500), ("5s", 5_000), ("12.5s", 12_500), ("1.5h", 5_400_000), ("2min", 120_000), ("0s", 0)];
        for (text, milliseconds) in cases {
            assert_eq!(read_span(text), Some(Duration::from_millis(milliseconds)), "{text}");
        }
        for text in ["", "5", "s", "5 s", "-1s", "1.s", ".5s", "0.5ms", "1.2345s", "5d", "99999999999999999999s"] {
            assert_eq!(read_span(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for milliseconds in [0, 1, 20, 999, 1_000, 1_001, 1_010, 12_500, 60_000, 3_600_000, 3_600_001, 7_200_000] {
            let span = Duration::from_millis(milliseconds);
            assert_eq!(read_span(&write_span(span)), Some(span), "{}", write_span(span));
        }
        assert_eq!(write_span(Duration::from_millis(12_050)), "12.05s");
        assert_eq!(write_span(Duration::from_secs(3_600)), "1h");
    }
}
