//! Transcript to text.

use core::fmt;
use core::time::Duration;

use super::{Entry, Transcript, escape};

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, value) in &self.headers {
            writeln!(f, "# {key}: {value}")?;
        }
        // The empty line keeps a comment from being taken for a header.
        if !self.entries.is_empty() {
            writeln!(f)?;
        }
        self.entries.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FromHost { at, bytes } => write!(f, "> {} {}", Milliseconds(*at), escape(bytes)),
            Self::FromModem { at, bytes } => write!(f, "< {} {}", Milliseconds(*at), escape(bytes)),
            Self::Action(text) => write!(f, "! {text}"),
            Self::Expect(text) => write!(f, "= {text}"),
            Self::Comment(text) => write!(f, "#{text}"),
        }
    }
}

/// A time as the format writes it: no more digits than needed.
struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.as_millis())?;
        let below = self.0.subsec_nanos() % 1_000_000;
        if below != 0 {
            write!(f, ".{}", format!("{below:06}").trim_end_matches('0'))?;
        }
        f.write_str("ms")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text_line() -> impl Strategy<Value = String> {
        "[ -~]{0,20}"
    }

    fn entry() -> impl Strategy<Value = (u64, Entry)> {
        let bytes = || prop::collection::vec(any::<u8>(), 0..40);
        let kind = prop_oneof![
            bytes().prop_map(|bytes| Entry::FromHost { at: Duration::ZERO, bytes }),
            bytes().prop_map(|bytes| Entry::FromModem { at: Duration::ZERO, bytes }),
            text_line().prop_map(Entry::Action),
            text_line().prop_map(Entry::Expect),
            prop_oneof![text_line(), Just(" key: value".to_owned())].prop_map(Entry::Comment),
        ];
        (0..5_000_000_u64, kind)
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(
            headers in prop::collection::vec(("[a-z][a-z0-9_-]{0,8}", text_line()), 0..3),
            steps in prop::collection::vec(entry(), 0..12),
        ) {
            let mut now = Duration::ZERO;
            let entries = steps.into_iter().map(|(nanoseconds, mut entry)| {
                now += Duration::from_nanos(nanoseconds);
                if let Entry::FromHost { at, .. } | Entry::FromModem { at, .. } = &mut entry {
                    *at = now;
                }
                entry
            });
            let transcript = Transcript {
                headers: headers.into_iter().filter(|(key, _)| key != "provenance").collect(),
                entries: entries.collect(),
            };
            let read: Transcript = transcript.to_string().parse().unwrap();
            prop_assert_eq!(read, transcript);
        }
    }

    #[test]
    fn data_that_looks_like_a_time_stays_data() {
        let entry = Entry::FromHost { at: Duration::from_millis(5), bytes: b"12ms AT".to_vec() };
        assert_eq!(entry.to_string(), "> 5ms 12ms AT");
        let read: Transcript = entry.to_string().parse().unwrap();
        assert_eq!(read.entries, [entry]);
    }
}
