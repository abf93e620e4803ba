//! A transcript for people: who said what, when, and what it means.

use core::fmt::Write as _;
use core::time::Duration;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use nt35e_sim::transcript::{Entry, Transcript, escape};

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
        if let Some(meaning) = meaning(line) {
            let _ = write!(out, "   ({meaning})");
        }
        out.push('\n');
    }
}

/// What a line means, if it is one of those that a check or a sign-in brings (`protocol.md` §3 and §5.2; 3GPP TS 27.007).
fn meaning(line: &[u8]) -> Option<&'static str> {
    let text = core::str::from_utf8(line).ok()?;
    let exact = LINES.iter().find(|(whole, _)| *whole == text);
    let meaning = exact.or_else(|| STARTS.iter().find(|(start, _)| text.starts_with(start)));
    meaning.map(|(_, meaning)| *meaning)
}

const LINES: [(&str, &str); 21] = [
    ("AT", "is anybody there?"),
    ("OK", "done"),
    ("ERROR", "refused, without a reason"),
    ("ATE0", "echo off"),
    ("+CME ERROR: 3", "not allowed now; this firmware's answer to most mistakes"),
    ("+CME ERROR: 4", "not supported"),
    ("+CME ERROR: 10", "there is no SIM"),
    ("+CME ERROR: 11", "the SIM waits for its PIN"),
    ("+CME ERROR: 12", "the SIM waits for its PUK"),
    ("+CME ERROR: 13", "the SIM failed"),
    ("+CME ERROR: 14", "the SIM is busy"),
    ("+CME ERROR: 30", "no network service"),
    ("+CME ERROR: 50", "a parameter is wrong"),
    ("+LMQTTOPEN: 0,0", "the broker is reached"),
    ("+LMQTTOPEN: 0,-1,3", "the data bearer could not be activated"),
    ("+LMQTTOPEN: 0,-1,4", "the host's name could not be resolved"),
    ("+LMQTTOPEN: 0,-1,5", "the network is down"),
    ("+LMQTTCONN: 0,0,0", "the broker accepts"),
    ("+LMQTTCONN: 0,0,2", "the broker rejects the client id"),
    ("+LMQTTCONN: 0,0,4", "wrong user name or password"),
    ("+LMQTTCONN: 0,0,5", "not authorised"),
];

const STARTS: [(&str, &str); 24] = [
    ("AT+CGMM", "which model?"),
    ("AT+LGMR", "which firmware?"),
    ("AT+CGSN", "which IMEI?"),
    ("AT+LCCID", "which SIM?"),
    ("AT+CIMI", "which subscriber?"),
    ("AT+CPIN?", "can the SIM be used?"),
    ("AT+CEREG?", "is the modem registered?"),
    ("AT+CGATT?", "does the network carry packets?"),
    ("AT+CGPADDR", "which address?"),
    ("AT+CGDCONT?", "which access point?"),
    ("AT+CSQ", "how strong is the signal?"),
    ("AT+CCLK?", "what time is it?"),
    ("AT+CMEE", "refuse with a number"),
    ("AT+LMQTTCFG=?", "which MQTT settings are there?"),
    ("AT+ECMTCFG=?", "or the ancestor's?"),
    ("AT+LMQTTCFG=", "an MQTT setting"),
    ("AT+LMQTTOPEN=", "connect to the broker"),
    ("AT+LMQTTCONN=", "sign in"),
    ("AT+LMQTTDISC", "sign off"),
    ("AT+LMQTTCLOSE", "close the connection"),
    ("+LMQTTOPEN: 0,", "the broker was not reached"),
    ("+LMQTTCONN: 0,", "the sign-in did not succeed"),
    ("+LMQTTURC: STATS,", "the connection's state"),
    ("^boot.rom", "the modem has restarted"),
];

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
