//! What to do after a failure: how long to pause, and when to press a key of the modem.

use nt35e::{Duration, Error};

/// A pin of the modem that is pulled low for a while.
#[derive(Clone, Copy)]
pub enum Key {
    /// Switches the modem on.
    Power,
    /// Restarts it.
    Reset,
}

impl Key {
    /// How long working products hold it.
    pub const fn held_for(self) -> Duration {
        match self {
            Self::Power => Duration::from_millis(3_100),
            Self::Reset => Duration::from_millis(400),
        }
    }
}

/// The cloud takes five sign-ins a minute from a device. With pauses that double from here on there are never more.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// After a session that has lasted so long, the pauses begin anew.
const GOOD_SESSION: Duration = Duration::from_secs(60);
/// After so many failures in a row the modem is restarted, in case they are its own.
const RESET_AFTER: u8 = 4;

/// What has failed lately.
pub struct Recovery {
    next_pause: Duration,
    failures: u8,
    /// Keys pressed since the modem last answered.
    presses: u8,
}

impl Recovery {
    pub const fn new() -> Self {
        Self { next_pause: FIRST_PAUSE, failures: 0, presses: 0 }
    }

    /// How long the modem may take to answer: longer once it was switched on or restarted, since it has to boot.
    pub const fn patience(&self) -> Duration {
        Duration::from_secs(if self.presses == 0 { 5 } else { 15 })
    }

    /// The modem answers.
    pub const fn answered(&mut self) {
        self.presses = 0;
    }

    /// The modem does not answer: it may be off, and if that was not it, it may hang.
    pub const fn silent(&mut self) -> Key {
        self.presses = self.presses.wrapping_add(1);
        if self.presses % 2 == 1 { Key::Power } else { Key::Reset }
    }

    /// Signing in has failed, or a session that has lasted so long: gives the pause before the next sign-in.
    pub fn failed<E>(&mut self, error: &Error<E>, session: Option<Duration>) -> Duration {
        if session.is_some() {
            self.failures = 0;
        }
        // A refusal by the cloud is no fault of the modem.
        if !matches!(error, Error::Connect(_)) {
            self.failures = self.failures.saturating_add(1);
        }
        if session.is_some_and(|length| length >= GOOD_SESSION) {
            self.next_pause = FIRST_PAUSE;
        }
        let pause = self.next_pause;
        self.next_pause = Duration::from_millis(pause.as_millis().saturating_mul(2)).min(LONGEST_PAUSE);
        pause
    }

    /// After the pause: whether to restart the modem before the next sign-in.
    pub const fn needs_reset(&mut self) -> bool {
        let needs_reset = self.failures >= RESET_AFTER;
        if needs_reset {
            self.failures = 0;
        }
        needs_reset
    }
}
