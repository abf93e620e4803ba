//! The simulated modem as a program: see `nt35e-sim --help`.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let options = cli::Options::parse();
    options.choose_colour();
    match cli::run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            anstream::eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
