//! The demo as a test: it must end well, and say so in its last line.

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;

/// How the demo's last line begins once everything that it shows has worked.
const SUCCESS: &str = "demo: ok: ";

/// Runs it the way the README tells its readers to.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    let demo = Invocation::cargo("demo");
    let last_line = demo.run_for_last_line(workspace.root())?;
    if last_line.starts_with(SUCCESS) {
        Ok(())
    } else {
        Err(demo.failure(format!("its last line must begin with `{SUCCESS}`, and reads `{last_line}`")))
    }
}
