//! The replay: a recorded task once more, by the driver of today, on what the modem said then.

use std::fs;
use std::path::Path;

use crate::cli::Task;
use crate::playback::Playback;
use crate::tap::Log;

/// Does the task in a transcript again; an error if something is not as it was.
pub(crate) fn run(path: &Path) -> Result<bool, String> {
    let failed = |what: String| format!("{}: {what}", path.display());
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let (words, playback) = Playback::new(&text).map_err(failed)?;
    let task = Task::recorded(&words).map_err(failed)?;
    if matches!(task, Task::Probe(_)) {
        return Err(failed("a probe talks to the modem past the driver, so there is nothing to replay".to_owned()));
    }
    eprintln!("replaying: nt35e {words}");
    if let Err(failure) = task.run(&Log::replaying(playback.clone())) {
        eprintln!("error: {failure}");
    }
    let was_broken_off = playback.end().map_err(|difference| failed(format!("not as recorded: {difference}")))?;
    eprintln!("{}", if was_broken_off { "as recorded, up to where it was broken off" } else { "as recorded" });
    Ok(true)
}
