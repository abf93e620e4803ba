//! The firmware of the boards that QEMU can emulate: to watch, and as a test.

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::setup;
use crate::workspace::Workspace;

/// How the last line begins once every firmware has passed.
const SUCCESS: &str = "emulate: ok: ";

/// Shows one at work, in the place of this process, so that Ctrl-C and the keyboard are for that one alone.
pub(crate) fn run(workspace: &Workspace, options: &[String]) -> Result<(), Failure> {
    setup::for_emulation(workspace)?;
    options.iter().fold(program(), Invocation::argument).become_it(workspace.root())
}

/// Fails where a firmware does not do in emulation what it has to.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    let root = workspace.root();
    setup::for_emulation(workspace)?;
    let check = program().argument("--check");
    let last_line = check.run_for_last_line(root)?;
    if last_line.starts_with(SUCCESS) {
        Ok(())
    } else {
        Err(check.failure(format!("its last line must begin with `{SUCCESS}`, and reads `{last_line}`")))
    }
}

fn program() -> Invocation {
    Invocation::cargo("run --quiet -p nt35e-emulation --")
}
