//! A thousand devices that lose their server at once.

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;

/// Prints when they come back, and draws it.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Failure> {
    Invocation::cargo("run --quiet --release -p nt35e-herd -- docs").run(workspace.root())
}
