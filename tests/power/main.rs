//! The pins of the driver at the simulated modem: switched on, off and reset, and proven to be, or not.

#![cfg(feature = "power")]

#[path = "../front_end/mod.rs"]
mod front_end;
mod noise;
mod pins;
mod restarts;
#[path = "../rig/mod.rs"]
mod rig;

use core::time::Duration as Time;

use embedded_hal::digital::ErrorKind;
use front_end::FrontEnd;
use nt35e::power::{Failure, Inverted, Line, Maneuver, NoPin, Power, Proof, Sign};
use nt35e::{Duration, Error, Network, QoS};
use nt35e_sim::modem::ModemSettings;
use pins::{Pin, Pins, Worked};
use rig::{Bench, Memory};

front_end::each_front_end!(
    start_switches_on_a_modem_that_is_off,
    start_leaves_a_modem_alone_that_runs,
    start_leaves_a_modem_alone_that_sleeps,
    start_waits_for_a_modem_that_boots,
    start_knows_a_modem_by_its_answer_where_there_is_no_banner,
    a_modem_that_ran_and_was_deaf_is_switched_on_again,
    a_modem_whose_key_is_tied_is_started_by_its_supply,
    power_down_waits_for_the_notice,
    power_down_without_a_notice_is_no_more_than_silence,
    power_down_cuts_the_supply_where_there_is_no_notice,
    power_down_does_not_switch_on_what_is_off,
    without_a_pin_nothing_is_begun,
    a_pin_that_fails_is_named_and_the_other_released,
    a_dead_modem_fails_within_its_limit,
    pins_may_be_inverted,
);

fn boot_not_seen<E>(last: Option<Sign>) -> Error<E> {
    Error::Power(Failure::NotSeen { awaited: Sign::Boot, last })
}

/// A modem that answers at once, and its cloud.
fn bench(front_end: FrontEnd, change: impl FnOnce(&mut ModemSettings)) -> Bench {
    let mut settings = ModemSettings::instant();
    change(&mut settings);
    Bench::new(front_end, settings, rig::cloud())
}

fn quirk(settings: &mut ModemSettings, name: &str, value: &str) {
    settings.quirks.set(name, value).unwrap();
}

fn switched_off(settings: &mut ModemSettings) {
    settings.off = true;
    settings.already_running = false;
}

fn is_on(bench: &Bench) -> bool {
    bench.with(|world| world.modem().is_on())
}

fn start_switches_on_a_modem_that_is_off(front_end: FrontEnd) {
    let bench = bench(front_end, switched_off);
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::Start), Ok(Proof::Booted));
    assert_eq!((pins.presses(), pins.are_released()), (1, true));
    assert!((3_100..3_150).contains(&pins.power_key.worked.get().last.as_millis()));
    client.bring_up(&Network::default()).unwrap();
    client.connect_aliyun(rig::triple()).unwrap();
}

fn start_leaves_a_modem_alone_that_runs(front_end: FrontEnd) {
    let bench = bench(front_end, |_| {});
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    client.bring_up(&Network::default()).unwrap();
    client.connect_aliyun(rig::triple()).unwrap();
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::Start), Ok(Proof::AlreadyRunning));
    assert_eq!(pins.presses(), 0);
    assert!(client.is_connected());
    client.subscribe(rig::GET, QoS::AtLeastOnce).unwrap();
}

fn start_leaves_a_modem_alone_that_sleeps(front_end: FrontEnd) {
    let bench = bench(front_end, |settings| quirk(settings, "sleeps_after", "30"));
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    client.bring_up(&Network::default()).unwrap();
    bench.with(|world| world.advance(Time::from_secs(90)));
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::Start), Ok(Proof::AlreadyRunning));
    assert_eq!(pins.presses(), 0);
}

fn start_waits_for_a_modem_that_boots(front_end: FrontEnd) {
    let bench = bench(front_end, |settings| {
        settings.already_running = false;
        settings.delays.boot = Time::from_secs(4);
    });
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    let proof = client.operate(&mut pins.keys(), Maneuver::Start).unwrap();
    assert!(matches!(proof, Proof::AlreadyRunning | Proof::Booted), "{proof:?}");
    assert_eq!(pins.presses(), 0);
}

fn start_knows_a_modem_by_its_answer_where_there_is_no_banner(front_end: FrontEnd) {
    let bench = bench(front_end, |settings| {
        switched_off(settings);
        quirk(settings, "boot_banner", "silent");
    });
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::Start), Ok(Proof::Answers));
    assert_eq!(pins.presses(), 1);
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::Start), Ok(Proof::AlreadyRunning));
}

