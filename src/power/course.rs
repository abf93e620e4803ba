//! The course of a maneuver, as the diagram in the module above: pure, with time and what was seen as arguments.
//!
//! ```text
//!  Listening ──► Supplying ──► Asking ──► Holding ──► Watching ──► Proving
//!      │             ▲                       ▲           │
//!      │             │                       └─ Resting ◄┘
//!      └─────────► Draining
//! ```

use super::outcome::{Failure, Line, Maneuver, Proof, Seen, Sign};
use super::timing::Timing;
use crate::time::{Duration, Instant};

/// How long a client reads before anything is done, so that what arrived before is no proof of it.
const LISTEN: Duration = Duration::from_millis(50);

/// A modem that answers to the key, and never as it is to, is left alone after so many presses.
const MOST_PRESSES: u8 = 3;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// What arrived before is being read.
    Listening,
    /// The supply is on, and the modem left alone for a while.
    Supplying,
    /// Whether it answers decides what to do.
    Asking,
    /// This key is held.
    Holding(Line),
    /// It is released, and the modem has to show what came of it.
    Watching,
    /// It has shown something else: the key is held again.
    Resting,
    /// The supply is off.
    Draining,
    /// Nothing was seen: whether it answers decides what came of it.
    Proving,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Act {
    Set(Line, bool),
    Wait(Instant),
    Ask,
    Done(Proof),
    Failed(Failure),
}

#[derive(Debug)]
pub(super) struct Course {
    maneuver: Maneuver,
    has_power_key: bool,
    has_supply: bool,
    phase: Phase,
    /// When the phase ends, if nothing is seen before; of one that asks, when it began.
    until: Instant,
    /// What had been seen when there was nothing to be proven yet.
    base: Seen,
    /// Whether the modem answers, once it was asked for long enough.
    answers: Option<bool>,
    presses: u8,
    has_powered_down: bool,
    last: Option<Sign>,
}

impl Course {
    pub(super) fn new(maneuver: Maneuver, has_power_key: bool, has_supply: bool, now: Instant) -> Self {
        Self {
            maneuver,
            has_power_key,
            has_supply,
            phase: Phase::Listening,
            until: now + LISTEN,
            base: Seen { boots: 0, power_downs: 0 },
            answers: None,
            presses: 0,
            has_powered_down: false,
            last: None,
        }
    }

    pub(super) fn advance(&mut self, seen: Seen, now: Instant, timing: &Timing, is_supplied: bool) -> Act {
        if let Some(act) = self.judge(seen, now, timing) {
            return act;
        }
        match self.phase {
            Phase::Asking => self.asked(now, timing),
            Phase::Proving => self.proven(),
            _ if now < self.until => Act::Wait(self.until),
            Phase::Listening => {
                self.base = seen;
                self.first(now, timing, is_supplied)
            }
            Phase::Supplying if self.maneuver == Maneuver::Start || self.has_power_key => self.ask(Phase::Asking, now),
            Phase::Supplying => self.not_seen(Sign::Boot),
            Phase::Holding(line) => {
                if line == Line::Reset {
                    // What it said before can be no proof: it boots when RESET is released.
                    self.base = seen;
                }
                self.enter(Phase::Watching, now, self.patience(timing));
                Act::Set(line, false)
            }
            Phase::Watching => self.missed(now, timing),
            Phase::Resting => self.press(now, timing),
            Phase::Draining if self.maneuver == Maneuver::PowerDown => Act::Done(Proof::SupplyOff),
            Phase::Draining => {
                self.base = seen;
                self.enter(Phase::Supplying, now, timing.settle);
                Act::Set(Line::Supply, true)
            }
        }
    }

    /// Whether it has answered. It counts as silent once it was asked for long enough.
    pub(super) fn answered(&mut self, answers: bool, now: Instant, timing: &Timing) {
        if answers {
            self.last = Some(Sign::Answer);
            self.answers = Some(true);
        } else if now - self.until >= timing.answer_within {
            self.silent();
        }
    }

    pub(super) const fn silent(&mut self) {
        self.last = Some(Sign::Silence);
        self.answers = Some(false);
    }

