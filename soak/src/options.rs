//! The command line.

use clap::Parser;
use nt35e_sim::fault::Schedule;

/// Lets the driver live through faults on the simulated modem, under a fake clock, and balances the books.
///
/// Each life has a seed of its own, which decides everything: the front-end, the buffers, the modem's quirks and baud
/// rate, and a schedule of faults. A life that fails is shrunk to the few faults that it takes, and printed as what to type
/// to see it again.
#[derive(Debug, Parser)]
#[command(name = "soak", bin_name = "cargo xtask soak", after_help = AFTER_HELP)]
pub(crate) struct Options {
    /// How many faults have to strike
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub(crate) faults: u64,

    /// Decides the seeds of all lives
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Lives the one life with this seed alone
    #[arg(long, value_name = "SEED")]
    pub(crate) life: Option<u64>,

    /// In that life, these faults instead of its own, as `12s restart; 20s <17 cut`
    #[arg(long, value_name = "SCHEDULE", requires = "life")]
    pub(crate) schedule: Option<Schedule>,

    /// Prints what went over that life's serial line, and what the driver made of it
    #[arg(long, requires = "life")]
    pub(crate) traffic: bool,
}

const AFTER_HELP: &str = "\
`nt35e-sim --list-quirks` lists the faults.
The last line reads `soak: ok: ...` with what was survived, or `soak: failed: ...` with the first failure.
Exit status: 0 ok, 1 failed, 2 wrong options.";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Options::command().debug_assert();
    }

    #[test]
    fn a_schedule_belongs_to_a_life() {
        let parse = |words: &[&str]| Options::try_parse_from([&["soak"], words].concat());
        let options = parse(&["--life", "7", "--schedule", "5s kick; 2s cut"]).unwrap();
        assert_eq!(options.schedule.unwrap().to_string(), "2s cut; 5s kick");
        assert!(parse(&["--schedule", "5s kick"]).unwrap_err().to_string().contains("--life"));
        assert!(parse(&["--life", "7", "--schedule", "5s lunch"]).unwrap_err().to_string().contains("`lunch`"));
    }
}
