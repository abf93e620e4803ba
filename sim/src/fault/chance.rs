//! Schedules by chance: the same for the same seed.

use core::time::Duration;

use super::{CloudFault, Direction, Fault, Harm, Incident, ModemFault, NetworkFault, Place, Schedule};
use crate::random::Random;

/// What may go wrong in a schedule by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// Everything.
    All,
    /// Everything but what loses, doubles or changes bytes on the serial line.
    FaithfulLine,
}

/// From one fault to the next, in milliseconds, at most.
const LONGEST_PAUSE: u64 = 40_000;

/// How far away a place among the bytes is at most: further than the longest answer, and a few hundred bytes more than a
/// whole sign-in takes.
const FURTHEST_PLACE: u64 = 1_500;

/// How a kind of fault comes to its numbers.
type Make = fn(&mut Random) -> Fault;

/// Every kind, each as likely as any other.
const KINDS: [Make; 26] = [
    |random| harm(random, 8, Harm::Drop),
    |random| harm(random, 4, Harm::Repeat),
    |random| {
        let mask = 1 << random.below(8);
        harm(random, 3, Harm::Corrupt(mask))
    },
    |random| {
        let gap = Duration::from_millis(1 + random.below(900));
        harm(random, 30, Harm::Split(gap))
    },
    |random| Fault::Modem(ModemFault::Hold { direction: direction(random), time: moment_or_hour(random) }),
    |random| Fault::Modem(ModemFault::WrongBaud(a_while(random))),
    |random| Fault::Modem(ModemFault::Silence(moment_or_hour(random))),
    |random| {
        let gap = Duration::from_millis(random.pick(&[0, 1, 5, 100, 250, 1_000]));
        Fault::Modem(ModemFault::Storm { count: count(random, 200), gap })
    },
    |random| Fault::Modem(ModemFault::LoseAnswers(count(random, 3))),
    |random| Fault::Modem(ModemFault::LoseOks(count(random, 2))),
    |random| Fault::Modem(ModemFault::LoseResults(count(random, 2))),
    |_| Fault::RESTART,
    |random| Fault::Modem(ModemFault::PowerDown(Some(a_while(random)))),
    |random| Fault::Modem(ModemFault::PullSim(a_while(random))),
    |random| Fault::Modem(ModemFault::Deregister(a_while(random))),
    |_| Fault::CUT,
    |random| Fault::Network(NetworkFault::BrokerGone(a_while(random))),
    |random| Fault::Network(NetworkFault::BrokerSilent(a_while(random))),
    |random| {
        let latency = Duration::from_millis(100 * (1 + random.below(200)));
        Fault::Network(NetworkFault::BrokerSlow { latency, time: a_while(random) })
    },
    |random| Fault::Network(NetworkFault::NoNames(a_while(random))),
    |random| Fault::Cloud(CloudFault::Refuse { code: random.below(6) as u8, time: a_while(random) }),
    |random| Fault::Cloud(CloudFault::Disable(a_while(random))),
    |random| Fault::Cloud(CloudFault::WrongSecret(a_while(random))),
    |_| Fault::Cloud(CloudFault::Kick),
    |_| Fault::Cloud(CloudFault::SecondSignIn),
    |random| {
        let length = random.pick(&[16, 60, 200, 700, 2_000]);
        Fault::Cloud(CloudFault::Flood { count: count(random, 40), length })
    },
];

impl Schedule {
    /// So many faults of the mix, by chance, seconds apart.
    pub fn by_chance(seed: u64, count: usize, mix: Mix) -> Self {
        let mut random = Random::new(seed);
        let mut at = Duration::ZERO;
        let incidents = (0..count).map(|_| {
            // Some strike at the same time as the one before.
            if !random.one_in(8) {
                at += Duration::from_millis(random.below(LONGEST_PAUSE));
            }
            let fault = fault(&mut random, mix);
            Incident { at, place: place(&mut random, &fault), fault }
        });
        Self::from(incidents.collect::<Vec<_>>())
    }
}

fn fault(random: &mut Random, mix: Mix) -> Fault {
    loop {
        let fault = random.pick(&KINDS)(random);
        if mix == Mix::All || !fault.spoils_bytes() {
            return fault;
        }
    }
}

/// What happens to single bytes, and what cuts off, mostly happens at some byte.
fn place(random: &mut Random, fault: &Fault) -> Option<Place> {
    let is_sudden = fault.lasts().is_zero() || matches!(fault, Fault::Modem(ModemFault::Bytes { .. }));
    if !is_sudden || random.one_in(4) {
        return None;
    }
    let furthest = 1 + random.below(FURTHEST_PLACE);
    Some(Place { direction: direction(random), behind: 1 + random.below(furthest) as u32 })
}

fn harm(random: &mut Random, most: u64, harm: Harm) -> Fault {
    Fault::Modem(ModemFault::Bytes { direction: direction(random), count: count(random, most), harm })
}

fn direction(random: &mut Random) -> Direction {
    random.pick(&[Direction::FromHost, Direction::FromModem])
}

/// At least one, small numbers more often than large ones.
fn count(random: &mut Random, most: u64) -> u32 {
    let limit = 1 + random.below(most);
    1 + random.below(limit) as u32
}

/// From a second to five minutes, short ones more often than long ones.
fn a_while(random: &mut Random) -> Duration {
    let limit = 1 + random.below(300);
    Duration::from_secs(1 + random.below(limit))
}

/// From a few milliseconds to a minute; one in sixteen lasts an hour.
fn moment_or_hour(random: &mut Random) -> Duration {
    if random.one_in(16) {
        return Duration::from_secs(3_600);
    }
    let limit = 1 + random.below(60_000);
    Duration::from_millis(1 + random.below(limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::LIST;

    #[test]
    fn the_same_seed_makes_the_same_schedule() {
        let schedule = Schedule::by_chance(7, 20, Mix::All);
        assert_eq!(schedule.incidents.len(), 20);
        assert_eq!(Schedule::by_chance(7, 20, Mix::All), schedule);
        assert_ne!(Schedule::by_chance(8, 20, Mix::All), schedule);
    }

    #[test]
    fn every_fault_comes_up_and_is_read_again_as_it_was_written() {
        let schedule = Schedule::by_chance(1, 2_000, Mix::All);
        assert_eq!(schedule.to_string().parse(), Ok(schedule.clone()));
        for entry in LIST {
            let is_it = |incident: &&Incident| incident.fault.to_string().split(' ').next() == Some(entry.name);
            let number = schedule.incidents.iter().filter(is_it).count();
            assert!(number > 20, "{} comes up {number} times", entry.name);
        }
        let has_place = |incident: &&Incident| incident.place.is_some();
        assert!(schedule.incidents.iter().filter(has_place).count() > 200);
        assert!(schedule.incidents.iter().any(|incident| incident.fault.lasts() == Duration::from_secs(3_600)));
    }

    #[test]
    fn a_faithful_line_spoils_no_byte() {
        let schedule = Schedule::by_chance(1, 2_000, Mix::FaithfulLine);
        assert!(schedule.incidents.iter().all(|incident| !incident.fault.spoils_bytes()));
    }
}