fn a_modem_that_ran_and_was_deaf_is_switched_on_again(front_end: FrontEnd) {
    let bench = bench(front_end, |settings| settings.keys.stop_after = Time::from_secs(3));
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    bench.with(|world| world.mute(Time::from_secs(12)));
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::Start), Ok(Proof::Booted));
    assert_eq!(pins.presses(), 2, "the first has switched it off");
    assert!(is_on(&bench));
}

fn a_modem_whose_key_is_tied_is_started_by_its_supply(front_end: FrontEnd) {
    let bench = bench(front_end, |settings| {
        switched_off(settings);
        settings.keys.starts_with_supply = true;
    });
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    bench.with(|world| world.set_supply(false));
    bench.with(|world| world.advance(Time::from_secs(9)));
    let mut client = bench.client(&mut memory);
    let mut power = Power::new().supply(pins.supply.clone());
    assert_eq!(client.operate(&mut power, Maneuver::Start), Ok(Proof::Booted));
    assert_eq!(client.operate(&mut power, Maneuver::Start), Ok(Proof::AlreadyRunning));
    assert_eq!(client.operate(&mut power, Maneuver::CutSupply), Ok(Proof::Booted));
    assert_eq!(client.operate(&mut power, Maneuver::PowerDown), Ok(Proof::SupplyOff));
    assert!(!is_on(&bench));
}

fn power_down_waits_for_the_notice(front_end: FrontEnd) {
    let bench = bench(front_end, |_| {});
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    client.bring_up(&Network::default()).unwrap();
    client.connect_aliyun(rig::triple()).unwrap();
    assert_eq!(client.operate(&mut pins.all(), Maneuver::PowerDown), Ok(Proof::PoweredDown));
    assert!((3_600..3_650).contains(&pins.power_key.worked.get().last.as_millis()));
    assert_eq!(client.counters().line.power_downs, 1);
    assert!(!is_on(&bench) && !client.is_connected() && pins.are_released());
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::Start), Ok(Proof::Booted));
}

fn power_down_without_a_notice_is_no_more_than_silence(front_end: FrontEnd) {
    let bench = bench(front_end, |settings| quirk(settings, "power_down_notice", "silent"));
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    client.bring_up(&Network::default()).unwrap();
    client.connect_aliyun(rig::triple()).unwrap();
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::PowerDown), Ok(Proof::Silent));
    assert!(!is_on(&bench) && !client.is_connected());

    let stubborn = self::bench(front_end, |settings| settings.keys.stop_after = Time::from_secs(9));
    let (pins, mut memory) = (Pins::new(&stubborn), Memory::typical());
    let mut client = stubborn.client(&mut memory);
    let failure = Failure::NotSeen { awaited: Sign::PowerDown, last: Some(Sign::Answer) };
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::PowerDown), Err(Error::Power(failure)));
    assert!(is_on(&stubborn) && pins.are_released());
}

fn power_down_cuts_the_supply_where_there_is_no_notice(front_end: FrontEnd) {
    let bench = bench(front_end, |settings| settings.keys.stop_after = Time::from_secs(9));
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    client.bring_up(&Network::default()).unwrap();
    client.connect_aliyun(rig::triple()).unwrap();
    let mut power = pins.all();
    assert_eq!(client.operate(&mut power, Maneuver::PowerDown), Ok(Proof::SupplyOff));
    assert!(!is_on(&bench) && !client.is_connected());
    assert!(!pins.supply.worked.get().is_high, "it stays off");
    assert_eq!(client.operate(&mut power, Maneuver::Start), Ok(Proof::Booted));
    assert!(pins.supply.worked.get().is_high);
}

fn power_down_does_not_switch_on_what_is_off(front_end: FrontEnd) {
    let bench = bench(front_end, switched_off);
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::PowerDown), Ok(Proof::Silent));
    assert!(!is_on(&bench));
    assert_eq!(pins.presses(), 0);
}

fn without_a_pin_nothing_is_begun(front_end: FrontEnd) {
    let bench = bench(front_end, |_| {});
    let mut memory = Memory::typical();
    let mut client = bench.client(&mut memory);
    for (maneuver, line) in [
        (Maneuver::Start, Line::PowerKey),
        (Maneuver::PowerDown, Line::PowerKey),
        (Maneuver::Reset, Line::Reset),
        (Maneuver::RestartByKey, Line::PowerKey),
        (Maneuver::CutSupply, Line::Supply),
    ] {
        let mut none: Power<NoPin, NoPin, NoPin> = Power::new();
        assert_eq!(client.operate(&mut none, maneuver), Err(Error::Power(Failure::NotWired(line))));
    }
    let mut others = Power::new().power_key(Pin::new(&bench, Line::PowerKey));
    let missing = Error::Power(Failure::NotWired(Line::Reset));
    assert_eq!(missing.to_string(), "there is no pin at Reset");
    assert_eq!(client.operate(&mut others, Maneuver::Reset), Err(missing));
    assert!(bench.sent().is_empty());
}

