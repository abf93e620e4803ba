//! What the driver costs on an emulated Cortex-M4.

use crate::failure::Failure;
use crate::invocation::Invocation;
use crate::workspace::Workspace;

/// Measures and prints; `options` are those of the program that does it.
pub(crate) fn run(workspace: &Workspace, options: &[String]) -> Result<(), Failure> {
    let program = Invocation::cargo("run --quiet -p nt35e-bench --");
    options.iter().fold(program, Invocation::argument).run(workspace.root())
}

/// Fails where a figure is worse than its budget, or where the driver can panic.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    run(workspace, &["--check".to_owned()])
}
