//! Resets and restarts, each of them proven, or found not to have happened.

use core::time::Duration as Time;

use nt35e::Clock as _;
use nt35e::power::{Line, Maneuver, Proof, Sign, Timing};
use nt35e::{Duration, Network, QoS};
use nt35e_sim::modem::{Keys, ShortSupplyCut};
use nt35e_sim::world::World;

use super::front_end::{self, FrontEnd};
use super::pins::Pins;
use super::rig::{self, Memory, Seen};
use super::{bench, boot_not_seen, is_on, quirk, switched_off};

front_end::each_front_end!(
    a_reset_is_proven_by_the_banner,
    a_pulse_that_is_too_short_is_no_reset,
    a_banner_from_before_proves_nothing,
    a_modem_restarts_by_its_key_whether_it_was_on_or_off,
    a_modem_that_ends_without_a_word_restarts_by_its_key,
    a_supply_cut_is_proven_by_the_banner,
    a_supply_cut_that_is_too_short_is_noticed,
    a_modem_that_hangs_after_a_short_cut_is_noticed,
    messages_outlive_a_maneuver,
    what_waits_by_itself_takes_steps,
);

fn a_reset_is_proven_by_the_banner(front_end: FrontEnd) {
    let bench = bench(front_end, |_| {});
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    client.bring_up(&Network::default()).unwrap();
    client.connect_aliyun(rig::triple()).unwrap();
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::Reset), Ok(Proof::Booted));
    assert!((400..450).contains(&pins.reset.worked.get().last.as_millis()));
    assert!(!client.is_connected() && pins.are_released());
    assert_eq!(client.counters().line.boots, 1);
    assert_eq!(rig::events(&mut client)[0], Seen::Other("Restarted(Booted)".into()));
    client.bring_up(&Network::default()).unwrap();
    client.connect_aliyun(rig::triple()).unwrap();
}

fn a_pulse_that_is_too_short_is_no_reset(front_end: FrontEnd) {
    let bench = bench(front_end, |settings| settings.keys.reset_after = Time::from_millis(600));
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    client.bring_up(&Network::default()).unwrap();
    client.connect_aliyun(rig::triple()).unwrap();
    let mut power = pins.keys();
    let outcome = client.operate(&mut power, Maneuver::Reset);
    assert_eq!(outcome, Err(boot_not_seen(None)));
    assert!(client.is_connected() && pins.are_released());
    assert!(rig::events(&mut client).is_empty());
    let mut power = power.timing(Timing { reset_hold: Duration::from_millis(700), ..Timing::default() });
    assert_eq!(client.operate(&mut power, Maneuver::Reset), Ok(Proof::Booted));
}

fn a_banner_from_before_proves_nothing(front_end: FrontEnd) {
    for maneuver in [Maneuver::Reset, Maneuver::RestartByKey] {
        let bench = bench(front_end, |settings| {
            let long = Time::from_secs(60);
            settings.keys = Keys { start_after: long, stop_after: long, reset_after: long, ..Keys::default() };
        });
        let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
        let mut client = bench.client(&mut memory);
        client.bring_up(&Network::default()).unwrap();
        bench.with(World::restart_modem);
        let outcome = client.operate(&mut pins.keys(), maneuver);
        assert_eq!(outcome, Err(boot_not_seen(None)), "{maneuver:?}");
        assert_eq!(client.counters().line.boots, 1);
    }
}

fn a_modem_restarts_by_its_key_whether_it_was_on_or_off(front_end: FrontEnd) {
    let bench = bench(front_end, switched_off);
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::RestartByKey), Ok(Proof::Booted));
    assert_eq!((pins.presses(), client.counters().line.boots), (1, 1));
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::RestartByKey), Ok(Proof::Booted));
    assert_eq!((pins.presses(), client.counters().line.boots, client.counters().line.power_downs), (3, 2, 1));
}

fn a_modem_that_ends_without_a_word_restarts_by_its_key(front_end: FrontEnd) {
    let bench = bench(front_end, |settings| quirk(settings, "power_down_notice", "silent"));
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::RestartByKey), Ok(Proof::Booted));
    assert_eq!(pins.presses(), 2);
}