    /// What it means that the modem has booted or switched itself off, while that means something.
    fn judge(&mut self, seen: Seen, now: Instant, timing: &Timing) -> Option<Act> {
        if matches!(self.phase, Phase::Listening | Phase::Holding(_) | Phase::Draining) {
            return None;
        }
        let has_booted = seen.boots != self.base.boots;
        let has_powered_down = seen.power_downs != self.base.power_downs;
        self.has_powered_down |= has_powered_down;
        self.base = seen;
        let is_to_stop = self.maneuver == Maneuver::PowerDown;
        let sign = match (has_booted, has_powered_down) {
            (false, false) => return None,
            (_, true) if is_to_stop => Sign::PowerDown,
            (true, _) => Sign::Boot,
            (false, true) => Sign::PowerDown,
        };
        self.last = Some(sign);
        match (is_to_stop, sign) {
            (true, Sign::PowerDown) => Some(Act::Done(Proof::PoweredDown)),
            (false, Sign::Boot) => Some(Act::Done(Proof::Booted)),
            // It is in the other state than it was taken for.
            _ if self.has_power_key && self.maneuver != Maneuver::Reset && self.presses < MOST_PRESSES => {
                self.enter(Phase::Resting, now, timing.settle);
                None
            }
            _ => None,
        }
    }

    fn first(&mut self, now: Instant, timing: &Timing, is_supplied: bool) -> Act {
        match self.maneuver {
            Maneuver::Start if self.has_supply => {
                self.enter(Phase::Supplying, now, if is_supplied { Duration::default() } else { timing.settle });
                Act::Set(Line::Supply, true)
            }
            Maneuver::Start | Maneuver::PowerDown => self.ask(Phase::Asking, now),
            Maneuver::Reset => {
                self.enter(Phase::Holding(Line::Reset), now, timing.reset_hold);
                Act::Set(Line::Reset, true)
            }
            Maneuver::RestartByKey => self.press(now, timing),
            Maneuver::CutSupply => self.cut(now, timing),
        }
    }

    /// The modem was asked what to do with it.
    fn asked(&mut self, now: Instant, timing: &Timing) -> Act {
        match (self.maneuver, self.answers) {
            (_, None) => Act::Ask,
            (Maneuver::PowerDown, Some(true)) if self.has_power_key => self.press(now, timing),
            (Maneuver::PowerDown, Some(_)) if self.has_supply => self.cut(now, timing),
            (Maneuver::PowerDown, Some(_)) => Act::Done(Proof::Silent),
            (Maneuver::Start, Some(true)) => Act::Done(Proof::AlreadyRunning),
            (_, Some(false)) if self.has_power_key => self.press(now, timing),
            // One that answers after a cut has kept its power, or it has booted without a banner: who knows?
            (_, Some(_)) => self.not_seen(Sign::Boot),
        }
    }

    /// The modem was asked what has come of it.
    const fn proven(&self) -> Act {
        match (self.maneuver, self.answers) {
            (_, None) => Act::Ask,
            (Maneuver::PowerDown, Some(false)) => Act::Done(Proof::Silent),
            (Maneuver::PowerDown, Some(true)) => self.not_seen(Sign::PowerDown),
            (_, Some(true)) => Act::Done(Proof::Answers),
            (_, Some(false)) => self.not_seen(Sign::Boot),
        }
    }

    /// It was watched, and showed nothing.
    fn missed(&mut self, now: Instant, timing: &Timing) -> Act {
        match self.maneuver {
            Maneuver::PowerDown if self.has_supply => self.cut(now, timing),
            // It may have switched itself off without saying so.
            Maneuver::RestartByKey if self.presses == 1 && !self.has_powered_down => self.press(now, timing),
            // Only one that had been silent, or gone, proves something by an answer.
            Maneuver::RestartByKey | Maneuver::Reset if !self.has_powered_down => self.not_seen(Sign::Boot),
            _ => self.ask(Phase::Proving, now),
        }
    }

    fn press(&mut self, now: Instant, timing: &Timing) -> Act {
        let is_to_stop =
            self.maneuver == Maneuver::PowerDown || (self.maneuver == Maneuver::RestartByKey && self.presses == 0);
        self.presses = self.presses.saturating_add(1);
        let hold = if is_to_stop { timing.stop_hold } else { timing.start_hold };
        self.enter(Phase::Holding(Line::PowerKey), now, hold);
        Act::Set(Line::PowerKey, true)
    }

    fn cut(&mut self, now: Instant, timing: &Timing) -> Act {
        self.enter(Phase::Draining, now, timing.discharge);
        Act::Set(Line::Supply, false)
    }

    fn ask(&mut self, phase: Phase, now: Instant) -> Act {
        self.answers = None;
        self.enter(phase, now, Duration::default());
        Act::Ask
    }

    fn enter(&mut self, phase: Phase, now: Instant, span: Duration) {
        self.phase = phase;
        self.until = now + span;
    }

    /// How long it may take to show what came of the key.
    const fn patience(&self, timing: &Timing) -> Duration {
        match self.maneuver {
            Maneuver::PowerDown => timing.power_down_within,
            Maneuver::RestartByKey if self.presses == 1 => timing.power_down_within,
            _ => timing.boot_within,
        }
    }

    const fn not_seen(&self, awaited: Sign) -> Act {
        Act::Failed(Failure::NotSeen { awaited, last: self.last })
    }
}
