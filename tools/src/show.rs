//! A transcript for people: who said what, when, and what it means.

use core::fmt::Write as _;
use core::time::Duration;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use nt35e_sim::transcript::{Entry, Transcript, escape};

use crate::meaning;

/// Prints the transcript in a file.
pub(crate) fn run(path: &Path) -> Result<(), String> {
    let failed = |what: String| format!("{}: {what}", path.display());
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let transcript: Transcript = text.parse().map_err(|error| failed(format!("no transcript: {error}")))?;
    match io::stdout().write_all(shown(&transcript).as_bytes()) {
        // Whoever reads, as `head` does, has seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.to_string()),
        _ => Ok(()),
    }
}

fn shown(transcript: &Transcript) -> String {
    let mut out = String::new();
    for (key, value) in &transcript.headers {
        let _ = writeln!(out, "{key:>12}: {value}");
    }
    for entry in &transcript.entries {
        match entry {
            Entry::FromHost { at, bytes } => show_lines(&mut out, *at, "->", bytes),
            Entry::FromModem { at, bytes } => show_lines(&mut out, *at, "<-", bytes),
            Entry::Action(text) => {
                let _ = writeln!(out, "\n{:>12}  {text}", "do");
            }
            Entry::Expect(text) => {
                let _ = writeln!(out, "{:>12}  {text}", "so that");
            }
            Entry::Comment(text) => {
                let _ = writeln!(out, "{:>12} {text}", "");
            }
        }
    }
    out
}

/// Each line of what was said, with what it means.
fn show_lines(out: &mut String, at: Duration, arrow: &str, bytes: &[u8]) {
    for line in bytes.split(|byte| b"\r\n".contains(byte)).filter(|line| !line.is_empty()) {
        let _ = write!(out, "{:>9} ms {arrow} {}", at.as_millis(), escape(line));
        if let Some(meaning) = meaning::of(line) {
            let _ = write!(out, "   ({meaning})");
        }
        out.push('\n');
    }
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
