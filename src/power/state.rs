//! What is known of the pins, whatever their types are: the maneuver under way, the supply, and the time.

use super::course::{Act, Course};
use super::outcome::{Failure, Line, Maneuver, Seen};
use super::timing::Timing;
use crate::time::Instant;

#[derive(Debug)]
pub(super) struct State {
    pub(super) timing: Timing,
    /// Whether the supply is on; none if it was not switched yet.
    pub(super) is_supplied: Option<bool>,
    course: Option<Course>,
    #[cfg(feature = "nb")]
    pub(super) in_flight: Option<InFlight>,
}

/// What a client that is polled has begun for a maneuver.
#[cfg(feature = "nb")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum InFlight {
    Pause,
    Question,
}

impl State {
    pub(super) const fn new() -> Self {
        Self {
            timing: Timing::DEFAULT,
            is_supplied: None,
            course: None,
            #[cfg(feature = "nb")]
            in_flight: None,
        }
    }

    pub(super) fn begin(&mut self, maneuver: Maneuver, has_power_key: bool, has_supply: bool, now: Instant) {
        self.course = Some(Course::new(maneuver, has_power_key, has_supply, now));
    }

    pub(super) fn advance(&mut self, seen: Seen, now: Instant) -> Act {
        let Some(course) = &mut self.course else { return Act::Failed(Failure::NotBegun) };
        let act = course.advance(seen, now, &self.timing, self.is_supplied == Some(true));
        match act {
            Act::Set(Line::Supply, is_on) => self.is_supplied = Some(is_on),
            Act::Done(_) => self.course = None,
            _ => {}
        }
        act
    }

    pub(super) fn answered(&mut self, answers: bool, now: Instant) {
        if let Some(course) = &mut self.course {
            course.answered(answers, now, &self.timing);
        }
    }

    /// The modem does not answer, however often it is asked.
    pub(super) const fn silent(&mut self) {
        if let Some(course) = &mut self.course {
            course.silent();
        }
    }

    /// No maneuver is under way any more; false if none was.
    pub(super) const fn end(&mut self) -> bool {
        #[cfg(feature = "nb")]
        {
            self.in_flight = None;
        }
        self.course.take().is_some()
    }
}
