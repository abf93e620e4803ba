//! The experiments, chapter by chapter, in the order in which they run.

mod closing;
mod firmware;
mod framing;
mod opening;
pub(super) mod power;
mod publishing;
pub(super) mod radio;
mod receiving;
mod settings;
mod subscribing;

use super::experiment::Experiment;

/// Every experiment.
pub(super) fn all() -> impl Iterator<Item = &'static Experiment> {
    let chapters: [&[Experiment]; 10] = [
        framing::EXPERIMENTS,
        firmware::EXPERIMENTS,
        settings::EXPERIMENTS,
        radio::EXPERIMENTS,
        opening::EXPERIMENTS,
        subscribing::EXPERIMENTS,
        publishing::EXPERIMENTS,
        receiving::EXPERIMENTS,
        closing::EXPERIMENTS,
        power::EXPERIMENTS,
    ];
    chapters.into_iter().flatten()
}

/// What differs between modems and cannot be told from the serial line and a broker, each with the reason.
pub(super) const UNSEEN: [(&str, &str); 1] = [(
    "session_burst",
    "whether queued messages come in one burst with the result of the sign-in depends on when the broker and the network \
     deliver them: a burst on the serial line may be theirs. The driver is ready for messages before it signs in.",
)];
