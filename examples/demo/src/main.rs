//! The driver at work: on a simulated modem and a double of Alibaba Cloud IoT, or on a real modem.
//!
//! ```text
//! main.rs  cli.rs           what to do
//! loopback.rs  hardware.rs  the job with simulated and with real ends
//! job.rs  alink.rs          its steps, as firmware would take them
//! check.rs                  what arrived against what was meant
//! tap.rs                    the UART that the driver is given is nt35e-tools'; nt35e-screen shows what goes over it
//! ```

mod alink;
mod check;
mod cli;
mod hardware;
mod job;
mod loopback;
mod tap;

use std::process::ExitCode;

use clap::Parser;
use nt35e_screen::{Screen, conclude};

use cli::{Options, Target};

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match options.target() {
        Target::Loopback => loopback::run(Screen::new(loopback::DEVICE_SECRET, options.quiet)),
        Target::Hardware(target) => hardware::run(&target, options.quiet),
    };
    match outcome {
        Ok(proven) => match conclude("demo", true, &proven) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(failure) => {
            // The exit status says it too, should nobody read.
            let _ = conclude("demo", false, &failure.to_string());
            ExitCode::FAILURE
        }
    }
}
