//! Steps that run in a process of their own beside the others, and are seen when they have ended.
//!
//! They are those that mostly keep one core busy, in a target folder that no other step uses.

use std::env;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::failure::Failure;
use crate::steps::Step;
use crate::workspace::Workspace;

/// Steps under way. They are stopped if nobody waits for them any more.
#[derive(Debug)]
pub(crate) struct Aside {
    process: Child,
    output: PathBuf,
}

impl Aside {
    pub(crate) fn start(workspace: &Workspace, steps: &[&Step]) -> Result<Self, Failure> {
        let output = workspace.root().join(workspace.target_folder()).join("aside.log");
        let file = File::create(&output).map_err(Failure::while_trying("the output of steps cannot be kept"))?;
        let same_file = file.try_clone().map_err(Failure::while_trying("the output of steps cannot be kept"))?;
        let program = env::current_exe().map_err(Failure::while_trying("this program cannot be found"))?;
        let process = Command::new(program)
            .arg("test")
            .args(steps.iter().flat_map(|step| ["--only", step.name]))
            .current_dir(workspace.root())
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(same_file)
            .spawn()
            .map_err(Failure::while_trying("this program cannot be started again"))?;
        Ok(Self { process, output })
    }

    /// Waits for their end, and shows what they printed.
    pub(crate) fn join(mut self) -> Result<(), Failure> {
        let status = self.process.wait().map_err(Failure::while_trying("steps cannot be waited for"))?;
        let output = fs::read(&self.output).map_err(Failure::while_trying("the output of steps cannot be read"))?;
        println!("{}", String::from_utf8_lossy(&output));
        if status.success() { Ok(()) } else { Err(Failure::new("a step that ran beside the others failed; see above")) }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // Nothing to stop if they have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
