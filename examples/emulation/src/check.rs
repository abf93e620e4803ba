//! Puts every firmware through its paces, at each pace, and one of them through a hundred faults, all at the same time.
//!
//! ```text
//! course.rs    what every firmware is put through
//! ordeal.rs    a life under faults
//! schedule.rs  which ones, and when
//! payloads.rs  what a firmware is sent
//! record.rs    what the cloud has recorded, against what was sent
//! wire.rs      what went over the serial line
//! ```

mod course;
mod ordeal;
mod payloads;
mod record;
mod schedule;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use crate::board::{BOARDS, Board, FAULTED};
use crate::failure::Failure;
use crate::firmware;
use crate::rig::Pace;
use course::Course;
use ordeal::Ordeal;
use schedule::{FAULTS, LIVES};
use wire::Wire;

/// Checks all of them, and tells what was proven.
pub(crate) fn run() -> Result<String, Failure> {
    let mut runs = Vec::new();
    for board in &BOARDS {
        let image = firmware::build(board)?;
        let every = [Trial::Course(Pace::Baud), Trial::Course(Pace::FullSpeed)];
        let more = (0..LIVES.len()).map(Trial::Ordeal).filter(|_| board.name == FAULTED);
        runs.extend(every.into_iter().chain(more).map(|trial| Run { board, image: image.clone(), trial }));
    }
    let outcomes: Vec<Result<(), Failure>> = thread::scope(|scope| {
        let threads: Vec<_> = runs.iter().map(|run| scope.spawn(|| run.report())).collect();
        let died = |_| Err(Failure::new("the check itself has failed"));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(died)).collect()
    });
    let failed: Vec<String> = outcomes.into_iter().filter_map(Result::err).map(|failure| failure.to_string()).collect();
    match failed.as_slice() {
        [] => Ok(format!(
            "{} firmwares, each at {}; {FAULTED} survives {} faults in {} lives",
            BOARDS.len(),
            [Pace::Baud, Pace::FullSpeed].map(Pace::name).join(" and at "),
            FAULTS * LIVES.len(),
            LIVES.len()
        )),
        failed => Err(Failure::new(failed.join("\n"))),
    }
}

/// What a firmware is put through.
#[derive(Clone, Copy)]
enum Trial {
    Course(Pace),
    /// In this life.
    Ordeal(usize),
}

impl Trial {
    fn name(self) -> String {
        match self {
            Self::Course(pace) => format!("at {}", pace.name()),
            Self::Ordeal(life) => format!("under faults, life {}", life + 1),
        }
    }
}

/// One firmware, and one trial of it.
struct Run<'a> {
    board: &'a Board,
    image: PathBuf,
    trial: Trial,
}

impl Run<'_> {
    /// Does it, and says how it went.
    fn report(&self) -> Result<(), Failure> {
        let started = Instant::now();
        let name = format!("{} {}", self.board.name, self.trial.name());
        match self.perform() {
            Ok(passed) => {
                anstream::println!("{name}: ok in {:.0} s: {passed}", started.elapsed().as_secs_f64());
                Ok(())
            }
            Err(failure) => {
                anstream::println!("{name}: FAILED: {failure}");
                Err(Failure::new(format!("{name}: {failure}")))
            }
        }
    }

    fn perform(&self) -> Result<String, Failure> {
        let wire = Arc::new(Wire::default());
        let outcome = match self.trial {
            Trial::Course(pace) => Course::start(self.board, &self.image, pace, &wire).and_then(Course::run),
            Trial::Ordeal(life) => Ordeal::start(self.board, &self.image, life, &wire).and_then(Ordeal::run),
        };
        outcome.map_err(|failure| match self.keep(&wire) {
            Ok(path) => Failure::new(format!("{failure}; what went over the line is in {}", path.display())),
            Err(error) => Failure::new(format!("{failure}; what went over the line cannot be written: {error}")),
        })
    }

    fn keep(&self, wire: &Wire) -> Result<PathBuf, Failure> {
        let name = format!("{} {}.at", self.board.name, self.trial.name()).replace(", ", "-").replace(' ', "-");
        let path = firmware::target_folder()?.join(Path::new(&name));
        std::fs::write(&path, wire.transcript()).map_err(Failure::while_trying("writing"))?;
        Ok(path)
    }
}
