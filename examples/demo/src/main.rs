//! The driver at work: on a simulated modem and a double of Alibaba Cloud IoT, or on a real modem.
//!
//! ```text
//! main.rs  cli.rs           what to do
//! loopback.rs  hardware.rs  the job with simulated and with real ends
//! job.rs  alink.rs          its steps, as firmware would take them
//! check.rs                  what arrived against what was meant
//! traffic.rs  uart.rs       the UART that the driver is given, and what goes over it
//! screen.rs  mask.rs        what is shown, without the secret
//! ```

mod alink;
mod check;
mod cli;
mod hardware;
mod job;
mod loopback;
mod mask;
mod screen;
mod traffic;
mod uart;

use std::process::ExitCode;

use clap::Parser;
use cli::{Options, Target};
use screen::Screen;

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match options.target() {
        Target::Loopback => loopback::run(Screen::new(loopback::DEVICE_SECRET, options.quiet)),
        Target::Hardware(target) => hardware::run(&target, options.quiet),
    };
    match outcome {
        Ok(proven) => match screen::conclude(true, &proven) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(failure) => {
            // The exit status says it too, should nobody read.
            let _ = screen::conclude(false, &failure.to_string());
            ExitCode::FAILURE
        }
    }
}
