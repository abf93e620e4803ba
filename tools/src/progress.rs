//! What is waited for, on the last line of a terminal; nothing where standard error is none.

use core::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::tap::Log;

const TURN: Duration = Duration::from_millis(120);

/// A line that shows that something goes on, and for how long.
pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    /// Waits for something.
    pub(crate) fn start(text: &str) -> Self {
        // It draws on standard error, and only on a terminal.
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TURN);
        bar.set_message(text.to_owned());
        Self(bar)
    }

    /// Waits for something else.
    pub(crate) fn wait(&self, text: &str) {
        self.0.set_message(text.to_owned());
    }

    /// Tells people something, above the line.
    pub(crate) fn say(&self, log: &Log, text: &str) {
        self.0.suspend(|| log.say(text));
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
