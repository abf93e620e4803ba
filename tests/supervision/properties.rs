//! What holds whatever goes wrong, and whenever.

use nt35e::supervisor::{Policy, Rung, Rungs};
use proptest::prelude::*;

use crate::place::{DAY, Entry, Fault, HOUR, MINUTE, Mishap, Place, SECOND, check_sign_ins};
use crate::weeks::{BOUND, BOUND_AFTER_CONTENTION, BOUND_AFTER_REFUSALS};

const SPAN: u64 = 14 * DAY;

fn fault() -> impl Strategy<Value = Fault> {
    prop::sample::select(vec![
        Fault::Hung,
        Fault::Confused,
        Fault::NoNetwork,
        Fault::Unreachable { is_slow: false },
        Fault::Unreachable { is_slow: true },
        Fault::Busy,
        Fault::Refused,
        Fault::Swallowing,
        Fault::SubscriptionRefused,
    ])
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop::sample::select(vec![Mishap::Closed, Mishap::LostUnnoticed, Mishap::Restart, Mishap::Message])
}

/// From seconds to days.
fn length() -> impl Strategy<Value = u64> {
    prop_oneof![SECOND..MINUTE, MINUTE..HOUR, HOUR..(3 * DAY)]
}

#[derive(Clone, Debug)]
struct Fate {
    faults: Vec<(u64, u64, Fault)>,
    mishaps: Vec<(u64, Mishap)>,
    rungs: Rungs,
    seed: u32,
}

fn fate() -> impl Strategy<Value = Fate> {
    let faults = prop::collection::vec((0..SPAN, length(), fault()), 0..12);
    // Many at once, so that some come in the middle of something.
    let bursts = prop::collection::vec((0..SPAN, prop::collection::vec((0..(5 * MINUTE), mishap()), 1..20)), 0..8);
    (faults, bursts, 0..8_u8, any::<u32>()).prop_map(|(faults, bursts, pins, seed)| {
        let pin = |rungs: Rungs, (bit, rung): (u8, Rung)| if pins & bit == 0 { rungs } else { rungs.with(rung) };
        let rungs = [(1, Rung::Reset), (2, Rung::PowerKey), (4, Rung::Supply)].into_iter().fold(Rungs::COMMANDS, pin);
        let end = |begin: u64, length: u64| (begin + length).min(SPAN);
        Fate {
            faults: faults.into_iter().map(|(begin, length, fault)| (begin, end(begin, length), fault)).collect(),
            mishaps: bursts
                .into_iter()
                .flat_map(|(begin, burst)| burst.into_iter().map(move |(at, mishap)| ((begin + at).min(SPAN), mishap)))
                .collect(),
            rungs,
            seed,
        }
    })
}

fn suffer(fate: &Fate) -> Place {
    let mut place = Place::new(Policy::default().seed(fate.seed), fate.rungs);
    for (begin, end, fault) in &fate.faults {
        place.fault(*begin, *end, *fault);
    }
    for (at, mishap) in &fate.mishaps {
        place.mishap(*at, *mishap);
    }
    place.run_until(SPAN);
    place
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn it_comes_back_in_time_and_spares_the_broker(fate in fate()) {
        let mut place = suffer(&fate);
        check_sign_ins(&place.sign_ins());
        let was_refused = fate.faults.iter().any(|(_, _, fault)| *fault == Fault::Refused);
        let may_seem_contended = fate.mishaps.iter().filter(|(_, mishap)| *mishap == Mishap::Closed).count() >= 3;
        let bound = match (was_refused, may_seem_contended) {
            (true, _) => BOUND_AFTER_REFUSALS,
            (false, true) => BOUND_AFTER_CONTENTION,
            (false, false) => BOUND,
        };
        place.run_until_online(bound);
        // And everything that waited goes out.
        let begin = place.now;
        while place.waiting > 0 {
            prop_assert!(place.now < begin + BOUND);
            place.step(begin + BOUND);
        }
        check_sign_ins(&place.sign_ins());
    }

    #[test]
    fn nobody_goes_up_the_ladder_without_failures(fate in fate()) {
        let place = suffer(&fate);
        let (mut failures, mut tried) = (0, Vec::new());
        for (at, entry) in &place.log {
            match entry {
                Entry::Setback(_) => failures += 1,
                Entry::Recovered(rung) => {
                    prop_assert!(failures > 0, "{rung:?} for nothing");
                    prop_assert!(fate.rungs.has(*rung), "{rung:?} is not there");
                    // RESET before PWRKEY before the supply, as far as they are there.
                    let below = [Rung::Reset, Rung::PowerKey].into_iter().filter(|below| below < rung);
                    for below in below.filter(|below| fate.rungs.has(*below)) {
                        prop_assert!(tried.contains(&below), "{rung:?} at {at} ms without {below:?}: {tried:?}");
                    }
                    tried.push(*rung);
                    failures = 0;
                }
                // From here on it is allowed to begin at the bottom, and must.
                Entry::Sent => tried.clear(),
                Entry::Online | Entry::SignIn => {}
            }
        }
    }

    #[test]
    fn what_works_is_not_restarted(fate in fate()) {
        // Without a fault that may be the modem's, there is no reason to.
        let is_elsewhere = |fault: &Fault| matches!(fault, Fault::Busy | Fault::Refused | Fault::SubscriptionRefused);
        let faults = fate.faults.into_iter().filter(|(_, _, fault)| is_elsewhere(fault)).collect();
        let mishaps = fate.mishaps.into_iter().filter(|(_, mishap)| *mishap != Mishap::LostUnnoticed).collect();
        let place = suffer(&Fate { faults, mishaps, ..fate });
        prop_assert!(place.rungs().iter().all(|(_, rung)| *rung < Rung::Radio), "{:?}", place.rungs());
    }
}