fn a_supply_cut_is_proven_by_the_banner(front_end: FrontEnd) {
    let bench = bench(front_end, |_| {});
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    client.bring_up(&Network::default()).unwrap();
    client.connect_aliyun(rig::triple()).unwrap();
    assert_eq!(client.operate(&mut pins.all(), Maneuver::CutSupply), Ok(Proof::Booted));
    assert!((6_000..6_050).contains(&pins.supply.worked.get().last.as_millis()));
    assert!(is_on(&bench) && !client.is_connected() && pins.are_released());
    assert_eq!(pins.presses(), 1, "its key is not tied");
}

fn a_supply_cut_that_is_too_short_is_noticed(front_end: FrontEnd) {
    let bench = bench(front_end, |_| {});
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    let mut power = pins.all().timing(Timing { discharge: Duration::from_secs(2), ..Timing::default() });
    let outcome = client.operate(&mut power, Maneuver::CutSupply);
    assert_eq!(outcome, Err(boot_not_seen(Some(Sign::Answer))));
    assert_eq!(pins.presses(), 0, "it runs");
}

fn a_modem_that_hangs_after_a_short_cut_is_noticed(front_end: FrontEnd) {
    let bench = bench(front_end, |settings| settings.quirks.short_supply_cut = ShortSupplyCut::Hangs);
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    let mut power = pins.all().timing(Timing { discharge: Duration::from_secs(2), ..Timing::default() });
    let outcome = client.operate(&mut power, Maneuver::CutSupply);
    assert_eq!(outcome, Err(boot_not_seen(Some(Sign::Silence))));
    assert!(pins.supply.worked.get().is_high);
    let mut power = power.timing(Timing::default());
    assert_eq!(client.operate(&mut power, Maneuver::CutSupply), Ok(Proof::Booted));
}

fn messages_outlive_a_maneuver(front_end: FrontEnd) {
    let bench = bench(front_end, |_| {});
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    client.bring_up(&Network::default()).unwrap();
    client.connect_aliyun(rig::triple()).unwrap();
    client.subscribe(rig::GET, QoS::AtLeastOnce).unwrap();
    bench.send(rig::GET, b"before");
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::Reset), Ok(Proof::Booted));
    let seen = rig::events(&mut client);
    assert_eq!(
        seen[..2],
        [Seen::Message(rig::GET.into(), b"before".to_vec()), Seen::Other("Restarted(Booted)".into())]
    );
}

/// As something does that waits by itself, such as a supervisor.
fn what_waits_by_itself_takes_steps(front_end: FrontEnd) {
    for (maneuver, presses, pulls) in
        [(Maneuver::Reset, 0, 1), (Maneuver::RestartByKey, 2, 0), (Maneuver::CutSupply, 1, 0)]
    {
        let bench = bench(front_end, |_| {});
        let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
        let mut client = bench.client(&mut memory);
        let (mut power, mut clock) = (pins.all(), bench.clock());
        for round in 1..=2 {
            let mut steps = 0;
            while let Some(wait) = power.step(maneuver, steps, client.counters().line.into(), clock.now()) {
                // A wait ends early when something is seen.
                client.next_event(wait).unwrap();
                steps += 1;
            }
            assert!(steps > 2, "{maneuver:?} took {steps} steps");
            assert_eq!((pins.presses(), pins.reset.worked.get().times), (presses * round, pulls * round));
            assert_eq!(client.counters().line.boots, round, "{maneuver:?}");
            assert!(is_on(&bench) && pins.are_released());
        }
    }
}

#[cfg(feature = "async")]
#[test]
fn a_call_that_is_dropped_releases_its_key_and_leaves_the_supply_on() {
    for (maneuver, line) in
        [(Maneuver::Reset, Line::Reset), (Maneuver::RestartByKey, Line::PowerKey), (Maneuver::CutSupply, Line::Supply)]
    {
        let bench = bench(FrontEnd::Async, |_| {});
        let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
        let front_end::Client::Async(mut client) = bench.client(&mut memory) else { panic!("it is async") };
        let mut power = pins.all();
        let was_worked = client.operate_until(&mut power, maneuver, || match line {
            Line::PowerKey => pins.power_key.worked.get().is_high,
            Line::Reset => pins.reset.worked.get().is_high,
            Line::Supply => !pins.supply.worked.get().is_high,
        });
        assert!(was_worked, "{maneuver:?}");
        assert!(pins.are_released() && pins.supply.worked.get().is_high, "{maneuver:?}");
        client.bring_up(&Network::default()).unwrap();
    }
}