fn a_pin_that_fails_is_named_and_the_other_released(front_end: FrontEnd) {
    let bench = bench(front_end, switched_off);
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let mut client = bench.client(&mut memory);
    pins.power_key.worked.set(Worked { fails: true, ..Worked::default() });
    pins.reset.set(true).unwrap();
    let failure = Failure::Pin(Line::PowerKey, ErrorKind::Other);
    assert_eq!(client.operate(&mut pins.keys(), Maneuver::Start), Err(Error::Power(failure)));
    assert!(pins.are_released());
}

fn a_dead_modem_fails_within_its_limit(front_end: FrontEnd) {
    for (maneuver, limit, last) in [
        (Maneuver::Start, 35, Some(Sign::Silence)),
        (Maneuver::Reset, 16, None),
        (Maneuver::RestartByKey, 33, None),
        (Maneuver::CutSupply, 40, Some(Sign::Silence)),
    ] {
        let bench = bench(front_end, |settings| {
            switched_off(settings);
            settings.keys.start_after = Time::from_secs(9_999);
        });
        let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
        let mut client = bench.client(&mut memory);
        let outcome = client.operate(&mut pins.all(), maneuver);
        assert_eq!(outcome, Err(boot_not_seen(last)), "{maneuver:?}");
        let took = bench.with(|world| world.now());
        assert!(took <= Time::from_secs(limit), "{maneuver:?} took {took:?}");
        assert!(pins.are_released());
        assert_eq!(client.next_event(Duration::from_secs(1)), Ok(None), "the client is of use again");
    }
}

fn pins_may_be_inverted(front_end: FrontEnd) {
    let bench = bench(front_end, switched_off);
    let mut memory = Memory::typical();
    let [power_key, reset, supply] = [Line::PowerKey, Line::Reset, Line::Supply].map(|line| {
        let pin = Pin { is_inverted: true, ..Pin::new(&bench, line) };
        pin.set(line != Line::Supply).unwrap();
        pin
    });
    let mut power = Power::new().power_key(Inverted(power_key)).reset(Inverted(reset)).supply(Inverted(supply));
    let mut client = bench.client(&mut memory);
    assert_eq!(client.operate(&mut power, Maneuver::Start), Ok(Proof::Booted));
    assert_eq!(client.operate(&mut power, Maneuver::Reset), Ok(Proof::Booted));
    assert_eq!(client.operate(&mut power, Maneuver::CutSupply), Ok(Proof::Booted));
    assert_eq!(client.operate(&mut power, Maneuver::PowerDown), Ok(Proof::PoweredDown));
    assert!(!is_on(&bench));
}

/// The documentation of the supervisor says how long that takes.
#[cfg(feature = "supervisor")]
#[test]
fn a_supervised_modem_that_is_off_is_switched_on_within_two_minutes() {
    use nt35e::aliyun::SignIn;
    use nt35e::supervisor::{self, Desired, Setup};
    use nt35e::{Clock as _, blocking};

    let bench = bench(FrontEnd::Blocking, switched_off);
    let (pins, mut memory) = (Pins::new(&bench), Memory::typical());
    let client = blocking::Client::new(bench.uart(usize::MAX), bench.clock(), memory.buffers());
    let setup = Setup::new(Desired::new(SignIn::new(rig::triple()))).recovery(pins.keys());
    let mut client = supervisor::blocking::Client::new(client, setup);
    let begin = bench.clock().now();
    while !client.is_online() {
        client.next_event(Duration::from_secs(1)).unwrap();
        let waited = bench.clock().now() - begin;
        assert!(waited < Duration::from_secs(120), "{waited:?}");
    }
    assert_eq!(pins.presses(), 1);
}

#[test]
fn each_time_is_longer_than_the_simulated_modem_needs() {
    let (timing, keys) = (nt35e::power::Timing::default(), nt35e_sim::modem::Keys::default());
    for (held, needed) in [
        (timing.start_hold, keys.start_after),
        (timing.stop_hold, keys.stop_after),
        (timing.reset_hold, keys.reset_after),
        (timing.discharge, keys.discharge),
    ] {
        // The driver counts whole milliseconds, so that what it takes for equal may be too short.
        assert!(u128::from(held.as_millis()) > needed.as_millis() + 1, "{held:?}, and {needed:?} are needed");
    }
}
