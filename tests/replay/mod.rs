//! Plays a transcript to the driver, behind every front-end: the modem's side comes from the file, the host's side has to be exactly the file's.
//!
//! A transcript is played entry by entry. What the driver writes must equal the `>` lines, byte for byte. A `<` line can
//! be read once everything above it has happened and its time has come. A `!` line is a call of the driver ([`Stage`]
//! knows which there are), and the `=` lines below it are what came of it.
//!
//! `provenance` speaks of a transcript's own lines, without those of the one that it comes `after`; of lines of several
//! kinds it names the weakest. Beside the headers of the format these mean something here:
//!
//! | header | meaning | if left out |
//! |---|---|---|
//! | `after` | the transcript that is played first, by its file name without `.at` | none |
//! | `rx`, `tx`, `inbox` | sizes of the driver's buffers | 256, 256, 512 |
//! | `unframed` | how many bytes at the end belong to no complete frame | 0 |

mod action;
mod failure;
mod render;
mod script;
mod wire;

use core::fmt::Display;

use nt35e::{Counters, Duration};

use crate::front_end::FrontEnd;

pub(crate) use failure::{Failure, Place, Run};
pub(crate) use script::{Script, Source};

use action::Stage;
use script::Act;
use wire::Wire;

/// How many bytes the UART hands over at once, at most.
pub(crate) const CHUNKS: [usize; 5] = [1, 2, 7, 64, usize::MAX];

/// What came out of one replay, and has to be the same however the bytes were cut.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    pub(crate) outcomes: Vec<String>,
    pub(crate) counters: Counters,
}

/// Replays `script` through every front-end, in every chunking.
pub(crate) fn replay(script: &Script) -> Result<(), Failure> {
    let mut reports = Vec::new();
    for &front_end in FrontEnd::ALL {
        for chunk in CHUNKS {
            let run = Run { front_end, chunk };
            reports.push((run, replay_once(script, run).map_err(|failure| failure.in_run(run))?));
        }
    }
    agree(&reports).map_err(|text| Failure::new(script.place(), text))
}

/// Promise 5: whether all runs gave the same.
pub(crate) fn agree<R: Display>(reports: &[(R, Report)]) -> Result<(), String> {
    for pair in reports.windows(2) {
        let [(run, report), (other_run, other)] = pair else { continue };
        if report != other {
            return Err(format!("{run} gave {report:?}, {other_run} gave {other:?}"));
        }
    }
    Ok(())
}

fn replay_once(script: &Script, Run { front_end, chunk }: Run) -> Result<Report, Failure> {
    let wire = Wire::new(script.said.clone(), chunk);
    let mut memory = script.memory.allocate();
    let mut stage = Stage::new(front_end, &wire, &mut memory, chunk);
    let mut outcomes = Vec::new();
    for act in &script.acts {
        wire.begin();
        let outcome = stage.perform(&act.text);
        if let Some(failure) = wire.failure() {
            return Err(failure);
        }
        let outcome = outcome.map_err(|text| Failure::new(&act.place, text))?;
        compare(act, &outcome)?;
        outcomes.extend(outcome);
    }
    let left = stage.events(usize::MAX);
    if let Some(failure) = wire.failure() {
        return Err(failure);
    }
    if let [first, ..] = left.as_slice() {
        return Err(Failure::new(script.place(), format!("nobody expected the event: {first}")));
    }
    wire.check_end()?;
    let mut counters = stage.counters();
    // How long the stage takes depends on how it hands the bytes over.
    counters.longest_wait = Duration::default();
    check_bytes(counters, wire.bytes_read(), script.unframed).map_err(|text| Failure::new(script.place(), text))?;
    Ok(Report { outcomes, counters })
}

fn compare(act: &Act, outcome: &[String]) -> Result<(), Failure> {
    let mut seen = outcome.iter();
    for (place, expected) in &act.expected {
        match seen.next() {
            Some(line) if line == expected => {}
            Some(line) => return Err(Failure::new(place, format!("expected: {expected}\n  came:     {line}"))),
            None => return Err(Failure::new(place, format!("expected: {expected}\n  came:     nothing more"))),
        }
    }
    match seen.next() {
        Some(line) => Err(Failure::new(&act.place, format!("expected: nothing more\n  came:     {line}"))),
        None => Ok(()),
    }
}

/// Promise 2: every byte that was received is in one class, but for those of the frame that is not complete.
fn check_bytes(counters: Counters, read: usize, unframed: usize) -> Result<(), String> {
    let bytes = counters.line.bytes;
    let classified = (bytes.answer + bytes.event + bytes.echo + bytes.lost) as usize;
    if bytes.received as usize != read || classified + unframed != read {
        return Err(format!("of {read} bytes read, {unframed} may be unframed, but the counts are {bytes:?}"));
    }
    Ok(())
}
