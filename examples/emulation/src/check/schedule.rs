//! Which faults strike a firmware, and when: by chance, but the same each time, and over within seconds.

use core::time::Duration;

use nt35e_sim::fault::{CloudFault, Fault, Harm, Incident, Mix, ModemFault, NetworkFault, Place, Schedule};

pub(super) const FAULTS: usize = 100;
/// With it, every kind of fault strikes.
pub(super) const SEED: u64 = 3;

/// From one fault to the next.
const EVERY: Duration = Duration::from_millis(1_500);
const LONGEST: Duration = Duration::from_secs(3);
/// Of anything that comes many times.
const LONGEST_GAP: Duration = Duration::from_millis(20);
/// Less than a sign-in has in either direction, so that the place comes.
const FURTHEST: u32 = 200;

/// A hundred of this mix.
pub(super) fn schedule(mix: Mix) -> Schedule {
    let incidents = Schedule::by_chance(SEED, FAULTS, mix).incidents.into_iter().zip(0..);
    let shortened = incidents.map(|(Incident { place, fault, .. }, number)| Incident {
        at: EVERY * number,
        place: place.map(|Place { direction, behind }| Place { direction, behind: behind.min(FURTHEST) }),
        fault: shorten(fault),
    });
    shortened.collect::<Vec<_>>().into()
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
            *time = (*time).min(LONGEST)
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

    fn has(schedule: &Schedule, name: &str) -> bool {
        schedule.incidents.iter().any(|incident| incident.fault.to_string().split(' ').next() == Some(name))
    }

    #[test]
    fn every_kind_of_fault_strikes() {
        let all = schedule(Mix::All);
        assert_eq!(all.incidents.len(), FAULTS);
        let missing: Vec<&str> = LIST.iter().map(|entry| entry.name).filter(|name| !has(&all, name)).collect();
        assert_eq!(missing, Vec::<&str>::new());
    }

    #[test]
    fn a_faithful_line_has_every_other_kind() {
        let faithful = schedule(Mix::FaithfulLine);
        assert!(faithful.incidents.iter().all(|incident| !incident.fault.spoils_bytes()));
        let spoiling = ["drop", "repeat", "corrupt", "wrong-baud", "silence"];
        let names = LIST.iter().map(|entry| entry.name).filter(|name| !spoiling.contains(name));
        let missing: Vec<&str> = names.filter(|name| !has(&faithful, name)).collect();
        assert_eq!(missing, Vec::<&str>::new());
    }

    #[test]
    fn all_of_them_are_over_within_seconds() {
        for mix in [Mix::All, Mix::FaithfulLine] {
            let schedule = schedule(mix);
            assert!(schedule.incidents.iter().all(|incident| incident.fault.lasts() <= Duration::from_secs(4)));
            assert!(schedule.ends_at() <= EVERY * FAULTS as u32 + Duration::from_secs(4));
        }
    }
}
