//! Whatever goes wrong, one thing after the other: at the end the books balance.

use core::time::Duration;

use nt35e::supervisor::{Policy, Rung, Rungs};
use nt35e_sim::modem::{ModemSettings, OpenFailure};
use nt35e_sim::world::{Network, World};
use proptest::prelude::*;

use crate::device::{Device, MINUTE, Ram, SECOND, Told, strict_cloud};
use crate::front_end::{FrontEnd, each_front_end};
use crate::rig::Bench;

each_front_end!(nothing_is_lost_and_nothing_out_of_order);

#[derive(Clone, Copy, Debug)]
enum Misfortune {
    LinkCut,
    Restart,
    Kick,
    /// The modem says nothing for so many seconds, and all of it afterwards.
    Silence(u64),
    /// No broker can be reached for so many seconds.
    Outage(u64, bool),
    /// The broker is deaf for so many seconds.
    Stall(u64),
    /// The next PUBACK, SUBACK or CONNACK is lost with its link.
    AnswerLost,
    PowerCut,
}

fn misfortune() -> impl Strategy<Value = Misfortune> {
    prop_oneof![
        Just(Misfortune::LinkCut),
        Just(Misfortune::Restart),
        Just(Misfortune::Kick),
        (1..120_u64).prop_map(Misfortune::Silence),
        (1..400_u64, any::<bool>()).prop_map(|(seconds, is_silent)| Misfortune::Outage(seconds, is_silent)),
        (1..100_u64).prop_map(Misfortune::Stall),
        Just(Misfortune::AnswerLost),
        Just(Misfortune::PowerCut),
    ]
}

fn suffer(device: &mut Device<'_>, bench: &Bench, misfortune: Misfortune) {
    match misfortune {
        Misfortune::LinkCut => bench.with(World::cut_link),
        Misfortune::Restart => bench.with(World::restart_modem),
        Misfortune::Kick => {
            bench.with(|world| world.cloud().unwrap().kick(crate::rig::PRODUCT_KEY, crate::rig::DEVICE_NAME));
        }
        Misfortune::Silence(seconds) => bench.with(|world| world.mute(Duration::from_secs(seconds))),
        Misfortune::Outage(seconds, is_silent) => {
            let nowhere = if is_silent { Network::Silent } else { Network::Fails(OpenFailure::Network) };
            bench.with(|world| {
                world.set_network(nowhere);
                world.cut_link();
            });
            device.run_for(seconds * SECOND);
            bench.with(|world| world.set_network(Network::Broker));
        }
        Misfortune::Stall(seconds) => {
            bench.with(|world| world.cloud().unwrap().stall(true));
            device.run_for(seconds * SECOND);
            bench.with(|world| world.cloud().unwrap().stall(false));
        }
        Misfortune::AnswerLost => bench.with(|world| world.cloud().unwrap().drop_after(0)),
        Misfortune::PowerCut => {
            bench.with(World::power_down_modem);
            device.run_for(20 * SECOND);
            bench.with(World::restart_modem);
        }
    }
}

/// What happens, after how many milliseconds, and what is published before.
type Fate = Vec<(u64, Misfortune, usize)>;

fn nothing_is_lost_and_nothing_out_of_order(front_end: FrontEnd) {
    let fate = proptest::collection::vec((0..(90 * SECOND), misfortune(), 0..4_usize), 1..10);
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    runner.run(&(fate, any::<u32>()), |(fate, seed)| live_through(front_end, fate, seed)).unwrap();
}

fn live_through(front_end: FrontEnd, fate: Fate, seed: u32) -> Result<(), TestCaseError> {
    let (bench, mut ram) = (Bench::new(front_end, ModemSettings::default(), strict_cloud()), Ram::new());
    let rungs = Rungs::COMMANDS.with(Rung::Reset);
    let mut device = Device::with(front_end, &bench, &mut ram, Policy::default().seed(seed), rungs);
    let mut accepted: Vec<(u32, Vec<u8>)> = Vec::new();
    for (wait, misfortune, messages) in fate {
        for _ in 0..messages {
            let number = accepted.len() as u8;
            // By turns in the line and by prompt.
            let payload = if number.is_multiple_of(2) { vec![b'0' + number; 12] } else { vec![number; 12] };
            if let Ok(ticket) = device.publish(&payload) {
                accepted.push((ticket.number(), payload));
            }
        }
        device.run_for(wait);
        suffer(&mut device, &bench, misfortune);
    }
    // The last fault has ended, except that the modem may still have something to say.
    let begin = device.now();
    while !(device.is_online() && device.waiting() == 0) {
        let limit = begin + 75 * MINUTE;
        prop_assert!(device.now() < limit, "not back: {:?}", device.told);
        device.turn();
    }
    device.run_for(SECOND);
    let fates = device.told.iter().filter_map(|(_, told)| match told {
        Told::Delivered(ticket, _) => Some(*ticket),
        Told::GivenUp(_) => panic!("{told:?}: no message breaks a rule"),
        _ => None,
    });
    let tickets: Vec<u32> = accepted.iter().map(|(ticket, _)| *ticket).collect();
    prop_assert_eq!(fates.collect::<Vec<_>>(), tickets);
    // The broker has each, in their order, some of them more than once in a row.
    let mut published = bench.published();
    let all = published.len();
    published.dedup();
    prop_assert_eq!(&published, &accepted.iter().map(|(_, payload)| payload.clone()).collect::<Vec<_>>());
    let repeats = device.told.iter().filter(|(_, told)| matches!(told, Told::Delivered(_, true))).count();
    let repeated = all - published.len();
    prop_assert!(repeated == 0 || repeats > 0, "{repeated} repeated, and nobody said so");
    Ok(())
}
