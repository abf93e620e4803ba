//! A transcript for people: who said what, when, and what it means; on the terminal, and as a picture.

mod svg;

use core::fmt::Write as _;
use core::time::Duration;
use std::borrow::Cow;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use nt35e_sim::transcript::{Entry, Transcript, escape};

use crate::meaning;

/// Prints the transcript in a file, or draws it.
pub(crate) fn run(path: &Path, picture: Option<&Path>) -> Result<(), String> {
    let failed = |what: String| format!("{}: {what}", path.display());
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let transcript: Transcript = text.parse().map_err(|error| failed(format!("no transcript: {error}")))?;
    if let Some(picture) = picture {
        fs::write(picture, svg::drawn(&transcript)).map_err(|error| format!("{}: {error}", picture.display()))?;
        eprintln!("wrote {}", picture.display());
        return Ok(());
    }
    match io::stdout().write_all(shown(&transcript).as_bytes()) {
        // Whoever reads, as `head` does, has seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(()),
    }
}

/// One line for people.
struct Row {
    kind: Kind,
    text: String,
    meaning: Option<Cow<'static, str>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    FromHost(Duration),
    FromModem(Duration),
    Action,
    Expect,
    Comment,
}

/// Each line of what was said and done.
fn rows(transcript: &Transcript) -> Vec<Row> {
    let plain = |kind, text: &str| vec![Row { kind, text: text.to_owned(), meaning: None }];
    let rows = transcript.entries.iter().map(|entry| match entry {
        Entry::FromHost { at, bytes } => lines(Kind::FromHost(*at), bytes),
        Entry::FromModem { at, bytes } => lines(Kind::FromModem(*at), bytes),
        Entry::Action(text) => plain(Kind::Action, text),
        Entry::Expect(text) => plain(Kind::Expect, text),
        Entry::Comment(text) => plain(Kind::Comment, text),
    });
    rows.flatten().collect()
}

/// Each line of what was said at once, with what it means.
fn lines(kind: Kind, bytes: &[u8]) -> Vec<Row> {
    let lines = bytes.split(|byte| b"\r\n".contains(byte)).filter(|line| !line.is_empty());
    lines.map(|line| Row { kind, text: escape(line), meaning: meaning::of(line) }).collect()
}

fn shown(transcript: &Transcript) -> String {
    let mut out = String::new();
    for (key, value) in &transcript.headers {
        let _ = writeln!(out, "{key:>12}: {value}");
    }
    for Row { kind, text, meaning } in rows(transcript) {
        let _ = match kind {
            Kind::FromHost(at) => write!(out, "{:>9} ms -> {text}", at.as_millis()),
            Kind::FromModem(at) => write!(out, "{:>9} ms <- {text}", at.as_millis()),
            Kind::Action => write!(out, "\n{:>12}  {text}", "do"),
            Kind::Expect => write!(out, "{:>12}  {text}", "so that"),
            Kind::Comment => write!(out, "{:>12} {text}", ""),
        };
        if let Some(meaning) = meaning {
            let _ = write!(out, "   ({meaning})");
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_transcript_is_shown_line_by_line_with_what_it_means() {
        let text = "# module: NT35E\n\n! connect\n> 5ms AT+LMQTTCONN=0,\"x\"\\r\\n\n< 9ms \\r\\nOK\\r\\n\\r\\n+LMQTTCONN: 0,0,4\\r\\n\n= no\n";
        let expected = [
            "      module: NT35E",
            "",
            "          do  connect",
            "        5 ms -> AT+LMQTTCONN=0,\"x\"   (sign in)",
            "        9 ms <- OK   (done)",
            "        9 ms <- +LMQTTCONN: 0,0,4   (wrong user name or password)",
            "     so that  no",
            "",
        ];
        assert_eq!(shown(&text.parse().unwrap()), expected.join("\n"));
    }
}
