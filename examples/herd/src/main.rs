//! A thousand devices lose their server at once: when each signs in again, as a table and as a plot.
//!
//! The decisions are those of the driver's supervisor. Modem, network and server are a few facts, each device's the same,
//! so that nothing but the supervisor spreads them. `cargo xtask herd` writes `docs/herd.svg`.

use std::path::PathBuf;
use std::process::ExitCode;

mod fleet;
mod plot;

use fleet::{Outage, SCENARIOS};

const DEVICES: usize = 1_000;

fn main() -> ExitCode {
    let folder = std::env::args().nth(1).map_or_else(|| PathBuf::from("docs"), PathBuf::from);
    println!("| {DEVICES} devices | most sign-ins in a second | in 10 s | half of them back after | all |");
    println!("|---|---:|---:|---:|---:|");
    let mut panels = Vec::new();
    for scenario in SCENARIOS {
        let outage = scenario.run(DEVICES);
        print_row(scenario.name, &outage);
        panels.push((scenario.name, outage));
    }
    match plot::draw(&panels, &folder.join("herd.svg")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the plot cannot be drawn: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print_row(name: &str, outage: &Outage) {
    let percent = |count: usize| 100.0 * count as f64 / DEVICES as f64;
    let (second, ten) = (percent(outage.most_within(1)), percent(outage.most_within(10)));
    let (half, all) = (outage.back_after(DEVICES / 2), outage.back_after(DEVICES));
    println!("| {name} | {second:.1} % | {ten:.1} % | {half} s | {all} s |");
}
