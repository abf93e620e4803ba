//! The driver among thousands of faults, under a fake clock.

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;

/// How the last line begins once the driver has survived, and all books have balanced.
const SUCCESS: &str = "soak: ok: ";

/// What one run of the tests survives.
const FAULTS: &str = "--faults 10000 --seed 1";

/// Runs it with the options of the program, in the place of this process.
pub(crate) fn run(workspace: &Workspace, options: &[String]) -> Result<(), Failure> {
    options.iter().fold(program(), Invocation::argument).become_it(workspace.root())
}

/// Fails where the driver does, or where books do not balance.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    let soak = program().words(FAULTS);
    let last_line = soak.run_for_last_line(workspace.root())?;
    if last_line.starts_with(SUCCESS) {
        Ok(())
    } else {
        Err(soak.failure(format!("its last line must begin with `{SUCCESS}`, and reads `{last_line}`")))
    }
}

fn program() -> Invocation {
    Invocation::cargo("run --quiet --profile soak -p nt35e-soak --")
}
