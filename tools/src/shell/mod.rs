//! The shell: the driver by hand. Orders and raw lines, each answer and code explained, events as they come.
//!
//! ```text
//! prompt.rs   lines from a terminal, from a script, or from a recording
//! orders.rs   what can be ordered, for help and completion
//! work.rs     what each order does, and what is said of its answer
//! ```

mod orders;
mod prompt;
mod work;

use std::path::PathBuf;

use clap::Args;
use nt35e::Duration;

use crate::check::{self, Memory};
use crate::cli::ModemOptions;
use crate::events;
use crate::report::Report;
use crate::tap::Log;
use prompt::{Input, Prompt};
use work::{Done, Work};

/// How long to look for events before the prompt is looked at again.
const GLANCE: Duration = Duration::from_millis(20);

/// What `shell` takes.
#[derive(Args, Debug)]
pub(crate) struct ShellOptions {
    #[command(flatten)]
    pub(crate) modem: ModemOptions,

    /// Where a terminal's history is kept, without the lines that may bear a secret; ~/.nt35e_history if it is not given
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
}

/// Does what is ordered until there is nothing more; false if a script had an order that failed.
pub(crate) fn run(options: &ShellOptions, log: &Log) -> Result<bool, String> {
    let tap = check::reach(&options.modem, log, &mut Report::new(false).noted_in(log))
        .ok_or_else(|| "the modem was not reached".to_owned())?;
    let mut memory = Memory::new();
    let mut prompt = Prompt::open(options.history.clone(), log)?;
    prompt.say("help says what can be ordered; anything that begins with AT is sent as it is");
    let mut work = Work { modem: memory.driver(tap), wait: options.modem.wait, log };
    let mut well = true;
    loop {
        while let Some(event) = work.modem.next_event(GLANCE).map_err(|error| error.to_string())? {
            prompt.say(&format!("* {}", events::shown(&event)));
        }
        let line = match prompt.take() {
            Input::Nothing => continue,
            Input::Line(line) => line,
            // So that a recording tells when it was.
            Input::End => "quit".to_owned(),
        };
        prompt.note(&line, &work::recorded(&line));
        match work.run(&line, &mut |text| prompt.say(text)) {
            Ok(Done::More) => {}
            Ok(Done::Quit) => return Ok(well || prompt.is_terminal()),
            Err(failure) => {
                well = false;
                failure.lines().for_each(|line| prompt.say(&format!("! {line}")));
            }
        }
        prompt.next();
    }
}
