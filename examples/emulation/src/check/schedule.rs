//! Which faults strike a firmware, and when: by chance, but the same each time, and over within seconds.

use core::time::Duration;

use nt35e_sim::fault::{CloudFault, Fault, Harm, Incident, Mix, ModemFault, NetworkFault, Place, Schedule};

/// In how many lives, at the same time, and on what line. In one life the pauses would grow, until most faults would strike a
/// device that rests.
pub(super) const LIVES: [Mix; 5] = [Mix::All, Mix::All, Mix::All, Mix::FaithfulLine, Mix::FaithfulLine];
/// In each life.
pub(super) const FAULTS: usize = 20;
/// That of the first life; the others count on. With it, every kind of fault strikes in one life or the other.
const SEED: u64 = 1;

/// From one fault to the next.
const EVERY: Duration = Duration::from_secs(4);
const LONGEST: Duration = Duration::from_secs(3);
/// Of anything that comes many times.
const LONGEST_GAP: Duration = Duration::from_millis(20);
/// Less than a sign-in has in either direction, so that the place comes.
const FURTHEST: u32 = 200;

/// That of a life, and its seed. What makes the supervisor pause for a minute and more comes last, and does not wait for a
/// byte: until then the device is back soon, and has the more to bear.
pub(super) fn schedule(life: usize) -> (u64, Schedule) {
    let seed = SEED + life as u64;
    let mut incidents = Schedule::by_chance(seed, FAULTS, LIVES[life]).incidents;
    incidents.sort_by_key(|incident| makes_wary(incident.fault));
    let shortened = incidents.into_iter().zip(0..).map(|(Incident { place, fault, .. }, number)| Incident {
        at: EVERY * number,
        place: place
            .filter(|_| !makes_wary(fault))
            .map(|Place { direction, behind }| Place { direction, behind: behind.min(FURTHEST) }),
        fault: shorten(fault),
    });
    (seed, shortened.collect::<Vec<_>>().into())
}

/// Whether the broker refuses the device by it, or signs it out.
const fn makes_wary(fault: Fault) -> bool {
    matches!(fault, Fault::Cloud(cloud) if !matches!(cloud, CloudFault::Flood { .. }))
}

/// The name of each fault.
pub(super) fn kinds(schedule: &Schedule) -> Vec<String> {
    let text = |incident: &Incident| incident.fault.to_string();
    schedule.incidents.iter().map(|incident| text(incident).split(' ').next().unwrap_or_default().to_owned()).collect()
}

fn shorten(mut fault: Fault) -> Fault {
    match &mut fault {
        Fault::Modem(
            ModemFault::Hold { time, .. }
            | ModemFault::WrongBaud(time)
            | ModemFault::Silence(time)
            | ModemFault::PullSim(time)
            | ModemFault::Deregister(time)
            | ModemFault::PowerDown(Some(time)),
        )
        | Fault::Network(
            NetworkFault::BrokerGone(time) | NetworkFault::BrokerSilent(time) | NetworkFault::NoNames(time),
        )
        | Fault::Cloud(CloudFault::Refuse { time, .. } | CloudFault::Disable(time) | CloudFault::WrongSecret(time)) => {
            *time = (*time).min(LONGEST);
        }
        Fault::Network(NetworkFault::BrokerSlow { latency, time }) => {
            *latency = (*latency).min(LONGEST / 3);
            *time = (*time).min(LONGEST);
        }
        Fault::Modem(ModemFault::Storm { gap, .. } | ModemFault::Bytes { harm: Harm::Split(gap), .. }) => {
            *gap = (*gap).min(LONGEST_GAP);
        }
        Fault::Modem(_) | Fault::Network(NetworkFault::Cut) | Fault::Cloud(_) => {}
    }
    fault
}

#[cfg(test)]
mod tests {
    use nt35e_sim::fault::LIST;

    use super::*;

    fn all() -> impl Iterator<Item = Schedule> {
        (0..LIVES.len()).map(|life| schedule(life).1)
    }

    #[test]
    fn a_hundred_faults_of_every_kind_strike() {
        assert_eq!(all().map(|schedule| schedule.incidents.len()).sum::<usize>(), 100);
        let struck: Vec<String> = all().flat_map(|schedule| kinds(&schedule)).collect();
        let missing: Vec<&str> =
            LIST.iter().map(|entry| entry.name).filter(|name| !struck.iter().any(|struck| struck == name)).collect();
        assert_eq!(missing, Vec::<&str>::new());
    }

    #[test]
    fn a_faithful_line_spoils_no_byte() {
        let faithful = all().zip(LIVES).filter(|(_, mix)| *mix == Mix::FaithfulLine).map(|(schedule, _)| schedule);
        for schedule in faithful {
            assert!(schedule.incidents.iter().all(|incident| !incident.fault.spoils_bytes()));
        }
    }

    #[test]
    fn all_of_them_are_over_within_seconds() {
        for schedule in all() {
            assert!(schedule.incidents.iter().all(|incident| incident.fault.lasts() <= Duration::from_secs(4)));
        }
    }
}
