//! Links that are lost, and modems that restart or hang.

use core::time::Duration;

use nt35e::supervisor::{Policy, Problem, Rung, Rungs};
use nt35e_sim::aliyun::QoS;
use nt35e_sim::modem::{ModemSettings, OpenFailure};
use nt35e_sim::world::Network;

use crate::device::{Device, MINUTE, Ram, SECOND, Told, strict_cloud};
use crate::front_end::{FrontEnd, each_front_end};
use crate::rig::{Bench, DEVICE_NAME, GET, PRODUCT_KEY};

each_front_end!(
    a_device_comes_online_by_itself,
    calls_that_end_early_change_nothing,
    a_lost_link_is_made_again_and_subscribed_again,
    a_modem_that_restarts_is_brought_up_again,
    a_hung_modem_is_reset_by_its_pin,
    a_pin_that_does_not_reach_the_modem_is_told_of,
    a_session_that_went_unnoticed_is_found_out_by_asking,
    a_radio_that_may_be_off_is_switched_on,
    a_day_without_broker_is_waited_out,
);

fn bench(front_end: FrontEnd) -> Bench {
    Bench::new(front_end, ModemSettings::default(), strict_cloud())
}

fn a_device_comes_online_by_itself(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.publish(b"at once").unwrap();
    device.await_told(MINUTE, |told| *told == Told::BroughtUp);
    device.await_told(MINUTE, |told| *told == Told::SignedIn);
    device.await_online(MINUTE);
    device.await_told(MINUTE, |told| *told == Told::Delivered(0, false));
    bench.send(GET, b"OK\r\n\0");
    device.await_told(MINUTE, |told| *told == Told::Message(b"OK\r\n\0".to_vec()));
    assert_eq!(bench.published(), [b"at once"]);
    assert!(device.problems().is_empty());
}

fn calls_that_end_early_change_nothing(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.patience = nt35e::Duration::from_millis(1);
    device.publish(b"\r\nby prompt\0").unwrap();
    device.await_online(MINUTE);
    device.await_told(MINUTE, |told| *told == Told::Delivered(0, false));
    assert_eq!(bench.published(), [b"\r\nby prompt\0"]);
}

#[test]
fn futures_that_are_dropped_change_nothing() {
    for polls in 1..6 {
        let (bench, mut ram) = (bench(FrontEnd::Async), Ram::new());
        let mut device = Device::new(FrontEnd::Async, &bench, &mut ram);
        device.drops_after = Some(polls);
        device.publish(b"\r\nby prompt\0").unwrap();
        device.await_online(MINUTE);
        device.await_told(MINUTE, |told| *told == Told::Delivered(0, false));
        assert_eq!(bench.published(), [b"\r\nby prompt\0"]);
        bench.with(nt35e_sim::world::World::restart_modem);
        device.run_for(MINUTE);
        assert_eq!(device.problems(), [Problem::Restarted]);
        assert!(device.is_online());
    }
}

#[test]
fn who_sleeps_until_it_wants_to_be_polled_misses_nothing() {
    for front_end in [FrontEnd::NonBlocking, FrontEnd::Pushed] {
        let (bench, mut ram) = (bench(front_end), Ram::new());
        let mut device = Device::new(front_end, &bench, &mut ram);
        // Nobody wakes it but `wake_at`, and bytes.
        device.patience = nt35e::Duration::from_secs(24 * 3_600);
        device.await_online(MINUTE);
        bench.with(|world| {
            world.set_network(Network::Fails(OpenFailure::Dns));
            world.cut_link();
        });
        let begin = device.now();
        for _ in 0..4 {
            device.await_told(6 * MINUTE, |told| matches!(told, Told::Setback(Problem::Unreachable, _)));
        }
        assert!(device.now() - begin < 4 * MINUTE, "after pauses of up to 15, 30, 60 and 120 s");
        bench.with(|world| world.set_network(Network::Broker));
        device.await_online(6 * MINUTE);
        // And the silence of a session is asked about.
        device.run_for(10 * MINUTE);
        let questions = bench.sent().windows(13).filter(|text| text == b"AT+LMQTTCONN?").count();
        assert!((8..=11).contains(&questions), "{questions} in ten minutes");
        assert!(device.is_online() && device.problems().is_empty());
    }
}

fn a_lost_link_is_made_again_and_subscribed_again(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.await_online(MINUTE);
    for _ in 0..3 {
        device.run_for(5 * MINUTE);
        bench.with(nt35e_sim::world::World::cut_link);
        let took = device.await_online(MINUTE);
        assert!(took < 30 * SECOND, "{took} ms");
        bench.send(GET, b"still there?");
        device.await_told(MINUTE, |told| *told == Told::Message(b"still there?".to_vec()));
    }
}

