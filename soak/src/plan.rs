//! What a seed decides about a life.

use nt35e_sim::fault::{Mix, Schedule};
use nt35e_sim::random::Random;

use crate::setup::Setup;

/// A life before it is lived.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Decides everything else.
    pub(crate) seed: u64,
    pub(crate) setup: Setup,
    pub(crate) schedule: Schedule,
}

impl Plan {
    pub(crate) fn of_seed(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let setup = Setup::by_chance(&mut random);
        // In every other life the serial line is faithful, so that all books have to balance.
        let mix = if random.one_in(2) { Mix::FaithfulLine } else { Mix::All };
        let count = random.pick(&[1, 3, 10, 20, 20, 40, 80]);
        Self { seed, setup, schedule: Schedule::by_chance(random.next(), count, mix) }
    }

    /// The same, with other faults.
    pub(crate) fn with(&self, schedule: Schedule) -> Self {
        Self { schedule, ..self.clone() }
    }
}
