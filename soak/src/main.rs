//! Lets the driver live through faults by the thousand, on the simulated modem and under a fake clock, and balances the
//! books afterwards.
//!
//! ```text
//! seed ──▶ plan.rs: setup.rs and a schedule of faults ──▶ life.rs ──▶ report.rs
//!                                                            │           ▲
//!                    firmware.rs ◀─ the driver ─▶ bench.rs   │ journal.rs ──▶ books.rs
//!                                                            └── a failure ──▶ shrink.rs ──▶ what to type to see it again
//! ```

mod bench;
mod books;
mod campaign;
mod firmware;
#[path = "../../tests/front_end/mod.rs"]
mod front_end;
mod journal;
mod life;
mod limits;
mod options;
mod payload;
mod plan;
mod report;
mod setup;
mod shrink;

use std::process::ExitCode;

use clap::Parser as _;
use options::Options;

fn main() -> ExitCode {
    let options = Options::parse();
    life::note_panics();
    match options.life {
        Some(seed) => campaign::replay(seed, &options),
        None => campaign::run(&options),
    }
}
