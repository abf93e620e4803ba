//! Puts every firmware through its paces, at each pace, all of them at the same time.
//!
//! ```text
//! course.rs    what a firmware is put through
//! payloads.rs  what it is sent
//! record.rs    what the cloud has recorded, against what was sent
//! wire.rs      what went over the serial line
//! ```

mod course;
mod payloads;
mod record;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use crate::board::{BOARDS, Board};
use crate::failure::Failure;
use crate::firmware;
use crate::rig::Pace;
use course::Course;
use wire::Wire;

/// Checks all of them, and tells what was proven.
pub(crate) fn run() -> Result<String, Failure> {
    let mut runs = Vec::new();
    for board in &BOARDS {
        let image = firmware::build(board)?;
        for pace in [Pace::Baud, Pace::FullSpeed] {
            runs.push(Run { board, image: image.clone(), pace });
        }
    }
    let outcomes: Vec<Result<(), Failure>> = thread::scope(|scope| {
        let threads: Vec<_> = runs.iter().map(|run| scope.spawn(|| run.report())).collect();
        let died = |_| Err(Failure::new("the check itself has failed"));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(died)).collect()
    });
    let failed: Vec<String> = outcomes.into_iter().filter_map(Result::err).map(|failure| failure.to_string()).collect();
    match failed.as_slice() {
        [] => Ok(format!(
            "{} firmwares, each at {}",
            BOARDS.len(),
            [Pace::Baud, Pace::FullSpeed].map(Pace::name).join(" and at ")
        )),
        failed => Err(Failure::new(failed.join("\n"))),
    }
}

/// One firmware at one pace.
struct Run<'a> {
    board: &'a Board,
    image: PathBuf,
    pace: Pace,
}

impl Run<'_> {
    /// Does it, and says how it went.
    fn report(&self) -> Result<(), Failure> {
        let started = Instant::now();
        let name = format!("{} at {}", self.board.name, self.pace.name());
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
        let outcome = Course::start(self.board, &self.image, self.pace, &wire).and_then(Course::run);
        outcome.map_err(|failure| match self.keep(&wire) {
            Ok(path) => Failure::new(format!("{failure}; what went over the line is in {}", path.display())),
            Err(error) => Failure::new(format!("{failure}; what went over the line cannot be written: {error}")),
        })
    }

    fn keep(&self, wire: &Wire) -> Result<PathBuf, Failure> {
        let name = format!("{} {}.at", self.board.name, self.pace.name()).replace(' ', "-");
        let path = firmware::target_folder()?.join(Path::new(&name));
        std::fs::write(&path, wire.transcript()).map_err(Failure::while_trying("writing"))?;
        Ok(path)
    }
}
