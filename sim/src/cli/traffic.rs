//! What goes over the serial line, on the screen and in a file.

use core::time::Duration;
use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;

use anstyle::{AnsiColor, Style};
use nt35e_sim::fault::Incident;
use nt35e_sim::transcript::{Entry, Recorder, Transcript, escape};
use nt35e_sim::wire::{Direction, Observer};

/// After this long without a byte, what has come is shown.
const PAUSE: Duration = Duration::from_millis(20);

/// A thread that shows and writes the traffic; it ends when its observer is dropped.
#[derive(Debug)]
pub(super) struct TrafficLog {
    bytes: Sender<Said>,
    thread: JoinHandle<io::Result<()>>,
}

#[derive(Debug)]
struct Said {
    direction: Direction,
    at: Duration,
    bytes: Vec<u8>,
}

impl TrafficLog {
    /// Writes the head of the transcript, if there is to be one, and waits for traffic.
    pub(super) fn start(mut file: Option<File>) -> io::Result<Self> {
        if let Some(file) = &mut file {
            let header = |key: &str, value: &str| (key.to_owned(), value.to_owned());
            let headers = vec![
                header("source", concat!("nt35e-sim ", env!("CARGO_PKG_VERSION"))),
                header("module", "simulated"),
                header("firmware", "simulated"),
                header("provenance", "simulated"),
            ];
            writeln!(file, "{}", Transcript { headers, entries: Vec::new() })?;
        }
        let (bytes, said) = channel();
        let thread = std::thread::spawn(move || Log { recorder: Recorder::new(), file }.run(&said));
        Ok(Self { bytes, thread })
    }

    /// What tells this log of traffic.
    pub(super) fn observer(&self) -> Observer {
        let bytes = self.bytes.clone();
        Box::new(move |traffic| {
            // The clock's nanoseconds say nothing about a modem.
            let at = Duration::from_micros(traffic.at.as_micros() as u64);
            let said = Said { direction: traffic.direction, at, bytes: traffic.bytes.to_vec() };
            // The log is only gone after a failure that it reports itself.
            let _ = bytes.send(said);
        })
    }

    /// Shows and writes the rest. The observers must be gone by now.
    pub(super) fn finish(self) -> io::Result<()> {
        drop(self.bytes);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the log has failed")))
    }
}

struct Log {
    recorder: Recorder,
    file: Option<File>,
}

impl Log {
    fn run(mut self, said: &Receiver<Said>) -> io::Result<()> {
        loop {
            match said.recv_timeout(PAUSE) {
                Ok(Said { direction, at, bytes }) => {
                    match direction {
                        Direction::FromHost => self.recorder.host_sent(at, &bytes),
                        Direction::FromModem => self.recorder.modem_sent(at, &bytes),
                    }
                    let entries = self.recorder.take_complete();
                    self.put(&entries)?;
                }
                Err(RecvTimeoutError::Timeout) => {
                    let entries = self.recorder.take_all();
                    self.put(&entries)?;
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let entries = self.recorder.take_all();
                    return self.put(&entries);
                }
            }
        }
    }

    fn put(&mut self, entries: &[Entry]) -> io::Result<()> {
        for entry in entries {
            if let Some(file) = &mut self.file {
                writeln!(file, "{entry}")?;
            }
            show(&mut anstream::stdout().lock(), entry)?;
        }
        Ok(())
    }
}

/// Prints a fault that has just struck, or waits for its byte.
pub(super) fn show_fault(incident: &Incident) {
    let Incident { at, place, fault } = incident;
    let place = place.map(|place| format!("{place} ")).unwrap_or_default();
    let (dim, colour) = (Style::new().dimmed(), AnsiColor::Yellow.on_default());
    let seconds = at.as_secs_f64();
    anstream::println!("{dim}{seconds:>9.3}{dim:#} ! {colour}{place}{fault}{colour:#}");
}

/// Prints an entry, each of its lines on a line of its own.
fn show(out: &mut impl Write, entry: &Entry) -> io::Result<()> {
    let (at, bytes, mark, colour) = match entry {
        Entry::FromHost { at, bytes } => (at, bytes, '>', AnsiColor::Cyan),
        Entry::FromModem { at, bytes } => (at, bytes, '<', AnsiColor::Green),
        Entry::Action(_) | Entry::Expect(_) | Entry::Comment(_) => return Ok(()),
    };
    let dim = Style::new().dimmed();
    for line in lines(bytes) {
        let is_error = matches!(line, b"ERROR\r\n") || line.starts_with(b"+CME ERROR");
        let colour = if is_error { AnsiColor::Red } else { colour }.on_default();
        let seconds = at.as_secs_f64();
        writeln!(out, "{dim}{seconds:>9.3}{dim:#} {mark} {colour}{}{colour:#}", escape(line))?;
    }
    out.flush()
}

/// Cuts after each line end, but keeps an empty line with what follows it.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    lines.retain(|line| *line != b"\r\n");
    if lines.is_empty() && !bytes.is_empty() {
        lines.push(bytes);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(entry: &Entry) -> String {
        let mut out = Vec::new();
        show(&mut out, entry).unwrap();
        anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
    }

    #[test]
    fn each_line_is_shown_with_direction_and_time() {
        let at = Duration::from_millis(12_345);
        let bytes = b"\r\n+CSQ: 29,0\r\n\r\nOK\r\n\r\n> ".to_vec();
        let expected = "   12.345 < +CSQ: 29,0\\r\\n\n   12.345 < OK\\r\\n\n   12.345 < >\\x20\n";
        assert_eq!(shown(&Entry::FromModem { at, bytes }), expected);
        assert_eq!(shown(&Entry::FromHost { at, bytes: b"AT\r\n".to_vec() }), "   12.345 > AT\\r\\n\n");
        assert_eq!(shown(&Entry::FromHost { at, bytes: b"\r\n".to_vec() }), "   12.345 > \\r\\n\n");
    }
}
