//! Builds the firmware of `benches/firmware`, runs it in emulation, and reports what it costs.

mod curve;
mod failure;
mod figures;
mod files;
mod firmware;
mod image;
mod page;
mod panics;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use failure::Failure;
use figures::Figures;
use firmware::Bench;

/// What nt35e costs, with atat beside it, counted in instructions on an emulated Cortex-M4.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", version)]
struct Options {
    /// Fail where a figure is worse than its budget.
    #[arg(long)]
    check: bool,
    /// Write the tables and the curve into docs/performance.md.
    #[arg(long, value_name = "DATE")]
    record: Option<String>,
    /// Do nothing but list who can panic in these firmwares, and fail if the driver can.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["check", "record"])]
    panics: Vec<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    if !options.panics.is_empty() {
        return panics::check(&options.panics, &root);
    }
    let bench = Bench::build(&root)?;
    let figures = Figures::measure(&bench)?;
    println!("{}", figures.table());
    let curve = curve::measure(&bench)?;
    println!("{}", curve::table(&curve));
    let files = files::table(&bench.image("engine"), &root)?;
    println!("{files}");
    let (registration, updates) = (&firmware::REGISTRATION, &firmware::UPDATES);
    for name in ["client", "supervised"]
        .iter()
        .chain(&firmware::SIGNING)
        .chain(&firmware::THING_MODEL)
        .chain(registration)
        .chain(updates)
    {
        image::check_panics(&bench.image(name))?;
    }
    println!(
        "No function of core::panicking is in the firmware that holds the whole driver, nor with its supervisor, nor in \
         those that sign, register, update, or have the thing model."
    );
    if let Some(date) = &options.record {
        page::record(&root.join("docs"), date, &figures, &curve, &files)?;
    }
    if options.check { figures.check() } else { Ok(()) }
}
