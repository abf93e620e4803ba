//! What went over the serial line: all of it, to be read after a failure, and what the host has said lately.

use core::time::Duration;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use nt35e_sim::transcript::Recorder;
use nt35e_sim::wire::{Direction, Observer};

#[derive(Debug, Default)]
pub(super) struct Wire {
    said: Mutex<Said>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Said {
    recorder: Recorder,
    by_host: Vec<u8>,
}

impl Wire {
    /// What tells this of traffic.
    pub(super) fn observer(self: &Arc<Self>) -> Observer {
        let wire = Arc::clone(self);
        Box::new(move |traffic| {
            let mut said = wire.said();
            match traffic.direction {
                Direction::FromHost => {
                    said.recorder.host_sent(traffic.at, traffic.bytes);
                    said.by_host.extend_from_slice(traffic.bytes);
                }
                Direction::FromModem => said.recorder.modem_sent(traffic.at, traffic.bytes),
            }
            wire.changed.notify_all();
        })
    }

    /// Forgets what the host has said.
    pub(super) fn forget(&self) {
        self.said().by_host.clear();
    }

    /// Waits until the host has said this since then.
    pub(super) fn wait_for_host(&self, text: &[u8], limit: Duration) -> bool {
        let is_missing = |said: &mut Said| !said.by_host.windows(text.len()).any(|window| window == text);
        let waited = self.changed.wait_timeout_while(self.said(), limit, is_missing);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// All that was said.
    pub(super) fn transcript(&self) -> String {
        let lines: Vec<String> = self.said().recorder.entries().iter().map(ToString::to_string).collect();
        lines.join("\n")
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
