//! The firmware of a board in emulation, with the simulated modem on its serial line and the double of the cloud behind it.
//!
//! ```text
//! main.rs      what to do
//! board.rs     which boards there are, and what emulates them
//! firmware.rs  builds the firmware of one, for a made-up device
//! emulator.rs  QEMU
//! rig.rs       emulator, modem and cloud, connected
//! watch.rs     shows the firmware at work, until Ctrl-C
//! check.rs     puts every firmware through its paces, and compares what the cloud has recorded
//! ```

mod board;
mod check;
mod emulator;
mod failure;
mod firmware;
mod rig;
mod watch;

use std::process::ExitCode;

use clap::Parser;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use nt35e_screen::conclude;

use board::{BOARDS, Board};
use rig::Pace;

/// Runs the firmware of a board in emulation: QEMU, with a simulated modem on its serial line that signs in at a double
/// of Alibaba Cloud IoT, all of it on this machine.
///
/// The firmware is the one that is flashed to the board, built for a made-up device. Ctrl-C ends it.
#[derive(Debug, Parser)]
#[command(name = "emulate", bin_name = "cargo xtask emulate")]
struct Options {
    /// The board
    #[arg(value_parser = board_parser(), required_unless_present = "check")]
    board: Option<&'static Board>,

    /// Hides the AT traffic
    #[arg(long)]
    quiet: bool,

    /// Lets the bytes of the serial line and the modem take no time, instead of those of 115 200 baud
    #[arg(long)]
    full_speed: bool,

    /// Checks the firmware of every board, at 115 200 baud and at full speed, and stops
    #[arg(long, conflicts_with_all = ["board", "quiet", "full_speed"])]
    check: bool,
}

fn board_parser() -> impl TypedValueParser<Value = &'static Board> {
    let named = |name: String| BOARDS.iter().find(|board| board.name == name).unwrap_or(&BOARDS[0]);
    PossibleValuesParser::new(BOARDS.map(|board| board.name)).map(named)
}

fn main() -> ExitCode {
    let options = Options::parse();
    let pace = if options.full_speed { Pace::FullSpeed } else { Pace::Baud };
    let outcome = match options.board {
        Some(board) => watch::run(board, pace, options.quiet),
        None => check::run(),
    };
    let (text, exit_code) = match &outcome {
        Ok(proven) => (proven.clone(), ExitCode::SUCCESS),
        Err(failure) => (failure.to_string(), ExitCode::FAILURE),
    };
    match conclude("emulate", outcome.is_ok(), &text) {
        Ok(()) => exit_code,
        Err(_) => ExitCode::FAILURE,
    }
}
