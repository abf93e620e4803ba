//! The fleet: supervisors in the order of their times, and a server that is away for a while.

use core::cmp::Reverse;
use std::collections::BinaryHeap;

use nt35e::supervisor::{Action, Desired, Policy, Problem, Rungs, Supervisor, View};
use nt35e::{Broker, Duration, Instant};

const SECOND: u64 = 1_000;
/// What an action takes, for each device the same.
const BRING_UP: u64 = 3 * SECOND;
const SIGN_IN: u64 = 2 * SECOND;
const REFUSAL: u64 = SECOND;
/// Long after the first sign-ins.
const BEGIN: u64 = 3_600 * SECOND;

/// How the devices lose their server, and with which patience they come back.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// How long the server is away. With none, all devices are switched on at once instead.
    away: Option<u64>,
    policy: Policy,
}

pub(crate) const SCENARIOS: [Scenario; 4] = [
    Scenario { name: "the server restarts in 1 s", away: Some(SECOND), policy: Policy::DEFAULT },
    Scenario { name: "the server is away for 10 minutes", away: Some(600 * SECOND), policy: Policy::DEFAULT },
    Scenario {
        name: "it restarts in 1 s, with first_pause of 2 minutes",
        away: Some(SECOND),
        policy: Policy::DEFAULT.first_pause(Duration::from_secs(120)),
    },
    Scenario {
        name: "power returns everywhere, with start_within of 2 minutes",
        away: None,
        policy: Policy::DEFAULT.start_within(Duration::from_secs(120)),
    },
];

/// When sign-ins reached the server, in milliseconds since it was there again, the first of them first.
#[derive(Debug)]
pub(crate) struct Outage {
    pub(crate) sign_ins: Vec<u64>,
}

impl Outage {
    /// The most sign-ins within any span of so many seconds.
    pub(crate) fn most_within(&self, seconds: u64) -> usize {
        let from = |first: &[u64]| first.iter().take_while(|at| **at < first[0] + seconds * SECOND).count();
        (0..self.sign_ins.len()).map(|index| from(&self.sign_ins[index..])).max().unwrap_or(0)
    }

    /// After how many whole seconds so many were back.
    pub(crate) fn back_after(&self, count: usize) -> u64 {
        self.sign_ins.get(count - 1).map_or(u64::MAX, |at| at.div_ceil(SECOND))
    }
}

struct Device {
    supervisor: Supervisor,
    view: View,
    /// What is under way, and what will come of it.
    outcome: Option<(Action, Result<(), Problem>)>,
}

impl Scenario {
    /// Runs until the last device is back.
    pub(crate) fn run(&self, devices: usize) -> Outage {
        let mut fleet: Vec<Device> = (0..devices).map(|number| device(number, self.policy)).collect();
        let mut agenda: BinaryHeap<Reverse<(u64, usize)>> = (0..devices).map(|number| Reverse((0, number))).collect();
        let (begin, away) = self.away.map_or((0, 0..0), |away| (BEGIN + away, BEGIN..BEGIN + away));
        let mut is_lost = self.away.is_none();
        let mut sign_ins = Vec::new();
        while let Some(Reverse((now, number))) = agenda.pop() {
            if now >= BEGIN && !is_lost {
                is_lost = true;
                agenda.clear();
                for (number, device) in fleet.iter_mut().enumerate() {
                    assert!(device.view.is_connected && device.outcome.is_none(), "it was online, and at rest");
                    device.view = View { is_connected: false, was_closed_by_broker: true, ..device.view };
                    agenda.push(Reverse((BEGIN, number)));
                }
                continue;
            }
            let device = &mut fleet[number];
            let at = Instant::from_millis(now);
            if let Some((action, result)) = device.outcome.take() {
                device.view.is_connected |= action == Action::Connect && result.is_ok();
                device.supervisor.report(result, &device.view, at);
                if device.view.is_connected && now >= begin {
                    // It has been counted when the server heard of it, and is online from now on.
                    continue;
                }
            }
            let action = device.supervisor.next(&device.view, at);
            let (takes, result) = match action {
                Action::Rest { until } => {
                    let until = until.map_or(BEGIN, Instant::as_millis).max(now + 1);
                    agenda.push(Reverse((until, number)));
                    continue;
                }
                Action::Connect if away.contains(&(now + SIGN_IN / 2)) => (REFUSAL, Err(Problem::Unreachable)),
                Action::Connect => {
                    if now >= begin.min(BEGIN) {
                        sign_ins.push((now + SIGN_IN / 2).saturating_sub(begin));
                    }
                    (SIGN_IN, Ok(()))
                }
                Action::BringUp => (BRING_UP, Ok(())),
                _ => (SECOND / 10, Ok(())),
            };
            device.outcome = Some((action, result));
            agenda.push(Reverse((now + takes, number)));
        }
        sign_ins.sort_unstable();
        Outage { sign_ins }
    }
}

fn device(number: usize, policy: Policy) -> Device {
    let name = format!("meter-{number:04}");
    let broker = Broker::new("mqtt.example.com", &name).expect("a broker can have this name");
    let supervisor = Supervisor::new(&Desired::new(broker), policy, Rungs::COMMANDS);
    Device { supervisor, view: View::default(), outcome: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DEVICES;

    /// The part of the fleet that signs in within one second, in each scenario, is at most this many in a thousand.
    const MOST_IN_A_SECOND: [usize; 4] = [100, 20, 30, 40];

    #[test]
    fn a_herd_does_not_come_back_at_once() {
        for (scenario, most) in SCENARIOS.iter().zip(MOST_IN_A_SECOND) {
            let outage = scenario.run(DEVICES);
            assert_eq!(outage.sign_ins.len(), DEVICES, "{}: each comes back, and once", scenario.name);
            let (second, all) = (outage.most_within(1), outage.back_after(DEVICES));
            assert!(second <= most, "{}: {second} within a second", scenario.name);
            assert!(all <= 310, "{}: the last after {all} s", scenario.name);
        }
    }

    #[test]
    fn without_a_first_span_a_power_cut_brings_all_back_at_once() {
        // That is what `start_within` is for, and the test would see it.
        let outage = Scenario { name: "", away: None, policy: Policy::DEFAULT }.run(DEVICES);
        assert_eq!(outage.most_within(1), DEVICES);
    }
}
