//! Seeds from the transcripts of the driver's tests: what their modems send is what a fuzzer should begin with.

use std::fs;
use std::path::Path;

use nt35e_sim::transcript::{Entry, Transcript};

use crate::answers;

/// The seeds that the transcripts give for a target, each with a name; none for targets whose inputs are no modem's bytes.
pub fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    match target {
        "frame" => said_by_modems().into_iter().map(|(name, bytes)| (name, [&[0], &bytes[..]].concat())).collect(),
        "fields" => said_by_modems().into_iter().flat_map(|(name, bytes)| answers::seeds(&name, &bytes)).collect(),
        _ => Vec::new(),
    }
}

/// All that the modem says in each transcript.
fn said_by_modems() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/transcripts");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "at"));
    paths.sort();
    let said = paths.iter().map(|path| {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let transcript: Transcript = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (name, modem_bytes(&transcript))
    });
    said.filter(|(_, bytes)| !bytes.is_empty()).collect()
}

fn modem_bytes(transcript: &Transcript) -> Vec<u8> {
    let mut said = Vec::new();
    for entry in &transcript.entries {
        if let Entry::FromModem { bytes, .. } = entry {
            said.extend_from_slice(bytes);
        }
    }
    said
}
