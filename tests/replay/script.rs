//! A transcript made ready to be played: who says what, what the host does, and what must come of it.

use core::time::Duration;

use nt35e_sim::transcript::{Entry, ParseError, Provenance, Transcript};

use super::{Failure, Place};

/// Where the text of a transcript comes from, by its name.
pub(crate) type Source<'s> = &'s dyn Fn(&str) -> Option<String>;

/// A transcript, and those that it comes after.
#[derive(Debug)]
pub(crate) struct Script {
    name: Place,
    pub(crate) memory: Sizes,
    pub(crate) unframed: usize,
    pub(crate) acts: Vec<Act>,
    pub(crate) said: Vec<Said>,
}

/// Something that the host does.
#[derive(Debug)]
pub(crate) struct Act {
    pub(crate) place: Place,
    pub(crate) text: String,
    pub(crate) expected: Vec<(Place, String)>,
}

/// Bytes that one side sends.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) place: Place,
    pub(crate) by: Side,
    pub(crate) at: Duration,
    pub(crate) bytes: Vec<u8>,
    /// How many acts have to have begun.
    pub(crate) act: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Host,
    Modem,
}

/// How much memory the driver gets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    rx: usize,
    tx: usize,
    inbox: usize,
}

/// The driver's buffers.
pub(crate) struct Memory {
    pub(crate) rx: Vec<u8>,
    pub(crate) tx: Vec<u8>,
    pub(crate) inbox: Vec<u8>,
}

/// What every transcript says of itself.
const REQUIRED: [&str; 4] = ["source", "module", "firmware", "provenance"];
const OPTIONAL: [&str; 5] = ["after", "rx", "tx", "inbox", "unframed"];

impl Script {
    /// The script of this name.
    pub(crate) fn load(name: &str, source: Source<'_>) -> Result<Self, Failure> {
        let place = |line| Place { file: name.into(), line };
        let failure = |line, text: String| Failure::new(&place(line), text);
        let text = source(name).ok_or_else(|| failure(1, "there is no such transcript".into()))?;
        let transcript: Transcript =
            text.parse().map_err(|error: ParseError| failure(error.line, error.kind.to_string()))?;
        check_headers(&transcript).map_err(|text| failure(1, text))?;
        let number = |key, otherwise| match transcript.header(key).map(str::parse) {
            None => Ok(otherwise),
            Some(Ok(number)) => Ok(number),
            Some(Err(_)) => Err(failure(1, format!("the header {key} is no number"))),
        };
        let (mut acts, mut said) = (Vec::new(), Vec::new());
        if let Some(before) = transcript.header("after") {
            if before == name {
                return Err(failure(1, "it comes after itself".into()));
            }
            if source(before).is_none() {
                return Err(failure(1, format!("there is no such transcript: {before}")));
            }
            let before = Self::load(before, source)?;
            acts = before.acts;
            said = before.said;
        }
        let mut script = Self {
            name: place(1),
            memory: Sizes { rx: number("rx", 256)?, tx: number("tx", 256)?, inbox: number("inbox", 512)? },
            unframed: number("unframed", 0)?,
            acts,
            said,
        };
        for (line, entry) in numbered(&text, transcript) {
            script.add(place(line), entry)?;
        }
        Ok(script)
    }

    /// Its first line.
    pub(crate) fn place(&self) -> &Place {
        &self.name
    }

    fn add(&mut self, place: Place, entry: Entry) -> Result<(), Failure> {
        let act = self.acts.len();
        match entry {
            Entry::FromHost { at, bytes } => self.said.push(Said { place, by: Side::Host, at, bytes, act }),
            Entry::FromModem { at, bytes } => self.said.push(Said { place, by: Side::Modem, at, bytes, act }),
            Entry::Action(text) => self.acts.push(Act { place, text, expected: Vec::new() }),
            Entry::Expect(text) => match self.acts.last_mut() {
                Some(act) => act.expected.push((place, text)),
                None => return Err(Failure::new(&place, "nothing was done yet that could have an outcome")),
            },
            Entry::Comment(_) => {}
        }
        Ok(())
    }
}

impl Sizes {
    pub(crate) fn allocate(self) -> Memory {
        Memory { rx: vec![0; self.rx], tx: vec![0; self.tx], inbox: vec![0; self.inbox] }
    }
}

fn check_headers(transcript: &Transcript) -> Result<(), String> {
    for key in REQUIRED {
        if transcript.header(key).is_none() {
            return Err(format!("the header {key} is missing"));
        }
    }
    if transcript.provenance() == Some(Provenance::Recorded) {
        return Err("nobody has recorded a transcript".into());
    }
    for (key, _) in &transcript.headers {
        if !REQUIRED.contains(&key.as_str()) && !OPTIONAL.contains(&key.as_str()) {
            return Err(format!("the header {key} means nothing"));
        }
    }
    Ok(())
}

/// Each entry with its line: the headers come first, and every line below that is not empty is an entry.
fn numbered(text: &str, transcript: Transcript) -> Vec<(usize, Entry)> {
    let below = text.lines().enumerate().skip(transcript.headers.len());
    let lines: Vec<usize> = below.filter(|(_, line)| !line.is_empty()).map(|(line, _)| line + 1).collect();
    assert_eq!(lines.len(), transcript.entries.len(), "each line below the headers is an entry");
    lines.into_iter().zip(transcript.entries).collect()
}
