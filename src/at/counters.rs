//! What became of every byte, and of every answer that nobody waited for.

/// Bytes received, by what became of them. They wrap around at 2³².
///
/// Once everything received was framed, `received` is the sum of the other four.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Bytes {
    /// All of them.
    pub received: u32,
    /// Part of the answer to a command.
    pub answer: u32,
    /// Part of an event.
    pub event: u32,
    /// The modem's repetition of what was sent.
    pub echo: u32,
    /// Lost, or an answer that nobody waited for.
    pub lost: u32,
}

/// What has happened on the line since the start. The counts wrap around.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Counters {
    /// What became of every byte.
    pub bytes: Bytes,
    /// Commands sent.
    pub commands: u32,
    /// Answers that came before the last byte of a command was sent.
    pub early: u32,
    /// Answers while no command was in flight, or a second one to the same command.
    pub stray: u32,
    /// Answers to earlier commands, set aside while getting back in step.
    pub stale: u32,
    /// Commands that ran into a time limit.
    pub timeouts: u32,
    /// Times that driver and modem had to get back in step.
    pub resyncs: u32,
    /// Boot banners seen.
    pub boots: u32,
    /// Notices of a power-down seen.
    pub power_downs: u32,
    /// Lines and messages that were lost: the sum of what each [`Loss`](super::Loss) says.
    pub frames_lost: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Class {
    Answer,
    Event,
    Echo,
    Lost,
}

impl Counters {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: Bytes::new(),
            commands: 0,
            early: 0,
            stray: 0,
            stale: 0,
            timeouts: 0,
            resyncs: 0,
            boots: 0,
            power_downs: 0,
            frames_lost: 0,
        }
    }

    /// How often the modem was seen to restart or to switch itself off.
    pub const fn restarts(&self) -> u32 {
        self.boots.wrapping_add(self.power_downs)
    }
}

impl Bytes {
    pub(crate) const fn new() -> Self {
        Self { received: 0, answer: 0, event: 0, echo: 0, lost: 0 }
    }
}
