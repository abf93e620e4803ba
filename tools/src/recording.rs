//! The recording: what went over the line as a transcript in the `.at` format, masked.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use nt35e_sim::transcript::{Entry, Provenance, Transcript};

use crate::mask::mask;
use crate::secrets;
use crate::tap::{Known, Log};

/// What stands before the reason for which the line broke, before a line that was typed, and at the end of a recording that
/// was broken off; each is an action of the transcript, behind that of the task.
pub(crate) const LINE_BREAKS: &str = "the line breaks: ";
pub(crate) const TYPED: &str = "typed: ";
pub(crate) const BROKEN_OFF: &str = "broken off";

const REMARK: &str = " Secrets (DeviceSecret, passwords, user names, PIN) and the numbers of module, SIM and subscriber are masked byte for byte, in all that follows.";

/// A file that waits for its transcript.
#[derive(Debug)]
pub(crate) struct Recording {
    path: PathBuf,
    file: File,
}

impl Recording {
    /// Makes the file, so that nobody waits for a transcript that cannot be written.
    pub(crate) fn create(path: PathBuf) -> Result<Self, String> {
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => Ok(Self { path, file }),
            Err(error) => Err(format!("{}: {error}", path.display())),
        }
    }

    /// Writes what went over the line while `task` was done.
    pub(crate) fn write(mut self, log: &Log, task: &str, provenance: Provenance) -> Result<(), String> {
        let text = transcript(&log.known(), task, provenance).to_string();
        self.file.write_all(text.as_bytes()).map_err(|error| format!("{}: {error}", self.path.display()))?;
        eprintln!("wrote {} ({})", self.path.display(), provenance.as_str());
        Ok(())
    }
}

fn transcript(known: &Known, task: &str, provenance: Provenance) -> Transcript {
    let said = known.entries();
    let mut secrets = known.secrets.clone();
    secrets.extend(secrets::said(&stream(&said)));
    let header = |key: &str, value: String| (key.to_owned(), masked_text(&value, &secrets));
    let named = |name: &Option<String>| name.clone().unwrap_or_else(|| "unknown".to_owned());
    let headers = vec![
        header("source", format!("nt35e {task}, version {}", env!("CARGO_PKG_VERSION"))),
        header("module", named(&known.module)),
        header("firmware", named(&known.firmware)),
        header("provenance", provenance.as_str().to_owned()),
    ];
    let mut entries = vec![Entry::Comment(REMARK.to_owned())];
    entries.extend(masked(said, &secrets));
    Transcript { headers, entries }
}

/// All that the host said.
fn stream(entries: &[Entry]) -> Vec<u8> {
    let said = entries.iter().filter_map(|entry| match entry {
        Entry::FromHost { bytes, .. } => Some(bytes.as_slice()),
        _ => None,
    });
    said.collect::<Vec<_>>().concat()
}

/// Of a text, whose characters may be cut by the mask.
fn masked_text(text: &str, secrets: &[Vec<u8>]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    mask(&mut bytes, secrets);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The entries, each direction masked as one stream: an entry may end in the middle of a secret.
fn masked(mut entries: Vec<Entry>, secrets: &[Vec<u8>]) -> Vec<Entry> {
    let mut streams = [Vec::new(), Vec::new()];
    for entry in &entries {
        match entry {
            Entry::FromHost { bytes, .. } => streams[0].extend_from_slice(bytes),
            Entry::FromModem { bytes, .. } => streams[1].extend_from_slice(bytes),
            Entry::Action(_) | Entry::Expect(_) | Entry::Comment(_) => {}
        }
    }
    for stream in &mut streams {
        mask(stream, secrets);
    }
    let [mut from_host, mut from_modem] = streams.map(Vec::into_iter);
    for entry in &mut entries {
        let (bytes, stream) = match entry {
            Entry::FromHost { bytes, .. } => (bytes, &mut from_host),
            Entry::FromModem { bytes, .. } => (bytes, &mut from_modem),
            Entry::Action(text) | Entry::Expect(text) | Entry::Comment(text) => {
                *text = masked_text(text, secrets);
                continue;
            }
        };
        *bytes = stream.by_ref().take(bytes.len()).collect();
    }
    entries
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    #[test]
    fn a_secret_that_two_entries_share_is_masked() {
        let at = Duration::ZERO;
        let entries = [
            Entry::FromHost { at, bytes: b"AT+X=\"s3".to_vec() },
            Entry::FromModem { at, bytes: b"86000000".to_vec() },
            Entry::FromHost { at, bytes: b"cret\"\r\n".to_vec() },
            Entry::FromModem { at, bytes: b"0000017\r\n".to_vec() },
        ];
        let lines: Vec<String> =
            masked(entries.to_vec(), &[b"s3cret".to_vec()]).iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["> 0ms AT+X=\"**", "< 0ms ********", "> 0ms ****\"\\r\\n", "< 0ms *******\\r\\n"]);
    }
}
