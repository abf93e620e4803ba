//! The project's chores, as `cargo xtask <command>`: set up a machine, run every test, fuzz, soak, measure, emulate.

use std::process::ExitCode;

mod aside;
mod bench;
mod boards;
mod command_line;
mod demo;
mod emulate;
mod failure;
mod feature_sets;
mod fuzz;
mod herd;
mod invocation;
mod setup;
mod soak;
mod steps;
mod test_run;
mod workspace;

use command_line::Task;
use failure::Failure;
use workspace::Workspace;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let task = match command_line::parse(&arguments) {
        Ok(task) => task,
        Err(message) => {
            eprintln!("xtask: {message}; `cargo xtask help` lists the commands");
            return ExitCode::from(2);
        }
    };
    match perform(task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<(), Failure> {
    match task {
        Task::Help => {
            print!("{}", command_line::HELP);
            Ok(())
        }
        Task::ListSteps => {
            test_run::list();
            Ok(())
        }
        Task::Test { only } => test_run::run(&Workspace::find()?, &only),
        Task::Bench { options } => bench::run(&Workspace::find()?, &options),
        Task::Emulate { options } => emulate::run(&Workspace::find()?, &options),
        Task::Herd => herd::run(&Workspace::find()?),
        Task::Soak { options } => soak::run(&Workspace::find()?, &options),
        Task::Fuzz { target, seconds } => fuzz::fuzz(&Workspace::find()?, target.as_deref(), seconds),
    }
}