fn a_modem_that_restarts_is_brought_up_again(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.await_online(MINUTE);
    device.run_for(5 * MINUTE);
    bench.with(nt35e_sim::world::World::restart_modem);
    device.await_told(MINUTE, |told| matches!(told, Told::Setback(Problem::Restarted, _)));
    device.await_told(MINUTE, |told| *told == Told::BroughtUp);
    device.await_online(MINUTE);
    assert!(device.pins.pressed.borrow().is_empty(), "it has restarted by itself");
}

fn a_hung_modem_is_reset_by_its_pin(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.await_online(MINUTE);
    bench.with(|world| world.mute(Duration::from_secs(100_000)));
    device.await_told(5 * MINUTE, |told| *told == Told::Recovering(Rung::Resync));
    device.await_told(5 * MINUTE, |told| *told == Told::Recovering(Rung::Reset));
    device.await_told(5 * MINUTE, |told| *told == Told::BroughtUp);
    device.run_for(MINUTE);
    assert!(device.is_online());
    let pressed = device.pins.pressed.borrow();
    assert!(matches!(pressed[..], [(Rung::Reset, 1..)]), "its banner was seen: {pressed:?}");
    assert!(!device.told.iter().any(|(_, told)| matches!(told, Told::Unverified(_))));
}

fn a_pin_that_does_not_reach_the_modem_is_told_of(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.pins.are_wired.set(false);
    device.await_online(MINUTE);
    device.run_for(MINUTE);
    bench.with(|world| world.mute(Duration::from_secs(130)));
    device.await_told(5 * MINUTE, |told| *told == Told::Recovering(Rung::Reset));
    device.await_told(5 * MINUTE, |told| *told == Told::BroughtUp);
    device.await_told(5 * MINUTE, |told| *told == Told::Unverified(Rung::Reset));
    device.await_online(5 * MINUTE);
}

fn a_session_that_went_unnoticed_is_found_out_by_asking(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.await_online(MINUTE);
    device.run_for(90 * SECOND);
    // A command that the driver knows nothing of, and an answer that it does not get to see.
    bench.with(|world| {
        world.write(b"AT+LMQTTCLOSE=0\r\n");
        world.advance(Duration::from_millis(500));
        let mut answer = [0; 200];
        assert!(world.read(&mut answer) > 4);
        assert_eq!(world.cloud().unwrap().connection_of(PRODUCT_KEY, DEVICE_NAME), None);
    });
    let took = device.await_online(5 * MINUTE);
    assert!(took < 80 * SECOND, "{took} ms");
    assert_eq!(bench.with(|world| world.cloud().unwrap().publish_to(GET, b"", QoS::AtLeastOnce)), 1);
}

fn a_radio_that_may_be_off_is_switched_on(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let policy = Policy::default().patience(nt35e::Duration::from_secs(60));
    let mut device = Device::with(front_end, &bench, &mut ram, policy, Rungs::COMMANDS);
    device.await_online(MINUTE);
    bench.with(|world| {
        world.set_network(Network::Fails(OpenFailure::Network));
        world.cut_link();
    });
    device.await_told(20 * MINUTE, |told| *told == Told::Recovering(Rung::Radio));
    // The modem hears that it is to switch its radio off, and then nobody hears from it until all has failed.
    bench.with(|world| {
        world.mute(Duration::from_secs(100));
        world.set_network(Network::Broker);
    });
    device.run_for(100 * SECOND);
    let is_on = bench.sent().windows(9).any(|text| text == b"AT+CFUN=1");
    assert!(!is_on, "it was not switched on meanwhile");
    device.await_online(7 * MINUTE);
}

fn a_day_without_broker_is_waited_out(front_end: FrontEnd) {
    let (bench, mut ram) = (bench(front_end), Ram::new());
    let mut device = Device::new(front_end, &bench, &mut ram);
    device.await_online(MINUTE);
    bench.with(|world| {
        world.set_network(Network::Fails(OpenFailure::Dns));
        world.cut_link();
    });
    // An hour of it, since the test is to end today.
    device.run_for(60 * MINUTE);
    let problems = device.problems();
    assert!((12..80).contains(&problems.len()), "{problems:?}");
    assert_eq!(problems[0], Problem::Lost);
    assert!(problems[1..].iter().all(|problem| *problem == Problem::Unreachable), "{problems:?}");
    let radio = device.told.iter().filter(|(_, told)| *told == Told::Recovering(Rung::Radio)).count();
    assert!((1..=4).contains(&radio), "{radio}");
    bench.with(|world| world.set_network(Network::Broker));
    device.await_online(6 * MINUTE);
}
